/* What of a record's traits is compared; see traits.h. */
#include "identity/traits.h"

#include <string.h>

static void telecoms_for_matching(const struct traits *traits, struct match_traits *out) {
    for (size_t i = 0; i < traits->telecom_count; i++) {
        bool mail = span_find(traits->telecoms[i].value, '@', 0) < traits->telecoms[i].value.len;
        if (mail && out->email_count < sizeof out->emails / sizeof *out->emails)
            out->emails[out->email_count++] = traits->telecoms[i].value;
        if (!mail && out->phone_count < sizeof out->phones / sizeof *out->phones)
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
