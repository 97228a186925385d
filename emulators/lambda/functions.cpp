#include "lambda/functions.h"

#include "core/aws_error.h"

namespace skafu::lambda {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "2026-01-31T12:00:00.123+0000": the form of LastModified.
std::string last_modified(TimePoint time) {
    std::string text = iso8601_millis(time);
    text.pop_back();
    return text + "+0000";
}

}  // namespace

Functions::Functions(Cloud& cloud, LambdaStore& store) : cloud_(cloud), store_(store) {}

AwsError Functions::not_found(const std::string& arn) {
    return AwsError("ResourceNotFoundException", "Function not found: " + arn, 404,
                    {{"Type", "User"}});
}

const Json& Functions::get(const FunctionName& name) const {
    const Json* found = store_.functions.find(name.scope, name.name);
    if (found == nullptr) throw not_found(name.qualified_arn());
    return *found;
}

std::string Functions::version_of(const FunctionName& name, const std::string& qualifier) const {
    if (qualifier.empty() || qualifier == "$LATEST" || is_number(qualifier)) return qualifier;
    const Json* alias = store_.aliases.find(name.scope, LambdaStore::key(name.name, qualifier));
    if (alias == nullptr) throw not_found(name.qualified_arn());
    if (const Json* routing = find_member(*alias, "RoutingConfig")) {
        const Json weights = routing->value("AdditionalVersionWeights", Json::object());
        for (const auto& [version, weight] : weights.items()) {
            if (cloud_.entropy().unit() < weight.get<double>()) return version;
        }
    }
    return string_member(*alias, "FunctionVersion");
}

const Json& Functions::resolve(const FunctionName& name) const {
    const Json& function = get(name);
    const std::string version = version_of(name, name.qualifier);
    if (version.empty() || version == "$LATEST") return function;
    const Json* found = version.size() > 10
                            ? nullptr
                            : store_.versions.find(name.scope, LambdaStore::version_key(
                                                                   name.name, std::stoll(version)));
    if (found == nullptr) throw not_found(name.qualified_arn());
    return *found;
}

std::shared_ptr<const FunctionSpec> Functions::spec(const FunctionName& name) {
    const Json& stored = resolve(name);
    const std::string key =
        fmt::format("{} {} {} {}", name.scope.account, name.scope.region, name.name,
                    stored["Configuration"]["Version"].get_ref<const std::string&>());
    const auto found = specs_.find(key);
    if (found != specs_.end()) return found->second;
    std::shared_ptr<const FunctionSpec> spec = FunctionSpec::from(name.scope, stored);
    specs_.emplace(key, spec);
    return spec;
}

void Functions::put(const FunctionName& name, Json stored) {
    stored["Configuration"]["LastModified"] = last_modified(cloud_.clock().now());
    stored["Configuration"]["RevisionId"] = cloud_.entropy().uuid();
    store_.functions.put(name.scope, name.name, std::move(stored));
    specs_.clear();
}

void Functions::erase(const FunctionName& name) {
    get(name);
    store_.erase_function(name.scope, name.name);
    specs_.clear();
}

const Json& Functions::change(const FunctionName& name, const std::function<void(Json&)>& action) {
    Json stored = get(name);
    action(stored);
    put(name, std::move(stored));
    return get(name);
}

Json configuration_of(const Json& stored) {
    return stored["Configuration"];
}

}  // namespace skafu::lambda
