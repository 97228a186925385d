#include "iam/operations.h"

#include "core/aws_error.h"
#include "core/cloud.h"
#include "iam/iam.h"

namespace skafu::iam {

void add_row(Service& service, std::string name, std::vector<Shape::Member> members,
             Handler handler) {
    Operation operation;
    operation.name = std::move(name);
    operation.input = shape::structure(std::move(members));
    service.add(std::move(operation), std::move(handler));
}

void add_row(Service& service, Store& store, std::string name, std::vector<Shape::Member> members,
             StoreHandler handler) {
    add_row(service, std::move(name), std::move(members),
            [&store, handler](Context& context, const Json& input) {
                return handler(store, context, input);
            });
}

std::string policy_document(const Json& input, std::string_view member, const char* refusal) {
    const Json* given = find_member(input, member);
    if (given == nullptr) return {};
    if (!given->is_string()) return to_text(*given);
    bool is_document = false;
    try {
        is_document = parse_json(given->get_ref<const std::string&>()).is_object();
    } catch (const JsonError&) {
        is_document = false;
    }
    if (!is_document) throw AwsError("MalformedPolicyDocument", refusal);
    return given->get<std::string>();
}

Shape::Member name_member(std::string name) {
    return shape::required(shape::kept(std::move(name)), shape::string(1, 128, "[\\w+=,.@-]+"));
}

void register_iam(Cloud& cloud) {
    Store& store = cloud.own(std::make_unique<Store>(cloud));
    Service service;
    service.name = "iam";
    service.protocols = {Protocol::query};
    service.api_version = "2010-05-08";
    service.xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/";
    service.sdk_names = {"iam"};
    service.validation_code = "ValidationError";
    service.reset = [&store](const Scope* scope) {
        const std::optional<Scope> own =
            scope == nullptr ? std::nullopt : std::optional(iam_scope({scope->account, "", ""}));
        for (Collection* each : {&store.roles, &store.users, &store.policies,
                                 &store.instance_profiles, &store.access_keys}) {
            each->clear(own ? &*own : nullptr);
        }
    };
    service.describe = [&store](Service& service) {
        add_identity_operations(service, store, kRole);
        add_identity_operations(service, store, kUser);
        add_role_operations(service, store);
        add_user_operations(service, store);
        add_policy_operations(service, store);
        add_row(service, "ListAccountAliases", {}, [](Context&, const Json&) -> Json {
            return {{"AccountAliases", Json::array()}, {"IsTruncated", false}};
        });
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::iam
