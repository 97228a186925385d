#include "cloudformation/findings.h"

#include "cloudformation/handler_check.h"
#include "cloudformation/intrinsics.h"
#include "cloudformation/template_check.h"

namespace skafu::cloudformation {
namespace {

/// Properties that templates give a type although AWS calls them otherwise.
struct Misnamed {
    std::string_view type;
    std::string_view property;
    std::string_view right;
};

constexpr Misnamed kMisnamed[] = {
    {"AWS::Cognito::IdentityPool", "Tags", "IdentityPoolTags"},
    {"AWS::Cognito::UserPool", "Tags", "UserPoolTags"},
    {"AWS::Cognito::UserPool", "Name", "UserPoolName"},
    {"AWS::DynamoDB::Table", "Name", "TableName"},
    {"AWS::SQS::Queue", "Name", "QueueName"},
    {"AWS::SNS::Topic", "Name", "TopicName"},
    {"AWS::S3::Bucket", "Name", "BucketName"},
    {"AWS::Lambda::Function", "Name", "FunctionName"},
    {"AWS::Events::Rule", "RuleName", "Name"},
    {"AWS::Events::Rule", "Pattern", "EventPattern"},
    {"AWS::StepFunctions::StateMachine", "Name", "StateMachineName"},
    {"AWS::StepFunctions::StateMachine", "Type", "StateMachineType"},
    {"AWS::Logs::LogGroup", "Name", "LogGroupName"},
};

/// Managed policies whose names people get wrong, in lower case -> the right one.
struct ManagedName {
    std::string_view lower;
    std::string_view right;
};

constexpr ManagedName kManagedNames[] = {
    {"awsxrayreadonlyaccess", "AWSXrayReadOnlyAccess"},
    {"awsxraywriteonlyaccess", "AWSXrayWriteOnlyAccess"},
    {"awsxrayfullaccess", "AWSXrayFullAccess"},
    {"awsxraydaemonwriteaccess", "AWSXRayDaemonWriteAccess"},
    {"awslambdabasicexecutionrole", "service-role/AWSLambdaBasicExecutionRole"},
    {"awslambdavpcaccessexecutionrole", "service-role/AWSLambdaVPCAccessExecutionRole"},
    {"awslambdasqsqueueexecutionrole", "service-role/AWSLambdaSQSQueueExecutionRole"},
    {"awslambdadynamodbexecutionrole", "service-role/AWSLambdaDynamoDBExecutionRole"},
    {"amazondynamodbfullaccess", "AmazonDynamoDBFullAccess"},
    {"amazondynamodbreadonlyaccess", "AmazonDynamoDBReadOnlyAccess"},
    {"amazonsqsfullaccess", "AmazonSQSFullAccess"},
    {"amazonsnsfullaccess", "AmazonSNSFullAccess"},
    {"amazons3fullaccess", "AmazonS3FullAccess"},
    {"amazons3readonlyaccess", "AmazonS3ReadOnlyAccess"},
    {"cloudwatchlogsfullaccess", "CloudWatchLogsFullAccess"},
    {"cloudwatchreadonlyaccess", "CloudWatchReadOnlyAccess"},
};

class Findings {
  public:
    explicit Findings(const StackTemplate& prepared) : prepared_(prepared) {}

    std::vector<Finding> find() {
        for (const auto& [id, resource] : prepared_.resources().items()) {
            const Json* properties = find_member(resource, "Properties");
            if (properties == nullptr || !properties->is_object()) continue;
            const std::string type = string_member(resource, "Type");
            misnamed(id, type, *properties);
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

    void misnamed(const std::string& id, const std::string& type, const Json& properties) {
        for (const Misnamed& known : kMisnamed) {
            if (known.type != type || find_member(properties, known.property) == nullptr) continue;
            report(Verdict::kRefused, id, fmt::format("/{}", known.property),
                   fmt::format("{} has no property {}.", type, known.property),
                   fmt::format("Properties validation failed for resource {} with message: [#: "
                               "extraneous key [{}] is not permitted]",
                               id, known.property),
                   fmt::format("write {}", known.right));
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
        constexpr std::string_view prefix = "arn:aws:iam::aws:policy/";
        if (!list.is_array()) return;
        for (const Json& entry : list) {
            if (!entry.is_string() || !entry.get_ref<const std::string&>().starts_with(prefix))
                continue;
            const std::string name = entry.get<std::string>().substr(prefix.size());
            std::string lower = name.substr(name.rfind('/') + 1);
            for (char& c : lower) c = static_cast<char>(std::tolower(c));
            for (const ManagedName& known : kManagedNames) {
                if (known.lower != lower || known.right == name) continue;
                report(
                    Verdict::kRefused, id, "/ManagedPolicyArns",
                    fmt::format("There is no managed policy {}.", name),
                    fmt::format("Policy {}{} does not exist or is not attachable.", prefix, name),
                    fmt::format("write {}{}", prefix, known.right));
            }
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
        const std::string handler = string_member(properties, "Handler");
        if (folder.empty() || handler.empty()) continue;
        const HandlerCheck check =
            check_handler(folder, string_member(properties, "Runtime"), handler);
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

}  // namespace skafu::cloudformation
