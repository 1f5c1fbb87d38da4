/*
 * Forms as bytes; see form.h. The layout, numbers with their low byte first:
 * It has been the same since version 1; what standardizing makes of traits changed.
 *
 *     version 1 | ins 8 | birth 4 | place 4 | misc 4 | address 4 | mobile 4 | fixed 4 | mail 4 | 7 names: length 1, NORM_KEY bytes
 */
#include "matcher/form.h"

#include "matcher/date.h"
#include "matcher/nir.h"
#include "matcher/place.h"

#include <string.h>

enum { PLACE_END = 102000 };

static void add_number(struct buf *out, uint64_t number, size_t size) {
    for (size_t i = 0; i < size; i++)
        buf_add_char(out, (char)(unsigned char)(number >> (8 * i)));
}

void match_form_write(const struct match_form *form, struct buf *out) {
    const struct form_facts *f = &form->facts;
    const uint32_t words[] = {f->birth, f->place, f->misc, f->address, f->mobile, f->fixed, f->mail};
    add_number(out, MATCH_STANDARD_VERSION, 1);
    add_number(out, f->ins, 8);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        add_number(out, words[i], 4);
    for (size_t i = 0; i < FORM_NAMES; i++) {
        struct span key = name_key(form->names[i]);
        add_number(out, key.len, 1);
        buf_add(out, key);
    }
}

static bool take_number(struct span *rest, size_t size, uint64_t *out) {
    if (rest->len < size)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number |= (uint64_t)(unsigned char)rest->ptr[i] << (8 * i);
    *rest = span_sub(*rest, size, rest->len);
    *out = number;
    return true;
}

static bool take_facts(struct span *rest, struct form_facts *f) {
    uint32_t *const words[] = {&f->birth, &f->place, &f->misc, &f->address, &f->mobile, &f->fixed, &f->mail};
    if (!take_number(rest, 8, &f->ins))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        uint64_t number;
        if (!take_number(rest, 4, &number))
            return false;
        *words[i] = (uint32_t)number;
    }
    return true;
}

static bool facts_are_sound(const struct form_facts *f) {
    bool number = (f->ins & NIR_NUMBER_MASK) != 0;
    return f->ins <= NIR_ALL_BITS && (number || f->ins == 0) && date_is_sound(f->birth) && f->place < PLACE_END &&
           f->misc <= MISC_ALL_BITS && (f->misc >> MISC_SEX_SHIFT & 3) != 3;
}

static bool take_name(struct span *rest, struct arena *arena, const struct name **out) {
    uint64_t len;
    if (!take_number(rest, 1, &len) || len > rest->len)
        return false;
    struct span key = span_sub(*rest, 0, (size_t)len);
    *rest = span_sub(*rest, (size_t)len, rest->len);
    *out = NULL;
    if (len == 0)
        return true;
    if (!name_is_key(key))
        return false;
    const char *text = key.ptr;
    if (name_text_size(key) != key.len) {
        char *copy = arena_alloc(arena, name_text_size(key));
        name_write_text(key, copy);
        text = copy;
    }
    struct name *name = ARENA_NEW(arena, struct name);
    name_derive(name, text, key.len);
    *out = name;
    return true;
}

static bool is_known(uint64_t version, struct error *err) {
    return version <= MATCH_STANDARD_VERSION || error_set(err, ERROR_TYPE, "form",
                                                          "the stored form is of version %u and this program knows %d; use a newer "
                                                          "program",
                                                          (unsigned)version, MATCH_STANDARD_VERSION);
}

bool match_form_read(struct span bytes, struct arena *arena, const struct match_form **out, struct error *err) {
    struct match_form *form = ARENA_NEW(arena, struct match_form);
    struct span rest = bytes;
    uint64_t version;
    if (!take_number(&rest, 1, &version))
        return error_set(err, ERROR_TYPE, "form", "the stored form is empty");
    if (version < MATCH_STANDARD_VERSION)
        return error_set(err, ERROR_TYPE, "form", "the stored form is of version %u, not %d; run `sosie migrate`",
                         (unsigned)version, MATCH_STANDARD_VERSION);
    if (!is_known(version, err))
        return false;
    bool whole = take_facts(&rest, &form->facts) && facts_are_sound(&form->facts);
    for (size_t i = 0; whole && i < FORM_NAMES; i++)
        whole = take_name(&rest, arena, &form->names[i]);
    if (!whole || rest.len != 0)
        return error_set(err, ERROR_TYPE, "form", "the stored form is damaged: make it anew from its traits");
    *out = form;
    return true;
}

bool match_form_renew(struct span old, const struct match_traits *traits, struct arena *arena, const struct match_form **out,
                      struct error *err) {
    struct match_traits without_ins = *traits;
    struct span rest = old;
    struct form_facts facts;
    uint64_t version = 0;
    if (take_number(&rest, 1, &version) && !is_known(version, err))
        return false;
    if (version == 0 || !take_facts(&rest, &facts) || !facts_are_sound(&facts))
        return error_set(err, ERROR_TYPE, "form", "the stored form is damaged");
    without_ins.ins = SPAN_ABSENT;
    struct match_form *form = arena_dup(arena, match_standardize(&without_ins, arena), sizeof *form);
    form->facts.ins = nir_judge_holder(facts.ins & ~(NIR_COHERENT | NIR_OTHER_HOLDER), traits);
    *out = form;
    return true;
}

struct span match_form_ins(const struct match_form *form, struct arena *arena) {
    char number[13];
    unsigned key = (unsigned)((form->facts.ins & NIR_KEY_MASK) >> NIR_KEY_SHIFT);
    if (!(form->facts.ins & NIR_NUMBER_MASK))
        return SPAN_ABSENT;
    nir_unpack(form->facts.ins, number);
    return span_of(key == NIR_NO_KEY ? arena_printf(arena, "%.13s", number) : arena_printf(arena, "%.13s%02u", number, key));
}

bool match_form_equal(const struct match_form *a, const struct match_form *b) {
    const struct form_facts *f = &a->facts, *g = &b->facts;
    bool facts = f->ins == g->ins && f->birth == g->birth && f->place == g->place && f->misc == g->misc &&
                 f->address == g->address && f->mobile == g->mobile && f->fixed == g->fixed && f->mail == g->mail;
    for (size_t i = 0; facts && i < FORM_NAMES; i++)
        facts = name_equal(a->names[i], b->names[i]);
    return facts;
}

uint32_t match_form_flags(const struct match_form *form) {
    uint32_t flags = 0;
    if (!form->names[FORM_FAMILY])
        flags |= MATCH_FORM_NO_NAME;
    if (!form->names[FORM_GIVEN])
        flags |= MATCH_FORM_NO_GIVEN;
    if (form->facts.birth == 0)
        flags |= MATCH_FORM_NO_DATE;
    if (form->facts.ins & NIR_VALID)
        flags |= MATCH_FORM_INS_VALID;
    if (form->facts.ins & NIR_COHERENT)
        flags |= MATCH_FORM_INS_COHERENT;
    if (form->facts.ins & NIR_OTHER_HOLDER)
        flags |= MATCH_FORM_INS_OTHER_HOLDER;
    if (form->facts.misc & MISC_MULTIPLE)
        flags |= MATCH_FORM_MULTIPLE_BIRTH;
    return flags;
}
