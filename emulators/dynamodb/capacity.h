#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// Read units of `bytes`: per 4 KB, half when eventually consistent, never less than one read.
double read_units(std::size_t bytes, bool consistent);
/// Write units of an item: per KB, never less than one.
double write_units(std::size_t bytes);

/// ReturnConsumedCapacity: what one request consumed in each table and index.
/// Source: Developer Guide, "Read and write operations: capacity unit consumption".
class Capacity {
  public:
    enum class Detail { kNone, kTotal, kIndexes };
    /// Throws for anything but NONE, TOTAL and INDEXES.
    explicit Capacity(const std::optional<std::string>& wanted);

    bool wanted() const { return detail_ != Detail::kNone; }
    void add_table(const Table& table, double units);
    void add_index(const Table& table, const Index& index, double units);
    /// Transactions consume twice; as read or as write units.
    enum class Kind { kPlain, kRead, kWrite };
    void count_as(Kind kind) { kind_ = kind; }

    /// Appends `"ConsumedCapacity":{..}` of the one table, or of a list of tables.
    void append_one(std::string& out) const;
    void append_list(std::string& out) const;

  private:
    struct Usage {
        std::string table;
        double units = 0;
        std::map<std::string, double> global;
        std::map<std::string, double> local;
    };
    Usage& usage(const Table& table);
    void append_usage(std::string& out, const Usage& usage) const;
    void append_units(std::string& out, double units) const;

    Detail detail_ = Detail::kNone;
    Kind kind_ = Kind::kPlain;
    std::vector<Usage> tables_;
};

}  // namespace skafu::dynamodb
