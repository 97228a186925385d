#include <charconv>

#include "core/aws_error.h"
#include "stepfunctions/execution_drawing.h"
#include "stepfunctions/execution_views.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

std::int64_t event_id(const std::string& text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error == std::errc() && end == text.data() + text.size()) return id;
    throw AwsError::validation("'after' is the number of an event, got '" + text + "'");
}

}  // namespace

void add_admin_routes(StepFunctions& state) {
    state.cloud.admin().add_json(
        "GET", "/_skafu/executions/{arn+}", [&state](const AdminRequest& request) {
            const std::string& arn = request.path.find("arn")->second;
            const auto execution = state.executions.find(arn);
            if (execution == nullptr) {
                throw AwsError("ExecutionDoesNotExist", "Execution Does Not Exist: '" + arn + "'",
                               404);
            }
            const auto after = request.query.find("after");
            return draw_execution(*execution, state.cloud.clock().now(),
                                  after == request.query.end() ? 0 : event_id(after->second));
        });
    state.cloud.admin().add_json("PUT", "/_skafu/mocks", [&state](const AdminRequest& request) {
        try {
            state.executions.interpreter().set_mocks(Mocks::parse(request.http.body));
        } catch (const std::runtime_error& error) {
            throw AwsError::validation(error.what());
        }
        return Json::object();
    });
    state.cloud.admin().add_json("GET", "/_skafu/executions", [&state](const AdminRequest&) {
        constexpr std::size_t kShown = 200;
        Json list = Json::array();
        for (const auto& execution : state.executions.recent(kShown)) {
            list.push_back(summarise_execution(*execution));
        }
        return Json{{"executions", std::move(list)}};
    });
}

}  // namespace skafu::stepfunctions
