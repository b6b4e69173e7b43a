// What the engine does when it is used in unusual ways, or wrongly.
#include "mac_engines/botan/botan.hpp"
#include "plugins/mac_engines/vector_file.hpp"

#include "support/collecting_registrar.hpp"
#include "support/failing_allocation.hpp"
#include "support/memory_search.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::botan {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::from_hex;
using ::ntpkeygen::test::succeeded;
using ::ntpkeygen::test::to_hex;
using ::testing::Each;

const MacSpec md5{MacSpec::Kind::keyed_digest, "md5", 16};
const MacSpec cmac128{MacSpec::Kind::cmac, "aes128", 16};
const MacSpec hmac256{MacSpec::Kind::hmac, "sha256", 32};

class BotanEngine : public ::testing::Test {
protected:
  void SetUp() override {
    test::CollectingRegistrar registrar;
    ASSERT_TRUE(succeeded(enroll(registrar)));
    ASSERT_EQ(registrar.mac_engines.size(), 1U);
    engine_ = std::move(registrar.mac_engines.front());
  }

  std::unique_ptr<Mac> prepare(const MacSpec &spec, std::span<const std::byte> key) {
    auto mac = engine_->prepare(spec, key);
    EXPECT_TRUE(succeeded(mac));
    return std::move(mac.value());
  }

  std::unique_ptr<MacEngine> engine_;
  // RFC 4493 section 4.
  const std::vector<std::byte> key_ = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  const std::vector<std::byte> message_ = from_hex("6bc1bee22e409f96e93d7e117393172a");
  const std::string cmac_of_nothing_ = "bb1d6929e95937287fa37d129b756746";
  const std::string cmac_of_message_ = "070a16b46b4d4144f79bdd9dd04a287c";
};

TEST_F(BotanEngine, IsCalledBotan) {
  EXPECT_EQ(engine_->name(), "botan");
}

TEST_F(BotanEngine, HasWhatTheKeyTypesNeed) {
  for (const char *cipher : {"aes128", "aes192", "aes256"})
    EXPECT_TRUE(engine_->supports({MacSpec::Kind::cmac, cipher, 16})) << cipher;
  EXPECT_TRUE(engine_->supports(md5));
  EXPECT_TRUE(engine_->supports({MacSpec::Kind::keyed_digest, "sha1", 20}));
  EXPECT_TRUE(engine_->supports({MacSpec::Kind::keyed_digest, "sha256", 20}));
  EXPECT_TRUE(engine_->supports({MacSpec::Kind::keyed_digest, "sha384", 20}));
  EXPECT_TRUE(engine_->supports({MacSpec::Kind::keyed_digest, "sha512", 64}));
  EXPECT_TRUE(engine_->supports(hmac256));
}

struct Unsupported {
  MacSpec spec;
  const char *message;
};

TEST_F(BotanEngine, SaysWhatItDoesNotHave) {
  const std::vector<Unsupported> cases{
      {{MacSpec::Kind::keyed_digest, "md4711", 16}, "this build of Botan has no md4711"},
      {{MacSpec::Kind::keyed_digest, "", 16}, "this build of Botan has no "},
      {{MacSpec::Kind::keyed_digest, "aes128", 16}, "this build of Botan has no aes128"},
      {{MacSpec::Kind::cmac, "md5", 16}, "this build of Botan has no cmac-md5"},
      {{MacSpec::Kind::cmac, "aes", 16}, "this build of Botan has no cmac-aes"},
      {{MacSpec::Kind::hmac, "aes128", 16}, "this build of Botan has no hmac-aes128"},
      // The SDK's names are lower case; Botan's own are not for callers.
      {{MacSpec::Kind::keyed_digest, "SHA-1", 20}, "this build of Botan has no SHA-1"},
      {{static_cast<MacSpec::Kind>(99), "md5", 16}, "this build of Botan has no md5"},
  };
  for (const Unsupported &one : cases) {
    EXPECT_FALSE(engine_->supports(one.spec)) << one.message;
    const auto mac = engine_->prepare(one.spec, key_);
    ASSERT_TRUE(failed_with(mac, ErrorCode::unsupported));
    EXPECT_EQ(mac.error().message, one.message);
  }
}

TEST_F(BotanEngine, RefusesATagThatTheFunctionDoesNotHave) {
  const std::vector<Unsupported> cases{
      {{MacSpec::Kind::keyed_digest, "md5", 17}, "a tag of md5 has 1 to 16 bytes, not 17"},
      {{MacSpec::Kind::keyed_digest, "md5", 0}, "a tag of md5 has 1 to 16 bytes, not 0"},
      {{MacSpec::Kind::cmac, "aes256", 32}, "a tag of cmac-aes256 has 1 to 16 bytes, not 32"},
      {{MacSpec::Kind::hmac, "sha1", 21}, "a tag of hmac-sha1 has 1 to 20 bytes, not 21"},
  };
  for (const Unsupported &one : cases) {
    EXPECT_FALSE(engine_->supports(one.spec)) << one.message;
    const auto mac = engine_->prepare(one.spec, key_);
    ASSERT_TRUE(failed_with(mac, ErrorCode::unsupported));
    EXPECT_EQ(mac.error().message, one.message);
  }
}

