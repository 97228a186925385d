#include "core/aws_error.h"
#include "stepfunctions/execution_views.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {

void add_admin_routes(StepFunctions& state) {
    state.cloud.admin().add_json(
        "GET", "/_skafu/executions/{arn+}", [&state](const AdminRequest& request) {
            const std::string& arn = request.path.find("arn")->second;
            const auto execution = state.executions.find(arn);
            if (execution == nullptr) {
                throw AwsError("ExecutionDoesNotExist", "Execution Does Not Exist: '" + arn + "'",
                               404);
            }
            return draw_execution(*execution);
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
