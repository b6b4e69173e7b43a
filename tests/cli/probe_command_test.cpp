// `ntpkeygen probe` against servers that are functions: each outcome, what is sent and when, and what is said.
#include "cli/run.hpp"
#include "cli/server_name.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "mac_engines/botan/botan.hpp"
#include "ntpkeygen/host/ntp_packet.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>
#include <rapidjson/document.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Bytes = std::vector<std::byte>;
using Datagram = test::FakeNetwork::Datagram;
constexpr std::uint64_t second = test::FakeNetwork::second;

class TestSource final : public RandomSourceProvider {
public:
  TestSource() { info_.name = "system"; }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return std::make_unique<test::SeededSource>(7);
  }

private:
  SourceInfo info_{};
};

Bytes text_bytes(std::string_view text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}
bool has_mac(const Datagram &request) {
  return request.bytes.size() > ntp_header_bytes;
}

// A server that holds one key, or none, and does with each request what a test says.
class ProbeCommand : public ::testing::Test {
protected:
  void SetUp() override {
    world.files.add_folder(".");
    for (const auto enroll : {plugins::ntpsec::enroll, plugins::classic::enroll, plugins::chrony::enroll,
                              plugins::busybox::enroll, plugins::botan::enroll})
      world.plugins.enroll(enroll);
    world.plugins.enroll(+[](Registrar &registrar) { return registrar.add(std::make_unique<TestSource>()); });
    world.files.add_file("keys", "5 AES128CMAC 00112233445566778899aabbccddeeff\n6 MD5 secret\n");
  }

  int probe(std::vector<std::string> options = {}, const std::string &server = "time1", const std::string &key = "5") {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{"ntpkeygen", "probe", server, "--keys", "keys", "--key", key};
    all.insert(all.end(), options.begin(), options.end());
    return cli::run(all, world.environment, linked_commands);
  }
  int run(std::vector<std::string> all) {
    world.out.text.clear();
    world.err.text.clear();
    all.insert(all.begin(), "ntpkeygen");
    return cli::run(all, world.environment, linked_commands);
  }
  rapidjson::Document document() {
    rapidjson::Document parsed;
    parsed.Parse(world.out.text.c_str(), world.out.text.size());
    EXPECT_FALSE(parsed.HasParseError()) << world.out.text;
    return parsed;
  }
  std::string outcome() { return document()["outcome"].GetString(); }

  // A reply to a request: stratum 2, received at 1000000010 and sent a quarter of a second later.
  static Bytes reply(const Datagram &request, unsigned stratum = 2, std::string_view reference = "abcd") {
    Bytes header(ntp_header_bytes);
    header[0] = (request.bytes[0] & std::byte{0x38}) | std::byte{4};
    header[1] = static_cast<std::byte>(stratum);
    std::ranges::copy(std::as_bytes(std::span(reference)), header.begin() + 12);
    std::copy_n(request.bytes.begin() + 40, 8, header.begin() + 24);
    const Bytes stamp{std::byte{0xbf}, std::byte{0x45}, std::byte{0x48}, std::byte{0x8a}};
    std::ranges::copy(stamp, header.begin() + 32);
    std::ranges::copy(stamp, header.begin() + 40);
    header[44] = std::byte{0x40};
    return header;
  }
  static Bytes signed_with(Bytes packet, const MacSpec &mac, const Bytes &key, KeyId id = 5) {
    test::RegisteredPlugins plugins;
    plugins.enroll(ntpkeygen::plugins::botan::enroll);
    auto prepared = (*plugins.mac_engine("botan"))->prepare(mac, key);
    EXPECT_TRUE(test::succeeded(prepared));
    EXPECT_TRUE(test::succeeded(append_mac(packet, id, **prepared)));
    return packet;
  }
  Bytes authentic(const Datagram &request) { return signed_with(reply(request), aes, aes_key); }
  Bytes wrong(const Datagram &request) { return signed_with(reply(request), aes, Bytes(16)); }
  static Bytes crypto_nak(const Datagram &request) {
    Bytes packet = reply(request, 0, {"\0\0\0\0", 4});
    packet.resize(52);
    return packet;
  }
  // Whether the request's MAC is the one that the server's own reading of the key makes.
  static bool verified(const Datagram &request, const MacSpec &mac, const Bytes &key) {
    const Bytes header(request.bytes.begin(), request.bytes.begin() + ntp_header_bytes);
    return has_mac(request) && request.bytes == signed_with(header, mac, key);
  }

