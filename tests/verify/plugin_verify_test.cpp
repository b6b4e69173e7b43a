// plugin-verify: each broken plugin is caught by the law that it breaks and by no other, the same plugin without its
// fault by none, and no plugin of this tree by any.
#include "ntpkeygen/host/posix_programs.hpp"

#include "support/run_control.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <set>

namespace ntpkeygen {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Verified {
  std::string refused{};
  std::set<std::string> broken{}, not_tried{}; // "kind name: law"
  std::string details{}, limits{};             // of what is broken, of what holds in part
  std::size_t laws = 0;
  bool done = false;
};

Verified verify(const std::string &path, const char *seconds = "10") {
  Verified verified;
  PosixPrograms programs;
  test::RecordingControl control;
  const auto status = programs.run(
      {NTPKEYGEN_PLUGIN_VERIFY, seconds, path}, "",
      [&](std::string_view line) {
        rapidjson::Document said;
        said.Parse(line.data(), line.size());
        ASSERT_TRUE(said.IsObject()) << line;
        verified.done = said.HasMember("done");
        if (said.HasMember("refused"))
          verified.refused = said["refused"].GetString();
        if (!said.HasMember("law"))
          return;
        ++verified.laws;
        const std::string law =
            std::string(said["kind"].GetString()) + " " + said["name"].GetString() + ": " + said["law"].GetString();
        const std::string outcome = said["outcome"].GetString();
        if (outcome == "broken") {
          verified.broken.insert(law);
          verified.details += std::string(said["detail"].GetString()) + "\n";
        } else if (outcome == "holds") {
          if (said["detail"].GetStringLength() != 0)
            verified.limits += law + ": " + said["detail"].GetString() + "\n";
        } else if (outcome == "not-tried") {
          verified.not_tried.insert(law);
        }
      },
      control);
  EXPECT_EQ(status, 0);
  return verified;
}

std::string broken_plugin(const std::string &kind) {
  return std::string(NTPKEYGEN_BROKEN_PLUGINS) + "/" + kind + "-broken.so";
}

// While it lives, the broken plugins have a fault.
class Fault {
public:
  explicit Fault(const char *name) { ::setenv("NTPKEYGEN_FAULT", name, 1); }
  ~Fault() { ::unsetenv("NTPKEYGEN_FAULT"); }
  Fault(const Fault &) = delete;
  Fault &operator=(const Fault &) = delete;
};

// A sanitizer has memory of its own, which does not fail.
bool memory_can_fail(const Verified &whole) {
  return whole.not_tried.count(" : enrolling") == 0;
}

class EveryKind : public ::testing::TestWithParam<const char *> {};

TEST_P(EveryKind, KeepsAllLawsWithoutAFault) {
  const Verified whole = verify(broken_plugin(GetParam()));
  EXPECT_TRUE(whole.done);
  EXPECT_THAT(whole.broken, IsEmpty()) << whole.details;
  EXPECT_GE(whole.laws, 8U);
}

INSTANTIATE_TEST_SUITE_P(PluginVerify, EveryKind,
                         ::testing::Values("key_type", "key_file_format", "random_source", "mac_engine",
                                           "entropy_assessment"),
                         [](const auto &one) { return std::string(one.param); });

struct BrokenLaw {
  const char *kind, *fault;
  std::set<std::string> laws; // that it breaks, all of them
  const char *detail;
  bool needs_failing_memory = false;