TEST_F(BotanEngine, RefusesACmacKeyOfAnotherLengthAndNamesTheRightOne) {
  const std::vector<std::byte> bytes(5000);
  for (const auto &[algorithm, right] : {std::pair{"aes128", 16U}, {"aes192", 24U}, {"aes256", 32U}}) {
    const MacSpec spec{MacSpec::Kind::cmac, algorithm, 16};
    for (std::size_t length = 0; length <= 40; ++length) {
      const auto mac = engine_->prepare(spec, std::span(bytes).first(length));
      if (length == right) {
        EXPECT_TRUE(succeeded(mac));
        continue;
      }
      ASSERT_TRUE(failed_with(mac, ErrorCode::invalid_argument)) << algorithm << " with " << length;
      EXPECT_EQ(mac.error().message,
                mac_name(spec) + " takes a key of " + std::to_string(right) + " bytes, not " + std::to_string(length));
    }
  }
}

TEST_F(BotanEngine, RefusesAnHmacKeyThatBotanWouldNotTake) {
  const auto mac = engine_->prepare(hmac256, std::vector<std::byte>(5000));
  ASSERT_TRUE(failed_with(mac, ErrorCode::invalid_argument));
  EXPECT_EQ(mac.error().message, "hmac-sha256 takes a key of 0 to 4096 bytes, not 5000");
}

TEST_F(BotanEngine, AKeyOfNoBytesIsAKeyOfADigest) {
  const auto mac = prepare(md5, {});
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), "d41d8cd98f00b204e9800998ecf8427e"); // RFC 1321 appendix A.5
}

TEST_F(BotanEngine, UpdatesAfterFinishBelongToTheNextMessage) {
  const auto mac = prepare(cmac128, key_);
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(mac->update(from_hex("00112233"))));
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  ASSERT_TRUE(succeeded(mac->update(message_)));
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), cmac_of_message_);
}

TEST_F(BotanEngine, FinishWithoutUpdateIsTheTagOfNothing) {
  const auto mac = prepare(cmac128, key_);
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), cmac_of_nothing_);
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), cmac_of_nothing_) << "twice in a row";
}

TEST_F(BotanEngine, UpdatesOfNothingChangeNothing) {
  const auto mac = prepare(cmac128, key_);
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(mac->update({})));
  ASSERT_TRUE(succeeded(mac->update(message_)));
  ASSERT_TRUE(succeeded(mac->update({})));
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), cmac_of_message_);
}

TEST_F(BotanEngine, ASmallerBufferTakesTheFirstBytesAndNothingBeyondItIsWritten) {
  for (const MacSpec &spec : {md5, cmac128, hmac256}) {
    const auto mac = prepare(spec, key_);
    std::array<std::byte, 64> whole{};
    ASSERT_TRUE(succeeded(mac->finish(whole)));
    for (std::size_t room = 0; room <= spec.tag_bytes; ++room) {
      std::vector<std::byte> memory(64, std::byte{0xee});
      const auto written = mac->finish(std::span(memory).first(room));
      ASSERT_TRUE(succeeded(written));
      EXPECT_EQ(*written, room);
      EXPECT_EQ(to_hex(std::span(memory).first(room)), to_hex(std::span(whole).first(room))) << mac_name(spec);
      EXPECT_THAT(std::span(memory).subspan(room), Each(std::byte{0xee})) << mac_name(spec);
    }
  }
}

TEST_F(BotanEngine, ALargerBufferGetsNoMoreThanTheSpecsTag) {
  // ntpd cuts digests to 20 bytes.
  const auto mac = prepare({MacSpec::Kind::keyed_digest, "sha256", 20}, {});
  std::vector<std::byte> memory(64, std::byte{0xee});
  const auto written = mac->finish(memory);
  ASSERT_TRUE(succeeded(written));
  EXPECT_EQ(*written, 20U);
  EXPECT_EQ(to_hex(std::span(memory).first(20)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4");
  EXPECT_THAT(std::span(memory).subspan(20), Each(std::byte{0xee}));
}

TEST_F(BotanEngine, KeysOfSeveralMacsDoNotMix) {
  const auto one = prepare(md5, from_hex("61"));
  const auto other = prepare(md5, from_hex("616263"));
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(one->update(from_hex("62"))));
  ASSERT_TRUE(succeeded(other->finish(tag)));
  EXPECT_EQ(to_hex(tag), "900150983cd24fb0d6963f7d28e17f72");
  ASSERT_TRUE(succeeded(one->update(from_hex("63"))));
  ASSERT_TRUE(succeeded(one->finish(tag)));
  EXPECT_EQ(to_hex(tag), "900150983cd24fb0d6963f7d28e17f72");
}

TEST_F(BotanEngine, AMacOutlivesItsEngineAndTheBytesOfItsKey) {
  for (const MacSpec &spec : {cmac128, md5}) {
    std::vector<std::byte> key = key_;
    const auto mac = prepare(spec, key);
    const auto reference = prepare(spec, key_);
    std::ranges::fill(key, std::byte{0});
    std::array<std::byte, 16> tag, expected;
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE(succeeded(mac->finish(tag)));
      ASSERT_TRUE(succeeded(reference->finish(expected)));
      EXPECT_EQ(to_hex(tag), to_hex(expected)) << mac_name(spec);
    }
  }
  const auto mac = prepare(cmac128, key_);
  engine_.reset();
  std::array<std::byte, 16> tag;
  ASSERT_TRUE(succeeded(mac->finish(tag)));
  EXPECT_EQ(to_hex(tag), cmac_of_nothing_);
}

