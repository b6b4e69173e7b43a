#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/file/file.hpp"

NTPKEYGEN_PLUGIN(random_source, "file", NTPKEYGEN_VERSION, "random bytes out of a file, a FIFO or a device",
                 ntpkeygen::plugins::file_random::enroll);
