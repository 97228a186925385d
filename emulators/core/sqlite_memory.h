#pragma once

namespace skafu {

/// Lets SQLite keep what it frees for its next wish of that size. A transaction copies each page
/// that it changes in blocks of a kilobyte, hundreds of them, and frees them all with its commit:
/// that took the general allocator a sixth of the time of a write. To be called before SQLite is
/// used; later calls do nothing.
void keep_sqlite_memory();

}  // namespace skafu
