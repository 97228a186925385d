#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::apigateway {

struct SchemaNode;

/// A model's JSON Schema (draft 4), compiled once and applied to many bodies.
class Schema {
  public:
    /// The schema text of another model of the API by name; empty where there is none.
    using Models = std::function<std::string(const std::string& name)>;

    /// Throws JsonError for text that is not JSON, std::invalid_argument for a reference to
    /// nothing or a faulty pattern.
    static std::shared_ptr<const Schema> compile(const std::string& text, const Models& models);

    bool accepts(const Json& value) const;

    /// `nodes`: all that references mean, which may form cycles and so own nothing themselves.
    Schema(std::shared_ptr<const SchemaNode> root,
           std::vector<std::shared_ptr<const SchemaNode>> nodes)
        : root_(std::move(root)), nodes_(std::move(nodes)) {}

  private:
    std::shared_ptr<const SchemaNode> root_;
    std::vector<std::shared_ptr<const SchemaNode>> nodes_;
};

/// Refuses a schema as CreateModel does: BadRequestException.
void check_model_schema(const std::string& text, const std::string& content_type);

}  // namespace skafu::apigateway
