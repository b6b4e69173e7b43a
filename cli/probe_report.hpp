// What `ntpkeygen probe` found, in words and as JSON.
#pragma once

#include "cli/probe_key.hpp"

namespace ntpkeygen::cli {

struct ProbeReport {
  std::string server{};  // as typed
  std::string address{}; // that was asked
  KeyQuestion question{};
  const KeyChoice *choice = nullptr;
  ProbeResult result{};
  std::optional<std::size_t> read_as{}; // one of the choice's others, with which the server answered
  bool diagnosed = false;               // they were asked with
};

// 0 the key is right, 1 it is not or that cannot be told from the answers, 2 there were none.
[[nodiscard]] int exit_status(ProbeOutcome outcome);

[[nodiscard]] std::string probe_in_words(const ProbeReport &report);
[[nodiscard]] std::string probe_as_json(const ProbeReport &report);

} // namespace ntpkeygen::cli
