// Every vector file against the engine: whole, cut up, one object for all messages of a key, and shortened.
#include "mac_engines/botan/botan.hpp"
#include "plugins/mac_engines/vector_file.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::botan {
namespace {

using ::ntpkeygen::test::succeeded;
using ::ntpkeygen::test::to_hex;
using Bytes = std::span<const std::byte>;

std::unique_ptr<MacEngine> engine() {
  test::CollectingRegistrar registrar;
  EXPECT_TRUE(succeeded(enroll(registrar)));
  return std::move(registrar.mac_engines.at(0));
}

// The tag, in hex, of a message that comes in pieces of `piece` bytes.
std::string tag_of(Mac &mac, Bytes message, std::size_t piece) {
  for (; !message.empty(); message = message.subspan(std::min(piece, message.size())))
    EXPECT_TRUE(succeeded(mac.update(message.first(std::min(piece, message.size())))));
  std::array<std::byte, 64> tag;
  const auto size = mac.finish(tag);
  EXPECT_TRUE(succeeded(size));
  return to_hex(std::span(tag).first(size.value_or(0)));
}

// One cut of a vector into key and message.
struct Case {
  Bytes key, message;
};

// A keyed digest is digest(key || message), RFC 5905 section 7.3: each cut must give the same tag. A long message is
// cut only around the digests' block sizes.
std::vector<Case> cases_of(const test::MacVector &vector) {
  if (vector.key)
    return {{*vector.key, vector.message}};
  std::vector<Case> cases;
  for (std::size_t cut = 0; cut <= std::min<std::size_t>(vector.message.size(), 260); ++cut)
    cases.push_back({Bytes(vector.message).first(cut), Bytes(vector.message).subspan(cut)});
  return cases;
}

class BotanVectors : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(BotanVectors, AreMet) {
  const test::VectorFile file = test::read_vector_file(GetParam());
  const auto botan = engine();
  MacSpec spec{file.kind, file.algorithm, static_cast<std::uint8_t>(file.vectors.front().tag.size())};
  if (!botan->supports(spec))
    GTEST_SKIP() << "this build of Botan has no " << mac_name(spec);

  for (const test::MacVector &vector : file.vectors) {
    SCOPED_TRACE(GetParam().string() + ":" + std::to_string(vector.line));
    const std::string expected = to_hex(vector.tag);
    spec.tag_bytes = static_cast<std::uint8_t>(vector.tag.size());
    for (const Case &one : cases_of(vector)) {
      SCOPED_TRACE("key of " + std::to_string(one.key.size()) + " bytes");
      auto mac = botan->prepare(spec, one.key);
      ASSERT_TRUE(succeeded(mac));
      EXPECT_EQ(tag_of(**mac, one.message, one.message.size()), expected);
      EXPECT_EQ(tag_of(**mac, one.message, 4096), expected) << "used again, in pieces";
      if (one.message.size() > 4096)
        break; // one cut of a million bytes is enough
      EXPECT_EQ(tag_of(**mac, one.message, 1), expected) << "byte by byte";
      EXPECT_EQ(tag_of(**mac, one.message, 15), expected) << "across blocks";
      tag_of(**mac, vector.tag, 7);
      EXPECT_EQ(tag_of(**mac, one.message, 64), expected) << "after another message";
    }
  }
}

TEST_P(BotanVectors, AreMetByEveryShorterTag) {
  const test::VectorFile file = test::read_vector_file(GetParam());
  const auto botan = engine();
  for (const test::MacVector &vector : file.vectors) {
    SCOPED_TRACE(GetParam().string() + ":" + std::to_string(vector.line));
    for (std::size_t size = 1; size <= vector.tag.size(); ++size) {
      const MacSpec spec{file.kind, file.algorithm, static_cast<std::uint8_t>(size)};
      if (!botan->supports(spec))
        GTEST_SKIP() << "this build of Botan has no " << mac_name(spec);
      auto mac = botan->prepare(spec, cases_of(vector).front().key);
      ASSERT_TRUE(succeeded(mac));
      EXPECT_EQ(tag_of(**mac, vector.message, vector.message.size()), to_hex(Bytes(vector.tag).first(size)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BotanVectors, ::testing::ValuesIn(test::all_vector_files(NTPKEYGEN_VECTORS "/mac")),
                         [](const auto &instance) {
                           std::string name = instance.param.stem().string();
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

} // namespace
} // namespace ntpkeygen::plugins::botan
