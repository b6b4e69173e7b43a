// What came of holding a plugin to a law.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace ntpkeygen::verify {

enum class Outcome : std::uint8_t { holds, broken, not_tried };

struct Finding {
  Outcome outcome{};
  std::string detail{}; // what is broken, or why it was not tried; with `holds`, how far it was tried where not wholly
};

inline Finding holds(std::string detail = {}) {
  return {Outcome::holds, std::move(detail)};
}
inline Finding broken(std::string what) {
  return {Outcome::broken, std::move(what)};
}
inline Finding not_tried(std::string why) {
  return {Outcome::not_tried, std::move(why)};
}
// Of what a check says: empty when nothing is wrong.
inline Finding finding_of(std::string what_is_broken) {
  return what_is_broken.empty() ? holds() : broken(std::move(what_is_broken));
}

} // namespace ntpkeygen::verify
