#include "cli/json_objects.h"

#include <algorithm>
#include <stdexcept>
#include <sys/stat.h>
#include <zlib.h>

namespace skafu::server {
namespace {

constexpr std::size_t kReadAtOnce = 256 * 1024;
/// The longest object that is read whole; an event has at most 256 KB.
constexpr std::size_t kMostObjectBytes = 64 * 1024 * 1024;

/// The members whose elements are records, in the exports of CloudWatch Logs, SQS, S3 and DynamoDB.
bool holds_records(std::string_view key) {
    constexpr std::string_view kLists[] = {"events",   "logEvents", "Records",
                                           "Messages", "Items",     "Entries"};
    return std::find(std::begin(kLists), std::end(kLists), key) != std::end(kLists);
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_of_literal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

}  // namespace

// --- JsonScanner

void JsonScanner::begin() {
    stack_.clear();
    outer_key_.clear();
    expect_ = Expect::value;
    in_string_ = in_key_ = in_literal_ = escaped_ = false;
}

JsonScanner::State JsonScanner::put_in_string(char c) {
    if (static_cast<unsigned char>(c) < 0x20) return State::broken;
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_string_ = false;
        expect_ = in_key_ ? Expect::colon : Expect::comma_or_end;
        return State::open;
    }
    if (in_key_ && stack_.size() == 1) outer_key_ += c;
    return State::open;
}

JsonScanner::State JsonScanner::open(char opener) {
    if (expect_ != Expect::value && expect_ != Expect::value_or_end) return State::broken;
    stack_ += opener;
    expect_ = opener == '{' ? Expect::key_or_end : Expect::value_or_end;
    return State::open;
}

JsonScanner::State JsonScanner::close(char opener) {
    const Expect empty = opener == '{' ? Expect::key_or_end : Expect::value_or_end;
    const bool fits = !stack_.empty() && stack_.back() == opener &&
                      (expect_ == empty || expect_ == Expect::comma_or_end);
    if (!fits) return State::broken;
    stack_.pop_back();
    expect_ = Expect::comma_or_end;
    return stack_.empty() ? State::complete : State::open;
}

JsonScanner::State JsonScanner::put(char c) {
    if (in_string_) return put_in_string(c);
    if (in_literal_ && is_of_literal(c)) return State::open;
    in_literal_ = false;
    if (is_blank(c)) return State::open;
    const bool is_value = expect_ == Expect::value || expect_ == Expect::value_or_end;
    const bool is_key = expect_ == Expect::key || expect_ == Expect::key_or_end;
    switch (c) {
        case '{':
        case '[':
            return open(c);
        case '}':
            return close('{');
        case ']':
            return close('[');
        case '"':
            if (!is_value && !is_key) return State::broken;
            in_string_ = true;
            in_key_ = is_key;
            if (is_key && stack_.size() == 1) outer_key_.clear();
            return State::open;
        case ':':
            if (expect_ != Expect::colon) return State::broken;
            expect_ = Expect::value;
            return State::open;
        case ',':
            if (expect_ != Expect::comma_or_end) return State::broken;
            expect_ = stack_.back() == '{' ? Expect::key : Expect::value;
            return State::open;
        default:
            if (!is_value || !is_of_literal(c)) return State::broken;
            in_literal_ = true;
            expect_ = Expect::comma_or_end;
            return State::open;
    }
}

// --- JsonObjects

void JsonObjects::CloseFile::operator()(gzFile_s* file) const {
    gzclose(file);
}

JsonObjects::JsonObjects() = default;
JsonObjects::JsonObjects(JsonObjects&&) noexcept = default;
JsonObjects::~JsonObjects() = default;

JsonObjects::JsonObjects(const std::string& file) : file_(gzopen(file.c_str(), "rb")), name_(file) {
    struct stat status {};
    if (!file_ || stat(file.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) {
        throw std::runtime_error("cannot read " + file);
    }
    file_bytes_ = static_cast<std::uint64_t>(status.st_size);
    gzbuffer(file_.get(), kReadAtOnce);
}

JsonObjects JsonObjects::of_text(std::string_view text) {
    JsonObjects objects;
    objects.text_ = text;
    return objects;
}

double JsonObjects::share_read() const {
    if (!file_ || file_bytes_ == 0) return 1;
    return std::min(1.0,
                    static_cast<double>(gzoffset(file_.get())) / static_cast<double>(file_bytes_));
}

/// Reads more behind what is still needed; false at the end.
bool JsonObjects::fill() {
    if (!file_ || at_end_) return false;
    const std::size_t needed = start_.value_or(at_);
    text_.erase(0, needed);
    at_ -= needed;
    if (start_) start_ = 0;
    if (text_.size() > kMostObjectBytes) {
        throw std::runtime_error(name_ + ":" + std::to_string(start_line_) +
                                 ": an object of more than 64 MB");
    }
    const std::size_t have = text_.size();
    text_.resize(have + kReadAtOnce);
    const int count = gzread(file_.get(), text_.data() + have, static_cast<unsigned>(kReadAtOnce));
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (count < 0 || code == Z_BUF_ERROR) {
        throw std::runtime_error(name_ + ": damaged: " +
                                 (code == Z_BUF_ERROR ? "it ends within the gzip stream" : reason));
    }
    text_.resize(have + static_cast<std::size_t>(count));
    at_end_ = count == 0;
    return count > 0;
}

std::optional<JsonObjects::Piece> JsonObjects::next() {
    while (true) {
        if (at_ == text_.size() && !fill()) {
            if (!inside_) break;
            if (std::optional<Piece> piece = broken("the object does not end")) return piece;
            continue;
        }
        std::optional<Piece> piece = inside_ ? read_inside() : read_outside();
        if (piece) return piece;
    }
    const bool is_only_text = line_has_text_ && !line_has_object_;
    line_has_text_ = false;
    return is_only_text ? problem("no event in it", line_) : std::nullopt;
}

std::optional<JsonObjects::Piece> JsonObjects::read_outside() {
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '{') {
            inside_ = true;
            in_list_ = false;
            start_ = at_;
            start_line_ = line_;
            scanner_.begin();
            return std::nullopt;
        }
        if (c == '\n') {
            const bool is_only_text = line_has_text_ && !line_has_object_;
            const std::uint64_t line = line_;
            ++at_;
            end_line();
            if (is_only_text) return problem("no event in it", line);
            return std::nullopt;
        }
        // A list may stand around the objects.
        if (!is_blank(c) && c != ',' && c != '[' && c != ']') line_has_text_ = true;
    }
    return std::nullopt;
}

