// Whole runs of the program, from its start to its end.
#include "workbench.hpp"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ntpkeygen::bench {
namespace {

namespace fs = std::filesystem;

// A folder on a tmpfs where there is one, so that no disk is measured.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string name = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / "bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder can be made from " + name);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;
  [[nodiscard]] const fs::path &path() const { return path_; }

private:
  fs::path path_;
};

// Each run has an empty folder for its current one; making and removing that is not counted.
void run(benchmark::State &state, std::vector<std::string> arguments) {
  std::string program = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin/ntpkeygen";
  std::vector<char *> words{program.data()};
  for (std::string &argument : arguments)
    words.push_back(argument.data());
  words.push_back(nullptr);

  for (auto _ : state) {
    const ScratchFolder folder;
    ::posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder.path().c_str());
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    const auto begin = std::chrono::steady_clock::now();
    ::pid_t process = -1;
    int status = -1;
    const bool ended = ::posix_spawn(&process, program.c_str(), &actions, nullptr, words.data(), environ) == 0 &&
                       ::waitpid(process, &status, 0) == process;
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    ::posix_spawn_file_actions_destroy(&actions);
    if (!ended || status != 0)
      throw std::runtime_error(program + " failed");
  }
}

} // namespace

void add_process_benchmarks() {
  const auto add = [](const char *name, std::vector<std::string> arguments) {
    benchmark::RegisterBenchmark(name, run, std::move(arguments))->UseManualTime()->Unit(benchmark::kMillisecond);
  };
  add("process/version", {"--version"});
  add("process/default_run", {"--no-sync"});
  add("process/65535_keys",
      {"--count", "65535", "--type", "AES-128", "--encoding", "hex", "--output", "keys", "--no-sync"});
}

} // namespace ntpkeygen::bench
