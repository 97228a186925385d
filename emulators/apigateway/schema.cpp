#include "apigateway/schema.h"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include <re2/re2.h>

#include "apigateway/errors.h"
#include "core/http.h"

namespace skafu::apigateway {

/// One (sub)schema: each keyword is a member that is empty where the schema does not have it.
struct SchemaNode {
    using Ref = std::shared_ptr<SchemaNode>;

    const SchemaNode* target = nullptr;  // of $ref, which replaces all else
    bool never = false;
    std::vector<std::string> types;
    std::vector<Json> values;  // enum
    bool has_enum = false;
    std::optional<double> minimum, maximum, multiple_of;
    bool exclusive_minimum = false, exclusive_maximum = false;
    std::optional<std::size_t> min_length, max_length, min_items, max_items, min_properties,
        max_properties;
    std::shared_ptr<const re2::RE2> pattern;
    std::vector<std::pair<std::string, Ref>> properties;
    std::vector<std::pair<std::shared_ptr<const re2::RE2>, Ref>> pattern_properties;
    Ref additional_properties;  // null: anything goes
    std::vector<std::string> required;
    std::vector<std::pair<std::string, std::vector<std::string>>> needs;  // dependencies
    std::vector<std::pair<std::string, Ref>> needs_schema;
    Ref items;
    std::vector<Ref> tuple;
    bool is_tuple = false;
    Ref additional_items;
    bool unique_items = false;
    std::vector<Ref> all_of, any_of, one_of;
    Ref negated;
};

namespace {

using Node = SchemaNode;

std::shared_ptr<const re2::RE2> compile_pattern(const std::string& text) {
    auto pattern = std::make_shared<const re2::RE2>(text, re2::RE2::Quiet);
    if (!pattern->ok()) throw std::invalid_argument("faulty pattern " + text);
    return pattern;
}

/// Turns schema documents into nodes; references meet in `known_`, so that they may be cyclic.
class Compiler {
  public:
    explicit Compiler(const Schema::Models& models) : models_(models) {}

    Node::Ref document(const std::string& name, const std::string& text) {
        const auto [at, added] = documents_.emplace(name, Json());
        if (added) at->second = parse_json(text);
        return at_pointer(name, "");
    }

    /// All nodes that references lead to.
    std::vector<std::shared_ptr<const Node>> nodes() const {
        std::vector<std::shared_ptr<const Node>> all;
        for (const auto& [place, node] : known_) all.push_back(node);
        return all;
    }

  private:
    Node::Ref at_pointer(const std::string& document, const std::string& pointer) {
        const std::string key = document + "#" + pointer;
        const auto known = known_.find(key);
        if (known != known_.end()) return known->second;
        const Json* schema = find_pointer(documents_.at(document), percent_decode(pointer));
        if (!schema) throw std::invalid_argument("a reference to nothing: " + key);
        auto node = std::make_shared<Node>();
        known_[key] = node;
        fill(*node, document, *schema);
        return node;
    }

    Node::Ref reference(const std::string& document, const std::string& text) {
        if (text.starts_with('#')) return at_pointer(document, text.substr(1));
        const std::size_t mark = text.find("/models/");
        if (mark == std::string::npos) throw std::invalid_argument("unknown reference " + text);
        const std::string name = text.substr(mark + 8);
        const std::string model = models_(name);
        if (model.empty()) throw std::invalid_argument("a reference to nothing: " + text);
        return this->document(name, model);
    }

    Node::Ref child(const std::string& document, const Json& schema) {
        if (++depth_ > 200) throw std::invalid_argument("the schema is nested too deeply");
        auto node = std::make_shared<Node>();
        fill(*node, document, schema);
        --depth_;
        return node;
    }

    /// A schema, or true or false in its place.
    Node::Ref child_or_flag(const std::string& document, const Json& schema) {
        if (!schema.is_boolean()) return child(document, schema);
        if (schema.get<bool>()) return nullptr;
        auto node = std::make_shared<Node>();
        node->never = true;
        return node;
    }

    void fill(Node& node, const std::string& document, const Json& schema) {
        if (const Json* ref = find_member(schema, "$ref"); ref && ref->is_string()) {
            node.target = reference(document, ref->get<std::string>()).get();
            return;
        }
        fill_values(node, schema);
        fill_object(node, document, schema);
        fill_array(node, document, schema);
        list(document, schema, "allOf", node.all_of);
        list(document, schema, "anyOf", node.any_of);
        list(document, schema, "oneOf", node.one_of);
        if (const Json* negated = find_member(schema, "not")) {
            node.negated = child(document, *negated);
        }
    }

