#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "core/arn.h"

// The account's settings, tags, custom domain names and VPC links.

namespace skafu::apigateway {
namespace {

Json account_document(Store& store, const Caller& caller) {
    const Json* known = store.account.find(caller.scope(), "account");
    if (known) return *known;
    return {{"throttleSettings", {{"burstLimit", 5000}, {"rateLimit", 10000.0}}},
            {"features", Json::array({"UsagePlans"})},
            {"apiKeyVersion", "4"}};
}

Json get_account(Store& store, Context& context, const Json&) {
    return account_document(store, context.caller);
}

Json update_account(Store& store, Context& context, const Json& input) {
    Json account = account_document(store, context.caller);
    for (const PatchOperation& operation : patch_operations(input, "updateAccountInput")) {
        apply_plainly(account, operation);
    }
    store.account.put(context.caller.scope(), "account", account);
    return account;
}

/// The document an ARN such as "arn:aws:apigateway:us-east-1::/restapis/abc/stages/dev" names.
struct Tagged {
    Collection* collection = nullptr;
    std::string key;
};

Tagged tagged(Store& store, const std::string& arn_text) {
    const auto arn = Arn::parse(arn_text);
    if (!arn || !arn->resource.starts_with('/')) {
        throw bad_request("Invalid ARN specified in the request");
    }
    PatchOperation path;
    path.path = arn->resource;
    const std::vector<std::string> tokens = path.tokens();
    if (tokens.size() == 2 && tokens[0] == "restapis") return {&store.apis, tokens[1]};
    if (tokens.size() == 2 && tokens[0] == "usageplans") return {&store.usage_plans, tokens[1]};
    if (tokens.size() == 2 && tokens[0] == "apikeys") return {&store.api_keys, tokens[1]};
    if (tokens.size() == 2 && tokens[0] == "domainnames") return {&store.domain_names, tokens[1]};
    if (tokens.size() == 4 && tokens[2] == "stages") {
        return {&store.stages, tokens[1] + "/" + tokens[3]};
    }
    throw bad_request("Invalid ARN specified in the request");
}

Json tagged_document(Context& context, const Tagged& place) {
    const Json* found = place.collection->find(context.caller.scope(), place.key);
    if (!found) throw not_found("Invalid resource identifier specified");
    return *found;
}

Json get_tags(Store& store, Context& context, const Json& input) {
    const Json document = tagged_document(context, tagged(store, text_of(input, "resource_arn")));
    Json result = {{"tags", Json::object()}};
    copy_members(document, result, {"tags"});
    return result;
}

Json tag_resource(Store& store, Context& context, const Json& input) {
    const Tagged place = tagged(store, text_of(input, "resource_arn"));
    Json document = tagged_document(context, place);
    const Json* tags = find_member(input, "tags");
    if (!document["tags"].is_object()) document["tags"] = Json::object();
    if (tags) {
        for (const auto& [name, value] : tags->items()) document["tags"][name] = value;
    }
    place.collection->put(context.caller.scope(), place.key, std::move(document));
    return Json::object();
}

Json untag_resource(Store& store, Context& context, const Json& input) {
    const Tagged place = tagged(store, text_of(input, "resource_arn"));
    Json document = tagged_document(context, place);
    const Json* keys = find_member(input, "tagKeys");
    if (keys && keys->is_string() && document["tags"].is_object()) {
        document["tags"].erase(keys->get<std::string>());
    } else if (keys && keys->is_array() && document["tags"].is_object()) {
        for (const Json& key : *keys) document["tags"].erase(key.get<std::string>());
    }
    place.collection->put(context.caller.scope(), place.key, std::move(document));
    return Json::object();
}

Json create_domain_name(Store& store, Context& context, const Json& input) {
    const std::string name = text_of(input, "domainName");
    Json domain = {{"domainName", name}};
    copy_members(input, domain,
                 {"certificateName", "certificateArn", "regionalCertificateArn",
                  "endpointConfiguration", "securityPolicy", "tags"});
    domain["regionalDomainName"] =
        fmt::format("d-{}.execute-api.{}.amazonaws.com", new_id(store, 10), context.caller.region);
    domain["domainNameStatus"] = "AVAILABLE";
    store.domain_names.put(context.caller.scope(), name, domain);
    return domain;
}

Json get_domain_names(Store& store, Context& context, const Json&) {
    std::vector<Json> items;
    store.domain_names.for_each(context.caller.scope(), [&](const std::string&, const Json& one) {
        items.push_back(one);
        return true;
    });
    return item_list(std::move(items));
}

Json get_domain_name(Store& store, Context& context, const Json& input) {
    const Json* found =
        store.domain_names.find(context.caller.scope(), text_of(input, "domain_name"));
    if (!found) throw not_found("Invalid domain name identifier specified");
    return *found;
}

Json delete_domain_name(Store& store, Context& context, const Json& input) {
    get_domain_name(store, context, input);
    store.domain_names.erase(context.caller.scope(), text_of(input, "domain_name"));
    return Json::object();
}

Json create_base_path_mapping(Store& store, Context& context, const Json& input) {
    get_domain_name(store, context, input);
    std::string base = text_of(input, "basePath");
    if (base.empty()) base = "(none)";
    Json mapping = {{"basePath", base}};
    copy_members(input, mapping, {"restApiId", "stage"});
    store.base_path_mappings.put(context.caller.scope(), text_of(input, "domain_name") + "/" + base,
                                 mapping);
    return mapping;
}

Json get_base_path_mappings(Store& store, Context& context, const Json& input) {
    return item_list(store.parts(store.base_path_mappings, context.caller.scope(),
                                 text_of(input, "domain_name")));
}

Json delete_base_path_mapping(Store& store, Context& context, const Json& input) {
    store.erase_part(store.base_path_mappings, context.caller.scope(),
                     text_of(input, "domain_name"), text_of(input, "base_path"));
    return Json::object();
}

Json create_vpc_link(Store& store, Context& context, const Json& input) {
    const Json* targets = find_member(input, "targetArns");
    if (targets && targets->is_array()) {
        for (const Json& target : *targets) {
            const std::string text = target.is_string() ? target.get<std::string>() : "";
            if (Arn::parse(text)) continue;
            throw bad_request("Invalid ARN. ARN is not well formed " + text);
        }
    }
    const std::string id = new_id(store, 6);
    Json link = {{"id", id}};
    copy_members(input, link, {"name", "description", "targetArns", "tags"});
    link["status"] = "AVAILABLE";
    store.vpc_links.put(context.caller.scope(), id, link);
    return link;
}

Json get_vpc_link(Store& store, Context& context, const Json& input) {
    const Json* found = store.vpc_links.find(context.caller.scope(), text_of(input, "vpclink_id"));
    if (!found) throw not_found("Invalid Vpc Link identifier specified");
    return *found;
}

}  // namespace

void add_account_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"GetAccount", "GET", "/account", 200, get_account},
        {"UpdateAccount", "PATCH", "/account", 200, update_account},
        {"GetTags", "GET", "/tags/{resource_arn+}", 200, get_tags},
        {"TagResource", "PUT", "/tags/{resource_arn+}", 204, tag_resource},
        {"UntagResource", "DELETE", "/tags/{resource_arn+}", 204, untag_resource},
        {"CreateDomainName", "POST", "/domainnames", 201, create_domain_name},
        {"GetDomainNames", "GET", "/domainnames", 200, get_domain_names},
        {"GetDomainName", "GET", "/domainnames/{domain_name}", 200, get_domain_name},
        {"DeleteDomainName", "DELETE", "/domainnames/{domain_name}", 202, delete_domain_name},
        {"CreateBasePathMapping", "POST", "/domainnames/{domain_name}/basepathmappings", 201,
         create_base_path_mapping},
        {"GetBasePathMappings", "GET", "/domainnames/{domain_name}/basepathmappings", 200,
         get_base_path_mappings},
        {"DeleteBasePathMapping", "DELETE",
         "/domainnames/{domain_name}/basepathmappings/{base_path}", 202, delete_base_path_mapping},
        {"CreateVpcLink", "POST", "/vpclinks", 202, create_vpc_link},
        {"GetVpcLink", "GET", "/vpclinks/{vpclink_id}", 200, get_vpc_link},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway
