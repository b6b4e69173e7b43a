#include "cli/process.hpp"

#include "cli/messages.hpp"
#include "ntpkeygen/host/dynamic_plugin_set.hpp"
#include "ntpkeygen/host/own_library.hpp"
#include "ntpkeygen/host/posix_environment.hpp"
#include "ntpkeygen/host/posix_file_system.hpp"
#include "ntpkeygen/host/posix_network.hpp"
#include "ntpkeygen/host/posix_programs.hpp"
#include "ntpkeygen/host/secret_arena.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <new>
#include <sys/prctl.h>
#include <unistd.h>

namespace ntpkeygen::cli {
namespace {

// Set by a signal handler, read by any thread.
std::atomic<int> interrupted = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void give_way(int) {
  const int signal = interrupted;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Asked once, a command ends by itself and leaves nothing behind. One that is deep in a calculation is ended when asked
// again, or after two seconds; that is safe at any moment, and may leave a temporary name.
void remember_interruption(int signal) {
  const bool again = interrupted != 0;
  interrupted = signal;
  if (again)
    return give_way(signal);
  std::signal(SIGALRM, give_way);
  ::alarm(2);
}

void set_signals() {
  // A file-size limit and a reader that went away become errors that can be reported.
  for (const int signal : {SIGXFSZ, SIGPIPE})
    std::signal(signal, SIG_IGN);
  struct sigaction on_interruption{};
  on_interruption.sa_handler = remember_interruption; // without SA_RESTART: waiting calls return
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction present{};
    if (::sigaction(signal, nullptr, &present) == 0 && present.sa_handler != SIG_IGN)
      ::sigaction(signal, &on_interruption, nullptr);
  }
}

class ProcessControl final : public RunControl {
public:
  explicit ProcessControl(TextOutput &err) : err_(err) {}
  [[nodiscard]] bool cancelled() const noexcept override { return interrupted != 0; }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  // Waiting has to be explained even under --quiet.
  void notice(std::string_view sentence) noexcept override {
    try {
      Messages(err_, "ntpkeygen", false).notice(sentence);
    } catch (const std::bad_alloc &) {
      static_cast<void>(err_.write("ntpkeygen: notice: waiting\n"));
    }
  }

private:
  TextOutput &err_;
};

int run_in_the_world(int argc, char **argv, std::span<const Command *const> further) {
  PosixFileSystem files;
  PosixClock clock;
  PosixHost host;
  PosixNetwork network;
  PosixPrograms programs;
  SecretArena secrets;
  // Never destroyed: closing the plugins just before the process ends would only take time.
  static DynamicPluginSet &plugins = *new DynamicPluginSet(default_plugin_folders());
  DescriptorOutput err(STDERR_FILENO, "standard error");
  ProcessControl control(err);
  DescriptorOutput out(STDOUT_FILENO, "standard output", &control);
  Environment environment{files, clock, host, network, plugins, secrets, control, out, err, programs};
  const int status = run({argv, argv + argc}, environment, further);
  Messages messages(err, "ntpkeygen", false);
  messages.tell_of_finished_work([&] {
    if (const auto weakness = secrets.weakness())
      messages.warning(*weakness, "raise the limit on locked memory ('ulimit -l')");
  });
  return status;
}

} // namespace

bool protect_process() {
  // A standard stream that the caller closed must not become the descriptor of a keys file. The root folder takes its
  // place: it is there without /dev, and writing to it fails.
  for (const int descriptor : {0, 1, 2})
    if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF && ::open("/", O_RDONLY | O_DIRECTORY) != descriptor)
      return false;
  // A core limit of 0 would not stop a core pattern that pipes to a program; this does, and keeps other processes of
  // the same user from reading this one's memory.
  ::prctl(PR_SET_DUMPABLE, 0);
  return true;
}

void say_out_of_memory() noexcept {
  static_cast<void>(DescriptorOutput(STDERR_FILENO, "").write("ntpkeygen: error: out of memory\n"));
}

void end_in_words_without_memory(int status) noexcept {
  static int exit_status;
  static std::terminate_handler otherwise;
  exit_status = status;
  otherwise = std::set_terminate([] {
    if (std::current_exception() != nullptr)
      otherwise();
    say_out_of_memory();
    ::_exit(exit_status);
  });
}

int run_process(int argc, char **argv, std::span<const Command *const> further) noexcept try {
  set_signals();
  return run_in_the_world(argc, argv, further);
} catch (const std::bad_alloc &) { // run() has its own; this one is for what stands around it
  say_out_of_memory();
  return failed_status_of(argc > 1 ? argv[1] : "");
}

} // namespace ntpkeygen::cli
