#include "random_sources/rdrand/rdrand.hpp"

#include <cpuid.h>
#include <immintrin.h>

namespace ntpkeygen::plugins::rdrand {
namespace {

// One try each. As inline assembly, since the compiler's intrinsics could only be inlined into functions that are
// compiled for processors which have the instruction. The carry flag says whether it worked.
struct Rdrand {
  bool operator()(std::uint64_t &word) const noexcept {
    unsigned long value = 0;
    bool good = false;
    asm volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
    word = value;
    return good;
  }
};
struct Rdseed {
  bool operator()(std::uint64_t &word) const noexcept {
    unsigned long value = 0;
    bool good = false;
    asm volatile("rdseed %0" : "=r"(value), "=@ccc"(good));
    word = value;
    return good;
  }
};
static_assert(sizeof(unsigned long) == sizeof(std::uint64_t), "a word of the source is a register");

bool has_rdrand() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_RDRND) != 0;
}
bool has_rdseed() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_RDSEED) != 0;
}

template <class Word> class Provider final : public RandomSourceProvider {
public:
  Provider(const char *name, const char *summary, unsigned tries, bool (*is_there)() noexcept)
      : tries_(tries), is_there_(is_there) {
    info_.name = name;
    info_.summary = summary;
    info_.nature = SourceNature::hardware;
  }

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (!argument.empty())
        return failure(ErrorCode::invalid_argument, "the random source '" + info_.name + "' takes no argument",
                       "write '" + info_.name + "', without a colon");
      if (!is_there_())
        return failure(ErrorCode::unavailable, "this processor has no instruction " + info_.name);
      return {};
    });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (Result<void> there = available(argument); !there)
        return failure(std::move(there).error());
      return std::make_unique<Source<Word>>(Word{}, info_.name, tries_);
    });
  }

private:
  SourceInfo info_{};
  unsigned tries_;
  bool (*is_there_)() noexcept;
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar
      .add(std::make_unique<Provider<Rdrand>>("rdrand", "the processor's generator, by the instruction RDRAND",
                                              rdrand_tries, has_rdrand))
      .and_then([&] {
        return registrar.add(std::make_unique<Provider<Rdseed>>(
            "rdseed", "the seeds of the processor's generator, by the instruction RDSEED", rdseed_tries, has_rdseed));
      });
}

} // namespace ntpkeygen::plugins::rdrand
