#include "cloudformation/stack_template.h"

#include <algorithm>
#include <set>

#include <re2/re2.h>

#include "cloudformation/conditions.h"
#include "cloudformation/language_extensions.h"
#include "cloudformation/sam/schema.h"
#include "cloudformation/sam/transform.h"
#include "cloudformation/template_check.h"
#include "core/aws_error.h"

namespace skafu::cloudformation {
namespace {

std::string partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

/// Functions that only a transform may use.
void check_extension_functions(const Json& value, const std::string& path,
                               const TemplateSource& source, std::vector<Problem>& problems) {
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            check_extension_functions(value[i], path + '/' + std::to_string(i), source, problems);
        }
        return;
    }
    if (!value.is_object()) return;
    if (is_intrinsic(value)) {
        const std::string& name = value.begin().key();
        if (name == "Fn::Length" || name == "Fn::ToJsonString" || name.starts_with("Fn::ForEach")) {
            problems.push_back({source.file, source.lines.line_of(path), "",
                                fmt::format("Template format error: Unrecognized function {}: it "
                                            "needs the transform AWS::LanguageExtensions.",
                                            name)});
        }
    }
    for (const auto& [key, member] : value.items()) {
        check_extension_functions(member, path + '/' + key, source, problems);
    }
}

/// Defaults and given values by name, as the transforms look at them.
Json known_parameters(const Json& document, const Json& given) {
    Json values = Json::object();
    const Json* declared = find_member(document, "Parameters");
    if (declared == nullptr || !declared->is_object()) return given;
    for (const auto& [name, declaration] : declared->items()) {
        const Json* value = find_member(given, name);
        if (value == nullptr) value = find_member(declaration, "Default");
        if (value == nullptr) continue;
        const std::string type = string_member(declaration, "Type");
        const bool list = type == "CommaDelimitedList" || type.starts_with("List<");
        if (!list || !value->is_string()) {
            values[name] = *value;
            continue;
        }
        Json items = Json::array();
        std::string_view text = value->get_ref<const std::string&>();
        for (std::size_t start = 0; start <= text.size();) {
            const std::size_t end = std::min(text.find(',', start), text.size());
            std::string item(text.substr(start, end - start));
            item.erase(0, item.find_first_not_of(' '));
            items.push_back(item);
            start = end + 1;
        }
        values[name] = std::move(items);
    }
    return values;
}

Names parameter_scope(const StackTemplate& prepared, const StackIdentity& stack) {
    Names scope;
    scope.region = stack.region;
    scope.mappings = find_member(prepared.document, "Mappings");
    scope.ref = [&prepared, stack](const std::string& name) -> std::optional<Json> {
        if (const Json* value = find_member(prepared.parameters.values, name)) return *value;
        return pseudo_parameter(name, stack);
    };
    scope.get_att = [](const std::string& id, const std::string&) -> Json {
        throw AwsError("ValidationError", "Template error: Fn::GetAtt of " + id +
                                              " cannot be used in the Conditions block");
    };
    scope.import_value = [](const std::string&) -> Json {
        throw AwsError("ValidationError",
                       "Template error: Cannot use Fn::ImportValue in Conditions.");
    };
    return scope;
}

void append(std::vector<Problem>& to, std::vector<Problem> from) {
    for (Problem& problem : from) to.push_back(std::move(problem));
}

}  // namespace

const Json& StackTemplate::outputs() const {
    static const Json none = Json::object();
    const Json* found = find_member(document, "Outputs");
    return found != nullptr && found->is_object() ? *found : none;
}

std::optional<Json> pseudo_parameter(const std::string& name, const StackIdentity& stack) {
    if (name == "AWS::Region") return stack.region;
    if (name == "AWS::AccountId") return stack.account;
    if (name == "AWS::StackName") return stack.name;
    if (name == "AWS::StackId") return stack.id;
    if (name == "AWS::Partition") return partition_of(stack.region);
    if (name == "AWS::URLSuffix") {
        return stack.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    }
    if (name == "AWS::NotificationARNs") return Json::array();
    return std::nullopt;
}

