#include "ntpkeygen/sdk/plugin.hpp"
#include "key_file_formats/busybox/busybox.hpp"

NTPKEYGEN_PLUGIN(key_file_format, "busybox", NTPKEYGEN_VERSION,
                 "the keys file of busybox ntpd, and what it reads from one", ntpkeygen::plugins::busybox::enroll);
