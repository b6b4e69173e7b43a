#include "verify/laws.hpp"

#include "verify/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ntpkeygen::verify {
namespace {

using namespace std::chrono_literals;

bool is_noise(const RandomSourceProvider &provider) {
  return provider.info().nature == SourceNature::raw_noise;
}

// Why its bytes cannot be tried here; empty: they can.
std::string why_not(const RandomSourceProvider &provider) {
  if (provider.info().argument_required)
    return "it needs an argument, " + provider.info().argument;
  const Result<void> available = provider.available("");
  return available ? "" : "it is not available here: " + words_of(available.error());
}

Finding describes_itself(const RandomSourceProvider &provider, World &) {
  const SourceInfo &info = provider.info();
  if (info.summary.empty())
    return broken("it has no summary");
  for (const auto &[what, text] : {std::pair<std::string_view, std::string_view>{"the summary", info.summary},
                                   {"the argument's name", info.argument}})
    if (std::string flaw = flaw_of_line(what, text); !flaw.empty())
      return broken(flaw);
  if (info.nature > SourceNature::replay)
    return broken("it has a nature that there is not: " + std::to_string(static_cast<unsigned>(info.nature)));
  return finding_of(info.argument_required && info.argument.empty() ? "it needs an argument that it does not name"
                                                                    : "");
}

// The SDK's own answer has no words.
template <class T> std::string not_refused_as_unsupported(const Result<T> &result) {
  if (result)
    return "is no error";
  if (result.error().code != ErrorCode::unsupported)
    return "is an error of another code: " + words_of(result.error());
  return result.error().message.empty() ? "" : flaw_of(result.error());
}

Finding opens_as_what_it_is(const RandomSourceProvider &provider, World &) {
  if (is_noise(provider)) {
    note_step("open as a source of keys");
    const std::string flaw = not_refused_as_unsupported(provider.open(""));
    return finding_of(flaw.empty() ? "" : "raw noise must not become keys as it is, and 'open' " + flaw);
  }
  note_step("open as a source of noise");
  const std::string flaw = not_refused_as_unsupported(provider.open_noise(""));
  return finding_of(flaw.empty() ? "" : "what is no raw noise has none to give, and 'open_noise' " + flaw);
}

// An error of any code, which says why.
std::string flaw_of_refusal(const Result<void> &refused) {
  return refused ? "is no error" : flaw_of(refused.error(), Words::foreign);
}

Finding refuses_wrong_arguments(const RandomSourceProvider &provider, World &) {
  const SourceInfo &info = provider.info();
  const auto open = [&](std::string_view argument) -> Result<void> {
    if (is_noise(provider)) {
      auto noise = provider.open_noise(argument);
      return noise ? Result<void>() : failure(std::move(noise).error());
    }
    auto source = provider.open(argument);
    return source ? Result<void>() : failure(std::move(source).error());
  };
  std::vector<std::string> wrong;
  if (info.argument.empty() || info.argument_required)
    wrong = {std::string("/no/such\0thing", 14), "/no/such\nthing", std::string(100'000, 'x')};
  if (info.argument_required)
    wrong.emplace_back();
  for (const std::string &argument : wrong) {
    note_step("open with an argument that is none");
    note_input(argument);
    if (std::string flaw = flaw_of_refusal(open(argument)); !flaw.empty())
      return broken("to open it with an argument of " + shown(argument) + " " + flaw);
    const Result<void> available = provider.available(argument);
    if (std::string flaw = available ? "" : flaw_of(available.error(), Words::foreign); !flaw.empty())
      return broken("asked whether it is available with an argument of " + shown(argument) + ": " + flaw);
  }
  return wrong.empty() ? not_tried("any argument may be one: " + info.argument) : holds();
}

// What a source of 8-bit samples would give as well.
std::string flaw_of_bytes(std::span<const std::byte> first, std::span<const std::byte> second) {
  if (std::ranges::all_of(first, [&](std::byte byte) { return byte == first[0]; }))
    return "all bytes are the same";
  return std::ranges::equal(first, second) ? "the next bytes are the same again" : "";
}

Finding fills_all(const RandomSourceProvider &provider, World &world) {
  if (is_noise(provider))
    return not_tried("it is a source of raw noise");
  if (std::string why = why_not(provider); !why.empty())
    return not_tried(std::move(why));
  note_step("open");
  auto source = provider.open("");
  if (!source)
    return broken("it says that it is available, and is not: " + words_of(source.error()));
  if (*source == nullptr)
    return broken("what it opens is null");
  constexpr std::size_t guard_size = 16;
  const TrialControl patience(world.time / 4);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{32},
                                 std::size_t{33}, std::size_t{256}, std::size_t{4099}, std::size_t{65536}}) {
    if (patience.cancelled())
      return holds("only with requests of less than " + std::to_string(size) + " bytes: it is slow");
    note_step("fill " + std::to_string(size) + " bytes");
    // A byte that stays as it was in both is one that nobody wrote; by chance, one of 65536 does.
    std::vector<std::byte> first(size + guard_size, std::byte{0xa5}), second(size + guard_size, std::byte{0x5a});
    TrialControl control;
    for (std::vector<std::byte> *each : {&first, &second})
      if (Result<void> filled = (*source)->fill(std::span(*each).first(size), control); !filled) {
        if (filled.error().code == ErrorCode::end_of_data && provider.info().nature == SourceNature::replay)
          return holds("only as far as its data goes");
        return broken("to fill " + std::to_string(size) + " bytes fails: " + words_of(filled.error()));
      }
    const std::string asked = "asked for " + std::to_string(size) + " bytes: ";
    if (!std::all_of(first.end() - guard_size, first.end(), [](std::byte byte) { return byte == std::byte{0xa5}; }) ||
        !std::all_of(second.end() - guard_size, second.end(), [](std::byte byte) { return byte == std::byte{0x5a}; }))
      return broken(asked + "it writes behind the end");
    std::size_t run = 0;
    for (std::size_t i = 0; i < size; ++i) {
      run = first[i] == std::byte{0xa5} && second[i] == std::byte{0x5a} ? run + 1 : 0;
      if (constexpr std::size_t too_many = 4; run == too_many)
        return broken(asked + "it leaves bytes as they were, from byte " + std::to_string(i + 1 - run) + " on");
    }
    if (size >= 32)
      if (std::string flaw = flaw_of_bytes(std::span(first).first(size), std::span(second).first(size)); !flaw.empty())
        return broken(asked + flaw);
  }
  return holds();
}

Finding samples_noise(const RandomSourceProvider &provider, World &world) {
  if (!is_noise(provider))
    return not_tried("it is no source of raw noise");
  if (std::string why = why_not(provider); !why.empty())
    return not_tried(std::move(why));
  note_step("open");
  auto noise = provider.open_noise("");
  if (!noise)
    return broken("it says that it is available, and is not: " + words_of(noise.error()));
  if (*noise == nullptr)
    return broken("what it opens is null");
  const unsigned bits = (*noise)->sample_bits();
  const double claimed = (*noise)->claimed_min_entropy();
  if (bits < 1 || bits > 8)
    return broken("it claims samples of " + std::to_string(bits) + " bits; they have 1 to 8");
  if (!(claimed > 0 && claimed <= bits))
    return broken("it claims " + std::to_string(claimed) + " bits of min-entropy in a sample of " +
                  std::to_string(bits) + " bits");
  const TrialControl patience(world.time / 4);
  for (const std::size_t size : {0U, 1U, 100U, 1000U}) {
    if (patience.cancelled())
      return holds("only with less than " + std::to_string(size) + " samples: it is slow");
    note_step("take " + std::to_string(size) + " samples");
    std::vector<std::uint8_t> samples(size + 16, 0xec);
    TrialControl control;
    if (Result<void> taken = (*noise)->sample(std::span(samples).first(size), control); !taken)
      return broken("to take " + std::to_string(size) + " samples fails: " + words_of(taken.error()));
    if (std::any_of(samples.end() - 16, samples.end(), [](std::uint8_t sample) { return sample != 0xec; }))
      return broken("asked for " + std::to_string(size) + " samples, it writes behind the end");
    for (std::size_t i = 0; i < size; ++i)
      if (samples[i] >> bits != 0)
        return broken("sample " + std::to_string(i) + " is " + std::to_string(samples[i]) + ", which has more than " +
                      std::to_string(bits) + " bits");
    if (size >= 100 && std::all_of(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(size),
                                   [&](std::uint8_t sample) { return sample == samples[0]; }))
      return broken(std::to_string(size) + " samples are all the same");
  }
  return holds();
}

// To fill a short request before it looks is as good an answer as `cancelled`; to wait, or to give something else, is
// none.
Finding hears_interruptions(const RandomSourceProvider &provider, World &) {
  if (std::string why = why_not(provider); !why.empty())
    return not_tried(std::move(why));
  TrialControl interrupted(0ns);
  Result<void> done;
  note_step("stop when it is interrupted");
  constexpr std::size_t much = 1 << 20;
  if (is_noise(provider)) {
    auto noise = provider.open_noise("");
    if (!noise)
      return broken("it says that it is available, and is not: " + words_of(noise.error()));
    std::vector<std::uint8_t> samples(much);
    done = (*noise)->sample(samples, interrupted);
  } else {
    auto source = provider.open("");
    if (!source)
      return broken("it says that it is available, and is not: " + words_of(source.error()));
    std::vector<std::byte> bytes(much);
    done = (*source)->fill(bytes, interrupted);
  }
  return done ? holds("it was done before it looked")
              : finding_of(done.error().code == ErrorCode::cancelled
                               ? flaw_of(done.error())
                               : "an interruption is no error of code 'cancelled', but: " + words_of(done.error()));
}

Finding draws_without_memory(const RandomSourceProvider &provider, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  if (std::string why = why_not(provider); !why.empty())
    return not_tried(std::move(why));
  const auto sound = [](const Result<void> &) { return std::string(); };
  TrialControl control;
  if (is_noise(provider))
    return finding_of(trouble_without_memory(
        "open and take samples",
        [&]() -> Result<void> {
          auto noise = provider.open_noise("");
          std::array<std::uint8_t, 8> samples{};
          return noise ? (*noise)->sample(samples, control) : failure(std::move(noise).error());
        },
        sound));
  std::array<std::byte, 32> bytes{};
  return finding_of(trouble_without_memory(
      "open and fill 32 bytes",
      [&]() -> Result<void> {
        bytes.fill(std::byte{0});
        auto source = provider.open("");
        return source ? (*source)->fill(bytes, control) : failure(std::move(source).error());
      },
      [&](const Result<void> &) -> std::string {
        return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; })
                   ? "it says that all is well, and has filled nothing"
                   : "";
      }));
}

constexpr std::array laws{
    Law<RandomSourceProvider>{"description", "describes itself in lines of text", describes_itself},
    Law<RandomSourceProvider>{"nature", "gives keys or raw noise, and never one for the other", opens_as_what_it_is},
    Law<RandomSourceProvider>{"arguments", "refuses arguments that are none, with a reason", refuses_wrong_arguments},
    Law<RandomSourceProvider>{"bytes", "fills all that is asked for, with other bytes each time", fills_all},
    Law<RandomSourceProvider>{"samples", "takes samples of the width that it says", samples_noise},
    Law<RandomSourceProvider>{"interruption", "ends when it is interrupted", hears_interruptions},
    Law<RandomSourceProvider>{"memory", "fails with an error where memory ends", draws_without_memory},
};

} // namespace

template <> std::span<const Law<RandomSourceProvider>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
