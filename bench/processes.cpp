// Whole runs of the program, from its start to its end.
#include "workbench.hpp"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <sys/resource.h>
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

double seconds(const ::timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Took {
  double by_the_clock = 0, of_the_processor = 0; // seconds
};

// One run of the program in this folder. `verdict`: what it may end with besides 0.
Took run_in(const fs::path &folder, std::vector<std::string> arguments, int verdict = 0) {
  std::string program = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin/ntpkeygen";
  std::vector<char *> words{program.data()};
  for (std::string &argument : arguments)
    words.push_back(argument.data());
  words.push_back(nullptr);
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const auto begin = std::chrono::steady_clock::now();
  ::pid_t process = -1;
  int status = -1;
  ::rusage used{};
  const bool ended = ::posix_spawn(&process, program.c_str(), &actions, nullptr, words.data(), environ) == 0 &&
                     ::wait4(process, &status, 0, &used) == process;
  const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - begin;
  ::posix_spawn_file_actions_destroy(&actions);
  if (!ended || !WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != verdict))
    throw std::runtime_error(program + " failed");
  return {clock.count(), seconds(used.ru_utime) + seconds(used.ru_stime)};
}

// Each run has an empty folder for its current one; making and removing that is not counted.
void run(benchmark::State &state, const std::vector<std::string> &arguments) {
  for (auto _ : state) {
    const ScratchFolder folder;
    state.SetIterationTime(run_in(folder.path(), arguments).by_the_clock);
  }
}

// Over an NTPsec keys file of any length. Processor time, since these runs are for seeing how it grows.
void run_over(benchmark::State &state, const std::vector<std::string> &arguments) {
  const ScratchFolder folder;
  {
    Workbench bench;
    const SecretText file = bench.file(*value_of(bench.plugins.key_file_format("ntpsec")),
                                       static_cast<std::uint32_t>(state.range(0)), mixture_of(state));
    std::ofstream(folder.path() / "keys") << file.reveal_text();
    fs::permissions(folder.path() / "keys", fs::perms::owner_read);
  }
  for (auto _ : state)
    state.SetIterationTime(run_in(folder.path(), arguments, 1).of_the_processor);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

// Over an ntp.conf that has a key in every other line.
void run_over_config(benchmark::State &state) {
  const ScratchFolder folder;
  std::ofstream conf(folder.path() / "ntp.conf");
  for (std::int64_t line = 0; line < state.range(0); line += 2)
    conf << "trustedkey 7\n# note\n";
  conf.close();
  for (auto _ : state)
    state.SetIterationTime(run_in(folder.path(), {"check", "--config", "ntp.conf"}, 1).of_the_processor);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
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

  const std::string every = "ntpsec,ntpsec@1.2.5,classic,chrony,busybox,ntpdig,sntp";
  const auto add_lengths = [](const std::string &name, const std::vector<std::string> &arguments) {
    for (const Mixture mixture : mixtures)
      over_lengths(benchmark::RegisterBenchmark((name + std::string(word_for(mixture))).c_str(), run_over, arguments)
                       ->UseManualTime()
                       ->Unit(benchmark::kMillisecond),
                   mixture);
  };
  add_lengths("file/check", {"check", "keys", "--format", "ntpsec"});
  add_lengths("file/check_for_all", {"check", "keys", "--format", "ntpsec", "--for", every});
  add_lengths("file/convert", {"convert", "keys", "--from", "ntpsec", "--to", "chrony"});
  add_lengths("file/explain", {"explain", "keys", "--for", "ntpsec", "--json"});
  add_lengths("file/explain_for_all", {"explain", "keys", "--for", every});
  benchmark::RegisterBenchmark("file/check_config", run_over_config) // a configuration has 1 MiB at most
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->RangeMultiplier(10)
      ->Range(100, 10'000)
      ->Complexity(benchmark::oN);
}

} // namespace ntpkeygen::bench
