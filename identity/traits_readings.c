/*
 * Readings of traits: single ones that every edge needs, what matching compares, what status asks about.
 */
#include "identity/traits.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct trait_name *traits_name(const struct traits *traits, char type) {
    for (size_t i = 0; i < traits->name_count; i++)
        if (traits->names[i].type == type)
            return &traits->names[i];
    return NULL;
}

const struct trait_address *traits_address(const struct traits *traits, const char *type) {
    for (size_t i = 0; i < traits->address_count; i++)
        if (span_eq_cstr(traits->addresses[i].type, type))
            return &traits->addresses[i];
    return NULL;
}

struct span traits_birth_place(const struct traits *traits) {
    const struct trait_address *place = traits_address(traits, "BDL");
    return place ? place->insee : SPAN_ABSENT;
}

static void telecoms_for_matching(const struct traits *traits, struct match_traits *out) {
    for (size_t i = 0; i < traits->telecom_count; i++) {
        bool mail = span_find(traits->telecoms[i].value, '@', 0) < traits->telecoms[i].value.len;
        if (mail && out->email_count < COUNT(out->emails))
            out->emails[out->email_count++] = traits->telecoms[i].value;
        if (!mail && out->phone_count < COUNT(out->phones))
            out->phones[out->phone_count++] = traits->telecoms[i].value;
    }
}

static const struct trait_address *home_address(const struct traits *traits) {
    const struct trait_address *home = traits_address(traits, "H");
    for (size_t i = 0; !home && i < traits->address_count; i++)
        if (span_is_empty(traits->addresses[i].type))
            home = &traits->addresses[i];
    return home;
}

bool traits_is_unknown_date(struct span date, const char *list) {
    struct span rest = span_of(list ? list : ""), piece;
    while (date.len >= 8 && span_cut(&rest, ',', &piece)) {
        piece = span_trim(piece);
        if (piece.len == 10 && memcmp(piece.ptr, date.ptr, 4) == 0 && memcmp(piece.ptr + 5, date.ptr + 4, 2) == 0 &&
            memcmp(piece.ptr + 8, date.ptr + 6, 2) == 0)
            return true;
    }
    return false;
}

void traits_for_matching(const struct traits *traits, struct span ins, bool ins_is_nia, struct match_traits *out) {
    *out = (struct match_traits){0};
    const struct trait_name *birth = traits_name(traits, 'L'), *used = traits_name(traits, 'D');
    if (birth) {
        out->family = birth->family;
        out->given = birth->given;
        out->given_list = birth->given_list;
    }
    if (used) {
        out->used_family = used->family;
        out->used_given = used->given;
    }
    out->birth_date = traits->birth_date;
    out->birth_date_interpreted = span_eq_cstr(traits->birth_date_corrected, "Y");
    bool sexed = span_eq_cstr(traits->sex, "M") || span_eq_cstr(traits->sex, "F");
    out->sex = sexed ? traits->sex.ptr[0] : 0;
    out->birth_place = traits_birth_place(traits);
    out->ins = ins;
    out->ins_is_nia = ins_is_nia;
    out->mother = traits->mother_name;
    const struct trait_address *home = home_address(traits);
    if (home) {
        out->street = home->line;
        out->city = home->city;
        out->postcode = home->postcode;
    }
    telecoms_for_matching(traits, out);
    uint64_t order = 0;
    out->birth_order = span_to_u64(traits->birth_order, &order) && order < 20 ? (int)order : 0;
    out->multiple_birth = span_eq_cstr(traits->multiple_birth, "Y");
}

bool traits_strict_equal(const struct traits *a, const struct traits *b, struct arena *arena) {
    const struct trait_name empty = {0};
    const struct trait_name *left = traits_name(a, 'L'), *right = traits_name(b, 'L');
    left = left ? left : &empty;
    right = right ? right : &empty;
    return span_eq(match_norm_key(left->family, arena), match_norm_key(right->family, arena)) &&
           span_eq(match_norm_key(left->given, arena), match_norm_key(right->given, arena)) &&
           span_eq(a->birth_date, b->birth_date) && span_eq(a->sex, b->sex) &&
           span_eq(traits_birth_place(a), traits_birth_place(b));
}

bool traits_strict_complete(const struct traits *traits) {
    const struct trait_name *birth = traits_name(traits, 'L');
    return birth && !span_is_empty(birth->family) && !span_is_empty(birth->given) && traits->birth_date.len >= 8 &&
           !span_is_empty(traits->sex) && !span_is_empty(traits_birth_place(traits));
}
