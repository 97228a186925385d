#include "core/arn.h"
#include "core/aws_error.h"
#include "lambda/function_configuration.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kLayers = "/2018-10-31/layers";
constexpr const char* kLayerVersions = "/2018-10-31/layers/{LayerName}/versions";
constexpr const char* kVersion = "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}";

/// A layer's name, which may be given as its ARN.
std::string layer_name(const Json& input) {
    const std::string name = string_member(input, "LayerName");
    const std::size_t at = name.find(":layer:");
    return at == std::string::npos ? name : name.substr(at + 7);
}

std::string layer_arn(const Scope& scope, const std::string& name) {
    return make_arn("lambda", scope.region, scope.account, "layer:" + name);
}

/// What the API shows of a stored layer version {Version fields, Code}.
Json shown_layer(const Json& stored) {
    Json version = stored;
    version.erase("Code");
    version.erase("Content");
    version.erase("Statements");
    return version;
}

Json with_content(const Json& stored) {
    Json version = shown_layer(stored);
    version["Content"] = {{"Location", ""},
                          {"CodeSha256", stored["Code"]["Sha256"]},
                          {"CodeSize", stored["Code"]["Size"]}};
    return version;
}

Task<Json> publish(LambdaService& lambda, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = layer_name(input);
    Json content = input.value("Content", Json::object());
    StoredCode code;
    if (content.contains("LocalFolder")) {
        code = lambda.code.use_layer_folder(string_member(content, "LocalFolder"));
    } else {
        code =
            co_await load_code(lambda, std::move(content), context.caller, context.activity.id());
    }
    std::int64_t number = 1;
    LambdaStore::for_each_of(lambda.store.layers, scope, name,
                             [&](const std::string&, const Json& each) {
                                 number = each["Version"].get<std::int64_t>() + 1;
                                 return true;
                             });
    const std::string arn = layer_arn(scope, name);
    Json stored = {{"LayerArn", arn}, {"LayerVersionArn", fmt::format("{}:{}", arn, number)}};
    stored["Description"] = string_member(input, "Description");
    std::string created = iso8601_millis(lambda.cloud.clock().now());
    created.pop_back();
    stored["CreatedDate"] = created + "+0000";
    stored["Version"] = number;
    for (const char* member : {"CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"}) {
        if (input.contains(member)) stored[member] = input[member];
    }
    stored["Code"] = code.to_json();
    Json output = with_content(stored);
    lambda.store.layers.put(scope, LambdaStore::version_key(name, number), std::move(stored));
    co_return output;
}

const Json& find_version(LambdaService& lambda, const Scope& scope, const std::string& name,
                         std::int64_t number) {
    const Json* found = lambda.store.layers.find(scope, LambdaStore::version_key(name, number));
    if (found == nullptr) missing_resource("The resource you requested does not exist.");
    return *found;
}

Json get_by_arn(LambdaService& lambda, const Json& input) {
    const std::string text = string_member(input, "Arn");
    const std::optional<Arn> arn = Arn::parse(text);
    const std::size_t colon = text.rfind(':');
    const std::string digits = text.substr(colon + 1);
    if (!arn || digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
        invalid_value("Invalid Layer Version ARN: " + text);
    }
    const std::string_view id = arn->resource_id();
    const std::string name(id.substr(0, id.find(':')));
    return with_content(
        find_version(lambda, {arn->account, arn->region}, name, std::stoll(digits.substr(0, 10))));
}

Json add_layer_permission(LambdaService& lambda, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = layer_name(input);
    const std::int64_t number = to_integer(input["VersionNumber"]);
    Json stored = find_version(lambda, scope, name, number);
    const Json statement = {{"Sid", input.at("StatementId")},
                            {"Effect", "Allow"},
                            {"Principal", input.at("Principal")},
                            {"Action", input.at("Action")},
                            {"Resource", stored.at("LayerVersionArn")}};
    stored["Statements"].push_back(statement);
    lambda.store.layers.put(scope, LambdaStore::version_key(name, number), std::move(stored));
    return {{"Statement", to_text(statement)}, {"RevisionId", lambda.cloud.entropy().uuid()}};
}

