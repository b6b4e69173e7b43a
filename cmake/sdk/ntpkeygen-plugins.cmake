# What a plugin's file has to be like; used by this tree and, installed, by those of others.

set(NTPKEYGEN_PLUGIN_SUBFOLDER lib/ntpkeygen/plugins)
set(NTPKEYGEN_PLUGIN_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

# ntpkeygen_plugin_file(<module> <kind> <name> FOLDER <folder> [COMPONENT <component>] [PROVIDES <kind>-<name>...])
#
# Makes the module library <folder>/<kind>-<name>.so with a link <other>.so for everything else that it provides: a further
# name, an alias, or something of another kind. Lookup reads these file names only. Both are installed.
function(ntpkeygen_plugin_file module kind name)
  cmake_parse_arguments(arg "" "FOLDER;COMPONENT" "PROVIDES" ${ARGN})
  set(component)
  if(arg_COMPONENT)
    set(component COMPONENT ${arg_COMPONENT})
  endif()
  target_link_options(${module} PRIVATE -Wl,--version-script=${NTPKEYGEN_PLUGIN_SYMBOLS})
  set_property(TARGET ${module} APPEND PROPERTY LINK_DEPENDS ${NTPKEYGEN_PLUGIN_SYMBOLS})
  set_target_properties(${module} PROPERTIES
    PREFIX "" OUTPUT_NAME "${kind}-${name}" SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY "${arg_FOLDER}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  install(TARGETS ${module} LIBRARY DESTINATION ${NTPKEYGEN_PLUGIN_SUBFOLDER} ${component})
  foreach(other IN LISTS arg_PROVIDES)
    add_custom_command(TARGET ${module} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink "${kind}-${name}.so" "${arg_FOLDER}/${other}.so" VERBATIM)
    install(FILES "${arg_FOLDER}/${other}.so" DESTINATION ${NTPKEYGEN_PLUGIN_SUBFOLDER} ${component})
  endforeach()
endfunction()
