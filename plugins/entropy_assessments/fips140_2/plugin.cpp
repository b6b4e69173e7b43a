#include "entropy_assessments/fips140_2/fips140_2.hpp"

NTPKEYGEN_PLUGIN(entropy_assessment, "fips140-2", NTPKEYGEN_VERSION, "the tests of FIPS 140-2 on blocks of 20,000 bits",
                 ntpkeygen::plugins::fips140_2::enroll);
