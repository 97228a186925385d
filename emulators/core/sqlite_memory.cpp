#include "core/sqlite_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

#include <sqlite3.h>

namespace skafu {
namespace {

/// Sizes are multiples of this, so that freed memory fits its next use.
constexpr std::size_t kSizeStep = 32;
/// A page of the largest kind in use with what SQLite sets beside it; larger blocks are rare.
constexpr std::size_t kLargestKept = 9 * 1024;
constexpr std::size_t kMostKept = 16 * 1024 * 1024;

/// Blocks of this size and more hold pages of a database.
constexpr std::size_t kSmallestPage = 4 * 1024;
/// So much of pages comes from the general heap; a server that stores little needs no more.
constexpr std::size_t kPagesOnHeap = 4 * 1024 * 1024;
/// Address space taken at once for pages beyond that, and what the kernel backs it by.
constexpr std::size_t kPageArea = 64 * 1024 * 1024;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

/// Stands before each block; SQLite asks for 8-byte alignment.
struct BlockHeader {
    std::uint32_t size = 0;
    bool in_area = false;  // and not on the heap: it cannot be given back
};
static_assert(sizeof(BlockHeader) == 8);

/// What lies in a block while nobody uses it.
struct FreeBlock {
    FreeBlock* next = nullptr;
};

/// Free blocks by size. One set for each thread: SQLite then needs no lock for its memory.
struct KeptBlocks {
    FreeBlock* by_size[kLargestKept / kSizeStep + 1];
    std::size_t bytes;
};
thread_local KeptBlocks kept_blocks{};

/// Memory for the pages of databases. A database in memory grows by a page for every few items, and
/// a page fault for each half of one took a tenth of the time of a write: the area lies on huge
/// pages, which come with few faults.
class PageArea {
  public:
    /// Memory for a block, or nullptr where it is to come from the heap.
    void* take(std::size_t bytes) {
        if (on_heap_ + bytes <= kPagesOnHeap) {
            on_heap_ += bytes;
            return nullptr;
        }
        if (left_ < bytes) {
            next_ = map_area();
            left_ = next_ == nullptr ? 0 : kPageArea;
            if (next_ == nullptr) return nullptr;
        }
        void* taken = next_;
        next_ += bytes;
        left_ -= bytes;
        return taken;
    }

  private:
    static char* map_area() {
        void* mapped = mmap(nullptr, kPageArea + kHugePage, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) return nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(mapped);
        char* aligned = static_cast<char*>(mapped) + (kHugePage - address % kHugePage);
        madvise(aligned, kPageArea, MADV_HUGEPAGE);
        return aligned;
    }

    char* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t on_heap_ = 0;
};
thread_local PageArea page_area;

BlockHeader* header_of(void* block) {
    return static_cast<BlockHeader*>(block) - 1;
}

int round_size(int bytes) {
    const auto step = static_cast<int>(kSizeStep);
    return (bytes + step - 1) / step * step;
}

void* allocate_block(int bytes) {
    const auto size = static_cast<std::size_t>(round_size(bytes));
    if (size <= kLargestKept) {
        FreeBlock*& first = kept_blocks.by_size[size / kSizeStep];
        if (first != nullptr) {
            FreeBlock* block = first;
            first = block->next;
            if (!header_of(block)->in_area) kept_blocks.bytes -= size;
            return block;
        }
    }
    const std::size_t whole = sizeof(BlockHeader) + size;
    const bool is_page = size >= kSmallestPage && size <= kLargestKept;
    void* memory = is_page ? page_area.take(whole) : nullptr;
    const bool in_area = memory != nullptr;
    if (!in_area) memory = std::malloc(whole);
    if (memory == nullptr) return nullptr;
    return new (memory) BlockHeader{static_cast<std::uint32_t>(size), in_area} + 1;
}

void free_block(void* block) {
    if (block == nullptr) return;
    const auto [size, in_area] = *header_of(block);
    if (!in_area) {
        if (size > kLargestKept || kept_blocks.bytes + size > kMostKept) {
            std::free(header_of(block));
            return;
        }
        kept_blocks.bytes += size;
    }
    FreeBlock*& first = kept_blocks.by_size[size / kSizeStep];
    first = new (block) FreeBlock{first};
}

int block_size(void* block) {
    return block == nullptr ? 0 : static_cast<int>(header_of(block)->size);
}

void* resize_block(void* block, int bytes) {
    if (round_size(bytes) == block_size(block)) return block;
    void* moved = allocate_block(bytes);
    if (moved == nullptr) return nullptr;
    const int both = std::min(block_size(block), block_size(moved));
    std::memcpy(moved, block, static_cast<std::size_t>(both));
    free_block(block);
    return moved;
}

int start_memory(void*) {
    return SQLITE_OK;
}
void stop_memory(void*) {}

}  // namespace

void keep_sqlite_memory() {
    const sqlite3_mem_methods methods = {allocate_block, free_block,   resize_block, block_size,
                                         round_size,     start_memory, stop_memory,  nullptr};
    // Both are refused once SQLite is in use, and have been set then.
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace skafu
