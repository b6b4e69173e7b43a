// Any bytes as a server's reply.
#include "fuzz/ntp_packet_checks.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const char *broken = ntpkeygen::test::broken_promise(std::as_bytes(std::span(data, size)));
  if (*broken != '\0') {
    std::fprintf(stderr, "%s\n", broken);
    std::abort();
  }
  return 0;
}