  void answer(const Datagram &request, Bytes bytes, std::uint64_t after = second / 2) {
    world.network.arriving.push_back({request.at + after, std::move(bytes), 0});
  }
  // To requests with a MAC this, to those without another reply, or none.
  void serve(std::function<Bytes(const Datagram &)> with_mac, std::function<Bytes(const Datagram &)> plain = {}) {
    world.network.server = [this, with_mac, plain](const Datagram &request) {
      const auto &chosen = has_mac(request) ? with_mac : plain;
      if (chosen)
        answer(request, chosen(request));
    };
  }
  std::vector<std::uint64_t> seconds_of(bool authenticated) const {
    std::vector<std::uint64_t> seconds;
    for (const Datagram &each : world.network.sent)
      if (has_mac(each) == authenticated)
        seconds.push_back((each.at - 5 * second) / second);
    return seconds;
  }

  const MacSpec aes{MacSpec::Kind::cmac, "aes128", 16};
  const Bytes aes_key{std::byte{0x00}, std::byte{0x11}, std::byte{0x22}, std::byte{0x33},
                      std::byte{0x44}, std::byte{0x55}, std::byte{0x66}, std::byte{0x77},
                      std::byte{0x88}, std::byte{0x99}, std::byte{0xaa}, std::byte{0xbb},
                      std::byte{0xcc}, std::byte{0xdd}, std::byte{0xee}, std::byte{0xff}};
  test::FakeWorld world;
};

TEST_F(ProbeCommand, AnAuthenticReplyEndsTheWait) {
  serve([&](const Datagram &request) { return authentic(request); });
  EXPECT_EQ(probe(), 0);
  EXPECT_EQ(world.out.text,
            "time1 (192.0.2.1:123), key 5: authentic\n"
            "the key is right: the reply has a MAC that only who holds this key can make\n"
            "\n"
            "  the key: cmac-aes128, 16 bytes, from line 1 of keys as NTPsec ntpd and NTP Classic ntpd read it\n"
            "  the clock: this machine's is 9.875000 s behind the server's, the packets took 0.250000 s\n");
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: asking 192.0.2.1:123, with key 5\n");
  EXPECT_EQ(world.network.sent.size(), 1U);
  EXPECT_EQ(world.network.time, 5 * second + second / 2);
  ASSERT_TRUE(verified(world.network.sent.front(), aes, aes_key));
  EXPECT_EQ(world.network.sent.front().bytes[0], std::byte{0x23});
}

