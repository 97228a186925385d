#pragma once

#include <functional>
#include <stdexcept>

#include "core/ordered_map.h"

// For the one file that compiles the members of a map of some type:
//   template class skafu::OrderedMap<std::string, Value>;

namespace skafu {

template <class Key, class T>
OrderedMap<Key, T>::OrderedMap() noexcept = default;
template <class Key, class T>
OrderedMap<Key, T>::OrderedMap(const OrderedMap& other) = default;
template <class Key, class T>
OrderedMap<Key, T>::OrderedMap(OrderedMap&& other) noexcept = default;
template <class Key, class T>
OrderedMap<Key, T>& OrderedMap<Key, T>::operator=(const OrderedMap& other) = default;
template <class Key, class T>
OrderedMap<Key, T>& OrderedMap<Key, T>::operator=(OrderedMap&& other) noexcept = default;
template <class Key, class T>
OrderedMap<Key, T>::~OrderedMap() = default;

template <class Key, class T>
OrderedMap<Key, T>::OrderedMap(std::initializer_list<value_type> members) {
    entries_.reserve(members.size());
    for (const value_type& member : members) insert(member);
}

template <class Key, class T>
void OrderedMap<Key, T>::reserve(size_type n) {
    entries_.reserve(n);
}

template <class Key, class T>
void OrderedMap<Key, T>::clear() noexcept {
    entries_.clear();
    index_.clear();
}

template <class Key, class T>
typename OrderedMap<Key, T>::iterator OrderedMap<Key, T>::find(std::string_view key) noexcept {
    return entries_.begin() + static_cast<difference_type>(position(key));
}

template <class Key, class T>
typename OrderedMap<Key, T>::const_iterator OrderedMap<Key, T>::find(
    std::string_view key) const noexcept {
    return entries_.begin() + static_cast<difference_type>(position(key));
}

template <class Key, class T>
std::size_t OrderedMap<Key, T>::count(std::string_view key) const noexcept {
    return position(key) == entries_.size() ? 0 : 1;
}

template <class Key, class T>
T& OrderedMap<Key, T>::at(std::string_view key) {
    const size_type at = position(key);
    if (at == entries_.size()) throw std::out_of_range("there is no member " + std::string(key));
    return entries_[at].second;
}

template <class Key, class T>
const T& OrderedMap<Key, T>::at(std::string_view key) const {
    return const_cast<OrderedMap*>(this)->at(key);
}

template <class Key, class T>
T& OrderedMap<Key, T>::operator[](std::string_view key) {
    const size_type at = position(key);
    if (at != entries_.size()) return entries_[at].second;
    entries_.emplace_back(Key(key), T{});
    index_last();
    return entries_.back().second;
}

template <class Key, class T>
std::pair<typename OrderedMap<Key, T>::iterator, bool> OrderedMap<Key, T>::emplace(Key key,
                                                                                   T value) {
    const size_type at = position(key);
    if (at != entries_.size()) {
        return {entries_.begin() + static_cast<difference_type>(at), false};
    }
    entries_.emplace_back(std::move(key), std::move(value));
    index_last();
    return {entries_.end() - 1, true};
}

template <class Key, class T>
std::pair<typename OrderedMap<Key, T>::iterator, bool> OrderedMap<Key, T>::insert(
    value_type member) {
    return emplace(std::move(member.first), std::move(member.second));
}

template <class Key, class T>
typename OrderedMap<Key, T>::iterator OrderedMap<Key, T>::erase(const_iterator at) {
    const iterator next = entries_.erase(at);
    rebuild_index();
    return next;
}

template <class Key, class T>
typename OrderedMap<Key, T>::iterator OrderedMap<Key, T>::erase(const_iterator first,
                                                                const_iterator last) {
    const iterator next = entries_.erase(first, last);
    rebuild_index();
    return next;
}

template <class Key, class T>
std::size_t OrderedMap<Key, T>::erase(std::string_view key) {
    const size_type at = position(key);
    if (at == entries_.size()) return 0;
    erase(entries_.cbegin() + static_cast<difference_type>(at));
    return 1;
}

template <class Key, class T>
std::size_t OrderedMap<Key, T>::position(std::string_view key) const noexcept {
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

template <class Key, class T>
void OrderedMap<Key, T>::index_last() {
    if (entries_.size() < kIndexFrom) return;
    if (index_.size() < entries_.size() * 2) {
        rebuild_index();
    } else {
        add_to_index(entries_.size() - 1);
    }
}

template <class Key, class T>
void OrderedMap<Key, T>::rebuild_index() {
    index_.clear();
    if (entries_.size() < kIndexFrom) return;
    size_type slots = 64;
    while (slots < entries_.size() * 4) slots *= 2;
    index_.resize(slots, 0);
    for (size_type i = 0; i < entries_.size(); ++i) add_to_index(i);
}

template <class Key, class T>
void OrderedMap<Key, T>::add_to_index(size_type at) {
    const size_type mask = index_.size() - 1;
    size_type slot = std::hash<std::string_view>{}(entries_[at].first) & mask;
    while (index_[slot] != 0) slot = (slot + 1) & mask;
    index_[slot] = static_cast<std::uint32_t>(at + 1);
}

}  // namespace skafu
