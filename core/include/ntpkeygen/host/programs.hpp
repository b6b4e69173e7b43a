// Other programs that a command runs: helpers of its own, and a plotting tool.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen {

class Programs {
public:
  virtual ~Programs() = default;
  // Runs words[0] (a path, or a name that is looked for in PATH) and waits for its end. `input` is its standard input;
  // each line that it writes to standard output goes to `on_line`, without the line's end; standard error is this
  // process's, which has to ignore SIGPIPE. Returns its exit status, 128 and the signal's number where one ended it.
  // `control` is asked at least twice a second, and when it says so, the program is sent SIGTERM. Errors: not_found,
  // io.
  [[nodiscard]] virtual Result<int> run(const std::vector<std::string> &words, std::string_view input,
                                        const std::function<void(std::string_view)> &on_line, RunControl &control) = 0;
  // The path of a helper of this program's own, which lies in libexec/ntpkeygen. Errors: not_found; plugin_fault when
  // others could have written it.
  [[nodiscard]] virtual Result<std::string> own_helper(const std::string &name) = 0;
};

} // namespace ntpkeygen
