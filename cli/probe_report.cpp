#include "cli/probe_report.hpp"

#include "cli/foreign_text.hpp"
#include "cli/json.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>

namespace ntpkeygen::cli {
namespace {

std::string_view name_of(ProbeOutcome outcome) {
  switch (outcome) {
  case ProbeOutcome::authentic:
    return "authentic";
  case ProbeOutcome::wrong_mac:
    return "wrong-mac";
  case ProbeOutcome::crypto_nak:
    return "crypto-nak";
  case ProbeOutcome::refused:
    return "refused";
  case ProbeOutcome::unauthenticated:
    return "unauthenticated";
  case ProbeOutcome::kiss_of_death:
    return "kiss-of-death";
  case ProbeOutcome::no_reply:
    break;
  }
  return "no-reply";
}

// RFC 5905 figure 13, the codes that a client can meet.
std::string kiss_in_words(const std::string &code) {
  if (code == "RATE")
    return "the kiss code RATE: it got requests too quickly";
  if (code == "DENY" || code == "RSTR")
    return "the kiss code " + code + ": it does not serve this host";
  return "the kiss code " + code;
}

class Words {
public:
  explicit Words(const ProbeReport &report)
      : report_(report), result_(report.result), id_(std::to_string(report.choice->key.id)) {}

  // One sentence.
  [[nodiscard]] std::string detail() const {
    switch (result_.outcome) {
    case ProbeOutcome::authentic:
      return "the key is right: the reply has a MAC that only who holds this key can make" +
             (result_.kiss.empty() ? "" : "; but the server refuses its service with " + kiss_in_words(result_.kiss)) +
             (result_.synchronised || !result_.kiss.empty() ? "" : "; but the server's clock is not synchronised yet");
    case ProbeOutcome::wrong_mac:
      return "a reply has a MAC, and not one that key " + id_ + " makes";
    case ProbeOutcome::crypto_nak:
      return "the server says that it cannot verify requests with key " + id_ + " (a crypto-NAK)";
    case ProbeOutcome::refused:
      return "the server answers a request without a MAC, and none with key " + id_;
    case ProbeOutcome::unauthenticated:
      return "the server answers a request with key " + id_ + " without a MAC";
    case ProbeOutcome::kiss_of_death:
      return "the server refuses its service with " + kiss_in_words(result_.kiss);
    case ProbeOutcome::no_reply:
      break;
    }
    // The first remark is the likeliest reason.
    return "no answer came, with a MAC or without" + (result_.remarks.empty() ? "" : "; " + result_.remarks.front());
  }

  [[nodiscard]] std::string read_as() const {
    const KeyChoice &choice = *report_.choice;
    return "the server reads this key as " + choice.read_by[*report_.read_as].names +
           (choice.read_by[*report_.read_as].names.find(' ') == std::string::npos ? " does: " : " do: ") +
           difference(choice, *report_.read_as);
  }

  [[nodiscard]] std::vector<std::string> causes() const {
    const std::string another = "it has another key under id " + id_ + ", or another type: compare the two lines";
    const std::string reading = "its program reads the same line in another way than " +
                                report_.choice->reader->info().product + ": '--diagnose' finds out";
    std::vector<std::string> causes;
    switch (result_.outcome) {
    case ProbeOutcome::authentic:
      break;
    case ProbeOutcome::wrong_mac:
      causes = {another, "somebody on the way forged the reply"};
      break;
    case ProbeOutcome::crypto_nak:
    case ProbeOutcome::refused:
      causes = {another,
                "it has no key " + id_ + ": its keys file changed after it was read, or has a line that it rejects",
                "an ntpd loaded the key and does not trust it: its configuration needs 'trustedkey " + id_ + "'"};
      if (result_.outcome == ProbeOutcome::crypto_nak)
        causes.emplace_back("anybody can forge this reply; it was the best one until the time was over");
      else
        causes.emplace_back("its clock was not ready for this request, or the packet was lost: ask again");
      break;
    case ProbeOutcome::unauthenticated:
      causes = {"it knows nothing of keys, or lets requests pass without checking them",
                "somebody on the way took the MAC off or forged the reply"};
      break;
    case ProbeOutcome::kiss_of_death:
      if (result_.kiss == "RATE")
        causes = {"many requests come from this address: wait some minutes, then ask again"};
      else
        causes = {"its configuration shuts this host out: 'restrict' of an ntpd, 'deny' of chronyd"};
      break;
    case ProbeOutcome::no_reply:
      if (result_.strange_packets)
        causes = {"what listens on this address and port is no NTP server",
                  "something on the way changes its replies, or somebody who cannot see the requests forges them"};
      else if (result_.refused_by_network == ECONNREFUSED)
        causes = {"its NTP server does not run, or does not listen on this address and port"};
      else
        causes = {"the host is down, or has another address", "a firewall on the way drops UDP packets for its port",
                  "it does not serve this host: 'restrict' of an ntpd, a missing 'allow' of chronyd",
                  "it drops requests that come too quickly: wait some minutes, then ask again"};
    }
    const bool key_in_question = result_.outcome == ProbeOutcome::wrong_mac ||
                                 result_.outcome == ProbeOutcome::crypto_nak ||
                                 result_.outcome == ProbeOutcome::refused;
    if (key_in_question && !report_.diagnosed)
      causes.insert(causes.begin() + 1, reading);
    if (report_.read_as)
      causes.clear();
    return causes;
  }

