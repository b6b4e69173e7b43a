// make_completions FOLDER: writes the completions of bash, zsh and fish there, under the names that each shell looks
// for.
#include "cli/completions.hpp"
#include "cli/further_commands.hpp"

#include <fstream>
#include <iostream>
#include <vector>

int main(int argc, char **argv) {
  using namespace ntpkeygen::cli;
  if (argc != 2) {
    std::cerr << "usage: make_completions FOLDER\n";
    return 2;
  }
  const std::vector<const Command *> commands = all_commands();
  const std::pair<const char *, std::string> scripts[]{{"/ntpkeygen", bash_completion(commands)},
                                                       {"/_ntpkeygen", zsh_completion(commands)},
                                                       {"/ntpkeygen.fish", fish_completion(commands)}};
  for (const auto &[name, text] : scripts) {
    std::ofstream file(argv[1] + std::string(name));
    file << text;
    if (!file.flush()) {
      std::cerr << "make_completions: cannot write " << argv[1] << name << "\n";
      return 1;
    }
  }
  return 0;
}
