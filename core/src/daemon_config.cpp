#include "ntpkeygen/host/daemon_config.hpp"

#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"
#include "ntpkeygen/sdk/decimal.hpp"

#include <algorithm>
#include <array>
#include <fnmatch.h>
#include <tuple>

namespace ntpkeygen {
namespace {

constexpr std::uint64_t largest_config = 1024 * 1024;
// Of everything that is included, together: a few lines that include each other crosswise would never come to an end.
constexpr std::size_t most_files = 1000, most_looks = 100'000;
constexpr std::uint64_t most_bytes = 16 * largest_config;
// ntp.conf(5): five levels of include files. chrony 4.3 stops at ten files that are open, the first one among them.
constexpr std::size_t ntp_levels = 5, chrony_levels = 9;

// Directives that only one of the programs has.
constexpr std::array<std::string_view, 16> of_chrony{
    "keyfile", "makestep", "rtcsync",    "confdir",       "sourcedir",   "bindcmdaddress", "cmdport",  "cmdallow",
    "allow",   "deny",     "ntsdumpdir", "maxupdateskew", "hwtimestamp", "leapsectz",      "refclock", "local"};
constexpr std::array<std::string_view, 12> of_ntp{"keys",        "trustedkey", "controlkey", "requestkey",
                                                  "restrict",    "tinker",     "tos",        "fudge",
                                                  "includefile", "statsdir",   "filegen",    "interface"};
constexpr std::array<std::string_view, 3> of_ntpsec{"unrestrict", "nts", "refclock"};
constexpr std::array<std::string_view, 4> of_classic{"requestkey", "crypto", "keysdir", "autokey"};
constexpr std::array<std::string_view, 6> with_key_option{"server",    "pool",           "peer",
                                                          "broadcast", "manycastclient", "multicastclient"};

constexpr std::array<std::string_view, 6> of_all{"driftfile", "leapfile", "logfile", "logdir", "log", "include"};

template <std::size_t N> bool is_one_of(std::string_view word, const std::array<std::string_view, N> &words) {
  return std::ranges::find(words, word) != words.end();
}

struct Word {
  std::string_view text{};
  std::uint32_t offset = 0; // into the file
};

// The words of a line; those of ntp.conf may stand in quotes, and parentheses stand alone.
std::vector<Word> words_of(std::string_view line, std::uint32_t offset, bool is_ntp) {
  std::vector<Word> words;
  const auto add = [&](std::size_t begin, std::size_t end) {
    words.push_back({line.substr(begin, end - begin), offset + static_cast<std::uint32_t>(begin)});
  };
  for (std::size_t at = c_blanks.skip(line, 0); at < line.size(); at = c_blanks.skip(line, at)) {
    if (is_ntp && line[at] == '"') {
      const std::size_t end = std::min(line.find('"', at + 1), line.size());
      add(at + 1, end);
      at = std::min(end + 1, line.size());
      continue;
    }
    if (is_ntp && (line[at] == '(' || line[at] == ')')) {
      add(at, at + 1);
      ++at;
      continue;
    }
    std::size_t end = c_blanks.find(line, at);
    if (is_ntp)
      end = std::min(end, line.find_first_of("()", at));
    add(at, end);
    at = end;
  }
  return words;
}

std::string_view without_comment(std::string_view line, bool is_ntp) {
  if (is_ntp)
    return line.substr(0, line.find('#'));
  const std::size_t first = c_blanks.skip(line, 0);
  return first < line.size() && std::string_view("!;#%").find(line[first]) != std::string_view::npos ? "" : line;
}

std::string in_folder_of(const std::string &file, std::string_view path) {
  return path.starts_with('/') ? std::string(path) : path_in(split_path(file).folder, std::string(path));
}

// What the lines of a file begin with.
struct FirstWords {
  std::size_t numbers = 0, directives = 0, lines = 0; // comments and blank lines do not count
};

FirstWords first_words(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  FirstWords found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = without_comment(text.substr(begin, end - begin), false);
    begin = end + 1;
    const std::size_t first = c_blanks.skip(line, 0);
    const std::string word = lower(line.substr(first, c_blanks.find(line, first) - first));
    if (word.empty())
      continue;
    ++found.lines;
    found.numbers += plain_decimal(word) ? 1U : 0U;
    found.directives += is_one_of(word, of_chrony) || is_one_of(word, of_ntp) || is_one_of(word, of_ntpsec) ||
                                is_one_of(word, of_classic) || is_one_of(word, with_key_option) ||
                                is_one_of(word, of_all)
                            ? 1U
                            : 0U;
  }
  return found;
}

class Reader {
public:
  Reader(FileSystem &files, SecretMemory &memory) : files_(files), memory_(memory) {}

