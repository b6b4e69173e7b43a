#include "ntpkeygen/host/publisher.hpp"

#include "numbered_name.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace ntpkeygen {
namespace {

using Kind = FileStatus::Kind;

constexpr std::uint32_t default_mode = 0400;
constexpr std::uint32_t inheritable_mode = 0660; // nothing for others, no execute bits
constexpr std::uint32_t group_bits = 0060;

Result<void> check_name(const std::string &name, bool numbered, const std::string &what) {
  constexpr std::size_t longest = 255;       // NAME_MAX
  constexpr std::size_t filestamp_size = 10; // NTP seconds, until the year 2216
  if (name.empty() || name == "." || name == ".." || name.find_first_of(std::string_view("/\0", 2)) != name.npos)
    return failure(ErrorCode::invalid_argument, "'" + name + "' cannot be " + what,
                   "it must not be empty, '.' or '..', and must have no slash");
  // It stands in a comment line of the file, and in what is said of it.
  if (std::ranges::any_of(name, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }))
    return failure(ErrorCode::invalid_argument, what + " has a control character, such as a line end: " + name,
                   "choose another name");
  const std::size_t size = name.size() + (numbered ? filestamp_size : 0);
  if (size > longest)
    return failure(ErrorCode::invalid_argument,
                   what + " would be " + std::to_string(size) + " characters long, but at most " +
                       std::to_string(longest) + " are possible: " + name,
                   "choose a shorter name");
  return {};
}

Result<void> check_names(const Destination &destination) {
  if (destination.is_exact())
    return check_name(destination.exact_name, false, "the file's name");
  if (Result<void> checked = check_name(destination.prefix, true, "the file's name"); !checked)
    return checked;
  return destination.link.empty() ? Result<void>() : check_name(destination.link, false, "the link's name");
}

// Whether what stands under a name is this user's or the administrator's own: its owner and mode are a wish then, and
// its lines are keys. `file`: what the name leads to.
Result<bool> is_trusted(Folder &folder, const std::string &name, const FileStatus &found, const FileStatus &file,
                        std::uint32_t effective_user) {
  const auto own = [&](const FileStatus &status) {
    return status.owner.user == 0 || status.owner.user == effective_user;
  };
  if (own(found) && own(file))
    return true;
  // Somebody else's file: only where he could not have put it there himself, or owns the folder anyway.
  const Result<std::optional<FileStatus>> around = folder.status(".");
  if (!around)
    return failure(around.error());
  constexpr std::uint32_t writable_by_others = 022;
  if (!*around || ((*around)->mode & writable_by_others) != 0)
    return false;
  const bool owns_the_folder = file.owner.user == (*around)->owner.user;
  if (found.kind != Kind::link)
    return own(**around) || owns_the_folder;
  const Result<std::optional<std::string>> target = folder.link_target(name);
  if (!target)
    return failure(target.error());
  const bool leads_out = !*target || (*target)->find('/') != std::string::npos;
  return !leads_out && (own(found) || found.owner.user == (*around)->owner.user) && (own(**around) || owns_the_folder);
}

Result<std::optional<Publisher::Replaced>> survey_exact(Folder &folder, const Destination &destination,
                                                        std::uint32_t effective_user) {
  const std::string &name = destination.exact_name;
  const std::string path = folder.path_of(name);
  const Result<std::optional<FileStatus>> found = folder.status(name);
  if (!found)
    return failure(found.error());
  if (!found->has_value())
    return std::nullopt;
  FileStatus file = **found;
  if (file.kind == Kind::folder)
    return failure(ErrorCode::already_exists, path + " is a folder", "name a file: --output " + path + "/FILE");
  if (file.kind == Kind::link) {
    const Result<std::optional<std::string>> says = folder.link_target(name);
    if (!says)
      return failure(says.error());
    if (*says && (*says)->starts_with("/proc/"))
      return failure(ErrorCode::already_exists, path + " stands for an open file: it is a link to " + **says,
                     "'--output -' writes to standard output");
    // The name is what is replaced: the link is kept as it is, and what it points to stays where it is.
    const Result<std::optional<FileStatus>> target = folder.target_status(name);
    if (!target)
      return failure(target.error());
    if (!target->has_value())
      return failure(ErrorCode::already_exists, path + " is a link that leads nowhere", "remove it first");
    file = **target;
  }
  if (file.kind != Kind::regular)
    return failure(ErrorCode::already_exists, path + " is neither a regular file nor a link to one",
                   "choose another name");
  if (!destination.replace)
    return failure(ErrorCode::already_exists, path + " exists",
                   "--replace puts the new file in its place and keeps the old one as " + name + ".<filestamp>");
  if (Result<void> checked = check_name(name + ".", true, "the name of the kept file"); !checked)
    return failure(checked.error());
  const Result<bool> trusted = is_trusted(folder, name, **found, file, effective_user);
  if (!trusted)
    return failure(trusted.error());
  return Publisher::Replaced{name, file, *trusted};
}

