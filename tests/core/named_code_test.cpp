// Code that a user names has to lie as safely as plugins do. The rules for paths: dynamic_plugin_set_test.cpp.
#include "ntpkeygen/trust/named_code.hpp"

#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

namespace fs = std::filesystem;
using test::failed_with;
using test::TemporaryFolder;
using ::testing::HasSubstr;

class NamedCode : public ::testing::Test {
protected:
  NamedCode() {
    ::Dl_info libc{};
    EXPECT_NE(::dladdr(reinterpret_cast<const void *>(&::dlopen), &libc), 0);
    fs::copy_file(libc.dli_fname, library_);
    fs::permissions(library_, fs::perms(0755));
  }
  [[nodiscard]] static std::string refusal(const std::string &path) {
    const auto checked = check_named_code("module", path);
    EXPECT_FALSE(checked.has_value()) << path;
    return checked ? "" : checked.error().message;
  }

  TemporaryFolder folder_;
  std::string library_ = folder_.file("library.so"), refused_ = "the module '" + library_ + "' is refused: ";
};

TEST_F(NamedCode, APathIsGivenBackWithoutLinks) {
  const std::string link = folder_.file("link.so");
  fs::create_symlink("library.so", link);
  for (const std::string &path : {library_, link}) {
    const auto checked = check_named_code("module", path);
    ASSERT_TRUE(checked.has_value()) << checked.error().message;
    EXPECT_EQ(*checked, library_);
  }
}

TEST_F(NamedCode, WhatOthersCanWriteToIsRefused) {
  fs::permissions(library_, fs::perms(0757));
  EXPECT_EQ(refusal(library_), refused_ + "the file '" + library_ + "' can be written by every user");
  EXPECT_EQ(check_named_code("module", library_).error().hint, "chmod go-w '" + library_ + "'");
  EXPECT_TRUE(failed_with(check_named_code("module", library_), ErrorCode::permission));
  fs::permissions(library_, fs::perms(0755));
  fs::permissions(folder_.path(), fs::perms(01777)); // as /tmp: anybody could have put the file there
  EXPECT_EQ(refusal(library_), refused_ + "the folder '" + folder_.path().string() + "' can be written by every user");
  fs::permissions(folder_.path(), fs::perms(0755));
}

TEST_F(NamedCode, AnotherUsersIsRefused) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can give a file to another user";
  ASSERT_EQ(::chown(library_.c_str(), 54321, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(refusal(library_), HasSubstr("belongs to user 54321"));
}

TEST_F(NamedCode, WhatIsNotThereOrNoCodeIsSaid) {
  const std::string missing = folder_.file("missing.so");
  EXPECT_EQ(refusal(missing), "the module '" + missing + "' cannot be opened: No such file or directory");
  EXPECT_TRUE(failed_with(check_named_code("module", missing), ErrorCode::not_found));
  const std::string text = folder_.write("text.so", "no library");
  EXPECT_EQ(refusal(text), "the module '" + text + "' is refused: it is no shared object");
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("it is not a regular file"));
  fs::resize_file(library_, fs::file_size(library_) / 2);
  EXPECT_EQ(refusal(library_), refused_ + "it is cut short: an interrupted copy or upgrade?");
}

} // namespace
} // namespace ntpkeygen
