#include "cli/messages.hpp"

#include "cli/foreign_text.hpp"

#include <cstdlib>

namespace ntpkeygen::cli {

bool wants_colour(TextOutput &output) {
  const char *no_colour = std::getenv("NO_COLOR"); // counts when it is not empty: no-color.org
  return (no_colour == nullptr || *no_colour == '\0') && output.is_terminal();
}

void Messages::line(std::string_view label, std::string_view colour_code, std::string_view text) {
  std::string whole = program_ + ": ";
  if (colour_)
    whole.append("\033[").append(colour_code).append("m");
  whole.append(label).append(":");
  if (colour_)
    whole.append("\033[0m");
  whole.append(" ").append(escaped(text)).append("\n");
  // Nowhere is left to report that standard error does not take text.
  static_cast<void>(err_.write(whole));
}

void Messages::error(const Error &error) {
  switch (error.code) {
  case ErrorCode::out_of_memory:
    line("error", "1;31", "out of memory");
    break;
  default:
    line("error", "1;31", error.message.empty() ? "a plugin failed without saying why" : error.message);
  }
  if (!error.hint.empty())
    line("hint", "1;36", error.hint);
}

void Messages::warning(std::string_view text, std::string_view hint) {
  line("warning", "1;33", text);
  if (!hint.empty())
    line("hint", "1;36", hint);
}

void Messages::notice(std::string_view text, std::string_view hint) {
  if (quiet_)
    return;
  line("notice", "1", text);
  if (!hint.empty())
    line("hint", "1;36", hint);
}

void Messages::hint(std::string_view text) {
  if (!quiet_)
    line("hint", "1;36", text);
}

void Messages::say_that_words_are_missing() {
  for (const std::string_view part :
       {std::string_view(program_),
        std::string_view(": warning: all is done, but memory is too short to say what there is to say of it\n")})
    static_cast<void>(err_.write(part));
}

void Messages::plain(std::string_view line) {
  if (!quiet_)
    static_cast<void>(err_.write(escaped(line) + "\n"));
}

} // namespace ntpkeygen::cli
