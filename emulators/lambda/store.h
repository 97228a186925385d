#pragma once

#include "core/collection.h"

namespace skafu::lambda {

/// All that Lambda keeps. Keys of what belongs to a function start with its name and a tab.
struct LambdaStore {
    explicit LambdaStore(Database& database);

    Collection functions;      ///< name
    Collection versions;       ///< name \t number (10 digits)
    Collection aliases;        ///< name \t alias
    Collection async_configs;  ///< name \t qualifier: PutFunctionEventInvokeConfig
    Collection urls;           ///< name \t qualifier
    Collection provisioned;    ///< name \t qualifier: PutProvisionedConcurrencyConfig
    Collection layers;         ///< layer \t number (10 digits)
    Collection mappings;       ///< UUID
    Collection checkpoints;    ///< UUID of a mapping \t shard
    Collection accepted;       ///< request id: asynchronous invocations not finished yet

    static std::string version_key(std::string_view name, std::int64_t number);
    static std::string key(std::string_view name, std::string_view part);
    /// Visits what belongs to a name, in the order of the keys.
    static void for_each_of(const Collection& collection, const Scope& scope, std::string_view name,
                            const std::function<bool(const std::string&, const Json&)>& visit);
    /// Drops all that belongs to a function, and the function.
    void erase_function(const Scope& scope, std::string_view name);
    void clear(const Scope* scope);
};

}  // namespace skafu::lambda
