// To be preloaded into the program under test: an allocation fails. FAILING_ALLOCATION=N is the N-th one of the
// process, counted from 1; N+ means all from there on. The file that ALLOCATIONS_TO names gets the number of
// allocations at the end, and a line if what failed was asked for while a library was being loaded: by the initialisers
// of others' libraries, perhaps, which end the process.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

// The C library's own, under the names that it keeps for replacements like these.
extern "C" {
void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_realloc(void *memory, std::size_t size);
void *__libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<unsigned long> made = 0;
unsigned long failing = 0; // 0: none does
bool all_from_there = false;
std::atomic<int> loading = 0;
std::atomic<bool> has_told = false;
const char *told_to = nullptr;

void tell(const char *line) noexcept {
  if (told_to == nullptr)
    return;
  const int file = ::open(told_to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  static_cast<void>(!::write(file, line, std::strlen(line)));
  ::close(file);
}

bool fails() noexcept {
  const unsigned long number = ++made;
  if (failing == 0 || (all_from_there ? number < failing : number != failing))
    return false;
  if (loading > 0 && !has_told.exchange(true))
    tell("loading\n");
  errno = ENOMEM;
  return true;
}

[[gnu::constructor]] void begin() {
  made = 0; // what the loader needed is not the program's
  told_to = std::getenv("ALLOCATIONS_TO");
  if (const char *which = std::getenv("FAILING_ALLOCATION")) {
    char *end = nullptr;
    failing = std::strtoul(which, &end, 10);
    all_from_there = *end == '+';
  }
}

[[gnu::destructor]] void finish() {
  std::array<char, 32> line{};
  std::snprintf(line.data(), line.size(), "%lu\n", made.load());
  tell(line.data());
}

} // namespace

#define NTPKEYGEN_REPLACEMENT extern "C" [[gnu::visibility("default"), gnu::used]]

NTPKEYGEN_REPLACEMENT void *malloc(std::size_t size) noexcept {
  return fails() ? nullptr : __libc_malloc(size);
}
NTPKEYGEN_REPLACEMENT void *calloc(std::size_t count, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_calloc(count, size);
}
NTPKEYGEN_REPLACEMENT void *realloc(void *memory, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_realloc(memory, size);
}
NTPKEYGEN_REPLACEMENT void *memalign(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
NTPKEYGEN_REPLACEMENT void *aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
NTPKEYGEN_REPLACEMENT int posix_memalign(void **memory, std::size_t alignment, std::size_t size) noexcept {
  void *const taken = fails() ? nullptr : __libc_memalign(alignment, size);
  if (taken == nullptr)
    return ENOMEM;
  *memory = taken;
  return 0;
}

NTPKEYGEN_REPLACEMENT void *dlopen(const char *file, int mode) noexcept {
  static const auto real = reinterpret_cast<void *(*)(const char *, int)>(::dlsym(RTLD_NEXT, "dlopen"));
  ++loading;
  void *const library = real(file, mode);
  --loading;
  return library;
}
