# Boost.Program_options linked static: as a shared library it would cost every start more than all of our own code does.
add_library(ntpkeygen_program_options INTERFACE)
find_library(NTPKEYGEN_PROGRAM_OPTIONS NAMES libboost_program_options.a REQUIRED)
target_link_libraries(ntpkeygen_program_options INTERFACE Boost::headers ${NTPKEYGEN_PROGRAM_OPTIONS})
