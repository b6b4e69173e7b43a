#include "fuzz/targets.hpp"

#include "fuzz/conversion_checks.hpp"
#include "fuzz/daemon_config_checks.hpp"
#include "fuzz/key_file_format_checks.hpp"
#include "fuzz/lint_checks.hpp"
#include "fuzz/ntp_packet_checks.hpp"
#include "fuzz/options_checks.hpp"
#include "fuzz/shared_object_checks.hpp"

namespace ntpkeygen::test {
namespace {

template <std::size_t index> std::string read_as(std::span<const std::byte> file) {
  return broken_by_reader(index, file);
}
template <std::size_t index> std::string parse_as(std::span<const std::byte> file) {
  return broken_by_format(index, file);
}

constexpr std::array targets{
    FuzzTarget{"parse_ntpsec", parse_as<0>, true},
    FuzzTarget{"parse_classic", parse_as<1>, true},
    FuzzTarget{"parse_chrony", parse_as<2>, true},
    FuzzTarget{"parse_busybox", parse_as<3>, true},
    FuzzTarget{"read_ntpsec", read_as<0>, true},
    FuzzTarget{"read_ntpsec_1_2_5", read_as<1>, true},
    FuzzTarget{"read_classic", read_as<2>, true},
    FuzzTarget{"read_chrony", read_as<3>, true},
    FuzzTarget{"read_busybox", read_as<4>, true},
    FuzzTarget{"read_ntpdig", read_as<5>, true},
    FuzzTarget{"read_sntp", read_as<6>, true},
    FuzzTarget{"check", broken_by_lint},
    FuzzTarget{"convert", broken_by_conversion},
    FuzzTarget{"daemon_config", [](std::span<const std::byte> input) { return broken_by_config(as_text(input)); }},
    FuzzTarget{"ntp_packet", [](std::span<const std::byte> input) { return std::string(broken_promise(input)); }},
    FuzzTarget{"shared_object", broken_by_shared_object},
    FuzzTarget{"options", [](std::span<const std::byte> input) { return broken_by_options(as_text(input)); }},
};

} // namespace

std::span<const FuzzTarget> fuzz_targets() noexcept {
  return targets;
}

} // namespace ntpkeygen::test