TEST_F(ProbeCommand, KeysCanComeFromStandardInput) {
  serve([this](const Datagram &request) { return authentic(request); });
  world.files.standard_input = "5 AES128CMAC 00112233445566778899aabbccddeeff\n";
  EXPECT_EQ(run({"probe", "time1", "--keys", "-", "--key", "5"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(", from line 1 of standard input as "));
  for (const std::string text : {"nothing like a key\n", "1 MD5 a\n", "1 SHA1 00112233445566778899aabbccddeeff\n"}) {
    world.files.standard_input = text;
    EXPECT_EQ(run({"probe", "time1", "--keys", "-", "--key", "1"}), text == "1 MD5 a\n" ? 1 : 2);
    EXPECT_THAT(world.err.text + world.out.text, HasSubstr("standard input"));
  }
}

TEST_F(ProbeCommand, JsonHasTheContractsFields) {
  serve([&](const Datagram &request) { return authentic(request); });
  EXPECT_EQ(probe({"--json"}), 0);
  const auto json = document();
  EXPECT_STREQ(json["schema"].GetString(), "ntpkeygen/probe/1");
  EXPECT_STREQ(json["server"].GetString(), "time1");
  EXPECT_EQ(json["key_id"].GetUint(), 5U);
  EXPECT_STREQ(json["outcome"].GetString(), "authentic");
  EXPECT_THAT(json["detail"].GetString(), StartsWith("the key is right"));
  EXPECT_TRUE(json["read_as"].IsNull());
  EXPECT_DOUBLE_EQ(json["offset_s"].GetDouble(), 9.875);
  EXPECT_DOUBLE_EQ(json["delay_s"].GetDouble(), 0.25);
}

TEST_F(ProbeCommand, VersionThreeIsAskedInVersionThree) {
  serve([&](const Datagram &request) { return authentic(request); });
  EXPECT_EQ(probe({"--ntp-version", "3"}), 0);
  EXPECT_EQ(world.network.sent.front().bytes[0], std::byte{0x1b});
}

TEST_F(ProbeCommand, TheStampsAreRandomAndNeverTheSame) {
  EXPECT_EQ(probe(), 2);
  ASSERT_EQ(world.network.sent.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(std::equal(world.network.sent[i].bytes.begin() + 40, world.network.sent[i].bytes.begin() + 48,
                              world.network.sent[j].bytes.begin() + 40));
}

TEST_F(ProbeCommand, SilenceIsNoVerdict) {
  EXPECT_EQ(probe({"--json"}), 2);
  EXPECT_EQ(outcome(), "no-reply");
  EXPECT_TRUE(document()["offset_s"].IsNull());
  EXPECT_THAT(seconds_of(true), ElementsAre(0, 4));
  EXPECT_THAT(seconds_of(false), ElementsAre(2, 6));
  EXPECT_EQ(world.network.time, 13 * second);
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("key 5: no-reply\nno answer came, with a MAC or without\n"));
  EXPECT_THAT(world.out.text, HasSubstr("- a firewall on the way"));
  EXPECT_THAT(world.out.text, HasSubstr("- it does not serve this host"));
}

TEST_F(ProbeCommand, APortWhereNobodyListensIsToldFromSilence) {
  world.network.server = [&](const Datagram &request) {
    world.network.arriving.push_back({request.at + 1000, {}, ECONNREFUSED});
  };
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("nothing listens on this port"));
  EXPECT_THAT(world.out.text, Not(HasSubstr("seen on the way"))) << "said once";
  EXPECT_THAT(world.out.text, HasSubstr("its NTP server does not run"));
  EXPECT_THAT(world.out.text, Not(HasSubstr("a firewall on the way")));
  // Anybody can forge it: the wait goes on.
  EXPECT_EQ(world.network.time, 13 * second);
}

TEST_F(ProbeCommand, AnUnreachableHostAndALocalFirewallHaveTheirSentences) {
  world.network.server = [&](const Datagram &request) {
    world.network.arriving.push_back({request.at + 1000, {}, EHOSTUNREACH});
  };
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("the host cannot be reached"));
  world.network.send_error = EPERM;
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("this machine does not let the packet out"));
}

// Whoever sends it, the host is there and the way to it is open.
TEST_F(ProbeCommand, WhatIsNoReplyHasOtherCausesThanSilence) {
  const auto says = [&](Bytes packet) {
    world.network.server = [&, packet = std::move(packet)](const Datagram &request) {
      world.network.arriving.push_back({request.at + 1000, {}, ECONNREFUSED});
      answer(request, packet, 2000);
    };
    EXPECT_EQ(probe(), 2);
    EXPECT_THAT(world.out.text, HasSubstr("key 5: no-reply\n"));
    EXPECT_THAT(world.out.text, HasSubstr("- what listens on this address and port is no NTP server\n"));
    EXPECT_THAT(world.out.text, Not(HasSubstr("- its NTP server does not run")));
    EXPECT_THAT(world.out.text, Not(HasSubstr("- the host is down")));
    return world.out.text;
  };
  EXPECT_THAT(says({}), HasSubstr("- an empty reply came, of 0 bytes\n"));
  EXPECT_THAT(says(Bytes(47)), HasSubstr("- a reply of 47 bytes came, which is less than the 48 of an NTP packet\n"));
  EXPECT_THAT(says(Bytes(10000)), HasSubstr("- a reply of 10000 bytes came, which is longer than any answer can be\n"));
  EXPECT_THAT(says(Bytes(48)), HasSubstr("- a packet came that answers another request"));
}

TEST_F(ProbeCommand, AnIcmpMessageDoesNotHideAnAuthenticReply) {
  world.network.server = [&](const Datagram &request) {
    world.network.arriving.push_back({request.at + 1000, {}, ECONNREFUSED});
    answer(request, authentic(request));
  };
  EXPECT_EQ(probe({"--json"}), 0);
}

