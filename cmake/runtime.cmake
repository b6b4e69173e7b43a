# libstdc++, linked into the program, its library and its plugins: loading the shared one takes a third of a default run. So a
# run has several copies of it, and what crosses between them must not depend on there being one (docs/plugin-abi.md). Plugins
# over a C++ library take the shared one, as it does. libgcc stays shared: with one unwinder, an exception that a foreign
# plugin lets out can be caught all the same.
option(NTPKEYGEN_STATIC_RUNTIME "Link the C++ runtime into the program and its plugins" ON)

add_library(ntpkeygen_runtime INTERFACE)
if(NTPKEYGEN_STATIC_RUNTIME AND NOT NTPKEYGEN_SANITIZE)
  target_link_options(ntpkeygen_runtime INTERFACE -static-libstdc++ -shared-libgcc -Wl,--gc-sections)
endif()
