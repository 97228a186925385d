#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace skafu::jsonata {

/// Where the intermediate values of one evaluation live: allocation is an addition, and all is
/// freed at once when the evaluation ends.
class Arena {
  public:
    /// Throws JsonataError U1001 from allocate() once `limit` bytes are in use.
    explicit Arena(std::size_t limit) : limit_(limit), next_(first_), end_(first_ + kFirst) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    void* allocate(std::size_t bytes) {
        bytes = (bytes + 7) & ~std::size_t{7};
        if (static_cast<std::size_t>(end_ - next_) < bytes) return allocate_slowly(bytes);
        void* at = next_;
        next_ += bytes;
        return at;
    }

    template <class T, class... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
        return new (allocate(sizeof(T))) T{std::forward<Args>(args)...};
    }

    template <class T>
    T* array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
        return static_cast<T*>(allocate(count * sizeof(T)));
    }

    /// A copy of the text that lives as long as the arena.
    std::string_view copy(std::string_view text);

    /// Makes the last array allocated larger in place, where there is room behind it.
    template <class T>
    bool extend(const T* block, std::size_t count, std::size_t new_count) {
        return extend_bytes(reinterpret_cast<const char*>(block + count),
                            (new_count - count) * sizeof(T));
    }
    /// The same for a text that ends at `end`.
    bool extend_bytes(const char* end, std::size_t more) {
        const std::size_t slack =
            static_cast<std::size_t>(-reinterpret_cast<std::intptr_t>(end) & 7);
        if (end + slack != next_) return false;
        if (more <= slack) return true;
        const std::size_t bytes = (more - slack + 7) & ~std::size_t{7};
        if (static_cast<std::size_t>(end_ - next_) < bytes) return false;
        next_ += bytes;
        return true;
    }

  private:
    static constexpr std::size_t kFirst = 8192;

    void* allocate_slowly(std::size_t bytes);

    std::size_t limit_;
    std::size_t used_ = 0;
    std::size_t block_size_ = 4 * kFirst;
    char* next_;
    char* end_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    alignas(8) char first_[kFirst];
};

}  // namespace skafu::jsonata
