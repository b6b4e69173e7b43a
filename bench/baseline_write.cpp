// What the bulk target is compared with: as many random bytes as the keys have, and as many bytes in a file, each got
// in one call where the kernel gives that much in one.
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fputs("usage: baseline_write FILE RANDOM-BYTES FILE-BYTES\n", stderr);
    return 2;
  }
  std::vector<char> random(std::strtoul(argv[2], nullptr, 10)), text(std::strtoul(argv[3], nullptr, 10), 'x');
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return 1;
  const int file = ::open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  return file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
}
