#pragma once

#include "core/service.h"

namespace skafu::logs {

// The shapes that many operations share, from the CloudWatch Logs API reference.
inline Shape group_shape() {
    return shape::string(1, 512, "[\\.\\-_/#A-Za-z0-9]+");
}
inline Shape identifier_shape() {
    return shape::string(1, 2048, "[\\w#+=/:,.@-]*");
}
inline Shape stream_shape() {
    return shape::string(1, 512, "[^:*]*");
}
inline Shape filter_name_shape() {
    return shape::string(1, 512, "[^:*]*");
}
inline Shape token_shape() {
    return shape::string(1);
}

/// A row of the service's table, but for its handler.
inline Operation row(std::string name, Shape input = shape::any()) {
    Operation operation;
    operation.name = std::move(name);
    operation.input = input;
    return operation;
}

}  // namespace skafu::logs
