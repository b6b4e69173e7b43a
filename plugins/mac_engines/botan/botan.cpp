#include "mac_engines/botan/botan.hpp"

#include <botan/hash.h>
#include <botan/mac.h>
#include <botan/mem_ops.h>
#include <botan/secmem.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

namespace ntpkeygen::plugins::botan {
namespace {

struct Name {
  std::string_view ours, botans;
};
constexpr std::array digests{Name{"md5", "MD5"}, Name{"sha1", "SHA-1"}, Name{"sha256", "SHA-256"},
                             Name{"sha384", "SHA-384"}, Name{"sha512", "SHA-512"}};
constexpr std::array ciphers{Name{"aes128", "AES-128"}, Name{"aes192", "AES-192"}, Name{"aes256", "AES-256"}};

// Empty where there is none.
template <std::size_t N> std::string botan_name(const std::array<Name, N> &names, std::string_view ours) {
  const auto *found = std::ranges::find(names, ours, &Name::ours);
  return std::string(found == names.end() ? std::string_view{} : found->botans);
}

const std::uint8_t *octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t *>(bytes.data()); // unsigned char may alias any object
}

// One Botan computation, and the key bytes that each message begins with: a digest's whole key, nothing for a MAC,
// which keeps its key itself. The bytes are hashed anew for every message: to copy a hash state that has them already
// takes longer for keys of NTP's lengths, because Botan allocates for the copy (README.md has figures).
class BotanMac final : public Mac {
public:
  BotanMac(std::unique_ptr<Botan::Buffered_Computation> function, std::span<const std::byte> prefix,
           std::size_t tag_bytes)
      : function_(std::move(function)), prefix_(octets(prefix), octets(prefix) + prefix.size()),
        whole_tag_(function_->output_length()), tag_bytes_(tag_bytes) {
    begin();
  }

  Result<void> update(std::span<const std::byte> message) noexcept override {
    return guarded([&]() -> Result<void> {
      if (!message.empty())
        function_->update(octets(message), message.size());
      return {};
    });
  }

  Result<std::size_t> finish(std::span<std::byte> tag) noexcept override {
    return guarded([&]() -> Result<std::size_t> {
      const std::size_t size = std::min(tag_bytes_, tag.size());
      function_->final(whole_tag_.data());
      if (size != 0)
        std::memcpy(tag.data(), whole_tag_.data(), size);
      // What an HMAC gives can become key material.
      Botan::secure_scrub_memory(whole_tag_.data(), whole_tag_.size());
      begin();
      return size;
    });
  }

private:
  void begin() {
    if (!prefix_.empty())
      function_->update(prefix_.data(), prefix_.size());
  }

  std::unique_ptr<Botan::Buffered_Computation> function_;
  Botan::secure_vector<std::uint8_t> prefix_, whole_tag_;
  std::size_t tag_bytes_;
};

// A function that Botan has made, not keyed yet; one of the two is set.
struct Function {
  std::unique_ptr<Botan::HashFunction> digest{};
  std::unique_ptr<Botan::MessageAuthenticationCode> mac{};
};

Function make(const MacSpec &spec) {
  switch (spec.kind) {
  case MacSpec::Kind::keyed_digest:
    if (const std::string name = botan_name(digests, spec.algorithm); !name.empty())
      return {Botan::HashFunction::create(name), nullptr};
    break;
  case MacSpec::Kind::cmac:
    if (const std::string name = botan_name(ciphers, spec.algorithm); !name.empty())
      return {nullptr, Botan::MessageAuthenticationCode::create("CMAC(" + name + ")")};
    break;
  case MacSpec::Kind::hmac:
    if (const std::string name = botan_name(digests, spec.algorithm); !name.empty())
      return {nullptr, Botan::MessageAuthenticationCode::create("HMAC(" + name + ")")};
    break;
  }
  return {};
}

// Errors: unsupported.
Result<Function> find(const MacSpec &spec) {
  Function function = make(spec);
  if (!function.digest && !function.mac)
    return failure(ErrorCode::unsupported, "this build of Botan has no " + mac_name(spec));
  const std::size_t whole = function.digest ? function.digest->output_length() : function.mac->output_length();
  if (spec.tag_bytes == 0 || spec.tag_bytes > whole)
    return failure(ErrorCode::unsupported, "a tag of " + mac_name(spec) + " has 1 to " + std::to_string(whole) +
                                               " bytes, not " + std::to_string(spec.tag_bytes));
  return function;
}

std::string lengths_of(const Botan::Key_Length_Specification &keys) {
  const std::string least = std::to_string(keys.minimum_keylength());
  return keys.minimum_keylength() == keys.maximum_keylength()
             ? least
             : least + " to " + std::to_string(keys.maximum_keylength());
}

class Engine final : public MacEngine {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "botan"; }

  [[nodiscard]] bool supports(const MacSpec &spec) const noexcept override {
    return guarded([&] { return find(spec); }).has_value();
  }

  [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &spec,
                                                     std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<Mac>> {
      auto function = find(spec);
      if (!function)
        return failure(std::move(function).error());
      if (function->digest)
        return std::make_unique<BotanMac>(std::move(function->digest), key, spec.tag_bytes);
      if (!function->mac->valid_keylength(key.size()))
        return failure(ErrorCode::invalid_argument, mac_name(spec) + " takes a key of " +
                                                        lengths_of(function->mac->key_spec()) + " bytes, not " +
                                                        std::to_string(key.size()));
      function->mac->set_key(octets(key), key.size());
      return std::make_unique<BotanMac>(std::move(function->mac), std::span<const std::byte>{}, spec.tag_bytes);
    });
  }
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Engine>());
}

} // namespace ntpkeygen::plugins::botan
