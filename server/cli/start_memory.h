#pragma once

namespace skafu::server {

/// Takes at once, in a few calls, the memory that the start will need anyway: asking the system
/// page by page as it is touched costs more than all else that the start does.
void take_start_memory();

/// Gives back what only the start needed: free memory of the heap, and the pages of program and
/// libraries that were read once to set everything up. What runs on is mapped again when it is
/// called, from the system's cache of files. After that, freed memory is kept for what comes.
void release_start_memory();

}  // namespace skafu::server
