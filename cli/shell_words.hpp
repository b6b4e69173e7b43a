// Words as they can be pasted into a shell.
#pragma once

#include <string>

namespace ntpkeygen::cli {

[[nodiscard]] std::string quoted_for_a_shell(const std::string &word);

} // namespace ntpkeygen::cli
