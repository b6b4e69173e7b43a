// The ten estimators of section 6.3 over one string, as tasks, and the rows that they come to.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <array>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

using Estimates = std::array<Estimate, 10>;

// What is given has to live until the tasks have run.
void add_estimators(std::vector<Task> &tasks, const BitString &bits, Estimates &out);
void add_estimators(std::vector<Task> &tasks, const Symbols &symbols, Estimates &out); // of more than two symbols

// The rows, and their minimum: at most `most`, which is what a symbol can hold.
double take_rows(Assessment &assessment, const char *group, Estimates &estimates, double most);

} // namespace ntpkeygen::plugins::sp800_90b
