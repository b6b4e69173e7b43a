#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

NTPKEYGEN_PLUGIN(entropy_assessment, "sp800-90b", NTPKEYGEN_VERSION, "estimates and tests of NIST SP 800-90B",
                 ntpkeygen::plugins::sp800_90b::enroll);
