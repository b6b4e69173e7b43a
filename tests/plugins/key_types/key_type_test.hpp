// What every test of a key type starts with.
#pragma once

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace ntpkeygen::test {

// The one key type that a plugin enrolls.
inline std::unique_ptr<KeyType> only_key_type(Result<void> (*enroll)(Registrar &)) {
  CollectingRegistrar registrar;
  EXPECT_TRUE(succeeded(enroll(registrar)));
  EXPECT_EQ(registrar.key_types.size(), 1U);
  return std::move(registrar.key_types.front());
}

// The lengths in bytes, up to 300, that validate() lets pass.
inline std::vector<std::size_t> valid_lengths(const KeyType &type) {
  std::vector<std::size_t> valid;
  const std::vector<std::byte> bytes(300);
  for (std::size_t length = 0; length <= bytes.size(); ++length)
    if (type.validate(std::span(bytes).first(length)))
      valid.push_back(length);
  return valid;
}

MATCHER_P2(Alias, name, bits, "") {
  return arg.name == name && arg.bits == bits;
}

} // namespace ntpkeygen::test
