/* Traits after a message: what is replaced, what stays, and in which order. */
#include "tests/unit/with_arena.h"

#include "base/buf.h"
#include "identity/traits.h"

static struct span written(const struct traits *traits) {
    struct buf json = {0};
    buf_init(&json, 1 << 16);
    traits_write(traits, &json);
    struct span text = buf_copy(&json, arena);
    buf_release(&json);
    return text;
}

static const struct trait_name names[] = {{.type = 'L', .family = {"KERVELLA", 8}, .given = {"SOLENN", 6}},
                                          {.type = 'D', .family = {"TANGUY", 6}}};
static const struct trait_address addresses[] = {{.type = {"BDL", 3}, .insee = {"29019", 5}},
                                                 {.type = {"H", 1}, .line = {"12 RUE DE SIAM", 14}}};
static const struct trait_identifier identifiers[] = {
    {.value = {"1", 1}, .namespace_id = {"CHU-NORD", 8}, .type = {"PI", 2}},
    {.value = {"7", 1}, .namespace_id = {"CH-EST", 6}, .type = {"PI", 2}},
};
static const struct traits whole = {
    .names = names, .name_count = 2, .addresses = addresses, .address_count = 2, .identifiers = identifiers, .identifier_count = 2};

static void to_say_less_changes_nothing(void **state) {
    const struct traits less[] = {
        {.names = names, .name_count = 1},
        {.names = names + 1, .name_count = 1},
        {.addresses = addresses, .address_count = 1},
        {.addresses = addresses + 1, .address_count = 1},
        {.identifiers = identifiers + 1, .identifier_count = 1},
    };
    struct span before = written(&whole);
    for (size_t i = 0; i < sizeof less / sizeof *less; i++) {
        struct traits after;
        traits_update(&whole, &less[i], arena, &after);
        assert_true(span_eq(before, written(&after)));
    }
}

static void a_type_is_replaced_in_its_place(void **state) {
    static const struct trait_address birth = {.type = {"BDL", 3}, .insee = {"29232", 5}};
    struct traits sent = {.addresses = &birth, .address_count = 1}, after;
    traits_update(&whole, &sent, arena, &after);
    assert_int_equal(after.address_count, 2);
    assert_true(span_eq_cstr(traits_birth_place(&after), "29232"));
    assert_true(span_eq_cstr(after.addresses[1].line, "12 RUE DE SIAM"));
}

/* Rule 7: a strict trait is not emptied by a message that says nothing about it. */
static void the_list_of_given_names_stays(void **state) {
    const struct trait_name known = {
        .type = 'L', .family = SPAN("COLONNA"), .given = SPAN("LÆTITIA"), .given_list = SPAN("LÆTITIA ANGE")};
    const struct {
        struct trait_name sent;
        const char *list;
    } cases[] = {
        {{.type = 'L', .family = SPAN("COLONNA"), .given = SPAN("Lætitia")}, "LÆTITIA ANGE"},
        {{.type = 'L', .family = SPAN("COLONA"), .given = SPAN("LAETITIA")}, "LÆTITIA ANGE"},
        {{.type = 'L', .family = SPAN("COLONNA"), .given = SPAN("LÆTITIA"), .given_list = SPAN("LÆTITIA ROSE")}, "LÆTITIA ROSE"},
        {{.type = 'L', .family = SPAN("COLONNA"), .given = SPAN("LÆTITIA"), .given_list = TRAIT_DELETE}, ""},
        {{.type = 'L', .family = SPAN("COLONNA"), .given = SPAN("ANGE")}, ""}, /* the old list begins with another name */
    };
    const struct traits stored = {.names = &known, .name_count = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traits sent = {.names = &cases[i].sent, .name_count = 1}, after;
        traits_update(&stored, &sent, arena, &after);
        assert_int_equal(after.name_count, 1);
        assert_true(span_eq_cstr(after.names[0].given_list, cases[i].list));
    }
}

static void what_is_deleted_is_gone(void **state) {
    const struct trait_name used = {.type = 'D', .family = TRAIT_DELETE};
    struct traits sent = {.names = &used, .name_count = 1}, after;
    traits_update(&whole, &sent, arena, &after);
    assert_int_equal(after.name_count, 1);
    assert_null(traits_name(&after, 'D'));
    assert_non_null(traits_name(&after, 'L'));
}

