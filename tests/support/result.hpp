// What tests say about Result<T>: on failure they print the error instead of "false".
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <gtest/gtest.h>

namespace ntpkeygen::test {

template <class T>::testing::AssertionResult succeeded(const Result<T> &result) {
  if (result)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "error " << static_cast<int>(result.error().code) << ": "
                                       << result.error().message << " (hint: " << result.error().hint << ")";
}

template <class T>::testing::AssertionResult failed_with(const Result<T> &result, ErrorCode code) {
  if (result)
    return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code)
    return ::testing::AssertionSuccess();
  return succeeded(result);
}

} // namespace ntpkeygen::test
