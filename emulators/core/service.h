#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/collection.h"
#include "core/document.h"
#include "core/journal.h"
#include "core/shape.h"
#include "core/task.h"

namespace skafu {

class Cloud;

/// Who calls: account and region come from the credential scope.
struct Caller {
    std::string account = "000000000000";
    std::string region = "us-east-1";
    std::string principal;  ///< ARN of a role or user, "events.amazonaws.com" for a service, or ""

    Scope scope() const { return {account, region}; }
};

/// What a handler sees besides its input.
struct Context {
    Cloud& cloud;
    const Caller& caller;
    Activity& activity;  ///< of this call: the cause of what the handler starts
    const std::string& request_id;
    std::string_view operation;
};

/// How an operation of a REST protocol lies on HTTP, as in AWS's service models. Members that are
/// named nowhere here are the body's.
struct HttpBinding {
    std::string method;  ///< "GET"; empty for operations of the other protocols
    /// "/2015-03-31/functions/{FunctionName}"; {Key+} takes slashes too; "?uploads" asks for that
    /// query parameter to be there, "?list-type=2" for its value as well.
    std::string uri;
    std::vector<std::pair<std::string, std::string>> query;  ///< member -> parameter; both ways
    /// member -> header of the request; "x-amz-meta-*" puts all of that prefix into a map member
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> requires_headers;  ///< the row is for requests that carry them
    std::string payload;  ///< the input member that is the whole body (blob or document)
    int status = 200;
    std::vector<std::pair<std::string, std::string>> response_headers;  ///< output member -> header
    std::string response_payload;  ///< the output member that is the whole body
};

/// How an output turns into XML (query and rest-xml protocols) where the defaults do not do:
/// paths are dotted output member names ("Messages.Attributes").
struct XmlOutput {
    /// path of a list or map -> element name of its entries, without a wrapper
    std::vector<std::pair<std::string, std::string>> flattened;
    /// path of a list -> element name of its entries inside the wrapper ("member" otherwise)
    std::vector<std::pair<std::string, std::string>> element_names;
    /// path of a flattened or wrapped map -> names of its key and value elements
    std::vector<std::pair<std::string, std::pair<std::string, std::string>>> map_names;
    std::string root;  ///< rest-xml: the root element; "<Operation>Result" if empty
};

using JsonHandler = std::function<Json(Context&, const Json& input)>;
using AsyncJsonHandler = std::function<Task<Json>(Context&, Json input)>;
/// For hot paths: the input may still be text, and so may the output.
using RawHandler = std::function<Document(Context&, Document input)>;
using AsyncRawHandler = std::function<Task<Document>(Context&, Document input)>;

/// One row of a service's table.
struct Operation {
    std::string name;
    Shape input = shape::any();
    HttpBinding http;
    XmlOutput xml;
    /// passive: a long poll, which does not count as work.
    Counting counting = Counting::work;
    /// Checked against `input` at the door unless the handler checks for itself.
    bool validates_itself = false;
    /// Ours, not AWS's: reachable through the door, never from the wire.
    bool internal = false;
    /// Callers without credentials may call it (sign-up and sign-in of Cognito).
    bool is_public = false;

    RawHandler handler;  ///< exactly one of these two
    AsyncRawHandler async_handler;
};

/// The wire protocols a service speaks.
enum class Protocol { json_1_0, json_1_1, query, rest_json, rest_xml };

/// A service: what the wire codecs need to know, and the table of its operations.
class Service {
  public:
    std::string name;                 ///< what the house calls it: "dynamodb", "events", "states"
    std::vector<Protocol> protocols;  ///< the first is its main one
    std::string target_prefix;        ///< of X-Amz-Target: "DynamoDB_20120810"
    std::vector<std::string> signing_names;  ///< of the credential scope; `name` if empty
    std::string api_version;                 ///< query: "2012-11-05"
    std::string xml_namespace;               ///< "http://queue.amazonaws.com/doc/2012-11-05/"
    /// Before '#' in the JSON protocols' "__type"; empty gives the bare code.
    std::string error_namespace;
    /// Names under which Step Functions' aws-sdk integrations know it ("sfn", "cloudwatchlogs").
    std::vector<std::string> sdk_names;
    /// Error code under which broken constraints of the input shape are reported.
    std::string validation_code = "ValidationException";
    /// JSON error code -> code of the query protocol, for services that speak both (SQS).
    std::map<std::string, std::string, std::less<>> query_codes;
    std::size_t max_body = 0;     ///< bytes of a request; 0 = the server's own limit
    std::size_t max_headers = 0;  ///< bytes of all header fields; 0 = the server's own limit
    std::size_t compress_over =
        0;  ///< larger answers are gzipped if the client takes it; 0 = never
    /// Empties the service's data: of one scope, or of all when nullptr.
    std::function<void(const Scope*)> reset;

    /// Adds the rows, when the first of them is asked for: all services have a thousand, most of
    /// which a server never needs.
    std::function<void(Service&)> describe;

    /// The rows. `operation` carries name, shape and bindings; the handler comes second.
    void add(Operation operation, JsonHandler handler);
    void add_async(Operation operation, AsyncJsonHandler handler);
    void add_raw(Operation operation, RawHandler handler);
    void add_async_raw(Operation operation, AsyncRawHandler handler);

    const Operation* find(std::string_view operation) const;
    /// The same among the rows that were added already.
    const Operation* find_added(std::string_view operation) const;
    const std::vector<Operation*>& operations() const;

  private:
    void insert(Operation operation);
    void complete() const;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::unique_ptr<Operation>, Hash, std::equal_to<>> table_;
    std::vector<Operation*> order_;
};

}  // namespace skafu
