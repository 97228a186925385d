#include "dynamodb/capacity.h"

#include <fmt/format.h>

#include "dynamodb/json_cursor.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {

double read_units(std::size_t bytes, bool consistent) {
    const std::size_t blocks = bytes == 0 ? 1 : (bytes + 4095) / 4096;
    return static_cast<double>(blocks) * (consistent ? 1.0 : 0.5);
}

double write_units(std::size_t bytes) {
    return static_cast<double>(bytes == 0 ? 1 : (bytes + 1023) / 1024);
}

Capacity::Capacity(const std::optional<std::string>& wanted) {
    check_enumeration(wanted, "returnConsumedCapacity", {"INDEXES", "TOTAL", "NONE"});
    if (!wanted || *wanted == "NONE") return;
    detail_ = *wanted == "TOTAL" ? Detail::kTotal : Detail::kIndexes;
}

Capacity::Usage& Capacity::usage(const Table& table) {
    for (Usage& usage : tables_) {
        if (usage.table == table.name()) return usage;
    }
    tables_.push_back({table.name(), 0, {}, {}});
    return tables_.back();
}

void Capacity::add_table(const Table& table, double units) {
    usage(table).units += units;
}

void Capacity::add_index(const Table& table, const Index& index, double units) {
    Usage& of_table = usage(table);
    (index.is_global ? of_table.global : of_table.local)[index.name] += units;
}

void Capacity::append_units(std::string& out, double units) const {
    const std::string text = fmt::format("{:.1f}", units);
    out.append("{\"CapacityUnits\":").append(text);
    if (kind_ == Kind::kRead) out.append(",\"ReadCapacityUnits\":").append(text);
    if (kind_ == Kind::kWrite) out.append(",\"WriteCapacityUnits\":").append(text);
    out.push_back('}');
}

void Capacity::append_usage(std::string& out, const Usage& usage) const {
    double total = usage.units;
    for (const auto& [name, units] : usage.global) total += units;
    for (const auto& [name, units] : usage.local) total += units;
    out.append("{\"TableName\":");
    append_json_string(out, usage.table);
    std::string units;
    append_units(units, total);
    out.append(",").append(units, 1, units.size() - 2);
    if (detail_ == Detail::kIndexes) {
        out.append(",\"Table\":");
        append_units(out, usage.units);
        const auto append_indexes = [&](std::string_view member, const auto& indexes) {
            if (indexes.empty()) return;
            out.append(",\"").append(member).append("\":{");
            bool first = true;
            for (const auto& [name, index_units] : indexes) {
                if (!first) out.push_back(',');
                first = false;
                append_json_string(out, name);
                out.push_back(':');
                append_units(out, index_units);
            }
            out.push_back('}');
        };
        append_indexes("LocalSecondaryIndexes", usage.local);
        append_indexes("GlobalSecondaryIndexes", usage.global);
    }
    out.push_back('}');
}

void Capacity::append_one(std::string& out) const {
    if (!wanted() || tables_.empty()) return;
    if (out.back() != '{') out.push_back(',');
    out.append("\"ConsumedCapacity\":");
    append_usage(out, tables_.front());
}

void Capacity::append_list(std::string& out) const {
    if (!wanted()) return;
    if (out.back() != '{') out.push_back(',');
    out.append("\"ConsumedCapacity\":[");
    bool first = true;
    for (const Usage& usage : tables_) {
        if (!first) out.push_back(',');
        first = false;
        append_usage(out, usage);
    }
    out.push_back(']');
}

}  // namespace skafu::dynamodb
