#include "cli/inheritance.hpp"

#include "cli/shell_words.hpp"

namespace ntpkeygen::cli {

Result<void> check_lines_are_the_owners(const Publisher::Replaced &replaced, const std::string &path) {
  const FileStatus &file = replaced.status;
  // A group of the user's own number has nobody else in it, by custom. An access control list may name anybody.
  const bool private_group = file.owner.group == file.owner.user && !file.has_access_list;
  if ((file.mode & 0002U) == 0 && ((file.mode & 0020U) == 0 || private_group))
    return {};
  return failure(ErrorCode::permission, "the lines of " + path + " are not carried over: other users can write to it",
                 "make sure that its lines are yours, then: chmod go-w " + quoted_for_a_shell(path) +
                     "; or leave out '--keep-current'");
}

void report_what_is_not_inherited(const Published &published, const std::optional<Publisher::Replaced> &replaced,
                                  const std::string &folder, Messages &messages) {
  if (!replaced)
    return;
  const std::string path = path_in(folder, replaced->name);
  if (published.group_left_out)
    messages.warning("what the mode of " + path + ", the replaced file, allows a group was not taken over: " +
                         (replaced->status.has_access_list ? "an access control list decides there who is meant"
                                                           : "the new file has another group"),
                     "'--mode' says what the group may");
  if (!replaced->trusted)
    messages.warning("owner and mode of the replaced file were not taken over: somebody else could have put " + path +
                         " there",
                     "'--owner' and '--mode' set them");
}

} // namespace ntpkeygen::cli
