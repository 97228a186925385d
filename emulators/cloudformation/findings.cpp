#include "cloudformation/findings.h"

#include "cloudformation/handler_check.h"
#include "cloudformation/intrinsics.h"
#include "cloudformation/property_types.h"
#include "cloudformation/runtime_check.h"
#include "cloudformation/template_check.h"
#include "core/aws_error.h"
#include "core/managed_policies.h"
#include "core/text.h"

namespace skafu::cloudformation {
namespace {

/// A value as far as parameters decide it; "" where more is needed to know it.
std::string known_text(const StackTemplate& prepared, const Json* value) {
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    Names names;
    names.ref = [&](const std::string& name) -> std::optional<Json> {
        if (name == "AWS::Partition") return "aws";
        const Json* known = find_member(prepared.parameters.values, name);
        if (known == nullptr) throw AwsError("ValidationError", "not known yet: " + name);
        return *known;
    };
    names.get_att = [](const std::string& id, const std::string&) -> Json {
        throw AwsError("ValidationError", "not known yet: " + id);
    };
    names.import_value = [](const std::string& name) -> Json {
        throw AwsError("ValidationError", "not known yet: " + name);
    };
    names.mappings = find_member(prepared.document, "Mappings");
    try {
        const std::optional<Json> text = evaluate(*value, names);
        return text && text->is_string() ? text->get<std::string>() : std::string();
    } catch (const AwsError&) {
        return "";
    }
}

class Findings {
  public:
    explicit Findings(const StackTemplate& prepared) : prepared_(prepared) {}

    std::vector<Finding> find() {
        for (const auto& [id, resource] : prepared_.resources().items()) {
            const Json* properties = find_member(resource, "Properties");
            if (properties == nullptr || !properties->is_object()) continue;
            const std::string type = string_member(resource, "Type");
            unknown(id, type, *properties);
            if (type == "AWS::Lambda::Function") runtime(id, *properties);
            if (type.starts_with("AWS::IAM::")) iam(id, type, *properties);
            if (type == "AWS::Cognito::UserPoolClient") oauth(id, *properties);
        }
        return std::move(findings_);
    }

  private:
    enum class Verdict { kRefused, kUseless };

    void report(Verdict verdict, const std::string& id, const std::string& path,
                std::string message, std::string consequence, std::string mend) {
        const TemplateSource& source = prepared_.source;
        const int line = std::max(line_of_resource(source, id),
                                  source.lines.line_of("/Resources/" + id + "/Properties" + path));
        findings_.push_back({source.file, line, id, std::move(message), std::move(consequence),
                             std::move(mend), verdict == Verdict::kRefused});
    }

    void unknown(const std::string& id, const std::string& type, const Json& properties) {
        for (const UnknownProperty& one : unknown_properties(type, properties)) {
            const std::string owner = one.path.empty() ? type : type + one.path;
            report(Verdict::kRefused, id, fmt::format("{}/{}", one.path, one.name),
                   fmt::format("{} has no property {}.", owner, one.name), refusal(id, one),
                   one.meant.empty() ? "" : "write " + one.meant);
        }
    }

    void runtime(const std::string& id, const Json& properties) {
        const std::string name = known_text(prepared_, find_member(properties, "Runtime"));
        if (name.empty()) return;
        for (RuntimeRemark& remark : check_runtime(name)) {
            report(remark.refused ? Verdict::kRefused : Verdict::kUseless, id, "/Runtime",
                   std::move(remark.message), std::move(remark.consequence),
                   std::move(remark.mend));
        }
    }

    void iam(const std::string& id, const std::string& type, const Json& properties) {
        if (type == "AWS::IAM::Role" || type == "AWS::IAM::User" || type == "AWS::IAM::Group") {
            if (const Json* list = find_member(properties, "ManagedPolicyArns")) managed(id, *list);
            const Json* policies = find_member(properties, "Policies");
            if (policies == nullptr || !policies->is_array()) return;
            for (std::size_t i = 0; i < policies->size(); ++i) {
                if (const Json* document = find_member((*policies)[i], "PolicyDocument")) {
                    statements(id, fmt::format("/Policies/{}/PolicyDocument", i), *document);
                }
            }
        } else if (const Json* document = find_member(properties, "PolicyDocument")) {
            statements(id, "/PolicyDocument", *document);
        }
    }

