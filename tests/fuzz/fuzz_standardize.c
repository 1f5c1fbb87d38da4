/* Traits of any bytes, one field a line: they become a form that survives writing, and one pass makes names that a second leaves
 * alone. */
#include "base/arena.h"
#include "matcher/form.h"
#include "matcher/nir.h"

static struct span next_field(struct span *rest) {
    struct span field = SPAN_ABSENT;
    span_cut(rest, '\n', &field);
    return field;
}

static struct match_traits read_traits(struct span rest) {
    struct match_traits t = {.family = next_field(&rest)};
    t.used_family = next_field(&rest);
    t.given = next_field(&rest);
    t.given_list = next_field(&rest);
    t.used_given = next_field(&rest);
    t.birth_date = next_field(&rest);
    t.birth_place = next_field(&rest);
    t.ins = next_field(&rest);
    t.mother = next_field(&rest);
    t.street = next_field(&rest);
    t.city = next_field(&rest);
    t.postcode = next_field(&rest);
    t.phones[0] = next_field(&rest);
    t.emails[0] = next_field(&rest);
    t.phone_count = t.email_count = 1;
    t.sex = t.family.len > 0 ? t.family.ptr[0] : 'F';
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct buf bytes = {0};
    struct match_nir_coherence coherence;
    const struct match_form *again;
    struct match_traits traits = read_traits(span_make((const char *)data, size));
    const struct match_form *form = match_standardize(&traits, arena);
    buf_init(&bytes, 1 << 16);
    match_form_write(form, &bytes);
    must(match_form_read(buf_span(&bytes), arena, &again, &err) && match_form_equal(form, again));
    struct span key = match_norm_key(traits.family, arena);
    must(span_eq(match_norm_key(key, arena), key));
    match_phonetic(traits.family, arena);
    match_nir_check(traits.ins, traits.postcode);
    match_nir_class(traits.ins);
    match_nir_coherence(traits.ins, &traits, &coherence);
    buf_release(&bytes);
    arena_free(arena);
    return 0;
}
