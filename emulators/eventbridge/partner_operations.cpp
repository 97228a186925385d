#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {

/// What AWS answers to an account that has no partner event sources, and is no partner.
void add_partner_operations(Service& service, EventBridge&) {
    using namespace shape;
    const auto empty_list = [&](const char* operation, const char* list, Shape::Member filter) {
        const Shape page_shape = structure(
            {filter, optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))});
        service.add(Row{operation, page_shape}, [list](Context&, const Json&) {
            return Json{{list, Json::array()}};
        });
    };
    empty_list("ListEventSources", "EventSources",
               optional("NamePrefix", string(1, 256, "[/\\.\\-_A-Za-z0-9]+")));
    empty_list("ListPartnerEventSources", "PartnerEventSources",
               required("NamePrefix", string(1, 256,
                                             "aws\\.partner/[\\.\\-_A-Za-z0-9]+/"
                                             "[/\\.\\-_A-Za-z0-9]*")));
    empty_list("ListPartnerEventSourceAccounts", "PartnerEventSourceAccounts",
               required("EventSourceName", partner_source_name_shape()));

    const Shape::Member name = required("Name", partner_source_name_shape());
    for (const char* operation : {"ActivateEventSource", "DeactivateEventSource",
                                  "DescribeEventSource", "DescribePartnerEventSource"}) {
        service.add(Row{operation, structure({name})}, [](Context&, const Json& input) -> Json {
            throw AwsError::not_found(
                fmt::format("Event source {} does not exist.", string_member(input, "Name")));
        });
    }
    const Shape::Member account = required("Account", string(12, 12, "\\d{12}"));
    for (const char* operation : {"CreatePartnerEventSource", "DeletePartnerEventSource"}) {
        service.add(Row{operation, structure({name, account})},
                    [](Context& context, const Json& input) -> Json {
                        throw AwsError::access_denied(
                            fmt::format("Account {} is not a partner and has no event source {}.",
                                        context.caller.account, string_member(input, "Name")));
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
