# What every target of ours is compiled with. Warnings are errors, for our own code only.
add_library(ntpkeygen_compiler INTERFACE)
target_compile_options(ntpkeygen_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fstack-protector-strong
  $<$<AND:$<CONFIG:Release>,$<NOT:$<BOOL:$<TARGET_PROPERTY:NTPKEYGEN_TEST_CODE>>>>:-U_FORTIFY_SOURCE>
  $<$<AND:$<CONFIG:Release>,$<NOT:$<BOOL:$<TARGET_PROPERTY:NTPKEYGEN_TEST_CODE>>>>:-D_FORTIFY_SOURCE=2>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Unique symbols, such as the digits of std::to_string, would pin a plugin in memory for ever and hide what unloading it
  # breaks.
  target_compile_options(ntpkeygen_compiler INTERFACE -fno-gnu-unique)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps in `"text" + std::string` that are not there (its bug 105651).
  target_compile_options(ntpkeygen_compiler INTERFACE -Wno-restrict)
endif()
# All that the dynamic loader writes is made read-only. Code and constants are mapped together, which a start notices.
target_link_options(ntpkeygen_compiler INTERFACE -Wl,-z,relro,-z,now -Wl,-z,noseparate-code -Wl,--as-needed)

if(NTPKEYGEN_SANITIZE)
  # -O1, as the sanitizers' authors advise: without it, assessments of a million samples take minutes.
  add_compile_options(-O1 -fsanitize=${NTPKEYGEN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NTPKEYGEN_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
