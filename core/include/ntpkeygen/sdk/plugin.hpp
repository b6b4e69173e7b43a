// The door of a plugin: the descriptor that it exports, and the registrar that it enrolls with.
//
// A plugin is a shared object that exports one constant, `ntpkeygen_plugin`, made by NTPKEYGEN_PLUGIN. `abi` is one
// exact number: raised on any change of layout, vtable or meaning; there is no range. `layout_digest` catches builds
// whose standard library lays out its types in another way (docs/plugin-abi.md says what these checks can and cannot
// promise).
#pragma once

#include "ntpkeygen/sdk/entropy_assessment.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/key_file_reader.hpp"
#include "ntpkeygen/sdk/key_type.hpp"
#include "ntpkeygen/sdk/mac_engine.hpp"
#include "ntpkeygen/sdk/random_source.hpp"
#include "ntpkeygen/sdk/throwing.hpp"

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>

namespace ntpkeygen {

enum class PluginKind : std::uint8_t {
  random_source,
  key_type,
  key_file_format,
  key_file_reader,
  mac_engine,
  entropy_assessment,
};

// The kind as it stands in file names and JSON.
[[nodiscard]] constexpr std::string_view kind_name(PluginKind kind) noexcept {
  constexpr std::array<std::string_view, 6> names{"random_source",   "key_type",   "key_file_format",
                                                  "key_file_reader", "mac_engine", "entropy_assessment"};
  return names[static_cast<std::size_t>(kind)];
}
inline constexpr std::array all_plugin_kinds{PluginKind::random_source,   PluginKind::key_type,
                                             PluginKind::key_file_format, PluginKind::key_file_reader,
                                             PluginKind::mac_engine,      PluginKind::entropy_assessment};

// Takes what a plugin provides. A name that is taken is refused (already_exists), and the plugin with it.
class Registrar {
public:
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<RandomSourceProvider> provider) noexcept = 0;
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<KeyType> type) noexcept = 0;
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<KeyFileFormat> format) noexcept = 0;
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<KeyFileReader> reader) noexcept = 0;
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<MacEngine> engine) noexcept = 0;
  [[nodiscard]] virtual Result<void> add(std::unique_ptr<EntropyAssessment> assessment) noexcept = 0;

protected:
  ~Registrar() = default;
};

// Fixed layout: everything before `enroll` can be read even when abi or digest do not fit.
struct PluginDescriptor {
  std::array<char, 16> magic;
  std::uint32_t abi;
  PluginKind kind; // with `name`, what the file is called: <kind>-<name>.so
  std::uint64_t layout_digest;
  const char *name;
  const char *version;
  const char *summary;
  Result<void> (*enroll)(Registrar &);
};

namespace abi {

inline constexpr std::array<char, 16> magic{'n', 't', 'p', 'k', 'e', 'y', 'g', 'e',
                                            'n', ' ', 'p', 'l', 'u', 'g', 'i', 'n'};
inline constexpr std::uint32_t version = 5;

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x100000001b3U;
}

// FNV-1a over sizes and alignments of the types that cross, and what decides their layout without changing either.
template <class... T> constexpr std::uint64_t digest_of() {
  std::uint64_t hash = 0xcbf29ce484222325U;
  ((hash = mix(mix(hash, sizeof(T)), alignof(T))), ...);
#if defined(_GLIBCXX_USE_CXX11_ABI)
  hash = mix(hash, 0x100 + _GLIBCXX_USE_CXX11_ABI);
#endif
#if defined(_GLIBCXX_DEBUG)
  hash = mix(hash, 0x200);
#endif
#if defined(_LIBCPP_VERSION)
  hash = mix(hash, 0x400);
#endif
#if defined(__x86_64__)
  hash = mix(hash, 0x1001);
#elif defined(__aarch64__)
  hash = mix(hash, 0x1002);
#else
  hash = mix(hash, 0x1003);
#endif
  return hash;
}

// Every type of a value that crosses, those that only cross inside a vector as well: a vector has one size whatever is
// in it. A test compares the list with the headers.
inline constexpr std::uint64_t layout_digest =
    digest_of<std::string, std::string_view, std::vector<Line>, std::unique_ptr<KeyType>,
              std::shared_ptr<const KeyType>, Error, ErrorCode, Result<void>, Result<std::size_t>, Result<std::string>,
              Result<SecretText>, Result<KeyFile>, Result<Spelling>, Result<std::vector<Encoding>>,
              Result<Interpretation>, Result<Assessment>, Result<std::unique_ptr<Mac>>, PluginKind, PluginDescriptor,
              SecretBytes, MacSpec, MacSpec::Kind, KeyTypeInfo, KeyTypeAlias, KeyLengths, SourceInfo, SourceNature,
              SourceStats, Extent, Encoding, Key, Line, Line::Kind, KeyFile, FormatInfo, Recipe, KeyGroup, Spelling,
              Severity, Diagnostic, ReaderInfo, FileOutcome, Certainty, Reading, Refusal, Interpretation, ParameterInfo,
              ProcedureInfo, NamedValue, AssessmentJob, Verdict, AssessmentRow, Assessment>();

// What a plugin's function throws ends in the plugin: the program may have another copy of the C++ runtime.
template <Result<void> (*enroll)(Registrar &)> Result<void> enroll_without_throwing(Registrar &registrar) noexcept {
  prepare_to_throw();
  return guarded([&]() -> Result<void> {
    try {
      return enroll(registrar);
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &exception) {
      return failure(ErrorCode::plugin_fault,
                     std::string("it threw an exception while enrolling: ") + exception.what());
    } catch (...) {
      return failure(ErrorCode::plugin_fault, "it threw something that is no std::exception while enrolling");
    }
  });
}

} // namespace abi

} // namespace ntpkeygen

// Stands once in a plugin, in a source file of its own, so that tests can link the rest of the plugin without it. The
// function `enroll_` takes a Registrar & and returns a Result<void>.
#define NTPKEYGEN_PLUGIN(kind_, name_, version_, summary_, enroll_)                                                    \
  extern "C" __attribute__((visibility("default"), used)) constexpr ::ntpkeygen::PluginDescriptor ntpkeygen_plugin {   \
    ::ntpkeygen::abi::magic, ::ntpkeygen::abi::version, ::ntpkeygen::PluginKind::kind_,                                \
        ::ntpkeygen::abi::layout_digest, name_, version_, summary_, ::ntpkeygen::abi::enroll_without_throwing<enroll_> \
  }
