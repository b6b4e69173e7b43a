#include "cli/entropy_command.hpp"
#include "cli/foreign_text.hpp"
#include "cli/json.hpp"
#include "cli/provenance.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr std::array option_table{json_option, plugin_dir_option, quiet_option, version_option, help_option};

// Sources whose plugins need a library that not every build has. Where such a plugin is missing, its source is listed
// all the same.
struct Optional {
  std::string_view name;
  SourceNature nature;
  std::string_view summary;
};
constexpr std::array optional_sources{
    Optional{"jitterentropy", SourceNature::hardware, "the library jitterentropy: conditioned timing noise"},
    Optional{"openssl", SourceNature::drbg, "OpenSSL's generator"},
    Optional{"pkcs11", SourceNature::hardware, "the generator of a PKCS#11 token"},
    Optional{"rdrand", SourceNature::hardware, "the generator of x86 processors"},
    Optional{"rdseed", SourceNature::hardware, "the seeds of the generator of x86 processors"},
    Optional{"tpm2", SourceNature::hardware, "the generator of a TPM 2.0"},
};

struct Row {
  std::string name{}, argument{};       // the argument as help text: "PATH"
  std::optional<SourceNature> nature{}; // nothing where its plugin was refused, and cannot say
  std::string summary{};
  std::string missing{}; // why it is not available; empty: it is, or is with the right argument
};

Result<std::vector<Row>> find_sources(PluginSet &plugins) {
  std::vector<Row> rows;
  for (const std::string &name : plugins.names(PluginKind::random_source)) {
    const auto provider = plugins.random_source(name);
    if (!provider) {
      if (provider.error().code == ErrorCode::out_of_memory)
        return failure(provider.error());
      rows.push_back({.name = name, .missing = provider.error().message});
      continue;
    }
    const SourceInfo &info = (*provider)->info();
    Row row{info.name, info.argument, info.nature, info.summary};
    if (!info.argument_required)
      if (const Result<void> available = (*provider)->available(""); !available)
        row.missing = available.error().message;
    rows.push_back(std::move(row));
  }
  for (const Optional &source : optional_sources)
    if (std::ranges::find(rows, source.name, &Row::name) == rows.end())
      rows.push_back({std::string(source.name),
                      {},
                      source.nature,
                      std::string(source.summary),
                      "there is no plugin for it: it was not built, or is not installed"});
  std::ranges::sort(rows, {}, &Row::name);
  return rows;
}

Result<void> print_json(const std::vector<Row> &rows, TextOutput &out) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/entropy-sources/1");
  put_key(json, "sources");
  json.StartArray();
  for (const Row &row : rows) {
    json.StartObject();
    put(json, "name", row.name);
    put_or_null(json, "argument", row.argument);
    put_or_null(json, "nature", row.nature ? nature_name(*row.nature) : "");
    put_key(json, "available");
    json.Bool(row.missing.empty());
    put_or_null(json, "reason", row.missing);
    put_or_null(json, "summary", row.summary);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return out.write(finished(buffer));
}

Result<void> print_table(const std::vector<Row> &rows, TextOutput &out) {
  std::vector<std::array<std::string, 4>> cells{{"SOURCE", "NATURE", "AVAILABLE", "SUMMARY"}};
  for (const Row &row : rows)
    cells.push_back({escaped(row.name + (row.argument.empty() ? "" : ":" + row.argument)),
                     std::string(row.nature ? nature_name(*row.nature) : "-"), row.missing.empty() ? "yes" : "no",
                     escaped(row.missing.empty()   ? row.summary
                             : row.summary.empty() ? row.missing
                                                   : row.summary + " (" + row.missing + ")")});
  std::array<std::size_t, 4> widths{};
  for (const auto &line : cells)
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size() + 2);
  std::string text;
  for (const auto &line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i)
      text += line[i] + std::string(widths[i] > line[i].size() ? widths[i] - line[i].size() : 0, ' ');
    text += '\n';
  }
  return out.write(text + "\nRaw noise makes keys as 'conditioned:SOURCE' only. Several '--source' are mixed.\n");
}

Result<int> execute(const Invocation &call) {
  const auto rows = find_sources(call.environment.plugins);
  if (!rows)
    return failure(rows.error());
  auto printed =
      call.options.has("json") ? print_json(*rows, call.environment.out) : print_table(*rows, call.environment.out);
  return printed ? Result<int>(0) : failure(std::move(printed).error());
}

} // namespace

const Command &entropy_list_command() {
  static const Command command{{.name = "entropy list",
                                .synopsis = "entropy list [options]",
                                .summary = "List every random source: what it is, whether it is there, and if not why.",
                                .options = option_table,
                                .epilogue = "exit status: 0, or 1 when it failed or the command line was not valid\n"},
                               execute};
  return command;
}

} // namespace ntpkeygen::cli
