# cmake -DPAGES_DIR= -DHEADER= -DSOURCE= -P embed_web.cmake: writes the table of the web files, bytes and types.

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_mjs "text/javascript; charset=utf-8")
set(type_json "application/json")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_ico "image/x-icon")
set(type_woff2 "font/woff2")
set(type_txt "text/plain; charset=utf-8")

file(GLOB_RECURSE pages RELATIVE ${PAGES_DIR} ${PAGES_DIR}/*)
list(SORT pages)

set(arrays "")
set(rows "")
set(count 0)
foreach(page IN LISTS pages)
  get_filename_component(extension "${page}" LAST_EXT)
  string(SUBSTRING "${extension}." 1 -1 extension)
  string(REPLACE "." "" extension "${extension}")
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "web/pages/${page}: no content type is known for .${extension}")
  endif()
  file(READ "${PAGES_DIR}/${page}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR len "${digits} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  # One byte more than the file: an empty file has an array too, and text is NUL-terminated.
  string(APPEND arrays "static const unsigned char asset_${count}[] = {\n    ${bytes}0x00};\n\n")
  string(APPEND rows "    {\"${page}\", \"${type_${extension}}\", asset_${count}, ${len}},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE "${HEADER}.new" "/* Generated from web/pages. */
#ifndef WEB_GENERATED_H
#define WEB_GENERATED_H

#include <stddef.h>

struct web_asset {
    const char *path; /* below web/pages, no leading slash */
    const char *content_type;
    const unsigned char *bytes;
    size_t len;
};

extern const struct web_asset web_assets[]; /* by path; ends with a row of NULLs */
extern const size_t web_asset_count;

#endif
")
file(WRITE "${SOURCE}.new" "/* Generated from web/pages. */
#include \"web_generated.h\"

${arrays}const struct web_asset web_assets[] = {
${rows}    {NULL, NULL, NULL, 0},
};

const size_t web_asset_count = ${count};
")
file(RENAME "${HEADER}.new" "${HEADER}")
file(RENAME "${SOURCE}.new" "${SOURCE}")
