# ntpkeygen_add_plugin(<kind> <name> [SHARED_RUNTIME] SOURCES <file>... [PROVIDES <kind>-<name>...]
#                      [LIBRARIES <target>...])
#
# Makes <kind>-<name>.so out of the sources and plugin.cpp of the current folder, with a link <other>.so for everything
# else that it provides: a further name, an alias, or something of another kind. Lookup reads these file names only.
# The sources without plugin.cpp are the object library plugin_<kind>_<name>, for unit tests and fuzzers.
# SHARED_RUNTIME is for plugins over a C++ library (cmake/runtime.cmake).
function(ntpkeygen_add_plugin kind name)
  cmake_parse_arguments(arg "SHARED_RUNTIME" "" "SOURCES;PROVIDES;LIBRARIES" ${ARGN})
  string(MAKE_C_IDENTIFIER "plugin_${kind}_${name}" objects)
  set(module "${objects}_module")
  set(folder "${CMAKE_BINARY_DIR}/${NTPKEYGEN_PLUGIN_SUBFOLDER}")

  add_library(${objects} OBJECT ${arg_SOURCES})
  target_link_libraries(${objects} PUBLIC ntpkeygen_sdk ${arg_LIBRARIES} PRIVATE ntpkeygen_compiler)
  target_include_directories(${objects} PUBLIC ${CMAKE_SOURCE_DIR}/plugins)

  add_library(${module} MODULE plugin.cpp)
  target_link_libraries(${module} PRIVATE ${objects} ntpkeygen_compiler)
  if(NOT arg_SHARED_RUNTIME)
    target_link_libraries(${module} PRIVATE ntpkeygen_runtime)
  endif()
  target_compile_definitions(${module} PRIVATE NTPKEYGEN_VERSION="${PROJECT_VERSION}")
  target_link_options(${module} PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/plugin.map)
  set_property(TARGET ${module} APPEND PROPERTY LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/plugin.map)
  if(NOT NTPKEYGEN_SANITIZE)
    target_link_options(${module} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${module} PROPERTIES
    PREFIX "" OUTPUT_NAME "${kind}-${name}" SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY "${folder}")

  install(TARGETS ${module} LIBRARY DESTINATION ${NTPKEYGEN_PLUGIN_SUBFOLDER})
  foreach(other IN LISTS arg_PROVIDES)
    add_custom_command(TARGET ${module} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink "${kind}-${name}.so" "${folder}/${other}.so" VERBATIM)
    install(FILES "${folder}/${other}.so" DESTINATION ${NTPKEYGEN_PLUGIN_SUBFOLDER})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY NTPKEYGEN_PLUGIN_MODULES ${module})
endfunction()
