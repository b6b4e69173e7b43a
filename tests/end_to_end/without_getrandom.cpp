// Runs a command in which getrandom(2) fails, as under a seccomp filter of a container or a service:
// without_getrandom ENOSYS|EPERM|KILL COMMAND [ARGUMENTS...]
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// What the filter answers; 0 for a word that is none.
unsigned verdict_of(std::string_view word) {
  if (word == "KILL")
    return SECCOMP_RET_KILL_PROCESS;
  const unsigned number = word == "ENOSYS" ? ENOSYS : word == "EPERM" ? EPERM : 0;
  return number == 0 ? 0 : SECCOMP_RET_ERRNO | number;
}

bool forbid(unsigned verdict) {
  sock_filter filter[]{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, verdict),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{sizeof filter / sizeof *filter, filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

} // namespace

int main(int argc, char **argv) {
  const unsigned verdict = argc < 3 ? 0 : verdict_of(argv[1]);
  if (verdict == 0) {
    std::fputs("usage: without_getrandom ENOSYS|EPERM|KILL COMMAND [ARGUMENTS...]\n", stderr);
    return 125;
  }
  if (!forbid(verdict)) {
    std::perror("without_getrandom: no filter can be set");
    return 125;
  }
  ::execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 126;
}
