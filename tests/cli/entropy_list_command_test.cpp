// `ntpkeygen entropy list`: what is there, what is not and why.
#include "cli/run.hpp"

#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::HasSubstr;

class ListedSource final : public RandomSourceProvider {
public:
  explicit ListedSource(SourceInfo info, std::string missing = {})
      : info_(std::move(info)), missing_(std::move(missing)) {}
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override {
    return missing_.empty() ? Result<void>() : failure(ErrorCode::unavailable, missing_);
  }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(ErrorCode::unavailable, "listing opens nothing");
  }

private:
  SourceInfo info_;
  std::string missing_;
};

class EntropyListCommand : public ::testing::Test {
protected:
  EntropyListCommand() {
    world.plugins.enroll(+[](Registrar &registrar) -> Result<void> {
      const auto add = [&](SourceInfo info, std::string missing = {}) {
        EXPECT_TRUE(registrar.add(std::make_unique<ListedSource>(std::move(info), std::move(missing))).has_value());
      };
      add({.name = "system", .summary = "the kernel's", .argument = {}, .nature = SourceNature::os});
      add({.name = "dice", .summary = "six faces", .argument = {}, .nature = SourceNature::raw_noise}, "no table");
      add({.name = "tpm2", .summary = "a chip", .argument = "TCTI", .nature = SourceNature::hardware});
      add({.name = "file",
           .summary = "a file's",
           .argument = "PATH",
           .nature = SourceNature::replay,
           .argument_required = true},
          "it must not be asked without its argument");
      return {};
    });
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "list"});
    return cli::run(arguments, world.environment, linked_commands);
  }

  test::FakeWorld world;
};

TEST_F(EntropyListCommand, PrintsWhatThereIsAndWhatIsMissing) {
  ASSERT_EQ(run({}), 0) << world.err.text;
  const std::string none = "(there is no plugin for it: it was not built, or is not installed)\n";
  EXPECT_EQ(world.out.text,
            "SOURCE         NATURE     AVAILABLE  SUMMARY\n"
            "dice           raw-noise  no         six faces (no table)\n"
            "file:PATH      replay     yes        a file's\n"
            "jitterentropy  hardware   no         the library jitterentropy: conditioned timing noise " +
                none + "openssl        drbg       no         OpenSSL's generator " + none +
                "pkcs11         hardware   no         the generator of a PKCS#11 token " + none +
                "rdrand         hardware   no         the generator of x86 processors " + none +
                "rdseed         hardware   no         the seeds of the generator of x86 processors " + none +
                "system         os         yes        the kernel's\n"
                "tpm2:TCTI      hardware   yes        a chip\n"
                "\n"
                "Raw noise makes keys as 'conditioned:SOURCE' only. Several '--source' are mixed.\n");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(EntropyListCommand, PrintsJson) {
  ASSERT_EQ(run({"--json"}), 0) << world.err.text;
  EXPECT_THAT(world.out.text, HasSubstr(R"({"schema":"ntpkeygen/entropy-sources/1","sources":[{"name":"dice",)"
                                        R"("argument":null,"nature":"raw-noise","available":false,"reason":"no table",)"
                                        R"("summary":"six faces"},{"name":"file","argument":"PATH","nature":"replay",)"
                                        R"("available":true,"reason":null,"summary":"a file's"})"));
}

TEST_F(EntropyListCommand, TakesNoWords) {
  EXPECT_EQ(run({"system"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("unexpected word 'system'"));
}

} // namespace
} // namespace ntpkeygen::cli
