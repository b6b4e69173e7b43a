// Sorting by a number of 32 bits, in time that grows with how much there is to sort and no faster: files of any length
// are sorted by key id or by place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ntpkeygen {
namespace detail {

struct NumberedPlace {
  std::uint32_t number = 0, place = 0;
};

// A radix sort, by 16 bits at a time. Those with the same number keep their order.
inline void sort_places(std::vector<NumberedPlace> &places) {
  constexpr std::uint32_t digits = 65536;
  std::vector<NumberedPlace> other(places.size());
  for (const unsigned shift : {0U, 16U}) {
    std::vector<std::uint32_t> begin(digits + 1);
    for (const NumberedPlace &each : places)
      ++begin[(each.number >> shift) % digits + 1];
    for (std::uint32_t digit = 0; digit < digits; ++digit)
      begin[digit + 1] += begin[digit];
    for (const NumberedPlace &each : places)
      other[begin[(each.number >> shift) % digits]++] = each;
    places.swap(other);
  }
}

} // namespace detail

// Those with the same number keep their order. `number(element) -> std::uint32_t`.
template <class T, class Number> void sort_by_number(std::vector<T> &all, Number &&number) {
  constexpr std::size_t few = 4096; // comparing is quicker
  if (all.size() < few) {
    std::stable_sort(all.begin(), all.end(), [&](const T &a, const T &b) { return number(a) < number(b); });
    return;
  }
  std::vector<detail::NumberedPlace> places(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    places[i] = {number(all[i]), static_cast<std::uint32_t>(i)};
  detail::sort_places(places);
  // What belongs to a place is moved there along the ring of those that take each other's places.
  for (std::size_t first = 0; first < places.size(); ++first) {
    if (places[first].place == first)
      continue;
    T moved = std::move(all[first]);
    std::size_t to = first;
    for (std::size_t from = places[to].place; from != first; from = places[to].place) {
      all[to] = std::move(all[from]);
      places[to].place = static_cast<std::uint32_t>(to);
      to = from;
    }
    all[to] = std::move(moved);
    places[to].place = static_cast<std::uint32_t>(to);
  }
}

} // namespace ntpkeygen
