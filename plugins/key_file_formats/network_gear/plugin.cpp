#include "ntpkeygen/sdk/plugin.hpp"
#include "key_file_formats/network_gear/network_gear.hpp"

NTPKEYGEN_PLUGIN(key_file_format, "cisco-ios", NTPKEYGEN_VERSION, "commands that give keys to network gear",
                 ntpkeygen::plugins::network_gear::enroll);
