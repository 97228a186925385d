#include "core/sqlite_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include <sqlite3.h>

namespace skafu {
namespace {

/// Sizes are multiples of this, so that freed memory fits its next use.
constexpr std::size_t kSizeStep = 32;
/// A page of the largest kind in use with what SQLite sets beside it; larger blocks are rare.
constexpr std::size_t kLargestKept = 9 * 1024;
constexpr std::size_t kMostKept = 16 * 1024 * 1024;

/// Stands before each block; SQLite asks for 8-byte alignment.
struct BlockHeader {
    std::size_t size = 0;
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
            kept_blocks.bytes -= size;
            return block;
        }
    }
    auto* header = static_cast<BlockHeader*>(std::malloc(sizeof(BlockHeader) + size));
    if (header == nullptr) return nullptr;
    header->size = size;
    return header + 1;
}

void free_block(void* block) {
    if (block == nullptr) return;
    const std::size_t size = header_of(block)->size;
    if (size > kLargestKept || kept_blocks.bytes + size > kMostKept) {
        std::free(header_of(block));
        return;
    }
    FreeBlock*& first = kept_blocks.by_size[size / kSizeStep];
    first = new (block) FreeBlock{first};
    kept_blocks.bytes += size;
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
