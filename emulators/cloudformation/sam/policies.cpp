#include "cloudformation/sam/policies.h"

#include <set>

#include "cloudformation/sam/policy_templates.h"
#include "core/managed_policies.h"

namespace skafu::cloudformation::sam {
namespace {

/// The ARN of a managed policy that is given by name; other texts stay as they are.
std::string managed_policy_arn(const std::string& name, const std::string& partition) {
    const std::string path = aws_managed_policy_named(name);
    return path.empty() ? name : fmt::format("arn:{}:iam::aws:policy/{}", partition, path);
}

std::string lower_first(std::string name) {
    if (!name.empty()) name[0] = static_cast<char>(std::tolower(name[0]));
    return name;
}

/// A text of a policy template in its long form; `values` are the parameters given.
Json expand_text(const std::string& text, const Json& values) {
    std::string full;
    for (const char c : text) {
        if (c == '@')
            full += "arn:${AWS::Partition}:";
        else if (c == '#')
            full += "${AWS::Region}:${AWS::AccountId}";
        else
            full += c;
    }
    if (full.find("${") == std::string::npos) return full;
    Json variables = Json::object();
    for (const auto& [name, value] : values.items()) {
        for (const std::string& variable : {lower_first(name), name}) {
            if (full.find("${" + variable + "}") != std::string::npos) variables[variable] = value;
        }
        // Two templates of the specification spell a variable in their own way.
        for (const std::string_view odd : {"pipelinename", "workgroupName"}) {
            if (full.find(fmt::format("${{{}}}", odd)) != std::string::npos) {
                variables[std::string(odd)] = value;
            }
        }
    }
    if (variables.empty()) return sub(full);
    return Json{{"Fn::Sub", Json::array({full, variables})}};
}

Json expand_resource(const Json& value, const Json& values) {
    if (value.is_string()) return expand_text(value.get<std::string>(), values);
    Json result = value;
    for (Json& item : result) item = expand_resource(item, values);
    return result;
}

Json expand_template(const Json& description, const Json& values) {
    Json statements = Json::array();
    for (const Json& short_form : description["Statement"]) {
        Json statement = Json::object();
        statement["Effect"] = string_member(short_form, "Effect", "Allow");
        for (const auto& [name, value] : short_form.items()) {
            statement[name] =
                name == "Resource" || name == "Condition" ? expand_resource(value, values) : value;
        }
        statements.push_back(std::move(statement));
    }
    return Json{{"Statement", std::move(statements)}};
}

/// Collects the entries of the property Policies into the two lists of a role.
class Policies {
  public:
    Policies(const Source& source, const Context& context, const RoleParts& parts)
        : source_(source), context_(context), parts_(parts) {
        for (const std::string& arn : parts.managed) add_managed(arn);
        inline_ = parts.inline_policies;
    }

    void add_all() {
        if (parts_.policies == nullptr || parts_.policies->is_null()) return;
        const Json& property = *parts_.policies;
        const bool list = property.is_array();
        std::size_t index = 0;
        if (!list) return add(property, index);
        for (const Json& entry : property) add(entry, index++);
    }

    Json managed() const { return managed_; }
    Json inline_policies() const { return inline_; }

  private:
    void add_managed(const Json& arn) {
        if (std::find(managed_.begin(), managed_.end(), arn) == managed_.end()) {
            managed_.push_back(arn);
        }
    }

    Json named(Json document, std::size_t index) const {
        return Json{{"PolicyName", parts_.id + "Policy" + std::to_string(index)},
                    {"PolicyDocument", std::move(document)}};
    }

    static bool is_statement(const Json& entry) {
        return entry.is_object() && entry.contains("Statement");
    }

    bool is_template(const Json& entry) const {
        return entry.is_object() && entry.size() == 1 &&
               policy_templates().contains(entry.begin().key());
    }

    void add(const Json& entry, std::size_t index) {
        if (is_statement(entry)) {
            inline_.push_back(named(entry, index));
        } else if (is_template(entry)) {
            inline_.push_back(named(template_document(entry), index));
        } else if (entry.is_object() && entry.size() == 1 && entry.contains("Fn::If")) {
            add_conditional(entry, index);
        } else if (entry.is_string()) {
            add_managed(managed_policy_arn(entry.get<std::string>(), context_.partition()));
        } else if (is_function(entry)) {
            add_managed(resolved_policy(entry));
        } else {
            invalid(index);
        }
    }

