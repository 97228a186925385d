#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {

/// What AWS answers to an account that has no partner event sources, and is no partner.
void add_partner_operations(Service& service, EventBridge&) {
    using namespace shape;
    const Shape page_shape =
        structure({optional("NamePrefix", string(1, 256)), optional("NextToken", string(1, 2048)),
                   optional("Limit", integer(1, 100))});
    const auto empty_list = [&](const char* operation, const char* member) {
        service.add(Row{operation, page_shape}, [member](Context&, const Json&) {
            return Json{{member, Json::array()}};
        });
    };
    empty_list("ListEventSources", "EventSources");
    empty_list("ListPartnerEventSources", "PartnerEventSources");
    empty_list("ListPartnerEventSourceAccounts", "PartnerEventSourceAccounts");
    empty_list("ListEndpoints", "Endpoints");

    const Shape named = structure({required("Name", string(1, 256))});
    for (const char* operation : {"ActivateEventSource", "DeactivateEventSource",
                                  "DescribeEventSource", "DescribePartnerEventSource"}) {
        service.add(Row{operation, named}, [](Context&, const Json& input) -> Json {
            throw AwsError::not_found(
                fmt::format("Event source {} does not exist.", string_member(input, "Name")));
        });
    }
    service.add(Row{"PutPartnerEvents", structure({required("Entries", list(any(), 1, 20))})},
                [](Context&, const Json& input) {
                    Json entries = Json::array();
                    for (std::size_t i = 0; i < input["Entries"].size(); ++i) {
                        entries.push_back({{"ErrorCode", "NotAuthorizedForSourceException"},
                                           {"ErrorMessage", "Not authorized for the source."}});
                    }
                    const std::size_t failed = entries.size();
                    return Json{{"FailedEntryCount", failed}, {"Entries", std::move(entries)}};
                });
}

}  // namespace skafu::eventbridge
