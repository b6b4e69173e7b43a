// Runs a part of a test in a process of its own, for what a process cannot take back: another user, system calls that
// are refused, another view of the mounted file systems.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <grp.h>
#include <gtest/gtest.h>
#include <iterator>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ntpkeygen::test {

// Thrown in a child process: this machine does not allow what the test needs, so it is skipped.
struct CannotRunHere : std::runtime_error {
  explicit CannotRunHere(const std::string &what) : runtime_error(what + ": " + std::strerror(errno)) {}
};

// Failures and skips in `body` are printed by the child and count for the calling test.
template <class Body> void in_child(Body &&body) {
  constexpr int failed = 1, skipped = 2;
  std::fflush(nullptr); // or the child prints it again
  const pid_t child = ::fork();
  ASSERT_GE(child, 0) << std::strerror(errno);
  if (child == 0) {
    bool cannot_run = false;
    try {
      body();
    } catch (const CannotRunHere &reason) {
      cannot_run = true;
      std::printf("Skipped: %s\n", reason.what());
    } catch (const std::exception &exception) {
      ADD_FAILURE() << exception.what();
    }
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? failed : cannot_run ? skipped : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == skipped)
    GTEST_SKIP() << "in a child process, for the reason above";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the child process failed, see above";
}

// From here on the calling process is an ordinary user, if it is not one already.
inline void drop_privileges() {
  constexpr uid_t nobody = 65534;
  if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
                           ::setresuid(nobody, nobody, nobody) != 0))
    throw CannotRunHere("root's privileges cannot be dropped");
}

// From here on a system call of the calling process fails with `error`; with `flags`, only where its argument number
// `argument`, counted from 0, has one of them.
inline void refuse_call(long call, int error, unsigned argument = 0, std::uint32_t flags = 0) {
  constexpr unsigned low_half = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
  const auto position = static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * argument + low_half);
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, position),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (flags == 0)
    filter[3] = filter[4];
  const sock_fprog program{static_cast<unsigned short>(std::size(filter)), filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    throw CannotRunHere("system calls cannot be refused (seccomp)");
}

// From here on the calling process, and nobody else, sees an empty file system of this type on `folder`.
inline void mount_for_this_process(const char *type, const std::string &folder, const char *options = nullptr) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", folder.c_str(), type, 0, options) != 0)
    throw CannotRunHere("no file system can be mounted");
}

} // namespace ntpkeygen::test
