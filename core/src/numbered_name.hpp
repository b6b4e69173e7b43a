// Looking for a name that is free by trying: the attempt to take it is the test, so that two runs never share one.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

#include <cstdint>
#include <string>
#include <unistd.h>
#include <utility>

namespace ntpkeygen {

struct NumberedName {
  std::string name{};
  std::uint64_t number = 0;
};

// For a Take: false where somebody else has the name.
[[nodiscard]] inline Result<bool> unless_taken(Result<void> result) {
  if (!result && result.error().code != ErrorCode::already_exists)
    return failure(std::move(result.error()));
  return result.has_value();
}

// Calls `take`, which returns Result<bool>, with <prefix><number>, counting up from `first` until it is true or fails.
template <class Take> [[nodiscard]] Result<NumberedName>
take_numbered_name(const std::string &folder, const std::string &prefix, std::uint64_t first, Take &&take) {
  constexpr std::uint64_t most_tries = 4096;
  for (std::uint64_t number = first; number - first < most_tries; ++number) {
    NumberedName candidate{prefix + std::to_string(number), number};
    Result<bool> taken = take(candidate.name);
    if (!taken)
      return failure(std::move(taken.error()));
    if (*taken)
      return candidate;
  }
  return failure(ErrorCode::io,
                 "no name is free from " + path_in(folder, prefix) + std::to_string(first) + " to " + prefix +
                     std::to_string(first + most_tries - 1),
                 "remove what is not needed there any more");
}

// For names that nobody but this process should see.
[[nodiscard]] inline std::string temporary_prefix() {
  return ".ntpkeygen." + std::to_string(::getpid()) + ".";
}

} // namespace ntpkeygen
