#include <cctype>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "core/aws_error.h"
#include "dynamodb/item_read.h"
#include "dynamodb/item_write.h"
#include "dynamodb/json_digest.h"
#include "dynamodb/operations.h"

namespace skafu::dynamodb {
namespace {

using Kind = JsonCursor::Kind;

constexpr std::size_t kMaxActions = 100;
constexpr std::size_t kMaxPayload = 4 * 1024 * 1024;
constexpr Duration kTokenLife = std::chrono::minutes(10);

/// Why one action of a transaction did not go through; an empty code means that it would have.
struct Reason {
    std::string code;
    std::string message;
    std::string item;  // the old item, where asked for
};

[[noreturn]] void cancel(const std::vector<Reason>& reasons) {
    std::string codes;
    Json list = Json::array();
    for (const Reason& reason : reasons) {
        const std::string code = reason.code.empty() ? "None" : reason.code;
        if (!codes.empty()) codes += ", ";
        codes += code;
        Json entry = {{"Code", code}};
        if (!reason.message.empty()) entry["Message"] = reason.message;
        if (!reason.item.empty()) entry["Item"] = parse_json(reason.item);
        list.push_back(std::move(entry));
    }
    throw AwsError(
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes +
            "]",
        400, Json{{"CancellationReasons", std::move(list)}});
}

/// Reads TransactItems: `read` takes each of its entries.
void read_actions(JsonCursor& cursor,
                  const std::function<void(JsonCursor&, std::size_t position)>& read) {
    if (cursor.peek() != Kind::kArray) throw AwsError::serialization("Unexpected field type");
    std::size_t count = 0;
    cursor.enter_array();
    while (cursor.next_element()) {
        if (++count > kMaxActions) {
            reject_constraint("[...]", "transactItems",
                              "Member must have length less than or equal to 100");
        }
        read(cursor, count);
    }
    if (count == 0) {
        reject_constraint("[]", "transactItems",
                          "Member must have length greater than or equal to 1");
    }
}

/// The beginning of the paths of an action's members in constraint errors.
std::string place_of(std::size_t position, std::string_view action) {
    std::string name(action);
    name.front() = static_cast<char>(std::tolower(name.front()));
    return "transactItems." + std::to_string(position) + ".member." + name + ".";
}

/// Reads an entry, which has one member that is an action: `read` is told its name and reads it.
void read_action_of(JsonCursor& cursor, std::initializer_list<std::string_view> known,
                    const std::function<void(std::string_view name)>& read) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    int count = 0;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        const auto* const found = std::find(known.begin(), known.end(), name);
        if (found == known.end() || cursor.peek() == Kind::kNull) {
            cursor.skip();
            continue;
        }
        read(*found);
        ++count;
    }
    if (count != 1) {
        throw AwsError::validation(
            "TransactItems can only contain one of Check, Put, Update or Delete");
    }
}

void check_distinct(std::set<std::string>& keys, const std::string& key) {
    if (keys.insert(key).second) return;
    throw AwsError::validation(
        "Transaction request cannot include multiple operations on one item");
}

/// Whether a fault lies in one action's data. Empty key values are told at once, by themselves.
bool is_data_error(const AwsError& error) {
    const bool empty_key = error.message().find("cannot contain an empty") != std::string::npos &&
                           error.message().find(" value. Key: ") != std::string::npos;
    return error.code() == "ValidationException" && !empty_key;
}

// ---- TransactWriteItems ----

struct TransactAction {
    ItemRequest request;
    std::unique_ptr<ItemWrite> write;
    std::optional<Reason> fault;  // found while reading
    std::size_t text_size = 0;
};

ItemWrite::Kind kind_named(std::string_view name) {
    if (name == "Put") return ItemWrite::Kind::kPut;
    if (name == "Update") return ItemWrite::Kind::kUpdate;
    if (name == "Delete") return ItemWrite::Kind::kDelete;
    return ItemWrite::Kind::kCheck;
}

ItemApi api_named(std::string_view name) {
    if (name == "Put") return kTransactPutApi;
    if (name == "Update") return kTransactUpdateApi;
    if (name == "Delete") return kTransactDeleteApi;
    return kConditionCheckApi;
}