    /// A reference to a parameter that holds the name of a managed policy becomes its ARN.
    Json resolved_policy(const Json& entry) const {
        const Json value = context_.resolve(entry);
        if (!value.is_string()) return entry;
        const std::string name = value.get<std::string>();
        const std::string arn = managed_policy_arn(name, context_.partition());
        return arn == name ? entry : Json(arn);
    }

    [[noreturn]] void invalid(std::size_t index) const {
        throw SamProblem::resource(
            source_.id,
            fmt::format("Policy at index {} in the 'Policies' property is not valid", index));
    }

    /// Fn::If over statements or templates stays a condition over the finished policies.
    void add_conditional(const Json& entry, std::size_t index) {
        const Json& branches = entry["Fn::If"];
        if (!branches.is_array() || branches.size() != 3) invalid(index);
        bool inline_kind = false;
        Json finished = Json::array({branches[0]});
        for (std::size_t i = 1; i < 3; ++i) {
            const Json& branch = branches[i];
            if (is_statement(branch)) {
                inline_kind = true;
                finished.push_back(named(branch, index));
            } else if (is_template(branch)) {
                inline_kind = true;
                finished.push_back(named(template_document(branch), index));
            } else if (branch.is_string()) {
                finished.push_back(
                    managed_policy_arn(branch.get<std::string>(), context_.partition()));
            } else {
                finished.push_back(branch);
            }
        }
        Json result = Json{{"Fn::If", std::move(finished)}};
        if (inline_kind)
            inline_.push_back(std::move(result));
        else
            add_managed(result);
    }

    Json template_document(const Json& entry) const {
        const std::string& name = entry.begin().key();
        const Json& values = entry.begin().value();
        const Json& description = policy_templates()[name];
        const auto problem = [&](const std::string& why) {
            return SamProblem::resource(source_.id, why);
        };
        if (!values.is_object()) {
            throw problem(
                fmt::format("Must specify valid parameter values for policy template "
                            "'{}'",
                            name));
        }
        std::vector<std::string> missing;
        for (const Json& parameter : description["Parameters"]) {
            if (!values.contains(parameter.get<std::string>())) {
                missing.push_back("'" + parameter.get<std::string>() + "'");
            }
        }
        if (!missing.empty()) {
            throw problem(
                fmt::format("Following required parameters of template '{}' don't have values: "
                            "[{}]",
                            name, fmt::join(missing, ", ")));
        }
        return expand_template(description, values);
    }

    const Source& source_;
    const Context& context_;
    const RoleParts& parts_;
    Json managed_ = Json::array();
    Json inline_ = Json::array();
};

}  // namespace

Json trust_policy(std::string_view service) {
    Json statement = {{"Action", Json::array({"sts:AssumeRole"})},
                      {"Effect", "Allow"},
                      {"Principal", Json{{"Service", Json::array({service})}}}};
    return Json{{"Version", "2012-10-17"}, {"Statement", Json::array({std::move(statement)})}};
}

Json allow(Json action, Json resource) {
    Json statement = {
        {"Effect", "Allow"}, {"Action", std::move(action)}, {"Resource", std::move(resource)}};
    return Json{{"Statement", Json::array({std::move(statement)})}};
}

Json destination_policy(const std::string& prefix, const std::string& type, const Json& arn) {
    Json document;
    if (type == "SQS") document = allow("sqs:SendMessage", arn);
    if (type == "SNS") document = allow("sns:publish", arn);
    if (type == "Lambda") document = allow("lambda:InvokeFunction", arn);
    if (type == "EventBridge") document = allow("events:PutEvents", arn);
    if (type == "S3") {
        document =
            allow("s3:PutObject", Json{{"Fn::Join", Json::array({"/", Json::array({arn, "*"})})}});
        document["Statement"].push_back(
            {{"Effect", "Allow"}, {"Action", "s3:ListBucket"}, {"Resource", arn}});
    }
    return Json{{"PolicyName", prefix + type + "Policy"}, {"PolicyDocument", std::move(document)}};
}

Json make_role(const Source& source, const Context& context, const RoleParts& parts) {
    Policies policies(source, context, parts);
    policies.add_all();
    Json properties = Json::object();
    properties["AssumeRolePolicyDocument"] = parts.trust;
    properties["ManagedPolicyArns"] = policies.managed();
    if (!policies.inline_policies().empty()) properties["Policies"] = policies.inline_policies();
    if (parts.path != nullptr) properties["Path"] = *parts.path;
    if (parts.boundary != nullptr) properties["PermissionsBoundary"] = *parts.boundary;
    if (!parts.tags.empty()) properties["Tags"] = parts.tags;
    return make_resource("AWS::IAM::Role", std::move(properties), source.attributes());
}

}  // namespace skafu::cloudformation::sam