    void managed(const std::string& id, const Json& list) {
        if (!list.is_array()) return;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string arn = known_text(prepared_, &list[i]);
            if (!arn.starts_with(kAwsPolicyPrefix)) continue;
            const std::string name = arn.substr(kAwsPolicyPrefix.size());
            const std::string right =
                is_aws_managed_policy(name) ? "" : nearest_aws_managed_policy(name);
            if (right.empty()) continue;
            // AWS adds policies: one whose name differs in more than its case may be a new one.
            const bool certain = lower_case(right.substr(right.rfind('/') + 1)) ==
                                 lower_case(name.substr(name.rfind('/') + 1));
            report(certain ? Verdict::kRefused : Verdict::kUseless, id,
                   fmt::format("/ManagedPolicyArns/{}", i),
                   fmt::format("There is no managed policy {}.", name),
                   fmt::format("Policy {} does not exist or is not attachable.", arn),
                   fmt::format("write {}{}", kAwsPolicyPrefix, right));
        }
    }

    /// The text of a Resource as far as it is literal; "" where it begins with something unknown.
    std::string beginning(const Json& value) const {
        if (value.is_string()) return value.get<std::string>();
        if (!value.is_object() || value.size() != 1) return "arn:";
        const Json& argument = value.begin().value();
        const std::string& name = value.begin().key();
        if (name == "Ref" && argument.is_string()) return ref_text(argument.get<std::string>());
        if (name != "Fn::Sub" || !argument.is_string()) return "arn:";
        std::string text;
        split_sub(
            argument.get_ref<const std::string&>(), [&](std::string_view part) { text += part; },
            [&](std::string_view variable) {
                text += variable.find('.') != std::string_view::npos
                            ? "arn:"
                            : ref_text(std::string(variable));
            });
        return text;
    }

    /// What Ref of a resource looks like: a name for these types.
    std::string ref_text(const std::string& id) const {
        static const std::map<std::string_view, std::string_view> names = {
            {"AWS::S3::Bucket", "bucket"},         {"AWS::DynamoDB::Table", "table"},
            {"AWS::Lambda::Function", "function"}, {"AWS::Events::EventBus", "bus"},
            {"AWS::SQS::Queue", "https://queue"},  {"AWS::IAM::Role", "role"},
            {"AWS::Logs::LogGroup", "group"}};
        const Json* resource = find_member(prepared_.resources(), id);
        const auto known =
            resource == nullptr ? names.end() : names.find(string_member(*resource, "Type"));
        return known == names.end() ? "arn:" : std::string(known->second);
    }

    void statements(const std::string& id, const std::string& path, const Json& document) {
        const Json* list = find_member(document, "Statement");
        if (list == nullptr) return;
        const Json all = list->is_array() ? *list : Json::array({*list});
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Json* resource = find_member(all[i], "Resource");
            if (resource == nullptr) continue;
            const Json items = resource->is_array() ? *resource : Json::array({*resource});
            for (const Json& item : items) {
                const std::string text = beginning(item);
                if (text.empty() || text == "*" || text.starts_with("arn:")) continue;
                report(Verdict::kRefused, id, fmt::format("{}/Statement/{}/Resource", path, i),
                       fmt::format("The resource {} of a policy is no ARN.", to_text(item)),
                       "Resource must be in ARN format or \"*\". (MalformedPolicyDocument)",
                       "write the ARN, such as ${X.Arn} in place of ${X}");
            }
        }
    }

    void oauth(const std::string& id, const Json& properties) {
        if (find_member(properties, "AllowedOAuthFlows") == nullptr) return;
        const Json* on = find_member(properties, "AllowedOAuthFlowsUserPoolClient");
        if (on != nullptr && scalar_text(*on) == "true") return;
        report(Verdict::kUseless, id, "/AllowedOAuthFlows",
               "AllowedOAuthFlows without AllowedOAuthFlowsUserPoolClient.",
               "OAuth stays off for this client, and the hosted UI does not work.",
               "add AllowedOAuthFlowsUserPoolClient: true");
    }

