// A module by a script; what is no module. A token in software: tests/end_to_end/tokens.
#include "random_sources/pkcs11/pkcs11.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::plugins::pkcs11 {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// PKCS#11's functions take no context: there is one script.
struct Script {
  CK_RV initialize = CKR_OK, open_session = CKR_OK, generate = CKR_OK, token_info = CKR_OK;
  std::vector<CK_SLOT_ID> slots{3, 5};
  CK_SLOT_ID with_generator = 5;
  std::vector<CK_SLOT_ID> blank{}, refusing{}; // they have generators as well
  std::vector<std::string> calls{};
} script;

CK_FUNCTION_LIST functions() {
  CK_FUNCTION_LIST list{};
  list.C_Initialize = [](void *) { return script.initialize; };
  list.C_Finalize = [](void *) -> CK_RV {
    script.calls.emplace_back("finalize");
    return CKR_OK;
  };
  list.C_GetSlotList = [](unsigned char, CK_SLOT_ID *slots, CK_ULONG *count) -> CK_RV {
    *count = script.slots.size();
    if (slots != nullptr)
      std::copy(script.slots.begin(), script.slots.end(), slots);
    return CKR_OK;
  };
  list.C_GetTokenInfo = [](CK_SLOT_ID slot, CK_TOKEN_INFO *info) -> CK_RV {
    const auto is_one_of = [&](const std::vector<CK_SLOT_ID> &slots) {
      return std::ranges::find(slots, slot) != slots.end();
    };
    if (is_one_of(script.blank))
      info->flags = CKF_RNG;
    else if (is_one_of(script.refusing) || slot == script.with_generator)
      info->flags = CKF_RNG | CKF_TOKEN_INITIALIZED;
    else
      info->flags = CKF_TOKEN_INITIALIZED;
    return script.token_info;
  };
  list.C_OpenSession = [](CK_SLOT_ID slot, CK_FLAGS, void *, CK_NOTIFY, CK_SESSION_HANDLE *session) -> CK_RV {
    script.calls.push_back("open " + std::to_string(slot));
    *session = 7;
    return std::ranges::find(script.refusing, slot) != script.refusing.end() ? CKR_TOKEN_NOT_RECOGNIZED
                                                                             : script.open_session;
  };
  list.C_CloseSession = [](CK_SESSION_HANDLE session) -> CK_RV {
    script.calls.push_back("close " + std::to_string(session));
    return CKR_OK;
  };
  list.C_GenerateRandom = [](CK_SESSION_HANDLE, unsigned char *bytes, CK_ULONG size) -> CK_RV {
    script.calls.push_back("generate " + std::to_string(size));
    std::fill_n(bytes, size, static_cast<unsigned char>(script.calls.size()));
    return script.generate;
  };
  return list;
}

class Pkcs11 : public ::testing::Test {
protected:
  Pkcs11() { script = {}; }
  CK_FUNCTION_LIST list = functions();
  std::unique_ptr<RandomSourceProvider> provider =
      make_provider([this](const std::string &) { return Result<Module>(Module{nullptr, &list}); });
  test::RecordingControl control;
};

TEST_F(Pkcs11, TheFirstTokenWithAGeneratorIsUsedAndClosed) {
  {
    auto source = provider->open("/module.so");
    ASSERT_TRUE(source.has_value()) << source.error().message;
    std::vector<std::byte> out(5000);
    ASSERT_TRUE((*source)->fill(out, control).has_value());
    EXPECT_EQ(out.front(), std::byte{2});
    EXPECT_EQ(out.back(), std::byte{3});
  }
  EXPECT_THAT(script.calls, ElementsAre("open 5", "generate 4096", "generate 904", "close 7", "finalize"));
}

TEST_F(Pkcs11, ASlotCanBeNamed) {
  EXPECT_TRUE(provider->available("/module.so,slot=5").has_value());
  EXPECT_THAT(provider->available("/module.so,slot=3").error().message,
              HasSubstr("the token in slot 3 has no random generator"));
  EXPECT_THAT(provider->available("/module.so,slot=4").error().message, HasSubstr("there is no token in slot 4"));
  for (const char *argument : {"/module.so,slot=", "/module.so,slot=x", "/module.so,slot=1x"})
    EXPECT_TRUE(failed_with(provider->available(argument), ErrorCode::invalid_argument)) << argument;
}

