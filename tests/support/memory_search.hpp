// Looks for bytes in all memory that this process can write, but for its stack: is a key really gone?
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace ntpkeygen::test {

// Sanitizers map far too much memory to search.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool memory_can_be_searched = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
inline constexpr bool memory_can_be_searched = false;
#else
inline constexpr bool memory_can_be_searched = true;
#endif
#else
inline constexpr bool memory_can_be_searched = true;
#endif

// How often `size` bytes occur, the i-th of them byte_at(i): a function and not a buffer, which would find itself.
// It allocates nothing, so that it overwrites nothing that was freed.
template <class F> std::size_t occurrences_outside_the_stack(std::size_t size, F byte_at) {
  std::array<char, 128 * 1024> maps;
  std::size_t length = 0;
  const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  for (::ssize_t got = 1; got > 0 && length < maps.size(); length += static_cast<std::size_t>(got > 0 ? got : 0))
    got = ::read(file, maps.data() + length, maps.size() - length);
  ::close(file);
  if (length == 0 || length == maps.size())
    throw std::runtime_error("/proc/self/maps cannot be read whole");
  maps[length] = '\0'; // for sscanf

  std::size_t found = 0;
  for (std::string_view rest(maps.data(), length); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    unsigned long begin = 0, end = 0;
    std::array<char, 5> rights{};
    if (std::sscanf(line.data(), "%lx-%lx %4s", &begin, &end, rights.data()) != 3 || rights[0] != 'r' ||
        rights[1] != 'w' || line.ends_with(']') != line.ends_with("[heap]"))
      continue;
    const auto *memory = reinterpret_cast<const volatile std::byte *>(begin);
    for (std::size_t at = 0; at + size <= end - begin; ++at) {
      std::size_t i = 0;
      while (i < size && memory[at + i] == byte_at(i))
        ++i;
      found += i == size ? 1 : 0;
    }
  }
  return found;
}

} // namespace ntpkeygen::test
