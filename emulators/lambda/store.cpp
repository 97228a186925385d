#include "lambda/store.h"

#include <fmt/format.h>

namespace skafu::lambda {

LambdaStore::LambdaStore(Database& database)
    : functions(database, "lambda", "function"),
      versions(database, "lambda", "version"),
      aliases(database, "lambda", "alias"),
      async_configs(database, "lambda", "async-config"),
      urls(database, "lambda", "url"),
      provisioned(database, "lambda", "provisioned"),
      layers(database, "lambda", "layer"),
      mappings(database, "lambda", "mapping"),
      checkpoints(database, "lambda", "checkpoint"),
      accepted(database, "lambda", "accepted") {}

std::string LambdaStore::version_key(std::string_view name, std::int64_t number) {
    return fmt::format("{}\t{:010}", name, number);
}

std::string LambdaStore::key(std::string_view name, std::string_view part) {
    return fmt::format("{}\t{}", name, part);
}

void LambdaStore::for_each_of(const Collection& collection, const Scope& scope,
                              std::string_view name,
                              const std::function<bool(const std::string&, const Json&)>& visit) {
    const std::string prefix = key(name, "");
    collection.for_each(
        scope,
        [&](const std::string& each, const Json& document) {
            return each.starts_with(prefix) && visit(each, document);
        },
        prefix);
}

void LambdaStore::erase_function(const Scope& scope, std::string_view name) {
    for (Collection* collection : {&versions, &aliases, &async_configs, &urls, &provisioned}) {
        std::vector<std::string> keys;
        for_each_of(*collection, scope, name, [&](const std::string& each, const Json&) {
            keys.push_back(each);
            return true;
        });
        for (const std::string& each : keys) collection->erase(scope, each);
    }
    functions.erase(scope, name);
}

void LambdaStore::clear(const Scope* scope) {
    for (Collection* each : {&functions, &versions, &aliases, &async_configs, &urls, &provisioned,
                             &layers, &mappings, &checkpoints, &accepted}) {
        each->clear(scope);
    }
}

}  // namespace skafu::lambda