std::unique_ptr<TransactAction> read_action(JsonCursor& cursor, std::size_t position) {
    auto action = std::make_unique<TransactAction>();
    const std::size_t start = cursor.position();
    const auto read = [&](std::string_view name) {
        const std::size_t at = cursor.position();
        try {
            action->request = read_item_request(cursor, api_named(name));
        } catch (const AwsError& error) {
            // An item nested too deeply is a fault of the data, not of the request.
            if (!error.message().starts_with("Nesting Levels")) throw;
            action->fault = Reason{"ValidationError", error.message(), ""};
            cursor.return_to(at);
            cursor.skip();
            return;
        }
        action->request.place = place_of(position, name);
        if (name == "Update" && !action->request.update_expression) {
            reject_missing_member(action->request.place + "updateExpression");
        }
        action->write = std::make_unique<ItemWrite>(kind_named(name), action->request);
    };
    read_action_of(cursor, {"ConditionCheck", "Put", "Delete", "Update"}, read);
    action->text_size = cursor.since(start).size();
    return action;
}

class TransactWrite {
  public:
    TransactWrite(Engine& engine, const Caller& caller, std::string_view input)
        : engine_(engine),
          caller_(caller),
          request_(parse_item_request(input, "TransactItems",
                                      [this](JsonCursor& cursor) { read_transact_items(cursor); })),
          capacity_(request_.return_consumed_capacity) {
        if (actions_.empty()) reject_missing_member("transactItems");
        capacity_.count_as(Capacity::Kind::kWrite);
        check_enumeration(request_.return_item_collection_metrics, "returnItemCollectionMetrics",
                          {"SIZE", "NONE"});
        check_token_length();
    }

    std::string run() {
        std::size_t payload = 0;
        for (const auto& action : actions_) {
            ItemRequest& request = action->request;
            request.return_item_collection_metrics = request_.return_item_collection_metrics;
            request.return_consumed_capacity = request_.return_consumed_capacity;
            payload += request.has_item() ? request.sized_item() : action->text_size;
        }
        if (payload > kMaxPayload) {
            throw AwsError::validation(
                "Transaction request size cannot exceed 4 MB: the "
                "aggregate size of the items in the transaction cannot "
                "exceed 4 MB");
        }
        if (is_repeated()) return repeated_answer();
        locate();
        check_conditions();
        plan();
        engine_.store().all_or_none([&] {
            for (const auto& action : actions_) action->write->apply();
            remember();
        });
        for (const auto& action : actions_) action->write->count(capacity_, 2);
        return answer();
    }

  private:
    void read_transact_items(JsonCursor& cursor) {
        actions_.clear();
        cursor.peek();  // passes over white space
        const std::size_t start = cursor.position();
        read_actions(cursor, [this](JsonCursor& entry, std::size_t position) {
            actions_.push_back(read_action(entry, position));
        });
        actions_text_ = cursor.since(start);
    }

    void check_token_length() const {
        if (!request_.client_request_token) return;
        const std::string& token = *request_.client_request_token;
        if (token.empty()) {
            reject_constraint(token, "clientRequestToken",
                              "Member must have length greater than or equal to 1");
        }
        if (token.size() > 36) {
            reject_constraint(token, "clientRequestToken",
                              "Member must have length less than or equal to 36");
        }
    }

    std::string token_key() const {
        return caller_.account + "/" + caller_.region + "/" + *request_.client_request_token;
    }

    /// Whether the same request went through within the last ten minutes.
    bool is_repeated() {
        if (!request_.client_request_token) return false;
        digest_ = json_digest(actions_text_);
        const auto known = engine_.store().find_token(token_key());
        if (!known || known->at < oldest_token()) return false;
        if (known->digest != digest_) {
            throw AwsError("IdempotentParameterMismatchException",
                           "The provided ClientRequestToken is already in use with different "
                           "parameters");
        }
        return true;
    }

    std::int64_t oldest_token() const {
        return epoch_millis(engine_.cloud().clock().now() - kTokenLife);
    }

    void remember() {
        if (!request_.client_request_token) return;
        const std::int64_t now = epoch_millis(engine_.cloud().clock().now());
        engine_.store().keep_token(token_key(), {now, digest_}, oldest_token());
    }

    /// Only the first fault of data is told; the rest are None, whatever they are.
    [[noreturn]] void cancel_for_data(std::size_t at, const std::string& message) const {
        std::vector<Reason> reasons(actions_.size());
        reasons[at] = {"ValidationError", message, ""};
        cancel(reasons);
    }

