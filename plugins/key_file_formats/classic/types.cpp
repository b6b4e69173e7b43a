#include "key_file_formats/classic/types.hpp"

namespace ntpkeygen::plugins::classic {
namespace {

using namespace ntpd;

// Into `functions`, like those that both ntpds have; `none` is not in there.
enum OwnFunction : std::uint8_t { md4 = common_functions, none };

constexpr auto functions = with_common_functions(std::array{digest("MD4", "md4", 16)});

// The short names of libcrypto 1.1.1 that have no lower-case letter, because ntpd asks for names in upper case, and
// that are digests; those that begin with M and are none, which keeps them from being MD5; and ntpd's words for
// AES-128-CMAC. Sorted.
constexpr std::array names{
    Name{"AES128CMAC", aes_128},
    Name{"CMAC", aes_128},
    Name{"MD2", none},
    Name{"MD4", md4},
    Name{"MD5", md5},
    Name{"MD5-SHA1", md5_sha1},
    Name{"MDC2", none},
    Name{"MGF1", none},
    Name{"RIPEMD160", ripemd160},
    Name{"RSA-MD4", md4},
    Name{"RSA-MD5", md5},
    Name{"RSA-RIPEMD160", ripemd160},
    Name{"RSA-SHA1", sha1},
    Name{"RSA-SHA1-2", sha1},
    Name{"RSA-SHA224", sha224},
    Name{"RSA-SHA256", sha256},
    Name{"RSA-SHA384", sha384},
    Name{"RSA-SHA512", sha512},
    Name{"RSA-SHA512/224", sha512_224},
    Name{"RSA-SHA512/256", sha512_256},
    Name{"RSA-SM3", sm3},
    Name{"SHA1", sha1},
    Name{"SHA224", sha224},
    Name{"SHA256", sha256},
    Name{"SHA3-224", sha3_224},
    Name{"SHA3-256", sha3_256},
    Name{"SHA3-384", sha3_384},
    Name{"SHA3-512", sha3_512},
    Name{"SHA384", sha384},
    Name{"SHA512", sha512},
    Name{"SHA512-224", sha512_224},
    Name{"SHA512-256", sha512_256},
    Name{"SHAKE128", shake128},
    Name{"SHAKE256", shake256},
    Name{"SM3", sm3},
};
static_assert(std::is_sorted(names.begin(), names.end(), by_text));

// The short names of libcrypto 1.1.1 for things that are no digests, as far as they have no lower-case letter, no blank
// and at most 15 characters, with a blank on either side of each.
constexpr std::size_t longest_object = 15;
constexpr std::string_view other_objects =
    " AD_DVCS AES-128-CBC AES-128-CFB AES-128-CFB1 AES-128-CFB8 AES-128-CTR AES-128-ECB AES-128-OCB "
    "AES-128-OFB AES-128-XTS AES-192-CBC AES-192-CFB AES-192-CFB1 AES-192-CFB8 AES-192-CTR AES-192-ECB "
    "AES-192-OCB AES-192-OFB AES-256-CBC AES-256-CFB AES-256-CFB1 AES-256-CFB8 AES-256-CTR AES-256-ECB "
    "AES-256-OCB AES-256-OFB AES-256-XTS ARIA-128-CBC ARIA-128-CCM ARIA-128-CFB ARIA-128-CFB1 ARIA-128-CFB8 "
    "ARIA-128-CTR ARIA-128-ECB ARIA-128-GCM ARIA-128-OFB ARIA-192-CBC ARIA-192-CCM ARIA-192-CFB ARIA-192-CFB1 "
    "ARIA-192-CFB8 ARIA-192-CTR ARIA-192-ECB ARIA-192-GCM ARIA-192-OFB ARIA-256-CBC ARIA-256-CCM ARIA-256-CFB "
    "ARIA-256-CFB1 ARIA-256-CFB8 ARIA-256-CTR ARIA-256-ECB ARIA-256-GCM ARIA-256-OFB BF-CBC BF-CFB BF-ECB "
    "BF-OFB C CAST5-CBC CAST5-CFB CAST5-ECB CAST5-OFB CMAC CN DC DES-CBC DES-CDMF DES-CFB DES-CFB1 DES-CFB8 "
    "DES-ECB DES-EDE DES-EDE-CBC DES-EDE-CFB DES-EDE-OFB DES-EDE3 DES-EDE3-CBC DES-EDE3-CFB DES-EDE3-CFB1 "
    "DES-EDE3-CFB8 DES-EDE3-OFB DES-OFB DESX-CBC DOD DSA DSA-SHA DSA-SHA1 DVCS ED25519 ED448 GN HKDF HMAC "
    "HMAC-MD5 HMAC-SHA1 IANA IDEA-CBC IDEA-CFB IDEA-ECB IDEA-OFB INN ISO ISO-CN ISO-UA ISO-US ITU-T "
    "JOINT-ISO-ITU-T KISA L MD2 MDC2 MGF1 NULL O OCSP OGRN ORG OU PBE-MD2-DES PBE-MD2-RC2-64 PBE-MD5-DES "
    "PBE-MD5-RC2-64 PBE-SHA1-2DES PBE-SHA1-3DES PBE-SHA1-DES PBE-SHA1-RC2-40 PBE-SHA1-RC2-64 PBE-SHA1-RC4-40 "
    "PBES2 PBKDF2 PBMAC1 PKIX PSPECIFIED RC2-40-CBC RC2-64-CBC RC2-CBC RC2-CFB RC2-ECB RC2-OFB RC4 RC4-40 "
    "RC4-HMAC-MD5 RC5-CBC RC5-CFB RC5-ECB RC5-OFB RSA RSA-MD2 RSA-MDC2 RSA-NP-MD5 RSA-SHA RSAES-OAEP "
    "RSASSA-PSS SEED-CBC SEED-CFB SEED-ECB SEED-OFB SHA SM2 SM4-CBC SM4-CFB SM4-CFB1 SM4-CFB8 SM4-CTR SM4-ECB "
    "SM4-OFB SMIME SMIME-CAPS SN SNILS ST TLS1-PRF UID X25519 X448 X500 X509 X9-57 ZLIB ";

} // namespace

std::span<const MacFunction> mac_functions() noexcept {
  return functions;
}

const MacFunction *find_mac_function(std::string_view type_field) noexcept {
  if (const Name *const found = find_name(names, type_field); found != nullptr)
    return found->function == none ? nullptr : &functions[found->function];
  return is_old_md5(type_field) ? &functions[md5] : nullptr;
}

bool is_other_object(std::string_view type_field) noexcept {
  if (type_field.size() > longest_object || type_field.find(' ') != std::string_view::npos)
    return false;
  std::array<char, longest_object + 2> word{' '};
  *std::transform(type_field.begin(), type_field.end(), word.begin() + 1, upper) = ' ';
  return other_objects.find({word.data(), type_field.size() + 2}) != std::string_view::npos;
}

} // namespace ntpkeygen::plugins::classic
