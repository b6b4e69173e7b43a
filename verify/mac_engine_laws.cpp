#include "verify/laws.hpp"

#include "verify/trial.hpp"

#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace ntpkeygen::verify {
namespace {

using Bytes = std::vector<std::byte>;

Bytes from_hex(std::string_view digits) {
  Bytes bytes(digits.size() / 2);
  hex::decode(digits, bytes);
  return bytes;
}
std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

struct Vector {
  MacSpec::Kind kind;
  std::string_view algorithm, key, message, tag; // the last three in hex
  std::string_view source;
};

constexpr std::string_view abc = "616263", nist_block = "6bc1bee22e409f96e93d7e117393172a";
// A keyed digest is a digest over key and message: what is known of a text holds for it cut anywhere.
constexpr std::array vectors{
    Vector{MacSpec::Kind::keyed_digest, "md5", "6d", "65737361676520646967657374", "f96b697d7cb7938d525a2f31aaf161d0",
           "RFC 1321, A.5"},
    Vector{MacSpec::Kind::keyed_digest, "sha1", "61", "6263", "a9993e364706816aba3e25717850c26c9cd0d89d",
           "FIPS 180, SHA-1 of 'abc'"},
    Vector{MacSpec::Kind::keyed_digest, "sha256", "6162", "63",
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180, SHA-256 of 'abc'"},
    Vector{MacSpec::Kind::keyed_digest, "sha384", "61", "6263",
           "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
           "FIPS 180, SHA-384 of 'abc'"},
    Vector{
        MacSpec::Kind::keyed_digest, "sha512", "61", "6263",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
        "0e2a9ac94fa54ca49f",
        "FIPS 180, SHA-512 of 'abc'"},
    Vector{MacSpec::Kind::cmac, "aes128", "2b7e151628aed2a6abf7158809cf4f3c", "", "bb1d6929e95937287fa37d129b756746",
           "RFC 4493, example 1"},
    Vector{MacSpec::Kind::cmac, "aes128", "2b7e151628aed2a6abf7158809cf4f3c", nist_block,
           "070a16b46b4d4144f79bdd9dd04a287c", "RFC 4493, example 2"},
    Vector{MacSpec::Kind::cmac, "aes128", "2b7e151628aed2a6abf7158809cf4f3c",
           "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
           "dfa66747de9ae63030ca32611497c827", "RFC 4493, example 3"},
    Vector{MacSpec::Kind::cmac, "aes192", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", nist_block,
           "9e99a7bf31e710900662f65e617c5184", "SP 800-38B, example 6"},
    Vector{MacSpec::Kind::cmac, "aes256", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
           nist_block, "28a7023f452e8f82bd4bf28d8c37c35c", "SP 800-38B, example 10"},
    Vector{MacSpec::Kind::hmac, "md5", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
           "750c783e6ab0b503eaa86e310a5db738", "RFC 2202, HMAC-MD5, 2"},
    Vector{MacSpec::Kind::hmac, "sha1", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
           "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "RFC 2202, HMAC-SHA-1, 2"},
    Vector{MacSpec::Kind::hmac, "sha256", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "RFC 4231, 4.3"},
};

MacSpec spec_of(const Vector &vector) {
  return {vector.kind, std::string(vector.algorithm), static_cast<std::uint8_t>(vector.tag.size() / 2)};
}

Result<Bytes> computed(Mac &mac, std::initializer_list<std::span<const std::byte>> parts, std::size_t room) {
  for (const auto part : parts)
    if (Result<void> updated = mac.update(part); !updated)
      return failure(std::move(updated).error());
  Bytes tag(room);
  const auto size = mac.finish(tag);
  if (!size)
    return failure(size.error());
  tag.resize(std::min(*size, room));
  return tag;
}
Result<Bytes> computed(const MacEngine &engine, const MacSpec &spec, std::span<const std::byte> key,
                       std::span<const std::byte> message) {
  auto mac = engine.prepare(spec, key);
  if (!mac)
    return failure(std::move(mac).error());
  if (*mac == nullptr)
    return failure(ErrorCode::plugin_fault, "what it prepared is null");
  return computed(**mac, {message}, spec.tag_bytes);
}

std::string named(const Vector &vector) {
  return mac_name(spec_of(vector)) + " (" + std::string(vector.source) + ")";
}

// All of it that it has; none is a normal answer.
std::vector<const Vector *> supported(const MacEngine &engine) {
  std::vector<const Vector *> those;
  for (const Vector &vector : vectors)
    if (engine.supports(spec_of(vector)))
      those.push_back(&vector);
  return those;
}
const char *const none_known = "it has none of the functions whose values are known here";

Finding computes_known_values(const MacEngine &engine, World &) {
  const auto those = supported(engine);
  for (const Vector *vector : those) {
    note_step("compute " + named(*vector));
    const auto tag = computed(engine, spec_of(*vector), from_hex(vector->key), from_hex(vector->message));
    if (!tag)
      return broken(named(*vector) + ": " + words_of(tag.error()));
    if (*tag != from_hex(vector->tag))
      return broken(named(*vector) + " is " + in_hex(as_text(*tag)) + ", and should be " + std::string(vector->tag));
  }
  return those.empty() ? not_tried(none_known) : holds();
}

Finding takes_messages_in_parts(const MacEngine &engine, World &) {
  const auto those = supported(engine);
  Bytes message(200);
  RepeatableSource source;
  TrialControl control;
  static_cast<void>(source.fill(message, control));
  const auto whole = std::span<const std::byte>(message);
  for (const Vector *vector : those) {
    const MacSpec spec = spec_of(*vector);
    const Bytes key = from_hex(vector->key);
    note_step("compute " + mac_name(spec) + " over a message in parts");
    const auto expected = computed(engine, spec, key, whole);
    auto mac = engine.prepare(spec, key), other = engine.prepare(spec, key);
    // cppcheck-suppress knownConditionTrueFalse ; the same asked twice may end in two ways
    if (!expected || !mac || !other)
      return broken(mac_name(spec) + " cannot be computed a second time");
    for (const std::size_t cut : {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 127U, 128U, 200U}) {
      static_cast<void>((*other)->update(whole.first(cut))); // one that goes on meanwhile
      const auto tag =
          computed(**mac, {whole.first(cut), std::span<const std::byte>(), whole.subspan(cut)}, spec.tag_bytes);
      if (!tag || *tag != *expected)
        return broken(mac_name(spec) + " of a message that is cut behind byte " + std::to_string(cut) +
                      (tag ? " is another than that of the whole, or of the first use" : ": " + words_of(tag.error())));
    }
  }
  return those.empty() ? not_tried(none_known) : holds();
}

Finding writes_as_much_as_fits(const MacEngine &engine, World &) {
  const auto those = supported(engine);
  for (const Vector *vector : those) {
    const Bytes key = from_hex(vector->key), message = from_hex(vector->message), whole = from_hex(vector->tag);
    for (std::size_t tag_bytes = 1; tag_bytes <= whole.size(); ++tag_bytes) {
      MacSpec spec = spec_of(*vector);
      spec.tag_bytes = static_cast<std::uint8_t>(tag_bytes);
      note_step("compute " + std::to_string(tag_bytes) + " bytes of " + mac_name(spec));
      auto mac = engine.prepare(spec, key);
      if (!mac)
        return broken("of " + mac_name(spec) + " it has no tag of " + std::to_string(tag_bytes) +
                      " bytes: " + words_of(mac.error()));
      for (const std::size_t room : {std::size_t{0}, tag_bytes / 2, tag_bytes, tag_bytes + 8}) {
        constexpr std::byte untouched{0xec};
        Bytes tag(room + 8, untouched);
        if (!(*mac)->update(message))
          return broken(mac_name(spec) + " takes no message behind another");
        const auto size = (*mac)->finish(std::span(tag).first(room));
        const std::size_t due = std::min(room, tag_bytes);
        const std::string what = mac_name(spec) + ", asked for " + std::to_string(tag_bytes) + " bytes with room for " +
                                 std::to_string(room) + ", ";
        if (!size || *size != due)
          return broken(what + (size ? "says that it wrote " + std::to_string(*size) : words_of(size.error())));
        if (!std::equal(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(due), whole.begin()))
          return broken(what + "does not write the beginning of the tag");
        if (std::any_of(tag.begin() + static_cast<std::ptrdiff_t>(due), tag.end(),
                        [](std::byte byte) { return byte != untouched; }))
          return broken(what + "writes behind the end");
      }
    }
  }
  return those.empty() ? not_tried(none_known) : holds();
}

Finding refuses_what_it_does_not_have(const MacEngine &engine, World &) {
  const Bytes key(16);
  for (const MacSpec::Kind kind : {MacSpec::Kind::keyed_digest, MacSpec::Kind::cmac, MacSpec::Kind::hmac})
    for (const char *algorithm :
         {"", "md5", "sha1", "sha256", "sha384", "sha512", "aes128", "aes192", "aes256", "rot13", "SHA256", "no\nname"})
      for (const unsigned tag_bytes : {0U, 1U, 16U, 64U, 255U}) {
        const MacSpec spec{kind, algorithm, static_cast<std::uint8_t>(tag_bytes)};
        if (engine.supports(spec))
          continue;
        const std::string what = std::to_string(tag_bytes) + " bytes of '" + mac_name(spec) + "'";
        note_step("prepare " + what);
        if (std::string flaw = not_refused(engine.prepare(spec, key), ErrorCode::unsupported, Words::foreign);
            !flaw.empty())
          return broken("it does not support " + what + ", and to prepare them " + flaw);
      }
  return holds();
}

// Ciphers have one length of key; digests take any.
Finding refuses_keys_of_wrong_length(const MacEngine &engine, World &) {
  bool any = false;
  for (const Vector *vector : supported(engine)) {
    if (vector->kind != MacSpec::Kind::cmac)
      continue;
    any = true;
    for (const std::size_t size : {0U, 1U, 15U, 17U, 23U, 25U, 31U, 33U, 200U}) {
      note_step("prepare " + mac_name(spec_of(*vector)) + " with a key of " + std::to_string(size) + " bytes");
      if (std::string flaw = not_refused(engine.prepare(spec_of(*vector), Bytes(size)), ErrorCode::invalid_argument);
          !flaw.empty())
        return broken("to prepare " + mac_name(spec_of(*vector)) + " with a key of " + std::to_string(size) +
                      " bytes " + flaw);
    }
  }
  return any ? holds() : not_tried("it has no cipher that is known here");
}

Finding computes_without_memory(const MacEngine &engine, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const auto those = supported(engine);
  for (const Vector *vector : those) {
    const Bytes key = from_hex(vector->key), message = from_hex(vector->message), expected = from_hex(vector->tag);
    const MacSpec spec = spec_of(*vector);
    std::array<std::byte, 64> tag{};
    std::string trouble = trouble_without_memory(
        "compute " + mac_name(spec),
        [&]() -> Result<std::size_t> {
          auto mac = engine.prepare(spec, key);
          if (!mac)
            return failure(std::move(mac).error());
          if (Result<void> updated = (*mac)->update(message); !updated)
            return failure(std::move(updated).error());
          return (*mac)->finish(tag);
        },
        [&](const Result<std::size_t> &size) {
          return *size == expected.size() && std::equal(expected.begin(), expected.end(), tag.begin())
                     ? ""
                     : "it gives another tag, and no error";
        });
    if (!trouble.empty())
      return broken(std::move(trouble));
  }
  return those.empty() ? not_tried(none_known) : holds();
}

Finding wipes_keys(const MacEngine &engine, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const auto those = supported(engine);
  for (const Vector *vector : those) {
    const MacSpec spec = spec_of(*vector);
    if (vector->kind != MacSpec::Kind::cmac && spec.algorithm != "sha256")
      continue;
    Bytes key(vector->kind == MacSpec::Kind::cmac ? vector->key.size() / 2 : 32);
    RepeatableSource source;
    TrialControl control;
    static_cast<void>(source.fill(key, control));
    const FreedMemorySearch search(key);
    static_cast<void>(computed(engine, spec, key, from_hex(abc)));
    if (search.found())
      return broken("memory in which the key of " + mac_name(spec) + " stood was given back without being wiped");
  }
  return those.empty() ? not_tried(none_known) : holds();
}

constexpr std::array laws{
    Law<MacEngine>{"known-values", "computes what standards say", computes_known_values},
    Law<MacEngine>{"parts", "computes the same over a message in parts, and again", takes_messages_in_parts},
    Law<MacEngine>{"tags", "writes as many bytes of a tag as were asked for, and as fit", writes_as_much_as_fits},
    Law<MacEngine>{"unsupported", "refuses what it says it does not support", refuses_what_it_does_not_have},
    Law<MacEngine>{"key-lengths", "refuses keys that a cipher does not take", refuses_keys_of_wrong_length},
    Law<MacEngine>{"wiping", "wipes keys before their memory is given back", wipes_keys},
    Law<MacEngine>{"memory", "fails with an error where memory ends", computes_without_memory},
};

} // namespace

template <> std::span<const Law<MacEngine>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
