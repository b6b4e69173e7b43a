#include "cli/samples_input.hpp"

#include "cli/ordinary_memory.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <system_error>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t largest_recording = 1024 * 1024 * 1024;

// Between two looks at the cancellation.
constexpr std::size_t piece = 16 * 1024 * 1024;

tl::unexpected<Error> interrupted_in(const std::string &path) {
  return failure(ErrorCode::cancelled, "interrupted while " + path + " was read");
}

Result<SamplesInput> read_file(const std::string &path, Environment &environment, const RunControl &control) {
  OrdinaryMemory memory;
  auto file = read_input_file(environment.files, path, "recording", largest_recording, memory);
  if (!file) {
    Error error = std::move(file).error();
    if (path == "-" && error.code == ErrorCode::not_found)
      error.hint = "standard input is not read: write it into a file first";
    return failure(std::move(error));
  }
  const auto bytes = file->text.reveal();
  if (file->status.size == 0 && !bytes.empty())
    return failure(ErrorCode::invalid_argument,
                   path + " says that it has 0 bytes, and has more: the system makes it up",
                   "copy it into a file of its own");
  if (bytes.size() != file->status.size)
    return failure(ErrorCode::io,
                   path + " had " + std::to_string(file->status.size) + " bytes, and " + std::to_string(bytes.size()) +
                       " when it was read",
                   "wait until the recording is done");
  if (bytes.empty())
    return failure(ErrorCode::invalid_argument, path + " is empty", "record 1,000,000 samples or more, one a byte");
  SamplesInput input;
  input.name = path;
  input.samples.reserve(bytes.size());
  for (auto rest = bytes; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
    if (control.cancelled())
      return interrupted_in(path);
    const auto some = rest.first(std::min(piece, rest.size()));
    const auto *const begin = reinterpret_cast<const std::uint8_t *>(some.data());
    input.samples.insert(input.samples.end(), begin, begin + some.size());
  }
  input.count = input.samples.size();
  return input;
}

using Stopwatch = std::chrono::steady_clock;

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

