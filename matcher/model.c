/* What a model answers; see model.h. Its reader is model_read.c. */
#include "matcher/model.h"

#include "matcher/distance.h"
#include "matcher/fixed.h"

#include <math.h>
#include <string.h>

#include "matcher_model.h" /* generated: shipped_model, bytes of models/french-1.model */

struct span match_model_shipped(void) {
    return span_make((const char *)shipped_model, sizeof shipped_model - 1);
}

void match_model_free(struct match_model *model) {
    if (!model)
        return;
    mem_free(model->text);
    mem_free(model->family);
    mem_free(model->given);
    mem_free(model->domains);
    mem_free(model);
}

struct span match_model_name(const struct match_model *model) {
    return span_of(model->text);
}

struct span match_model_hash(const struct match_model *model) {
    return span_of(model->hash);
}

double match_model_link_posterior(const struct match_model *model) {
    return model->link_posterior;
}

double match_model_review_posterior(const struct match_model *model) {
    return model->review_posterior;
}

int32_t match_model_conflict_cb(const struct match_model *model) {
    return model->conflict_cb;
}

bool model_share_group(const struct given_entry *a, const struct given_entry *b, bool *out_weak) {
    for (size_t i = 0; i < GIVEN_GROUPS && a->groups[i] != 0; i++) {
        for (size_t j = 0; j < GIVEN_GROUPS && b->groups[j] != 0; j++) {
            if (((a->groups[i] ^ b->groups[j]) & ~GROUP_WEAK) != 0)
                continue;
            *out_weak = ((a->groups[i] | b->groups[j]) & GROUP_WEAK) != 0;
            return true;
        }
    }
    return false;
}

static bool is_usual(const struct match_model *model, const char *letters, size_t len) {
    struct name name = {.hash = name_hash(span_make(letters, len))};
    const struct given_entry *entry = model_given(model, &name);
    return entry && entry->usual;
}

static void exchange(char *text, size_t i, size_t j) {
    char held = text[i];
    text[i] = text[j];
    text[j] = held;
}

/* Another letter at each place, or, where `text` has a gap at its end, one more there. */
static bool is_usual_with_letter(const struct match_model *model, char *text, size_t len, size_t at) {
    char held = text[at];
    bool found = false;
    for (char letter = 'A'; letter <= 'Z' && !found; letter++) {
        text[at] = letter;
        found = is_usual(model, text, len);
    }
    text[at] = held;
    return found;
}

/* Some usual given name is one edit away (distance_osa). */
static bool is_near_usual(const struct match_model *model, struct span tight) {
    char text[NAME_MOST + 1], more[NAME_MOST + 1] = {0};
    size_t len = tight.len;
    bool found = false;
    memcpy(text, tight.ptr, len);
    memcpy(more + 1, tight.ptr, len);
    for (size_t at = 0; at <= len && !found; at++) { /* more: with a gap at `at` */
        found = is_usual_with_letter(model, more, len + 1, at);
        if (at == len || found)
            break;
        found = is_usual_with_letter(model, text, len, at);
        more[at] = text[at];
        if (!found && at + 1 < len) {
            exchange(text, at, at + 1);
            found = is_usual(model, text, len);
            exchange(text, at, at + 1);
        }
    }
    for (size_t at = len; at > 0 && !found; at--) { /* one letter less: text loses the one at `at` */
        memcpy(more, tight.ptr, at - 1);
        memcpy(more + at - 1, tight.ptr + at, len - at);
        found = is_usual(model, more, len - 1);
    }
    return found;
}

bool model_may_be_another(const struct match_model *model, const struct name *a, const struct name *b) {
    const struct given_entry *p = model_given(model, a), *q = model_given(model, b);
    bool known_a = p != NULL, known_b = q != NULL;
    if (known_a && known_b) {
        known_a = p->usual;
        known_b = q->usual;
    }
    const struct name *slip = known_a ? b : a;
    if (known_a == known_b || slip->tight_len < 3 || slip->tight_len >= NAME_MOST)
        return false;
    return distance_osa(name_tight(a), name_tight(b), 1) > 1 && is_near_usual(model, name_tight(slip));
}

/* Of a family and a given name, each log2(1 / frequency). */
struct name_rarity {
    int32_t family_cb, given_cb;
};

/* log2(1 / p) of one order of the two names. */
static struct name_rarity rarity_of(const struct match_model *model, const struct name *family, const struct name *given) {
    return (struct name_rarity){model_family_cb(model, family), model_given_cb(model, model_given(model, given))};
}

int32_t model_exchange_cap(const struct match_model *model, const struct name *family, const struct name *given, bool abroad) {
    struct name_rarity one = rarity_of(model, family, given), other = rarity_of(model, given, family);
    return cb_lesser(model_namesake_cap(model, one.family_cb, one.given_cb, abroad),
                     model_namesake_cap(model, other.family_cb, other.given_cb, abroad));
}

/* As rare as the limits let the names count. */
static int32_t limited_rarity_cb(const struct match_model *model, struct name_rarity names) {
    return model->family_exact_cb + model_family_adjustment(model, names.family_cb, false) + model->given_exact_cb +
           model_given_adjustment(model, names.given_cb, false);
}

/* One record has F as family and G as given name, the other the reverse. Either one is wrong, as every record is with the share s:
 * then the two say what equal names do, 1 / p(F, G). Or each is right, and they are two people's. The odds, s (p + q) / ((p + s q)
 * (q + s p)) for the two orders, are the least of 1 / p and s / q but for one bit. */
int32_t model_exchange_cb(const struct match_model *model, const struct name *family, const struct name *given) {
    struct name_rarity one = rarity_of(model, family, given), other = rarity_of(model, given, family);
    int32_t equal = cb_lesser(limited_rarity_cb(model, one), limited_rarity_cb(model, other));
    int32_t x = one.family_cb + one.given_cb, y = other.family_cb + other.given_cb;
    return cb_lesser(equal, (x > y ? x : y) - model->exchange_cb);
}

double model_posterior(const struct match_model *model, int32_t weight_cb) {
    return 1 / (1 + exp2(-(double)model_log_odds(model, weight_cb) / CB_PER_BIT));
}
