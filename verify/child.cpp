#include "verify/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ntpkeygen::verify {
namespace {

// Shared with the child: it can be read when that is dead.
struct Step {
  std::array<char, 160> what{};
  std::array<char, 64> input{};
  std::size_t input_size = 0, allocation = 0;
  bool has_input = false;
};

Step *shared_step() {
  // cppcheck-suppress invalidFunctionArg ; memory without a file has no descriptor
  static void *const memory = ::mmap(nullptr, sizeof(Step), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Step *>(memory);
}

std::string in_words(const Step &step) {
  std::string words = step.what[0] == '\0' ? "" : std::string(" while it was asked to ") + step.what.data();
  if (step.has_input)
    words += " (" + shown({step.input.data(), step.input_size}) + ")";
  if (step.allocation != 0)
    words += ", with allocation " + std::to_string(step.allocation) + " failing";
  return words;
}

// What it wrote before it ended, in one line.
std::string in_one_line(std::string said) {
  while (!said.empty() && said.back() == '\n')
    said.pop_back();
  constexpr std::size_t most = 300;
  if (said.size() > most)
    said.resize(most);
  std::string line;
  for (const char c : said)
    if (c == '\n')
      line += "; ";
    else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && (c != ' ' || !line.ends_with(' ')))
      line += c;
  return line.empty() ? "" : ": " + line;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return;
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

[[noreturn]] void be_child(const std::function<std::string()> &body, int answer, int said) {
  ::setpgid(0, 0); // what it starts ends with it
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (const int nothing = ::open("/dev/null", O_RDONLY); nothing >= 0)
    ::dup2(nothing, STDIN_FILENO);
  ::dup2(said, STDOUT_FILENO);
  ::dup2(said, STDERR_FILENO);
  try {
    write_all(answer, body());
  } catch (const std::exception &exception) {
    std::fprintf(stderr, "the check itself failed: %s\n", exception.what());
    std::_Exit(EXIT_FAILURE);
  } catch (...) {
    std::fputs("an exception came out of the plugin\n", stderr);
    std::_Exit(EXIT_FAILURE);
  }
  std::_Exit(EXIT_SUCCESS);
}

std::chrono::nanoseconds processor_time_of(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
    return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// All that has come so far. False: nothing more will.
bool take(int descriptor, std::string &text, std::size_t most) {
  std::array<char, 4096> part{};
  for (;;) {
    const ::ssize_t got = ::read(descriptor, part.data(), part.size());
    if (got <= 0)
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    if (text.size() < most)
      text.append(part.data(), static_cast<std::size_t>(got));
  }
}

} // namespace

void note_step(std::string_view what) noexcept {
  Step *const step = shared_step();
  if (step == nullptr)
    return;
  const std::size_t size = std::min(what.size(), step->what.size() - 1);
  std::memcpy(step->what.data(), what.data(), size);
  step->what[size] = '\0';
  step->allocation = 0;
  step->has_input = false;
}
void note_allocation(std::size_t which) noexcept {
  if (Step *const step = shared_step(); step != nullptr)
    step->allocation = which;
}
void note_input(std::string_view bytes) noexcept {
  Step *const step = shared_step();
  if (step == nullptr)
    return;
  step->input_size = bytes.size();
  std::memcpy(step->input.data(), bytes.data(), std::min(bytes.size(), step->input.size()));
  step->has_input = true;
}

std::string in_hex(std::string_view bytes) {
  constexpr std::size_t most = sizeof Step{}.input;
  std::string text = std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes") +
                     (bytes.empty()         ? ""
                      : bytes.size() > most ? ", which begin with"
                                            : ":");
  for (const char c : bytes.substr(0, most)) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(c);
    text += {' ', digits[value >> 4], digits[value & 15]};
  }
  return text;
}

std::string shown(std::string_view bytes) {
  constexpr std::size_t most = sizeof Step{}.input;
  const std::string_view begin = bytes.substr(0, most);
  const auto is_plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; };
  const auto plain = static_cast<std::size_t>(std::ranges::count_if(begin, is_plain));
  constexpr std::size_t mostly = 8; // all but one in so many
  if (begin.empty() || (begin.size() - plain) * mostly > begin.size())
    return in_hex(bytes);
  std::string text = std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes") +
                     (bytes.size() > most ? ", which begin with \"" : ": \"");
  for (const char c : begin) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\t' || c == '\r')
      text += {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : 'r'};
    else if (c == '"' || c == '\\')
      text += {'\\', c};
    else if (is_plain(c))
      text += c;
    else
      text += {'\\', 'x', digits[value >> 4], digits[value & 15]};
  }
  return text + '"';
}

Ended run_in_child(const std::function<std::string()> &body, std::chrono::nanoseconds time) {
  std::array<int, 2> answers{}, words{};
  if (shared_step() == nullptr || ::pipe2(answers.data(), O_CLOEXEC) != 0 || ::pipe2(words.data(), O_CLOEXEC) != 0)
    return {std::nullopt, std::string("was not tried: no process can be made: ") + std::strerror(errno)};
  note_step("");
  std::fflush(nullptr); // or the child prints it again
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(answers[0]);
    ::close(words[0]);
    be_child(body, answers[1], words[1]);
  }
  ::close(answers[1]);
  ::close(words[1]);
  std::string answer, said;
  bool late = false;
  int status = 0;
  pid_t ended = process < 0 ? process : 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto patience = std::max<std::chrono::nanoseconds>(10 * time, std::chrono::minutes(1)); // others may be busy
  std::array<pollfd, 2> ends{pollfd{answers[0], POLLIN, 0}, pollfd{words[0], POLLIN, 0}};
  for (const pollfd &end : ends)
    ::fcntl(end.fd, F_SETFL, O_NONBLOCK);
  while (ended == 0) {
    constexpr int look_again_ms = 20;
    ::poll(ends.data(), ends.size(), look_again_ms);
    if (!late && (processor_time_of(process) > time || std::chrono::steady_clock::now() - begin > patience)) {
      late = true;
      ::kill(process, SIGKILL);
    }
    ended = ::waitpid(process, &status, WNOHANG); // before the last look at what it wrote
    if (ended > 0)
      ::kill(-process, SIGKILL); // what it started, if anything
    constexpr std::size_t longest_answer = 1 << 20, longest_words = 4096;
    if (ends[0].fd >= 0 && !take(ends[0].fd, answer, longest_answer))
      ends[0].fd = -1;
    if (ends[1].fd >= 0 && !take(ends[1].fd, said, longest_words))
      ends[1].fd = -1;
  }
  const int number = errno;
  ::close(answers[0]);
  ::close(words[0]);
  if (ended < 0)
    return {std::nullopt, std::string("was not tried: no process can be made: ") + std::strerror(number)};
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS && !answer.empty())
    return {std::move(answer), {}};
  const std::string step = in_words(*shared_step());
  if (late) {
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%g s", std::chrono::duration<double>(time).count());
    return {std::nullopt, std::string("did not come to an end within ") + seconds.data() + step};
  }
  if (WIFSIGNALED(status))
    return {std::nullopt, std::string("ended the process (") + ::strsignal(WTERMSIG(status)) + ")" + step +
                              in_one_line(std::move(said))};
  return {std::nullopt, "ended the process with exit status " + std::to_string(WEXITSTATUS(status)) + step +
                            in_one_line(std::move(said))};
}

} // namespace ntpkeygen::verify