// Why what stands under the link's name stays there.
tl::unexpected<Error> in_the_links_way(const Folder &folder, const Destination &destination, Kind kind) {
  const std::string &link = destination.link;
  const std::string path = folder.path_of(link);
  if (kind == Kind::regular)
    return failure(ErrorCode::already_exists, path + " is a regular file, perhaps somebody's keys, and not a link",
                   "this keeps it as " + link +
                       ".<filestamp> and puts the link in its place: " + destination.adopt_command);
  return failure(ErrorCode::already_exists,
                 path + (kind == Kind::folder ? " is a folder" : " is neither a file nor a link"),
                 "move it away, or leave out the link with --no-link");
}

Result<std::optional<Publisher::Replaced>> survey_link(Folder &folder, const Destination &destination,
                                                       std::uint32_t effective_user) {
  const std::string &link = destination.link;
  const Result<std::optional<FileStatus>> found = folder.status(link);
  if (!found)
    return failure(found.error());
  if (!found->has_value())
    return std::nullopt;
  FileStatus file = **found;
  if (file.kind == Kind::link) {
    const Result<std::optional<FileStatus>> target = folder.target_status(link);
    if (!target)
      return failure(target.error());
    if (!target->has_value() || (*target)->kind != Kind::regular)
      return std::nullopt;
    file = **target;
  } else if (file.kind != Kind::regular || !destination.adopt) {
    return in_the_links_way(folder, destination, file.kind);
  } else if (const Result<void> checked = check_name(link + ".", true, "the name of the kept file"); !checked) {
    return failure(checked.error());
  }
  const Result<bool> trusted = is_trusted(folder, link, **found, file, effective_user);
  if (!trusted)
    return failure(trusted.error());
  return Publisher::Replaced{link, file, *trusted};
}

// How to take back what has been done so far, the latest first. Between a change to the folder and the note of it
// nothing may fail, not even for want of memory: what takes the change back is prepared before.
class Rollback {
public:
  using Step = std::function<Result<void>()>;

  // `sync`: called between two steps, or a disk that reorders writes could come back with the second without the first:
  // a link to a file that is removed, an old file that never got its name back.
  explicit Rollback(Step sync) : sync_(std::move(sync)) {}
  Rollback(const Rollback &) = delete;
  Rollback &operator=(const Rollback &) = delete;
  ~Rollback() { static_cast<void>(run()); } // on an exception; else nothing is left to do

  // What is going to take back the next change.
  void prepare(Step step) {
    steps_.reserve(steps_.size() + 1);
    next_ = std::move(step);
  }
  void note_change() noexcept { steps_.push_back(std::move(next_)); }
  // For what a change is the end of.
  void forget_last() noexcept { steps_.pop_back(); }
  void forget() noexcept { steps_.clear(); }

  // Stops at a step that fails: what came before it may now hold the only copy of somebody's keys.
  Result<void> run() {
    Result<void> undone;
    while (undone && !steps_.empty()) {
      undone = guarded(steps_.back());
      steps_.pop_back();
      if (undone && !steps_.empty())
        undone = guarded(sync_);
    }
    steps_.clear();
    return undone;
  }

private:
  std::vector<Step> steps_;
  Step next_, sync_;
};

// One file on its way into the folder.
class Publication {
public:
  Publication(Folder &folder, const Destination &destination, const std::optional<Publisher::Replaced> &replaced,
              const Permissions &permissions, const Publisher::Render &render, const Publisher::Confirm &confirm)
      : folder_(folder), destination_(destination), replaced_(replaced), permissions_(permissions), render_(render),
        confirm_(confirm) {}

