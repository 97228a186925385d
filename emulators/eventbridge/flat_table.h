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
    return hash;
}

/// Texts numbered from 0 in the order in which they came.
class FlatTable {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    std::uint32_t find(std::string_view text) const {
        if (texts_.empty()) return kNone;
        const std::uint64_t hash = text_hash(text);
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.number == kNone) return kNone;
            if (slot.hash == hash && texts_[slot.number] == text) return slot.number;
        }
    }

    std::uint32_t add(std::string_view text) {
        const std::uint32_t known = find(text);
        if (known != kNone) return known;
        if ((texts_.size() + 1) * 2 > slots_.size()) grow();
        texts_.emplace_back(text);
        const auto number = static_cast<std::uint32_t>(texts_.size() - 1);
        place(text_hash(text), number);
        return number;
    }

    bool empty() const { return texts_.empty(); }

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t number = kNone;
    };
    std::size_t mask() const { return slots_.size() - 1; }

    void place(std::uint64_t hash, std::uint32_t number) {
        std::size_t at = hash & mask();
        while (slots_[at].number != kNone) at = (at + 1) & mask();
        slots_[at] = {hash, number};
    }

    void grow() {
        slots_.assign(slots_.empty() ? 8 : slots_.size() * 2, Slot{});
        for (std::uint32_t i = 0; i < texts_.size(); ++i) place(text_hash(texts_[i]), i);
    }

    std::vector<Slot> slots_;
    std::vector<std::string> texts_;
};

}  // namespace skafu::eventbridge
