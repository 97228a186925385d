#pragma once

#include "stepfunctions/compiler.h"

namespace skafu::stepfunctions {

/// Compiles states, one list of them after the other; the work behind compile_definition.
class StateCompiler {
  public:
    StateCompiler(const Cloud& cloud, MachineType type, Tolerance tolerance,
                  Diagnostics& diagnostics, Program& program)
        : cloud_(cloud),
          type_(type),
          tolerance_(tolerance),
          diagnostics_(diagnostics),
          program_(program) {}

    /// The states of `container` (with StartAt and States) at `location` ("" for the machine).
    StateList list(const Json& container, const std::string& location, QueryLanguage language);
    /// Sets the machine-wide language, which its states may not go back from.
    void set_machine_language(QueryLanguage language) { machine_language_ = language; }

    std::unique_ptr<State> state(const Json& definition, const std::string& name,
                                 const std::string& location, QueryLanguage inherited);

  private:
    struct Place {
        const Json& json;
        const std::string& location;
        State& state;
    };

    // The parts of a state, by its fields.
    void common(const Place& at);
    void data_fields(const Place& at);
    void transition(const Place& at);
    void error_handling(const Place& at);
    void pass(const Place& at);
    void task(const Place& at);
    void choice(const Place& at);
    void wait(const Place& at);
    void fail(const Place& at);
    void parallel(const Place& at);
    void map(const Place& at);
    void reader(const Place& at, const Json& json);
    void batcher(const Place& at, const Json& json);
    void writer(const Place& at, const Json& json);
    void check_fields(const Place& at);
    void gather_variables(const State& state);

    // Single values.
    DataPath data_path(const Place& at, const char* field);
    PathPointer path(const Json& value, const std::string& location);
    std::optional<Template> payload(const Place& at, const char* field);
    Setting setting(const Json& json, const std::string& field, const std::string& location,
                    QueryLanguage language);
    TextSetting text_setting(const Place& at, const std::string& field);
    std::optional<double> number(const Json& json, const char* field, const std::string& location);
    std::optional<Integration> integration(const Json& resource, const std::string& location);
    Retrier retrier(const Json& json, const std::string& location);
    Catcher catcher(const Json& json, const std::string& location, QueryLanguage language);
    std::vector<std::string> error_names(const Json& json, const std::string& location);
    void resolve(StateList& list, const std::string& location);
    void resolve_one(const StateList& list, const std::string& name, const std::string& location,
                     std::size_t& index, std::vector<bool>& reached);

    const Cloud& cloud_;
    MachineType type_;
    Tolerance tolerance_;
    Diagnostics& diagnostics_;
    Program& program_;
    QueryLanguage machine_language_ = QueryLanguage::jsonpath;
    int depth_ = 0;
};

}  // namespace skafu::stepfunctions