TEST_F(ProbeCommand, RefusedIsWhenOnlyThePlainRequestIsAnswered) {
  serve({}, [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "refused");
  EXPECT_TRUE(document()["offset_s"].IsNull()) << "anybody could have sent it";
  EXPECT_THAT(seconds_of(true), ElementsAre(0, 4, 6));
  EXPECT_THAT(seconds_of(false), ElementsAre(2));
  EXPECT_EQ(probe(), 1);
  EXPECT_THAT(world.out.text, HasSubstr("the server answers a request without a MAC, and none with key 5\n"));
  EXPECT_THAT(world.out.text, HasSubstr("'trustedkey 5'"));
  EXPECT_THAT(world.out.text, HasSubstr("'--diagnose' finds out"));
}

TEST_F(ProbeCommand, AWrongMacDoesNotEndTheWait) {
  serve([&](const Datagram &request) { return wrong(request); },
        [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "wrong-mac");
  EXPECT_EQ(world.network.time, 13 * second);
}

TEST_F(ProbeCommand, OneBitOfTheReplyDecides) {
  serve([&](const Datagram &request) {
    Bytes packet = authentic(request);
    packet[3] ^= std::byte{1};
    return packet;
  });
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "wrong-mac");
}

TEST_F(ProbeCommand, TheRightMacUnderAnotherKeyIdIsWrong) {
  serve([&](const Datagram &request) { return signed_with(reply(request), aes, aes_key, 9); });
  EXPECT_EQ(probe(), 1);
  EXPECT_THAT(world.out.text, HasSubstr("key 5: wrong-mac\n"));
  EXPECT_THAT(world.out.text, HasSubstr("- a reply names key 9 and not 5\n"));
}

TEST_F(ProbeCommand, ACryptoNakIsLookedForBeforeKissCodes) {
  serve([](const Datagram &request) {
    Bytes packet = reply(request, 0, "DENY");
    packet.resize(52);
    return packet;
  });
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "crypto-nak");
  EXPECT_TRUE(document()["kiss_code"].IsNull());
}

TEST_F(ProbeCommand, ACryptoNakToARequestWithoutAMacIsNothing) {
  serve({}, [](const Datagram &request) {
    Bytes packet = reply(request, 0, "RATE");
    packet.resize(52);
    return packet;
  });
  EXPECT_EQ(probe({"--json"}), 2);
  EXPECT_EQ(outcome(), "no-reply");
  EXPECT_GT(world.network.sent.size(), 2U) << "it is no kiss that would end the requests";
}

TEST_F(ProbeCommand, TwoSecondsLieBetweenRequestsAlsoWhenOneWasLate) {
  world.network.server = [&](const Datagram &) {
    if (world.network.sent.size() == 1)
      world.network.time += 3 * second; // the machine was busy
  };
  EXPECT_EQ(probe({"--json"}), 2);
  ASSERT_GT(world.network.sent.size(), 2U);
  for (std::size_t i = 1; i < world.network.sent.size(); ++i)
    EXPECT_GE(world.network.sent[i].at - world.network.sent[i - 1].at, 2 * second) << i;
}

// Whatever comes first, and it is all forged: an authentic reply wins until the deadline.
TEST_F(ProbeCommand, NothingUnauthenticatedEndsTheWait) {
  world.network.server = [&](const Datagram &request) {
    if (!has_mac(request))
      return;
    answer(request, crypto_nak(request), 1000);
    answer(request, reply(request, 0, "DENY"), 2000);
    answer(request, reply(request), 3000);
    answer(request, wrong(request), 4000);
    world.network.arriving.push_back({request.at + 5000, {}, ECONNREFUSED});
    answer(request, authentic(request), 79 * second / 10);
  };
  EXPECT_EQ(probe({"--json"}), 0);
  EXPECT_EQ(outcome(), "authentic");
}

TEST_F(ProbeCommand, BehindTheDeadlineItIsTooLate) {
  world.network.server = [&](const Datagram &request) {
    if (has_mac(request) && request.at == 5 * second)
      answer(request, authentic(request), 81 * second / 10);
  };
  EXPECT_EQ(probe({"--json"}), 2);
}

