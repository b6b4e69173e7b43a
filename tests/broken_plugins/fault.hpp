// Which law a plugin is to break.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace ntpkeygen::broken {

inline bool fault_is(std::string_view name) {
  const char *const wanted = std::getenv("NTPKEYGEN_FAULT");
  return wanted != nullptr && name == wanted;
}

[[noreturn]] inline void never_return() {
  for (;;)
    static_cast<void>(std::getenv("NTPKEYGEN_FAULT"));
}

[[noreturn]] inline void let_an_exception_out() {
  throw std::runtime_error("no such letter");
}

} // namespace ntpkeygen::broken
