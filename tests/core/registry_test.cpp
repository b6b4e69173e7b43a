#include "ntpkeygen/host/registry.hpp"

#include "support/result.hpp"

#include <gmock/gmock.h>
#include <stdexcept>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;
using ::testing::ElementsAre;

class FakeType final : public KeyType {
public:
  explicit FakeType(std::string name, std::vector<KeyTypeAlias> aliases = {}, std::vector<std::string> *log = nullptr)
      : log_(log) {
    info_.name = std::move(name);
    info_.aliases = std::move(aliases);
    info_.lengths = {{128, 128, {}}, {256, 512, {}}};
    info_.default_bits = 128;
  }
  ~FakeType() override {
    if (log_ != nullptr)
      log_->push_back(info_.name + " destroyed");
  }
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> validate(std::span<const std::byte>) const noexcept override { return {}; }

  KeyTypeInfo info_;

private:
  std::vector<std::string> *log_;
};

class FakeEngine final : public MacEngine {
public:
  explicit FakeEngine(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] bool supports(const MacSpec &) const noexcept override { return false; }
  [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &,
                                                     std::span<const std::byte>) const noexcept override {
    return failure(Error{ErrorCode::unsupported});
  }

private:
  std::string name_;
};

class FakeReader final : public KeyFileReader {
public:
  explicit FakeReader(std::string name) { info_.name = std::move(name); }
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte>, SecretMemory &) const noexcept override {
    return Interpretation{};
  }

private:
  ReaderInfo info_;
};

Result<void> enroll_type(Registry &registry, std::string name, std::vector<KeyTypeAlias> aliases = {}) {
  return registry.enroll([&](Registrar &registrar) { return registrar.add(std::make_unique<FakeType>(name, aliases)); },
                         nullptr);
}

// What the registry says about one type that was changed after it was made.
template <class Change> Result<void> enroll_changed(Change change) {
  Registry registry;
  const Result<void> result = registry.enroll(
      [&](Registrar &registrar) {
        auto type = std::make_unique<FakeType>("AES");
        change(type->info_);
        return registrar.add(std::move(type));
      },
      nullptr);
  EXPECT_EQ(registry.all<KeyType>().size(), result ? 1U : 0U);
  return result;
}

TEST(Registry, FindsByNameAndAliasInAnyCase) {
  Registry registry;
  ASSERT_TRUE(succeeded(enroll_type(registry, "AES", {{"AES-256", 256}, {"CMAC", 0}})));
  for (const char *name : {"AES", "aes", "Aes", "aes-256", "CMAC", "cmac"})
    EXPECT_NE(registry.find<KeyType>(name), nullptr) << name;
  for (const char *name : {"", "AE", "AESX", "aes-128", "aes "})
    EXPECT_EQ(registry.find<KeyType>(name), nullptr) << name;
}

TEST(Registry, KeepsKindsApart) {
  Registry registry;
  ASSERT_TRUE(succeeded(registry.enroll(
      [](Registrar &registrar) -> Result<void> {
        if (Result<void> added = registrar.add(std::make_unique<FakeEngine>("ntpsec")); !added)
          return added;
        return registrar.add(std::make_unique<FakeReader>("ntpsec"));
      },
      nullptr)));
  EXPECT_NE(registry.find<MacEngine>("ntpsec"), nullptr);
  EXPECT_NE(registry.find<KeyFileReader>("NTPsec"), nullptr);
  EXPECT_EQ(registry.find<KeyType>("ntpsec"), nullptr);
  EXPECT_EQ(registry.find<KeyFileFormat>("ntpsec"), nullptr);
  EXPECT_EQ(registry.find<RandomSourceProvider>("ntpsec"), nullptr);
}

TEST(Registry, ListsByCanonicalName) {
  Registry registry;
  for (const char *name : {"SHA1", "aes", "MD5", "SHA256", "Blake"})
    ASSERT_TRUE(succeeded(enroll_type(registry, name)));
  std::vector<std::string> names;
  for (const auto &type : registry.all<KeyType>())
    names.push_back(type->info().name);
  EXPECT_THAT(names, ElementsAre("aes", "Blake", "MD5", "SHA1", "SHA256"));
}

TEST(Registry, RefusesATakenNameAndNamesBoth) {
  Registry registry;
  ASSERT_TRUE(succeeded(enroll_type(registry, "AES", {{"CMAC", 0}})));

  const auto by_name = enroll_type(registry, "aes");
  ASSERT_TRUE(failed_with(by_name, ErrorCode::already_exists));
  EXPECT_EQ(by_name.error().message, "the name 'aes' is taken by the key type 'AES'");

  const auto by_alias_of_the_old = enroll_type(registry, "cmac");
  ASSERT_TRUE(failed_with(by_alias_of_the_old, ErrorCode::already_exists));
  EXPECT_EQ(by_alias_of_the_old.error().message, "the name 'cmac' is taken by the key type 'AES'");

  const auto by_alias_of_the_new = enroll_type(registry, "Twofish", {{"Aes", 0}});
  ASSERT_TRUE(failed_with(by_alias_of_the_new, ErrorCode::already_exists));
  EXPECT_EQ(by_alias_of_the_new.error().message,
            "the alias 'Aes' of the key type 'Twofish' is taken by the key type 'AES'");

  const auto by_both_aliases = enroll_type(registry, "Twofish", {{"cmac", 0}});
  ASSERT_TRUE(failed_with(by_both_aliases, ErrorCode::already_exists));
  EXPECT_EQ(registry.all<KeyType>().size(), 1U);
}

