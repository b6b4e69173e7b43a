// Tells where this process looks for plugins, and what a folder asked for on top of that comes to; for the test that
// runs it with borrowed privileges.
#include "ntpkeygen/host/dynamic_plugin_set.hpp"

#include <cstdio>
#include <sys/auxv.h>
#include <unistd.h>

int main() {
  std::printf("AT_SECURE %lu\n", ::getauxval(AT_SECURE));
  for (const std::string &folder : ntpkeygen::default_plugin_folders())
    std::printf("%s\n", folder.c_str());
  ntpkeygen::DynamicPluginSet set({});
  set.search_first({"/tmp"});
  if (const auto type = set.key_type("x"); !type)
    std::printf("%s\n", type.error().message.c_str());
  std::fflush(stdout);
  ::_exit(0); // without the leak check of a sanitizer build, which cannot trace a set-uid process
}