  Result<DaemonConfig> run(const std::string &path, const std::optional<std::string> &program) {
    auto input = read_input_file(files_, path, "configuration file", largest_config, memory_);
    if (!input)
      return failure(std::move(input).error());
    if (!is_text(input->text.reveal_text()))
      return failure(ErrorCode::invalid_argument, path + " is not a text file", "is this the configuration file?");
    if (program)
      config_.program = *program;
    else
      std::tie(config_.program, config_.guessed_from) = guess(path, input->text.reveal_text());
    is_ntp_ = config_.program != "chrony";
    take(path, std::move(input->text), Kind::config);
    if (is_ntp_)
      take_ntp_folder(path);
    // NTP Classic forgets the line before when it reads another one.
    if (config_.program == "classic")
      std::erase_if(config_.trusted, [&](const TrustedKeys &each) { return each.directive != trusted_lines_; });
    return std::move(config_);
  }

private:
  enum class Kind : std::uint8_t { config, sources };

  // The program, and what speaks for it.
  static std::pair<std::string, std::string> guess(const std::string &path, std::string_view text) {
    std::size_t chrony = 0, ntp = 0;
    std::string ntpsec, classic; // a directive that only this one has
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const auto words = words_of(without_comment(text.substr(begin, end - begin), false), 0, false);
      begin = end + 1;
      if (words.empty())
        continue;
      const std::string directive = lower(words.front().text);
      chrony += is_one_of(directive, of_chrony) ? 1U : 0U;
      ntp += is_one_of(directive, of_ntp) ? 1U : 0U;
      // A reference clock's address, 127.127.t.u, says nothing: NTPsec still takes it.
      if (ntpsec.empty() && is_one_of(directive, of_ntpsec))
        ntpsec = directive;
      if (classic.empty() && is_one_of(directive, of_classic))
        classic = directive;
    }
    if (chrony > ntp)
      return {"chrony", "most of its directives are chrony's"};
    if (chrony == ntp && path.find("chrony") != std::string::npos)
      return {"chrony", "its name says so"};
    if (path.find("ntpsec") != std::string::npos)
      return {"ntpsec", "its name says so"};
    if (!ntpsec.empty())
      return {"ntpsec", "NTP Classic has no directive '" + ntpsec + "'"};
    if (!classic.empty())
      return {"classic", "only NTP Classic has the directive '" + classic + "'"};
    return {"ntpsec", "nothing in it is NTP Classic's alone"};
  }