TEST(Registry, RefusesANameThatIsTakenWithinOnePlugin) {
  Registry registry;
  const auto result = registry.enroll(
      [](Registrar &registrar) -> Result<void> {
        if (Result<void> added = registrar.add(std::make_unique<FakeType>("AES")); !added)
          return added;
        return registrar.add(std::make_unique<FakeType>("Twofish", std::vector<KeyTypeAlias>{{"aes", 0}}));
      },
      nullptr);
  ASSERT_TRUE(failed_with(result, ErrorCode::already_exists));
  EXPECT_TRUE(registry.all<KeyType>().empty());
}

TEST(Registry, TakesAllOrNothing) {
  Registry registry;
  std::vector<std::string> log;
  const auto two_then = [&](auto &&end) {
    return registry.enroll(
        [&](Registrar &registrar) -> Result<void> {
          if (Result<void> added = registrar.add(std::make_unique<FakeEngine>("botan")); !added)
            return added;
          if (Result<void> added = registrar.add(std::make_unique<FakeType>("AES", std::vector<KeyTypeAlias>{}, &log));
              !added)
            return added;
          return end(registrar);
        },
        nullptr);
  };

  EXPECT_TRUE(failed_with(two_then([](Registrar &) -> Result<void> { return failure(ErrorCode::unavailable, "no"); }),
                          ErrorCode::unavailable));
  EXPECT_TRUE(failed_with(two_then([](Registrar &) -> Result<void> { throw std::runtime_error("no"); }),
                          ErrorCode::plugin_fault));
  EXPECT_TRUE(
      failed_with(two_then([](Registrar &registrar) { return registrar.add(std::make_unique<FakeEngine>("BOTAN")); }),
                  ErrorCode::already_exists));
  EXPECT_TRUE(failed_with(two_then([](Registrar &registrar) -> Result<void> {
                            const auto refused = registrar.add(std::make_unique<FakeEngine>("BOTAN"));
                            return refused ? Result<void>{} : Result<void>{}; // goes on as if nothing had happened
                          }),
                          ErrorCode::already_exists));
  EXPECT_TRUE(registry.all<KeyType>().empty());
  EXPECT_TRUE(registry.all<MacEngine>().empty());
  EXPECT_EQ(log.size(), 4U) << "what is not taken is destroyed at once";
}

TEST(Registry, TurnsExceptionsIntoFaultsWithTheirWords) {
  Registry registry;
  const auto known =
      registry.enroll([](Registrar &) -> Result<void> { throw std::runtime_error("the moon is full"); }, nullptr);
  ASSERT_TRUE(failed_with(known, ErrorCode::plugin_fault));
  EXPECT_EQ(known.error().message, "it threw an exception while enrolling: the moon is full");

  const auto unknown = registry.enroll([](Registrar &) -> Result<void> { throw 42; }, nullptr);
  ASSERT_TRUE(failed_with(unknown, ErrorCode::plugin_fault));
  EXPECT_EQ(unknown.error().message, "it threw something that is no std::exception while enrolling");

  EXPECT_TRUE(failed_with(registry.enroll([](Registrar &) -> Result<void> { throw std::bad_alloc(); }, nullptr),
                          ErrorCode::out_of_memory));
}

TEST(Registry, RefusesNullAndNamesThatNobodyCanLookUp) {
  Registry registry;
  const auto null =
      registry.enroll([](Registrar &registrar) { return registrar.add(std::unique_ptr<KeyFileReader>()); }, nullptr);
  ASSERT_TRUE(failed_with(null, ErrorCode::plugin_fault));
  EXPECT_EQ(null.error().message, "a key file reader that it enrolls is null");

  const auto empty = enroll_type(registry, "");
  ASSERT_TRUE(failed_with(empty, ErrorCode::plugin_fault));
  EXPECT_EQ(empty.error().message, "a key type that it enrolls has no name");

  for (const char *name : {"a/b", "a b", "a\n", "ä", "a:b", "a*"}) {
    const auto refused = enroll_type(registry, name);
    ASSERT_TRUE(failed_with(refused, ErrorCode::plugin_fault)) << name;
    EXPECT_EQ(refused.error().message, std::string("the key type '") + name + "' has a name that cannot be looked up");
  }
  EXPECT_TRUE(succeeded(enroll_type(registry, "AZaz09@.+_-")));
  EXPECT_TRUE(succeeded(enroll_type(registry, std::string(64, 'n'))));
  EXPECT_TRUE(failed_with(enroll_type(registry, std::string(65, 'n')), ErrorCode::plugin_fault));
}

