#include "core/aws_error.h"
#include "iam/operations.h"

namespace skafu::iam {
namespace {

Json create_user(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "UserName");
    const std::string path = string_member(input, "Path", "/");
    const Scope scope = iam_scope(context.caller);
    if (store.users.find(scope, name) != nullptr) {
        throw already_exists(fmt::format("User with name {} already exists.", name));
    }
    Json user = {{"Path", path},
                 {"UserName", name},
                 {"UserId", new_id(store.cloud, "AIDA")},
                 {"Arn", iam_arn(context.caller, "user", path, name)},
                 {"CreateDate", now_text(store.cloud)}};
    if (Json tags = tags_of(input); !tags.empty()) user["Tags"] = std::move(tags);
    Json document = {{"described", user}, {"inline", Json::object()}, {"attached", Json::array()}};
    store.users.put(scope, name, std::move(document));
    return {{"User", std::move(user)}};
}

Json create_access_key(Store& store, Context& context, const Json& input) {
    const std::string user = string_member(input, "UserName", "default");
    require(store, kUser, context.caller, user);
    Json key = {{"UserName", user},
                {"AccessKeyId", new_id(store.cloud, "AKI").substr(0, 20)},
                {"Status", "Active"},
                {"CreateDate", now_text(store.cloud)}};
    store.access_keys.put(iam_scope(context.caller), string_member(key, "AccessKeyId"), key);
    key["SecretAccessKey"] = store.cloud.entropy().pick(
        40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    return {{"AccessKey", std::move(key)}};
}

Json list_access_keys(Store& store, Context& context, const Json& input) {
    const std::string user = string_member(input, "UserName", "default");
    Json out = Json::array();
    store.access_keys.for_each(iam_scope(context.caller), [&](const auto&, const Json& key) {
        if (string_member(key, "UserName") == user) out.push_back(key);
        return true;
    });
    return {{"AccessKeyMetadata", std::move(out)}, {"IsTruncated", false}};
}

Json delete_access_key(Store& store, Context& context, const Json& input) {
    const std::string id = string_member(input, "AccessKeyId");
    if (!store.access_keys.erase(iam_scope(context.caller), id)) {
        throw no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
    }
    return Json::object();
}

}  // namespace

void add_user_operations(Service& service, Store& store) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         StoreHandler handler) {
        add_row(service, store, std::move(name), std::move(members), handler);
    };
    const Shape tags =
        list(structure({required("Key", string(1, 128)), required("Value", string())}));
    const Shape::Member some_user = optional("UserName", string(1, 128));
    add("CreateUser",
        {required("UserName", string(1, 64, "[\\w+=,.@-]+")), optional("Path", string()),
         optional("Tags", tags)},
        create_user);
    add("CreateAccessKey", {some_user}, create_access_key);
    add("ListAccessKeys", {some_user}, list_access_keys);
    add("DeleteAccessKey", {some_user, required("AccessKeyId", string())}, delete_access_key);
}

}  // namespace skafu::iam
