#include "cli/classic_name.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view classic_hint = "for symmetric keys, run 'ntp-keygen -M'; Autokey (RFC 5906) is broken and "
                                          "not made here: use NTP Classic's own ntp-keygen where a peer still needs "
                                          "it, or NTS with NTPsec and chrony";

// All in util/ntp-keygen-opts.def of NTP 4.2.8p15 but -M and the debugging options. -V, its MV parameters, is left out:
// alone it is our own --version.
constexpr std::string_view autokey_letters = "bcCeGHIilmPpqSsTv";
constexpr auto autokey_names = std::to_array<std::string_view>(
    {"imbits", "certificate", "cipher", "id-key", "gq-params", "host-key", "iffkey", "ident", "lifetime", "modulus",
     "pvt-cert", "password", "export-passwd", "sign-key", "subject-name", "trusted-cert", "mv-keys", "mv-params"});
constexpr std::string_view other_flags = "Mdh"; // without a value: another letter can follow

bool is_number(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// In "--name" or "--name=value".
std::optional<std::string> autokey_name(const CommandSpec &spec, std::string_view argument) {
  const std::string_view name = argument.substr(2, argument.find('=') - 2);
  if (name.empty() || std::ranges::find(spec.options, name, &OptionSpec::name) != spec.options.end())
    return std::nullopt;
  if (std::ranges::any_of(autokey_names, [&](std::string_view known) { return known.starts_with(name); }))
    return "--" + std::string(name);
  return std::nullopt;
}

// In "-MH" or "-ppassword". `next`: the argument behind it.
std::optional<std::string> autokey_letter(std::string_view argument, std::string_view next) {
  for (std::size_t i = 1; i < argument.size(); ++i) {
    const char letter = argument[i];
    if (autokey_letters.find(letter) != std::string_view::npos)
      return std::string("-") + letter;
    if (letter == 'V')
      return is_number(i + 1 < argument.size() ? argument.substr(i + 1) : next) ? std::optional("-V NUMBER")
                                                                                : std::nullopt;
    if (other_flags.find(letter) == std::string_view::npos)
      break;
  }
  return std::nullopt;
}

} // namespace

CommandSpec classic_spec(CommandSpec spec) {
  // -M, which is required, says both.
  static const std::vector<OptionSpec> options = [&] {
    std::vector<OptionSpec> fitting(spec.options.begin(), spec.options.end());
    std::erase_if(fitting, [](const OptionSpec &option) { return option.name == "type" || option.name == "format"; });
    return fitting;
  }();
  spec.options = options;
  spec.synopsis = "-M [options]";
  spec.summary = "Make a file of keys for NTP's symmetric key authentication, as NTP Classic's\n"
                 "ntp-keygen does with -M. 'ntpkeygen --help' tells of everything else.";
  spec.epilogue = "exit status: 0, or 1 when it failed or the command line was not valid\n";
  spec.unknown_option_hint = classic_hint;
  return spec;
}

Result<void> check_classic_arguments(const CommandSpec &spec, const std::vector<std::string> &arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--")
      break;
    std::optional<std::string> option;
    if (argument.starts_with("--"))
      option = autokey_name(spec, argument);
    else if (argument.starts_with('-'))
      option = autokey_letter(argument, i + 1 < arguments.size() ? arguments[i + 1] : "");
    if (option)
      return failure(ErrorCode::unsupported, "'" + *option + "' asks for Autokey, which this program does not make",
                     std::string(classic_hint));
  }
  return {};
}

Result<void> check_classic_invocation(const ParsedOptions &options) {
  if (options.has("md5key"))
    return {};
  return failure(ErrorCode::unsupported,
                 "without '-M', ntp-keygen makes Autokey host keys, which this program does not",
                 std::string(classic_hint));
}

} // namespace ntpkeygen::cli