bool is_sam(const Json& document) {
    if (has_transform(document, "AWS::Serverless-2016-10-31")) return true;
    const Json* resources = find_member(document, "Resources");
    return resources != nullptr && resources->is_object() &&
           std::any_of(resources->begin(), resources->end(), [](const Json& resource) {
               return string_member(resource, "Type").starts_with("AWS::Serverless::");
           });
}

namespace {

bool is_about_path(std::string_view message) {
    return message.find("is not a valid S3 Uri") != std::string_view::npos;
}

bool concerns(const std::vector<Problem>& problems, const std::string& logical_id) {
    return std::any_of(problems.begin(), problems.end(),
                       [&](const Problem& one) { return one.logical_id == logical_id; });
}

/// What the transform refuses, with its line; of a property that it does not know the nearest.
Problem transform_problem(const TemplateSource& source, const std::string& id,
                          std::string message) {
    int line = id.empty() ? 0 : line_of_resource(source, id);
    static const RE2 unknown(R"(property (\S+) not defined for resource of type (\S+))");
    std::string name;
    std::string type;
    if (RE2::PartialMatch(message, unknown, &name, &type)) {
        line = std::max(line, source.lines.line_of("/Resources/" + id + "/Properties/" + name));
        const std::string meant = sam::nearest_property(type, name);
        if (!meant.empty()) message += ". Mend: write " + meant + '.';
    }
    return {source.file, line, id, std::move(message)};
}

}  // namespace

Json apply_transforms(const TemplateSource& source, const Json& parameters,
                      const std::string& region, LocalFiles* files,
                      std::vector<Problem>& problems) {
    Json document = source.value;
    if (!document.is_object()) return document;
    if (files != nullptr) files->adopt(document, source, problems);
    const Json known = known_parameters(document, parameters);
    try {
        if (has_transform(document, "AWS::LanguageExtensions")) {
            document = expand_language_extensions(document, known);
        } else {
            check_extension_functions(document, "", source, problems);
        }
        if (is_sam(document)) document = sam::transform(document, known, region);
    } catch (const AwsError& error) {
        problems.push_back({source.file, 0, "", error.message()});
    } catch (const sam::TransformError& error) {
        if (files == nullptr) {
            problems.push_back(
                {source.file, 0, "",
                 std::string("Transform AWS::Serverless-2016-10-31 failed with: ") + error.what()});
        } else {
            for (const auto& item : error.items()) {
                // A path that leads nowhere was told of where it was looked for.
                if (is_about_path(item.message) && concerns(problems, item.logical_id)) continue;
                problems.push_back(transform_problem(source, item.logical_id, item.message));
            }
        }
    }
    document.erase("Transform");
    document.erase("Globals");
    return document;
}

StackTemplate prepare_template(TemplateSource source, const Json& given, const StackIdentity& stack,
                               const StoredParameter& stored, LocalFiles* files) {
    std::vector<Problem> problems;
    StackTemplate prepared;
    prepared.source = std::move(source);
    const TemplateSource& origin = prepared.source;
    prepared.document = apply_transforms(origin, given, stack.region, files, problems);
    if (!problems.empty()) throw TemplateError(std::move(problems));
    append(problems, check_form(prepared.document, origin));
    if (!problems.empty() && !prepared.document.is_object())
        throw TemplateError(std::move(problems));
    const Json* declared = find_member(prepared.document, "Parameters");
    prepared.parameters = resolve_parameters(
        origin, declared == nullptr ? Json::object() : *declared, given, stored, problems);
    append(problems, check_references(prepared.document, origin));
    if (!problems.empty()) throw TemplateError(std::move(problems));
    try {
        const Json* section = find_member(prepared.document, "Conditions");
        if (section != nullptr) {
            prepared.conditions = evaluate_conditions(*section, parameter_scope(prepared, stack));
        }
        prepared.document = without_untaken(prepared.document, prepared.conditions);
    } catch (const AwsError& error) {
        throw TemplateError(
            {Problem{origin.file, origin.lines.line_of("/Conditions"), "", error.message()}});
    }
    append(problems, check_references(prepared.document, origin));
    prepared.waves = creation_waves(prepared.resources(), origin, problems);
    if (!problems.empty()) throw TemplateError(std::move(problems));
    return prepared;
}

