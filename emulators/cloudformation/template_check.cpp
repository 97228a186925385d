#include "cloudformation/template_check.h"

#include <set>

#include "cloudformation/intrinsics.h"
#include "core/spelling.h"

namespace skafu::cloudformation {
namespace {

bool alphanumeric(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0; });
}

const Json& section(const Json& document, std::string_view name) {
    static const Json none = Json::object();
    const Json* found = find_member(document, name);
    return found != nullptr && found->is_object() ? *found : none;
}

class Form {
  public:
    Form(const Json& document, const TemplateSource& source)
        : document_(document), source_(source) {}

    std::vector<Problem> check() {
        if (!document_.is_object()) {
            report("", "Template format error: unsupported structure.");
            return problems_;
        }
        sections();
        parameters();
        mappings();
        resources();
        outputs();
        return problems_;
    }

  private:
    void report(const std::string& path, std::string message, std::string logical_id = {}) {
        const int line = logical_id.empty() ? source_.lines.line_of(path)
                                            : std::max(source_.lines.line_of(path),
                                                       line_of_resource(source_, logical_id));
        problems_.push_back({source_.file, line, std::move(logical_id), std::move(message)});
    }

    void sections() {
        static const std::set<std::string_view> known = {"AWSTemplateFormatVersion",
                                                         "Description",
                                                         "Metadata",
                                                         "Parameters",
                                                         "Mappings",
                                                         "Conditions",
                                                         "Transform",
                                                         "Resources",
                                                         "Outputs",
                                                         "Rules",
                                                         "Hooks"};
        std::string unknown;
        std::string path;
        for (const auto& [name, content] : document_.items()) {
            if (known.contains(name)) continue;
            unknown += (unknown.empty() ? "" : ", ") + name;
            path = '/' + name;
        }
        if (!unknown.empty()) {
            report(path, fmt::format("Invalid template property or properties [{}]", unknown));
        }
        for (const std::string_view name :
             {"Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Rules"}) {
            const Json* content = find_member(document_, name);
            if (content == nullptr || content->is_object()) continue;
            const std::string at = fmt::format("/{}", name);
            report(at, content->is_null()
                           ? fmt::format("Template format error: [{}] 'null' values are not "
                                         "allowed in templates",
                                         at)
                           : fmt::format("Template format error: {} must be a map.", name));
            if (name == "Resources") return;
        }
        if (section(document_, "Resources").empty()) {
            report("", "Template format error: At least one Resources member must be defined.");
        }
    }

    void parameters() {
        for (const auto& [name, declaration] : section(document_, "Parameters").items()) {
            const std::string path = "/Parameters/" + name;
            if (!alphanumeric(name)) {
                report(path, fmt::format("Template format error: Parameter name {} is non "
                                         "alphanumeric.",
                                         name));
            }
            if (string_member(declaration, "Type").empty()) {
                report(path,
                       "Template format error: Every Parameters object must contain a Type "
                       "member.");
            }
        }
    }

    void mappings() {
        for (const auto& [name, mapping] : section(document_, "Mappings").items()) {
            const std::string path = "/Mappings/" + name;
            if (!mapping.is_object()) {
                report(path,
                       "Template format error: Every Mappings member " + name + " must be a map");
                continue;
            }
            for (const auto& [key, entry] : mapping.items()) {
                if (key.starts_with("Fn::")) continue;
                if (!entry.is_object()) {
                    report(path, "Template format error: Every Mappings member " + key +
                                     " must be a map");
                    continue;
                }
                const bool deep = std::any_of(entry.begin(), entry.end(),
                                              [](const Json& value) { return value.is_object(); });
                if (deep) {
                    report(path + '/' + key,
                           "Template format error: Every Mappings attribute must "
                           "be a String or a List.");
                }
            }
        }
    }

