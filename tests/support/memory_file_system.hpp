// A file system in memory: regular files, hard and symbolic links, folders, owners and modes for one acting user. It
// records what is asked of it, fails where it is told to, and lets a test act between two operations.
//
// tests/core/file_system_test.cpp holds it and the real one to the same rules.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ntpkeygen::test {

class MemoryFileSystem final : public FileSystem {
public:
  using Kind = FileStatus::Kind;

  // Setting the stage. Paths are <folder>/<name>, and `.` or a folder's own path for folders.
  void add_folder(const std::string &path, std::uint32_t mode = 0755, Owner owner = {}) {
    folders_[path] = Directory{mode, owner, {}};
  }
  void add_file(const std::string &path, std::string content, std::uint32_t mode = 0400, Owner owner = {}) {
    put(path, {Kind::regular, mode, owner, std::move(content)});
  }
  void add_link(const std::string &path, std::string target, Owner owner = {}) {
    put(path, {Kind::link, 0777, owner, std::move(target)});
  }
  void give_access_list(const std::string &path) {
    const auto [folder, name] = split(path);
    folders_.at(folder).entries.at(name)->has_access_list = true;
  }
  void add_special(const std::string &path, Kind kind) { put(path, {kind, 0755, {}, {}}); }
  void act_as(Owner user) { user_ = user; }

  // What the test looks at afterwards.
  struct Node {
    Kind kind{};
    std::uint32_t mode = 0;
    Owner owner{};
    std::string content{}; // of a link: its target
    bool has_access_list = false;
  };
  // Null: nothing there. A link is not followed.
  [[nodiscard]] const Node *find(const std::string &path) const {
    const auto [folder, name] = split(path);
    const auto directory = folders_.find(folder);
    if (directory == folders_.end())
      return nullptr;
    const auto entry = directory->second.entries.find(name);
    return entry == directory->second.entries.end() ? nullptr : entry->second.get();
  }
  // One line for each name in a folder: "ntp.keys -> target 0:0", "keys 0400 0:0 the content".
  [[nodiscard]] std::vector<std::string> listing(const std::string &folder) const {
    std::vector<std::string> lines;
    for (const auto &[name, node] : folders_.at(folder).entries) {
      std::string line = name;
      for (const std::string &field : {node->kind == Kind::link      ? "-> " + node->content
                                       : node->kind == Kind::regular ? octal(node->mode)
                                                                     : std::string("special"),
                                       words(node->owner)})
        line.append(1, ' ').append(field);
      if (node->kind == Kind::regular)
        line.append(1, ' ').append(node->content);
      lines.push_back(std::move(line));
    }
    return lines;
  }
  // Every operation in order: its name and what it was asked, "replace a -> b".
  [[nodiscard]] const std::vector<std::string> &operations() const { return operations_; }
  void forget_operations() { operations_.clear(); }

  // The operation after the next `count` ones fails, and so do the `more` after it.
  void fail_after(std::size_t count, int number, std::size_t more = 0) {
    fail_from_ = passed_ + count;
    fail_until_ = more < std::numeric_limits<std::size_t>::max() - fail_from_ ? fail_from_ + more + 1
                                                                              : std::numeric_limits<std::size_t>::max();
    fail_with_ = number;
  }
  // Every operation whose record begins so fails.
  void fail_on(std::string beginning, int number) { faults_.emplace_back(std::move(beginning), number); }
  void forget_faults() {
    faults_.clear();
    fail_from_ = std::numeric_limits<std::size_t>::max();
  }
  [[nodiscard]] bool has_failed() const { return failed_; }
  [[nodiscard]] bool somebody_has_a_turn() const { return turn_; }
  // Called once, just before the next operation whose record begins so: what another program does in between.
  void before(std::string beginning, std::function<void()> act) {
    acts_.emplace_back(std::move(beginning), std::move(act));
  }

  Result<std::unique_ptr<Folder>> open_folder(const std::string &path) override {
    if (auto entered = enter("open_folder " + path, path); !entered)
      return failure(entered.error());
    if (!folders_.contains(path))
      return failed(find(path) != nullptr ? ENOTDIR : ENOENT, "open_folder", path);
    return std::make_unique<MemoryFolder>(*this, path);
  }