TEST(Registry, RefusesAssessmentsThatCannotBeAsked) {
  class Assessor final : public EntropyAssessment {
  public:
    explicit Assessor(std::vector<ProcedureInfo> procedures) : procedures_(std::move(procedures)) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "tea-leaves"; }
    [[nodiscard]] std::span<const ProcedureInfo> procedures() const noexcept override { return procedures_; }
    [[nodiscard]] Result<Assessment> run(const AssessmentJob &, RunControl &) const noexcept override {
      return Assessment{};
    }

  private:
    std::vector<ProcedureInfo> procedures_;
  };
  const auto enrolled = [](std::vector<ProcedureInfo> procedures) {
    Registry registry;
    return registry.enroll(
        [&](Registrar &registrar) { return registrar.add(std::make_unique<Assessor>(std::move(procedures))); },
        nullptr);
  };
  ProcedureInfo look;
  look.name = "look";
  EXPECT_TRUE(succeeded(enrolled({look})));
  const auto none = enrolled({});
  ASSERT_TRUE(failed_with(none, ErrorCode::plugin_fault));
  EXPECT_EQ(none.error().message, "the entropy assessment 'tea-leaves' is not whole: it has no procedures");
}

TEST(Registry, RefusesKeyTypesThatAreNotWhole) {
  EXPECT_TRUE(succeeded(enroll_changed([](KeyTypeInfo &) {})));
  const auto message = [](auto change) {
    const auto result = enroll_changed(change);
    return result ? "it was taken" : result.error().message;
  };
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.lengths.clear(); }),
            "the key type 'AES' is not whole: it has no lengths");
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.default_bits = 192; }),
            "the key type 'AES' is not whole: its default of 192 bits is not one of its lengths");
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.default_bits = 0; }),
            "the key type 'AES' is not whole: its default of 0 bits is not one of its lengths");
  const std::string order = "the key type 'AES' is not whole: its lengths are not whole bytes in ascending order";
  EXPECT_EQ(message([](KeyTypeInfo &info) { std::swap(info.lengths[0], info.lengths[1]); }), order);
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.lengths[1].min_bits = 128; }), order) << "they overlap";
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.lengths[1].max_bits = 248; }), order) << "empty";
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.lengths[0].min_bits = 0; }), order);
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.lengths[1].min_bits = 257; }), order);
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.aliases = {{"a/b", 0}}; }),
            "the key type 'AES' is not whole: its alias 'a/b' is not a name");
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.aliases = {{"AES-192", 192}}; }),
            "the key type 'AES' is not whole: its alias 'AES-192' stands for 192 bits, which it cannot have");
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.aliases = {{"aes", 0}}; }),
            "the key type 'AES' is not whole: its alias 'aes' stands there twice");
  EXPECT_EQ(message([](KeyTypeInfo &info) { info.aliases = {{"cmac", 0}, {"CMAC", 128}}; }),
            "the key type 'AES' is not whole: its alias 'CMAC' stands there twice");
}

TEST(Registry, KeepsTheLibraryForAsLongAsAnythingOfItIsHeld) {
  std::vector<std::string> log;
  std::shared_ptr<const KeyType> held;
  {
    Registry registry;
    const std::shared_ptr<const void> library(&log, [&](const void *) { log.push_back("library closed"); });
    ASSERT_TRUE(succeeded(registry.enroll(
        [&](Registrar &registrar) -> Result<void> {
          if (Result<void> added = registrar.add(std::make_unique<FakeType>("held", std::vector<KeyTypeAlias>{}, &log));
              !added)
            return added;
          return registrar.add(std::make_unique<FakeType>("left", std::vector<KeyTypeAlias>{}, &log));
        },
        library)));
    held = registry.find<KeyType>("HELD");
    ASSERT_NE(held, nullptr);
  }
  EXPECT_THAT(log, ElementsAre("left destroyed"));
  EXPECT_EQ(held->info().name, "held");
  held.reset();
  EXPECT_THAT(log, ElementsAre("left destroyed", "held destroyed", "library closed"));
}

TEST(Registry, DestroysWhatItRefusesBeforeTheLibraryIsClosed) {
  std::vector<std::string> log;
  {
    Registry registry;
    const std::shared_ptr<const void> library(&log, [&](const void *) { log.push_back("library closed"); });
    EXPECT_FALSE(registry.enroll(
        [&](Registrar &registrar) -> Result<void> {
          if (Result<void> added = registrar.add(std::make_unique<FakeType>("x", std::vector<KeyTypeAlias>{}, &log));
              !added)
            return added;
          return failure(ErrorCode::unavailable, "no");
        },
        library));
  }
  EXPECT_THAT(log, ElementsAre("x destroyed", "library closed"));
}

TEST(PluginNames, AreOfCharactersThatFileNamesHold) {
  EXPECT_TRUE(is_plugin_name("ntpsec@1.2.5"));
  EXPECT_FALSE(is_plugin_name(""));
  EXPECT_FALSE(is_plugin_name("../aes"));
  EXPECT_FALSE(is_plugin_name(std::string_view("a\0b", 3)));
}

} // namespace
} // namespace ntpkeygen