    void resources() {
        static const std::set<std::string_view> attributes = {
            "Type",           "Properties",     "DependsOn",    "Condition",
            "Metadata",       "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy",
            "CreationPolicy", "Description",    "Connectors",   "IgnoreGlobals"};
        for (const auto& [id, resource] : section(document_, "Resources").items()) {
            const std::string path = "/Resources/" + id;
            if (!alphanumeric(id)) {
                report(path, fmt::format("Template format error: Resource name {} is non "
                                         "alphanumeric.",
                                         id));
            }
            if (!resource.is_object()) {
                report(path, "Template format error: Any Resources member must be an object.");
                continue;
            }
            if (string_member(resource, "Type").empty()) {
                report(path, fmt::format("Template format error: [/Resources/{}] Every Resources "
                                         "object must contain a Type member.",
                                         id));
            }
            const Json* properties = find_member(resource, "Properties");
            if (properties != nullptr && !properties->is_object() && !properties->is_null()) {
                report(path + "/Properties",
                       "Template format error: Any Properties member must be an object.", id);
            }
            for (const auto& [name, content] : resource.items()) {
                if (attributes.contains(name)) continue;
                const std::string meant = nearest_name(
                    name, std::vector<std::string>(attributes.begin(), attributes.end()));
                report(path + '/' + name,
                       fmt::format("Invalid template resource property '{}'{}", name,
                                   meant.empty() ? "" : ". Mend: write " + meant + '.'),
                       id);
            }
            functions(resource, path, id);
        }
    }

    void outputs() {
        for (const auto& [name, output] : section(document_, "Outputs").items()) {
            const std::string path = "/Outputs/" + name;
            const Json* value = find_member(output, "Value");
            if (value == nullptr) {
                report(path,
                       "Template format error: Every Outputs member must contain a Value "
                       "object");
                continue;
            }
            if (value->is_null()) {
                report(path + "/Value", fmt::format("[/Outputs/{}/Value] 'null' values are not "
                                                    "allowed in templates",
                                                    name));
            }
            functions(output, path, "");
        }
    }

    void functions(const Json& value, const std::string& path, const std::string& id) {
        if (value.is_null()) {
            report(path, fmt::format("[{}] 'null' values are not allowed in templates", path), id);
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                functions(value[i], path + '/' + std::to_string(i), id);
            }
        } else if (value.is_object()) {
            if (is_intrinsic(value)) function(value, path, id);
            for (const auto& [key, member] : value.items()) {
                functions(member, path + '/' + key, id);
            }
        }
    }

    void function(const Json& value, const std::string& path, const std::string& id) {
        const std::string& name = value.begin().key();
        const Json& argument = value.begin().value();
        if (name == "Fn::GetAtt" && !get_att_has_form(argument)) {
            report(path,
                   "Template error: every Fn::GetAtt object requires two non-empty "
                   "parameters, the resource name and the resource attribute",
                   id);
        }
        if (name == "Ref" && !argument.is_string()) {
            report(path, "Template format error: Every Ref object must have a single String value.",
                   id);
        }
        if (name == "Fn::If" && argument.is_array() && !argument.empty() &&
            argument[0].is_string()) {
            const std::string condition = argument[0].get<std::string>();
            if (!section(document_, "Conditions").contains(condition)) {
                report(path,
                       fmt::format("Template error: unresolved condition dependency {} in "
                                   "Fn::If",
                                   condition),
                       id);
            }
        }
    }

    static bool get_att_has_form(const Json& argument) {
        if (argument.is_string()) {
            const std::string& text = argument.get_ref<const std::string&>();
            const std::size_t dot = text.find('.');
            return dot != std::string::npos && dot > 0 && dot + 1 < text.size();
        }
        return argument.is_array() && argument.size() >= 2 && argument[0].is_string() &&
               !argument[0].get_ref<const std::string&>().empty();
    }

    const Json& document_;
    const TemplateSource& source_;
    std::vector<Problem> problems_;
};

bool is_pseudo(std::string_view name) {
    return name.starts_with("AWS::");
}

constexpr std::string_view kUnresolved =
    "Template format error: Unresolved resource dependencies [";

void check_block(const Json& document, const TemplateSource& source, const std::string& block,
                 const GeneratedNames& generated, std::vector<Problem>& problems) {
    const Json& resources = section(document, "Resources");
    const Json& parameters = section(document, "Parameters");
    const auto exists = [&](const std::string& name) {
        return resources.contains(name) || (generated && generated(name));
    };
    for (const auto& [id, entry] : section(document, block).items()) {
        const std::string path = '/' + block + '/' + id;
        const auto report = [&](const std::string& inner, std::string message) {
            int line = source.lines.line_of(path + inner);
            if (block == "Resources") line = std::max(line, line_of_resource(source, id));
            problems.push_back({source.file, line, id, std::move(message)});
        };
        const auto unresolved = [&](const std::string& inner, const std::string& name) {
            report(inner,
                   fmt::format("{}{}] in the {} block of the template", kUnresolved, name, block));
        };
        for (const Reference& reference : references_of(entry)) {
            if (exists(reference.name)) continue;
            if (reference.kind == Reference::Kind::kRef) {
                if (is_pseudo(reference.name) || parameters.contains(reference.name)) continue;
                unresolved(reference.path, reference.name);
            } else if (block == "Outputs") {
                unresolved(reference.path, reference.name);
            } else {
                report(reference.path,
                       "Template error: instance of Fn::GetAtt references undefined "
                       "resource " +
                           reference.name);
            }
        }
        if (const Json* waits = find_member(entry, "DependsOn")) {
            const Json names = waits->is_array() ? *waits : Json::array({*waits});
            for (const Json& name : names) {
                if (!name.is_string() || exists(name.get<std::string>())) continue;
                unresolved("/DependsOn", name.get<std::string>());
            }
        }
    }
}

}  // namespace

