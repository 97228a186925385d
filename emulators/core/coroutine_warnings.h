#pragma once

// GCC 12 at -O2 takes Asio's recycling of coroutine frames for a mismatch of new and delete. Only
// files in which it says so include this.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
