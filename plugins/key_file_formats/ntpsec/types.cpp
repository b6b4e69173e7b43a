#include "key_file_formats/ntpsec/types.hpp"

namespace ntpkeygen::plugins::ntpsec {
namespace {

using namespace ntpd;

// Into `functions`, like those that both ntpds have.
enum OwnFunction : std::uint8_t {
  blake2b512 = common_functions,
  blake2s256,
  md4,
  whirlpool,
  aes_192,
  aes_256,
  aria_128,
  aria_192,
  aria_256,
  bf,
  camellia_128,
  camellia_192,
  camellia_256,
  cast5,
  des,
  des_ede,
  des_ede3,
  desx,
  rc2,
  rc2_40,
  rc2_64,
  seed,
  sm4
};

// Known to libcrypto 3 by name, but only its legacy provider, which ntpd does not load, has the function.
constexpr MacFunction legacy(std::string_view type, MacSpec::Kind kind, std::uint8_t key_bytes = 0) {
  return {type, kind, "", 0, 0, key_bytes, false};
}

constexpr auto functions = with_common_functions(std::array{
    digest("BLAKE2B512", "blake2b512", 64),
    digest("BLAKE2S256", "blake2s256", 32),
    legacy("MD4", MacSpec::Kind::keyed_digest),
    legacy("WHIRLPOOL", MacSpec::Kind::keyed_digest),
    cipher("AES", "aes192", 24),
    cipher("AES", "aes256", 32),
    cipher("ARIA", "aria128", 16),
    cipher("ARIA", "aria192", 24),
    cipher("ARIA", "aria256", 32),
    legacy("BF", MacSpec::Kind::cmac, 16),
    cipher("CAMELLIA", "camellia128", 16),
    cipher("CAMELLIA", "camellia192", 24),
    cipher("CAMELLIA", "camellia256", 32),
    legacy("CAST5", MacSpec::Kind::cmac, 16),
    legacy("DES", MacSpec::Kind::cmac, 8),
    cipher("DES-EDE", "des-ede", 16, 8),
    cipher("DES-EDE3", "des-ede3", 24, 8),
    legacy("DESX", MacSpec::Kind::cmac, 24),
    legacy("RC2", MacSpec::Kind::cmac, 16),
    legacy("RC2-40", MacSpec::Kind::cmac, 5),
    legacy("RC2-64", MacSpec::Kind::cmac, 8),
    legacy("SEED", MacSpec::Kind::cmac, 16),
    cipher("SM4", "sm4", 16),
});

// What EVP_get_cipherbyname(name + "-CBC") and EVP_get_digestbyname(name) of libcrypto 3.0 know, names in upper case as
// ntpd asks for them, and ntpd's own two words for AES-128. Sorted.
constexpr std::array names{
    Name{"1.0.10118.3.0.55", whirlpool},
    Name{"1.2.156.10197.1.401", sm3},
    Name{"1.2.840.113549.2.4", md4},
    Name{"1.2.840.113549.2.5", md5},
    Name{"1.3.14.3.2.26", sha1},
    Name{"1.3.36.3.2.1", ripemd160},
    Name{"1.3.6.1.4.1.1722.12.2.1.16", blake2b512},
    Name{"1.3.6.1.4.1.1722.12.2.2.8", blake2s256},
    Name{"2.16.840.1.101.3.4.2.1", sha256},
    Name{"2.16.840.1.101.3.4.2.10", sha3_512},
    Name{"2.16.840.1.101.3.4.2.11", shake128},
    Name{"2.16.840.1.101.3.4.2.12", shake256},
    Name{"2.16.840.1.101.3.4.2.2", sha384},
    Name{"2.16.840.1.101.3.4.2.3", sha512},
    Name{"2.16.840.1.101.3.4.2.4", sha224},
    Name{"2.16.840.1.101.3.4.2.5", sha512_224},
    Name{"2.16.840.1.101.3.4.2.6", sha512_256},
    Name{"2.16.840.1.101.3.4.2.7", sha3_224},
    Name{"2.16.840.1.101.3.4.2.8", sha3_256},
    Name{"2.16.840.1.101.3.4.2.9", sha3_384},
    Name{"AES", aes_128},
    Name{"AES-128", aes_128},
    Name{"AES-192", aes_192},
    Name{"AES-256", aes_256},
    Name{"AES128CMAC", aes_128},
    Name{"ARIA-128", aria_128},
    Name{"ARIA-192", aria_192},
    Name{"ARIA-256", aria_256},
    Name{"BF", bf},
    Name{"BLAKE2B-512", blake2b512},
    Name{"BLAKE2B512", blake2b512},
    Name{"BLAKE2S-256", blake2s256},
    Name{"BLAKE2S256", blake2s256},
    Name{"CAMELLIA-128", camellia_128},
    Name{"CAMELLIA-192", camellia_192},
    Name{"CAMELLIA-256", camellia_256},
    Name{"CAST", cast5},
    Name{"CAST5", cast5},
    Name{"DES", des},
    Name{"DES-EDE", des_ede},
    Name{"DES-EDE3", des_ede3},
    Name{"DESX", desx},
    Name{"ID-RSASSA-PKCS1-V1_5-WITH-SHA3-224", sha3_224},
    Name{"ID-RSASSA-PKCS1-V1_5-WITH-SHA3-256", sha3_256},
    Name{"ID-RSASSA-PKCS1-V1_5-WITH-SHA3-384", sha3_384},
    Name{"ID-RSASSA-PKCS1-V1_5-WITH-SHA3-512", sha3_512},
    Name{"MD4", md4},
    Name{"MD4WITHRSAENCRYPTION", md4},
    Name{"MD5", md5},
    Name{"MD5-SHA1", md5_sha1},
    Name{"MD5WITHRSAENCRYPTION", md5},
    Name{"RC2", rc2},
    Name{"RC2-40", rc2_40},
    Name{"RC2-64", rc2_64},
    Name{"RIPEMD", ripemd160},
    Name{"RIPEMD-160", ripemd160},
    Name{"RIPEMD160", ripemd160},
    Name{"RIPEMD160WITHRSA", ripemd160},
    Name{"RMD160", ripemd160},
    Name{"RSA-MD4", md4},
    Name{"RSA-MD5", md5},
    Name{"RSA-RIPEMD160", ripemd160},
    Name{"RSA-SHA1", sha1},
    Name{"RSA-SHA1-2", sha1},
    Name{"RSA-SHA224", sha224},
    Name{"RSA-SHA256", sha256},
    Name{"RSA-SHA3-224", sha3_224},
    Name{"RSA-SHA3-256", sha3_256},
    Name{"RSA-SHA3-384", sha3_384},
    Name{"RSA-SHA3-512", sha3_512},
    Name{"RSA-SHA384", sha384},
    Name{"RSA-SHA512", sha512},
    Name{"RSA-SHA512/224", sha512_224},
    Name{"RSA-SHA512/256", sha512_256},
    Name{"RSA-SM3", sm3},
    Name{"SEED", seed},
    Name{"SHA-1", sha1},
    Name{"SHA-224", sha224},
    Name{"SHA-256", sha256},
    Name{"SHA-384", sha384},
    Name{"SHA-512", sha512},
    Name{"SHA-512/224", sha512_224},
    Name{"SHA-512/256", sha512_256},
    Name{"SHA1", sha1},
    Name{"SHA1WITHRSAENCRYPTION", sha1},
    Name{"SHA2-224", sha224},
    Name{"SHA2-256", sha256},
    Name{"SHA2-384", sha384},
    Name{"SHA2-512", sha512},
    Name{"SHA2-512/224", sha512_224},
    Name{"SHA2-512/256", sha512_256},
    Name{"SHA224", sha224},
    Name{"SHA224WITHRSAENCRYPTION", sha224},
    Name{"SHA256", sha256},
    Name{"SHA256WITHRSAENCRYPTION", sha256},
    Name{"SHA3-224", sha3_224},
    Name{"SHA3-256", sha3_256},
    Name{"SHA3-384", sha3_384},
    Name{"SHA3-512", sha3_512},
    Name{"SHA384", sha384},
    Name{"SHA384WITHRSAENCRYPTION", sha384},
    Name{"SHA512", sha512},
    Name{"SHA512-224", sha512_224},
    Name{"SHA512-224WITHRSAENCRYPTION", sha512_224},
    Name{"SHA512-256", sha512_256},
    Name{"SHA512-256WITHRSAENCRYPTION", sha512_256},
    Name{"SHA512WITHRSAENCRYPTION", sha512},
    Name{"SHAKE-128", shake128},
    Name{"SHAKE-256", shake256},
    Name{"SHAKE128", shake128},
    Name{"SHAKE256", shake256},
    Name{"SM3", sm3},
    Name{"SM3WITHRSAENCRYPTION", sm3},
    Name{"SM4", sm4},
    Name{"SSL3-MD5", md5},
    Name{"SSL3-SHA1", sha1},
    Name{"WHIRLPOOL", whirlpool},
};
static_assert(std::is_sorted(names.begin(), names.end(), by_text));

} // namespace

std::span<const MacFunction> mac_functions() noexcept {
  return functions;
}

const MacFunction *find_by_name(std::string_view type_field) noexcept {
  const Name *const found = find_name(names, type_field);
  return found == nullptr ? nullptr : &functions[found->function];
}

const MacFunction *find_mac_function(std::string_view type_field) noexcept {
  const MacFunction *const found = find_by_name(type_field);
  return found == nullptr && is_old_md5(type_field) ? &functions[md5] : found;
}

} // namespace ntpkeygen::plugins::ntpsec
