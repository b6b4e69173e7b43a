#include "ntpkeygen/host/secret_arena.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <new>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

// The kernel's flags of the mapping that holds an address: "lo" is locked, "dd" is left out of dumps (proc(5),
// VmFlags).
std::string mapping_flags(const void *address) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    std::uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2)
      inside = reinterpret_cast<std::uintptr_t>(address) >= begin && reinterpret_cast<std::uintptr_t>(address) < end;
    else if (inside && line.starts_with("VmFlags:"))
      return line + " ";
  }
  return "";
}

class Arena : public ::testing::TestWithParam<std::size_t> {};

// With these sanitizers, mlock does nothing and says that it succeeded.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool can_lock = false;
#elif defined(__has_feature)
constexpr bool can_lock = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool can_lock = true;
#endif

TEST_P(Arena, IsKeptOutOfDumpsAndLocked) {
  SecretArena arena;
  void *memory = arena.acquire(GetParam());
  ASSERT_NE(memory, nullptr);
  std::memset(memory, 0xAA, GetParam());
  const std::string flags = mapping_flags(memory);
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  if (!can_lock)
    GTEST_SKIP() << "a sanitizer has taken the place of mlock";
  // A limit on locked memory is answered with words, not with an error.
  EXPECT_EQ(flags.find(" lo ") != std::string::npos, !arena.weakness()) << arena.weakness().value_or("");
  arena.release(memory, GetParam());
}

INSTANTIATE_TEST_SUITE_P(PooledAndLarge, Arena, ::testing::Values(1, 16, 4096, 4097, 1'000'000));

TEST(Arena, WipesWhatIsGivenBack) {
  SecretArena arena;
  constexpr std::size_t size = 48;
  void *first = arena.acquire(size);
  void *keeps_the_page = arena.acquire(size);
  std::memset(first, 0xAA, size);
  arena.release(first, size);
  void *again = arena.acquire(size);
  ASSERT_EQ(again, first) << "the pool is expected to hand out the block that was given back last";
  const auto *bytes = static_cast<const unsigned char *>(again);
  EXPECT_TRUE(std::all_of(bytes, bytes + size, [](unsigned char byte) { return byte == 0; }));
  arena.release(again, size);
  arena.release(keeps_the_page, size);
}

TEST(Arena, RefusesWhatTheSystemDoesNotHave) {
  SecretArena arena;
  EXPECT_EQ(arena.acquire(std::size_t{1} << 60U), nullptr);
}

TEST(SecretBytes, MoveLeavesNothingBehind) {
  SecretArena arena;
  SecretBytes key(arena, 16);
  std::ranges::fill(key.reveal_mutable(), std::byte{7});
  SecretBytes moved(std::move(key));
  EXPECT_TRUE(key.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(moved.size(), 16U);
  key = std::move(moved);
  EXPECT_EQ(key.reveal()[15], std::byte{7});
}

TEST(SecretBytes, TruncatedBytesAreWipedWithTheRest) {
  SecretArena arena;
  const std::byte *data = nullptr;
  SecretBytes keeps_the_page(arena, 32);
  {
    SecretBytes key(arena, 32);
    std::ranges::fill(key.reveal_mutable(), std::byte{7});
    data = key.reveal().data();
    key.truncate(1);
    EXPECT_EQ(key.size(), 1U);
  }
  SecretBytes again(arena, 32);
  ASSERT_EQ(again.reveal().data(), data);
  EXPECT_TRUE(std::ranges::all_of(again.reveal(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(SecretWriter, IsNeverAskedForMoreThanThereCanBe) {
  SecretArena arena;
  SecretWriter writer(arena);
  writer.append('x');
  EXPECT_THROW(writer.extend(std::numeric_limits<std::size_t>::max() - 64), std::bad_alloc);
  EXPECT_THROW(writer.extend(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_EQ(writer.size(), 1U);
}

TEST(SecretWriter, GrowsAndKeepsItsContent) {
  SecretArena arena;
  SecretWriter writer(arena);
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    writer.append(std::string_view("key "));
    writer.append(static_cast<char>('a' + i % 26));
    expected += std::string("key ") + static_cast<char>('a' + i % 26);
  }
  EXPECT_EQ(writer.take().reveal_text(), expected);
}

TEST(ConstantTimeEquality, ComparesLengthAndEveryByte) {
  std::vector<std::byte> a(20, std::byte{1}), b = a;
  EXPECT_TRUE(equal_in_constant_time(a, b));
  for (std::size_t i = 0; i < b.size(); ++i) {
    b[i] = std::byte{0x81};
    EXPECT_FALSE(equal_in_constant_time(a, b)) << i;
    b[i] = a[i];
  }
  b.pop_back();
  EXPECT_FALSE(equal_in_constant_time(a, b));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

} // namespace
} // namespace ntpkeygen
