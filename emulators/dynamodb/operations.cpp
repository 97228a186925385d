#include "dynamodb/operations.h"

#include "core/aws_error.h"
#include "dynamodb/json_cursor.h"
#include "dynamodb/shapes.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

/// Where the API takes a table's ARN for its name, the constraints are those of the name in it.
bool names_by_arn(const Json& input) {
    return string_member(input, "TableName").starts_with("arn:");
}

/// Throws what the shape has to say about an input.
void check_shape(const Shape& shape, const Json& input) {
    if (!names_by_arn(input)) {
        validate(shape, input);
        return;
    }
    Json named = input;
    named["TableName"] = table_name_of(input);
    validate(shape, named);
}

/// Called with the fault that a handler found: faults of the JSON and of the shape go before it.
void prefer_shape_fault(const Shape& shape, Document& input, const AwsError& found) {
    if (found.code() != "ValidationException") return;
    // Of what is nested beyond all measure nothing more can be said.
    if (found.message().starts_with("Nesting Levels")) return;
    JsonCursor whole(input.text());
    whole.skip();
    whole.finish();
    const Json* value = nullptr;
    try {
        value = &input.value();
    } catch (const JsonError&) {
        return;
    }
    if (value->is_object()) check_shape(shape, *value);
}

}  // namespace

void add_operation(Service& service, std::string name, JsonHandler handler) {
    Operation operation;
    const Shape& shape = input_shape(name);
    operation.name = std::move(name);
    operation.validates_itself = true;
    service.add(std::move(operation),
                [&shape, handler = std::move(handler)](Context& context, const Json& input) {
                    if (!input.is_object()) throw AwsError::serialization("Unexpected field type");
                    if (shape.find("TableName") != nullptr) table_name_of(input);
                    check_shape(shape, input);
                    return handler(context, input);
                });
}

void add_text_operation(Service& service, std::string name, TextHandler handler) {
    Operation operation;
    const Shape& shape = input_shape(name);
    operation.name = std::move(name);
    operation.validates_itself = true;
    service.add_raw(std::move(operation),
                    [&shape, handler = std::move(handler)](Context& context, Document input) {
                        try {
                            return Document::from_text(handler(context.caller, input.text()));
                        } catch (const AwsError& error) {
                            prefer_shape_fault(shape, input, error);
                            throw;
                        }
                    });
}

}  // namespace skafu::dynamodb
