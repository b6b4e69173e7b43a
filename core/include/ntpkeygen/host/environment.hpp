// Everything that a command takes from the world around it. A test builds one from fakes and runs whole commands in it.
#pragma once

#include "ntpkeygen/host/file_system.hpp"
#include "ntpkeygen/host/network.hpp"
#include "ntpkeygen/host/plugin_set.hpp"
#include "ntpkeygen/host/programs.hpp"
#include "ntpkeygen/sdk/run_control.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen {

class Clock {
public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t unix_seconds() = 0;
  [[nodiscard]] virtual std::int64_t unix_nanoseconds() = 0;
  // As ctime(3) writes it in the local time zone, without the line end.
  [[nodiscard]] virtual std::string local_date(std::int64_t unix_seconds) = 0;
};

class Host {
public:
  virtual ~Host() = default;
  [[nodiscard]] virtual Result<std::string> name() = 0; // gethostname(2), never looked up
  [[nodiscard]] virtual std::uint32_t effective_user() = 0;
  // By name or decimal number. not_found when there is none.
  [[nodiscard]] virtual Result<Owner> user(const std::string &name) = 0; // with its primary group
  [[nodiscard]] virtual Result<std::uint32_t> group(const std::string &name) = 0;
  // With links resolved; the path itself where that fails. For hints and messages.
  [[nodiscard]] virtual std::string absolute(const std::string &path) = 0;
  // Whether a path exists; for hints about the machine (AppArmor profiles, SELinux), never for decisions about keys.
  [[nodiscard]] virtual bool has(const std::string &path) = 0;
};

// Where text goes: standard output or standard error. Unbuffered: what holds keys passes through no other memory.
class TextOutput {
public:
  virtual ~TextOutput() = default;
  [[nodiscard]] virtual Result<void> write(std::string_view text) = 0;
  [[nodiscard]] virtual bool is_terminal() = 0;
};

struct Environment {
  FileSystem &files;
  Clock &clock;
  Host &host;
  Network &network;
  PluginSet &plugins;
  SecretMemory &secrets;
  RunControl &control;
  TextOutput &out;
  TextOutput &err;
  Programs &programs;
};

} // namespace ntpkeygen
