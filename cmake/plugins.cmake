include(${CMAKE_CURRENT_LIST_DIR}/sdk/ntpkeygen-plugins.cmake)

# ntpkeygen_add_plugin(<kind> <name> [SHARED_RUNTIME] [PACKAGE <package>] SOURCES <file>... [PROVIDES <kind>-<name>...]
#                      [LIBRARIES <target>...])
#
# Makes a plugin out of the sources and plugin.cpp of the current folder (sdk/ntpkeygen-plugins.cmake says what of). The
# sources without plugin.cpp are the object library plugin_<kind>_<name>, for unit tests and fuzzers. SHARED_RUNTIME is for
# plugins over a C++ library (cmake/runtime.cmake), PACKAGE names the one of packages.cmake that it comes in.
function(ntpkeygen_add_plugin kind name)
  cmake_parse_arguments(arg "SHARED_RUNTIME" "PACKAGE" "SOURCES;PROVIDES;LIBRARIES" ${ARGN})
  string(MAKE_C_IDENTIFIER "plugin_${kind}_${name}" objects)
  set(module "${objects}_module")
  if(NOT arg_PACKAGE)
    set(arg_PACKAGE program)
  endif()

  add_library(${objects} OBJECT ${arg_SOURCES})
  target_link_libraries(${objects} PUBLIC ntpkeygen_sdk ${arg_LIBRARIES} PRIVATE ntpkeygen_compiler)
  target_include_directories(${objects} PUBLIC ${CMAKE_SOURCE_DIR}/plugins)

  add_library(${module} MODULE plugin.cpp)
  target_link_libraries(${module} PRIVATE ${objects} ntpkeygen_compiler)
  if(NOT arg_SHARED_RUNTIME)
    target_link_libraries(${module} PRIVATE ntpkeygen_runtime)
  endif()
  target_compile_definitions(${module} PRIVATE NTPKEYGEN_VERSION="${PROJECT_VERSION}")
  if(NOT NTPKEYGEN_SANITIZE)
    target_link_options(${module} PRIVATE -Wl,-z,defs)
  endif()
  ntpkeygen_plugin_file(${module} ${kind} ${name} COMPONENT ${arg_PACKAGE} PROVIDES ${arg_PROVIDES}
    FOLDER "${CMAKE_BINARY_DIR}/${NTPKEYGEN_PLUGIN_SUBFOLDER}")
  set_property(GLOBAL APPEND PROPERTY NTPKEYGEN_PLUGIN_MODULES ${module})
  set_property(GLOBAL APPEND PROPERTY NTPKEYGEN_PACKAGES ${arg_PACKAGE})
endfunction()
