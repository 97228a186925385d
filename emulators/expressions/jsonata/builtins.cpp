#include "expressions/jsonata/builtins.h"

#include <unordered_map>

namespace skafu::jsonata {
namespace {

class Table {
  public:
    Table() {
        for (const auto& rows : {string_functions(), pattern_functions(), encoding_functions(),
                                 number_functions(), aggregation_functions(), array_functions(),
                                 object_functions(), higher_order_functions(),
                                 date_time_functions(), formatting_functions(), step_functions()}) {
            for (const BuiltinRow& row : rows) add(row);
        }
    }

    const Builtin* find(std::string_view name) const {
        const auto found = builtins_.find(name);
        return found == builtins_.end() ? nullptr : &found->second;
    }

  private:
    void add(const BuiltinRow& row) {
        Builtin& builtin = builtins_[row.name];
        builtin.name = row.name;
        builtin.signature = Signature::parse(row.signature, 0);
        builtin.arity = row.arity;
        builtin.call = row.call;
        builtin.function.kind = FunctionKind::builtin;
        builtin.function.builtin = &builtin;
    }

    std::unordered_map<std::string_view, Builtin> builtins_;
};

bool only_in_step_functions(std::string_view name) {
    return name == "partition" || name == "range" || name == "hash" || name == "uuid" ||
           name == "parse";
}

}  // namespace

const Builtin* find_builtin(std::string_view name, Dialect dialect) {
    static const Table table;
    if (dialect == Dialect::step_functions) {
        if (name == "eval") return nullptr;
        if (name == "random") return table.find("random with seed");
    } else if (only_in_step_functions(name)) {
        return nullptr;
    }
    return table.find(name);
}

}  // namespace skafu::jsonata
