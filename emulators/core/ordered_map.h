#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace skafu {

/// The members of an object, under texts; they keep the order in which they came, as AWS keeps it.
/// Small objects are searched in line; larger ones carry a hash index, so that a hostile
/// object of many members stays linear.
/// What is not in line here is in core/ordered_map_members.h, and compiled once for each type.
template <class Key, class T>
class OrderedMap {
  public:
    using key_type = Key;
    using mapped_type = T;
    using value_type = std::pair<Key, T>;
    using Entries = std::vector<value_type>;
    using iterator = typename Entries::iterator;
    using const_iterator = typename Entries::const_iterator;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;

    OrderedMap() noexcept;
    OrderedMap(std::initializer_list<value_type> members);
    OrderedMap(const OrderedMap& other);
    OrderedMap(OrderedMap&& other) noexcept;
    OrderedMap& operator=(const OrderedMap& other);
    OrderedMap& operator=(OrderedMap&& other) noexcept;
    ~OrderedMap();

    iterator begin() noexcept { return entries_.begin(); }
    iterator end() noexcept { return entries_.end(); }
    const_iterator begin() const noexcept { return entries_.begin(); }
    const_iterator end() const noexcept { return entries_.end(); }
    size_type size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }
    void reserve(size_type n);
    void clear() noexcept;

    iterator find(std::string_view key) noexcept;
    const_iterator find(std::string_view key) const noexcept;
    size_type count(std::string_view key) const noexcept;
    /// Throws std::out_of_range where there is no such member.
    T& at(std::string_view key);
    const T& at(std::string_view key) const;
    /// The member, made where it was not.
    T& operator[](std::string_view key);

    /// Adds a member; one that is there stays as it is, and `second` is false.
    std::pair<iterator, bool> emplace(Key key, T value);
    std::pair<iterator, bool> insert(value_type member);

    iterator erase(const_iterator at);
    iterator erase(const_iterator first, const_iterator last);
    size_type erase(std::string_view key);

    /// Objects are equal when they hold the same members, in whatever order.
    friend bool operator==(const OrderedMap& a, const OrderedMap& b) {
        if (a.size() != b.size()) return false;
        for (const value_type& entry : a.entries_) {
            const const_iterator found = b.find(entry.first);
            if (found == b.end() || !(found->second == entry.second)) return false;
        }
        return true;
    }

  private:
    static constexpr size_type kIndexFrom = 24;

    size_type position(std::string_view key) const noexcept;
    void index_last();
    void rebuild_index();
    void add_to_index(size_type at);

    Entries entries_;
    std::vector<std::uint32_t> index_;  // position + 1 in entries_, 0 = free; empty while small
};

}  // namespace skafu
