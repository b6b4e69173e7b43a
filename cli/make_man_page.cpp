// make_man_page PAGE: prints the manual page with its tables of options made of the options' definitions.
#include "cli/further_commands.hpp"
#include "cli/man_page.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

int main(int argc, char **argv) {
  using namespace ntpkeygen::cli;
  if (argc != 2) {
    std::cerr << "usage: make_man_page PAGE\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::cerr << "make_man_page: cannot read " << argv[1] << "\n";
    return 1;
  }
  const std::vector<const Command *> commands = all_commands();
  const auto made = with_options(page, commands);
  if (!made) {
    std::cerr << argv[1] << ": " << made.error().message << ": " << made.error().hint << "\n";
    return 1;
  }
  std::cout << *made << std::flush;
  return std::cout ? 0 : 1;
}
