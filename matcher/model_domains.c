/*
 * Priors by pair of domains: two practices of one town share patients, a hospital has few duplicates of its own. A line of the
 * settings, `domains A B RATIO`, says how many times as likely as in the whole registry a pair of one record of A and one of B is
 * one person's; it moves the prior of such pairs by MODEL_DOMAIN_MOST_CB at most, and no weight.
 */
#include "matcher/model.h"

#include <string.h>

struct span model_domain_word(struct span name, char out[MODEL_DOMAIN_WORD_MOST]) {
    name = span_clip(span_trim(name), MODEL_DOMAIN_WORD_MOST);
    for (size_t i = 0; i < name.len; i++)
        out[i] = (unsigned char)name.ptr[i] > ' ' && name.ptr[i] != '#' ? name.ptr[i] : '_';
    return span_make(out, name.len);
}

static uint8_t find(const struct model_domains *domains, struct span word) {
    for (size_t i = 1; i <= domains->count; i++)
        if (span_eq(span_make(domains->words[i], domains->lengths[i]), word))
            return (uint8_t)i;
    return 0;
}

uint8_t match_model_domain(const struct match_model *model, struct span name) {
    char room[MODEL_DOMAIN_WORD_MOST];
    return model->domains ? find(model->domains, model_domain_word(name, room)) : 0;
}

uint8_t model_domains_number(struct model_domains *domains, struct span word) {
    uint8_t number = find(domains, word);
    if (number != 0 || domains->count + 1 == MODEL_DOMAIN_NUMBERS)
        return number;
    number = (uint8_t)++domains->count;
    memcpy(domains->words[number], word.ptr, word.len);
    domains->lengths[number] = (uint8_t)word.len;
    return number;
}

static int16_t *place_of(struct model_domains *domains, uint8_t a, uint8_t b) {
    return &domains->cb[a < b ? a : b][a < b ? b : a];
}

const char *model_domains_add(struct match_model *model, struct span a, struct span b, struct decimal ratio) {
    if (a.len == 0 || b.len == 0 || a.len > MODEL_DOMAIN_WORD_MOST || b.len > MODEL_DOMAIN_WORD_MOST || ratio.digits == 0)
        return "domains are given as: domains A B RATIO, two names of at most 60 bytes and a number above 0";
    if (!model->domains)
        model->domains = mem_alloc(sizeof *model->domains);
    uint8_t first = model_domains_number(model->domains, a), second = model_domains_number(model->domains, b);
    if (first == 0 || second == 0)
        return "at most 63 domains can have priors of their own";
    if (model->domains->given[first] >> second & 1)
        return "a pair of domains stands once";
    model->domains->given[first] |= UINT64_C(1) << second;
    model->domains->given[second] |= UINT64_C(1) << first;
    int32_t cb = decimal_log2_ratio_cb(ratio, (struct decimal){1, 0}), most = MODEL_DOMAIN_MOST_CB;
    cb = cb < -most ? -most : cb_lesser(cb, most);
    *place_of(model->domains, first, second) = (int16_t)cb;
    model->domains_most_cb = cb > model->domains_most_cb ? cb : model->domains_most_cb;
    return NULL;
}

int32_t model_domain_cb(const struct match_model *model, uint8_t a, uint8_t b) {
    return model->domains && a != 0 && b != 0 ? *place_of(model->domains, a, b) : 0;
}
