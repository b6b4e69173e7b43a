#include "entropy_assessments/sp800_90b/non_iid/suffix_sort.hpp"

#include <chrono>
#include <condition_variable>
#include <divsufsort.h>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

static_assert(std::is_same_v<saidx_t, std::int32_t>);

constexpr auto polling_interval = std::chrono::milliseconds(20);

struct Sorting {
  explicit Sorting(std::vector<std::uint8_t> sorted) : text(std::move(sorted)), suffixes(text.size()) {}

  void run() noexcept {
    const saint_t result = divsufsort(text.data(), suffixes.data(), static_cast<saidx_t>(text.size()));
    const std::lock_guard lock(mutex);
    status = result;
    done = true;
    ended.notify_all();
  }

  std::vector<std::uint8_t> text;
  std::vector<saidx_t> suffixes;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  saint_t status = 0;
};

// Whoever unloads plugins must not take the code from under a thread that still runs.
void stay_loaded() noexcept {
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void *>(&stay_loaded), &here) != 0)
    // cppcheck-suppress leakReturnValNotUsed ; it is never closed: that is the purpose
    ::dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

} // namespace

// libdivsufsort cannot be interrupted, and takes seconds at times. So it has a thread of its own, which is left to
// itself when the work is cancelled: it owns all that it touches, and the program may end while it runs.
std::optional<std::vector<std::int32_t>> sort_suffixes(std::vector<std::uint8_t> text, Work &work) {
  const auto sorting = std::make_shared<Sorting>(std::move(text));
  try {
    std::thread([sorting] { sorting->run(); }).detach();
  } catch (const std::system_error &) {
    sorting->run(); // no further thread: then without interruption
  }
  std::unique_lock lock(sorting->mutex);
  while (!sorting->ended.wait_for(lock, polling_interval, [&] { return sorting->done; }))
    if (work.cancelled()) {
      stay_loaded();
      return std::nullopt;
    }
  if (sorting->status != 0)
    throw std::bad_alloc();
  return std::move(sorting->suffixes);
}

} // namespace ntpkeygen::plugins::sp800_90b
