#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skafu {

/// An Amazon Resource Name, in its parts. Spelling as in the AWS General Reference:
/// arn:partition:service:region:account:resource
struct Arn {
    std::string partition;
    std::string service;
    std::string region;
    std::string account;
    std::string
        resource;  ///< all after the fifth colon: "queue", "function:name:alias", "rule/bus/name"

    /// nullopt where `text` has not the six parts of an ARN.
    static std::optional<Arn> parse(std::string_view text);
    std::string text() const;
    /// The resource's first part ("rule" of "rule/bus/name"); all of it where there is one part.
    std::string_view resource_type() const;
    /// What follows the resource's first part; all of it where there is one part.
    std::string_view resource_id() const;
};

/// "arn:aws:service:region:account:resource"
std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource);

}  // namespace skafu