namespace {

namespace fs = std::filesystem;

/// The names that SAM gives to what it makes begin with those of its resources, but for the APIs
/// that it adds by itself.
GeneratedNames generated_names(const Json& document) {
    std::vector<std::string> beginnings;
    for (const auto& [id, resource] : document["Resources"].items()) {
        if (string_member(resource, "Type").starts_with("AWS::Serverless::")) {
            beginnings.push_back(id);
        }
    }
    if (!beginnings.empty()) beginnings.emplace_back("Serverless");
    return [beginnings](const std::string& name) {
        return std::any_of(beginnings.begin(), beginnings.end(), [&](const std::string& beginning) {
            return name.starts_with(beginning);
        });
    };
}

/// Templates that include each other are looked at once each.
class UnpreparedCheck {
  public:
    UnpreparedCheck(const std::string& region, LocalFiles& files)
        : region_(region), files_(files) {}

    /// `given` are the parameters of a template for which they are known.
    std::vector<Problem> run(const TemplateSource& source, const Json* given) {
        std::error_code fault;
        const fs::path file = fs::weakly_canonical(source.file, fault);
        seen_.insert(file);
        around_.push_back(file);
        std::vector<Problem> problems = check(source, given);
        around_.pop_back();
        return problems;
    }

  private:
    std::vector<Problem> check(const TemplateSource& source, const Json* given) {
        std::vector<Problem> problems;
        const Json document =
            apply_transforms(source, stand_ins(source, given), region_, &files_, problems);
        append(problems, check_form(document, source));
        const Json* declared = find_member(document, "Parameters");
        if (given != nullptr && declared != nullptr) {
            const StoredParameter stored = [](const std::string& name) { return name; };
            resolve_parameters(source, *declared, *given, stored, problems);
        }
        const Json* resources = find_member(document, "Resources");
        if (resources == nullptr || !resources->is_object()) return problems;
        append(problems, check_references(document, source, generated_names(document)));
        std::vector<Problem> cycles;
        creation_waves(*resources, source, cycles);
        append(problems, std::move(cycles));
        for (const auto& [id, resource] : resources->items()) {
            if (string_member(resource, "Type") != "AWS::CloudFormation::Stack") continue;
            append(problems, check_child(source, id, resource));
        }
        return problems;
    }

    /// A parameter without a value would stop the transform; any text serves to look at the rest.
    static Json stand_ins(const TemplateSource& source, const Json* given) {
        Json values = given == nullptr ? Json::object() : *given;
        const Json* declared = find_member(source.value, "Parameters");
        if (declared == nullptr || !declared->is_object()) return values;
        for (const auto& [name, declaration] : declared->items()) {
            if (find_member(declaration, "Default") == nullptr && !values.contains(name)) {
                values[name] = name;
            }
        }
        return values;
    }

    std::vector<Problem> check_child(const TemplateSource& source, const std::string& id,
                                     const Json& resource) {
        const Json* properties = find_member(resource, "Properties");
        const Json* url = properties == nullptr ? nullptr : find_member(*properties, "TemplateURL");
        const fs::path child = url == nullptr ? "" : files_.path_of(*url);
        if (child.empty()) return {};
        std::error_code fault;
        const fs::path file = fs::weakly_canonical(child, fault);
        if (std::find(around_.begin(), around_.end(), file) != around_.end()) {
            return {
                Problem{source.file, line_of_resource(source, id), id,
                        fmt::format("The stack would contain itself: its template {} leads back "
                                    "to this one.",
                                    child.string())}};
        }
        if (seen_.contains(file)) return {};
        try {
            return run(files_.template_at(child), nullptr);
        } catch (const TemplateError& error) {
            return error.problems();
        }
    }

    const std::string& region_;
    LocalFiles& files_;
    std::set<fs::path> seen_;
    std::vector<fs::path> around_;  // from the root template down to the one being looked at
};

}  // namespace

std::vector<Problem> check_unprepared(const TemplateSource& source, const Json& given,
                                      const std::string& region, LocalFiles& files) {
    return UnpreparedCheck(region, files).run(source, &given);
}

}  // namespace skafu::cloudformation