/* hl7v2.md 1.5, of her maiden name and her given name each on its own. */
static void the_names_of_the_mother(void **state) {
    const struct traits stored = {.mother_name = SPAN("KERVELLA"), .mother_given = SPAN("JEANNE")};
    const struct {
        struct traits sent;
        const char *name, *given;
    } cases[] = {
        {{.mother_name = SPAN_ABSENT}, "KERVELLA", "JEANNE"},
        {{.mother_name = SPAN("LE GOFF")}, "LE GOFF", "JEANNE"},
        {{.mother_given = SPAN("ROZENN")}, "KERVELLA", "ROZENN"},
        {{.mother_given = TRAIT_DELETE}, "KERVELLA", ""},
        {{.mother_name = TRAIT_DELETE, .mother_given = TRAIT_DELETE}, "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traits after, read;
        struct error err = ERROR_INIT;
        traits_update(&stored, &cases[i].sent, arena, &after);
        assert_true(traits_read(written(&after), arena, &read, &err));
        assert_true(span_eq_cstr(read.mother_name, cases[i].name));
        assert_true(span_eq_cstr(read.mother_given, cases[i].given));
    }
}

/* Who held what was told before comes to what is true now by what is told of it, part by part. */
static void what_is_gone_can_be_told(void **state) {
    const struct trait_telecom telecoms[] = {{.use = SPAN("PRN"), .value = SPAN("0639980001")},
                                             {.use = SPAN("WPN"), .value = SPAN("0139980001")}};
    const struct trait_name divorced[] = {
        {.type = 'L', .family = SPAN("KERVELLA"), .given = SPAN("SOLENN")},
        {.type = 'D', .given = SPAN("SOLENN")},
    };
    const struct traits all = {.names = names,
                               .name_count = 2,
                               .addresses = addresses,
                               .address_count = 2,
                               .telecoms = telecoms,
                               .telecom_count = 2,
                               .mother_ids = identifiers,
                               .mother_id_count = 1,
                               .account = SPAN("S1"),
                               .account_namespace_id = SPAN("CHU-NORD"),
                               .death_time = SPAN("20251118"),
                               .dead = SPAN("Y"),
                               .sex = SPAN("F")};
    const struct traits cases[] = {
        {0},
        all,
        {.names = names, .name_count = 1, .sex = SPAN("F")},
        {.names = divorced, .name_count = 2, .addresses = addresses + 1, .address_count = 1},
        {.telecoms = telecoms, .telecom_count = 1, .dead = SPAN("N")},
        {.telecoms = telecoms + 1, .telecom_count = 1, .account = SPAN("S2")},
        {.mother_ids = identifiers + 1, .mother_id_count = 1, .addresses = addresses, .address_count = 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traits told = cases[i], after;
        traits_mark_deleted(&all, arena, &told);
        traits_update(&all, &told, arena, &after);
        assert_true(span_eq(written(&after), written(&cases[i])));
    }
}

/* Every part taken away, every part added, every part as another says it. */
static void the_difference_makes_the_one_the_other(void **state) {
    static const struct trait_name other_names[] = {
        {.type = 'L', .family = {"KERVELLA", 8}, .given = {"SOLENN", 6}, .given_list = {"SOLENN ANNE", 11}}};
    static const struct trait_address other_addresses[] = {{.type = {"BDL", 3}, .insee = {"29232", 5}}};
    static const struct trait_telecom telecoms[] = {{.value = {"0639980001", 10}}};
    struct traits other = {.names = other_names,
                           .name_count = 1,
                           .addresses = other_addresses,
                           .address_count = 1,
                           .telecoms = telecoms,
                           .telecom_count = 1,
                           .identifiers = identifiers,
                           .identifier_count = 2,
                           .birth_date = SPAN("19840317"),
                           .account = SPAN("A1"),
                           .account_namespace_id = SPAN("CHU-NORD")};
    const struct traits *all[] = {&whole, &other};
    for (size_t i = 0; i < 4; i++) {
        const struct traits *from = all[i / 2], *to = all[i % 2];
        struct traits said, after;
        traits_difference(from, to, arena, &said);
        traits_update(from, &said, arena, &after);
        assert_span(written(&after), span_cstr(written(to), arena));
    }
}

/* Laid on somebody else, it says what changed and nothing of whom it changed. */
static void the_difference_says_nothing_else(void **state) {
    static const struct trait_name first[] = {{.type = 'L', .family = {"VUILLEMOT", 9}, .given = {"ODILE", 5}}},
                                   then[] = {{.type = 'L', .family = {"VUILLEMOT", 9}, .given = {"ODILE", 5}},
                                             {.type = 'D', .family = {"LEFEVRE", 7}}};
    const struct traits from = {.names = first, .name_count = 1, .sex = SPAN("F")},
                        to = {.names = then, .name_count = 2, .sex = SPAN("F")};
    struct traits said, after;
    traits_difference(&from, &to, arena, &said);
    traits_update(&whole, &said, arena, &after);
    assert_span(traits_name(&after, 'L')->family, "KERVELLA");
    assert_span(traits_name(&after, 'D')->family, "LEFEVRE");
    assert_true(span_is_empty(after.sex));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_say_less_changes_nothing),      cmocka_unit_test(a_type_is_replaced_in_its_place),
        cmocka_unit_test(the_list_of_given_names_stays),    cmocka_unit_test(what_is_deleted_is_gone),
        cmocka_unit_test(the_names_of_the_mother),          cmocka_unit_test(the_difference_makes_the_one_the_other),
        cmocka_unit_test(the_difference_says_nothing_else), cmocka_unit_test(what_is_gone_can_be_told),
    };
    return cmocka_run_group_tests(tests, new_arena, drop_arena);
}
