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
    /// The field QueryLanguage of a machine or state at `location`.
    QueryLanguage language_of(const Json& json, const std::string& location,
                              QueryLanguage inherited);
    /// What is wrong with the machine as a whole; after its states.
    void check_machine(const Json& definition);

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
    void check_label(const Place& at);
    void check_mode(const Place& at, const Json& processor, const std::string& location);
    void reader(const Place& at, const Json& json);
    void reader_config(ReaderPart& part, const Json& config, const std::string& location,
                       QueryLanguage language);
    void batcher(const Place& at, const Json& json);
    void writer(const Place& at, const Json& json);
    /// Reports what AWS refuses and we can run: an error, or a finding of a template.
    void refuse(const std::string& message, const std::string& location,
                const std::string& code = "SCHEMA_VALIDATION_FAILED", std::string hint = {});
    /// Refuses the fields of a part of a state that are none of `known`.
    void check_known(const Json& json, const std::vector<std::string>& known,
                     const std::string& location);
    /// Refuses a text that is none of `values`.
    void check_one_of(const Json& json, const std::string& field,
                      const std::vector<std::string>& values, const std::string& location);
    /// Refuses a field beside its form with a path, which says the same.
    void check_not_both(const Json& json, const std::string& field, const std::string& location);
    /// The form of the names of variables.
    void check_assign(const Json& assign, const std::string& location, QueryLanguage language);
    void gather_variables(const State& state);

    // Single values.
    DataPath data_path(const Place& at, const char* field);
    PathPointer path(const Json& value, const std::string& location);
    std::optional<Template> payload(const Place& at, const char* field);
    Setting setting(const Json& json, const std::string& field, const std::string& location,
                    QueryLanguage language);
    TextSetting text_setting(const Place& at, const std::string& field);
    void check_limits(const std::string& field, const Json& value, const std::string& location);
    std::optional<double> number(const Json& json, const char* field, const std::string& location);
    std::optional<Integration> integration(const Json& resource, const std::string& location);
    Retrier retrier(const Json& json, const std::string& location);
    void check_error_name(const std::string& name, const std::string& location);
    Catcher catcher(const Json& json, const std::string& location, QueryLanguage language);
    /// `handlers` is a list of retriers or catchers.
    void check_wildcards(const Json& handlers, const std::string& location);
    std::vector<std::string> error_names(const Json& json, const std::string& location);
    void resolve(StateList& list, const std::string& location);
    /// The state that a transition leads to; nothing, and a diagnostic, where there is none.
    std::optional<std::size_t> target(const StateList& list, const std::string& name,
                                      const std::string& location);
    void check_reachable(const StateList& list, std::optional<std::size_t> start,
                         const std::string& location);

    const Cloud& cloud_;
    MachineType type_;
    Tolerance tolerance_;
    Diagnostics& diagnostics_;
    Program& program_;
    QueryLanguage machine_language_ = QueryLanguage::jsonpath;
    std::set<std::string, std::less<>> names_;   ///< of all states so far
    std::set<std::string, std::less<>> labels_;  ///< of all Map states so far
    int depth_ = 0;
};

}  // namespace skafu::stepfunctions
