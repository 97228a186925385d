#pragma once

namespace skafu {

/// Spares SQLite a walk over its whole page cache with each commit. When a tree is rebalanced, a
/// page gets a number far above all others for a moment, and the cache takes it that there may be
/// pages up there to drop: with a large database in memory, that took longer than the write. To be
/// called before SQLite is used; later calls do nothing.
void spare_cache_walks();

}  // namespace skafu
