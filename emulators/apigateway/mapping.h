#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "expressions/jsonpath/jsonpath.h"

namespace skafu::apigateway {

struct Exchange;

/// The right side of a parameter mapping, compiled: 'text', method.request.header.X,
/// context.requestId, stageVariables.x, integration.response.body.path ("API Gateway API request
/// and response data mapping reference").
class MappingSource {
  public:
    static MappingSource compile(const std::string& text);
    /// Nothing where the source has no value.
    std::optional<std::string> value(const Exchange& exchange) const;

  private:
    enum class Kind {
        Text,
        Header,
        MultiHeader,
        Query,
        MultiQuery,
        Path,
        Body,
        Context,
        StageVariable,
        ResponseHeader,
        ResponseMultiHeader,
        ResponseBody
    };
    Kind kind_ = Kind::Text;
    std::string name_;
    std::optional<jsonpath::JsonPath> path_;
};

/// One entry of requestParameters or responseParameters.
struct Mapping {
    enum class Place { Header, Query, Path };
    Place place = Place::Header;
    std::string name;
    MappingSource source;
};

/// `prefix` is what the left sides start with: "integration.request.", "method.response.".
std::vector<Mapping> compile_mappings(const Json* parameters, std::string_view prefix);

}  // namespace skafu::apigateway
