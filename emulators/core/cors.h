#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/json.h"

namespace skafu {

/// What pages of other origins may do with a function URL or an HTTP API.
struct CorsRules {
    std::vector<std::string> origins;
    std::vector<std::string> methods;
    std::vector<std::string> headers;
    std::vector<std::string> exposed_headers;
    std::optional<std::int64_t> max_age;
    bool credentials = false;

    /// From {AllowOrigins, AllowMethods, AllowHeaders, ExposeHeaders, MaxAge, AllowCredentials};
    /// the names may begin with a small letter.
    static CorsRules from(const Json& configuration);

    /// Whether pages of an origin are welcome: it is named, or "*" or "https://*" means it.
    bool allows(std::string_view origin) const;
    /// What an ordinary answer says to a page of `origin`; what it said before is dropped.
    void mark(std::string_view origin, HttpHeaders& answer) const;
    /// What a preflight is answered for a page of `origin`.
    void answer_preflight(std::string_view origin, HttpHeaders& answer) const;

  private:
    void add_origin(std::string_view origin, HttpHeaders& answer) const;
};

}  // namespace skafu