  friend void PrintTo(const BrokenLaw &broken, std::ostream *out) { *out << broken.kind << ' ' << broken.fault; }
};

class EveryFault : public ::testing::TestWithParam<BrokenLaw> {};

TEST_P(EveryFault, IsCaughtByTheLawThatItBreaks) {
  const BrokenLaw &expected = GetParam();
  const Fault fault(expected.fault);
  const bool is_endless = std::string_view(expected.detail).find("within 1 s") != std::string_view::npos;
  const Verified verified = verify(broken_plugin(expected.kind), is_endless ? "1" : "10");
  EXPECT_TRUE(verified.done);
  if (expected.needs_failing_memory && !memory_can_fail(verified))
    GTEST_SKIP() << "a build with a sanitizer, whose memory cannot be made to fail";
  std::set<std::string> laws = expected.laws;
  std::erase_if(laws, [&](const std::string &law) { return verified.not_tried.contains(law); });
  EXPECT_EQ(verified.broken, laws) << verified.details;
  EXPECT_THAT(verified.details, HasSubstr(expected.detail));
}

const std::string type = "key_type BROKEN: ", format = "key_file_format broken: ", reader = "key_file_reader broken: ",
                  source = "random_source broken: ", noise = "random_source broken-noise: ",
                  engine = "mac_engine broken: ", assessment = "entropy_assessment broken: ";

INSTANTIATE_TEST_SUITE_P(
    PluginVerify, EveryFault,
    ::testing::Values(
        BrokenLaw{"key_type", "alias-without-link", {" : links"}, "key_type-unlinked.so"},
        BrokenLaw{"key_type", "enrolls-in-part", {" : enrolling"}, "enrolled a part", true},
        BrokenLaw{"key_type", "summary-of-two-lines", {type + "description"}, "not one line of text"},
        BrokenLaw{"key_type", "name-of-another-mac", {type + "name"}, "calls keys of 80 bits 'MD5'"},
        BrokenLaw{"key_type", "takes-any-length", {type + "lengths", type + "memory"}, "of 0 bits, which its lengths"},
        BrokenLaw{"key_type",
                  "throws",
                  {type + "lengths"},
                  "ended the process (Aborted) while it was asked to validate a key (3 bytes: "},
        BrokenLaw{"key_type", "ends-the-process", {type + "lengths"}, "exit status 7 while it was asked to validate"},
        BrokenLaw{"key_type",
                  "never-returns",
                  {type + "lengths"},
                  "did not come to an end within 1 s while it was asked to validate a key (3 bytes: "},
        BrokenLaw{"key_type", "no-message", {type + "lengths", type + "memory"}, "is an error without a message"},
        BrokenLaw{"key_type", "full-stop", {type + "lengths", type + "memory"}, "ends with a full stop: too short."},
        BrokenLaw{"key_type", "another-code", {type + "lengths"}, "is an error of another code: too short"},
        BrokenLaw{"key_type",
                  "thrown-in-guarded",
                  {type + "lengths", type + "memory"},
                  "has made of an exception that was thrown"},
        BrokenLaw{"key_type", "not-guarded", {type + "memory"}, "with allocation 1 failing: terminate called", true}));

INSTANTIATE_TEST_SUITE_P(
    PluginVerifyFormat, EveryFault,
    ::testing::Values(
        BrokenLaw{"key_file_format", "loses-bytes", {format + "lossless"}, "is another file (1 byte: 0d)"},
        BrokenLaw{"key_file_format", "changes-keys", {format + "round-trip"}, "other bytes"},
        BrokenLaw{"key_file_format", "too-many-ids", {format + "round-trip"}, "no key id 99959"},
        BrokenLaw{"key_file_format", "no-reader", {format + "round-trip"}, "its reader 'nobody' is nowhere"},
        BrokenLaw{"key_file_format", "takes-any-id", {format + "limits"}, "to write key id 0"},
        BrokenLaw{"key_file_format", "no-message", {format + "spelling"}, "is an error without a message"},
        BrokenLaw{"key_file_format", "no-encoding", {format + "spelling"}, "are none, and no error"},
        BrokenLaw{"key_file_format", "comment-sign-in-keys", {format + "spelling", format + "round-trip"}, "'#'"},
        BrokenLaw{"key_file_format", "any-header", {format + "header"}, "is no comment: 12 bytes: \"1 MD5 secret\""},
        BrokenLaw{"key_file_format", "not-guarded", {format + "memory", format + "header"}, "terminate called", true},
        BrokenLaw{"key_file_format",
                  "throws",
                  {format + "lossless", format + "parsing"},
                  "(1 byte: ff): terminate called after throwing an instance of 'std::runtime_error'; what(): no such "
                  "letter"},
        BrokenLaw{"key_file_format",
                  "crashes",
                  {format + "lossless", format + "parsing"},
                  "while it was asked to parse a file (1 byte: 00)"},
        BrokenLaw{"key_file_format",
                  "never-returns",
                  {format + "lossless", format + "parsing"},
                  "did not come to an end within 1 s while it was asked to parse a file (1 byte: 01)"},
        BrokenLaw{"key_file_format",
                  "error-for-content",
                  {format + "lossless", format + "parsing"},
                  "what a file holds is no error, and here it is one: such bytes are none (1 byte: 02)"},
        BrokenLaw{"key_file_format", "unreported", {format + "parsing"}, "and no error is reported"},
        BrokenLaw{"key_file_format",
                  "keeps-memory",
                  {format + "lossless", format + "memory"},
                  "does not give all secret memory back"},
        BrokenLaw{"key_file_format",
                  "writes-behind-the-end",
                  {format + "lossless", format + "parsing"},
                  "behind the end of secret memory"},
        BrokenLaw{"key_file_format", "copies-keys", {format + "secrets"}, "writing a key leaves it in ordinary", true},
        BrokenLaw{"key_file_format", "crashes-at-65536", {format + "lossless", format + "parsing"}, "65536"},
        BrokenLaw{"key_file_format",
                  "recognises-behind-the-end",
                  {format + "recognising"},
                  "to recognise a file (1 byte: 00)"},
        BrokenLaw{"key_file_format", "parses-behind-the-end", {format + "parsing"}, "to parse a file (1 byte: 00)"},
        BrokenLaw{"key_file_format", "reads-behind-the-end", {reader + "any-file"}, "to read a file (1 byte: 00)"},
        BrokenLaw{"key_file_format",
                  "parses-beyond-its-ids",
                  {format + "parsing", format + "round-trip"},
                  ", and its ids are 1 to 65535"},
        BrokenLaw{"key_file_format",
                  "reader-beyond-its-ids",
                  {reader + "any-file", format + "parsing", format + "round-trip"},
                  ", and the ids of its format are 1 to 65535"},
        BrokenLaw{"key_file_format", "quotes-keys", {format + "silence"}, "what it says holds a part of the key"},
        BrokenLaw{
            "key_file_format", "reader-quotes-keys", {reader + "silence"}, "what it says holds a part of the key"},
        BrokenLaw{"key_file_format",
                  "reader-answers-vary",
                  {reader + "any-file", reader + "same-answer", reader + "memory"},
                  "), but not each time that it was asked"},
        BrokenLaw{"key_file_format", "surer-than-sure", {format + "recognising"}, "101 sure"},
        BrokenLaw{"key_file_format", "strange-to-itself", {format + "recognising"}, "does not recognise"},
        BrokenLaw{"key_file_format",
                  "reader-throws",
                  {reader + "any-file", reader + "same-answer", format + "parsing"},
                  "read a file (1 byte: ff)"},
        BrokenLaw{"key_file_format", "reader-gives-no-reason", {reader + "any-file"}, "it has no reason"},
        BrokenLaw{"key_file_format",
                  "reader-sees-old-memory",
                  {reader + "same-answer", reader + "any-file", format + "parsing", format + "round-trip"},
                  "where memory held something else before"},
        BrokenLaw{"key_file_format", "reader-hides-loss", {reader + "memory"}, "another answer, and no error", true},
        BrokenLaw{
            "key_file_format", "reader-copies-keys", {reader + "secrets"}, "a key was in ordinary memory", true}));

INSTANTIATE_TEST_SUITE_P(
    PluginVerifySource, EveryFault,
    ::testing::Values(
        BrokenLaw{"random_source",
                  "never-returns",
                  {source + "bytes", source + "interruption", source + "memory"},
                  "did not come to an end within 1 s while it was asked to fill 0 bytes"},
        BrokenLaw{"random_source",
                  "ignores-failure",
                  {source + "bytes", source + "memory"},
                  "it leaves bytes as they were, from byte 0 on"},
        BrokenLaw{"random_source", "fails", {source + "bytes", source + "memory"}, "the die fell off the table"},
        BrokenLaw{"random_source", "constant", {source + "bytes"}, "all bytes are the same"},
        BrokenLaw{"random_source", "repeats", {source + "bytes"}, "the next bytes are the same again"},
        BrokenLaw{"random_source", "stops-short", {source + "bytes"}, "it leaves bytes as they were, from byte 247 on"},
        BrokenLaw{"random_source", "writes-behind-the-end", {source + "bytes"}, "it writes behind the end"},
        BrokenLaw{
            "random_source", "interrupted-in-other-words", {source + "interruption"}, "no error of code 'cancelled'"},
        BrokenLaw{"random_source", "any-argument", {source + "arguments", noise + "arguments"}, "is no error"},
        BrokenLaw{"random_source", "keys-of-noise", {noise + "nature"}, "raw noise must not become keys"},
        BrokenLaw{
            "random_source", "claims-too-much", {noise + "samples"}, "5.000000 bits of min-entropy in a sample of 4"},
        BrokenLaw{"random_source", "stuck", {noise + "samples"}, "are all the same"},
        BrokenLaw{"random_source", "too-wide", {noise + "samples"}, "which has more than 4 bits"},
        BrokenLaw{"random_source",
                  "not-guarded",
                  {source + "memory", noise + "memory", source + "nature", noise + "nature", source + "arguments",
                   noise + "arguments"},
                  "terminate called",
                  true}));

INSTANTIATE_TEST_SUITE_P(
    PluginVerifyOthers, EveryFault,
    ::testing::Values(
        BrokenLaw{"mac_engine",
                  "wrong-value",
                  {engine + "known-values", engine + "memory", engine + "tags"},
                  "cmac-aes128 (RFC 4493, example 1) is 16 bytes: ba 1d"},
        BrokenLaw{"mac_engine", "not-ready-again", {engine + "parts", engine + "tags"}, "or of the first use"},
        BrokenLaw{"mac_engine", "writes-behind-the-end", {engine + "tags"}, "says that it wrote 1"},
        BrokenLaw{"mac_engine", "supports-all", {engine + "unsupported"}, "it does not support 0 bytes of ''"},
        BrokenLaw{"mac_engine", "any-key", {engine + "key-lengths"}, "with a key of 0 bytes is no error"},
        BrokenLaw{"mac_engine", "keeps-keys", {engine + "wiping"}, "without being wiped", true},
        BrokenLaw{"mac_engine",
                  "not-guarded",
                  {engine + "memory", engine + "unsupported", engine + "key-lengths"},
                  "terminate called",
                  true},
        BrokenLaw{
            "entropy_assessment", "default-out-of-range", {assessment + "description"}, "default it would not take"},
        BrokenLaw{"entropy_assessment", "any-parameter", {assessment + "jobs"}, "a parameter that it does not have"},
        BrokenLaw{"entropy_assessment", "few-samples", {assessment + "jobs"}, "one sample too few"},
        BrokenLaw{"entropy_assessment", "wide-samples", {assessment + "jobs"}, "wider than the others"},
        BrokenLaw{"entropy_assessment",
                  "deaf",
                  {assessment + "interruption"},
                  "within 1 s while it was asked to stop 'count' when"},
        BrokenLaw{"entropy_assessment",
                  "another-result",
                  {assessment + "results", assessment + "memory"},
                  "another result the second time"},
        BrokenLaw{"entropy_assessment", "no-value-no-note", {assessment + "results"}, "has no value, and no note"},
        BrokenLaw{"entropy_assessment", "too-much-entropy", {assessment + "results"}, "4.500000 bits of min-entropy"},
        BrokenLaw{"entropy_assessment",
                  "not-guarded",
                  {assessment + "memory", assessment + "jobs"},
                  "terminate called",
                  true}));

TEST(PluginVerify, MemoryThatIsNotWrittenIsNoLeak) {
  const Fault fault("none-but-unwritten-memory");
  const Verified verified = verify(broken_plugin("key_file_format"));
  EXPECT_TRUE(verified.done);
  EXPECT_THAT(verified.broken, IsEmpty()) << verified.details;
}

TEST(PluginVerify, SaysHowManyAllocationsFailedWhereThereAreTooMany) {
  const Fault fault("none-but-many-allocations");
  const Verified verified = verify(broken_plugin("key_type"), "2");
  EXPECT_TRUE(verified.done);
  EXPECT_THAT(verified.broken, IsEmpty()) << verified.details;
  if (!memory_can_fail(verified))
    GTEST_SKIP() << "a build with a sanitizer, whose memory cannot be made to fail";
  EXPECT_THAT(verified.limits,
              ::testing::ContainsRegex("key_type BROKEN: memory: .*the first [0-9]+ were made to fail"));
}

TEST(PluginVerify, SaysWhyAPluginIsRefused) {
  const Verified verified = verify("/nowhere/key_type-none.so");
  EXPECT_EQ(verified.laws, 0U);
  EXPECT_THAT(verified.refused, HasSubstr("the plugin '/nowhere/key_type-none.so' cannot be opened"));
}

std::vector<std::string> shipped_plugins() {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(NTPKEYGEN_BUILT_PLUGINS))
    if (!entry.is_symlink())
      names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

TEST(PluginVerify, NoPluginOfThisTreeBreaksALaw) {
  const std::vector<std::string> names = shipped_plugins();
  EXPECT_GE(names.size(), 15U);
  for (const std::string &name : names) {
    const Verified verified = verify(std::string(NTPKEYGEN_BUILT_PLUGINS) + "/" + name);
    EXPECT_TRUE(verified.done) << name << verified.refused;
    EXPECT_THAT(verified.broken, IsEmpty()) << name << ": " << verified.details;
  }
}

} // namespace
} // namespace ntpkeygen
