#include "cli/provenance.hpp"

#include "cli/assessment_report.hpp"
#include "cli/json_document.hpp"
#include "cli/ordinary_memory.hpp"
#include "ntpkeygen/host/key_file_input.hpp"

#include <rapidjson/document.h>

#include <algorithm>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t largest_description = 1024 * 1024;
constexpr std::size_t most_facts = 200;

std::string text_of(const JsonValue &value) {
  if (value.IsString())
    return {value.GetString(), value.GetStringLength()};
  if (value.IsBool())
    return value.GetBool() ? "yes" : "no";
  if (value.IsUint64())
    return std::to_string(value.GetUint64());
  if (value.IsInt64())
    return std::to_string(value.GetInt64());
  if (!value.IsNumber())
    return {};
  return shortest(value.GetDouble());
}

// Depth is bounded: the file is somebody else's.
void collect(const JsonValue &value, const std::string &name, unsigned depth, Provenance &out) {
  constexpr unsigned deepest = 4;
  if (out.facts.size() == most_facts || (depth == deepest && (value.IsObject() || value.IsArray()))) {
    out.trouble = out.file + " says more than is shown here";
    return;
  }
  if (value.IsObject()) {
    for (const auto &member : value.GetObject())
      collect(member.value, (name.empty() ? "" : name + ".") + text_of(member.name), depth + 1, out);
  } else if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      collect(value[i], name + "." + std::to_string(i + 1), depth + 1, out);
  } else if (!value.IsNull()) {
    out.facts.emplace_back(name, text_of(value));
  }
}

std::optional<std::string> text_member(const JsonValue &object, const char *name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString())
    return std::nullopt;
  return text_of(member->value);
}

void read_width(const JsonValue &object, Provenance &out) {
  const auto member = object.FindMember("sample_bits");
  if (member == object.MemberEnd() || member->value.IsNull())
    return;
  if (member->value.IsUint() && member->value.GetUint() >= 1 && member->value.GetUint() <= 8)
    out.sample_bits = static_cast<std::uint8_t>(member->value.GetUint());
  else
    out.trouble = out.file + " says that samples have a width ('sample_bits') that is not one of 1 to 8 bits: one byte "
                             "of the recording may not be one sample";
}

void read_restarts(const JsonValue &object, Provenance &out) {
  const auto member = object.FindMember("restarts");
  if (member == object.MemberEnd())
    return;
  if (member->value.IsNull())
    out.restarts = 0;
  else if (member->value.IsUint64())
    out.restarts = member->value.GetUint64();
}

// The beginning of a file of /proc, whose sizes are said to be 0.
std::string read_some(FileSystem &files, const std::string &path) {
  constexpr std::uint64_t enough = 4 * 1024 * 1024;
  const auto [folder_path, name] = split_path(path);
  OrdinaryMemory memory;
  auto folder = files.open_folder(folder_path);
  if (!folder)
    return {};
  const auto text = (*folder)->read(name, enough, memory);
  return text ? std::string(text->reveal_text()) : std::string();
}

std::string or_unknown(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text.empty() ? "unknown" : text;
}

} // namespace

std::optional<Provenance> provenance_of(const std::string &recording, FileSystem &files) {
  Provenance provenance;
  provenance.file = recording + ".json";
  OrdinaryMemory memory;
  const auto input = read_input_file(files, provenance.file, "description", largest_description, memory);
  if (!input) {
    if (input.error().code == ErrorCode::not_found)
      return std::nullopt;
    provenance.trouble = input.error().message;
    return provenance;
  }
  const std::string_view text = input->text.reveal_text();
  JsonDocument document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) {
    provenance.trouble = provenance.file + " is no JSON object";
    return provenance;
  }
  collect(document, "", 0, provenance);
  provenance.sha256 = text_member(document, "sha256");
  if (provenance.sha256) // some tools write digests in capitals
    std::ranges::transform(*provenance.sha256, provenance.sha256->begin(), [](char digit) {
      return digit >= 'A' && digit <= 'F' ? static_cast<char>(digit + 32) : digit;
    });
  provenance.nature = text_member(document, "nature");
  read_width(document, provenance);
  read_restarts(document, provenance);
  return provenance;
}

ThisMachine this_machine(FileSystem &files) {
  ThisMachine machine;
  std::string kernel = read_some(files, "/proc/sys/kernel/ostype");
  if (!kernel.empty() && kernel.back() == '\n')
    kernel.back() = ' ';
  machine.kernel = or_unknown(kernel + read_some(files, "/proc/sys/kernel/osrelease"));
  const std::string cpu = read_some(files, "/proc/cpuinfo");
  constexpr std::string_view label = "model name";
  if (const std::size_t at = cpu.find(label); at != std::string::npos) {
    const std::size_t colon = cpu.find(':', at), end = cpu.find('\n', at);
    if (colon < end)
      machine.cpu = cpu.substr(colon + 1, end == std::string::npos ? end : end - colon - 1);
    machine.cpu.erase(0, machine.cpu.find_first_not_of(' '));
  }
  machine.cpu = or_unknown(std::move(machine.cpu));
  return machine;
}

std::string_view nature_name(SourceNature nature) {
  switch (nature) {
  case SourceNature::os:
    return "os";
  case SourceNature::drbg:
    return "drbg";
  case SourceNature::hardware:
    return "hardware";
  case SourceNature::raw_noise:
    return "raw-noise";
  case SourceNature::replay:
    return "replay";
  }
  return {};
}

std::string caution_about(std::string_view nature_name) {
  const std::string what = nature_name == "os"         ? "the operating system's generator"
                           : nature_name == "drbg"     ? "a deterministic generator"
                           : nature_name == "hardware" ? "a device that conditions its noise"
                                                       : "";
  return what.empty() ? ""
                      : "these samples come out of " + what +
                            ": whatever they are assessed at, it says nothing about the noise behind it";
}

} // namespace ntpkeygen::cli
