#include "core/base64.h"
#include "core/utf8.h"
#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";
constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kReserved = ";/?:@&=+$,#";

/// The low byte of each UTF-16 unit, as the reference's "binary" encoding takes it.
Value base64encode(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    const std::string_view text = arguments[0].text();
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = text::next_point(text, at);
        if (point >= 0x10000) {
            bytes += static_cast<char>((0xD800 + ((point - 0x10000) >> 10)) & 0xFF);
            bytes += static_cast<char>((0xDC00 + (point & 0x3FF)) & 0xFF);
        } else {
            bytes += static_cast<char>(point & 0xFF);
        }
    }
    return evaluator.text(base64_encode(bytes));
}

/// Each byte is a character; what is no base64 digit is passed over.
Value base64decode(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : arguments[0].text()) {
        if (c == '=') break;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
        const std::size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos) continue;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        append_utf8(out, (bits >> count) & 0xFF);
    }
    return evaluator.text(out);
}

[[noreturn]] void malformed(Value text, const char* function) {
    throw JsonataError("D3140").value(to_json(text)).message(function);
}

Value encode(Evaluator& evaluator, Value text, std::string_view kept, const char* function) {
    if (!text.is_string()) return Value();
    if (!text::is_ascii(text.text()) && text::has_lone_surrogate(text.text())) {
        malformed(text, function);
    }
    std::string out;
    out.reserve(text.text().size() * 2);
    for (const char c : text.text()) {
        const bool keep = (c >= 'a' && c <= 'z') || kUnreserved.find(c) != std::string_view::npos ||
                          kept.find(c) != std::string_view::npos;
        const auto byte = static_cast<unsigned char>(c);
        if (keep)
            out += c;
        else
            out.append("%").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
    return evaluator.text(out);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Value decode(Evaluator& evaluator, Value text, std::string_view kept, const char* function) {
    if (!text.is_string()) return Value();
    const std::string_view from = text.text();
    std::string out;
    for (std::size_t at = 0; at < from.size(); ++at) {
        if (from[at] != '%') {
            out += from[at];
            continue;
        }
        const int high = at + 2 < from.size() ? hex_digit(from[at + 1]) : -1;
        const int low = at + 2 < from.size() ? hex_digit(from[at + 2]) : -1;
        if (high < 0 || low < 0) malformed(text, function);
        const char byte = static_cast<char>(high * 16 + low);
        if (kept.find(byte) != std::string_view::npos)
            out += from.substr(at, 3);
        else
            out += byte;
        at += 2;
    }
    if (!is_utf8(out)) malformed(text, function);
    return evaluator.text(out);
}

Value encode_url_component(Evaluator& evaluator, Arguments arguments) {
    return encode(evaluator, arguments[0], "", "encodeUrlComponent");
}

Value encode_url(Evaluator& evaluator, Arguments arguments) {
    return encode(evaluator, arguments[0], kReserved, "encodeUrl");
}

Value decode_url_component(Evaluator& evaluator, Arguments arguments) {
    return decode(evaluator, arguments[0], "", "decodeUrlComponent");
}

Value decode_url(Evaluator& evaluator, Arguments arguments) {
    return decode(evaluator, arguments[0], kReserved, "decodeUrl");
}

}  // namespace

std::vector<BuiltinRow> encoding_functions() {
    return {
        {"base64encode", "<s-:s>", 1, base64encode},
        {"base64decode", "<s-:s>", 1, base64decode},
        {"encodeUrlComponent", "<s-:s>", 1, encode_url_component},
        {"encodeUrl", "<s-:s>", 1, encode_url},
        {"decodeUrlComponent", "<s-:s>", 1, decode_url_component},
        {"decodeUrl", "<s-:s>", 1, decode_url},
    };
}

}  // namespace skafu::jsonata
