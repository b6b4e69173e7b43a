// What a TPM can answer, by a script. A TPM in software: tests/end_to_end/tokens.
#include "random_sources/tpm2/tpm2.hpp"

#include "support/result.hpp"
#include "support/run_control.hpp"
#include "support/temporary_folder.hpp"

#include <cstdlib>
#include <deque>
#include <dlfcn.h>
#include <filesystem>
#include <gmock/gmock.h>

namespace ntpkeygen::plugins::tpm2 {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Script {
  std::deque<std::size_t> sizes{}; // of the answers; then errors
  std::vector<std::size_t> asked{};
  std::string tcti{};
};

class ScriptedTpm final : public Tpm {
public:
  explicit ScriptedTpm(Script &script) : script_(script) {}
  Result<std::size_t> random(std::span<std::byte> out) override {
    script_.asked.push_back(out.size());
    if (script_.sizes.empty())
      return failure(ErrorCode::io, "the TPM fails: it is gone");
    const std::size_t size = script_.sizes.front();
    script_.sizes.pop_front();
    std::fill_n(out.begin(), std::min(size, out.size()), static_cast<std::byte>(script_.asked.size()));
    return size;
  }

private:
  Script &script_;
};

class Tpm2 : public ::testing::Test {
protected:
  Tpm2() { ::unsetenv("TPM2TOOLS_TCTI"); }
  Script script;
  std::unique_ptr<RandomSourceProvider> provider = make_provider([this](const std::string &tcti) {
    script.tcti = tcti;
    return tcti == "nowhere" ? Result<std::unique_ptr<Tpm>>(failure(ErrorCode::unavailable, "nobody answers"))
                             : Result<std::unique_ptr<Tpm>>(std::make_unique<ScriptedTpm>(script));
  });
  test::RecordingControl control;
  std::array<std::byte, 100> out{};
};

TEST_F(Tpm2, WhatItGivesAtOnceIsAskedForUntilThereIsEnough) {
  script.sizes = {64, 30, 6};
  ASSERT_TRUE((*provider->open("device:/dev/tpmrm0"))->fill(out, control).has_value());
  EXPECT_EQ(script.tcti, "device:/dev/tpmrm0");
  EXPECT_THAT(script.asked, ElementsAre(100, 36, 6));
  EXPECT_EQ(out[63], std::byte{1});
  EXPECT_EQ(out[64], std::byte{2});
  EXPECT_EQ(out[99], std::byte{3});
}

TEST_F(Tpm2, NothingTooMuchAndFailuresAreErrors) {
  for (const std::size_t size : {0U, 101U}) {
    script.sizes = {size};
    EXPECT_TRUE(failed_with((*provider->open(""))->fill(out, control), ErrorCode::io)) << size;
  }
  script.sizes = {64};
  const auto filled = (*provider->open(""))->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_THAT(filled.error().message, HasSubstr("it is gone"));
}

TEST_F(Tpm2, WhichTpmIsTheArgumentOrTheVariable) {
  EXPECT_TRUE(provider->available("").has_value());
  EXPECT_EQ(script.tcti, "");
  ::setenv("TPM2TOOLS_TCTI", "swtpm:port=1", 1);
  EXPECT_TRUE(provider->available("").has_value());
  EXPECT_EQ(script.tcti, "swtpm:port=1");
  EXPECT_TRUE(failed_with(provider->available("nowhere"), ErrorCode::unavailable));
  ::unsetenv("TPM2TOOLS_TCTI");
}

TEST_F(Tpm2, ALibraryThatIsNamedByItsPathHasToBeTrusted) {
  ::Dl_info libc{};
  ASSERT_NE(::dladdr(reinterpret_cast<const void *>(&::dlopen), &libc), 0);
  const test::TemporaryFolder folder;
  const std::string library = folder.file("tcti.so");
  std::filesystem::copy_file(libc.dli_fname, library);
  std::filesystem::create_symlink("tcti.so", folder.file("link.so"));
  EXPECT_TRUE(provider->available(folder.file("link.so") + ":port=1").has_value());
  EXPECT_EQ(script.tcti, library + ":port=1");

  std::filesystem::permissions(library, std::filesystem::perms(0757));
  script.tcti = "not asked";
  const auto opened = provider->open(library + ":port=1");
  ASSERT_TRUE(failed_with(opened, ErrorCode::permission));
  EXPECT_EQ(opened.error().message,
            "the TCTI library '" + library + "' is refused: the file '" + library + "' can be written by every user");
  ::setenv("TPM2TOOLS_TCTI", library.c_str(), 1);
  EXPECT_TRUE(failed_with(provider->open(""), ErrorCode::permission));
  ::unsetenv("TPM2TOOLS_TCTI");
  EXPECT_EQ(script.tcti, "not asked");
}

TEST_F(Tpm2, CanBeInterrupted) {
  control.cancel = true;
  EXPECT_TRUE(failed_with((*provider->open(""))->fill(out, control), ErrorCode::cancelled));
}

} // namespace
} // namespace ntpkeygen::plugins::tpm2
