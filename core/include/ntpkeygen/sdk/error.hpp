// Errors are values. Every function that can fail returns Result<T>; nothing is thrown across the plugin boundary.
//
// An Error is plain data that owns its strings, so it outlives the plugin call that made it. `message` says what went
// wrong and where; `hint` says what to do next and may be empty. Both are lower case and end without a full stop,
// because the command line prints them behind a prefix. Neither ever holds key material.
#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ntpkeygen {

enum class ErrorCode : std::uint16_t {
  out_of_memory = 1,
  invalid_argument,
  unsupported,
  unavailable,
  not_found,
  already_exists,
  permission,
  io,
  end_of_data,
  health_test,
  verification,
  cancelled,
  plugin_fault
};

struct Error {
  ErrorCode code{};
  int sys_errno = 0;     // the errno behind it, 0 where there is none
  std::string message{}; // empty for out_of_memory: wording it would need memory, so core does it
  std::string hint{};
};

template <class T> using Result = tl::expected<T, Error>;

// Short for the two commonest ways to fail. Cold: the code that leads here is kept away from what usually runs.
[[gnu::cold]] inline tl::unexpected<Error> failure(ErrorCode code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, 0, std::move(message), std::move(hint)});
}
[[gnu::cold]] inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Wraps the body of every override that can allocate. It is compiled into the plugin, so exceptions of the plugin's own
// libraries end here, and a failed allocation comes back as a value instead of ending the process through `noexcept`.
template <class F> auto guarded(F &&body) noexcept -> decltype(body()) {
  try {
    return std::forward<F>(body)();
  } catch (const std::bad_alloc &) {
    return tl::unexpected<Error>(Error{ErrorCode::out_of_memory});
  } catch (...) {
    return tl::unexpected<Error>(Error{ErrorCode::plugin_fault});
  }
}

} // namespace ntpkeygen
