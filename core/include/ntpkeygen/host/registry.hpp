// What has been enrolled, by kind and name. Names and the aliases of key types share one space per kind.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace ntpkeygen {

class Registry {
public:
  // Calls `enroll` with a registrar and takes all that it adds, or, on any error, nothing. `keep_alive` (a library, or
  // null) lives as long as any pointer that find() gave out. An exception out of `enroll` is a plugin_fault.
  [[nodiscard]] Result<void> enroll(const std::function<Result<void>(Registrar &)> &enroll,
                                    const std::shared_ptr<const void> &keep_alive);

  // By name or alias, in any case; null when it is not enrolled. T is one of the five interfaces that Registrar takes.
  template <class T> [[nodiscard]] std::shared_ptr<const T> find(std::string_view name) const;

  // Everything of one kind, by canonical name.
  template <class T> [[nodiscard]] const std::vector<std::shared_ptr<const T>> &all() const;

private:
  template <class T> using Shelf = std::vector<std::shared_ptr<const T>>;
  std::tuple<Shelf<RandomSourceProvider>, Shelf<KeyType>, Shelf<KeyFileFormat>, Shelf<KeyFileReader>, Shelf<MacEngine>>
      shelves_;
};

} // namespace ntpkeygen
