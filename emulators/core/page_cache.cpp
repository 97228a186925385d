#include "core/page_cache.h"

#include <algorithm>
#include <new>

#include <sqlite3.h>

namespace skafu {
namespace {

/// SQLite's own page cache, which does the work.
sqlite3_pcache_methods2 plain_cache;

/// A cache, and which numbers its pages have: none is above `highest`, but for one that may be put
/// aside while others are renumbered.
struct TrackedCache {
    sqlite3_pcache* plain = nullptr;
    unsigned highest = 0;
    unsigned aside = 0;  // 0: none is
};

TrackedCache& tracked(sqlite3_pcache* cache) {
    return *reinterpret_cast<TrackedCache*>(cache);
}

sqlite3_pcache* create_cache(int page_size, int extra_size, int purgeable) {
    auto* cache = new (std::nothrow) TrackedCache;
    if (cache == nullptr) return nullptr;
    cache->plain = plain_cache.xCreate(page_size, extra_size, purgeable);
    if (cache->plain != nullptr) return reinterpret_cast<sqlite3_pcache*>(cache);
    delete cache;
    return nullptr;
}

void destroy_cache(sqlite3_pcache* cache) {
    plain_cache.xDestroy(tracked(cache).plain);
    delete &tracked(cache);
}

sqlite3_pcache_page* fetch_page(sqlite3_pcache* cache, unsigned number, int create) {
    TrackedCache& known = tracked(cache);
    sqlite3_pcache_page* page = plain_cache.xFetch(known.plain, number, create);
    if (page != nullptr) known.highest = std::max(known.highest, number);
    return page;
}

void renumber_page(sqlite3_pcache* cache, sqlite3_pcache_page* page, unsigned from, unsigned to) {
    TrackedCache& known = tracked(cache);
    plain_cache.xRekey(known.plain, page, from, to);
    if (from == known.aside) known.aside = 0;
    if (to <= known.highest) return;
    known.highest = std::max(known.highest, known.aside);
    known.aside = to;
}

/// Drops the pages from a number on.
void truncate_cache(sqlite3_pcache* cache, unsigned from) {
    TrackedCache& known = tracked(cache);
    if (known.aside == 0 && known.highest < from) return;
    plain_cache.xTruncate(known.plain, from);
    known.highest = std::min(known.highest, from == 0 ? 0 : from - 1);
    if (known.aside >= from) known.aside = 0;
}

void resize_cache(sqlite3_pcache* cache, int pages) {
    plain_cache.xCachesize(tracked(cache).plain, pages);
}
int count_pages(sqlite3_pcache* cache) {
    return plain_cache.xPagecount(tracked(cache).plain);
}
void unpin_page(sqlite3_pcache* cache, sqlite3_pcache_page* page, int discard) {
    plain_cache.xUnpin(tracked(cache).plain, page, discard);
}
void shrink_cache(sqlite3_pcache* cache) {
    plain_cache.xShrink(tracked(cache).plain);
}

}  // namespace

void spare_cache_walks() {
    static const bool spared = [] {
        if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &plain_cache) != SQLITE_OK) return false;
        sqlite3_pcache_methods2 methods = plain_cache;
        methods.xCreate = create_cache;
        methods.xDestroy = destroy_cache;
        methods.xFetch = fetch_page;
        methods.xRekey = renumber_page;
        methods.xTruncate = truncate_cache;
        methods.xCachesize = resize_cache;
        methods.xPagecount = count_pages;
        methods.xUnpin = unpin_page;
        methods.xShrink = shrink_cache;
        return sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods) == SQLITE_OK;
    }();
    static_cast<void>(spared);
}

}  // namespace skafu
