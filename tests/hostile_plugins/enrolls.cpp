// Goes wrong while enrolling, each with another NTPKEYGEN_ENROLL.
#include "fake_key_type.hpp"

#include <cstdlib>
#include <stdexcept>

namespace {

using namespace ntpkeygen;
using hostile::FakeKeyType;

// For the test that a refused plugin is not opened a second time.
void count_this_call() {
  const char *so_far = std::getenv("NTPKEYGEN_FIXTURE_ENROLLED");
  ::setenv("NTPKEYGEN_FIXTURE_ENROLLED", std::to_string(so_far == nullptr ? 1 : std::atoi(so_far) + 1).c_str(), 1);
}

[[maybe_unused]] Result<void> throws_exception(Registrar &registrar) {
  count_this_call();
  if (Result<void> added = registrar.add(std::make_unique<FakeKeyType>(NTPKEYGEN_FIXTURE)); !added)
    return added;
  throw std::runtime_error("the fixture is out of sorts");
}

[[maybe_unused]] Result<void> throws_int(Registrar &) {
  throw 42;
}

[[maybe_unused]] Result<void> returns_error(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<FakeKeyType>(NTPKEYGEN_FIXTURE)); !added)
    return added;
  return failure(ErrorCode::unavailable, "the fixture has no crystal", "buy a crystal");
}

[[maybe_unused]] Result<void> out_of_memory(Registrar &) {
  throw std::bad_alloc();
}

[[maybe_unused]] Result<void> nothing(Registrar &) {
  return {};
}

[[maybe_unused]] Result<void> null(Registrar &registrar) {
  return registrar.add(std::unique_ptr<KeyType>());
}

[[maybe_unused]] Result<void> taken_name(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<FakeKeyType>(NTPKEYGEN_FIXTURE)); !added)
    return added;
  return registrar.add(std::make_unique<FakeKeyType>("GOOD"));
}

[[maybe_unused]] Result<void> taken_alias(Registrar &registrar) {
  return registrar.add(std::make_unique<FakeKeyType>(NTPKEYGEN_FIXTURE, std::vector<KeyTypeAlias>{{"fine", 0}}));
}

[[maybe_unused]] Result<void> goes_on(Registrar &registrar) {
  const Result<void> refused = registrar.add(std::make_unique<FakeKeyType>("Good"));
  return registrar.add(std::make_unique<FakeKeyType>(refused ? "unexpected" : NTPKEYGEN_FIXTURE));
}

} // namespace

NTPKEYGEN_PLUGIN(key_type, NTPKEYGEN_FIXTURE, "1.0", "a fixture", NTPKEYGEN_ENROLL);