  Result<Published> run(std::uint64_t filestamp) {
    published_.filestamp = filestamp;
    if (!destination_.link.empty()) {
      beside_ = temporary_prefix();
      beside_prefix_ = beside_.size();
      constexpr std::size_t digits = 2;
      beside_.reserve(beside_prefix_ + digits);
    }
    Result<void> done = !destination_.is_exact() ? stamped(filestamp) : replaced_ ? replacing(filestamp) : exact();
    if (done && confirm_)
      done = confirm_(published_);
    if (done) {
      rollback_.forget();
      return std::move(published_);
    }
    Error error = done.error();
    if (const Result<void> undone = rollback_.run(); !undone)
      error.message += "; and it could not all be undone: " + undone.error().message;
    return failure(std::move(error));
  }

private:
  // A change that was prepared for, if it was made.
  Result<void> noted(Result<void> changed) {
    if (changed)
      rollback_.note_change();
    return changed;
  }
  Result<bool> noted(Result<bool> changed) {
    if (changed && *changed)
      rollback_.note_change();
    return changed;
  }

  Result<void> stamped(std::uint64_t filestamp) {
    const Result<NumberedName> made = take_numbered_name(
        folder_.path(), destination_.prefix, filestamp, [&](const std::string &name) -> Result<bool> {
          // Publishing would find out as well, but only after all the work.
          const Result<std::optional<FileStatus>> found = folder_.status(name);
          if (!found)
            return failure(found.error());
          if (found->has_value())
            return false;
          const Result<std::unique_ptr<NewFile>> file = write(name);
          if (!file)
            return failure(file.error());
          if (Result<void> turn = take_turn(); !turn)
            return failure(std::move(turn.error()));
          published_.name = name;
          rollback_.prepare([this] { return take_file_back(); });
          return noted(unless_taken((*file)->publish(name)));
        });
    if (!made)
      return failure(made.error());
    published_.filestamp = made->number;
    // Before the link, or a disk that reorders could come back with a link to nothing.
    if (Result<void> synced = sync(); !synced || destination_.link.empty())
      return synced;

    published_.link = destination_.link;
    if (destination_.builds_on_replaced && !replaced_)
      return place_first_link();
    if (!destination_.adopt)
      return place_link();
    const Result<std::optional<FileStatus>> found = folder_.status(destination_.link);
    if (!found)
      return failure(found.error());
    return found->has_value() && (*found)->kind == Kind::regular ? adopt() : place_link();
  }

  // What the link leads to now is what another run can trust to stay, and what this one puts back: those who write here
  // do so one after another, from the file's name to the end of the confirmation.
  Result<void> take_turn() {
    if (destination_.link.empty() || std::exchange(has_waited_, true))
      return {};
    constexpr std::chrono::seconds patience{20};
    Result<std::unique_ptr<HeldFile>> turn = folder_.take_turn(patience);
    if (!turn)
      return failure(std::move(turn.error()));
    turn_ = *std::move(turn);
    Result<std::optional<std::string>> target = folder_.link_target(destination_.link);
    if (!target)
      return failure(std::move(target.error()));
    link_at_first_ = *std::move(target);
    return {};
  }

  Result<void> exact() {
    published_.name = destination_.exact_name;
    const Result<std::unique_ptr<NewFile>> file = write(published_.name);
    if (!file)
      return failure(file.error());
    rollback_.prepare([this] { return folder_.remove(published_.name); });
    if (Result<void> made = noted((*file)->publish(published_.name)); !made) {
      if (made.error().code == ErrorCode::already_exists)
        made.error().hint = "it was not there a moment ago: is another program writing it?";
      return made;
    }
    return sync();
  }

