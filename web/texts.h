/*
 * Every word that the pages say, in French and English. Sentences are an enum (sentences.h has the rows); codes of other rooms
 * (kinds, states, rules, levels of the matcher...) are looked up by their name in the tables of codes.c.
 */
#ifndef WEB_TEXTS_H
#define WEB_TEXTS_H

#include "base/arena.h"
#include "base/span.h"
#include "web/sentences.h"

enum lang { LANG_FR, LANG_EN, LANG_COUNT };

#define TEXT_NAME(name, fr, en) TEXT_##name,
enum text { TEXTS(TEXT_NAME) TEXT_COUNT };
#undef TEXT_NAME

struct span text_in(enum lang lang, enum text text);

/* Codes of other rooms, by the name that they give them. An unknown code is shown as it is: better a foreign word than a hole. */
enum code_table {
    CODE_KIND,
    CODE_STATE,
    CODE_OUTCOME,
    CODE_ACT,
    CODE_STATUS,
    CODE_RULE,
    CODE_FIELD,
    CODE_LEVEL,
    CODE_LINK,
    CODE_HINT,
    CODE_SAID,
    CODE_TABLE_COUNT
};
struct span code_in(enum lang lang, enum code_table table, struct span code);

struct code_text {
    const char *code;
    const char *text[LANG_COUNT];
};
extern const struct code_text sayings[];
/* A sentence of another room in this language, with its values; as it is when it has no words here. */
struct span said_in(enum lang lang, struct span text, struct arena *arena);
/* The rows of a table, ended by a row of NULLs: for tests. */
const struct code_text *code_rows(enum code_table table);

/* One attribute bit (enum identity_attribute); absent for a bit without a name. */
struct span attribute_in(enum lang lang, uint32_t bit);

#endif
