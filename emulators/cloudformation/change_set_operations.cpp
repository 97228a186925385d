#include "cloudformation/operations.h"

namespace skafu::cloudformation {

void add_change_set_operations(Service& service, StackStore& store) {
    (void)service;
    (void)store;
}

}  // namespace skafu::cloudformation
