// Runs a command and looks for secrets in its memory at the moments when the kernel takes that back: what it unmaps,
// and all that there is when its work is done and it ends, registers included.
//
//   watch_memory record FILE COMMAND [ARGUMENTS...]
//
// writes that to FILE, and to FILE.drawn, in hex, what getrandom(2) gave it. At its end the command is made to dump
// core, and how it ended is said on standard error.
//
//   watch_memory search FILE <SECRETS
//
// reads one secret from each line, in hex, says which stand where, and ends with 1 if any do.
//
// Only root may read the memory of a process that is not dumpable.
#include <algorithm>
#include <cinttypes>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace {

[[noreturn]] void give_up(const std::string &what) {
  std::perror(("watch_memory: " + what).c_str());
  std::exit(125);
}

// A record is a line "<name> <hex address> <size>" and that many bytes.
class Recorder {
public:
  Recorder(const std::string &path, pid_t process)
      : file_(path, std::ios::binary), drawn_(path + ".drawn"), process_(process) {
    memory_ = ::open(("/proc/" + std::to_string(process) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (!file_ || memory_ < 0)
      give_up("the memory cannot be read");
  }
  // What cannot be read, such as a guard page, has nothing in it.
  void take(const std::string &name, std::uint64_t begin, std::uint64_t end) {
    std::vector<char> bytes(end - begin);
    std::size_t size = 0;
    for (ssize_t count = 1; count > 0; size += count > 0 ? static_cast<std::size_t>(count) : 0)
      count = ::pread64(memory_, bytes.data() + size, bytes.size() - size, static_cast<off64_t>(begin + size));
    put(name, begin, {bytes.data(), size});
  }
  void take_all() {
    std::ifstream maps("/proc/" + std::to_string(process_) + "/maps");
    for (std::string line; std::getline(maps, line);) {
      std::istringstream words(line);
      std::string range, rights, rest, name;
      words >> range >> rights >> rest >> rest >> rest >> name;
      std::uint64_t begin = 0, end = 0;
      // What a file holds and nobody could change has no secrets.
      const bool could_change = rights.find('w') != rights.npos || name.empty();
      if (could_change && std::sscanf(range.c_str(), "%" SCNx64 "-%" SCNx64, &begin, &end) == 2)
        take("at the end, " + rights + (name.empty() ? " anonymous" : " " + name), begin, end);
    }
  }
  // Eight bytes are malloc's, which keeps them.
  void take_random(std::uint64_t at, std::uint64_t size) {
    std::vector<unsigned char> bytes(size);
    if (size <= 8 || ::pread64(memory_, bytes.data(), size, static_cast<off64_t>(at)) != static_cast<ssize_t>(size))
      return;
    for (const unsigned char byte : bytes) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", byte);
      drawn_ << digits;
    }
    drawn_ << '\n';
  }
  void take_registers() {
    std::vector<char> bytes(1U << 16U);
    for (const auto &[name, set] : std::map<std::string, unsigned>{{"general registers", NT_PRSTATUS},
                                                                   {"floating point registers", NT_FPREGSET},
                                                                   {"extended registers", 0x202}}) {
      iovec room{bytes.data(), bytes.size()};
      if (::ptrace(PTRACE_GETREGSET, process_, set, &room) == 0)
        put("at the end, " + name, 0, {bytes.data(), room.iov_len});
    }
  }
  void finish() {
    if (!file_.flush() || !drawn_.flush())
      give_up("the memory cannot be recorded");
  }

private:
  void put(const std::string &name, std::uint64_t at, std::string_view bytes) {
    char place[64];
    std::snprintf(place, sizeof place, " %" PRIx64 " %zu\n", at, bytes.size());
    file_ << name << place;
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::ofstream file_, drawn_;
  pid_t process_;
  int memory_ = -1;
};

pid_t start(char **command) {
  const pid_t child = ::fork();
  if (child != 0)
    return child;
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_CORE, &unlimited);
  if (::ptrace(PTRACE_TRACEME) != 0)
    give_up("nothing can be traced");
  ::raise(SIGSTOP);
  ::execvp(command[0], command);
  give_up(command[0]);
}

// Instead of the call that it has just begun, the process does nothing.
void skip_call(pid_t process) {
#if defined(__x86_64__)
  if (::ptrace(PTRACE_POKEUSER, process, offsetof(user, regs.orig_rax), -1L) == 0)
    return;
#elif defined(__aarch64__)
  int none = -1;
  iovec number{&none, sizeof none};
  if (::ptrace(PTRACE_SETREGSET, process, NT_ARM_SYSTEM_CALL, &number) == 0)
    return;
#endif
  give_up("its system calls cannot be skipped");
}

int record(const char *path, char **command) {
  const pid_t child = start(command);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
    give_up("the command cannot be started");
  if (::ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) != 0)
    give_up("nothing can be traced");
  std::optional<Recorder> recorder;
  bool over = false;
  int exit_status = 0;
  std::uint64_t random_to = 0; // where a getrandom that has begun will put its bytes
  for (long signal = 0;;) {
    if (::ptrace(PTRACE_SYSCALL, child, 0, signal) != 0 || ::waitpid(child, &status, 0) != child)
      give_up("the command is lost");
    signal = 0;
    if (WIFEXITED(status) || WIFSIGNALED(status))
      break;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      if ((status >> 8) == (SIGTRAP | (PTRACE_EVENT_EXEC << 8)))
        recorder.emplace(path, child);
      else
        signal = WSTOPSIG(status);
      continue;
    }
    __ptrace_syscall_info call{};
    if (::ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), child, sizeof call, &call) <= 0)
      give_up("its system calls cannot be told");
    if (call.op == PTRACE_SYSCALL_INFO_EXIT && random_to != 0) {
      if (call.exit.rval > 0)
        recorder->take_random(random_to, static_cast<std::uint64_t>(call.exit.rval));
      random_to = 0;
    }
    if (call.op != PTRACE_SYSCALL_INFO_ENTRY || !recorder || over)
      continue;
    const auto *const words = call.entry.args;
    switch (call.entry.nr) {
    case SYS_getrandom:
      random_to = words[0];
      break;
    case SYS_munmap:
      recorder->take("unmapped", words[0], words[0] + words[1]);
      break;
    case SYS_madvise:
      if (words[2] == 4 || words[2] == 8) // MADV_DONTNEED, MADV_FREE
        recorder->take("given back", words[0], words[0] + words[1]);
      break;
    case SYS_clone:
#ifdef SYS_fork
    case SYS_fork:
    case SYS_vfork:
#endif
      std::fprintf(stderr, "watch_memory: it starts another process, which is not watched\n");
      break;
    case SYS_exit_group:
      recorder->take_all();
      recorder->take_registers();
      over = true;
      exit_status = static_cast<int>(words[0]);
      skip_call(child);
      signal = SIGABRT;
      break;
    default:
      break;
    }
  }
  if (!over) {
    std::fprintf(stderr, "watch_memory: it was killed by signal %d before its end\n",
                 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return 125;
  }
  recorder->finish();
  std::fprintf(stderr, "watch_memory: it ended with exit status %d and %s\n", exit_status,
               WIFSIGNALED(status) && WCOREDUMP(status) ? "dumped core" : "did not dump core");
  return 0;
}

