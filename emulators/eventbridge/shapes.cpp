#include "eventbridge/shapes.h"

namespace skafu::eventbridge {

Shape bus_name_shape() {
    using namespace shape;
    return string(1, 1600,
                  "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/"
                  "\\.\\-_A-Za-z0-9]+");
}

Shape event_bus_name_shape() {
    using namespace shape;
    return string(1, 1600,
                  "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?"
                  "[\\.\\-_A-Za-z0-9]+");
}

Shape rule_name_shape() {
    using namespace shape;
    return name_shape();
}

Shape name_shape(int longest) {
    using namespace shape;
    return string(1, longest, "[\\.\\-_A-Za-z0-9]+");
}

Shape event_source_arn_shape() {
    using namespace shape;
    return string(1, 1600, "^arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:.+\\/.+$");
}

Shape connection_arn_shape() {
    using namespace shape;
    return string(1, 1600,
                  "^arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:connection\\/"
                  "[\\.\\-_A-Za-z0-9]+\\/[\\-A-Za-z0-9]+$");
}

Shape endpoint_url_shape() {
    using namespace shape;
    return string(1, 2048,
                  "^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$");
}

Shape partner_source_name_shape() {
    using namespace shape;
    return string(1, 256, "aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}");
}

Shape key_identifier_shape() {
    using namespace shape;
    return string(0, 2048, "^[a-zA-Z0-9_\\-/:]*$");
}

Shape dead_letter_shape() {
    using namespace shape;
    return structure({optional("Arn", string(1, 1600))});
}

Shape bus_log_shape() {
    using namespace shape;
    return structure({optional("IncludeDetail", enumeration({"NONE", "FULL"})),
                      optional("Level", enumeration({"OFF", "ERROR", "INFO", "TRACE"}))});
}

Shape tags_shape() {
    using namespace shape;
    return list(structure({required("Key", string(1, 128)), required("Value", string(0, 256))}));
}

Shape auth_parameters_shape(bool is_new) {
    using namespace shape;
    const auto member = [is_new](const char* name, Shape of) {
        return is_new ? required(name, of) : optional(name, of);
    };
    const Shape text =
        string(1, 512, "^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$");
    const auto parameter = [](Shape key, Shape value) {
        return list(structure({optional("Key", key), optional("Value", sensitive(value)),
                               optional("IsValueSecret", boolean())}),
                    0, 100);
    };
    const Shape http =
        structure({optional("HeaderParameters",
                            parameter(string(0, 512, "^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$"),
                                      string(0, 512,
                                             "^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ "
                                             "\\t]*$"))),
                   optional("QueryStringParameters",
                            parameter(string(0, 512, "[^\\x00-\\x1F\\x7F]+"),
                                      string(0, 512, "[^\\x00-\\x09\\x0B\\x0C\\x0E-\\x1F\\x7F]+"))),
                   optional("BodyParameters", parameter(string(), string()))});
    const Shape client =
        structure({member("ClientID", text), member("ClientSecret", sensitive(text))});
    const Shape oauth = structure({member("ClientParameters", client),
                                   member("AuthorizationEndpoint", endpoint_url_shape()),
                                   member("HttpMethod", enumeration({"GET", "POST", "PUT"})),
                                   optional("OAuthHttpParameters", http)});
    return structure(
        {optional("BasicAuthParameters",
                  structure({member("Username", text), member("Password", sensitive(text))})),
         optional("OAuthParameters", oauth),
         optional("ApiKeyAuthParameters",
                  structure({member("ApiKeyName", text), member("ApiKeyValue", sensitive(text))})),
         optional("InvocationHttpParameters", http)});
}

Shape target_shape() {
    using namespace shape;
    const Shape any_value = any();
    const Shape transformer =
        structure({optional("InputPathsMap",
                            map(string(1, 256, "[A-Za-z0-9\\_\\-]+"), string(0, 256), 0, 100)),
                   required("InputTemplate", string(1, 8192))});
    const Shape http =
        structure({optional("PathParameterValues", list(string())),
                   optional("HeaderParameters",
                            map(string(0, 512, "^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$"), string(0, 512))),
                   optional("QueryStringParameters",
                            map(string(0, 512, "[^\\x00-\\x1F\\x7F]+"), string(0, 512)))});
    const Shape retry = structure({optional("MaximumRetryAttempts", integer(0, 185)),
                                   optional("MaximumEventAgeInSeconds", integer(60, 86400))});
    return structure(
        {required("Id", name_shape()), required("Arn", string(1, 1600)),
         optional("RoleArn", string(1, 1600)), optional("Input", string(0, 8192)),
         optional("InputPath", string(0, 256)), optional("InputTransformer", transformer),
         optional("KinesisParameters", structure({required("PartitionKeyPath", string(0, 256))})),
         optional("EcsParameters", any_value),
         optional("SqsParameters", structure({optional("MessageGroupId", string(0, 100))})),
         optional("HttpParameters", http), optional("DeadLetterConfig", dead_letter_shape()),
         optional("RetryPolicy", retry)});
}

}  // namespace skafu::eventbridge
