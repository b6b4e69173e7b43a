// A RunControl that remembers what was said, and can be told to cancel.
#pragma once

#include "ntpkeygen/sdk/run_control.hpp"

#include <string>
#include <vector>

namespace ntpkeygen::test {

class RecordingControl final : public RunControl {
public:
  [[nodiscard]] bool cancelled() const noexcept override { return cancel; }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view sentence) noexcept override { notices.emplace_back(sentence); }

  bool cancel = false;
  std::vector<std::string> notices;
};

} // namespace ntpkeygen::test