  Result<void> replacing(std::uint64_t filestamp) {
    const std::string &name = published_.name = destination_.exact_name;
    const Result<std::unique_ptr<NewFile>> file = write(name);
    if (!file)
      return failure(file.error());
    const Result<NumberedName> made =
        take_numbered_name(folder_.path(), name + ".", filestamp, [&](const std::string &stamped_name) {
          rollback_.prepare([this, stamped_name] { return folder_.remove(stamped_name); });
          return noted(unless_taken((*file)->publish(stamped_name)));
        });
    if (!made)
      return failure(made.error());
    const std::string &beside = made->name;
    published_.filestamp = made->number;
    if (Result<void> synced = sync(); !synced)
      return synced;

    rollback_.prepare([this, beside] { return folder_.exchange(beside, published_.name); });
    Result<void> exchanged = noted(folder_.exchange(beside, name));
    if (exchanged) {
      published_.kept_as = beside;
      return sync();
    }
    if (exchanged.error().code != ErrorCode::unsupported)
      return exchanged;
    if (Result<void> kept = keep(name, made->number + 1); !kept)
      return kept;
    rollback_.prepare([this] { return folder_.replace(*published_.kept_as, published_.name); });
    if (Result<void> replaced = folder_.replace(beside, name); !replaced)
      return replaced;
    rollback_.forget();
    rollback_.note_change();
    return sync();
  }

  // A complete file without a name, its bytes on the disk.
  Result<std::unique_ptr<NewFile>> write(const std::string &name) {
    const Result<SecretText> content = render_(name);
    if (!content)
      return failure(content.error());
    Result<std::unique_ptr<NewFile>> file = folder_.create();
    if (!file)
      return file;
    Result<void> done = (*file)->write(content->reveal());
    if (done)
      done = set_mode(**file);
    if (done) // after the mode: who gives a file away may not be allowed to change it any more
      done = set_owner(**file);
    if (done && destination_.sync)
      done = (*file)->sync();
    if (!done)
      return failure(std::move(done.error()));
    return file;
  }

  [[nodiscard]] bool inherits() const { return replaced_ && replaced_->trusted; }

  Result<void> set_mode(NewFile &file) {
    published_.mode = permissions_.mode.value_or(default_mode);
    if (!permissions_.mode && inherits()) {
      const FileStatus &old = replaced_->status;
      const bool other_group = permissions_.owner && permissions_.owner->group != old.owner.group;
      published_.group_left_out = (old.mode & group_bits) != 0 && (old.has_access_list || other_group);
      published_.mode |= old.mode & inheritable_mode & ~(published_.group_left_out ? group_bits : 0);
    }
    return file.set_mode(published_.mode);
  }

  Result<void> set_owner(NewFile &file) {
    published_.owner = permissions_.owner;
    if (!published_.owner && inherits())
      published_.owner = replaced_->status.owner;
    if (!published_.owner)
      return {};
    Result<void> set = file.set_owner(*published_.owner);
    if (!set && !permissions_.owner && (set.error().sys_errno == EPERM || set.error().sys_errno == EINVAL))
      set.error().hint = "this is the owner of the file that is replaced: run as root, or choose another with --owner";
    return set;
  }

  Result<void> sync() {
    if (!destination_.sync)
      return {};
    Result<void> synced = folder_.sync();
    // EBADF: a folder that may be searched but not read. EINVAL: a file system that cannot do this.
    if (!synced && (synced.error().sys_errno == EBADF || synced.error().sys_errno == EINVAL))
      synced.error().hint = "make the folder readable for you, or leave this out with --no-sync";
    return synced;
  }

  // The regular file under the link's name is kept under another, and the link takes its place.
  Result<void> adopt() {
    const std::string &link = destination_.link;
    const Result<NumberedName> made =
        take_numbered_name(folder_.path(), link + ".", published_.filestamp, [&](const std::string &name) {
          rollback_.prepare([this, name] { return folder_.remove(name); });
          return noted(unless_taken(folder_.make_link(published_.name, name)));
        });
    if (!made)
      return failure(made.error());
    const std::string &beside = made->name;

    rollback_.prepare([this, beside] { return folder_.exchange(beside, destination_.link); });
    Result<void> exchanged = noted(folder_.exchange(beside, link));
    if (exchanged) {
      if (Result<void> synced = sync(); !synced)
        return synced;
      const Result<std::optional<std::string>> target = folder_.link_target(beside);
      if (target && *target) { // another run adopted the file in the meantime: this is its link
        rollback_.prepare([this, old_target = *target] { return put_link_back(old_target); });
        if (Result<void> removed = folder_.remove(beside); !removed)
          return removed;
        rollback_.forget_last();
        rollback_.forget_last();
        rollback_.note_change();
        return {};
      }
      published_.kept_as = beside;
      return {};
    }
    if (exchanged.error().code != ErrorCode::unsupported)
      return exchanged;
    if (Result<void> removed = folder_.remove(beside); !removed)
      return removed;
    rollback_.forget_last();
    if (Result<void> kept = keep(link, published_.filestamp); !kept)
      return kept;
    const Result<std::string> temporary = make_temporary_link();
    return temporary ? rename_link(*temporary, true) : failure(temporary.error());
  }

