#include "dynamodb/csv.h"

namespace skafu::dynamodb {

bool CsvReader::next(std::vector<std::string>& fields) {
    fields.clear();
    while (at_ < text_.size() && at_line_end()) ++at_;
    if (at_ == text_.size()) return false;
    while (true) {
        read_field(fields.emplace_back());
        if (at_ == text_.size() || at_line_end()) return true;
        ++at_;  // the delimiter
    }
}

void CsvReader::read_field(std::string& field) {
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (quoted && c == '"' && text_.substr(at_ + 1, 1) == "\"") {
            field.push_back('"');
            ++at_;
        } else if (c == '"' && (quoted || field.empty())) {
            quoted = !quoted;
        } else if (!quoted && (c == delimiter_ || at_line_end())) {
            return;
        } else {
            field.push_back(c);
        }
    }
}

}  // namespace skafu::dynamodb
