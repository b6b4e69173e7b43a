// Every case of tests/vectors/dialects/observed.json: the readers against what the real programs were seen to load.
#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "support/base64.hpp"
#include "support/key_files.hpp"
#include "support/result.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

namespace ntpkeygen {
namespace {

const rapidjson::Document &observations() {
  static const rapidjson::Document document = [] {
    std::ifstream file(NTPKEYGEN_VECTORS "/dialects/observed.json");
    rapidjson::IStreamWrapper stream(file);
    rapidjson::Document parsed;
    parsed.ParseStream(stream);
    return parsed;
  }();
  return document;
}

struct Case {
  std::string reader{}; // its name in the vectors
  std::function<std::unique_ptr<KeyFileReader>()> make{};
  rapidjson::SizeType index = 0;
};

std::vector<Case> cases() {
  const std::vector<Case> readers{
      {"ntpsec", plugins::ntpsec::make_reader},    {"ntpsec-git", plugins::ntpsec::make_reader_1_2_5},
      {"classic", plugins::classic::make_reader},  {"chrony", plugins::chrony::make_reader},
      {"busybox", plugins::busybox::make_reader},  {"ntpdig", plugins::ntpsec::make_ntpdig_reader},
      {"sntp", plugins::classic::make_sntp_reader}};
  std::vector<Case> all;
  for (const Case &reader : readers)
    for (rapidjson::SizeType i = 0; i < observations()["cases"].Size(); ++i)
      all.push_back({reader.reader, reader.make, i});
  return all;
}

std::string name_of(const ::testing::TestParamInfo<Case> &info) {
  std::string name = info.param.reader + "_" + std::to_string(info.param.index) + "_" +
                     observations()["cases"][info.param.index]["case"].GetString();
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class ObservedCase : public ::testing::TestWithParam<Case> {};

TEST_P(ObservedCase, IsWhatTheReaderSays) {
  const rapidjson::Value &observed = observations()["cases"][GetParam().index];
  const std::string file = test::from_base64(observed["file_base64"].GetString());
  SCOPED_TRACE(file);
  test::PlainMemory memory;
  const Result<Interpretation> answer = GetParam().make()->interpret(test::bytes_of(file), memory);
  ASSERT_TRUE(test::succeeded(answer));

  for (const auto &key : observed["observed"][GetParam().reader.c_str()]["keys"].GetObject()) {
    const auto id = static_cast<KeyId>(std::stoul(key.name.GetString()));
    const auto reading = std::ranges::find(answer->readings, id, &Reading::id);
    if (!key.value.IsObject()) { // null, or "nomac": a client asked without a MAC
      EXPECT_TRUE(reading == answer->readings.end()) << "id " << id << " is not loaded";
      continue;
    }
    ASSERT_TRUE(reading != answer->readings.end()) << "id " << id << " is loaded";
    EXPECT_EQ(mac_name(answer->macs.at(reading->mac)), key.value["mac"].GetString());
    EXPECT_EQ(reading->bytes.size, key.value["length"].GetUint());
    if (reading->certainty != Certainty::certain) {
      EXPECT_TRUE(key.value.HasMember("padded") || key.value.HasMember("indeterminate")) << "id " << id << " is known";
      continue;
    }
    std::string expected = key.value["key_hex"].GetString(),
                got = test::hex_of(slice(answer->store.reveal(), reading->bytes));
    if (expected.ends_with("...")) {
      expected.resize(expected.size() - 3);
      got.resize(expected.size());
    }
    EXPECT_EQ(got, expected) << "id " << id;
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, ObservedCase, ::testing::ValuesIn(cases()), name_of);

TEST(Observations, AreAllThere) {
  ASSERT_FALSE(observations().HasParseError());
  EXPECT_EQ(observations()["cases"].Size(), 70U);
}

} // namespace
} // namespace ntpkeygen
