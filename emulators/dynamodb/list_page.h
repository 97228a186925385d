#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::dynamodb {

/// One page of a list whose entries come in the order of their keys; NextToken hides the last key.
class ListPage {
  public:
    /// `size_member` of the request is the page's size, at most and by default `most`. Throws
    /// AwsError for a NextToken that is none of ours.
    ListPage(const Json& input, std::string_view size_member, std::size_t most);

    /// The key that the page before ended with; "" at the beginning.
    const std::string& after() const { return after_; }
    /// Adds an entry, unless it was on a page before; false when the page is full.
    bool add(const std::string& key, Json entry);
    /// The answer: the entries under `member`, and NextToken where there are more.
    Json answer(const char* member);

  private:
    std::size_t most_;
    std::string after_;
    std::string last_;
    bool more_ = false;
    Json entries_ = Json::array();
};

}  // namespace skafu::dynamodb
