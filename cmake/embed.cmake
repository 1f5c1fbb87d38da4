# Generated sources: SQL files and web pages become tables in the build folder, made anew when a file changes.

set(SOSIE_GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${SOSIE_GENERATED_DIR})

# sql/queries/*.sql and sql/migrations/*.sql -> sql_generated.h, sql_generated.c
function(sosie_embed_sql out_sources)
  file(GLOB queries CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/queries/*.sql)
  file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/migrations/*.sql)
  set(header ${SOSIE_GENERATED_DIR}/sql_generated.h)
  set(source ${SOSIE_GENERATED_DIR}/sql_generated.c)
  # The list of names is an input too: a removed file must change the tables.
  set(list ${SOSIE_GENERATED_DIR}/sql_files.txt)
  file(CONFIGURE OUTPUT ${list} CONTENT "${queries}\n${migrations}\n")
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DSQL_DIR=${CMAKE_SOURCE_DIR}/sql -DHEADER=${header} -DSOURCE=${source} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${queries} ${migrations} ${list} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    COMMENT "Embedding sql/"
    VERBATIM)
  set(${out_sources} ${source} ${header} PARENT_SCOPE)
endfunction()

# web/pages/* -> web_generated.h, web_generated.c
function(sosie_embed_web out_sources)
  file(GLOB_RECURSE pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/pages/*)
  set(header ${SOSIE_GENERATED_DIR}/web_generated.h)
  set(source ${SOSIE_GENERATED_DIR}/web_generated.c)
  set(list ${SOSIE_GENERATED_DIR}/web_files.txt)
  file(CONFIGURE OUTPUT ${list} CONTENT "${pages}\n")
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DPAGES_DIR=${CMAKE_SOURCE_DIR}/web/pages -DHEADER=${header} -DSOURCE=${source} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_web.cmake
    DEPENDS ${pages} ${list} ${CMAKE_SOURCE_DIR}/cmake/embed_web.cmake
    COMMENT "Embedding web/pages/"
    VERBATIM)
  set(${out_sources} ${source} ${header} PARENT_SCOPE)
endfunction()
