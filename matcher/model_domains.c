/*
 * Priors by pair of domains: two practices of one town share patients, a hospital has few duplicates of its own. A line of the
 * settings, `domains A B RATIO`, says how many times as likely as in the whole registry a pair of one record of A and one of B is
 * one person's; it moves the prior of such pairs by DOMAIN_MOST_CB at most, and no weight.
 */
#include "matcher/model.h"

#include <string.h>

static struct span word_of(struct span name, char out[DOMAIN_WORD_MOST]) {
    name = span_clip(span_trim(name), DOMAIN_WORD_MOST);
    for (size_t i = 0; i < name.len; i++)
        out[i] = (unsigned char)name.ptr[i] > ' ' && name.ptr[i] != '#' ? name.ptr[i] : '_';
    return span_make(out, name.len);
}

uint8_t domain_words_find(const struct domain_words *words, struct span name) {
    char room[DOMAIN_WORD_MOST];
    struct span word = word_of(name, room);
    for (size_t i = 1; i <= words->count; i++)
        if (span_eq(domain_words_at(words, i), word))
            return (uint8_t)i;
    return 0;
}

uint8_t domain_words_add(struct domain_words *words, struct span name) {
    char room[DOMAIN_WORD_MOST];
    struct span word = word_of(name, room);
    uint8_t number = domain_words_find(words, word);
    if (number != 0 || word.len == 0 || words->count == DOMAINS_MOST)
        return number;
    number = (uint8_t)++words->count;
    memcpy(words->text[number], word.ptr, word.len);
    words->lengths[number] = (uint8_t)word.len;
    return number;
}

uint8_t match_model_domain(const struct match_model *model, struct span name) {
    return model->domains ? domain_words_find(&model->domains->words, name) : 0;
}

static int16_t *place_of(struct model_domains *domains, uint8_t a, uint8_t b) {
    return &domains->cb[a < b ? a : b][a < b ? b : a];
}

const char *model_domains_add(struct match_model *model, struct span a, struct span b, struct decimal ratio) {
    if (a.len == 0 || b.len == 0 || a.len > DOMAIN_WORD_MOST || b.len > DOMAIN_WORD_MOST || ratio.digits == 0)
        return "domains are given as: domains A B RATIO, two names of at most 60 bytes and a number above 0";
    if (!model->domains)
        model->domains = mem_alloc(sizeof *model->domains);
    uint8_t first = domain_words_add(&model->domains->words, a), second = domain_words_add(&model->domains->words, b);
    if (first == 0 || second == 0)
        return "at most 63 domains can have priors of their own";
    if (model->domains->given[first] >> second & 1)
        return "a pair of domains stands once";
    model->domains->given[first] |= UINT64_C(1) << second;
    model->domains->given[second] |= UINT64_C(1) << first;
    int32_t cb = decimal_log2_ratio_cb(ratio, (struct decimal){1, 0}), most = DOMAIN_MOST_CB;
    cb = cb < -most ? -most : cb_lesser(cb, most);
    *place_of(model->domains, first, second) = (int16_t)cb;
    model->domains_most_cb = cb > model->domains_most_cb ? cb : model->domains_most_cb;
    return NULL;
}

int32_t model_domain_cb(const struct match_model *model, uint8_t a, uint8_t b) {
    return model->domains && a != 0 && b != 0 ? *place_of(model->domains, a, b) : 0;
}