  void take(const std::string &path, SecretText content, Kind kind) {
    const std::size_t file = config_.files.size();
    config_.files.push_back(std::make_unique<ConfigFile>());
    ConfigFile &here = *config_.files.back();
    here.path = path;
    here.text = std::move(content);
    open_.push_back(path);
    const std::string_view text = here.text.reveal_text();
    bytes_ += text.size();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const auto words = words_of(without_comment(text.substr(begin, end - begin), is_ntp_),
                                  static_cast<std::uint32_t>(begin), is_ntp_);
      if (!words.empty())
        is_ntp_ ? take_ntp(file, words) : take_chrony(file, words, kind);
      begin = end + 1;
    }
    open_.pop_back();
  }

  void take_ntp(std::size_t file, std::span<const Word> words) {
    const std::string directive = lower(words[0].text);
    if (directive == "keys" && words.size() > 1)
      name_keys_file(file, words[1]);
    else if (directive == "trustedkey")
      take_trusted(file, words.subspan(1));
    else if ((directive == "controlkey" || (directive == "requestkey" && config_.program == "classic")) &&
             words.size() > 1)
      use_instead(file, words[1], directive);
    else if (directive == "includefile" && words.size() > 1)
      include(file, words[1], ntp_levels, ".conf", Kind::config);
    else if (is_one_of(directive, with_key_option))
      take_key_option(file, words, directive);
  }

  void take_chrony(std::size_t file, std::span<const Word> words, Kind kind) {
    const std::string directive = lower(words[0].text);
    if (is_one_of(directive, with_key_option))
      take_key_option(file, words, directive);
    if (kind == Kind::sources || words.size() < 2)
      return;
    if (directive == "keyfile")
      name_keys_file(file, words[1]);
    else if (directive == "commandkey")
      use(file, words[1], directive);
    else if (directive == "user")
      config_.user = std::string(words[1].text);
    else if (directive == "include")
      include(file, words[1], chrony_levels, "", Kind::config);
    else if (directive == "confdir" || directive == "sourcedir")
      include_folders(file, words.subspan(1), directive == "confdir" ? ".conf" : ".sources",
                      directive == "confdir" ? Kind::config : Kind::sources);
  }

  // A relative path begins at the daemon's working folder, and services are started in /.
  std::string in_working_folder(std::size_t file, const Word &word) {
    if (!word.text.starts_with('/'))
      config_.files[file]->findings.add(word.offset, "relative-path");
    return path_in("/", std::string(word.text.substr(std::min(word.text.find_first_not_of('/'), word.text.size()))));
  }

  // Only NTPsec looks for them beside the file that names them.
  std::string include_path(std::size_t file, const Word &word) {
    return config_.program == "ntpsec" ? in_folder_of(config_.files[file]->path, word.text)
                                       : in_working_folder(file, word);
  }

  // The last one counts.
  void name_keys_file(std::size_t file, const Word &word) {
    KeysFileName named{{file, word.offset}, in_working_folder(file, word), {}};
    if (!word.text.starts_with('/'))
      named.beside = in_folder_of(config_.files[file]->path, word.text);
    if (const auto &before = config_.keys_file; before && before->path != named.path)
      config_.findings_at(before->place)
          .add(before->place.offset, "repeated-keys-file",
               "a later line names " + named.path + ", and only the last keys file that is named is read");
    config_.keys_file = std::move(named);
  }

  std::optional<KeyId> key_id(std::size_t file, const Word &word, KeyId last_ntp_id = 65535) {
    const auto id = plain_decimal(word.text);
    if (id && *id != 0 && (!is_ntp_ || *id <= last_ntp_id))
      return id;
    config_.files[file]->findings.add(word.offset, "bad-key-reference");
    return std::nullopt;
  }

  void use(std::size_t file, const Word &word, const std::string &directive) {
    if (const auto id = key_id(file, word))
      config_.uses.push_back({{file, word.offset}, *id, directive});
  }

  // Of directives that name one key for everything, the last one counts.
  void use_instead(std::size_t file, const Word &word, const std::string &directive) {
    std::erase_if(config_.uses, [&](const KeyUse &each) { return each.directive == directive; });
    use(file, word, directive);
  }

  // server ADDRESS [option [value]]... The last key counts.
  void take_key_option(std::size_t file, std::span<const Word> words, const std::string &directive) {
    const Word *last = nullptr;
    for (const Word &word : words.subspan(std::min<std::size_t>(words.size(), 2)))
      if (lower(word.text) == "key")
        last = &word;
    if (last == nullptr)
      return;
    constexpr KeyId last_ntpsec_id = 65534; // here NTPsec refuses 65535, which it takes everywhere else
    if (last == &words.back())
      config_.files[file]->findings.add(last->offset, "bad-key-reference");
    else if (const auto id = key_id(file, last[1], config_.program == "ntpsec" ? last_ntpsec_id : 65535))
      config_.uses.push_back({{file, last[1].offset}, *id, directive});
  }

  // trustedkey ID... and ( FIRST ... LAST )
  void take_trusted(std::size_t file, std::span<const Word> words) {
    ++trusted_lines_;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].text == "(") {
        std::vector<Word> range;
        for (++i; i < words.size() && words[i].text != ")"; ++i)
          range.push_back(words[i]);
        if (range.size() != 3 || range[1].text != "...") {
          config_.files[file]->findings.add(words[std::min(i, words.size() - 1)].offset, "bad-key-reference",
                                            "the range of key ids is not written as ntpd reads it",
                                            "write ( 1 ... 10 ), with blanks around the dots");
          continue;
        }
        const auto first = key_id(file, range[0]), last = key_id(file, range[2]);
        if (first && last && *first <= *last)
          config_.trusted.push_back({{file, range[0].offset}, *first, *last, trusted_lines_});
      } else if (const auto id = key_id(file, words[i])) {
        config_.trusted.push_back({{file, words[i].offset}, *id, *id, trusted_lines_});
      }
    }
  }

  // Said once.
  bool has_enough(std::size_t file, std::uint32_t offset) {
    const bool enough = config_.files.size() >= most_files || looks_ >= most_looks || bytes_ >= most_bytes;
    if (enough && !told_)
      config_.files[file]->findings.add(offset, "include-loop",
                                        "far too much is included; from here on, no more files are read",
                                        "is something included again and again?");
    told_ = told_ || enough;
    return enough;
  }

  // A file, a folder where the program takes one, or (chrony) a pattern.
  void include(std::size_t file, const Word &word, std::size_t levels, std::string_view ending, Kind kind) {
    if (has_enough(file, word.offset))
      return;
    const std::string path = include_path(file, word);
    const auto [folder_path, name] = split_path(path);
    if (!is_ntp_ && name.find_first_of("*?[") != std::string::npos) {
      for (const std::string &each : names_in(folder_path))
        if (::fnmatch(name.c_str(), each.c_str(), FNM_PERIOD) == 0)
          include_file(file, word, path_in(folder_path, each), levels, kind);
      return;
    }
    if (is_ntp_)
      if (auto folder = files_.open_folder(path)) {
        for (const std::string &each : names_in(path))
          if (each.ends_with(ending))
            include_file(file, word, path_in(path, each), levels, kind);
        return;
      }
    include_file(file, word, path, levels, kind);
  }

  // Of files with the same name, the one in the folder that is named first counts.
  void include_folders(std::size_t file, std::span<const Word> folders, std::string_view ending, Kind kind) {
    struct Found {
      std::string name, path;
      Word word;
    };
    std::vector<Found> found;
    for (const Word &word : folders) {
      if (has_enough(file, word.offset))
        return;
      const std::string folder = include_path(file, word);
      for (const std::string &each : names_in(folder))
        if (each.ends_with(ending))
          found.push_back({each, path_in(folder, each), word});
    }
    std::ranges::stable_sort(found, {}, &Found::name);
    found.erase(std::unique(found.begin(), found.end(),
                            [](const Found &one, const Found &other) { return one.name == other.name; }),
                found.end());
    // Sources are read when all else has been: their folder can be named in the deepest file.
    const std::size_t levels = kind == Kind::sources ? chrony_levels + 1 : chrony_levels;
    for (const Found &each : found)
      include_file(file, each.word, each.path, levels, kind);
  }

  std::vector<std::string> names_in(const std::string &folder_path) {
    auto folder = files_.open_folder(folder_path);
    auto names = folder ? (*folder)->names() : failure(std::move(folder).error());
    if (!names)
      return {};
    looks_ += names->size();
    return std::move(*names);
  }

  void include_file(std::size_t file, const Word &word, const std::string &path, std::size_t levels, Kind kind) {
    Findings &findings = config_.files[file]->findings;
    if (has_enough(file, word.offset))
      return;
    ++looks_;
    if (std::ranges::find(open_, path) != open_.end() || open_.size() > levels) {
      findings.add(word.offset, "include-loop");
      return;
    }
    auto input = read_input_file(files_, path, "configuration file", largest_config, memory_);
    if (!input) {
      findings.add(word.offset, "include-missing",
                   "the file that is included here is not read: " + input.error().message);
      return;
    }
    take(path, std::move(input->text), kind);
  }

  // NTPsec reads the files of ntp.d beside its ntp.conf, too.
  void take_ntp_folder(const std::string &path) {
    const auto [folder, name] = split_path(path);
    if (config_.program != "ntpsec" || name != "ntp.conf")
      return;
    const std::string extra = path_in(folder, "ntp.d");
    for (const std::string &each : names_in(extra)) {
      const std::string found = path_in(extra, each);
      if (!each.ends_with(".conf") ||
          std::ranges::any_of(config_.files, [&](const auto &file) { return file->path == found; }))
        continue;
      if (has_enough(0, 0))
        return;
      if (auto input = read_input_file(files_, found, "configuration file", largest_config, memory_))
        take(found, std::move(input->text), Kind::config);
    }
  }

  FileSystem &files_;
  SecretMemory &memory_;
  DaemonConfig config_{};
  bool is_ntp_ = true;
  std::vector<std::string> open_{}; // the files that include each other
  std::size_t trusted_lines_ = 0;
  std::size_t looks_ = 0; // at names in folders, and at files
  std::uint64_t bytes_ = 0;
  bool told_ = false;
};

} // namespace

bool looks_like_daemon_config(std::string_view text) {
  const FirstWords found = first_words(text);
  return found.directives != 0 && found.numbers == 0 && 2 * found.directives >= found.lines;
}

bool looks_like_key_lines(std::string_view text) {
  const FirstWords found = first_words(text);
  return found.numbers != 0 && found.directives == 0 && 2 * found.numbers >= found.lines;
}

Result<DaemonConfig> read_daemon_config(FileSystem &files, const std::string &path,
                                        const std::optional<std::string> &program, SecretMemory &memory) {
  if (program && *program != "ntpsec" && *program != "classic" && *program != "chrony")
    return failure(ErrorCode::unsupported, "the configuration of " + *program + " is not known here",
                   "those of ntpsec, classic and chrony are");
  return Reader(files, memory).run(path, program);
}

} // namespace ntpkeygen
