#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stepfunctions/choice.h"
#include "stepfunctions/integration.h"
#include "stepfunctions/template.h"

namespace skafu::stepfunctions {

enum class StateType : std::uint8_t { Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map };

std::string_view to_string(StateType type);

using PathPointer = std::shared_ptr<const jsonpath::JsonPath>;

/// InputPath, OutputPath and ResultPath: `$`, `null`, or a path.
struct DataPath {
    enum class Kind : std::uint8_t { Whole, Nothing, Path };
    Kind kind = Kind::Whole;
    PathPointer path;
};

/// A field that is a constant, or a path to one (`SecondsPath`), or a JSONata expression.
struct Setting {
    std::optional<Json> constant;
    PathPointer path;
    std::shared_ptr<const QueryExpression> expression;

    bool given() const { return constant || path || expression; }
};

/// A text that may be computed: Error and Cause of Fail states.
struct TextSetting {
    std::optional<std::string> constant;
    std::shared_ptr<const PathOrCall> path;
    std::string path_text;
    std::shared_ptr<const QueryExpression> expression;

    bool given() const { return constant || path || expression; }
};

struct Retrier {
    std::vector<std::string> errors;
    double interval_seconds = 1;
    std::int64_t max_attempts = 3;
    double backoff_rate = 2.0;
    std::optional<double> max_delay_seconds;
    bool full_jitter = false;
};

struct Catcher {
    std::vector<std::string> errors;
    std::string next_name;
    std::size_t next = 0;
    DataPath result_path;
    std::optional<Template> assign;
    std::optional<Template> output;
};

struct State;

/// The states of a machine, a branch or an item processor; by index, so that a transition is one.
struct StateList {
    std::vector<std::unique_ptr<State>> states;
    std::size_t start = 0;

    std::optional<std::size_t> index_of(std::string_view name) const;

  private:
    mutable std::unordered_map<std::string_view, std::size_t> by_name_;  ///< of the first indexed_
    mutable std::size_t indexed_ = 0;
};

struct TaskPart {
    Integration integration;
    Setting timeout;
    Setting heartbeat;
    std::optional<Template> role_arn;  ///< Credentials
};

struct ChoicePart {
    std::vector<ChoiceRule> rules;
    std::string default_name;
    std::optional<std::size_t> default_next;
};

struct WaitPart {
    Setting seconds;
    Setting timestamp;
};

struct FailPart {
    TextSetting error;
    TextSetting cause;
};

struct ReaderPart {
    Integration integration;
    std::optional<Template> parameters;
    std::string input_type;     ///< CSV, JSON, JSONL, MANIFEST
    std::string manifest_type;  ///< S3_INVENTORY, ATHENA_DATA
    bool headers_given = false;
    std::vector<std::string> headers;
    std::string delimiter = ",";
    Setting max_items;
    std::string items_pointer;
    bool loads_objects = false;  ///< LOAD_AND_FLATTEN: the items are what listed objects hold
};

struct BatcherPart {
    Setting max_items;
    Setting max_bytes;
    std::optional<Template> batch_input;
};

struct WriterPart {
    Integration integration;
    std::optional<Template> parameters;
    std::string transformation;  ///< NONE, COMPACT, FLATTEN
    std::string output_type;
};

struct MapPart {
    StateList processor;
    bool distributed = false;
    bool express_children = false;
    std::string label;
    PathPointer items_path;
    std::optional<Template> items;  ///< JSONata
    std::optional<Template> item_selector;
    std::string item_selector_name;
    Setting max_concurrency;
    Setting tolerated_count;
    Setting tolerated_percentage;
    std::optional<ReaderPart> reader;
    std::optional<BatcherPart> batcher;
    std::optional<WriterPart> writer;
};

struct State {
    StateType type = StateType::Pass;
    QueryLanguage language = QueryLanguage::jsonpath;
    std::string name;
    std::string next_name;
    std::optional<std::size_t> next;  ///< none: the end

    DataPath input_path;
    std::optional<Template> parameters;  ///< or Arguments
    std::optional<Json> result;          ///< Pass
    std::optional<Template> result_selector;
    DataPath result_path;
    DataPath output_path;
    std::optional<Template> assign;
    std::optional<Template> output;  ///< JSONata

    std::vector<Retrier> retriers;
    std::vector<Catcher> catchers;

    std::unique_ptr<TaskPart> task;
    std::unique_ptr<ChoicePart> choice;
    std::unique_ptr<WaitPart> wait;
    std::unique_ptr<FailPart> fail;
    std::vector<StateList> branches;
    std::unique_ptr<MapPart> map;

    bool is_jsonata() const { return language == QueryLanguage::jsonata; }
};

/// A definition, compiled.
struct Program {
    StateList root;
    std::optional<std::int64_t> timeout_seconds;
    /// Whether anything in it may look at `$$.Map.Item`.
    bool reads_map_item = true;
    /// State name -> names of the variables it reads, sorted.
    std::map<std::string, std::set<std::string>> variable_references;
};

}  // namespace skafu::stepfunctions
