#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::apigateway {

/// API Gateway: REST APIs (service `apigateway`), HTTP APIs (`apigatewayv2`), and `execute-api`
/// with the one operation `Invoke`, through which an API is called:
///   input  {apiId, stage, method, path, wholePath, rawQuery, headers, body, sourceIp, domainName}
///   output {status, headers: [[name, value]…], body}
/// `path` starts behind the stage, escapes kept; `wholePath` before it, for APIs without a stage in
/// their paths; `headers` is a list of [name, value], or an
/// object; `query`, an object, may stand for `rawQuery`. Bodies are raw bytes in a string.
void register_apigateway(Cloud& cloud);

}  // namespace skafu::apigateway