    const StackTemplate& prepared_;
    std::vector<Finding> findings_;
};

std::string listed(const std::vector<HandlerCheck::Candidate>& candidates) {
    std::string text;
    for (const HandlerCheck::Candidate& candidate : candidates) {
        text +=
            fmt::format("{}{} (line {})", text.empty() ? "" : ", ", candidate.name, candidate.line);
    }
    return text;
}

}  // namespace

std::string to_line(const Finding& finding) {
    std::string text =
        to_line(Problem{finding.file, finding.line, finding.logical_id, finding.message});
    if (!finding.consequence.empty()) text += " On AWS: " + finding.consequence;
    if (!finding.mend.empty()) text += " Mend: " + finding.mend + '.';
    return text;
}

std::vector<Finding> findings_of(const StackTemplate& prepared) {
    return Findings(prepared).find();
}

std::vector<Finding> check_handlers(StackTemplate& prepared, const LocalFiles& files,
                                    bool fix_handlers) {
    std::vector<Finding> findings;
    const TemplateSource& source = prepared.source;
    for (auto& [id, resource] : prepared.document["Resources"].items()) {
        if (string_member(resource, "Type") != "AWS::Lambda::Function") continue;
        Json& properties = resource["Properties"];
        const Json* code = find_member(properties, "Code");
        const std::filesystem::path folder = code == nullptr ? "" : files.path_of(*code);
        const std::string handler = known_text(prepared, find_member(properties, "Handler"));
        const std::string runtime = known_text(prepared, find_member(properties, "Runtime"));
        if (folder.empty() || handler.empty()) continue;
        const HandlerCheck check = check_handler(folder, runtime, handler);
        if (check.found) continue;
        Finding finding{source.file,
                        std::max(line_of_resource(source, id),
                                 source.lines.line_of("/Resources/" + id + "/Properties/Handler")),
                        id,
                        "",
                        "each call fails with Runtime.HandlerNotFound.",
                        ""};
        if (check.file.empty()) {
            finding.message =
                fmt::format("There is no module {} in {}.", check.module, folder.string());
            finding.consequence = "each call fails with Runtime.ImportModuleError.";
        } else {
            finding.message =
                fmt::format("{} has no {}; it has {}.", check.file, check.name,
                            check.candidates.empty() ? "no function that could be meant"
                                                     : listed(check.candidates));
        }
        if (check.candidates.size() == 1) {
            const std::string right = check.module + '.' + check.candidates[0].name;
            finding.mend = "write Handler: " + right;
            if (fix_handlers) {
                properties["Handler"] = right;
                finding.message += " Using " + right + '.';
            } else {
                finding.mend += ", or start with --fix-handlers";
            }
        }
        findings.push_back(std::move(finding));
    }
    return findings;
}

std::vector<Finding> leave_out_policies(StackTemplate& prepared) {
    std::vector<Finding> findings;
    const TemplateSource& source = prepared.source;
    for (auto& [id, resource] : prepared.document["Resources"].items()) {
        if (string_member(resource, "Type") != "AWS::IAM::Role") continue;
        const Json* list = find_member(resource["Properties"], "ManagedPolicyArns");
        if (list == nullptr || !list->is_array()) continue;
        Json kept = Json::array();
        for (const Json& entry : *list) {
            const std::string name = known_text(prepared, &entry);
            if (name.empty() || name.starts_with("arn:")) {
                kept.push_back(entry);
                continue;
            }
            const std::string right = nearest_aws_managed_policy(name);
            findings.push_back({source.file, line_of_resource(source, id), id,
                                fmt::format("There is no managed policy {}: the role does "
                                            "without it.",
                                            name),
                                fmt::format("ARN {} is not valid.", name),
                                right.empty() ? "write the ARN of the policy"
                                              : "write " + right.substr(right.rfind('/') + 1),
                                true});
        }
        resource["Properties"]["ManagedPolicyArns"] = std::move(kept);
    }
    return findings;
}

}  // namespace skafu::cloudformation