TEST_F(Pkcs11, ATokenThatCannotBeUsedDoesNotKeepAnotherOneFromBeingUsed) {
  script.slots = {1, 2, 3, 5};
  script.blank = {1};
  script.refusing = {2};
  EXPECT_TRUE(provider->available("/module.so").has_value());
  EXPECT_THAT(script.calls, ElementsAre("open 2", "open 5", "close 7", "finalize"));
}

TEST_F(Pkcs11, WhyNoTokenCanBeUsedIsSaid) {
  const auto why = [&](const char *argument) { return provider->available(argument).error().message; };
  script.slots = {1, 2};
  script.blank = {1, 2};
  EXPECT_THAT(why("/module.so"), HasSubstr("the token in slot 2 is blank: it was never initialised"));
  EXPECT_THAT(why("/module.so,slot=1"), HasSubstr("the token in slot 1 is blank: it was never initialised"));
  EXPECT_THAT(script.calls, ElementsAre("finalize", "finalize")); // no session was tried
  script.refusing = {2};
  script.blank = {1};
  EXPECT_THAT(why("/module.so"), HasSubstr("the token in slot 2: it is not recognised"));
  script.slots = {3, 5};
  script.token_info = CKR_DEVICE_ERROR;
  EXPECT_THAT(why("/module.so"), HasSubstr("the token in slot 5: the device reports an error"));
  EXPECT_THAT(why("/module.so,slot=3"), HasSubstr("the token in slot 3: the device reports an error"));
}

TEST_F(Pkcs11, WhatGoesWrongIsSaid) {
  script.slots = {};
  EXPECT_THAT(provider->available("/module.so").error().message, HasSubstr("there is no token in any of its slots"));
  script = {};
  script.open_session = CKR_TOKEN_NOT_PRESENT;
  EXPECT_THAT(provider->available("/module.so").error().message, HasSubstr("the token was removed"));
  script = {};
  script.initialize = CKR_DEVICE_ERROR;
  EXPECT_THAT(provider->available("/module.so").error().message, HasSubstr("the device reports an error"));
  EXPECT_EQ(script.calls.size(), 0U); // what was not begun is not ended
  script = {};
  script.initialize = CKR_CRYPTOKI_ALREADY_INITIALIZED; // by somebody else, whose it stays
  EXPECT_TRUE(provider->available("/module.so").has_value());
  EXPECT_THAT(script.calls, ElementsAre("open 5", "close 7"));
}

TEST_F(Pkcs11, AFailureWhileDrawingIsAnError) {
  for (const auto &[code, words] :
       {std::pair{CKR_USER_NOT_LOGGED_IN, "the token is locked"},
        std::pair{CKR_DEVICE_REMOVED, "the token was removed"}, std::pair{CKR_FUNCTION_FAILED, "PKCS#11 error 0x6"}}) {
    script = {};
    script.generate = code;
    std::array<std::byte, 8> out{};
    const auto filled = (*provider->open("/module.so"))->fill(out, control);
    ASSERT_TRUE(failed_with(filled, ErrorCode::io));
    EXPECT_THAT(filled.error().message, HasSubstr(words));
  }
}

TEST_F(Pkcs11, NeedsAWholePathAndCanBeInterrupted) {
  for (const char *argument : {"", "module.so", ",slot=1"})
    EXPECT_TRUE(failed_with(provider->open(argument), ErrorCode::invalid_argument)) << argument;
  auto source = provider->open("/module.so");
  control.cancel = true;
  std::array<std::byte, 8> out{};
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::cancelled));
}

TEST_F(Pkcs11, WhatIsNoModuleOrIsNotTrustedIsRefused) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  const RandomSourceProvider &real = *registrar.random_sources.front();
  const test::TemporaryFolder folder;
  EXPECT_TRUE(failed_with(real.open(folder.file("missing.so")), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(real.open(folder.write("text.so", "no library")), ErrorCode::plugin_fault));
  const std::string open_to_all = folder.write("all.so", "no library");
  std::filesystem::permissions(open_to_all, std::filesystem::perms(0757));
  const auto refused = real.open(open_to_all + ",slot=1");
  ASSERT_TRUE(failed_with(refused, ErrorCode::permission));
  EXPECT_EQ(refused.error().message, "the PKCS#11 module '" + open_to_all + "' is refused: the file '" + open_to_all +
                                         "' can be written by every user");
}

} // namespace
} // namespace ntpkeygen::plugins::pkcs11
