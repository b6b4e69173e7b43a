#include "ntpkeygen/host/probe.hpp"

#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ntpkeygen {
namespace {

// A request that nobody can answer in time is not sent.
constexpr std::uint64_t time_to_answer = Prober::second;
// Retries are for lost packets, and a server that is silent to three is so to more.
constexpr int most_of_a_kind = 3;
// Whoever floods this machine with packets does not fill its memory.
constexpr std::size_t most_remarks = 8, most_wrong_replies = 16;

std::string_view network_in_words(int error) {
  switch (error) {
  case ECONNREFUSED:
    return "the host says that nothing listens on this port (ICMP port unreachable)";
  case EHOSTUNREACH:
    return "a router or firewall on the way says that the host cannot be reached (ICMP)";
  case ENETUNREACH:
    return "there is no way to the server's network";
  case EPERM:
  case EACCES:
    return "this machine does not let the packet out: perhaps its firewall";
  default:
    return {};
  }
}

} // namespace

void Prober::remark(std::string sentence) {
  if (result_.remarks.size() < most_remarks && std::ranges::find(result_.remarks, sentence) == result_.remarks.end())
    result_.remarks.push_back(std::move(sentence));
}

bool Prober::take_error(const Error &error) {
  if (error.code == ErrorCode::cancelled || error.sys_errno == 0)
    return false;
  result_.refused_by_network = error.sys_errno;
  const std::string_view known = network_in_words(error.sys_errno);
  remark(known.empty() ? error.message : std::string(known));
  return true;
}

Result<void> Prober::send(const ProbeKey *key) {
  std::array<std::byte, 8> random{};
  if (auto filled = random_.fill(random, control_); !filled)
    return filled;
  Request request{0, key, 0, 0};
  std::memcpy(&request.stamp, random.data(), random.size());
  Bytes packet = client_request(version_, request.stamp);
  if (key != nullptr) {
    auto mac = engine_.prepare(key->mac, key->bytes);
    if (!mac)
      return failure(std::move(mac).error());
    if (auto appended = append_mac(packet, key->id, **mac); !appended)
      return appended;
  }
  request.sent = clock_.unix_nanoseconds();
  request.sent_at = network_.now();
  requests_.push_back(request);
  auto sent = socket_.send(packet);
  // The error may be an earlier packet's.
  if (!sent && take_error(sent.error()))
    sent = socket_.send(packet);
  if (!sent && !take_error(sent.error()))
    return sent;
  return {};
}

// The order of the tests: a crypto-NAK has stratum 0, as a kiss has, and is none (RFC 5905 section 9.2).
void Prober::take_unauthenticated(const NtpPacket &packet, const Request &request) {
  const auto kiss = kiss_code(packet);
  if (packet.form == PacketForm::crypto_nak) {
    // Nobody answers a request without a MAC in this way.
    seen_.crypto_nak = seen_.crypto_nak || request.key != nullptr;
  } else if (kiss) {
    result_.kiss = *kiss;
    stopped_ = true;
  } else if (request.key == nullptr) {
    seen_.plain_answer = true;
  } else if (packet.form == PacketForm::with_mac) {
    seen_.wrong_mac = true;
  } else {
    seen_.unauthenticated = true;
  }
}

void Prober::accept(const NtpPacket &packet, const Request &request, std::uint64_t arrived) {
  constexpr std::uint8_t unsynchronised_leap = 3, unsynchronised_stratum = 16;
  result_.kiss = kiss_code(packet).value_or("");
  result_.synchronised =
      packet.leap != unsynchronised_leap && packet.stratum != 0 && packet.stratum < unsynchronised_stratum;
  if (result_.synchronised)
    result_.clock = read_clock(packet, request.sent, arrived - request.sent_at);
}

