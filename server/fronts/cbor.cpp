#include "fronts/cbor.h"

#include <bit>
#include <cmath>

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/clock.h"
#include "core/utf8.h"

namespace skafu::server {
namespace {

/// The three high bits of an item's first byte.
enum class Major : std::uint8_t { unsigned_, negative, bytes, text, array, map, tag, simple };

constexpr int kMaxDepth = 100;
constexpr std::uint8_t kIndefinite = 31;  // the low five bits of the first byte
constexpr std::uint8_t kBreak = 0xff;
constexpr std::uint64_t kEpochTime = 1;  // the tag of seconds since 1970

[[noreturn]] void refuse(std::string_view why) {
    throw AwsError::serialization(fmt::format("The request body is not valid CBOR: {}.", why));
}

/// IEEE 754 binary16.
double from_half(std::uint64_t bits) {
    const auto exponent = static_cast<int>((bits >> 10) & 31);
    const auto fraction = static_cast<double>(bits & 1023);
    const double size = exponent == 0    ? std::ldexp(fraction, -24)
                        : exponent == 31 ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                                         : std::ldexp(fraction + 1024, exponent - 25);
    return (bits & 0x8000) != 0 ? -size : size;
}

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    Json read_all() {
        Json value = item(0);
        if (at_ != bytes_.size()) refuse("something follows it");
        return value;
    }

  private:
    struct Head {
        Major major;
        std::uint8_t low;
        std::uint64_t argument;
        bool indefinite() const { return low == kIndefinite; }
    };

    std::uint8_t byte() {
        if (at_ == bytes_.size()) refuse("it ends too early");
        return static_cast<std::uint8_t>(bytes_[at_++]);
    }

    Head head() {
        const std::uint8_t first = byte();
        Head head{static_cast<Major>(first >> 5), static_cast<std::uint8_t>(first & 31), 0};
        head.argument = head.low;
        if (head.low >= 24 && head.low <= 27) {
            head.argument = 0;
            for (int left = 1 << (head.low - 24); left > 0; --left) {
                head.argument = head.argument << 8 | byte();
            }
        } else if (head.low > 27 && !head.indefinite()) {
            refuse("a length has a reserved form");
        }
        return head;
    }

    bool at_break() {
        if (at_ == bytes_.size()) refuse("it ends too early");
        if (static_cast<std::uint8_t>(bytes_[at_]) != kBreak) return false;
        ++at_;
        return true;
    }

    std::string_view take(std::uint64_t size) {
        if (size > bytes_.size() - at_) refuse("it ends too early");
        const std::string_view part = bytes_.substr(at_, static_cast<std::size_t>(size));
        at_ += part.size();
        return part;
    }

    std::string string(const Head& start) {
        if (!start.indefinite()) return std::string(take(start.argument));
        std::string whole;
        while (!at_break()) {
            const Head chunk = head();
            if (chunk.major != start.major || chunk.indefinite()) refuse("a string has odd parts");
            whole.append(take(chunk.argument));
        }
        return whole;
    }

    std::string text(const Head& start) {
        std::string whole = string(start);
        if (!is_utf8(whole)) refuse("a text is not UTF-8");
        return whole;
    }

    /// True while another element of an array or map is to be read.
    bool more(const Head& start, std::uint64_t read) {
        return start.indefinite() ? !at_break() : read < start.argument;
    }

    Json item(int depth) {
        if (depth > kMaxDepth) refuse("it is nested too deep");
        const Head start = head();
        switch (start.major) {
            case Major::unsigned_:
                return Json(start.argument);
            case Major::negative:
                if (start.argument > static_cast<std::uint64_t>(INT64_MAX)) {
                    return Json(-1.0 - static_cast<double>(start.argument));
                }
                return Json(-1 - static_cast<std::int64_t>(start.argument));
            case Major::bytes:
                return Json(base64_encode(string(start)));
            case Major::text:
                return Json(text(start));
            case Major::array: {
                Json list = Json::array();
                for (std::uint64_t i = 0; more(start, i); ++i) list.push_back(item(depth + 1));
                return list;
            }
            case Major::map:
                return map(start, depth);
            case Major::tag:
                return item(depth + 1);
            case Major::simple:
                return simple(start);
        }
        refuse("an item has no type");
    }

