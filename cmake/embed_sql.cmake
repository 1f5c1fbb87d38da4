# cmake -DSQL_DIR= -DHEADER= -DSOURCE= -P embed_sql.cmake: writes the enum and the tables of all SQL files.

function(c_literal path out)
  file(READ "${path}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "??" "?\\?" text "${text}")
  string(REPLACE "\t" "\\t" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  set(${out} "\"${text}\"" PARENT_SCOPE)
endfunction()

file(GLOB queries ${SQL_DIR}/queries/*.sql)
file(GLOB migrations ${SQL_DIR}/migrations/*.sql)
list(SORT queries)
list(SORT migrations)

set(enum_rows "")
set(query_rows "")
foreach(path IN LISTS queries)
  get_filename_component(name "${path}" NAME_WE)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "${path}: a query's file name is lower case letters, digits and underscores")
  endif()
  string(TOUPPER "${name}" upper)
  c_literal("${path}" text)
  string(APPEND enum_rows "    SQL_QUERY_${upper},\n")
  string(APPEND query_rows "    {\"${name}\",\n     ${text}},\n")
endforeach()

set(migration_rows "")
set(migration_count 0)
set(last_version 0)
foreach(path IN LISTS migrations)
  get_filename_component(name "${path}" NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+$")
    message(FATAL_ERROR "${path}: a migration's file name is NNNN_what.sql")
  endif()
  math(EXPR version "1${CMAKE_MATCH_1} - 10000")
  if(NOT version GREATER last_version)
    message(FATAL_ERROR "${path}: two migrations of version ${version}")
  endif()
  set(last_version ${version})
  c_literal("${path}" text)
  string(APPEND migration_rows "    {${version}, \"${name}\",\n     ${text}},\n")
  math(EXPR migration_count "${migration_count} + 1")
endforeach()

file(WRITE "${HEADER}.new" "/* Generated from sql/queries and sql/migrations. */
#ifndef SQL_GENERATED_H
#define SQL_GENERATED_H

#include <stddef.h>

enum sql_query {
${enum_rows}    SQL_QUERY_COUNT
};

struct sql_query_text {
    const char *name;
    const char *text;
};

struct sql_migration_text {
    int version;
    const char *name;
    const char *text;
};

extern const struct sql_query_text sql_query_texts[]; /* by enum sql_query; ends with a row of NULLs */
extern const struct sql_migration_text sql_migration_texts[]; /* by version; ends with a row of NULLs */
extern const size_t sql_migration_count;

#endif
")
file(WRITE "${SOURCE}.new" "/* Generated from sql/queries and sql/migrations. */
#include \"sql_generated.h\"

const struct sql_query_text sql_query_texts[] = {
${query_rows}    {NULL, NULL},
};

const struct sql_migration_text sql_migration_texts[] = {
${migration_rows}    {0, NULL, NULL},
};

const size_t sql_migration_count = ${migration_count};
")
file(RENAME "${HEADER}.new" "${HEADER}")
file(RENAME "${SOURCE}.new" "${SOURCE}")
