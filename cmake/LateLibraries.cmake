# todoku_late_libraries(TARGET MODULES module... LIBRARIES target-or-path...)
#
# TARGET, an executable, does without these shared libraries until it first calls one of their functions; only then are
# they loaded. A command that needs none of them (explain, rules, --help) so starts in a quarter of the time: what costs
# is not the libraries asked for but the forty that these ask for in turn.
#
# How: cmake/late/make_stubs.py looks up which functions the modules use of each library and writes a stub for each,
# which asks cmake/late/late_library.cc for the function's address when it is first called. The stubs satisfy the linker,
# so --as-needed leaves the libraries out. Only functions can be late: a library whose variables are used fails to link
# so, with the variable's name. Only x86-64 has stubs; elsewhere the program is linked as ever.
function(todoku_late_libraries target)
  cmake_parse_arguments(arg "" "" "MODULES;LIBRARIES" ${ARGN})
  if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    return()
  endif()
  set(paths)
  foreach(library ${arg_LIBRARIES})
    get_target_property(kind ${library} TYPE)
    if(kind STREQUAL "INTERFACE_LIBRARY")  # one of pkg-config's
      get_target_property(location ${library} INTERFACE_LINK_LIBRARIES)
      list(FILTER location INCLUDE REGEX "^/")
      list(APPEND paths ${location})
    else()
      list(APPEND paths $<TARGET_FILE:${library}>)
    endif()
  endforeach()
  set(archives)
  foreach(module ${arg_MODULES})
    list(APPEND archives $<TARGET_FILE:todoku_${module}>)
  endforeach()
  list(TRANSFORM arg_MODULES PREPEND todoku_ OUTPUT_VARIABLE modules)
  set(stubs ${CMAKE_BINARY_DIR}/generated/late/${target})
  add_custom_command(OUTPUT ${stubs}.o
    COMMAND python3 ${CMAKE_SOURCE_DIR}/cmake/late/make_stubs.py ${stubs}.s --archives ${archives} --libraries ${paths}
    COMMAND ${CMAKE_CXX_COMPILER} -c ${stubs}.s -o ${stubs}.o
    DEPENDS ${modules} ${CMAKE_SOURCE_DIR}/cmake/late/make_stubs.py VERBATIM)
  set_source_files_properties(${stubs}.o PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/late/late_library.cc ${stubs}.o)
  target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
  target_link_options(${target} PRIVATE -Wl,--as-needed)
endfunction()
