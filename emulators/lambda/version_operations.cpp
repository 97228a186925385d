#include "core/aws_error.h"
#include "lambda/versions.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kVersions = "/2015-03-31/functions/{FunctionName}/versions";
constexpr const char* kAliases = "/2015-03-31/functions/{FunctionName}/aliases";

Json alias_arn(const FunctionName& name, const std::string& alias) {
    return name.arn() + ":" + alias;
}

void check_version(LambdaService& lambda, FunctionName name, const std::string& version) {
    name.qualifier = version;
    lambda.functions.resolve(name);
}

Json create_alias(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.get(name);
    const std::string alias = string_member(input, "Name");
    const std::string key = LambdaStore::key(name.name, alias);
    if (lambda.store.aliases.find(name.scope, key) != nullptr) {
        conflict(fmt::format("Alias already exists: {}:{}", name.arn(), alias));
    }
    const std::string version = string_member(input, "FunctionVersion");
    check_version(lambda, name, version);
    Json document = {{"AliasArn", alias_arn(name, alias)},
                     {"Name", alias},
                     {"FunctionVersion", version},
                     {"Description", string_member(input, "Description")}};
    if (input.contains("RoutingConfig")) document["RoutingConfig"] = input["RoutingConfig"];
    document["RevisionId"] = lambda.cloud.entropy().uuid();
    lambda.store.aliases.put(name.scope, key, document);
    return document;
}

const Json& alias_document(LambdaService& lambda, const FunctionName& name,
                           const std::string& alias) {
    lambda.functions.get(name);
    const Json* found = lambda.store.aliases.find(name.scope, LambdaStore::key(name.name, alias));
    if (found == nullptr) {
        missing_resource(fmt::format("Cannot find alias arn: {}:{}", name.arn(), alias));
    }
    return *found;
}

Json update_alias(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    const std::string alias = string_member(input, "Name");
    Json document = alias_document(lambda, name, alias);
    for (const char* member : {"FunctionVersion", "Description", "RoutingConfig"}) {
        if (input.contains(member)) document[member] = input[member];
    }
    check_version(lambda, name, string_member(document, "FunctionVersion"));
    document["RevisionId"] = lambda.cloud.entropy().uuid();
    lambda.store.aliases.put(name.scope, LambdaStore::key(name.name, alias), document);
    return document;
}

Json list_versions(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    std::vector<Json> list = {configuration_of(lambda.functions.get(name))};
    list.front()["FunctionArn"] = name.arn() + ":$LATEST";
    LambdaStore::for_each_of(lambda.store.versions, name.scope, name.name,
                             [&](const std::string&, const Json& version) {
                                 list.push_back(configuration_of(version));
                                 return true;
                             });
    return page_of(input, "Versions", std::move(list));
}

Json list_aliases(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.get(name);
    const std::string wanted = string_member(input, "FunctionVersion");
    std::vector<Json> list;
    LambdaStore::for_each_of(lambda.store.aliases, name.scope, name.name,
                             [&](const std::string&, const Json& alias) {
                                 if (wanted.empty() || alias["FunctionVersion"] == wanted) {
                                     list.push_back(alias);
                                 }
                                 return true;
                             });
    return page_of(input, "Aliases", std::move(list));
}

Shape alias_shape() {
    return structure({required("FunctionName", shape::string(1, 170)),
                      required("Name", shape::string(1, 128, "([a-zA-Z0-9-_]+)"))});
}

Shape list_shape() {
    return structure({required("FunctionName", shape::string(1, 170)),
                      optional("MaxItems", shape::integer(1, 10000)),
                      optional("Marker", shape::string())});
}

}  // namespace

Json publish_version(LambdaService& lambda, const FunctionName& name,
                     const std::string& description) {
    const Json& function = lambda.functions.get(name);
    const std::int64_t last = function.value("LastVersion", std::int64_t{0});
    const Json* newest =
        lambda.store.versions.find(name.scope, LambdaStore::version_key(name.name, last));
    FunctionName latest = name;
    latest.qualifier = "$LATEST";
    const std::string fingerprint = lambda.functions.spec(latest)->fingerprint;
    if (newest != nullptr && string_member(*newest, "Source") == fingerprint) {
        return configuration_of(*newest);
    }
    const std::string number = std::to_string(last + 1);
    Json version = {{"Configuration", function["Configuration"]}, {"Code", function["Code"]}};
    if (function.contains("LayerRoots")) version["LayerRoots"] = function["LayerRoots"];
    Json& configuration = version["Configuration"];
    configuration["Version"] = number;
    configuration["FunctionArn"] = name.arn() + ":" + number;
    if (!description.empty()) configuration["Description"] = description;
    configuration["RevisionId"] = lambda.cloud.entropy().uuid();
    lambda.functions.change(name, [&](Json& stored) { stored["LastVersion"] = last + 1; });
    version["Source"] = fingerprint;
    const Json output = configuration_of(version);
    lambda.store.versions.put(name.scope, LambdaStore::version_key(name.name, last + 1),
                              std::move(version));
    return output;
}

void add_version_operations(Service& service, LambdaService& lambda) {
    const Shape named = structure({required("FunctionName", shape::string(1, 170))});
    service.add(rest("PublishVersion", "POST", kVersions, 201, named),
                [&lambda](Context& context, const Json& input) {
                    return publish_version(lambda, function_name(context, input),
                                           string_member(input, "Description"));
                });
    service.add(rest("ListVersionsByFunction", "GET", kVersions, 200, list_shape(),
                     {{"MaxItems", "MaxItems"}, {"Marker", "Marker"}}),
                [&lambda](Context& context, const Json& input) {
                    return list_versions(lambda, context, input);
                });
    service.add(rest("CreateAlias", "POST", kAliases, 201, alias_shape()),
                [&lambda](Context& context, const Json& input) {
                    return create_alias(lambda, context, input);
                });
    const std::string one = std::string(kAliases) + "/{Name}";
    service.add(rest("GetAlias", "GET", one, 200, alias_shape()), [&lambda](Context& context,
                                                                            const Json& input) {
        return alias_document(lambda, function_name(context, input), string_member(input, "Name"));
    });
    service.add(rest("UpdateAlias", "PUT", one, 200, alias_shape()),
                [&lambda](Context& context, const Json& input) {
                    return update_alias(lambda, context, input);
                });
    service.add(rest("DeleteAlias", "DELETE", one, 204, alias_shape()),
                [&lambda](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    const std::string alias = string_member(input, "Name");
                    lambda.store.aliases.erase(name.scope, LambdaStore::key(name.name, alias));
                    return Json();
                });
    service.add(rest("ListAliases", "GET", kAliases, 200, list_shape(),
                     {{"MaxItems", "MaxItems"},
                      {"Marker", "Marker"},
                      {"FunctionVersion", "FunctionVersion"}}),
                [&lambda](Context& context, const Json& input) {
                    return list_aliases(lambda, context, input);
                });
}

}  // namespace skafu::lambda
