#pragma once

#include <string>

#include "core/http.h"

namespace skafu::server {

enum class Persist { keep_alive, close };
enum class BodyPart { send, omit };  ///< omit: the answer to HEAD

/// Appends one HTTP/1.1 response to `out`; Content-Length is that of the body, unless the
/// handler set it for an answer to HEAD. It says `date`, unless that is empty or the handler did.
void write_response(const HttpResponse& response, Persist persist, BodyPart body,
                    std::string_view date, std::string& out);
std::string_view reason_phrase(int status);

}  // namespace skafu::server
