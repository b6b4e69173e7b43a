#include "key_file_formats/ntpd/mac_function.hpp"

namespace ntpkeygen::plugins::ntpd {

const Name *find_name(std::span<const Name> names, std::string_view type_field) noexcept {
  std::array<char, 64> upcased{}; // no name is as long
  if (type_field.size() > upcased.size())
    return nullptr;
  std::transform(type_field.begin(), type_field.end(), upcased.begin(), upper);
  const Name wanted{{upcased.data(), type_field.size()}, 0};
  const auto found = std::lower_bound(names.begin(), names.end(), wanted, by_text);
  return found != names.end() && found->text == wanted.text ? &*found : nullptr;
}

} // namespace ntpkeygen::plugins::ntpd