    void locate() {
        std::set<std::string> keys;
        std::optional<std::pair<std::size_t, std::string>> fault;
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            TransactAction& action = *actions_[i];
            if (action.fault) {
                if (!fault) fault = {i, action.fault->message};
                continue;
            }
            try {
                action.write->locate(engine_, caller_);
            } catch (const AwsError& error) {
                if (!is_data_error(error)) throw;
                if (!fault) fault = {i, error.message()};
                continue;
            }
            check_distinct(keys, action.write->row_key());
        }
        if (fault) cancel_for_data(fault->first, fault->second);
    }

    void check_conditions() {
        std::vector<Reason> reasons(actions_.size());
        bool failed = false;
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            ItemWrite& write = *actions_[i]->write;
            write.load();
            if (write.condition_holds()) continue;
            failed = true;
            reasons[i] = {"ConditionalCheckFailed", "The conditional request failed",
                          write.wants_old_on_failure() ? write.old_text() : ""};
        }
        if (failed) cancel(reasons);
    }

    void plan() {
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            try {
                actions_[i]->write->plan();
            } catch (const AwsError& error) {
                if (!is_data_error(error)) throw;
                cancel_for_data(i, error.message());
            }
        }
    }

    /// A repeated request writes nothing; it costs the reading of its items.
    std::string repeated_answer() {
        capacity_.count_as(Capacity::Kind::kRead);
        locate();
        for (const auto& action : actions_) {
            action->write->load();
            action->write->count_read(capacity_);
        }
        return answer();
    }

    std::string answer() const {
        std::string out = "{";
        capacity_.append_list(out);
        if (request_.return_item_collection_metrics == "SIZE") {
            std::vector<const ItemWrite*> written;
            for (const auto& action : actions_) written.push_back(action->write.get());
            const std::string metrics = collection_metrics_of(written);
            if (!metrics.empty()) {
                if (out.back() != '{') out.push_back(',');
                out.append("\"ItemCollectionMetrics\":{").append(metrics).push_back('}');
            }
        }
        out.push_back('}');
        return out;
    }

    Engine& engine_;
    const Caller& caller_;
    std::vector<std::unique_ptr<TransactAction>> actions_;  // read while request_ is
    std::string_view actions_text_;
    std::int64_t digest_ = 0;  // of that text, where it matters
    ItemRequest request_;
    Capacity capacity_;
};

// ---- TransactGetItems ----

struct Get {
    ItemRequest request;
    std::unique_ptr<ItemRead> read;
};

}  // namespace

std::string transact_get_items(Engine& engine, const Caller& caller, std::string_view input) {
    std::vector<std::unique_ptr<Get>> gets;
    const auto read_entry = [&](JsonCursor& cursor, std::size_t position) {
        auto get = std::make_unique<Get>();
        read_action_of(cursor, {"Get"}, [&](std::string_view name) {
            get->request = read_item_request(cursor, kTransactGetApi);
            get->request.place = place_of(position, name);
            get->read = std::make_unique<ItemRead>(get->request);
        });
        gets.push_back(std::move(get));
    };
    const ItemRequest request = parse_item_request(input, "TransactItems", [&](JsonCursor& cursor) {
        gets.clear();
        read_actions(cursor, read_entry);
    });
    if (gets.empty()) reject_missing_member("transactItems");
    Capacity capacity(request.return_consumed_capacity);
    capacity.count_as(Capacity::Kind::kRead);
    std::set<std::string> keys;
    for (std::size_t i = 0; i < gets.size(); ++i) {
        try {
            gets[i]->read->locate(engine, caller);
        } catch (const AwsError& error) {
            if (!is_data_error(error)) throw;
            std::vector<Reason> reasons(gets.size());
            reasons[i] = {"ValidationError", error.message(), ""};
            cancel(reasons);
        }
        check_distinct(keys, gets[i]->read->row_key());
    }
    std::string out = "{\"Responses\":[";
    for (const auto& get : gets) {
        if (out.back() != '[') out.push_back(',');
        std::string item;
        if (get->read->append(item)) {
            out.append("{\"Item\":").append(item).push_back('}');
        } else {
            out.append("{}");
        }
        get->read->count(capacity, 2);
    }
    out.push_back(']');
    capacity.append_list(out);
    out.push_back('}');
    return out;
}

std::string transact_write_items(Engine& engine, const Caller& caller, std::string_view input) {
    return TransactWrite(engine, caller, input).run();
}

void add_transaction_operations(Service& service, Engine& engine) {
    add_text_operation(service, "TransactWriteItems",
                       [&engine](const Caller& caller, std::string_view input) {
                           return TransactWrite(engine, caller, input).run();
                       });
    add_text_operation(service, "TransactGetItems",
                       [&engine](const Caller& caller, std::string_view input) {
                           return transact_get_items(engine, caller, input);
                       });
}

}  // namespace skafu::dynamodb
