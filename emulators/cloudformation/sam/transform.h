#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::cloudformation::sam {

/// A template that the transform refuses: what() is the translator's text with every problem.
class TransformError : public std::runtime_error {
  public:
    struct Item {
        std::string logical_id;  ///< empty for problems of the whole document
        std::string message;
    };
    TransformError(const std::string& text, std::vector<Item> items)
        : std::runtime_error(text), items_(std::move(items)) {}
    const std::vector<Item>& items() const { return items_; }

  private:
    std::vector<Item> items_;
};

/// The transform AWS::Serverless-2016-10-31: a template with SAM resources becomes plain
/// CloudFormation. `parameters` are the values given (name -> value); defaults are read from the
/// template. Pure: the same input gives the same output. Throws TransformError.
/// Source: "AWS SAM specification", version 2016-10-31.
Json transform(const Json& document, const Json& parameters, const std::string& region);

}  // namespace skafu::cloudformation::sam
