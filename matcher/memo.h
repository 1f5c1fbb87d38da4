/*
 * What texts stand for. Texts of a file repeat (given names, towns, most family names), and to look one up costs a tenth of what it
 * costs to read it anew. A memo is one worker's: each text has one place, and keeps it until another one falls there.
 */
#ifndef MATCHER_MEMO_H
#define MATCHER_MEMO_H

#include "matcher/dictionary.h"

/* Of what column a text is: one text stands for different names as a family name and as a given one. */
enum memo_kind { MEMO_FAMILY, MEMO_GIVEN, MEMO_COLUMN /* and following: a further column */ };

struct memo;
struct memo *memo_new(void); /* given back by mem_free; NULL is a memo that keeps nothing */
/* The two numbers that were kept with this text, until the next memo_keep; NULL when they are not there. */
const uint32_t *memo_find(const struct memo *memo, unsigned kind, struct span text);
void memo_keep(struct memo *memo, unsigned kind, struct span text, uint32_t id, uint32_t other); /* not a long text */

/* The name that a key makes: the dictionary's where it has it (NULL: it has none), else a new one in the arena, made once for each
 * kind. What name_make does holds here. Names of an arena are forgotten before it goes. */
const struct name *memo_name(struct memo *memo, unsigned kind, const struct dictionary *known, struct span key, bool is_silent,
                             struct arena *arena);
void memo_forget_names(struct memo *memo);

#endif
