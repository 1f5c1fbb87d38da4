# sosie_room(NAME LINKS ... SOURCES ...): one room of the house as a static library made of NAME/*.c. A room that has no
# source yet is an interface library, so that the map of the house can be written down whole. Rooms see each other's doors,
# third-party headers stay private to the room that uses them.

function(sosie_room name)
  cmake_parse_arguments(arg "" "" "LINKS;PRIVATE_LINKS;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  if(sources)
    add_library(${name} STATIC ${sources} ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
    target_compile_options(${name} PRIVATE -include ${CMAKE_SOURCE_DIR}/base/banned.h)
    if(name STREQUAL "base")
      target_compile_definitions(${name} PRIVATE BASE_MAY_ALLOCATE)
    endif()
    set_target_properties(${name} PROPERTIES OUTPUT_NAME sosie_${name})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LINKS} ${arg_PRIVATE_LINKS})
  endif()
endfunction()

# A program outside the rooms (tests, benchmarks): the unsafe functions are banned, memory is its own affair.
function(sosie_program name)
  cmake_parse_arguments(arg "" "" "LINKS;SOURCES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  target_compile_options(${name} PRIVATE -include ${CMAKE_SOURCE_DIR}/base/banned.h)
  target_compile_definitions(${name} PRIVATE BASE_MAY_ALLOCATE)
endfunction()
