#include "key_file_formats/ntpd/format.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/classic/dialect.hpp"

#include "ntpkeygen/sdk/parse.hpp"

namespace ntpkeygen::plugins::classic {
namespace {

constexpr std::array words{
    TypeWord{"AES", 128, "AES128CMAC"}, TypeWord{"MD5", 0, "MD5"},       TypeWord{"SHA1", 0, "SHA1"},
    TypeWord{"SHA224", 0, "SHA224"},    TypeWord{"SHA256", 0, "SHA256"}, TypeWord{"SHA384", 0, "SHA384"},
    TypeWord{"SHA512", 0, "SHA512"},
};

tl::unexpected<Error> wrong_length(const std::string &keys) {
  return failure(ErrorCode::unsupported,
                 "the classic format cannot hold " + keys + ": NTP Classic's only cipher is AES-128-CMAC",
                 "use AES of 128 bits, or another format");
}

// One fault would reject the file; what ntp-keygen writes beside its keys speaks loudly.
unsigned recognise(std::span<const std::byte> file) noexcept {
  ntpd::LineSplitter splitter(dialect);
  return recognise_lines(file, ntpd::longest_line, 50, [&](std::string_view text, bool whole) -> LineEvidence {
    const std::string_view line = up_to_nul(text);
    const ntpd::KeyLine found = splitter.split(line);
    if (found.fault == ntpd::Fault::empty || !whole)
      return {};
    if (rejects_file(found.fault))
      return {Evidence::never};
    return {found.fault == ntpd::Fault::none ? Evidence::key : Evidence::foreign,
            line.ends_with("# MD5 key") || line.ends_with("# SHA1 key")};
  });
}

} // namespace

std::unique_ptr<KeyFileFormat> make_format() {
  return ntpd::make_format(
      dialect,
      {.info = {.name = "classic",
                .summary = "NTP Classic's ntp.keys",
                .reader = "classic",
                .reload = "NTP Classic's ntpd reads its keys at start: restart it, or send it ntpdc's readkeys where "
                          "mode 7 is enabled",
                .daemon_groups = {"ntp"}},
       .recipe = {.groups = {{"MD5", 160, Encoding::ascii, 10}, {"SHA1", 160, Encoding::hex, 10}},
                  .label = "MD5key",
                  .announced_as = "md5"},
       .words = words,
       .holds = "AES-128, MD5, SHA1, SHA224, SHA256, SHA384 and SHA512",
       .wrong_length = wrong_length,
       .longest_frame = "65535 AES128CMAC   # AES128CMAC key\n",
       .header_end = "\n",
       .word_in_comment = true,
       .first_character = '!', // as ntp-keygen draws them
       .last_character = '~',
       .recognise = recognise});
}

} // namespace ntpkeygen::plugins::classic
