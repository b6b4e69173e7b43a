// For modules that have a copy of the C++ runtime of their own.
#pragma once

#include <exception>

namespace ntpkeygen {

// What a thread knows about exceptions is its own in each copy of the runtime, and is allocated for the first one:
// where that is about memory, the allocation fails as well, and the process ends without a word of ours. So each thread
// that runs in such a module calls this there before anything can go wrong. NTPKEYGEN_PLUGIN does it for the main
// thread.
inline void prepare_to_throw() noexcept {
  [[maybe_unused]] const volatile int so_far = std::uncaught_exceptions(); // volatile: or else nobody would ask for it
}

} // namespace ntpkeygen
