# find_package(ntpkeygen 1 CONFIG) gives
#
#   ntpkeygen::sdk              the headers of the plugin interface, and what they need
#   NTPKEYGEN_ABI               the interface's number: a plugin is rebuilt whenever it changes
#   NTPKEYGEN_PLUGIN_SUBFOLDER  where the program looks for plugins, below its prefix
#   ntpkeygen_add_plugin(<kind> <name> SOURCES <file>... [PROVIDES <kind>-<name>...] [LIBRARIES <target>...])
#                               makes <kind>-<name>.so, and a link for each further name, in the folder `plugins` of the
#                               build tree, and installs them. The target is called <kind>-<name>.
include(${CMAKE_CURRENT_LIST_DIR}/ntpkeygen-plugins.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/ntpkeygen-abi.cmake)

get_filename_component(ntpkeygen_prefix ${CMAKE_CURRENT_LIST_DIR}/../../.. REALPATH)
find_path(NTPKEYGEN_EXPECTED_INCLUDE_DIR tl/expected.hpp)
if(NOT NTPKEYGEN_EXPECTED_INCLUDE_DIR)
  set(ntpkeygen_FOUND FALSE)
  set(ntpkeygen_NOT_FOUND_MESSAGE "The header tl/expected.hpp is missing (Debian's package libexpected-dev)")
  return()
endif()

if(NOT TARGET ntpkeygen::sdk)
  add_library(ntpkeygen::sdk INTERFACE IMPORTED)
  target_include_directories(ntpkeygen::sdk INTERFACE ${ntpkeygen_prefix}/include ${NTPKEYGEN_EXPECTED_INCLUDE_DIR})
  target_compile_features(ntpkeygen::sdk INTERFACE cxx_std_20)
endif()

function(ntpkeygen_add_plugin kind name)
  cmake_parse_arguments(arg "" "" "SOURCES;PROVIDES;LIBRARIES" ${ARGN})
  set(kinds random_source key_type key_file_format key_file_reader mac_engine entropy_assessment)
  if(NOT kind IN_LIST kinds)
    list(JOIN kinds ", " kinds)
    message(FATAL_ERROR "ntpkeygen_add_plugin(${kind} ${name} ...): the kinds of plugins are ${kinds}")
  endif()
  set(module "${kind}-${name}")
  add_library(${module} MODULE ${arg_SOURCES})
  target_link_libraries(${module} PRIVATE ntpkeygen::sdk ${arg_LIBRARIES})
  target_compile_options(${module} PRIVATE -Wall -Wextra)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Unique symbols would pin a plugin in memory that was refused.
    target_compile_options(${module} PRIVATE -fno-gnu-unique)
  endif()
  target_link_options(${module} PRIVATE -Wl,-z,defs)
  ntpkeygen_plugin_file(${module} ${kind} ${name} FOLDER "${CMAKE_BINARY_DIR}/plugins" PROVIDES ${arg_PROVIDES})
endfunction()