    Json map(const Head& start, int depth) {
        Json object = Json::object();
        for (std::uint64_t i = 0; more(start, i); ++i) {
            const Head key = head();
            if (key.major != Major::text) refuse("a key is no text");
            std::string name = text(key);
            object[std::move(name)] = item(depth + 1);
        }
        return object;
    }

    static Json simple(const Head& start) {
        switch (start.low) {
            case 20:
                return Json(false);
            case 21:
                return Json(true);
            case 22:
            case 23:  // undefined
                return Json(nullptr);
            case 25:
                return Json(from_half(start.argument));
            case 26:
                return Json(static_cast<double>(
                    std::bit_cast<float>(static_cast<std::uint32_t>(start.argument))));
            case 27:
                return Json(std::bit_cast<double>(start.argument));
            default:
                refuse("a value is none of JSON's");
        }
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

class Writer {
  public:
    explicit Writer(const std::function<bool(std::string_view)>& is_time) : is_time_(is_time) {}
    std::string out;

    void write(const Json& value, bool is_time) {
        switch (value.type()) {
            case Json::value_t::object:
                write_members(value);
                break;
            case Json::value_t::array:
                head(Major::array, value.size());
                for (const Json& item : value) write(item, is_time);
                break;
            case Json::value_t::string:
                if (is_time) {
                    write_time(value.get_ref<const std::string&>());
                } else {
                    write_text(value.get_ref<const std::string&>());
                }
                break;
            case Json::value_t::boolean:
                out.push_back(static_cast<char>(value.get<bool>() ? 0xf5 : 0xf4));
                break;
            case Json::value_t::number_unsigned:
                head(Major::unsigned_, value.get<std::uint64_t>());
                break;
            case Json::value_t::number_integer:
                write_integer(value.get<std::int64_t>());
                break;
            case Json::value_t::number_float:
                write_double(value.get<double>());
                break;
            default:
                out.push_back(static_cast<char>(0xf6));
        }
    }

  private:
    void big_endian(std::uint64_t number, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(number >> (8 * i)));
    }

    void head(Major major, std::uint64_t argument) {
        const auto first = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5);
        if (argument < 24) {
            out.push_back(static_cast<char>(first | argument));
            return;
        }
        const int size = argument <= UINT8_MAX    ? 0
                         : argument <= UINT16_MAX ? 1
                         : argument <= UINT32_MAX ? 2
                                                  : 3;
        out.push_back(static_cast<char>(first | (24 + size)));
        big_endian(argument, 1 << size);
    }

    void write_integer(std::int64_t number) {
        if (number >= 0) {
            head(Major::unsigned_, static_cast<std::uint64_t>(number));
        } else {
            head(Major::negative, static_cast<std::uint64_t>(-1 - number));
        }
    }

    void write_double(double number) {
        out.push_back(static_cast<char>(0xfb));
        big_endian(std::bit_cast<std::uint64_t>(number), 8);
    }

    void write_text(const std::string& text) {
        head(Major::text, text.size());
        out += text;
    }

    void write_time(const std::string& text) {
        try {
            const double seconds = epoch_seconds(parse_iso8601(text));
            head(Major::tag, kEpochTime);
            write_double(seconds);
        } catch (const std::invalid_argument&) {
            write_text(text);
        }
    }

    void write_members(const Json& object) {
        const Json::object_t& members = object.get_ref<const Json::object_t&>();
        std::uint64_t count = 0;
        for (const auto& [name, value] : members) count += value.is_null() ? 0 : 1;
        head(Major::map, count);
        for (const auto& [name, value] : members) {
            if (value.is_null()) continue;
            write_text(name);
            write(value, is_time_(name));
        }
    }

    const std::function<bool(std::string_view)>& is_time_;
};

}  // namespace

Json from_cbor(std::string_view bytes) {
    return Reader(bytes).read_all();
}

std::string to_cbor(const Json& value, const std::function<bool(std::string_view)>& is_time) {
    Writer writer(is_time);
    writer.write(value, false);
    return std::move(writer.out);
}

}  // namespace skafu::server
