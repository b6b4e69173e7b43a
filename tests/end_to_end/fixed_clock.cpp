// A wall clock that stands still, for the tests: LD_PRELOAD=fixed_clock.so FIXED_CLOCK=<Unix seconds> COMMAND. Other
// clocks go on.
#include <cstdlib>
#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

bool is_of_the_day(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

std::time_t fixed_seconds() {
  const char *const given = std::getenv("FIXED_CLOCK");
  return given == nullptr ? 0 : static_cast<std::time_t>(std::atoll(given));
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, struct timespec *time) noexcept {
  if (!is_of_the_day(clock))
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  *time = {fixed_seconds(), 0};
  return 0;
}

int gettimeofday(struct timeval *time, void *) noexcept {
  *time = {fixed_seconds(), 0};
  return 0;
}

std::time_t time(std::time_t *seconds) noexcept {
  const std::time_t now = fixed_seconds();
  if (seconds != nullptr)
    *seconds = now;
  return now;
}
}
