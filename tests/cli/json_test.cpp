// JSON is UTF-8, whatever a file is called.
#include "cli/json.hpp"

#include <gtest/gtest.h>

namespace ntpkeygen::cli {
namespace {

TEST(Json, IsUtf8WhateverAPathIs) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "file", "caf\xe9");
  put_or_null(json, "link", "\xff");
  put_or_null(json, "none", "");
  json.EndObject();
  EXPECT_EQ(finished(buffer), "{\"file\":\"caf\ufffd\",\"link\":\"\ufffd\",\"none\":null}\n");
}

} // namespace
} // namespace ntpkeygen::cli