TEST_F(ProbeCommand, AReplyWithoutAMacIsUnauthenticated) {
  serve([](const Datagram &request) { return reply(request); }, [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "unauthenticated");
}

TEST_F(ProbeCommand, RateStopsTheRequests) {
  serve([](const Datagram &request) { return reply(request, 0, "RATE"); });
  EXPECT_EQ(probe({"--json", "--diagnose"}), 1);
  EXPECT_EQ(outcome(), "kiss-of-death");
  EXPECT_STREQ(document()["kiss_code"].GetString(), "RATE");
  EXPECT_EQ(world.network.sent.size(), 1U);
  EXPECT_EQ(world.network.time, 13 * second) << "it still listens";
}

TEST_F(ProbeCommand, OtherKissCodesAreNamed) {
  serve({}, [](const Datagram &request) { return reply(request, 0, "DENY"); });
  EXPECT_EQ(probe(), 1);
  EXPECT_THAT(world.out.text, HasSubstr("key 5: kiss-of-death\n"
                                        "the server refuses its service with the kiss code DENY: it does not serve"));
  EXPECT_EQ(world.network.sent.size(), 2U);
}

TEST_F(ProbeCommand, AnAuthenticKissProvesTheKey) {
  serve([&](const Datagram &request) { return signed_with(reply(request, 0, "RATE"), aes, aes_key); });
  EXPECT_EQ(probe({"--json"}), 0);
  EXPECT_EQ(outcome(), "authentic");
  EXPECT_THAT(document()["detail"].GetString(),
              HasSubstr("but the server refuses its service with the kiss code RATE"));
  EXPECT_TRUE(document()["offset_s"].IsNull());
}

TEST_F(ProbeCommand, AClockThatIsNotSetIsNotCompared) {
  serve([&](const Datagram &request) { return signed_with(reply(request, 16), aes, aes_key); });
  EXPECT_EQ(probe({"--json"}), 0);
  EXPECT_THAT(document()["detail"].GetString(), HasSubstr("not synchronised"));
  EXPECT_TRUE(document()["offset_s"].IsNull());
}

struct Odd {
  std::size_t size;
  std::string sentence, outcome;
};
class OddReplies : public ProbeCommand, public ::testing::WithParamInterface<Odd> {};
TEST_P(OddReplies, HaveTheirSentences) {
  serve([&](const Datagram &request) {
    Bytes packet = reply(request);
    packet.resize(GetParam().size, std::byte{1});
    return packet;
  });
  probe({"--json"});
  EXPECT_EQ(outcome(), GetParam().outcome);
  EXPECT_THAT(world.out.text, HasSubstr(GetParam().sentence));
}
INSTANTIATE_TEST_SUITE_P(
    Sizes, OddReplies,
    ::testing::Values(Odd{0, "an empty reply came, of 0 bytes", "no-reply"},
                      Odd{47, "a reply of 47 bytes came, which is less than the 48 of an NTP packet", "no-reply"},
                      Odd{48, "answers a request with key 5 without a MAC", "unauthenticated"},
                      Odd{50, "a reply of 50 bytes ends with neither a MAC nor an extension field", "unauthenticated"},
                      Odd{52, "a reply of 52 bytes ends with a key id and no MAC behind it", "unauthenticated"},
                      Odd{10000, "a reply of 10000 bytes came, which is longer than any answer can be", "no-reply"}));

TEST_F(ProbeCommand, AnswersToOtherRequestsAreNone) {
  serve(
      [&](const Datagram &request) {
        Bytes packet = authentic(request);
        packet[24] ^= std::byte{1}; // and the MAC would be wrong, too, but that is not looked at
        return packet;
      },
      [](const Datagram &request) {
        Bytes packet = reply(request);
        packet[31] ^= std::byte{1};
        return packet;
      });
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("a packet came that answers another request"));
}

TEST_F(ProbeCommand, OnlyServersReply) {
  serve([&](const Datagram &request) {
    Bytes packet = reply(request);
    packet[0] ^= std::byte{1};
    return signed_with(packet, aes, aes_key);
  });
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.out.text, HasSubstr("a packet of mode 5 came, which is not a server's reply"));
}

TEST_F(ProbeCommand, ALostPacketIsSentAgain) {
  world.network.server = [&](const Datagram &request) {
    if (has_mac(request) && request.at > 5 * second)
      answer(request, authentic(request));
  };
  EXPECT_EQ(probe({"--json"}), 0);
  EXPECT_THAT(seconds_of(true), ElementsAre(0, 4));
}

TEST_F(ProbeCommand, AFloodOfRepliesEndsWithTheDeadline) {
  world.network.server = [&](const Datagram &request) {
    for (int i = 0; i < 2000; ++i)
      answer(request, wrong(request), static_cast<std::uint64_t>(i) * 9'000'000);
  };
  EXPECT_EQ(probe({"--json"}), 1);
  EXPECT_EQ(outcome(), "wrong-mac");
  EXPECT_EQ(world.network.time, 13 * second);
}

