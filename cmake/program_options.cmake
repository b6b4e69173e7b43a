# Boost.Program_options linked static: as a shared library it would cost every start more than all of our own code does.
# Debian's archive is not position-independent enough for the library of further commands where libstdc++ is shared.
set(program_options_library libboost_program_options.a)
if(NTPKEYGEN_SANITIZE OR NOT NTPKEYGEN_STATIC_RUNTIME)
  set(program_options_library boost_program_options)
endif()
add_library(ntpkeygen_program_options INTERFACE)
find_library(NTPKEYGEN_PROGRAM_OPTIONS NAMES ${program_options_library} REQUIRED)
target_link_libraries(ntpkeygen_program_options INTERFACE Boost::headers ${NTPKEYGEN_PROGRAM_OPTIONS})
