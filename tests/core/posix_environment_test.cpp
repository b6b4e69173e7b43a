#include "ntpkeygen/host/posix_environment.hpp"

#include "support/result.hpp"

#include <gtest/gtest.h>

namespace ntpkeygen {
namespace {

TEST(PosixHost, KnowsUsersAndGroupsByNameAndByNumber) {
  PosixHost host;
  EXPECT_EQ(host.user("root").value(), (Owner{0, 0}));
  EXPECT_EQ(host.user("0").value(), (Owner{0, 0}));
  EXPECT_EQ(host.group("root").value(), 0U);
  EXPECT_EQ(host.user("4000000000").value(), (Owner{4'000'000'000, 4'000'000'000})) << "a number needs no entry";
}

TEST(PosixHost, SaysWhereUsersAndGroupsAreListed) {
  PosixHost host;
  const auto user = host.user("nobody-of-this-name");
  ASSERT_TRUE(test::failed_with(user, ErrorCode::not_found));
  EXPECT_EQ(user.error().message, "there is no user 'nobody-of-this-name' on this machine");
  EXPECT_EQ(user.error().hint, "'getent passwd' lists what there is; a number will do as well");
  const auto group = host.group("nobody-of-this-name");
  ASSERT_TRUE(test::failed_with(group, ErrorCode::not_found));
  EXPECT_EQ(group.error().message, "there is no group 'nobody-of-this-name' on this machine");
  EXPECT_EQ(group.error().hint, "'getent group' lists what there is; a number will do as well");
}

} // namespace
} // namespace ntpkeygen
