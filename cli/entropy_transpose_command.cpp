#include "cli/entropy_command.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr std::size_t restarts = 1000, samples_of_one = 1000; // SP 800-90B section 3.1.4.1

constexpr auto option_table = std::to_array<OptionSpec>({
    {"output", '\0', "FILE", false, "write this file, not to standard output"},
    plugin_dir_option,
    quiet_option,
    version_option,
    help_option,
});

// For its owner only, like all that came out of a noise source.
Result<void> write_new(const std::string &path, std::string_view bytes, FileSystem &files) {
  const auto [folder_path, name] = split_path(path);
  if (name.empty())
    return failure(ErrorCode::invalid_argument, path + " is a folder", "name the file that is to be made in it");
  auto folder = files.open_folder(folder_path);
  if (!folder)
    return failure(std::move(folder).error());
  auto file = (*folder)->create();
  if (!file)
    return failure(std::move(file).error());
  if (auto written = (*file)->write(std::as_bytes(std::span(bytes))); !written)
    return written;
  if (auto synced = (*file)->sync(); !synced)
    return synced;
  auto published = publish_together(**folder, std::to_array<NamedFile>({{**file, name}}));
  if (!published && published.error().code == ErrorCode::already_exists)
    return failure(ErrorCode::already_exists, path + " exists already", "choose another name, or remove it");
  return published;
}

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  Environment &environment = call.environment;
  if (options.words().size() != 1)
    return failure(ErrorCode::invalid_argument, options.words().empty() ? "which file?" : "one file at a time, please",
                   "write 'ntpkeygen entropy transpose FILE --output FILE'");
  const auto output = options.value("output");
  const bool to_stdout = !output || *output == "-";
  if (to_stdout && environment.out.is_terminal())
    return failure(ErrorCode::invalid_argument, "the samples would go to the terminal", "give '--output FILE'");
  constexpr std::uint8_t any_width = 8;
  auto input = read_recording(options.words().front(), any_width, environment, environment.control);
  if (!input)
    return failure(std::move(input).error());
  if (input->samples.size() != restarts * samples_of_one)
    return failure(ErrorCode::invalid_argument,
                   input->name + " has " + grouped(input->samples.size()) +
                       " samples, and restart data has 1,000,000: the first 1,000 after each of 1,000 restarts");
  std::string columns(input->samples.size(), '\0');
  for (std::size_t row = 0; row < restarts; ++row)
    for (std::size_t column = 0; column < samples_of_one; ++column)
      columns[column * restarts + row] = static_cast<char>(input->samples[row * samples_of_one + column]);
  auto written = to_stdout ? environment.out.write(columns) : write_new(*output, columns, environment.files);
  return written ? Result<int>(0) : failure(std::move(written).error());
}

} // namespace

const Command &entropy_transpose_command() {
  static const Command command{{.name = "entropy transpose",
                                .synopsis = "entropy transpose FILE [options]",
                                .summary =
                                    "Make the column dataset of restart data (NIST SP 800-90B section 3.1.4.1): the\n"
                                    "first samples of all 1000 restarts, then the second ones, and so on.",
                                .options = option_table,
                                .words = "FILE",
                                .epilogue = "exit status: 0, or 1 when it failed or the command line was not valid\n"},
                               execute};
  return command;
}

} // namespace ntpkeygen::cli
