#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace skafu {

/// The object type of Json: members keep the order in which they came, as AWS keeps it.
/// Small objects are searched in line; larger ones carry a hash index, so that a hostile
/// object of many members stays linear.
template <class Key, class T, class IgnoredLess = std::less<Key>,
          class IgnoredAllocator = std::allocator<std::pair<const Key, T>>>
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
    using key_compare = std::equal_to<>;
    using allocator_type = std::allocator<value_type>;

    OrderedMap() = default;
    template <class It>
    OrderedMap(It first, It last) {
        insert(first, last);
    }
    OrderedMap(std::initializer_list<value_type> init) { insert(init.begin(), init.end()); }

    iterator begin() noexcept { return entries_.begin(); }
    iterator end() noexcept { return entries_.end(); }
    const_iterator begin() const noexcept { return entries_.begin(); }
    const_iterator end() const noexcept { return entries_.end(); }
    const_iterator cbegin() const noexcept { return entries_.cbegin(); }
    const_iterator cend() const noexcept { return entries_.cend(); }
    size_type size() const noexcept { return entries_.size(); }
    size_type max_size() const noexcept { return entries_.max_size(); }
    bool empty() const noexcept { return entries_.empty(); }
    void reserve(size_type n) { entries_.reserve(n); }
    void clear() noexcept {
        entries_.clear();
        index_.clear();
    }
    void swap(OrderedMap& other) noexcept {
        entries_.swap(other.entries_);
        index_.swap(other.index_);
    }

    template <class K>
    iterator find(const K& key) {
        return entries_.begin() + static_cast<difference_type>(position(std::string_view(key)));
    }
    template <class K>
    const_iterator find(const K& key) const {
        return entries_.begin() + static_cast<difference_type>(position(std::string_view(key)));
    }
    template <class K>
    size_type count(const K& key) const {
        return position(std::string_view(key)) == entries_.size() ? 0 : 1;
    }
    template <class K>
    T& at(const K& key) {
        const size_type at = position(std::string_view(key));
        if (at == entries_.size()) throw std::out_of_range("key not found");
        return entries_[at].second;
    }
    template <class K>
    const T& at(const K& key) const {
        return const_cast<OrderedMap*>(this)->at(key);
    }
    template <class K>
    T& operator[](K&& key) {
        return emplace(std::forward<K>(key), T{}).first->second;
    }

    template <class K, class V>
    std::pair<iterator, bool> emplace(K&& key, V&& value) {
        const size_type at = position(std::string_view(key));
        if (at != entries_.size()) {
            return {entries_.begin() + static_cast<difference_type>(at), false};
        }
        entries_.emplace_back(Key(std::forward<K>(key)), std::forward<V>(value));
        index_last();
        return {entries_.end() - 1, true};
    }
    std::pair<iterator, bool> insert(value_type&& value) {
        return emplace(std::move(value.first), std::move(value.second));
    }
    std::pair<iterator, bool> insert(const value_type& value) {
        return emplace(value.first, value.second);
    }
    template <class It>
    void insert(It first, It last) {
        for (; first != last; ++first) emplace(first->first, first->second);
    }

    iterator erase(const_iterator at) {
        iterator next = entries_.erase(at);
        rebuild_index();
        return next;
    }
    iterator erase(const_iterator first, const_iterator last) {
        iterator next = entries_.erase(first, last);
        rebuild_index();
        return next;
    }
    template <class K, std::enable_if_t<std::is_convertible_v<const K&, std::string_view>, int> = 0>
    size_type erase(const K& key) {
        const size_type at = position(std::string_view(key));
        if (at == entries_.size()) return 0;
        erase(entries_.cbegin() + static_cast<difference_type>(at));
        return 1;
    }

    /// Objects are equal when they hold the same members, in whatever order.
    friend bool operator==(const OrderedMap& a, const OrderedMap& b) {
        if (a.size() != b.size()) return false;
        for (const value_type& entry : a.entries_) {
            const const_iterator found = b.find(entry.first);
            if (found == b.end() || !(found->second == entry.second)) return false;
        }
        return true;
    }
    friend bool operator<(const OrderedMap& a, const OrderedMap& b) {
        return a.entries_ < b.entries_;
    }

  private:
    static constexpr size_type kIndexFrom = 24;

    size_type position(std::string_view key) const noexcept {
        if (index_.empty()) {
            for (size_type i = 0; i < entries_.size(); ++i) {
                if (entries_[i].first == key) return i;
            }
            return entries_.size();
        }
        const size_type mask = index_.size() - 1;
        for (size_type slot = std::hash<std::string_view>{}(key)&mask; index_[slot] != 0;
             slot = (slot + 1) & mask) {
            if (entries_[index_[slot] - 1].first == key) return index_[slot] - 1;
        }
        return entries_.size();
    }

    void index_last() {
        if (entries_.size() < kIndexFrom) return;
        if (index_.size() < entries_.size() * 2) {
            rebuild_index();
        } else {
            add_to_index(entries_.size() - 1);
        }
    }

    void rebuild_index() {
        index_.clear();
        if (entries_.size() < kIndexFrom) return;
        size_type slots = 64;
        while (slots < entries_.size() * 4) slots *= 2;
        index_.resize(slots, 0);
        for (size_type i = 0; i < entries_.size(); ++i) add_to_index(i);
    }

    void add_to_index(size_type at) {
        const size_type mask = index_.size() - 1;
        size_type slot = std::hash<std::string_view>{}(entries_[at].first) & mask;
        while (index_[slot] != 0) slot = (slot + 1) & mask;
        index_[slot] = static_cast<std::uint32_t>(at + 1);
    }

    Entries entries_;
    std::vector<std::uint32_t> index_;  // position + 1 in entries_, 0 = free; empty while small
};

}  // namespace skafu
