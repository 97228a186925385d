#include "core/arn.h"
#include "core/aws_error.h"
#include "core/text.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostTags = 50;
constexpr std::string_view kOfAws = "aws:";

/// The document that carries a resource's tags, and how it is stored again.
struct Tagged {
    Json document;
    std::function<void(Json)> store;
};

Tagged tagged_rule(EventBridge& events, const Scope& scope, std::string_view resource) {
    // rule/NAME on the default bus, rule/BUS/NAME on another
    std::string_view rest = resource.substr(5);
    const std::size_t slash = rest.rfind('/');
    const std::string_view bus_name =
        slash == std::string_view::npos ? std::string_view("default") : rest.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
    Bus& bus = events.buses.require(scope, bus_name);
    const RulePtr rule = events.buses.require_rule(bus, name);
    return {rule->document,
            [&events, &bus](Json changed) { events.buses.store_rule(bus, std::move(changed)); }};
}

Tagged find_tagged(EventBridge& events, const Json& input) {
    const std::string text = string_member(input, "ResourceARN");
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) {
        throw AwsError::validation(fmt::format(
            "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", text));
    }
    const Scope scope{arn->account, arn->region};
    if (arn->resource_type() == "rule") return tagged_rule(events, scope, arn->resource);
    Bus& bus = events.buses.require(scope, text);
    return {bus.document(), [&events, &bus](Json changed) {
                bus.document() = std::move(changed);
                events.buses.store(bus);
            }};
}

Json tags_of(const Json& document) {
    const Json* tags = find_member(document, "Tags");
    return tags == nullptr ? Json::array() : *tags;
}

Json without(const Json& tags, const std::string& key) {
    Json kept = Json::array();
    for (const Json& tag : tags) {
        if (string_member(tag, "Key") != key) kept.push_back(tag);
    }
    return kept;
}

}  // namespace

void check_tags(const Json& tags) {
    for (const Json& tag : tags) {
        if (!lower_case(string_member(tag, "Key")).starts_with(kOfAws)) continue;
        throw AwsError::validation(
            fmt::format("Parameter Tags is not valid. Reason: Tag keys that begin with {} are "
                        "reserved for AWS use.",
                        kOfAws));
    }
    if (tags.size() <= kMostTags) return;
    throw AwsError::validation(fmt::format(
        "Parameter Tags is not valid. Reason: A resource has at most {} tags.", kMostTags));
}

void add_tag_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const Shape::Member arn = required("ResourceARN", string(1, 1600));
    service.add(Row{"TagResource", structure({arn, required("Tags", tags_shape())})},
                [&events](Context&, const Json& input) {
                    Tagged tagged = find_tagged(events, input);
                    Json tags = tags_of(tagged.document);
                    for (const Json& tag : input["Tags"]) {
                        tags = without(tags, string_member(tag, "Key"));
                        tags.push_back(tag);
                    }
                    check_tags(tags);
                    tagged.document["Tags"] = std::move(tags);
                    tagged.store(std::move(tagged.document));
                    return Json::object();
                });
    service.add(Row{"UntagResource", structure({arn, required("TagKeys", list(string(1, 128)))})},
                [&events](Context&, const Json& input) {
                    Tagged tagged = find_tagged(events, input);
                    Json tags = tags_of(tagged.document);
                    for (const Json& key : input["TagKeys"]) {
                        tags = without(tags, key.get<std::string>());
                    }
                    tagged.document["Tags"] = std::move(tags);
                    tagged.store(std::move(tagged.document));
                    return Json::object();
                });
    service.add(Row{"ListTagsForResource", structure({arn})},
                [&events](Context&, const Json& input) {
                    return Json{{"Tags", tags_of(find_tagged(events, input).document)}};
                });
}

}  // namespace skafu::eventbridge
