#include <array>
#include <charconv>
#include <cmath>

#include "core/json.h"
#include "core/utf8.h"

namespace skafu {
namespace {

constexpr std::size_t kCompact = static_cast<std::size_t>(-1);

class Writer {
  public:
    Writer(std::size_t indent, bool ascii) : indent_(indent), ascii_(ascii) {}

    void write(const Json& value) {
        switch (value.type()) {
            case Json::value_t::null:
                out_ += "null";
                break;
            case Json::value_t::boolean:
                out_ += value.get<bool>() ? "true" : "false";
                break;
            case Json::value_t::number_integer:
                write_whole(*value.get_ptr<const std::int64_t*>());
                break;
            case Json::value_t::number_unsigned:
                write_whole(*value.get_ptr<const std::uint64_t*>());
                break;
            case Json::value_t::number_float:
                write_real(*value.get_ptr<const double*>());
                break;
            case Json::value_t::string:
                write_string(*value.get_ptr<const std::string*>());
                break;
            case Json::value_t::array:
                write_array(*value.get_ptr<const Json::array_t*>());
                break;
            case Json::value_t::object:
                write_object(*value.get_ptr<const Json::object_t*>());
                break;
        }
    }
    std::string take() { return std::move(out_); }

  private:
    void write_array(const Json::array_t& array) {
        out_ += '[';
        ++depth_;
        bool first = true;
        for (const Json& value : array) {
            start_of_next(first);
            write(value);
        }
        end_of_values(first, ']');
    }

    void write_object(const Json::object_t& object) {
        out_ += '{';
        ++depth_;
        bool first = true;
        for (const auto& [name, value] : object) {
            start_of_next(first);
            write_string(name);
            out_ += indent_ == kCompact ? ":" : ": ";
            write(value);
        }
        end_of_values(first, '}');
    }

    void start_of_next(bool& first) {
        if (!first) out_ += ',';
        first = false;
        new_line();
    }

    void end_of_values(bool none, char end) {
        --depth_;
        if (!none) new_line();
        out_ += end;
    }

    void new_line() {
        if (indent_ == kCompact) return;
        out_ += '\n';
        out_.append(depth_ * indent_, ' ');
    }

    template <class Whole>
    void write_whole(Whole value) {
        std::array<char, 24> text;
        const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        out_.append(text.data(), end);
    }

    /// The shortest digits that read back as the same number; a real number shows that it is one.
    void write_real(double value) {
        if (!std::isfinite(value)) {
            out_ += "null";
            return;
        }
        constexpr double kFixedFrom = 1e-4;
        constexpr double kFixedBelow = 1e15;
        const double size = std::fabs(value);
        const bool fixed = size == 0 || (size >= kFixedFrom && size < kFixedBelow);
        std::array<char, 40> text;
        const auto end =
            std::to_chars(text.data(), text.data() + text.size(), value,
                          fixed ? std::chars_format::fixed : std::chars_format::scientific)
                .ptr;
        const std::string_view written(text.data(), end);
        out_ += written;
        if (fixed && written.find('.') == std::string_view::npos) out_ += ".0";
    }

    void write_string(std::string_view text) {
        out_ += '"';
        std::size_t plain = 0;  // where what need not be changed begins
        for (std::size_t i = 0; i < text.size();) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
                ++i;
                continue;
            }
            const Utf8Character character = read_utf8(text.substr(i));
            if (byte >= 0x80 && character.whole && !ascii_) {
                i += character.bytes;
                continue;
            }
            out_ += text.substr(plain, i - plain);
            i += character.bytes;
            plain = i;
            if (byte < 0x80) {
                write_escaped(static_cast<char>(byte));
            } else if (ascii_) {
                write_numbered(character.whole ? character.code : U'\uFFFD');
            } else {
                out_ += kReplacementCharacter;
            }
        }
        out_ += text.substr(plain);
        out_ += '"';
    }

    void write_escaped(char c) {
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\b':
                out_ += "\\b";
                break;
            case '\f':
                out_ += "\\f";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                write_unit(static_cast<unsigned>(c));
        }
    }

    void write_numbered(char32_t character) {
        if (character < 0x10000) {
            write_unit(character);
        } else {
            write_unit(0xD7C0 + (character >> 10));
            write_unit(0xDC00 + (character & 0x3FF));
        }
    }

    void write_unit(unsigned unit) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        out_ += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) out_ += kDigits[(unit >> shift) & 0xF];
    }

    std::string out_;
    std::size_t indent_;
    std::size_t depth_ = 0;
    bool ascii_;
};

std::string written(const Json& value, std::size_t indent, bool ascii) {
    Writer writer(indent, ascii);
    writer.write(value);
    return writer.take();
}

}  // namespace

std::string to_text(const Json& value) {
    return written(value, kCompact, false);
}

std::string to_ascii_text(const Json& value) {
    return written(value, kCompact, true);
}

std::string to_pretty_text(const Json& value) {
    return written(value, 2, false);
}

std::string to_pretty_ascii_text(const Json& value, std::size_t indent) {
    return written(value, indent, true);
}

}  // namespace skafu
