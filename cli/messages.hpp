// What goes to standard error. The rules: `ntpkeygen: error: ...`, lower case, no full stop, and a `hint:` line where
// there is a next step; each on one line, whatever words of others it quotes. Notices can be silenced with --quiet,
// warnings and errors cannot. Colour on a terminal only.
#pragma once

#include "ntpkeygen/host/environment.hpp"

#include <new>
#include <utility>

namespace ntpkeygen::cli {

// On a terminal, unless the user's environment is against it.
[[nodiscard]] bool wants_colour(TextOutput &output);

class Messages {
public:
  Messages(TextOutput &err, std::string_view program, bool colour) : err_(err), program_(program), colour_(colour) {}
  void silence_notices() { quiet_ = true; }
  [[nodiscard]] const std::string &program() const { return program_; }

  void error(const Error &error);
  void warning(std::string_view text, std::string_view hint = {});
  void notice(std::string_view text, std::string_view hint = {});
  // For what the result means here; silenced like a notice.
  void hint(std::string_view text);
  // Calls `tell`, which tells of finished work. Where memory is too short to do so, the work is finished nevertheless,
  // and that is said.
  template <class Tell> void tell_of_finished_work(Tell &&tell) {
    try {
      std::forward<Tell>(tell)();
    } catch (const std::bad_alloc &) {
      say_that_words_are_missing();
    }
  }
  // A line of the original programs' output, as it is; silenced like a notice.
  void plain(std::string_view line);

private:
  void say_that_words_are_missing();
  void line(std::string_view label, std::string_view colour_code, std::string_view text);

  TextOutput &err_;
  std::string program_;
  bool colour_;
  bool quiet_ = false;
};

} // namespace ntpkeygen::cli
