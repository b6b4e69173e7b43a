// How long-running plugin calls hear of an interruption and say what they are doing.
#pragma once

#include <cstdint>
#include <string_view>

namespace ntpkeygen {

class RunControl {
public:
  // True after Ctrl-C or SIGTERM: return ErrorCode::cancelled soon. Cheap; ask it in every loop that can wait.
  [[nodiscard]] virtual bool cancelled() const noexcept = 0;
  // `done` of `total` units of a stage. Shown on a terminal only.
  virtual void progress(std::string_view stage, std::uint64_t done, std::uint64_t total) noexcept = 0;
  // One sentence that a user must hear now, because the call is about to wait.
  virtual void notice(std::string_view sentence) noexcept = 0;

protected:
  ~RunControl() = default;
};

} // namespace ntpkeygen
