#include "expressions/jsonata/arena.h"

#include <algorithm>
#include <cstring>

#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {

void* Arena::allocate_slowly(std::size_t bytes) {
    constexpr std::size_t kLargestBlock = 1024 * 1024;
    const std::size_t size = std::max(bytes, block_size_);
    if (size > limit_ - used_) {
        throw JsonataError("U1001").message("The expression needs more memory than is allowed");
    }
    used_ += size;
    block_size_ = std::min(block_size_ * 2, kLargestBlock);
    blocks_.push_back(std::unique_ptr<char[]>(new char[size]));
    char* block = blocks_.back().get();
    if (size == bytes && bytes > kLargestBlock) return block;  // the current block stays in use
    next_ = block + bytes;
    end_ = block + size;
    return block;
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* at = static_cast<char*>(allocate(text.size()));
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
}

}  // namespace skafu::jsonata
