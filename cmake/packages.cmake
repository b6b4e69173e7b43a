# Debian packages, by `cpack` in a build folder that is configured with the preset `package`. What lies in which one is said
# where it is installed (COMPONENT); `program` is the package ntpkeygen, any other is called ntpkeygen-<component>.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS core/include/ntpkeygen/sdk/plugin.hpp packaging/changelog)
file(READ core/include/ntpkeygen/sdk/plugin.hpp plugin_header)
if(NOT plugin_header MATCHES "constexpr std::uint32_t version = ([0-9]+)")
  message(FATAL_ERROR "The number of the plugin interface is not found in plugin.hpp")
endif()
set(NTPKEYGEN_ABI ${CMAKE_MATCH_1})

file(STRINGS packaging/changelog latest_change LIMIT_COUNT 1)
if(NOT latest_change MATCHES "^ntpkeygen \\(${PROJECT_VERSION}\\) ")
  message(FATAL_ERROR "The first entry of packaging/changelog is not about version ${PROJECT_VERSION}")
endif()

# All that is installed: cpack takes what was built.
add_custom_target(installed_files)
add_dependencies(installed_files ntpkeygen completions)

# The headers of the plugin interface, with what find_package needs.
include(CMakePackageConfigHelpers)
set(sdk_folder lib/cmake/ntpkeygen)
file(WRITE ${CMAKE_BINARY_DIR}/ntpkeygen-abi.cmake "set(NTPKEYGEN_ABI ${NTPKEYGEN_ABI})\n")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ntpkeygenConfigVersion.cmake
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(DIRECTORY core/include/ntpkeygen/sdk DESTINATION include/ntpkeygen COMPONENT dev FILES_MATCHING PATTERN *.hpp)
install(FILES cmake/sdk/ntpkeygenConfig.cmake cmake/sdk/ntpkeygen-plugins.cmake cmake/sdk/plugin.map
  ${CMAKE_BINARY_DIR}/ntpkeygen-abi.cmake ${CMAKE_BINARY_DIR}/ntpkeygenConfigVersion.cmake
  DESTINATION ${sdk_folder} COMPONENT dev)

# A file as Debian has it: compressed, without a name or time inside.
find_program(GZIP gzip REQUIRED)
function(ntpkeygen_compressed source destination component)
  get_filename_component(name ${source} NAME)
  set(compressed ${CMAKE_BINARY_DIR}/compressed/${name}.gz)
  if(NOT TARGET compressed_${name})
    add_custom_command(OUTPUT ${compressed} DEPENDS ${source} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/compressed
      COMMAND sh -c "${GZIP} -9nc '${CMAKE_SOURCE_DIR}/${source}' >'${compressed}'")
    add_custom_target(compressed_${name} ALL DEPENDS ${compressed})
    add_dependencies(installed_files compressed_${name})
  endif()
  install(FILES ${compressed} DESTINATION ${destination} COMPONENT ${component})
endfunction()
ntpkeygen_compressed(docs/man/ntpkeygen.1 ${CMAKE_INSTALL_MANDIR}/man1 program)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/ntpkeygen COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/ntpkeygen COMPONENT program FILES_MATCHING PATTERN *.md
  PATTERN man EXCLUDE PATTERN example-plugins EXCLUDE)
install(DIRECTORY docs/example-plugins DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/ntpkeygen/docs COMPONENT dev)
ntpkeygen_compressed(docs/man/ntpkeygen-files.5 ${CMAKE_INSTALL_MANDIR}/man5 program)

get_property(packages GLOBAL PROPERTY NTPKEYGEN_PACKAGES)
list(APPEND packages program dev)
list(REMOVE_DUPLICATES packages)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ntpkeygen)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${NTPKEYGEN_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL ${packages})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
  WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(abi_package "ntpkeygen-abi-${NTPKEYGEN_ABI}")
set(same_version "ntpkeygen (= ${PROJECT_VERSION})")

set(summary_program "makes, converts, checks and tries keys for NTP")
set(text_program "Key files for NTP's symmetric key authentication: a drop-in for NTPsec's
ntpkeygen and for NTP Classic's ntp-keygen -M, which knows what ntpd, chronyd
and busybox really load from a line, converts between them, and tries a key on
a server.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_PROVIDES ${abi_package})
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ntpkeygen-botan)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "ntpkeygen-entropy, ntpkeygen-tpm2, ntpkeygen-pkcs11")

set(summary_botan "MACs and random generators of Botan for ntpkeygen")
set(text_botan "Plugins over the Botan library: the message authentication codes that trying a
key, fingerprints, mixing and conditioning need, and Botan's random generators.")

set(summary_entropy "assessment of entropy sources for ntpkeygen")
set(text_entropy "Estimates and tests of NIST SP 800-90B and FIPS 140-2, a benchmark of random
sources, and the sources cpu-jitter and openssl.")
set(CPACK_DEBIAN_ENTROPY_PACKAGE_DEPENDS "${same_version}")
set(CPACK_DEBIAN_ENTROPY_PACKAGE_RECOMMENDS ntpkeygen-botan)
set(CPACK_DEBIAN_ENTROPY_PACKAGE_SUGGESTS gnuplot-nox)

set(summary_tpm2 "keys for NTP from the generator of a TPM 2.0")
set(text_tpm2 "The random source tpm2 of ntpkeygen.")

set(summary_pkcs11 "keys for NTP from the generator of a PKCS#11 token")
set(text_pkcs11 "The random source pkcs11 of ntpkeygen; the token's own library is named when it
is used.")

set(summary_dev "headers for plugins of ntpkeygen")
set(text_dev "The interface of random sources, key types, key file formats and readers, MAC
engines and entropy assessments, with a CMake package. A plugin is built anew
for each number of the interface; this is ${NTPKEYGEN_ABI}.")
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS libexpected-dev)

foreach(package IN LISTS packages)
  string(TOUPPER ${package} upper)
  set(name ntpkeygen-${package})
  if(package STREQUAL program)
    set(name ntpkeygen)
  elseif(NOT DEFINED CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS)
    set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS ${abi_package})
  endif()
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary_${package}}\n${text_${package}}")
  install(FILES packaging/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${package})
  ntpkeygen_compressed(packaging/changelog ${CMAKE_INSTALL_DATADIR}/doc/${name} ${package})
endforeach()
include(CPack)