template <class Source, class Draw> Result<void>
draw_all(Source &source, SamplesInput &input, Stopwatch::time_point opened, RunControl &control, Draw draw) {
  std::vector<std::uint8_t> &samples = input.samples;
  DrawTimes &times = input.times.emplace();
  SourceWatch watch(input.alarms);
  constexpr std::size_t at_once = 16 * 1024; // a slow source still tells how far it is
  times.samples_of_a_request = std::min(at_once, samples.size());
  for (std::size_t done = 0; done < samples.size();) {
    if (control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted while drawing samples");
    const std::size_t count = std::min(at_once, samples.size() - done);
    const auto start = Stopwatch::now();
    if (Result<void> drawn = draw(source, std::span(samples).subspan(done, count)); !drawn) {
      Error error = std::move(drawn).error();
      if (error.code != ErrorCode::out_of_memory && error.code != ErrorCode::cancelled)
        error.message = "after " + std::to_string(done) + " of " + std::to_string(samples.size()) +
                        " samples, the source failed: " + error.message;
      return failure(std::move(error));
    }
    const double took = seconds_since(start);
    watch.see(std::span(samples).subspan(done, count));
    times.all += took;
    if (count == at_once)
      times.requests.push_back(took);
    if (done == 0)
      times.first = seconds_since(opened);
    done += count;
    control.progress("drawing samples", done, samples.size());
  }
  return {};
}

Result<SamplesInput> draw_samples(const std::string &name, std::uint64_t count, Environment &environment,
                                  RunControl &control) {
  const std::size_t colon = name.find(':');
  const std::string argument = colon == std::string::npos ? "" : name.substr(colon + 1);
  auto provider = environment.plugins.random_source(name.substr(0, colon));
  if (!provider)
    return failure(std::move(provider).error());
  SamplesInput input;
  input.name = name;
  input.from_source = true;
  input.samples.resize(count);
  input.count = count;
  const auto start = Stopwatch::now();
  Result<void> drawn;
  if ((*provider)->info().nature == SourceNature::raw_noise) {
    auto source = (*provider)->open_noise(argument);
    if (!source)
      return failure(std::move(source).error());
    input.bits = (*source)->sample_bits();
    auto alarms = SourceAlarms::of_noise((*source)->claimed_min_entropy(), input.bits);
    if (alarms)
      input.alarms = *std::move(alarms);
    else if (alarms.error().code != ErrorCode::invalid_argument) // a claim that cannot be can still be assessed
      return failure(std::move(alarms).error());
    drawn = draw_all(**source, input, start, control,
                     [&](NoiseSource &noise, std::span<std::uint8_t> out) { return noise.sample(out, control); });
  } else {
    auto source = (*provider)->open(argument);
    if (!source)
      return failure(std::move(source).error());
    input.alarms = SourceAlarms::of((*provider)->info().nature);
    drawn = draw_all(**source, input, start, control, [&](RandomSource &random, std::span<std::uint8_t> out) {
      return random.fill(std::as_writable_bytes(out), control);
    });
  }
  if (!drawn)
    return failure(std::move(drawn).error());
  return input;
}

std::optional<std::string> digest_of(std::span<const std::uint8_t> samples, Environment &environment,
                                     const RunControl &control) {
  std::array<std::byte, 32> digest{};
  const auto engine = environment.plugins.mac_engine("botan");
  if (!engine)
    return std::nullopt;
  auto mac = (*engine)->prepare({MacSpec::Kind::keyed_digest, "sha256", digest.size()}, {});
  if (!mac)
    return std::nullopt;
  for (auto rest = std::as_bytes(samples); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
    if (control.cancelled() || !(*mac)->update(rest.first(std::min(piece, rest.size()))))
      return std::nullopt;
  if (!(*mac)->finish(digest))
    return std::nullopt;
  std::string digits(2 * digest.size(), '0');
  hex::encode(digest, reinterpret_cast<std::byte *>(digits.data()));
  return digits;
}

bool is_there(const std::string &path, FileSystem &files) {
  const auto [folder_path, name] = split_path(path);
  if (name.empty() || name == "." || name == "..")
    return true; // a folder, and said to be one
  auto folder = files.open_folder(folder_path);
  if (!folder)
    return false;
  const auto status = (*folder)->status(name);
  return !status || *status;
}

// Else it is a random source, if there is one of this name.
bool is_recording(const std::string &name, FileSystem &files) {
  const bool can_be_source =
      !name.empty() && name != "-" && name.substr(0, name.find(':')).find('/') == std::string::npos;
  return !can_be_source || is_there(name, files);
}

Error neither(const std::string &name, Error error) {
  if (error.code == ErrorCode::not_found)
    return {ErrorCode::not_found, 0, "there is no file " + name + ", and " + error.message, "check the name"};
  return error;
}

// As many bits as the largest sample has.
std::uint8_t needed_bits(std::span<const std::uint8_t> samples) {
  unsigned any = 1;
  for (const std::uint8_t sample : samples)
    any |= sample;
  return static_cast<std::uint8_t>(std::bit_width(any));
}

} // namespace

std::string SamplesInput::digest_warning() const {
  if (!digest_differs())
    return {};
  return name + " is not the recording that " + provenance->file + " describes: its SHA-256 is another";
}

Result<void> find_samples(const std::string &name, Environment &environment) {
  if (is_recording(name, environment.files)) {
    if (name.empty() || !is_there(name, environment.files))
      return failure(ErrorCode::not_found, "there is no file " + name, "check the name");
    return {};
  }
  const auto provider = environment.plugins.random_source(name.substr(0, name.find(':')));
  return provider ? Result<void>() : failure(neither(name, provider.error()));
}

Result<SamplesInput> read_samples(const std::string &name, std::optional<std::uint8_t> bits, std::uint64_t count,
                                  Environment &environment, RunControl &control) {
  if (is_recording(name, environment.files))
    return read_recording(name, bits, environment, control);
  auto input = draw_samples(name, count, environment, control);
  if (!input)
    return failure(neither(name, std::move(input).error()));
  if (bits)
    input->bits = *bits;
  return input;
}

Result<SamplesInput> read_recording(const std::string &path, std::optional<std::uint8_t> bits, Environment &environment,
                                    const RunControl &control) {
  auto input = read_file(path, environment, control);
  if (!input)
    return input;
  if (control.cancelled())
    return interrupted_in(path);
  input->provenance = provenance_of(path, environment.files);
  const std::uint8_t needed = needed_bits(input->samples);
  input->bits = bits.value_or(needed);
  if (bits || !input->provenance || !input->provenance->sample_bits)
    return input;
  input->bits = *input->provenance->sample_bits;
  if (input->bits < needed)
    return failure(ErrorCode::invalid_argument,
                   "some samples need " + counted(needed, "bit") + ", and " + input->provenance->file + " says that " +
                       path + " has samples of " + counted(input->bits, "bit"),
                   "is it the description of this recording? '--bits' gives the width without it");
  return input;
}

std::future<std::optional<std::string>> sha256_of(const SamplesInput &input, unsigned threads, Environment &environment,
                                                  const RunControl &control) {
  const auto compute = [&input, &environment, &control] { return digest_of(input.samples, environment, control); };
  if (threads > 1) {
    try {
      return std::async(std::launch::async, compute);
    } catch (const std::system_error &) { // NOLINT(bugprone-empty-catch): no further thread: then when it is asked for
    }
  }
  return std::async(std::launch::deferred, compute);
}

} // namespace ntpkeygen::cli