std::vector<Problem> check_form(const Json& document, const TemplateSource& source) {
    return Form(document, source).check();
}

std::vector<Problem> check_references(const Json& document, const TemplateSource& source,
                                      const GeneratedNames& generated) {
    std::vector<Problem> problems;
    check_block(document, source, "Resources", generated, problems);
    check_block(document, source, "Outputs", generated, problems);
    return problems;
}

std::vector<std::string> dependencies_of(const Json& resource, const Json& resources) {
    std::set<std::string> names;
    for (const Reference& reference : references_of(resource)) names.insert(reference.name);
    if (const Json* waits = find_member(resource, "DependsOn")) {
        if (waits->is_string()) names.insert(waits->get<std::string>());
        if (waits->is_array()) {
            for (const Json& name : *waits) {
                if (name.is_string()) names.insert(name.get<std::string>());
            }
        }
    }
    std::vector<std::string> known;
    for (const std::string& name : names) {
        if (resources.contains(name)) known.push_back(name);
    }
    return known;
}

std::vector<std::vector<std::string>> creation_waves(const Json& resources,
                                                     const TemplateSource& source,
                                                     std::vector<Problem>& problems) {
    std::map<std::string, std::vector<std::string>> waits;
    std::vector<std::string> left;
    for (const auto& [id, resource] : resources.items()) {
        waits[id] = dependencies_of(resource, resources);
        left.push_back(id);
    }
    std::set<std::string> done;
    std::vector<std::vector<std::string>> waves;
    while (!left.empty()) {
        std::vector<std::string> wave;
        std::vector<std::string> later;
        for (const std::string& id : left) {
            const bool free =
                std::all_of(waits[id].begin(), waits[id].end(),
                            [&](const std::string& name) { return done.contains(name); });
            (free ? wave : later).push_back(id);
        }
        if (wave.empty()) break;
        done.insert(wave.begin(), wave.end());
        waves.push_back(std::move(wave));
        left = std::move(later);
    }
    if (left.empty()) return waves;
    // What only waits for the cycle is not part of it.
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const bool needed = std::any_of(left.begin(), left.end(), [&](const std::string& id) {
                const auto& names = waits[id];
                return std::find(names.begin(), names.end(), left[i]) != names.end();
            });
            if (needed) continue;
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
            changed = true;
            break;
        }
    }
    const std::string names = fmt::format("{}", fmt::join(left, ", "));
    problems.push_back({source.file, line_of_resource(source, left.front()), left.front(),
                        fmt::format("Circular dependency between resources: [{}]", names)});
    return waves;
}

int line_of_resource(const TemplateSource& source, const std::string& logical_id) {
    const Json& resources = section(source.value, "Resources");
    for (std::size_t length = logical_id.size(); length > 0; --length) {
        const std::string id = logical_id.substr(0, length);
        if (resources.contains(id)) return source.lines.line_of("/Resources/" + id);
    }
    return source.lines.line_of("/Resources");
}

std::string first_message(const std::vector<Problem>& problems) {
    if (problems.empty()) return "";
    const std::string& first = problems.front().message;
    constexpr std::string_view yaml = "Template format error: YAML not well-formed.";
    if (first.starts_with(yaml)) return std::string(yaml);
    if (!first.starts_with(kUnresolved)) return first;
    const std::string tail = first.substr(first.find(']'));
    std::set<std::string> names;
    for (const Problem& problem : problems) {
        if (problem.message.starts_with(kUnresolved) && problem.message.ends_with(tail)) {
            const std::size_t start = kUnresolved.size();
            names.insert(problem.message.substr(start, problem.message.find(']') - start));
        }
    }
    return fmt::format("{}{}{}", kUnresolved, fmt::join(names, ", "), tail);
}

}  // namespace skafu::cloudformation