Result<const ProbeKey *> Prober::take(std::span<const std::byte> bytes, const Arrival &arrival) {
  const NtpPacket packet = parse_packet(bytes, arrival.size);
  if (!packet.has_header()) {
    result_.strange_packets = true;
    if (packet.form == PacketForm::empty)
      remark("an empty reply came, of 0 bytes");
    else if (packet.form == PacketForm::cut)
      remark("a reply of " + counted(arrival.size, "byte") + " came, which is less than the 48 of an NTP packet");
    else
      remark("a reply of " + counted(arrival.size, "byte") + " came, which is longer than any answer can be");
    return nullptr;
  }
  const auto request = std::ranges::find(requests_, packet.origin, &Request::stamp);
  if (request == requests_.end()) {
    result_.strange_packets = true;
    remark("a packet came that answers another request: it does not return this one's time stamp");
    return nullptr;
  }
  if (packet.mode != ntp_server_mode) {
    result_.strange_packets = true;
    remark("a packet of mode " + std::to_string(packet.mode) + " came, which is not a server's reply");
    return nullptr;
  }
  if (packet.form == PacketForm::with_mac && request->key != nullptr) {
    const ProbeKey &key = *request->key;
    auto authentic = is_authentic(bytes, packet, engine_, key.mac, key.bytes);
    if (!authentic)
      return failure(std::move(authentic).error());
    if (*authentic && packet.key_id == key.id) {
      accept(packet, *request, arrival.at);
      return &key;
    }
    if (packet.key_id != key.id)
      remark("a reply names key " + std::to_string(packet.key_id) + " and not " + std::to_string(key.id));
    else if (wrong_.size() < most_wrong_replies)
      wrong_.emplace_back(bytes.begin(), bytes.end());
  }
  if (packet.form == PacketForm::key_id_only)
    remark("a reply of " + counted(arrival.size, "byte") + " ends with a key id and no MAC behind it");
  if (packet.form == PacketForm::malformed)
    remark("a reply of " + counted(arrival.size, "byte") + " ends with neither a MAC nor an extension field");
  take_unauthenticated(packet, *request);
  return nullptr;
}

Result<const ProbeKey *> Prober::listen(std::uint64_t until) {
  std::array<std::byte, largest_ntp_packet> buffer{};
  do {
    auto arrival = socket_.receive(buffer, until, control_);
    if (!arrival) {
      if (!take_error(arrival.error()))
        return failure(std::move(arrival).error());
      continue;
    }
    if (!*arrival)
      return nullptr;
    auto authentic = take(std::span(buffer).first(std::min(buffer.size(), (*arrival)->size)), **arrival);
    if (!authentic || *authentic != nullptr)
      return authentic;
  } while (network_.now() < until);
  return nullptr;
}

ProbeOutcome Prober::verdict() const {
  return seen_.crypto_nak        ? ProbeOutcome::crypto_nak
         : seen_.wrong_mac       ? ProbeOutcome::wrong_mac
         : !result_.kiss.empty() ? ProbeOutcome::kiss_of_death
         : seen_.unauthenticated ? ProbeOutcome::unauthenticated
         : seen_.plain_answer    ? ProbeOutcome::refused
                                 : ProbeOutcome::no_reply;
}

Result<void> Prober::ask(const ProbeKey &key, std::uint64_t timeout) {
  // Counted from the first request, so that the shortest time-out has room for two.
  const std::uint64_t whole = std::max(timeout, least_timeout);
  std::uint64_t slot = network_.now(), end = slot + whole;
  int authenticated = 0, plain = 0;
  while (network_.now() < end) {
    const bool ask_plainly = authenticated > plain && !seen_.plain_answer;
    const bool more = ask_plainly || authenticated < most_of_a_kind;
    const bool sends = !stopped_ && more && slot + time_to_answer <= end;
    if (sends) {
      ++(ask_plainly ? plain : authenticated);
      if (auto sent = send(ask_plainly ? nullptr : &key); !sent)
        return sent;
      slot = requests_.back().sent_at; // the gap counts from there, however late that was
      if (authenticated + plain == 1)
        end = slot + whole;
    }
    slot += gap;
    auto authentic = listen(sends ? std::min(slot, end) : end);
    if (!authentic)
      return failure(std::move(authentic).error());
    if (*authentic != nullptr) {
      result_.outcome = ProbeOutcome::authentic;
      return {};
    }
  }
  result_.outcome = verdict();
  return {};
}

Result<const ProbeKey *> Prober::ask_with_others(std::span<const ProbeKey> keys) {
  for (const ProbeKey &key : keys)
    for (const Bytes &reply : wrong_) {
      auto authentic = is_authentic(reply, parse_packet(reply), engine_, key.mac, key.bytes);
      if (!authentic)
        return failure(std::move(authentic).error());
      if (*authentic)
        return &key;
    }
  // One more turn: the last answer needs time, too.
  for (std::size_t turn = 0; turn <= keys.size() && !stopped_; ++turn) {
    auto authentic = listen(requests_.empty() ? network_.now() : requests_.back().sent_at + gap);
    if (!authentic)
      return authentic;
    if (*authentic != nullptr) {
      if (*authentic < keys.data() || *authentic >= keys.data() + keys.size())
        result_.outcome = ProbeOutcome::authentic;
      return authentic;
    }
    if (turn < keys.size() && !stopped_)
      if (auto sent = send(&keys[turn]); !sent)
        return failure(std::move(sent).error());
  }
  return nullptr;
}

} // namespace ntpkeygen
