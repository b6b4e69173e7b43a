// A whole world for a command: in-memory files, a clock that stands still, streams that are strings.
#pragma once

#include "ntpkeygen/host/environment.hpp"
#include "support/fake_network.hpp"
#include "support/memory_file_system.hpp"
#include "support/plain_memory.hpp"
#include "support/registered_plugins.hpp"
#include "support/run_control.hpp"

#include <map>
#include <set>
#include <string>

namespace ntpkeygen::test {

class FakeClock final : public Clock {
public:
  [[nodiscard]] std::int64_t unix_seconds() override { return now; }
  [[nodiscard]] std::int64_t unix_nanoseconds() override { return now * 1'000'000'000; }
  [[nodiscard]] std::string local_date(std::int64_t seconds) override { return "date " + std::to_string(seconds); }
  std::int64_t now = 1'000'000'000; // 3208988800 in NTP seconds
};

class FakeHost final : public Host {
public:
  [[nodiscard]] Result<std::string> name() override { return host_name; }
  [[nodiscard]] std::uint32_t effective_user() override { return user_id; }
  [[nodiscard]] Result<Owner> user(const std::string &name) override {
    if (const auto found = users.find(name); found != users.end())
      return found->second;
    return failure(ErrorCode::not_found, "there is no user '" + name + "' on this machine");
  }
  [[nodiscard]] Result<std::uint32_t> group(const std::string &name) override {
    if (const auto found = groups.find(name); found != groups.end())
      return found->second;
    return failure(ErrorCode::not_found, "there is no group '" + name + "' on this machine");
  }
  [[nodiscard]] std::string absolute(const std::string &path) override { return path == "." ? working_folder : path; }
  [[nodiscard]] bool has(const std::string &path) override { return paths.contains(path); }

  std::string host_name = "clepsydra", working_folder = "/home/me";
  std::uint32_t user_id = 0;
  std::map<std::string, Owner> users{{"ntp", {38, 38}}};
  std::map<std::string, std::uint32_t> groups{{"ntp", 38}, {"ntpsec", 110}};
  std::set<std::string> paths;
};

class StringOutput final : public TextOutput {
public:
  [[nodiscard]] Result<void> write(std::string_view more) override {
    if (broken)
      return failure(ErrorCode::io, "cannot write: it is broken");
    text += more;
    return {};
  }
  [[nodiscard]] bool is_terminal() override { return terminal; }
  std::string text;
  bool broken = false, terminal = false;
};

// Notes what it is asked to run, and answers with scripted lines.
class FakePrograms final : public Programs {
public:
  [[nodiscard]] Result<int> run(const std::vector<std::string> &words, std::string_view input,
                                const std::function<void(std::string_view)> &on_line, RunControl &control) override {
    asked.push_back(words);
    inputs.emplace_back(input);
    if (missing == words.front())
      return failure(ErrorCode::not_found, words.front() + " cannot be run: No such file or directory");
    if (on_run)
      on_run(words);
    static_cast<void>(control.cancelled());
    for (const std::string &line : lines)
      on_line(line);
    return status;
  }
  [[nodiscard]] Result<std::string> own_helper(const std::string &name) override {
    return missing == name ? Result<std::string>(failure(ErrorCode::not_found, "there is no helper " + name))
                           : "/libexec/" + name;
  }

  std::vector<std::string> lines{}, inputs{};
  std::vector<std::vector<std::string>> asked{};
  std::string missing{};
  std::function<void(const std::vector<std::string> &)> on_run{}; // what the program does to the world
  int status = 0;
};

struct FakeWorld {
  MemoryFileSystem files;
  FakeClock clock;
  FakeHost host;
  FakeNetwork network;
  RegisteredPlugins plugins;
  PlainMemory secrets;
  RecordingControl control;
  StringOutput out, err;
  FakePrograms programs;
  Environment environment{files, clock, host, network, plugins, secrets, control, out, err, programs};
};

} // namespace ntpkeygen::test
