// The programs of the machine.
#pragma once

#include "ntpkeygen/host/programs.hpp"

namespace ntpkeygen {

class PosixPrograms final : public Programs {
public:
  [[nodiscard]] Result<int> run(const std::vector<std::string> &words, std::string_view input,
                                const std::function<void(std::string_view)> &on_line, RunControl &control) override;
  [[nodiscard]] Result<std::string> own_helper(const std::string &name) override;
};

} // namespace ntpkeygen
