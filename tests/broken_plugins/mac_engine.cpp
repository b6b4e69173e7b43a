// An engine that knows three values of AES-128-CMAC, and else gives something that is no MAC.
#include "fault.hpp"

#include "ntpkeygen/sdk/plugin.hpp"

#include <algorithm>
#include <cstring>

namespace {

using namespace ntpkeygen;
using broken::fault_is;

constexpr std::size_t whole_tag = 16;
// RFC 4493, examples 1 to 3.
struct Known {
  std::size_t message_size;
  std::array<unsigned char, whole_tag> tag;
};
constexpr std::array known{
    Known{0, {0xbb, 0x1d, 0x69, 0x29, 0xe9, 0x59, 0x37, 0x28, 0x7f, 0xa3, 0x7d, 0x12, 0x9b, 0x75, 0x67, 0x46}},
    Known{16, {0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44, 0xf7, 0x9b, 0xdd, 0x9d, 0xd0, 0x4a, 0x28, 0x7c}},
    Known{40, {0xdf, 0xa6, 0x67, 0x47, 0xde, 0x9a, 0xe6, 0x30, 0x30, 0xca, 0x32, 0x61, 0x14, 0x97, 0xc8, 0x27}}};

class Pretended final : public Mac {
public:
  Pretended(std::span<const std::byte> key, std::size_t tag_bytes)
      : key_(key.begin(), key.end()), tag_bytes_(tag_bytes) {}
  ~Pretended() override {
    if (!fault_is("keeps-keys"))
      ::explicit_bzero(key_.data(), key_.size());
  }
  Pretended(const Pretended &) = delete;
  Pretended &operator=(const Pretended &) = delete;

  Result<void> update(std::span<const std::byte> message) noexcept override {
    size_ += message.size();
    for (const std::byte byte : message)
      sum_ += std::to_integer<std::size_t>(byte);
    return {};
  }
  Result<std::size_t> finish(std::span<std::byte> tag) noexcept override {
    std::array<unsigned char, whole_tag> whole{};
    const auto *const found = std::ranges::find(known, size_, &Known::message_size);
    if (found != known.end())
      whole = found->tag;
    else
      whole.fill(static_cast<unsigned char>(sum_));
    if (fault_is("wrong-value"))
      whole[0] ^= 1;
    const std::size_t size =
        fault_is("writes-behind-the-end") ? std::min(tag_bytes_, tag.size() + 1) : std::min(tag_bytes_, tag.size());
    std::memcpy(tag.data(), whole.data(), size);
    if (!fault_is("not-ready-again"))
      size_ = sum_ = 0;
    return size;
  }

private:
  std::vector<std::byte> key_;
  std::size_t tag_bytes_, size_ = 0, sum_ = 0;
};

class Engine final : public MacEngine {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "broken"; }
  [[nodiscard]] bool supports(const MacSpec &spec) const noexcept override {
    return spec.kind == MacSpec::Kind::cmac && spec.algorithm == "aes128" && spec.tag_bytes >= 1 &&
           spec.tag_bytes <= whole_tag;
  }
  [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &spec,
                                                     std::span<const std::byte> key) const noexcept override {
    if (fault_is("not-guarded"))
      return std::make_unique<Pretended>(key, spec.tag_bytes);
    return guarded([&]() -> Result<std::unique_ptr<Mac>> {
      if (!supports(spec) && !fault_is("supports-all"))
        return failure(ErrorCode::unsupported, "it has no " + mac_name(spec));
      if (key.size() != whole_tag && !fault_is("any-key"))
        return failure(ErrorCode::invalid_argument, "its keys have 16 bytes");
      return std::make_unique<Pretended>(key, spec.tag_bytes);
    });
  }
};

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Engine>());
}

} // namespace

NTPKEYGEN_PLUGIN(mac_engine, "broken", "1.0", "a fixture", enroll);
