#include "expressions/vtl/gateway_objects.h"

#include <unordered_map>

#include "core/base64.h"
#include "core/http.h"
#include "expressions/jsonpath/jsonpath.h"
#include "expressions/vtl/methods.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

/// Templates hold few paths and use them again and again.
const jsonpath::JsonPath& compiled(const std::string& text) {
    constexpr std::size_t kMost = 500;
    thread_local std::unordered_map<std::string, jsonpath::JsonPath> paths;
    const auto found = paths.find(text);
    if (found != paths.end()) return found->second;
    if (paths.size() >= kMost) paths.clear();
    try {
        return paths.emplace(text, jsonpath::JsonPath::compile(text)).first->second;
    } catch (const jsonpath::JsonPathError& error) {
        throw TemplateError("Invalid JSON path \"" + text + "\": " + error.what());
    }
}

void append_unicode(std::string& out, std::uint32_t unit) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[(unit >> shift) & 15];
}

/// The code point at `at`, which moves behind it; bytes that are not UTF-8 stand for themselves.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    std::uint32_t code = more == 3   ? lead & 7U
                         : more == 2 ? lead & 15U
                         : more == 1 ? lead & 31U
                                     : lead;
    for (int i = 0; i < more && at < text.size(); ++i) {
        code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 63U);
    }
    return code;
}

}  // namespace

std::shared_ptr<const Json> Body::json() {
    if (state_ == State::Unknown) {
        if (document_.has_text() && document_.text().empty()) {
            state_ = State::Empty;
        } else {
            try {
                document_.value();
                state_ = State::Valid;
            } catch (const JsonError&) {
                state_ = State::NotJson;
            }
        }
    }
    if (state_ == State::NotJson) return nullptr;
    const Json& value = state_ == State::Empty ? empty_ : document_.value();
    return {shared_from_this(), &value};
}

Value Input::member(std::string_view name) {
    if (name != "body") return {};
    const std::string& text = body_->text();
    return text.empty() ? Value("{}") : Value(text);
}

Value Input::call(std::string_view method, std::span<const Value> arguments) {
    if (method == "json") return json_text(text_at(arguments, 0));
    if (method == "path") return path(text_at(arguments, 0));
    if (method != "params") return {};
    if (arguments.empty()) return parameters_();
    return parameter(text_at(arguments, 0));
}

Value Input::path(const std::string& text) {
    const std::shared_ptr<const Json> root = body_->json();
    if (!root) return {};
    if (text == "$") return Value::from_json(root, *root);
    const jsonpath::JsonPath& path = compiled(text);
    if (path.is_reference()) {
        const Json* found = path.find(*root);
        return found ? Value::from_json(root, *found) : Value();
    }
    Json result;
    return path.try_read(*root, result) ? Value::from_json(std::move(result)) : Value();
}

Value Input::json_text(const std::string& text) {
    const std::shared_ptr<const Json> root = body_->json();
    if (!root) return "\"\"";
    if (text == "$") return skafu::to_text(*root);
    const jsonpath::JsonPath& path = compiled(text);
    if (path.is_reference()) {
        const Json* found = path.find(*root);
        return found ? Value(skafu::to_text(*found)) : Value("\"\"");
    }
    Json result;
    return path.try_read(*root, result) ? Value(skafu::to_text(result)) : Value("\"\"");
}

Value Input::parameter(const std::string& name) {
    const std::shared_ptr<Map> all = parameters_();
    for (const char* place : {"path", "querystring", "header"}) {
        const Value values = all->get(place);
        if (!values.map()) continue;
        Value found = values.map()->get(name);
        if (!found.is_null()) return found;
    }
    const Value headers = all->get("header");
    if (!headers.map()) return {};
    for (const auto& [key, value] : headers.map()->entries()) {
        if (iequals(key, name)) return value;
    }
    return {};
}

Value Util::call(std::string_view method, std::span<const Value> arguments) {
    const std::string text = text_at(arguments, 0);
    if (method == "escapeJavaScript") return escape_java_script(text);
    if (method == "parseJson") {
        try {
            return Value::from_json(parse_json(text));
        } catch (const JsonError&) {
            return {};
        }
    }
    if (method == "urlEncode") return form_encode(text);
    if (method == "urlDecode") return percent_decode(text, PlusSign::blank);
    if (method == "base64Encode") return base64_encode(text);
    if (method == "base64Decode") return base64_decode(text).value_or("");
    return {};
}

std::string escape_java_script(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const std::uint32_t code = next_code_point(text, at);
            if (code >= 0x10000) {
                append_unicode(out, 0xD800 + ((code - 0x10000) >> 10));
                append_unicode(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
            } else {
                append_unicode(out, code);
            }
            continue;
        }
        ++at;
        switch (c) {
            case '\b':
                out += "\\b";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\'':
            case '"':
            case '\\':
            case '/':
                out += '\\';
                out += c;
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    append_unicode(out, c);
                else
                    out += c;
        }
    }
    return out;
}

std::string form_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' || c == '_';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            out += c;
        else if (c == ' ')
            out += '+';
        else
            (out += '%') += {digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

}  // namespace skafu::vtl
