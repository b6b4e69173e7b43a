# The C++ runtime, linked into the program, its library and its plugins: loading the shared one takes a third of a default
# run. So a run has several copies of it, and what crosses between them must not depend on there being one: no exception
# does, the types of the SDK do not (docs/plugin-abi.md). Plugins over a C++ library take the shared one, as it does.
option(NTPKEYGEN_STATIC_RUNTIME "Link the C++ runtime into the program and its plugins" ON)

add_library(ntpkeygen_runtime INTERFACE)
if(NTPKEYGEN_STATIC_RUNTIME AND NOT NTPKEYGEN_SANITIZE)
  target_link_options(ntpkeygen_runtime INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
endif()
