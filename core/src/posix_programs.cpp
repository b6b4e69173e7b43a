#include "ntpkeygen/host/posix_programs.hpp"

#include "ntpkeygen/host/own_library.hpp"
#include "path_trust.hpp"
#include "paths.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ; // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace ntpkeygen {
namespace {

// One end of a pipe, closed when it goes.
class End {
public:
  End() = default;
  explicit End(int number) : number_(number) {}
  ~End() { close(); }
  End(const End &) = delete;
  End &operator=(const End &) = delete;
  void set(int number) { number_ = number; }
  void close() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

private:
  int number_ = -1;
};

bool make_pipe(End &reading, End &writing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return false;
  reading.set(ends[0]);
  writing.set(ends[1]);
  return true;
}

tl::unexpected<Error> failed(const std::string &what, int number) {
  return failure(
      Error{number == ENOENT ? ErrorCode::not_found : ErrorCode::io, number, what + ": " + std::strerror(number)});
}

// Feeds the input and takes the output, until the program closes it.
class Conversation {
public:
  Conversation(End &to, End &from, std::string_view input, const std::function<void(std::string_view)> &on_line)
      : to_(to), from_(from), input_(input), on_line_(on_line) {
    ::fcntl(to_.number(), F_SETFL, O_NONBLOCK);
  }

  void hold(pid_t process, RunControl &control) {
    bool told = false;
    while (from_.is_open()) {
      if (input_.empty())
        to_.close();
      std::array<pollfd, 2> ends{pollfd{from_.number(), POLLIN, 0}, pollfd{to_.number(), POLLOUT, 0}};
      // An interruption ends the wait; the one that came just before it began is noticed soon.
      constexpr int look_again_ms = 500;
      const int ready = ::poll(ends.data(), to_.is_open() ? 2 : 1, look_again_ms);
      if (control.cancelled() && !told) {
        ::kill(process, SIGTERM);
        told = true;
      }
      if (ready <= 0)
        continue;
      if (to_.is_open() && ends[1].revents != 0)
        feed();
      if (ends[0].revents != 0)
        take();
    }
    if (!line_.empty())
      on_line_(line_);
  }

private:
  void feed() {
    const ::ssize_t written = ::write(to_.number(), input_.data(), input_.size());
    if (written > 0)
      input_.remove_prefix(static_cast<std::size_t>(written));
    else if (written < 0 && errno != EAGAIN && errno != EINTR)
      input_ = {}; // it does not read on; its exit status says what it thinks of that
  }
  void take() {
    std::array<char, 4096> part; // not cleared: only what was read is used
    const ::ssize_t got = ::read(from_.number(), part.data(), part.size());
    if (got == 0 || (got < 0 && errno != EINTR))
      return from_.close();
    for (::ssize_t i = 0; i < got; ++i) {
      if (part[static_cast<std::size_t>(i)] != '\n') {
        line_ += part[static_cast<std::size_t>(i)];
        continue;
      }
      on_line_(line_);
      line_.clear();
    }
  }

  End &to_, &from_;
  std::string_view input_;
  const std::function<void(std::string_view)> &on_line_;
  std::string line_{};
};

} // namespace

Result<int> PosixPrograms::run(const std::vector<std::string> &words, std::string_view input,
                               const std::function<void(std::string_view)> &on_line, RunControl &control) {
  End to_program, its_input, from_program, its_output;
  if (!make_pipe(its_input, to_program) || !make_pipe(from_program, its_output))
    return failed("no pipe could be made", errno);
  std::vector<char *> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);

  // What this process ignores, the other one would ignore as well.
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_init(&actions);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGXFSZ})
    sigaddset(&usual, signal);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  ::posix_spawn_file_actions_adddup2(&actions, its_input.number(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, its_output.number(), STDOUT_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, words.front().c_str(), &actions, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return failed(words.front() + " cannot be run", error);

  its_input.close();
  its_output.close();
  Conversation(to_program, from_program, input, on_line).hold(process, control);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR)
      return failed(words.front() + " was lost", errno);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<std::string> PosixPrograms::own_helper(const std::string &name) {
  std::string searched;
  for (const std::string &folder : own_helper_folders()) {
    const std::optional<std::string> path = real_path(folder + '/' + name);
    searched += (searched.empty() ? "'" : ", '") + folder + "'";
    struct stat status{};
    if (!path || ::lstat(path->c_str(), &status) != 0)
      continue;
    PathTrust trust;
    Result<void> trusted = trust.folder(folder_of(*path));
    if (trusted)
      trusted = trust.file(*path, status);
    if (!trusted)
      return failure(ErrorCode::plugin_fault,
                     "the program's helper '" + *path + "' is refused: " + trusted.error().message,
                     trusted.error().hint);
    return *path;
  }
  return failure(ErrorCode::not_found, "the program's helper " + name + " is in none of the folders " + searched,
                 "install all of ntpkeygen, or build all of it");
}

} // namespace ntpkeygen