// Botan's functions may leave copies of registers on the stack; that is out of this engine's reach.
TEST_F(BotanEngine, AKeyIsGoneWithItsMac) {
  if (!test::memory_can_be_searched)
    GTEST_SKIP() << "a sanitizer has mapped too much memory to search";
  const auto byte_of_key = [](std::size_t i) { return static_cast<std::byte>(i * 151 + 77); };
  std::array<std::byte, 128> key; // on the stack
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = byte_of_key(i);
  // Memory that is given back loses its first bytes in any case.
  const auto copies_of = [&](std::size_t length) {
    return test::occurrences_outside_the_stack(16, [&](std::size_t i) { return byte_of_key(length - 16 + i); });
  };
  for (const auto &[spec, length] :
       {std::pair{md5, 128U}, {cmac128, 16U}, {MacSpec{MacSpec::Kind::cmac, "aes256", 16}, 32U}, {hmac256, 128U}}) {
    auto mac = prepare(spec, std::span(key).first(length));
    std::array<std::byte, 32> tag;
    for (int message = 0; message < 2; ++message) {
      ASSERT_TRUE(succeeded(mac->update(message_)));
      ASSERT_TRUE(succeeded(mac->finish(tag)));
    }
    if (spec.kind != MacSpec::Kind::hmac) { // which keeps the key only as two pads
      EXPECT_GT(copies_of(length), 0U) << mac_name(spec) << ": the search does not work";
    }
    mac.reset();
    EXPECT_EQ(copies_of(length), 0U) << mac_name(spec);
  }
}

// What an HMAC gives can become key material, so that it must not stay where the next one is computed.
TEST_F(BotanEngine, ATagIsOnlyWhereTheCallerWantsIt) {
  if (!test::memory_can_be_searched)
    GTEST_SKIP() << "a sanitizer has mapped too much memory to search";
  for (const MacSpec &spec : {md5, cmac128, hmac256}) {
    const auto mac = prepare(spec, key_);
    std::array<std::byte, 32> tag; // on the stack
    ASSERT_TRUE(succeeded(mac->update(message_)));
    const auto size = mac->finish(tag);
    ASSERT_TRUE(succeeded(size));
    EXPECT_EQ(test::occurrences_outside_the_stack(*size, [&](std::size_t i) { return tag[i]; }), 0U) << mac_name(spec);
    const auto copy = std::make_unique<std::array<std::byte, 32>>(tag);
    EXPECT_EQ(test::occurrences_outside_the_stack(*size, [&](std::size_t i) { return tag[i]; }), 1U)
        << mac_name(spec) << ": the search does not work";
  }
}

// Each allocation of prepare() fails in turn: all come back as out_of_memory, none ends the process.
TEST_F(BotanEngine, OutOfMemoryIsAnError) {
  for (const MacSpec &spec : {md5, cmac128, hmac256}) {
    const auto prepare_with = [&](std::size_t before) {
      const test::FailingAllocation failing(before);
      return engine_->prepare(spec, key_);
    };
    std::size_t before = 0;
    for (; before < 1000; ++before) {
      const auto mac = prepare_with(before);
      if (mac)
        break;
      ASSERT_TRUE(failed_with(mac, ErrorCode::out_of_memory)) << mac_name(spec) << ", allocation " << before;
    }
    EXPECT_GT(before, 0U) << mac_name(spec);
    EXPECT_LT(before, 1000U) << mac_name(spec);
  }
}

TEST_F(BotanEngine, OutOfMemorySupportsNothing) {
  const auto supports_with = [&](std::size_t before) {
    const test::FailingAllocation failing(before);
    return engine_->supports(cmac128);
  };
  EXPECT_FALSE(supports_with(0));
  EXPECT_TRUE(supports_with(1000));
}

} // namespace
} // namespace ntpkeygen::plugins::botan