    void fill_values(Node& node, const Json& schema) {
        if (const Json* type = find_member(schema, "type")) {
            if (type->is_string())
                node.types.push_back(type->get<std::string>());
            else
                for (const Json& one : *type) node.types.push_back(one.get<std::string>());
        }
        if (const Json* values = find_member(schema, "enum"); values && values->is_array()) {
            node.has_enum = true;
            node.values.assign(values->begin(), values->end());
        }
        node.minimum = number(schema, "minimum");
        node.maximum = number(schema, "maximum");
        node.multiple_of = number(schema, "multipleOf");
        node.exclusive_minimum = flag(schema, "exclusiveMinimum");
        node.exclusive_maximum = flag(schema, "exclusiveMaximum");
        node.min_length = size(schema, "minLength");
        node.max_length = size(schema, "maxLength");
        const std::string pattern = string_member(schema, "pattern");
        if (!pattern.empty()) node.pattern = compile_pattern(pattern);
    }

    void fill_object(Node& node, const std::string& document, const Json& schema) {
        if (const Json* properties = find_member(schema, "properties")) {
            for (const auto& [name, one] : properties->items()) {
                node.properties.emplace_back(name, child(document, one));
            }
        }
        if (const Json* properties = find_member(schema, "patternProperties")) {
            for (const auto& [pattern, one] : properties->items()) {
                node.pattern_properties.emplace_back(compile_pattern(pattern),
                                                     child(document, one));
            }
        }
        if (const Json* additional = find_member(schema, "additionalProperties")) {
            node.additional_properties = child_or_flag(document, *additional);
        }
        if (const Json* required = find_member(schema, "required");
            required && required->is_array()) {
            for (const Json& name : *required) node.required.push_back(name.get<std::string>());
        }
        if (const Json* dependencies = find_member(schema, "dependencies")) {
            for (const auto& [name, needs] : dependencies->items()) {
                if (needs.is_array())
                    node.needs.emplace_back(name, needs.get<std::vector<std::string>>());
                else
                    node.needs_schema.emplace_back(name, child(document, needs));
            }
        }
        node.min_properties = size(schema, "minProperties");
        node.max_properties = size(schema, "maxProperties");
    }

    void fill_array(Node& node, const std::string& document, const Json& schema) {
        if (const Json* items = find_member(schema, "items")) {
            if (items->is_array()) {
                node.is_tuple = true;
                for (const Json& one : *items) node.tuple.push_back(child(document, one));
            } else {
                node.items = child(document, *items);
            }
        }
        if (const Json* additional = find_member(schema, "additionalItems")) {
            node.additional_items = child_or_flag(document, *additional);
        }
        node.unique_items = flag(schema, "uniqueItems");
        node.min_items = size(schema, "minItems");
        node.max_items = size(schema, "maxItems");
    }

    void list(const std::string& document, const Json& schema, std::string_view name,
              std::vector<Node::Ref>& into) {
        const Json* schemas = find_member(schema, name);
        if (!schemas || !schemas->is_array()) return;
        for (const Json& one : *schemas) into.push_back(child(document, one));
    }

    static std::optional<double> number(const Json& schema, std::string_view name) {
        const Json* value = find_member(schema, name);
        if (!value || !value->is_number()) return std::nullopt;
        return value->get<double>();
    }
    static std::optional<std::size_t> size(const Json& schema, std::string_view name) {
        const auto value = number(schema, name);
        if (!value || *value < 0) return std::nullopt;
        return static_cast<std::size_t>(*value);
    }
    static bool flag(const Json& schema, std::string_view name) {
        const Json* value = find_member(schema, name);
        return value && value->is_boolean() && value->get<bool>();
    }

