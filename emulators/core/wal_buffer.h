#pragma once

namespace skafu {

/// The name of SQLite's file system with one difference: what a transaction appends to the
/// write-ahead log goes out in one piece, with its last page, and not in two pieces for each page.
/// Nothing is held back once a commit has returned. Registers it when first called.
const char* wal_buffering_vfs();

}  // namespace skafu
