/*
 * A name as a query gives it, against the dictionary: which names fit, and how well. Compared on the tight form, so case, accents,
 * hyphens and blanks fold; '*' stands for any letters.
 */
#ifndef MATCHER_PATTERN_H
#define MATCHER_PATTERN_H

#include "matcher/dictionary.h"

enum name_fit { FIT_NONE, FIT_SOUND, FIT_PART, FIT_WHOLE }; /* part: by its beginning or by a wildcard */

struct name_pattern {
    bool any;        /* nothing asked */
    bool impossible; /* asked for something that folds to nothing ("---") */
    bool missing;    /* asked for what stands for no name: rows without one may be meant, too */
    uint8_t *fits;   /* by name number: enum name_fit */
    uint32_t *ids;   /* those that fit */
    size_t id_count;
};

void pattern_prepare(struct name_pattern *pattern, const struct dictionary *names, struct span text, bool prefix, bool phonetic,
                     struct arena *arena);

#endif
