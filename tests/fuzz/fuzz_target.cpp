// Any bytes for one of fuzz_targets(), the one that NTPKEYGEN_FUZZ_TARGET names.
#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace ntpkeygen::test;
  static const FuzzTarget &target =
      *std::ranges::find(fuzz_targets(), std::string_view(NTPKEYGEN_FUZZ_TARGET), &FuzzTarget::name);
  const std::string broken = target.broken_promise(std::as_bytes(std::span(data, size)));
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
