#include "key_file_formats/ntpd/format.hpp"
#include "key_file_formats/ntpsec/dialect.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "ntpkeygen/sdk/parse.hpp"

namespace ntpkeygen::plugins::ntpsec {
namespace {

constexpr std::array words{
    TypeWord{"AES", 128, "AES"},     TypeWord{"AES", 192, "AES-192"}, TypeWord{"AES", 256, "AES-256"},
    TypeWord{"MD5", 0, "MD5"},       TypeWord{"SHA1", 0, "SHA1"},     TypeWord{"SHA224", 0, "SHA224"},
    TypeWord{"SHA256", 0, "SHA256"}, TypeWord{"SHA384", 0, "SHA384"}, TypeWord{"SHA512", 0, "SHA512"},
};

tl::unexpected<Error> wrong_length(const std::string &keys) {
  return failure(ErrorCode::unsupported, "the ntpsec format has no " + keys,
                 "it holds AES keys of 128, 192 and 256 bits");
}

// Lines that ntpd takes speak for the format, and the ciphers' names that only NTPsec knows speak loudly.
unsigned recognise(std::span<const std::byte> file) noexcept {
  ntpd::LineSplitter splitter(dialect);
  return recognise_lines(file, ntpd::longest_line, 50, [&](std::string_view line, bool) -> LineEvidence {
    const ntpd::KeyLine found = splitter.split(up_to_nul(line));
    if (found.fault == ntpd::Fault::none)
      return {Evidence::key, found.function->kind == MacSpec::Kind::cmac && found.type_field != "AES128CMAC"};
    return {found.fault == ntpd::Fault::empty ? Evidence::none : Evidence::foreign};
  });
}

} // namespace

std::unique_ptr<KeyFileFormat> make_format() {
  return ntpd::make_format(dialect,
                           {.info = {.name = "ntpsec",
                                     .summary = "NTPsec's ntp.keys",
                                     .reader = "ntpsec",
                                     .reload = "NTPsec's ntpd reads its keys at start only, not on SIGHUP: restart it",
                                     .daemon_groups = {"ntpsec", "ntp"}},
                            .recipe = {.groups = {{"AES", 128, Encoding::ascii, 10}, {"AES", 128, Encoding::hex, 10}},
                                       .label = "AES",
                                       .announced_as = "AES"},
                            .words = words,
                            .holds = "AES, MD5, SHA1, SHA224, SHA256, SHA384 and SHA512",
                            .wrong_length = wrong_length,
                            .longest_frame = "65535 AES-256 \n",
                            .header_end = "",
                            .word_in_comment = false,
                            .first_character = '$', // as NTPsec's own generator draws them
                            .last_character = '}',
                            .recognise = recognise});
}

} // namespace ntpkeygen::plugins::ntpsec