  // To its end: who reads again finds nothing.
  Result<SecretText> read_standard_input(std::uint64_t limit, SecretMemory &memory) override {
    if (auto entered = enter("read_standard_input", "standard input"); !entered)
      return failure(entered.error());
    const std::string text = std::exchange(standard_input, {});
    if (text.size() > limit)
      return failure(ErrorCode::invalid_argument, "standard input is too large");
    return SecretText(memory, std::as_bytes(std::span(text)));
  }
  std::string standard_input;

private:
  using Entry = std::shared_ptr<Node>;
  struct Directory {
    std::uint32_t mode = 0755;
    Owner owner{};
    std::map<std::string, Entry> entries{};
  };

  class Turn final : public HeldFile {
  public:
    explicit Turn(MemoryFileSystem &files) : files_(files) { files_.turn_ = true; }
    ~Turn() override { files_.turn_ = false; }

  private:
    MemoryFileSystem &files_;
  };

  static std::pair<std::string, std::string> split(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? std::pair(std::string("."), path)
                              : std::pair(slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1));
  }
  static std::string octal(std::uint32_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
  }
  static std::string words(Owner owner) { return std::to_string(owner.user) + ":" + std::to_string(owner.group); }

  void put(const std::string &path, Node node) {
    const auto [folder, name] = split(path);
    folders_.at(folder).entries[name] = std::make_shared<Node>(std::move(node));
  }

  static tl::unexpected<Error> failed(int number, const std::string &operation, const std::string &path) {
    ErrorCode code = ErrorCode::io;
    switch (number) {
    case ENOENT:
      code = ErrorCode::not_found;
      break;
    case EEXIST:
      code = ErrorCode::already_exists;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::permission;
      break;
    case ENOTDIR:
    case ENAMETOOLONG:
      code = ErrorCode::invalid_argument;
      break;
    case EINVAL:
    case ENOSYS:
      code = operation == "exchange" ? ErrorCode::unsupported : ErrorCode::io;
      break;
    default:
      break;
    }
    return failure(
        Error{code, number, "cannot " + operation + " " + path + ": " + std::generic_category().message(number), {}});
  }

  Result<void> enter(const std::string &operation, const std::string &path) {
    operations_.push_back(operation);
    const auto act = std::find_if(acts_.begin(), acts_.end(),
                                  [&](const auto &candidate) { return operation.starts_with(candidate.first); });
    if (act != acts_.end()) {
      const std::function<void()> doing = std::move(act->second);
      acts_.erase(act);
      doing();
    }
    const std::string name = operation.substr(0, operation.find(' '));
    const std::size_t position = passed_++;
    if (position >= fail_from_ && position < fail_until_) {
      failed_ = true;
      return failed(fail_with_, name, path);
    }
    for (const auto &[beginning, number] : faults_)
      if (operation.starts_with(beginning)) {
        failed_ = true;
        return failed(number, name, path);
      }
    return {};
  }

  [[nodiscard]] bool may(std::uint32_t bit, std::uint32_t mode, Owner owner) const {
    const std::uint32_t shift = owner.user == user_.user ? 6 : owner.group == user_.group ? 3 : 0;
    return user_.user == 0 || ((mode >> shift) & bit) != 0;
  }

  class MemoryFolder;

  class MemoryFile final : public NewFile {
  public:
    MemoryFile(MemoryFileSystem &files, std::string folder)
        : files_(files), folder_(std::move(folder)),
          node_(std::make_shared<Node>(Node{Kind::regular, 0600, files.user_, {}})) {}

    Result<void> write(std::span<const std::byte> bytes) override {
      const std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
      if (auto entered = files_.enter("write", folder_); !entered) {
        node_->content += text.substr(0, text.size() / 2); // a disk that fills up has room for the first part
        return entered;
      }
      node_->content += text;
      return {};
    }
    Result<void> set_mode(std::uint32_t mode) override {
      if (auto entered = files_.enter("set_mode " + octal(mode), folder_); !entered)
        return entered;
      node_->mode = mode;
      return {};
    }
    Result<void> set_owner(Owner owner) override {
      if (auto entered = files_.enter("set_owner " + words(owner), folder_); !entered)
        return entered;
      if (files_.user_.user != 0 && owner != node_->owner)
        return failed(EPERM, "set_owner", folder_);
      node_->owner = owner;
      return {};
    }
    Result<void> sync() override { return files_.enter("sync_file", folder_); }
    Result<void> publish(const std::string &name) override {
      if (auto entered = files_.enter("publish " + name, path_in(folder_, name)); !entered)
        return entered;
      return files_.add(folder_, name, node_, "publish");
    }

  private:
    MemoryFileSystem &files_;
    std::string folder_;
    Entry node_;
  };

  // A further name for a node: publishing, linking, keeping.
  Result<void> add(const std::string &folder, const std::string &name, const Entry &node, const char *operation) {
    Directory &directory = folders_.at(folder);
    if (!may(2, directory.mode, directory.owner))
      return failed(EACCES, operation, path_in(folder, name));
    if (name.size() > 255)
      return failed(ENAMETOOLONG, operation, path_in(folder, name));
    if (!directory.entries.emplace(name, node).second)
      return failed(EEXIST, operation, path_in(folder, name));
    return {};
  }

  class MemoryFolder final : public Folder {
  public:
    MemoryFolder(MemoryFileSystem &files, std::string path) : files_(files), path_(std::move(path)) {}

    const std::string &path() const override { return path_; }

    Result<void> writable() override {
      if (auto entered = files_.enter("writable", path_); !entered)
        return entered;
      if (!files_.may(2, directory().mode, directory().owner))
        return failed(EACCES, "create files in", path_);
      return {};
    }
    Result<std::unique_ptr<NewFile>> create() override {
      if (auto entered = files_.enter("create", path_); !entered)
        return failure(entered.error());
      if (!files_.may(2, directory().mode, directory().owner))
        return failed(EACCES, "create", path_);
      return std::make_unique<MemoryFile>(files_, path_);
    }
    Result<std::optional<FileStatus>> status(const std::string &name) override {
      if (auto entered = files_.enter("status " + name, path_of(name)); !entered)
        return failure(entered.error());
      if (name == ".")
        return FileStatus{Kind::folder, directory().mode, directory().owner, 0};
      return described(look(name));
    }
    Result<std::optional<FileStatus>> target_status(const std::string &name) override {
      if (auto entered = files_.enter("target_status " + name, path_of(name)); !entered)
        return failure(entered.error());
      return described(follow(name));
    }
    Result<std::optional<std::string>> link_target(const std::string &name) override {
      if (auto entered = files_.enter("link_target " + name, path_of(name)); !entered)
        return failure(entered.error());
      const Node *node = look(name);
      return node != nullptr && node->kind == Kind::link ? std::optional(node->content) : std::nullopt;
    }
    Result<bool> is_link_to(const std::string &name, std::string_view target) override {
      if (auto entered = files_.enter("is_link_to " + name, path_of(name)); !entered)
        return failure(entered.error());
      const Node *node = look(name);
      return node != nullptr && node->kind == Kind::link && node->content == target;
    }
    Result<bool> leads_somewhere(const std::string &name) override {
      if (auto entered = files_.enter("leads_somewhere " + name, path_of(name)); !entered)
        return failure(entered.error());
      return follow(name) != nullptr;
    }
    Result<std::vector<std::string>> names() override {
      if (auto entered = files_.enter("names", path_); !entered)
        return failure(entered.error());
      std::vector<std::string> found;
      for (const auto &[name, node] : entries())
        found.push_back(name);
      return found;
    }
    Result<SecretText> read(const std::string &name, std::uint64_t limit, SecretMemory &memory) override {
      if (auto entered = files_.enter("read " + name, path_of(name)); !entered)
        return failure(entered.error());
      const Node *node = follow(name);
      if (node == nullptr)
        return failed(ENOENT, "read", path_of(name));
      if (node->kind != Kind::regular)
        return failure(ErrorCode::invalid_argument, path_of(name) + " is not a regular file");
      if (!files_.may(4, node->mode, node->owner))
        return failed(EACCES, "read", path_of(name));
      if (node->content.size() > limit)
        return failure(ErrorCode::invalid_argument, path_of(name) + " is too large");
      return SecretText(memory, std::as_bytes(std::span(node->content)));
    }
    Result<std::unique_ptr<HeldFile>> hold(const std::string &name) override {
      if (auto entered = files_.enter("hold " + name, path_of(name)); !entered)
        return failure(entered.error());
      const Node *node = follow(name);
      if (node == nullptr)
        return failed(ENOENT, "hold", path_of(name));
      if (!files_.may(4, node->mode, node->owner))
        return failed(EACCES, "hold", path_of(name));
      return std::make_unique<HeldFile>();
    }
    Result<std::unique_ptr<HeldFile>> take_turn(std::chrono::milliseconds /*patience*/) override {
      if (auto entered = files_.enter("take_turn", path_); !entered)
        return failure(entered.error());
      return std::make_unique<Turn>(files_);
    }
    Result<void> make_link(const std::string &target, const std::string &name) override {
      if (auto entered = files_.enter("make_link " + name + " -> " + target, path_of(name)); !entered)
        return entered;
      return files_.add(path_, name, std::make_shared<Node>(Node{Kind::link, 0777, files_.user_, target}), "make_link");
    }
    Result<void> replace(const std::string &from, const std::string &to) override {
      if (auto entered = files_.enter("replace " + from + " -> " + to, path_of(to)); !entered)
        return entered;
      const auto moved = entries().find(from);
      if (moved == entries().end())
        return failed(ENOENT, "replace", path_of(from));
      if (const Node *old = look(to); old != nullptr && old->kind == Kind::folder)
        return failed(EISDIR, "replace", path_of(to));
      if (entries().contains(to) && entries()[to] == moved->second)
        return {}; // rename(2): two names of one file stay as they are
      entries()[to] = moved->second;
      entries().erase(from);
      return {};
    }
    Result<void> exchange(const std::string &a, const std::string &b) override {
      if (auto entered = files_.enter("exchange " + a + " <-> " + b, path_of(b)); !entered)
        return entered;
      if (!entries().contains(a) || !entries().contains(b))
        return failed(ENOENT, "exchange", path_of(b));
      std::swap(entries()[a], entries()[b]);
      return {};
    }
    Result<void> keep_also_as(const std::string &existing, const std::string &name) override {
      if (auto entered = files_.enter("keep_also_as " + existing + " = " + name, path_of(name)); !entered)
        return entered;
      const auto kept = entries().find(existing);
      if (kept == entries().end())
        return failed(ENOENT, "keep_also_as", path_of(existing));
      return files_.add(path_, name, kept->second, "keep_also_as");
    }
    Result<void> remove(const std::string &name) override {
      if (auto entered = files_.enter("remove " + name, path_of(name)); !entered)
        return entered;
      if (entries().erase(name) == 0)
        return failed(ENOENT, "remove", path_of(name));
      return {};
    }
    Result<void> sync() override { return files_.enter("sync_folder", path_); }

  private:
    Directory &directory() { return files_.folders_.at(path_); }
    std::map<std::string, Entry> &entries() { return directory().entries; }
    const Node *look(const std::string &name) {
      const auto entry = entries().find(name);
      return entry == entries().end() ? nullptr : entry->second.get();
    }
    // A link's target, in this folder or by an absolute path; links to links are not needed so far.
    const Node *follow(const std::string &name) {
      const Node *node = look(name);
      if (node == nullptr || node->kind != Kind::link)
        return node;
      const Node *target = node->content.starts_with('/') ? files_.find(node->content) : look(node->content);
      return target != nullptr && target->kind == Kind::link ? nullptr : target;
    }
    static std::optional<FileStatus> described(const Node *node) {
      if (node == nullptr)
        return std::nullopt;
      return FileStatus{node->kind, node->mode, node->owner, node->content.size(), node->has_access_list};
    }

    MemoryFileSystem &files_;
    std::string path_;
  };

  std::map<std::string, Directory> folders_{{".", Directory{}}};
  Owner user_{};
  std::vector<std::string> operations_;
  std::size_t passed_ = 0;
  std::size_t fail_from_ = std::numeric_limits<std::size_t>::max(), fail_until_ = 0;
  int fail_with_ = 0;
  bool turn_ = false;
  bool failed_ = false;
  std::vector<std::pair<std::string, int>> faults_;
  std::vector<std::pair<std::string, std::function<void()>>> acts_;
};

} // namespace ntpkeygen::test