  // A second name for the old file, where names cannot be exchanged.
  Result<void> keep(const std::string &name, std::uint64_t filestamp) {
    const Result<NumberedName> made =
        take_numbered_name(folder_.path(), name + ".", filestamp, [&](const std::string &kept) {
          published_.kept_as = kept;
          rollback_.prepare([this] { return folder_.remove(*published_.kept_as); });
          return noted(unless_taken(folder_.keep_also_as(name, kept)));
        });
    return made ? sync() : failure(made.error());
  }

  // Where there was no file to build on, there must be none now either: what another run has made is not put aside.
  Result<void> place_first_link() {
    const Result<std::optional<FileStatus>> found = folder_.status(destination_.link);
    if (!found)
      return failure(found.error());
    if (found->has_value() && (*found)->kind == Kind::link) {
      const Result<std::optional<FileStatus>> target = folder_.target_status(destination_.link);
      if (!target)
        return failure(target.error());
      if (!*target || (*target)->kind != Kind::regular) // there is nothing to build on, and was nothing before
        return place_link();
    }
    Result<void> made = make_first_link();
    if (!made && made.error().code == ErrorCode::already_exists)
      made.error().hint = "another run has made it in the meantime: run this again, and it continues there";
    return made;
  }

  Result<void> make_first_link() {
    rollback_.prepare([this] { return put_link_back(std::nullopt); });
    if (Result<void> made = noted(folder_.make_link(published_.name, destination_.link)); !made)
      return made;
    return sync();
  }

  Result<std::string> make_temporary_link() {
    Result<NumberedName> made = take_numbered_name(folder_.path(), temporary_prefix(), 0, [&](const std::string &name) {
      rollback_.prepare([this, name] { return folder_.remove(name); });
      return noted(unless_taken(folder_.make_link(published_.name, name)));
    });
    if (!made)
      return failure(std::move(made.error()));
    return std::move(made->name);
  }

  // What could be somebody's keys is never replaced, at whatever moment it appears: a first link takes a free name
  // only, and what another one is exchanged for is looked at before it is removed.
  Result<void> place_link() {
    const std::string &link = destination_.link;
    if (!replaced_) { // nothing, or a link that leads nowhere
      Result<void> made = make_first_link();
      if (made || made.error().code != ErrorCode::already_exists)
        return made;
      const Result<std::optional<FileStatus>> found = folder_.status(link);
      if (!found)
        return failure(found.error());
      if (found->has_value() && (*found)->kind != Kind::link)
        return in_the_links_way(folder_, destination_, (*found)->kind);
    }
    const Result<std::string> temporary = make_temporary_link();
    if (!temporary)
      return failure(temporary.error());
    rollback_.prepare([this, temporary = *temporary] { return exchange_back(temporary); });
    if (Result<void> exchanged = folder_.exchange(*temporary, link); !exchanged) {
      if (exchanged.error().code == ErrorCode::unsupported)
        return rename_link(*temporary, false);
      if (exchanged.error().code != ErrorCode::not_found)
        return exchanged;
      // The old link has gone in the meantime.
      if (Result<void> removed = folder_.remove(*temporary); !removed)
        return removed;
      rollback_.forget_last();
      return make_first_link();
    }
    rollback_.forget_last();
    rollback_.note_change();

    const Result<std::optional<std::string>> old_target = folder_.link_target(*temporary);
    if (!old_target)
      return failure(old_target.error());
    if (!*old_target) {
      const Result<std::optional<FileStatus>> found = folder_.status(*temporary);
      if (!found)
        return failure(found.error());
      return in_the_links_way(folder_, destination_, *found ? (*found)->kind : Kind::other);
    }
    published_.old_target = *old_target;
    rollback_.prepare([this] { return put_link_back(published_.old_target); });
    if (Result<void> removed = folder_.remove(*temporary); !removed)
      return removed;
    rollback_.forget_last();
    rollback_.note_change();
    return sync();
  }

