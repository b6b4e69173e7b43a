// What lengths and layouts make of a packet, and that no bytes at all break what is promised of them.
#include "ntpkeygen/host/ntp_packet.hpp"

#include "fuzz/ntp_packet_checks.hpp"
#include "support/result.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <random>

namespace ntpkeygen {

// Outside the anonymous namespace, where GoogleTest finds it.
void PrintTo(PacketForm form, std::ostream *out) {
  *out << static_cast<int>(form);
}

namespace {

using test::CheapEngine;
using test::CheapMac;
using test::succeeded;

using Bytes = std::vector<std::byte>;

Bytes operator+(Bytes a, const Bytes &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes all;
  for (const unsigned value : values)
    all.push_back(static_cast<std::byte>(value));
  return all;
}
Bytes filled(std::size_t size, unsigned value = 0xa5) {
  return Bytes(size, static_cast<std::byte>(value));
}

// A server's reply: leap 1, stratum 2, reference 10.0.0.1, the stamps 1, 2 and 3.
Bytes header(unsigned version = 4, unsigned stratum = 2, const Bytes &reference = bytes({10, 0, 0, 1})) {
  return bytes({0x40 | version << 3 | 4, stratum, 6, 0xec}) + filled(8, 0) + reference + filled(8, 0x11) +
         bytes({0, 0, 0, 0, 0, 0, 0, 1}) + bytes({0, 0, 0, 0, 0, 0, 0, 2}) + bytes({0xff, 0, 0, 0, 0, 0, 0, 3});
}
Bytes key_id(unsigned id) {
  return bytes({id >> 24, id >> 16 & 0xff, id >> 8 & 0xff, id & 0xff});
}
Bytes field(unsigned length) {
  return bytes({1, 4, length >> 8, length & 0xff}) + filled(length - 4);
}

TEST(NtpPacket, ARequestIsAHeaderWithNothingButTheStamp) {
  EXPECT_EQ(client_request(4, 0x0102030405060708U), bytes({0x23}) + filled(39, 0) + bytes({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(client_request(3, 0)[0], std::byte{0x1b});
}

TEST(NtpPacket, AMacIsKeyIdAndTagBehindIt) {
  Bytes packet = client_request(4, 42);
  const Bytes request = packet;
  CheapMac mac(16);
  ASSERT_TRUE(succeeded(append_mac(packet, 0x01020304, mac)));
  Bytes tag(16);
  ASSERT_TRUE(succeeded(mac.update(request)));
  ASSERT_TRUE(succeeded(mac.finish(tag)));
  EXPECT_EQ(packet, request + bytes({1, 2, 3, 4}) + tag);
}

TEST(NtpPacket, TheHeaderIsReadInNetworkOrder) {
  const NtpPacket packet = parse_packet(header());
  EXPECT_EQ(packet.form, PacketForm::plain);
  EXPECT_EQ(packet.leap, 1);
  EXPECT_EQ(packet.version, 4);
  EXPECT_EQ(packet.mode, ntp_server_mode);
  EXPECT_EQ(packet.stratum, 2);
  EXPECT_EQ(packet.reference_id, (std::array<char, 4>{10, 0, 0, 1}));
  EXPECT_EQ(packet.origin, 1U);
  EXPECT_EQ(packet.receive, 2U);
  EXPECT_EQ(packet.transmit, 0xff00000000000003U);
  EXPECT_EQ(packet.message_bytes, 48U);
}

TEST(NtpPacket, LengthsBelowAHeaderHaveNoFields) {
  EXPECT_EQ(parse_packet({}).form, PacketForm::empty);
  for (const std::size_t size : {1U, 4U, 47U}) {
    const NtpPacket packet = parse_packet(filled(size, 0xff));
    EXPECT_EQ(packet.form, PacketForm::cut) << size;
    EXPECT_FALSE(packet.has_header());
    EXPECT_EQ(packet.stratum, 0);
  }
}

struct Layout {
  const char *what;
  Bytes behind_header;
  unsigned version;
  PacketForm form;
  std::size_t message_bytes, tag_bytes;
  KeyId key_id = 0x10203;
};
void PrintTo(const Layout &layout, std::ostream *out) {
  *out << layout.what << ", version " << layout.version;
}

class Layouts : public ::testing::TestWithParam<Layout> {};
TEST_P(Layouts, AreToldApart) {
  const Layout &layout = GetParam();
  const NtpPacket packet = parse_packet(header(layout.version) + layout.behind_header);
  EXPECT_EQ(packet.form, layout.form);
  EXPECT_EQ(packet.message_bytes, layout.message_bytes);
  EXPECT_EQ(packet.tag_bytes, layout.tag_bytes);
  if (packet.form == PacketForm::with_mac || packet.form == PacketForm::key_id_only) {
    EXPECT_EQ(packet.key_id, layout.key_id);
  }
}
const Bytes id = key_id(0x10203);
INSTANTIATE_TEST_SUITE_P(
    NtpPacket, Layouts,
    ::testing::Values(
        Layout{"nothing", {}, 4, PacketForm::plain, 48, 0}, //
        Layout{"key id 0", key_id(0), 4, PacketForm::crypto_nak, 48, 0},
        Layout{"key id 0", key_id(0), 3, PacketForm::crypto_nak, 48, 0},
        Layout{"a key id", id, 4, PacketForm::key_id_only, 48, 0},
        Layout{"one byte", filled(1), 4, PacketForm::malformed, 48, 0},
        Layout{"three bytes", filled(3), 3, PacketForm::malformed, 48, 0},
        Layout{"a tag of 4", id + filled(4), 4, PacketForm::with_mac, 48, 4},
        Layout{"a tag of 8", id + filled(8), 4, PacketForm::with_mac, 48, 8},
        Layout{"MD5 or CMAC", id + filled(16), 4, PacketForm::with_mac, 48, 16},
        Layout{"MD5", id + filled(16), 3, PacketForm::with_mac, 48, 16},
        Layout{"SHA-1", id + filled(20), 4, PacketForm::with_mac, 48, 20},
        Layout{"SHA-1 with the id 65560, whose lower half could be a field's length", key_id(65560) + filled(20), 4,
               PacketForm::with_mac, 48, 20, 65560},
        Layout{"a field of 8 bytes", bytes({1, 4, 0, 8}) + filled(80), 4, PacketForm::malformed, 48, 0},
        Layout{"an odd tag", id + filled(17), 4, PacketForm::malformed, 48, 0},
        Layout{"SHA-256 as chrony has it", id + filled(32), 3, PacketForm::with_mac, 48, 32},
        Layout{"SHA-512 as chrony has it", id + filled(64), 3, PacketForm::with_mac, 48, 64},
        Layout{"more than any tag", id + filled(68), 3, PacketForm::malformed, 48, 0},
        // No standard allows it, but the 0x0203 in the key id is no length of a field.
        Layout{"SHA-256", id + filled(32), 4, PacketForm::with_mac, 48, 32},
        Layout{"a field", field(28), 4, PacketForm::plain, 76, 0},
        Layout{"a tag of 24, no field", id + filled(24), 3, PacketForm::with_mac, 48, 24},
        Layout{"two fields", field(16) + field(32), 4, PacketForm::plain, 96, 0},
        Layout{"a short field and a MAC", field(16) + id + filled(16), 4, PacketForm::with_mac, 64, 16},
        Layout{"fields and a MAC", field(32) + field(200) + id + filled(20), 4, PacketForm::with_mac, 280, 20},
        Layout{"a field and a crypto-NAK", field(28) + key_id(0), 4, PacketForm::crypto_nak, 76, 0},
        Layout{"a field longer than the packet", bytes({1, 4, 1, 0}) + filled(80), 4, PacketForm::malformed, 48, 0},
        Layout{"a field of 0 bytes", bytes({1, 4, 0, 0}) + filled(80), 4, PacketForm::malformed, 48, 0},
        Layout{"a field of 18 bytes", bytes({1, 4, 0, 18}) + filled(80), 4, PacketForm::malformed, 48, 0},
        Layout{"a field and a broken one", field(28) + bytes({1, 4, 9, 0}) + filled(80), 4, PacketForm::malformed, 76,
               0}));

TEST(NtpPacket, WhatIsTooLongIsNotLookedAt) {
  const Bytes largest = header() + field(2000);
  EXPECT_EQ(largest.size(), largest_ntp_packet);
  EXPECT_EQ(parse_packet(largest).form, PacketForm::plain);
  EXPECT_EQ(parse_packet(largest + filled(1)).form, PacketForm::oversized);
  EXPECT_EQ(parse_packet(largest, 10'000).form, PacketForm::oversized);
  EXPECT_EQ(parse_packet(header(), 49).form, PacketForm::oversized);
  EXPECT_FALSE(parse_packet(largest, 10'000).has_header());
}

Bytes text(const char *four) {
  return bytes({static_cast<unsigned>(four[0]), static_cast<unsigned>(four[1]), static_cast<unsigned>(four[2]),
                static_cast<unsigned>(four[3])});
}

TEST(NtpPacket, KissCodesAreOfStratum0) {
  EXPECT_EQ(kiss_code(parse_packet(header(4, 0, text("RATE")))), "RATE");
  EXPECT_EQ(kiss_code(parse_packet(header(4, 0, text("DENY")) + id + filled(16))), "DENY");
  EXPECT_EQ(kiss_code(parse_packet(header(4, 1, text("RATE")))), std::nullopt);
  EXPECT_EQ(kiss_code(parse_packet(header(4, 0))), std::nullopt);
  EXPECT_EQ(kiss_code(parse_packet(filled(47, 0))), std::nullopt);
}

TEST(NtpPacket, AServerWhoseClockIsNotSetYetRefusesNothing) {
  EXPECT_EQ(kiss_code(parse_packet(header(4, 0, text("INIT")))), std::nullopt);
  EXPECT_EQ(kiss_code(parse_packet(header(4, 0, text("STEP")))), std::nullopt);
}

constexpr std::array key{std::byte{1}, std::byte{2}};

// The reply with the tag that CheapEngine makes for `key`, so long.
Bytes with_mac(Bytes packet, std::size_t tag_bytes) {
  auto mac = CheapEngine().prepare({MacSpec::Kind::keyed_digest, "cheap", static_cast<std::uint8_t>(tag_bytes)}, key);
  EXPECT_TRUE(succeeded(mac));
  EXPECT_TRUE(succeeded(append_mac(packet, 7, **mac)));
  return packet;
}
Result<bool> check(const Bytes &packet, std::uint8_t usual_tag = 20) {
  return is_authentic(packet, parse_packet(packet), CheapEngine(), {MacSpec::Kind::keyed_digest, "cheap", usual_tag},
                      key);
}

TEST(NtpPacket, ATagDecides) {
  EXPECT_EQ(check(with_mac(header(), 20)), true);
  EXPECT_EQ(check(with_mac(header() + field(28), 20)), true) << "extension fields are covered";
  for (std::size_t bit = 0; bit < 8 * with_mac(header() + field(28), 20).size(); ++bit) {
    Bytes packet = with_mac(header() + field(28), 20);
    packet[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    // The 4 bytes of the key id are the only ones that no tag covers.
    EXPECT_EQ(check(packet), bit / 32 == (48 + 28) / 4) << bit;
  }
}

TEST(NtpPacket, ATagMayBeLongerThanUsualAndNotShorter) {
  EXPECT_EQ(check(with_mac(header(3), 32)), true);
  Bytes packet = with_mac(header(3), 32);
  packet.back() ^= std::byte{1};
  EXPECT_EQ(check(packet), false);
  EXPECT_EQ(check(with_mac(header(), 16)), false);
  EXPECT_EQ(check(with_mac(header(), 16), 16), true);
  EXPECT_EQ(check(header() + id), false);
  EXPECT_EQ(check(header()), false);
}

// Functions have an end: a longer tag than that is a wrong one, and no error.
TEST(NtpPacket, ATagLongerThanTheFunctionsIsWrong) {
  class ShortEngine final : public MacEngine {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "short"; }
    [[nodiscard]] bool supports(const MacSpec &spec) const noexcept override { return spec.tag_bytes <= 16; }
    [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &spec,
                                                       std::span<const std::byte>) const noexcept override {
      return spec.tag_bytes <= 16 ? Result<std::unique_ptr<Mac>>(std::make_unique<CheapMac>(spec.tag_bytes))
                                  : failure(Error{ErrorCode::unsupported});
    }
  };
  const Bytes packet = with_mac(header(), 20);
  EXPECT_EQ(is_authentic(packet, parse_packet(packet), ShortEngine(), {MacSpec::Kind::cmac, "short", 16}, key), false);
  const auto unusable =
      is_authentic(packet, parse_packet(packet), ShortEngine(), {MacSpec::Kind::cmac, "short", 20}, key);
  EXPECT_TRUE(test::failed_with(unusable, ErrorCode::unsupported));
}

NtpPacket stamped(std::uint64_t receive, std::uint64_t transmit) {
  NtpPacket packet;
  packet.message_bytes = 48;
  packet.receive = receive;
  packet.transmit = transmit;
  return packet;
}
constexpr std::uint64_t second = 1ULL << 32U;
constexpr std::uint64_t ntp_2001 = 3'208'988'800U * second; // 1000000000 Unix seconds

TEST(NtpPacket, OffsetAndDelayAreThoseOfTheStandard) {
  // Sent at 0, there at 10.5 on a clock 10 s ahead, back from there at 10.75, here at 1.25.
  const auto clock = read_clock(stamped(ntp_2001 + 21 * second / 2, ntp_2001 + 43 * second / 4),
                                1'000'000'000'000'000'000, 1'250'000'000);
  ASSERT_TRUE(clock);
  EXPECT_DOUBLE_EQ(clock->offset, 10);
  EXPECT_DOUBLE_EQ(clock->delay, 1);
}

TEST(NtpPacket, TheEraDoesNotMatter) {
  // 2036-02-07 06:28:16: NTP seconds begin again at 0, which itself would mean "no time".
  constexpr std::int64_t wrap = (4'294'967'296 - 2'208'988'800) * 1'000'000'000;
  const auto clock = read_clock(stamped(second, second), wrap - 1'000'000'000, 0);
  ASSERT_TRUE(clock);
  EXPECT_DOUBLE_EQ(clock->offset, 2);
  EXPECT_DOUBLE_EQ(clock->delay, 0);
  const std::uint64_t unix_epoch = 2'208'988'800U * second;
  const auto before =
      read_clock(stamped(unix_epoch, unix_epoch), -1'000'000'000 / 4, 0); // somebody believes it is 1969
  ASSERT_TRUE(before);
  EXPECT_DOUBLE_EQ(before->offset, 0.25);
}

TEST(NtpPacket, WithoutTheServersTimeThereIsNoOffset) {
  EXPECT_FALSE(read_clock(stamped(0, ntp_2001), 0, 0));
  EXPECT_FALSE(read_clock(stamped(ntp_2001, 0), 0, 0));
  EXPECT_FALSE(read_clock(parse_packet({}), 0, 0));
}

std::vector<Bytes> corpus() {
  std::vector<Bytes> seeds;
  for (const auto &entry : std::filesystem::directory_iterator(NTPKEYGEN_CORPUS "/ntp_packet")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(file), {});
    const auto raw = std::as_bytes(std::span(content));
    seeds.emplace_back(raw.begin(), raw.end());
  }
  return seeds;
}

TEST(NtpPacket, TheFuzzersCorpusKeepsThePromises) {
  const auto seeds = corpus();
  ASSERT_GE(seeds.size(), 20U);
  for (const Bytes &seed : seeds)
    EXPECT_STREQ(test::broken_promise(seed), "");
}

// A fixed seed: the same packets in every run. What is not found here in a moment is the fuzzer's business.
TEST(NtpPacket, ChangedAtRandomTheCorpusKeepsThemToo) {
  const auto seeds = corpus();
  ASSERT_FALSE(seeds.empty());
  std::mt19937 random(48);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random()) % end; };
  for (int round = 0; round < 50'000; ++round) {
    Bytes packet = seeds[below(seeds.size())];
    if (below(4) == 0)
      packet = packet + seeds[below(seeds.size())];
    for (std::size_t changes = below(6); changes-- != 0 && !packet.empty();)
      packet[below(packet.size())] = static_cast<std::byte>(below(2) == 0 ? below(256) : below(8) * 4);
    if (below(3) == 0)
      packet.resize(below(packet.size() + 30), static_cast<std::byte>(below(256)));
    ASSERT_STREQ(test::broken_promise(packet), "") << "round " << round;
  }
}

} // namespace
} // namespace ntpkeygen