  // What --diagnose did without finding anything.
  [[nodiscard]] std::string diagnosis() const {
    if (!report_.diagnosed || report_.read_as)
      return {};
    const KeyChoice &choice = *report_.choice;
    std::string words = choice.others.empty()
                            ? "no other program that is known here reads this key in another way that could be tried"
                            : "the server does not answer to " +
                                  (choice.others.size() == 1 ? std::string("the other reading of this key")
                                                             : "any of " + std::to_string(choice.others.size()) +
                                                                   " other readings of this key");
    if (choice.too_weak != 0)
      words += "; " + counted(choice.too_weak, "reading") +
               " under 80 bits left out, since such a packet would give the key away";
    if (choice.too_many != 0)
      words += "; " + counted(choice.too_many, "further reading") + " left out";
    return words;
  }

private:
  const ProbeReport &report_;
  const ProbeResult &result_;
  std::string id_;
};

std::string in_seconds(double seconds) {
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.6f s", seconds));
  return text.data();
}

} // namespace

int exit_status(ProbeOutcome outcome) {
  switch (outcome) {
  case ProbeOutcome::authentic:
    return 0;
  case ProbeOutcome::no_reply:
    return 2;
  default:
    return 1;
  }
}

std::string probe_in_words(const ProbeReport &report) {
  const Words words(report);
  const KeyChoice &choice = *report.choice;
  const ReaderInfo &program = choice.reader->info();
  std::string text = escaped(report.server);
  if (report.server != report.address)
    text += " (" + report.address + ")";
  text += ", key " + std::to_string(choice.key.id) + ": " + std::string(name_of(report.result.outcome)) + "\n" +
          words.detail() + "\n";
  if (report.read_as)
    text += words.read_as() + "\n";
  else if (const std::string diagnosis = words.diagnosis(); !diagnosis.empty())
    text += diagnosis + "\n";
  text += "\n  the key: " + mac_name(choice.key.mac) + ", " + counted(choice.key.bytes.size(), "byte") +
          ", from line " + std::to_string(choice.line) + " of " + escaped(input_name(report.question.path)) + " as " +
          (choice.products.size() == 1 ? program.product + " " + program.version + " reads"
                                       : joined_with_and(choice.products) + " read") +
          " it\n";
  if (report.result.clock)
    text += "  the clock: this machine's is " + in_seconds(std::abs(report.result.clock->offset)) +
            (report.result.clock->offset < 0 ? " ahead of" : " behind") + " the server's, the packets took " +
            in_seconds(report.result.clock->delay) + "\n";
  bool any = false;
  for (const std::string &remark : report.result.remarks)
    if (words.detail().find(remark) == std::string::npos) {
      text += (any ? "- " : "\nseen on the way:\n- ") + remark + "\n";
      any = true;
    }
  if (const auto causes = words.causes(); !causes.empty()) {
    text += "\nlikely causes:\n";
    for (const std::string &cause : causes)
      text += "- " + cause + "\n";
  }
  return text;
}

std::string probe_as_json(const ProbeReport &report) {
  const Words words(report);
  JsonBuffer buffer;
  JsonWriter json(buffer);
  const auto put_number = [&](std::string_view name, double ClockReading::*field) {
    put_key(json, name);
    report.result.clock ? json.Double((*report.result.clock).*field) : json.Null();
  };
  json.StartObject();
  put(json, "schema", "ntpkeygen/probe/1");
  put(json, "server", report.server);
  put(json, "address", report.address);
  put_key(json, "key_id");
  json.Uint(report.choice->key.id);
  put(json, "outcome", name_of(report.result.outcome));
  put(json, "detail", words.detail() + (report.read_as ? "; " + words.read_as() : ""));
  put_or_null(json, "read_as",
              report.read_as ? report.choice->views[report.choice->read_by[*report.read_as].program].name : "");
  put_number("offset_s", &ClockReading::offset);
  put_number("delay_s", &ClockReading::delay);
  put_or_null(json, "kiss_code", report.result.kiss);
  put_key(json, "remarks");
  json.StartArray();
  for (const std::string &remark : report.result.remarks)
    put(json, remark);
  json.EndArray();
  put_key(json, "likely_causes");
  json.StartArray();
  for (const std::string &cause : words.causes())
    put(json, cause);
  json.EndArray();
  json.EndObject();
  return std::string(finished(buffer));
}

} // namespace ntpkeygen::cli