  // Takes the link back out of its place, and puts there what it was exchanged for.
  Result<void> exchange_back(const std::string &temporary) {
    if (Result<void> exchanged = folder_.exchange(temporary, destination_.link); !exchanged)
      return exchanged;
    const Result<bool> ours = folder_.is_link_to(temporary, published_.name);
    if (!ours)
      return failure(ours.error());
    if (!*ours)
      return failure(ErrorCode::already_exists, "what took the place of " + folder_.path_of(destination_.link) +
                                                    " meanwhile is kept as " + temporary);
    return folder_.remove(temporary);
  }

  // Where names cannot be exchanged: between the last look and the rename, nothing holds others off.
  // `kept`: the regular file that stands under the link's name has a second name.
  Result<void> rename_link(const std::string &temporary, bool kept) {
    can_exchange_ = false;
    const std::string &link = destination_.link;
    const Result<std::optional<FileStatus>> found = folder_.status(link);
    if (!found)
      return failure(found.error());
    if (found->has_value() && (*found)->kind != Kind::link && !(kept && (*found)->kind == Kind::regular))
      return in_the_links_way(folder_, destination_, (*found)->kind);
    Result<std::optional<std::string>> old_target = folder_.link_target(link);
    if (!old_target)
      return failure(std::move(old_target.error()));
    published_.old_target = std::move(*old_target);

    if (kept)
      rollback_.prepare([this] { return folder_.replace(*published_.kept_as, destination_.link); });
    else
      rollback_.prepare([this] { return put_link_back(published_.old_target); });
    if (Result<void> replaced = folder_.replace(temporary, link); !replaced)
      return replaced;
    rollback_.forget_last();
    if (kept)
      rollback_.forget_last(); // the kept name goes back with the file
    rollback_.note_change();
    return sync();
  }

  // Another run can have replaced this one's link, failed as well, and put it back in the meantime.
  Result<void> take_file_back() {
    if (Result<void> removed = folder_.remove(published_.name); !removed || destination_.link.empty())
      return removed;
    return put_link_back(link_at_first_);
  }

  // This and all that it calls take no memory, unless there is an error to tell of.
  Result<void> put_link_back(const std::optional<std::string> &old_target) {
    const Result<bool> own = folder_.is_link_to(destination_.link, published_.name);
    if (!own)
      return failure(own.error());
    if (!*own) // another run has already put its own there
      return {};
    Result<bool> back = old_target ? exchange_link_back(*old_target) : take_link_away();
    // What it led to last can be another run's file, which was taken back since.
    if (back && !*back && (link_at_first_ || !replaced_))
      back = link_at_first_ ? exchange_link_back(*link_at_first_) : take_link_away();
    if (!back)
      return failure(back.error());
    if (*back)
      return {};
    return failure(ErrorCode::not_found, folder_.path_of(destination_.link) + " still leads to " + published_.name +
                                             ": what it led to before, " + *old_target + ", has gone");
  }

  // False, and nothing has changed, where that leads nowhere, unless it did so before this run.
  Result<bool> exchange_link_back(const std::string &old_target) {
    const std::string &link = destination_.link;
    if (Result<void> made = make_link_beside(old_target); !made)
      return failure(made.error());
    const auto is_as_good_as_before = [&](const std::string &name) {
      const Result<bool> found = folder_.leads_somewhere(name);
      return !found || *found || (!replaced_ && old_target == link_at_first_);
    };
    bool back = is_as_good_as_before(beside_);
    Result<void> done;
    if (back && can_exchange_)
      done = folder_.exchange(beside_, link);
    if (back && (!can_exchange_ || (!done && done.error().code == ErrorCode::unsupported))) {
      if (done = folder_.replace(beside_, link); done)
        return true;
    } else if (done && back) {
      // Between the looks and the exchange another run can have put its link there, or taken that file back.
      const Result<bool> own = folder_.is_link_to(beside_, published_.name);
      const bool not_own = own && !*own;
      back = not_own || is_as_good_as_before(link);
      if (not_own || !back)
        done = folder_.exchange(beside_, link);
    }
    if (const Result<void> removed = remove_beside_if_link(); done)
      done = removed;
    return done ? Result<bool>(back) : failure(done.error());
  }

