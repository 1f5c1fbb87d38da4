/* The sentences of the pages; see texts.h. Codes of other rooms are in codes.c. */
#include "web/texts.h"

#include "base/error.h"

#define TEXT_ROW(name, fr, en) [TEXT_##name] = {fr, en},
static const char *const texts[TEXT_COUNT][LANG_COUNT] = {TEXTS(TEXT_ROW)};
#undef TEXT_ROW

struct span text_in(enum lang lang, enum text text) {
    must(text < TEXT_COUNT && lang < LANG_COUNT);
    return span_of(texts[text][lang]);
}