    const Schema::Models& models_;
    std::map<std::string, Json> documents_;
    std::map<std::string, Node::Ref> known_;
    int depth_ = 0;
};

bool accepts(const Node& node, const Json& value, int depth);

bool has_type(const std::string& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    if (type == "integer") {
        if (value.is_number_integer()) return true;
        return value.is_number() && std::floor(value.get<double>()) == value.get<double>();
    }
    return true;
}

bool accepts_number(const Node& node, double value) {
    if (node.minimum &&
        (value < *node.minimum || (node.exclusive_minimum && value == *node.minimum))) {
        return false;
    }
    if (node.maximum &&
        (value > *node.maximum || (node.exclusive_maximum && value == *node.maximum))) {
        return false;
    }
    if (!node.multiple_of || *node.multiple_of == 0) return true;
    const double quotient = value / *node.multiple_of;
    return std::fabs(quotient - std::round(quotient)) < 1e-9;
}

bool accepts_string(const Node& node, const std::string& text) {
    if (node.min_length || node.max_length) {
        const auto length = static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
        if (node.min_length && length < *node.min_length) return false;
        if (node.max_length && length > *node.max_length) return false;
    }
    return !node.pattern || re2::RE2::PartialMatch(text, *node.pattern);
}

bool accepts_member(const Node& node, const std::string& name, const Json& value, int depth) {
    bool known = false;
    for (const auto& [property, schema] : node.properties) {
        if (property != name) continue;
        known = true;
        if (!accepts(*schema, value, depth)) return false;
        break;
    }
    for (const auto& [pattern, schema] : node.pattern_properties) {
        if (!re2::RE2::PartialMatch(name, *pattern)) continue;
        known = true;
        if (!accepts(*schema, value, depth)) return false;
    }
    return known || !node.additional_properties ||
           accepts(*node.additional_properties, value, depth);
}

bool accepts_object(const Node& node, const Json& value, int depth) {
    if (node.min_properties && value.size() < *node.min_properties) return false;
    if (node.max_properties && value.size() > *node.max_properties) return false;
    for (const std::string& name : node.required) {
        if (!find_member(value, name)) return false;
    }
    for (const auto& [name, needs] : node.needs) {
        if (!find_member(value, name)) continue;
        for (const std::string& need : needs) {
            if (!find_member(value, need)) return false;
        }
    }
    for (const auto& [name, schema] : node.needs_schema) {
        if (find_member(value, name) && !accepts(*schema, value, depth)) return false;
    }
    if (node.properties.empty() && node.pattern_properties.empty() && !node.additional_properties) {
        return true;
    }
    for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        if (!accepts_member(node, name, member, depth)) return false;
    }
    return true;
}

bool accepts_array(const Node& node, const Json& value, int depth) {
    if (node.min_items && value.size() < *node.min_items) return false;
    if (node.max_items && value.size() > *node.max_items) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Node* schema = node.items.get();
        if (node.is_tuple) {
            schema = i < node.tuple.size() ? node.tuple[i].get() : node.additional_items.get();
        }
        if (schema && !accepts(*schema, value[i], depth)) return false;
    }
    if (!node.unique_items) return true;
    for (std::size_t i = 0; i < value.size(); ++i) {
        for (std::size_t j = i + 1; j < value.size(); ++j) {
            if (value[i] == value[j]) return false;
        }
    }
    return true;
}

bool accepts_combined(const Node& node, const Json& value, int depth) {
    const auto passes = [&](const Node::Ref& one) { return accepts(*one, value, depth); };
    if (!std::all_of(node.all_of.begin(), node.all_of.end(), passes)) return false;
    if (!node.any_of.empty() && std::none_of(node.any_of.begin(), node.any_of.end(), passes)) {
        return false;
    }
    if (!node.one_of.empty() &&
        std::count_if(node.one_of.begin(), node.one_of.end(), passes) != 1) {
        return false;
    }
    return !node.negated || !accepts(*node.negated, value, depth);
}

bool accepts(const Node& node, const Json& value, int depth) {
    if (depth > 500 || node.never) return false;
    if (node.target) return accepts(*node.target, value, depth + 1);
    ++depth;
    if (!node.types.empty() &&
        std::none_of(node.types.begin(), node.types.end(),
                     [&](const std::string& type) { return has_type(type, value); })) {
        return false;
    }
    if (node.has_enum &&
        std::find(node.values.begin(), node.values.end(), value) == node.values.end()) {
        return false;
    }
    if (value.is_number() && !accepts_number(node, value.get<double>())) return false;
    if (value.is_string() && !accepts_string(node, value.get_ref<const std::string&>())) {
        return false;
    }
    if (value.is_object() && !accepts_object(node, value, depth)) return false;
    if (value.is_array() && !accepts_array(node, value, depth)) return false;
    return accepts_combined(node, value, depth);
}

}  // namespace

std::shared_ptr<const Schema> Schema::compile(const std::string& text, const Models& models) {
    Compiler compiler(models);
    const std::shared_ptr<const SchemaNode> root = compiler.document("", text);
    return std::make_shared<const Schema>(root, compiler.nodes());
}

bool Schema::accepts(const Json& value) const {
    return apigateway::accepts(*root_, value, 0);
}

void check_model_schema(const std::string& text, const std::string& content_type) {
    const auto no_property = [] {
        return bad_request("Model schema must have at least 1 property or array items defined");
    };
    if (text.empty()) {
        if (content_type != "application/json") throw no_property();
        return;
    }
    Json schema;
    try {
        schema = parse_json(text);
    } catch (const JsonError&) {
        throw bad_request(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model "
            "schema specified]");
    }
    if (!schema.is_object()) {
        throw bad_request(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model "
            "schema specified]");
    }
}

}  // namespace skafu::apigateway