TEST_F(ProbeCommand, PacketsWithoutEndDoNotMoveTheDeadline) {
  world.network.flood.resize(47);
  EXPECT_EQ(probe({"--json"}), 2);
  EXPECT_THAT(seconds_of(true), ElementsAre(0, 4));
  EXPECT_EQ(world.network.time, 13 * second);
}

TEST_F(ProbeCommand, AShortTimeoutStillLeavesTimeForThePlainRequest) {
  serve({}, [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--json", "--timeout=0.5"}), 1);
  EXPECT_EQ(outcome(), "refused");
  EXPECT_THAT(seconds_of(true), ElementsAre(0));
  EXPECT_THAT(seconds_of(false), ElementsAre(2));
  EXPECT_EQ(world.network.time, 8 * second);
}

TEST_F(ProbeCommand, ALongTimeoutIsNoFlood) {
  EXPECT_EQ(probe({"--json", "--timeout", "600"}), 2);
  EXPECT_THAT(seconds_of(true), ElementsAre(0, 4, 8));
  EXPECT_THAT(seconds_of(false), ElementsAre(2, 6, 10));
  EXPECT_EQ(world.network.time, 605 * second);
}

TEST_F(ProbeCommand, OneAddressOnlyIsAsked) {
  world.network.names["pool"] = {"192.0.2.7", "192.0.2.8"};
  EXPECT_EQ(probe({}, "pool"), 2);
  EXPECT_THAT(world.network.connected, ElementsAre("192.0.2.7:123"));
  EXPECT_THAT(world.err.text, HasSubstr("asking 192.0.2.7:123, the first of 2 addresses, with key 5"));
}

TEST_F(ProbeCommand, CtrlCEndsIt) {
  world.network.server = [&](const Datagram &) { world.control.cancel = true; };
  EXPECT_EQ(probe(), 2);
  EXPECT_EQ(world.out.text, "");
  EXPECT_THAT(world.err.text, HasSubstr("error: interrupted"));
}

TEST_F(ProbeCommand, ANameThatDoesNotResolveIsNoVerdict) {
  EXPECT_EQ(probe({}, "tiem1"), 2);
  EXPECT_THAT(world.err.text, HasSubstr("error: the name tiem1 does not resolve"));
  EXPECT_THAT(world.network.sent, IsEmpty());
}

// --- the key

TEST_F(ProbeCommand, AKeyThatIsNotLoadedIsExplained) {
  EXPECT_EQ(probe({}, "time1", "7"), 2);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: NTPsec ntpd, NTP Classic ntpd and chronyd load no key 7 from keys\n"
                            "ntpkeygen: hint: they load keys 5-6\n");
  EXPECT_EQ(probe({"--format", "ntpsec"}, "time1", "7"), 2);
  EXPECT_THAT(world.err.text, HasSubstr("NTPsec ntpd loads no key 7 from keys\nntpkeygen: hint: it loads keys 5-6\n"));
  world.files.add_file("keys", "5 ROT13 secret\n");
  EXPECT_EQ(probe({"--format", "ntpsec"}), 2);
  EXPECT_THAT(world.err.text, HasSubstr("loads no key 5 from keys: line 1: "));
  world.files.add_file("keys", "5 MD5 secret\n1 SHA1 HEX:0011223344556677889900112233445566778899\n");
  EXPECT_EQ(probe({"--format", "classic"}), 2);
  EXPECT_THAT(world.err.text, HasSubstr("NTP Classic ntpd loads no key 5 from keys: line 2: "));
}

TEST_F(ProbeCommand, AKeyThatNobodyKnowsIsNotAskedWith) {
  world.files.add_file("keys", "5 AES short\n");
  EXPECT_EQ(probe({"--format", "ntpsec"}), 2);
  EXPECT_THAT(world.err.text, HasSubstr("nobody can know all bytes of the key that NTPsec ntpd takes from line 1"));
  EXPECT_THAT(world.network.sent, IsEmpty());
}

TEST_F(ProbeCommand, WhereProgramsDifferTheFormatMustBeNamed) {
  world.files.add_file("keys", "5 SHA1 00112233445566778899aabbccddeeff00112233\n");
  EXPECT_EQ(probe(), 2);
  EXPECT_THAT(world.err.text, HasSubstr("and their programs take different keys for id 5"));
  EXPECT_THAT(world.err.text, HasSubstr("--format"));
  EXPECT_THAT(world.network.sent, IsEmpty());
  // Not where the key in question is the same to all.
  world.files.add_file("keys", "5 MD5 some secret\n6 SHA1 00112233445566778899aabbccddeeff00112233\n");
  serve([&](const Datagram &request) {
    return signed_with(reply(request), {MacSpec::Kind::keyed_digest, "md5", 16}, text_bytes("some"));
  });
  world.files.add_file("keys", "5 MD5 some\n6 SHA1 00112233445566778899aabbccddeeff00112233\n");
  EXPECT_EQ(probe(), 0);
}

constexpr std::string_view forty = "00112233445566778899aabbccddeeff00112233";

class Diagnose : public ProbeCommand {
protected:
  void SetUp() override {
    ProbeCommand::SetUp();
    world.files.add_file("keys", "5 SHA1 " + std::string(forty) + "\n");
  }
  const MacSpec sha1{MacSpec::Kind::keyed_digest, "sha1", 20};
};

// chronyd takes the digits as text; it is silent to other keys.
TEST_F(Diagnose, FindsHowTheServerReadsTheLine) {
  world.network.server = [&](const Datagram &request) {
    if (!has_mac(request))
      answer(request, reply(request));
    else if (verified(request, sha1, text_bytes(forty)))
      answer(request, signed_with(reply(request), sha1, text_bytes(forty)));
  };
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose", "--json"}), 1);
  EXPECT_EQ(outcome(), "refused");
  EXPECT_STREQ(document()["read_as"].GetString(), "chrony");
  world.network.sent.clear();
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("the server reads this key as chrony does: "
                                        "chrony takes 40 text characters where ntpsec takes 20 bytes of hex\n"));
  EXPECT_THAT(world.out.text, Not(HasSubstr("likely causes")));
  // All requests of the whole command keep their distance.
  EXPECT_EQ(world.network.sent.size(), 5U);
  for (std::size_t i = 1; i < world.network.sent.size(); ++i)
    EXPECT_GE(world.network.sent[i].at - world.network.sent[i - 1].at, 2 * second) << i;
}