std::optional<JsonObjects::Piece> JsonObjects::read_inside() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        const std::size_t depth = scanner_.depth();
        const JsonScanner::State state = scanner_.put(c);
        if (state == JsonScanner::State::broken) {
            return broken(c == '\n' ? "the line ends within a string" : "not JSON");
        }
        ++at_;
        if (c == '\n') end_line();
        if (scanner_.depth() == depth) continue;
        std::optional<Piece> piece = follow(depth);
        if (state == JsonScanner::State::complete) {
            inside_ = false;
            line_has_object_ = true;
            return piece;
        }
        if (piece) return piece;
    }
    return std::nullopt;
}

/// What a step in or out means: the end of an object, or of an element of a list of records.
std::optional<JsonObjects::Piece> JsonObjects::follow(std::size_t depth_before) {
    const std::size_t depth = scanner_.depth();
    if (in_list_) {
        if (depth_before == 2 && depth == 3 && text_[at_ - 1] == '{') {
            start_ = at_ - 1;
            start_line_ = line_;
        } else if (depth == 2 && start_) {
            return take_object();
        } else if (depth == 1) {
            in_list_ = false;
        }
        return std::nullopt;
    }
    if (depth_before == 1 && depth == 2 && text_[at_ - 1] == '[' &&
        holds_records(scanner_.outer_key())) {
        in_list_ = true;
        start_.reset();
    }
    if (depth == 0 && start_) return take_object();
    return std::nullopt;
}

JsonObjects::Piece JsonObjects::take_object() {
    const std::string_view text = std::string_view(text_).substr(*start_, at_ - *start_);
    start_.reset();
    return {text, {}, start_line_};
}

void JsonObjects::end_line() {
    ++line_;
    line_has_text_ = false;
    line_has_object_ = inside_;
}

/// A problem of a line, unless that line had one already.
std::optional<JsonObjects::Piece> JsonObjects::problem(std::string why, std::uint64_t line) {
    if (told_line_ == line) return std::nullopt;
    told_line_ = line;
    return Piece{{}, std::move(why), line};
}

/// Leaves what is broken and goes on where the next object may begin.
std::optional<JsonObjects::Piece> JsonObjects::broken(std::string why) {
    const std::size_t place = resume_place();
    const std::size_t from = start_.value_or(at_);
    const std::uint64_t line = start_ ? start_line_ : line_;
    const auto begin = text_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(place);
    line_ = line + static_cast<std::uint64_t>(std::count(begin, end, '\n'));
    at_ = place;
    start_.reset();
    inside_ = in_list_ = false;
    line_has_text_ = false;
    line_has_object_ = true;
    return problem(std::move(why), line);
}

/// The next line, or where an object follows another without anything between, or the '{' that
/// could not stand where it does.
std::size_t JsonObjects::resume_place() {
    while (true) {
        const std::size_t from = start_.value_or(at_);
        const std::string_view text = text_;
        std::size_t place = text.find('\n', from);
        place = std::min(place, text.find("}{", from) + 1 == 0 ? std::string_view::npos
                                                               : text.find("}{", from) + 1);
        if (at_ > from && at_ < text.size() && text[at_] == '{') place = std::min(place, at_);
        if (place != std::string_view::npos) return place;
        if (!fill()) return text_.size();
    }
}

}  // namespace skafu::server
