#pragma once

#include "lambda/lambda_service.h"

namespace skafu::lambda {

/// Makes the function's code and configuration a version that does not change any more, and gives
/// its configuration. Where nothing changed since the last one, that is given again.
Json publish_version(LambdaService& lambda, const FunctionName& name,
                     const std::string& description);

}  // namespace skafu::lambda
