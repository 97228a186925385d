#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/document.h"
#include "expressions/vtl/value.h"

namespace skafu::vtl {

/// The body that a template works on: of the request, or of the integration's answer. Parsed at
/// most once, when something looks into it.
class Body : public std::enable_shared_from_this<Body> {
  public:
    explicit Body(std::string text) : document_(Document::from_text(std::move(text))) {}
    explicit Body(Document document) : document_(std::move(document)) {}

    const std::string& text() const { return document_.text(); }
    /// Its JSON, an empty body being {}; nullptr where it is no JSON. Lives as long as the body.
    std::shared_ptr<const Json> json();

  private:
    enum class State { Unknown, Valid, Empty, NotJson };

    Document document_;
    Json empty_ = Json::object();
    State state_ = State::Unknown;
};

/// `$input`: body, path(), json(), params() (API Gateway mapping template reference).
class Input : public Object {
  public:
    /// Gives the maps path, querystring and header; asked when a template first wants them.
    using Parameters = std::function<std::shared_ptr<Map>()>;

    Input(std::shared_ptr<Body> body, Parameters parameters)
        : body_(std::move(body)), parameters_(std::move(parameters)) {}

    Value member(std::string_view name) override;
    Value call(std::string_view method, std::span<const Value> arguments) override;

  private:
    Value path(const std::string& text);
    Value json_text(const std::string& text);
    Value parameter(const std::string& name);

    std::shared_ptr<Body> body_;
    Parameters parameters_;
};

/// `$util`: escapeJavaScript, parseJson, urlEncode, urlDecode, base64Encode, base64Decode.
class Util : public Object {
  public:
    Value call(std::string_view method, std::span<const Value> arguments) override;
};

/// The escapes of Java's StringEscapeUtils.escapeJavaScript.
std::string escape_java_script(std::string_view text);

/// Java's URLEncoder: form encoding, a blank becomes '+'.
std::string form_encode(std::string_view text);

}  // namespace skafu::vtl
