// Text that the program did not write itself - words of the command line, paths, what plugins say - on its way out.
#pragma once

#include <string>
#include <string_view>

namespace ntpkeygen::cli {

// For a person: what could steer a terminal, begin a line of its own or turn the reading direction round is written as
// \n or \x1b, and so is each byte that is no UTF-8.
[[nodiscard]] std::string escaped(std::string_view text);
// False: `escaped` gives it as it is. Quick, for the many texts that are printable ASCII.
[[nodiscard]] bool may_need_escapes(std::string_view text);

// For a document in UTF-8: U+FFFD stands for each byte that is none.
[[nodiscard]] std::string as_utf8(std::string_view text);

} // namespace ntpkeygen::cli
