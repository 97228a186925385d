#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::eventbridge {

/// A hash of short texts: two overlapping words where eight bytes are there, else what there is.
inline std::uint64_t text_hash(std::string_view text) {
    constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15;
    constexpr std::uint64_t kSecond = 0xC2B2AE3D27D4EB4F;
    const char* data = text.data();
    std::size_t size = text.size();
    std::uint64_t hash = size * kFirst;
    const auto mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * kSecond;
        hash ^= hash >> 29;
    };
    std::uint64_t word = 0;
    if (size >= 8) {
        for (std::size_t at = 0; at + 8 < size; at += 8) {
            std::memcpy(&word, data + at, 8);
            mix(word);
        }
        std::memcpy(&word, data + size - 8, 8);
    } else {
        for (std::size_t at = 0; at < size; ++at) {
            word = (word << 8) | static_cast<unsigned char>(data[at]);
        }
    }
    mix(word);
    // Tables take the low bits. What tells "tenant-0001" from "tenant-0002" stands in the high
    // bytes of its last word, of which a single multiplication leaves nothing in the lowest bits.
    hash *= kFirst;
    return hash ^ (hash >> 32);
}

/// Texts numbered from 0 in the order in which they came. A look-up touches a slot and, where it
/// finds something, the text.
class FlatTable {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    std::uint32_t find(std::string_view text) const {
        return count_ == 0 ? kNone : find(text, text_hash(text));
    }
    /// The same where text_hash(text) is known already.
    std::uint32_t find(std::string_view text, std::uint64_t hash) const {
        if (count_ == 0) return kNone;
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.number == kNone) return kNone;
            if (slot.hash == hash && text_at(slot.place) == text) return slot.number;
        }
    }

    std::uint32_t add(std::string_view text) {
        const std::uint32_t known = find(text);
        if (known != kNone) return known;
        if ((std::size_t{count_} + 1) * 2 > slots_.size()) grow();
        const auto place = static_cast<std::uint32_t>(texts_.size());
        const auto size = static_cast<std::uint32_t>(text.size());
        texts_.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
        put({text_hash(text), count_, place});
        return count_++;
    }

    bool empty() const { return count_ == 0; }
    /// Fetches what find() will look at first; not of an empty table.
    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask()]); }

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t number = kNone;
        std::uint32_t place = 0;  // in texts_: the length, then the text
    };
    std::size_t mask() const { return slots_.size() - 1; }

    std::string_view text_at(std::uint32_t place) const {
        std::uint32_t size = 0;
        std::memcpy(&size, texts_.data() + place, sizeof size);
        return {texts_.data() + place + sizeof size, size};
    }

    void put(const Slot& slot) {
        std::size_t at = slot.hash & mask();
        while (slots_[at].number != kNone) at = (at + 1) & mask();
        slots_[at] = slot;
    }

    void grow() {
        const std::vector<Slot> before = std::move(slots_);
        slots_.assign(before.empty() ? 8 : before.size() * 2, Slot{});
        for (const Slot& slot : before) {
            if (slot.number != kNone) put(slot);
        }
    }

    std::vector<Slot> slots_;
    std::string texts_;
    std::uint32_t count_ = 0;
};

}  // namespace skafu::eventbridge