// Eight bytes in a row of a secret are enough to be one: so half a key, and a key across two registers, are found as
// well. Unless they are decimal digits, which stand in memory in many ways: GCC 14 puts the digits of 0 to 99 on the
// stack for std::to_string, and in thousands of keys in hex some have the same eight.
constexpr std::size_t window = 8;

bool only_digits(const char *bytes) {
  return std::all_of(bytes, bytes + window, [](char character) { return character >= '0' && character <= '9'; });
}

std::uint64_t window_at(const char *bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, window);
  return value;
}

class Secrets {
public:
  explicit Secrets(std::istream &lines) : sieve_(1U << 20U) {
    for (std::string line; std::getline(lines, line);) {
      std::string bytes;
      for (std::size_t at = 0; at + 1 < line.size(); at += 2)
        bytes.push_back(static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16)));
      for (std::size_t at = 0; at + window <= bytes.size(); ++at) {
        if (only_digits(bytes.data() + at))
          continue;
        const std::uint64_t value = window_at(bytes.data() + at);
        sieve_[place(value)] = true;
        windows_.emplace(value, count_);
      }
      ++count_;
    }
  }
  [[nodiscard]] std::size_t count() const { return windows_.empty() ? 0 : count_; }
  // The number of the secret that has these bytes, from 1 on; 0: none.
  [[nodiscard]] std::size_t at(const char *bytes) const {
    const std::uint64_t value = window_at(bytes);
    if (!sieve_[place(value)])
      return 0;
    const auto found = windows_.find(value);
    return found == windows_.end() ? 0 : found->second + 1;
  }

private:
  [[nodiscard]] std::size_t place(std::uint64_t value) const { return (value * 0x9e3779b97f4a7c15U) >> 44U; }
  std::vector<bool> sieve_;
  std::unordered_map<std::uint64_t, std::size_t> windows_;
  std::size_t count_ = 0;
};

int search(const char *path) {
  const Secrets secrets(std::cin);
  std::ifstream file(path, std::ios::binary);
  std::uint64_t searched = 0;
  int found = 0;
  for (std::string line; std::getline(file, line);) {
    const std::size_t size_at = line.rfind(' ') + 1;
    std::vector<char> bytes(std::stoul(line.substr(size_at)));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      give_up(std::string(path) + " is cut short");
    searched += bytes.size();
    std::size_t last = 0;
    for (std::size_t at = 0; at + window <= bytes.size(); ++at)
      if (const std::size_t number = secrets.at(bytes.data() + at); number == 0 || number == last)
        last = number;
      else {
        last = number;
        if (++found <= 20)
          std::printf("secret %zu of %zu: %s, + 0x%zx: %016" PRIx64 "\n", number, secrets.count(),
                      line.substr(0, size_at - 1).c_str(), at, be64toh(window_at(bytes.data() + at)));
      }
  }
  if (searched == 0 || secrets.count() == 0) {
    std::printf("nothing was searched: %zu secrets, %" PRIu64 " bytes\n", secrets.count(), searched);
    return 125;
  }
  return found == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
  const std::string_view what = argc > 2 ? argv[1] : "";
  if (what == "search" && argc == 3)
    return search(argv[2]);
  if (what == "record" && argc > 3)
    return record(argv[2], argv + 3);
  std::fputs("usage: watch_memory record FILE COMMAND [ARGUMENTS...]\n       watch_memory search FILE <SECRETS\n",
             stderr);
  return 125;
}
