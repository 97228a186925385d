#include "core/entropy.h"

#include <bit>
#include <random>

namespace skafu {
namespace {

/// splitmix64, which spreads a seed over the generator's state.
std::uint64_t spread(std::uint64_t& seed) {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

Entropy::Entropy(std::uint64_t seed) {
    if (seed == 0) {
        std::random_device device;
        seed = (std::uint64_t(device()) << 32) | device();
    }
    for (std::uint64_t& word : state_) word = spread(seed);
}

std::uint64_t Entropy::next() {
    // xoshiro256**
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Entropy::below(std::uint64_t below) {
    // Values past the last whole multiple of `below` would make small results likelier.
    const std::uint64_t reject_from = UINT64_MAX - UINT64_MAX % below;
    std::uint64_t value = next();
    while (value >= reject_from) value = next();
    return value % below;
}

double Entropy::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string Entropy::uuid() {
    std::string text(36, '-');
    std::uint64_t bits = next();
    int left = 16;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) continue;
        if (left == 0) {
            bits = next();
            left = 16;
        }
        text[i] = kHex[bits & 15];
        bits >>= 4;
        --left;
    }
    text[14] = '4';
    text[19] = kHex[8 + (next() & 3)];
    return text;
}

std::string Entropy::pick(std::size_t count, std::string_view alphabet) {
    std::string text(count, ' ');
    for (char& c : text) c = alphabet[below(alphabet.size())];
    return text;
}

std::string Entropy::upper_alphanumeric(std::size_t count) {
    return pick(count, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

std::string Entropy::lower_alphanumeric(std::size_t count) {
    return pick(count, "abcdefghijklmnopqrstuvwxyz0123456789");
}

std::string Entropy::hex(std::size_t count) {
    return pick(count, kHex);
}

std::string Entropy::bytes(std::size_t count) {
    std::string bytes(count, '\0');
    for (char& c : bytes) c = static_cast<char>(next() & 255);
    return bytes;
}

}  // namespace skafu
