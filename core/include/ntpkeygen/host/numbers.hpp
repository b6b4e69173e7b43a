// Numbers as people type them: the whole text, decimal or octal digits and nothing else.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace ntpkeygen {

// nullopt when the text is empty, has anything but digits of the base (no sign, no blank), or does not fit.
template <class Number> [[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number{};
  const char *end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || text.front() == '-' || error != std::errc() || stop != end)
    return std::nullopt;
  return number;
}

// "0.5", "3": digits with a point among them or none. nullopt as above.
[[nodiscard]] inline std::optional<double> parse_decimals(std::string_view text) {
  double number = 0;
  const char *end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (text.empty() || text.front() < '.' || text.front() > '9' || error != std::errc() || stop != end)
    return std::nullopt;
  return number;
}

} // namespace ntpkeygen
