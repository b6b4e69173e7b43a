// Asks an NTP server whether it holds a key, by requests with and without a MAC.
//
// Anybody can forge a reply without a valid MAC, so nothing but an authentic one ends the wait: until the deadline it
// wins over all else. Requests stay two seconds apart, for a server that limits rates would drop the second, and none
// is sent after a kiss-o'-death. A request's transmit time stamp is 64 random bits; what does not return them answers
// another request.
#pragma once

#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/host/ntp_packet.hpp"

#include <string>
#include <vector>

namespace ntpkeygen {

// A key under the id that packets name, and the MAC as long as packets carry it.
struct ProbeKey {
  KeyId id = 0;
  MacSpec mac{};
  std::span<const std::byte> bytes{};
};

enum class ProbeOutcome : std::uint8_t {
  authentic,
  wrong_mac,
  crypto_nak,
  refused,         // the plain request is answered, the authenticated one is not
  unauthenticated, // the authenticated request is answered without a MAC
  kiss_of_death,
  no_reply
};

struct ProbeResult {
  ProbeOutcome outcome = ProbeOutcome::no_reply;
  std::string kiss{};                 // the code, also of an authentic reply
  std::vector<std::string> remarks{}; // sentences on what else came, each once
  bool strange_packets = false;       // something came that is no reply to one of the requests
  int refused_by_network = 0;         // errno of the last ICMP message or failed send; 0: none
  // Of an authentic reply.
  bool synchronised = false;
  std::optional<ClockReading> clock{};
};

class Prober {
public:
  static constexpr std::uint64_t second = 1'000'000'000;
  // Between two requests, whatever they are: RATE comes for less (Classic's `discard minimum`, 2 s).
  static constexpr std::uint64_t gap = 2 * second;
  // Time for the plain request, too: it follows the other one after the gap and can be answered.
  static constexpr std::uint64_t least_timeout = 3 * second;

  Prober(DatagramSocket &socket, Network &network, Clock &clock, RandomSource &random, RunControl &control,
         const MacEngine &engine, std::uint8_t ntp_version)
      : socket_(socket), network_(network), clock_(clock), random_(random), control_(control), engine_(engine),
        version_(ntp_version) {}

  // The key has to live as long as the prober. Errors: cancelled; those of the random source and the MAC engine.
  [[nodiscard]] Result<void> ask(const ProbeKey &key, std::uint64_t timeout);

  // After ask, which had another outcome than authentic: asks once with each of these, and says which one the server
  // answers with; null: none. A reply whose MAC was wrong before is looked at with them, too. It can still be the first
  // key, whose answer was late.
  [[nodiscard]] Result<const ProbeKey *> ask_with_others(std::span<const ProbeKey> keys);

  [[nodiscard]] const ProbeResult &result() const { return result_; }

private:
  using Bytes = std::vector<std::byte>;
  struct Request {
    std::uint64_t stamp = 0;       // its transmit time stamp
    const ProbeKey *key = nullptr; // null: without a MAC
    std::int64_t sent = 0;         // Unix nanoseconds
    std::uint64_t sent_at = 0;     // Network::now
  };
  // What has come in answer to requests with a MAC, and without.
  struct Seen {
    bool crypto_nak = false, wrong_mac = false, unauthenticated = false, plain_answer = false;
  };

  [[nodiscard]] Result<void> send(const ProbeKey *key);
  // Takes in what comes until then; an authentic reply ends it early, and its key is returned.
  [[nodiscard]] Result<const ProbeKey *> listen(std::uint64_t until);
  [[nodiscard]] Result<const ProbeKey *> take(std::span<const std::byte> bytes, const Arrival &arrival);
  void take_unauthenticated(const NtpPacket &packet, const Request &request);
  // Whether the error is the network's word on the server and not the end of the probe.
  [[nodiscard]] bool take_error(const Error &error);
  [[nodiscard]] ProbeOutcome verdict() const;
  void accept(const NtpPacket &packet, const Request &request, std::uint64_t arrived);
  void remark(std::string sentence);

  DatagramSocket &socket_;
  Network &network_;
  Clock &clock_;
  RandomSource &random_;
  RunControl &control_;
  const MacEngine &engine_;
  std::uint8_t version_;

  std::vector<Request> requests_{};
  std::vector<Bytes> wrong_{}; // replies with a MAC that was not the key's
  Seen seen_{};
  ProbeResult result_{};
  bool stopped_ = false; // by a kiss-o'-death
};

} // namespace ntpkeygen