Json get_layer_policy(LambdaService& lambda, Context& context, const Json& input) {
    const Json& stored = find_version(lambda, context.caller.scope(), layer_name(input),
                                      to_integer(input["VersionNumber"]));
    const Json* statements = find_member(stored, "Statements");
    if (statements == nullptr) missing_resource("No policy is associated with the given resource.");
    const Json policy = {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", *statements}};
    return {{"Policy", to_text(policy)}};
}

bool fits(const Json& version, const Json& input) {
    const std::string runtime = string_member(input, "CompatibleRuntime");
    if (runtime.empty()) return true;
    const Json runtimes = version.value("CompatibleRuntimes", Json::array());
    return std::find(runtimes.begin(), runtimes.end(), runtime) != runtimes.end();
}

Json list_layer_versions(LambdaService& lambda, Context& context, const Json& input) {
    std::vector<Json> list;
    LambdaStore::for_each_of(lambda.store.layers, context.caller.scope(), layer_name(input),
                             [&](const std::string&, const Json& each) {
                                 if (fits(each, input)) list.push_back(shown_layer(each));
                                 return true;
                             });
    std::reverse(list.begin(), list.end());
    return page_of(input, "LayerVersions", std::move(list));
}

Json list_layers(LambdaService& lambda, Context& context, const Json& input) {
    std::map<std::string, Json> newest;
    lambda.store.layers.for_each(context.caller.scope(),
                                 [&](const std::string& key, const Json& each) {
                                     const std::string name = key.substr(0, key.find('\t'));
                                     if (!fits(each, input)) return true;
                                     newest[name] = {{"LayerName", name},
                                                     {"LayerArn", each["LayerArn"]},
                                                     {"LatestMatchingVersion", shown_layer(each)}};
                                     return true;
                                 });
    std::vector<Json> list;
    for (auto& [name, layer] : newest) list.push_back(std::move(layer));
    return page_of(input, "Layers", std::move(list));
}

const std::vector<std::pair<std::string, std::string>> kPageQuery = {
    {"MaxItems", "MaxItems"}, {"Marker", "Marker"}, {"CompatibleRuntime", "CompatibleRuntime"}};

}  // namespace

void add_layer_operations(Service& service, LambdaService& lambda) {
    const Shape named = structure({required("LayerName", shape::string(1, 140)),
                                   optional("MaxItems", shape::integer(1, 50)),
                                   optional("Marker", shape::string())});
    const Shape numbered = structure({required("LayerName", shape::string(1, 140)),
                                      required("VersionNumber", shape::integer())});
    service.add_async(rest("PublishLayerVersion", "POST", kLayerVersions, 201,
                           structure({required("LayerName", shape::string(1, 140)),
                                      required("Content", structure({}))})),
                      [&lambda](Context& context, Json input) {
                          return publish(lambda, context, std::move(input));
                      });
    service.add(
        rest("GetLayerVersion", "GET", kVersion, 200, numbered),
        [&lambda](Context& context, const Json& input) {
            return with_content(find_version(lambda, context.caller.scope(), layer_name(input),
                                             to_integer(input["VersionNumber"])));
        });
    service.add(rest("GetLayerVersionByArn", "GET", std::string(kLayers) + "?find=LayerVersion",
                     200, structure({required("Arn", shape::string(1, 140))}), {{"Arn", "Arn"}}),
                [&lambda](Context&, const Json& input) { return get_by_arn(lambda, input); });
    service.add(rest("ListLayerVersions", "GET", kLayerVersions, 200, named, kPageQuery),
                [&lambda](Context& context, const Json& input) {
                    return list_layer_versions(lambda, context, input);
                });
    service.add(rest("ListLayers", "GET", kLayers, 200,
                     structure({optional("MaxItems", shape::integer(1, 50)),
                                optional("Marker", shape::string())}),
                     kPageQuery),
                [&lambda](Context& context, const Json& input) {
                    return list_layers(lambda, context, input);
                });
    service.add(rest("AddLayerVersionPermission", "POST", std::string(kVersion) + "/policy", 201,
                     structure({required("LayerName", shape::string(1, 140)),
                                required("VersionNumber", shape::integer()),
                                required("StatementId", shape::string(1, 100)),
                                required("Action", shape::string()),
                                required("Principal", shape::string())})),
                [&lambda](Context& context, const Json& input) {
                    return add_layer_permission(lambda, context, input);
                });
    service.add(
        rest("GetLayerVersionPolicy", "GET", std::string(kVersion) + "/policy", 200, numbered),
        [&lambda](Context& context, const Json& input) {
            return get_layer_policy(lambda, context, input);
        });
    service.add(
        rest("DeleteLayerVersion", "DELETE", kVersion, 204, numbered),
        [&lambda](Context& context, const Json& input) {
            lambda.store.layers.erase(
                context.caller.scope(),
                LambdaStore::version_key(layer_name(input), to_integer(input["VersionNumber"])));
            return Json();
        });
}

}  // namespace skafu::lambda
