#include "cli/table_access.h"

namespace skafu::server {

std::unique_ptr<TableClient> open_tables(const TableOptions& options) {
    if (!options.data_dir.empty()) return open_data_folder(options.data_dir, options.region);
    return connect_to_endpoint(options.endpoint, options.region);
}

std::string call_or_throw(TableClient& client, const std::string& operation,
                          const std::string& body) {
    TableClient::Answer answer = std::move(client.call(operation, {body}).front());
    if (answer.error) {
        throw std::runtime_error(
            fmt::format("{}: {}: {}", operation, answer.error->code(), answer.error->message()));
    }
    return std::move(answer.body);
}

TableFacts describe_table(TableClient& client, const TableOptions& options) {
    const std::string body = to_text(Json{{"TableName", options.table}});
    const TableClient::Answer answer = std::move(client.call("DescribeTable", {body}).front());
    if (answer.error && answer.error->code() == "ResourceNotFoundException") {
        throw std::runtime_error(fmt::format("there is no table {} in {} of {}", options.table,
                                             options.region, client.place()));
    }
    if (answer.error) {
        throw std::runtime_error(
            fmt::format("{}: {}", answer.error->code(), answer.error->message()));
    }
    const Json description = parse_json(answer.body);
    const Json& table = description.at("Table");
    TableFacts facts;
    facts.items = table.value("ItemCount", std::uint64_t{0});
    for (const Json& definition : table.at("AttributeDefinitions")) {
        facts.key_types[string_member(definition, "AttributeName")] =
            string_member(definition, "AttributeType", "S").front();
    }
    return facts;
}

}  // namespace skafu::server