  // True.
  Result<bool> take_link_away() {
    const std::string &link = destination_.link;
    if (Result<void> made = make_link_beside(published_.name); !made)
      return failure(made.error());
    Result<void> done = folder_.replace(link, beside_);
    if (done) {
      const Result<bool> own = folder_.is_link_to(beside_, published_.name);
      if (own && !*own) { // another run was quicker
        done = folder_.keep_also_as(beside_, link);
        if (done) {
          if (done = folder_.remove(beside_); done)
            return true;
        } else if (done.error().code == ErrorCode::already_exists) {
          done = {};
        }
      }
    } else if (done.error().code == ErrorCode::not_found) {
      done = {};
    }
    if (const Result<void> removed = remove_beside_if_link(); done)
      done = removed;
    return done ? Result<bool>(true) : failure(done.error());
  }

  Result<void> make_link_beside(const std::string &target) {
    constexpr int most_tries = 100;
    Result<void> made;
    for (int number = 0; number < most_tries; ++number) {
      beside_.resize(beside_prefix_);
      beside_ += std::to_string(number);
      made = folder_.make_link(target, beside_);
      if (made || made.error().code != ErrorCode::already_exists)
        break;
    }
    return made;
  }

  Result<void> remove_beside_if_link() {
    const Result<std::optional<FileStatus>> found = folder_.status(beside_);
    if (!found)
      return failure(found.error());
    if (*found && (*found)->kind == Kind::link)
      return folder_.remove(beside_);
    return failure(ErrorCode::already_exists,
                   "what took the place of " + folder_.path_of(destination_.link) + " meanwhile is kept as " + beside_);
  }

  Folder &folder_;
  const Destination &destination_;
  const std::optional<Publisher::Replaced> &replaced_;
  const Permissions &permissions_;
  const Publisher::Render &render_;
  const Publisher::Confirm &confirm_;
  bool has_waited_ = false;
  std::unique_ptr<HeldFile> turn_;           // until all is undone, too
  std::optional<std::string> link_at_first_; // what the link led to before this run
  std::string beside_;                       // a temporary name, with room for a number behind the prefix
  std::size_t beside_prefix_ = 0;
  bool can_exchange_ = true; // once refused, it is not tried again: the refusal takes memory
  Published published_;
  Rollback rollback_{[this] { return sync(); }};
};

} // namespace

Result<Publisher> Publisher::open(FileSystem &files, Destination destination, std::uint32_t effective_user) {
  if (const Result<void> checked = check_names(destination); !checked)
    return failure(checked.error());
  Result<std::unique_ptr<Folder>> folder = files.open_folder(destination.folder);
  if (!folder)
    return failure(std::move(folder.error()));
  if (const Result<void> writable = (*folder)->writable(); !writable)
    return failure(writable.error());
  const auto survey = [&]() -> Result<std::optional<Replaced>> {
    if (destination.is_exact())
      return survey_exact(**folder, destination, effective_user);
    if (!destination.link.empty())
      return survey_link(**folder, destination, effective_user);
    return std::nullopt;
  };
  Result<std::optional<Replaced>> replaced = survey();
  std::unique_ptr<HeldFile> held;
  if (replaced && *replaced && destination.builds_on_replaced) {
    Result<std::unique_ptr<HeldFile>> hold = (*folder)->hold((*replaced)->name);
    if (!hold)
      return failure(std::move(hold.error()));
    held = std::move(*hold);
    replaced = survey(); // another run may have been waited for
  }
  if (!replaced)
    return failure(std::move(replaced.error()));
  return Publisher(std::move(*folder), std::move(destination), std::move(*replaced), std::move(held));
}

Result<SecretText> Publisher::read_replaced(std::uint64_t limit, SecretMemory &memory) const {
  if (!replaced_)
    return failure(ErrorCode::not_found, "no keys file is replaced in " + folder_->path());
  return folder_->read(replaced_->name, limit, memory);
}

Result<Published> Publisher::publish(const Permissions &permissions, std::uint64_t filestamp, const Render &render,
                                     const Confirm &confirm) const {
  return Publication(*folder_, destination_, replaced_, permissions, render, confirm).run(filestamp);
}

} // namespace ntpkeygen