TEST_F(Diagnose, AReplyWithAWrongMacTellsWithoutAnotherRequest) {
  serve([&](const Datagram &request) { return signed_with(reply(request), sha1, text_bytes(forty)); });
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose", "--json"}), 1);
  EXPECT_EQ(outcome(), "wrong-mac");
  EXPECT_STREQ(document()["read_as"].GetString(), "chrony");
  for (const Datagram &each : world.network.sent)
    EXPECT_FALSE(verified(each, sha1, text_bytes(forty)));
}

TEST_F(Diagnose, SaysWhenNoReadingIsAccepted) {
  serve({}, [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("the server does not answer to the other reading of this key\n"));
  EXPECT_THAT(world.out.text, Not(HasSubstr("'--diagnose' finds out")));
}

TEST_F(Diagnose, NoReadingUnder80BitsIsSent) {
  world.files.add_file("keys", "5 MD5 012345678#9abcdef\n");
  serve({}, [](const Datagram &request) { return reply(request); });
  EXPECT_EQ(probe({"--format", "chrony", "--diagnose"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("1 reading under 80 bits left out"));
  const MacSpec md5{MacSpec::Kind::keyed_digest, "md5", 16};
  for (const Datagram &each : world.network.sent)
    EXPECT_FALSE(verified(each, md5, text_bytes("012345678")));
}

TEST_F(Diagnose, AsksForNothingWhereTheKeyIsRightOrNobodyAnswers) {
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose"}), 2);
  for (const Datagram &each : world.network.sent)
    EXPECT_FALSE(verified(each, sha1, text_bytes(forty)));
}

// A late reply to the first key is one to the first key.
TEST_F(Diagnose, TheKeyItselfCanStillAnswer) {
  Bytes hex;
  for (std::size_t i = 0; i < forty.size(); i += 2)
    hex.push_back(static_cast<std::byte>(std::stoi(std::string(forty.substr(i, 2)), nullptr, 16)));
  world.network.server = [&](const Datagram &request) {
    if (!has_mac(request))
      answer(request, reply(request));
    else if (request.at == 5 * second)
      answer(request, signed_with(reply(request), sha1, hex), 81 * second / 10);
  };
  EXPECT_EQ(probe({"--format", "ntpsec", "--diagnose", "--json"}), 0);
  EXPECT_EQ(outcome(), "authentic");
  EXPECT_TRUE(document()["read_as"].IsNull());
}

// chronyd's digests are cut to 20 bytes in version 4 only, ntpd's in both.
TEST_F(Diagnose, DigestsAreAsLongAsTheProgramSendsThem) {
  world.files.add_file("keys", "5 SHA256 HEX:" + std::string(forty) + "\n");
  EXPECT_EQ(probe({"--format", "chrony"}), 2);
  EXPECT_EQ(world.network.sent.front().bytes.size(), 48U + 4 + 20);
  world.network.sent.clear();
  EXPECT_EQ(probe({"--format", "chrony", "--ntp-version", "3"}), 2);
  EXPECT_EQ(world.network.sent.front().bytes.size(), 48U + 4 + 32);
  world.files.add_file("keys", "5 SHA256 0123456789abcdef\n");
  const MacSpec whole{MacSpec::Kind::keyed_digest, "sha256", 32};
  world.network.server = [&](const Datagram &request) {
    if (!has_mac(request))
      answer(request, reply(request));
    else if (verified(request, whole, text_bytes("0123456789abcdef")))
      answer(request, signed_with(reply(request), whole, text_bytes("0123456789abcdef")));
  };
  EXPECT_EQ(probe({"--format", "ntpsec", "--ntp-version", "3", "--diagnose"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("the server reads this key as chrony does: chrony sends 32 bytes of the MAC in "
                                        "this version of NTP, and ntpsec 20\n"));
}

// --- the command line

TEST_F(ProbeCommand, WhatIsNotValidIsNoVerdict) {
  const auto refused = [&](const std::vector<std::string> &arguments, const std::string &words) {
    EXPECT_EQ(run(arguments), 2) << words;
    EXPECT_THAT(world.err.text, HasSubstr("error: " + words));
    EXPECT_EQ(world.out.text, "");
  };
  refused({"probe"}, "which server?");
  refused({"probe", "a", "b"}, "one server at a time");
  refused({"probe", "time1", "--key", "5"}, "which keys file?");
  refused({"probe", "time1", "--keys", "keys"}, "which key?");
  refused({"probe", "time1", "--keys", "keys", "--key", "0"}, "'--key 0': key id 0");
  for (const char *id : {"x", "-1", "5x", "4294967296", ""})
    refused({"probe", "time1", "--keys", "keys", "--key=" + std::string(id)}, *id == '\0' ? "" : "'--key ");
  refused({"probe", "time1", "--keys", "keys", "--key", "5", "--ntp-version", "5"}, "'--ntp-version 5': it is 3 or 4");
  for (const char *seconds : {"0", "-1", "x", "3601", "nan", "inf", "1e3"})
    refused({"probe", "time1", "--keys", "keys", "--key", "5", "--timeout=" + std::string(seconds)}, "'--timeout ");
  refused({"probe", "time1", "--keys", "none", "--key", "5"}, "there is no file none");
  refused({"probe", "time1:0", "--keys", "keys", "--key", "5"}, "'time1:0' is no server: a port is a number");
  refused({"probe", "http://time1", "--keys", "keys", "--key", "5"},
          "'http://time1' is no server: there is a '/' in it");
  refused({"probe", "time1", "--keys", "keys", "--key", "5", "--format", "cobol"}, "there is no 'cobol'");
}

TEST(ServerName, IsANameOrAnAddressAndPerhapsAPort) {
  const auto parsed = [](const std::string &typed) {
    const auto server = parse_server_name(typed);
    return server ? server->host + "|" + std::to_string(server->port) : "error";
  };
  EXPECT_EQ(parsed("time1"), "time1|123");
  EXPECT_EQ(parsed("time1:11123"), "time1|11123");
  EXPECT_EQ(parsed("192.0.2.1:1"), "192.0.2.1|1");
  EXPECT_EQ(parsed("::1"), "::1|123");
  EXPECT_EQ(parsed("[::1]"), "::1|123");
  EXPECT_EQ(parsed("[::1]:65535"), "::1|65535");
  EXPECT_EQ(parsed("fe80::1%eth0"), "fe80::1%eth0|123");
  for (const char *wrong : {"", ":123", "time1:", "time1:0", "time1:65536", "time1:ntp", "time1:-1", "[::1", "[]:1",
                            "[::1]123", "[::1]:", "a b", "a\nb", "ntp://time1", "time1/"})
    EXPECT_EQ(parsed(wrong), "error") << wrong;
  EXPECT_EQ(parsed(std::string(300, 'a')), "error");
}

} // namespace
} // namespace ntpkeygen::cli
