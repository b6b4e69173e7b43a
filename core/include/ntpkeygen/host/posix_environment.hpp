// The clock, the host and the standard streams of the machine.
#pragma once

#include "ntpkeygen/host/environment.hpp"

namespace ntpkeygen {

class PosixClock final : public Clock {
public:
  [[nodiscard]] std::int64_t unix_seconds() override;
  [[nodiscard]] std::int64_t unix_nanoseconds() override;
  [[nodiscard]] std::string local_date(std::int64_t unix_seconds) override;
};

class PosixHost final : public Host {
public:
  [[nodiscard]] Result<std::string> name() override;
  [[nodiscard]] std::uint32_t effective_user() override;
  [[nodiscard]] Result<Owner> user(const std::string &name) override;
  [[nodiscard]] Result<std::uint32_t> group(const std::string &name) override;
  [[nodiscard]] std::string absolute(const std::string &path) override;
  [[nodiscard]] bool has(const std::string &path) override;
};

// Writes straight to a file descriptor, which it does not own. With a control, waiting for a slow reader ends when the
// user interrupts it.
class DescriptorOutput final : public TextOutput {
public:
  DescriptorOutput(int descriptor, std::string name, const RunControl *control = nullptr)
      : descriptor_(descriptor), name_(std::move(name)), control_(control) {}
  [[nodiscard]] Result<void> write(std::string_view text) override;
  [[nodiscard]] bool is_terminal() override;

private:
  int descriptor_;
  std::string name_; // for messages
  const RunControl *control_;
};

} // namespace ntpkeygen
