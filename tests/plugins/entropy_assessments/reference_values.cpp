#include "plugins/entropy_assessments/reference_values.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ntpkeygen::test {

std::vector<ReferenceRun> read_reference_runs(const std::filesystem::path &path) {
  std::ifstream file(path);
  std::vector<ReferenceRun> runs;
  std::size_t number = 0;
  const auto refuse = [&](const std::string &why) {
    throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + why);
  };
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#')
      continue;
    if (line.front() == '[' && line.back() == ']') {
      ReferenceRun run;
      run.line = number;
      std::istringstream words(line.substr(1, line.size() - 2));
      if (!(words >> run.kind >> run.seed >> run.bits >> run.size))
        refuse("expected [KIND SEED BITS SIZE OPTION...]");
      for (std::string option; words >> option;)
        run.options.push_back(option);
      runs.push_back(std::move(run));
      continue;
    }
    std::istringstream words(line);
    std::string name, equals, digits, more;
    if (!(words >> name >> equals >> digits) || equals != "=" || words >> more || runs.empty())
      refuse("expected NAME = NUMBER");
    char *end = nullptr;
    const double value = std::strtod(digits.c_str(), &end); // unlike >>, it knows "inf"
    if (*end != '\0')
      refuse("'" + digits + "' is no number");
    if (!runs.back().values.emplace(name, value).second)
      refuse(name + " stands there twice");
  }
  if (runs.empty())
    refuse("there is no run in it");
  return runs;
}

} // namespace ntpkeygen::test
