/* Traits arriving under a known identifier (DESIGN.md rule 7). */
#include "tests/unit/matcher_help.h"

static struct match_traits sylvie(void) {
    return traits_of("LAMBERT", "SYLVIE", "19710923", 'F', "33063");
}

static void assert_change(const struct match_traits *before, const struct match_traits *after, enum match_change expected) {
    static const char *const names[] = {"none", "same", "emptied", "collision"};
    enum match_change got = match_change(model, match_standardize(before, arena), match_standardize(after, arena));
    if (got != expected)
        fail_msg("%s, not %s", names[got], names[expected]);
}

static void test_rule_7_nothing_changes(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    b.family = SPAN("Lambert");
    b.given = SPAN("sylvie");
    assert_change(&a, &b, MATCH_CHANGE_NONE);
}

static void test_rule_7_corrections_are_the_same_person(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    b.family = SPAN("LAMBRET");
    assert_change(&a, &b, MATCH_CHANGE_SAME); /* typing */
    b = sylvie();
    b.used_family = SPAN("MOREAU");
    assert_change(&a, &b, MATCH_CHANGE_SAME); /* marriage */
    b = sylvie();
    b.family = SPAN("MOREAU");
    assert_change(&a, &b, MATCH_CHANGE_SAME); /* her birth name becomes known */
    b = sylvie();
    b.given_list = SPAN("SYLVIE ANNE MARIE");
    assert_change(&a, &b, MATCH_CHANGE_SAME);
    b = sylvie();
    b.birth_date = SPAN("19710928");
    assert_change(&a, &b, MATCH_CHANGE_SAME); /* a figure */
    b = sylvie();
    b.birth_place = SPAN("40192");
    assert_change(&a, &b, MATCH_CHANGE_SAME);
    b = sylvie();
    b.given = SPAN("SYLVIA");
    assert_change(&a, &b, MATCH_CHANGE_SAME);
    b = sylvie();
    b.sex = 'M';
    assert_change(&a, &b, MATCH_CHANGE_SAME); /* a slip: the given name stays hers */
}

static void test_rule_7_a_part_of_a_given_name_is_the_same_person(void **state) {
    static const char *const pairs[][2] = {
        {"JEAN-PIERRE", "PIERRE"}, {"MARIE-THERESE", "THERESE"}, {"J-PIERRE", "JEAN-PIERRE"}, {"JEAN-PIERRE", "PIERRE-JEAN"}};
    struct match_traits a = sylvie(), b = sylvie();
    for (size_t i = 0; i < 2 * sizeof pairs / sizeof pairs[0]; i++) {
        a.given = span_of(pairs[i / 2][i % 2]);
        b.given = span_of(pairs[i / 2][1 - i % 2]);
        a.sex = b.sex = a.given.ptr[0] == 'M' || b.given.ptr[0] == 'M' ? 'F' : 'M';
        assert_change(&a, &b, MATCH_CHANGE_SAME);
    }
}

static void test_rule_7_completing_is_the_same_person(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    a.birth_date = SPAN("1971");
    assert_change(&a, &b, MATCH_CHANGE_SAME);
    a.birth_date = SPAN("19711231");
    a.birth_date_interpreted = true;
    assert_change(&a, &b, MATCH_CHANGE_SAME);
    a = sylvie();
    a.birth_place = SPAN("99999");
    assert_change(&a, &b, MATCH_CHANGE_SAME);
}

static void test_rule_7_filling_a_newborn_or_unknown_patient(void **state) {
    struct match_traits baby = traits_of("LAMBERT", "BEBE", "20240310", 'F', "33063"), named = baby;
    named.family = SPAN("MOREAU");
    named.given = SPAN("LOUISE");
    assert_change(&baby, &named, MATCH_CHANGE_SAME);
    struct match_traits unknown = traits_of("INCONNU", "X", "19701231", 0, "99999"), known = sylvie();
    assert_change(&unknown, &known, MATCH_CHANGE_SAME);
}

static void test_rule_7_another_person_is_a_collision(void **state) {
    struct match_traits a = sylvie(), b = traits_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
    b = sylvie(); /* the sister: family name, sex, place the same */
    b.given = SPAN("NATHALIE");
    b.birth_date = SPAN("19740215");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
    b = sylvie(); /* a namesake */
    b.birth_date = SPAN("19750102");
    b.birth_place = SPAN("59350");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
}

static void test_rule_7_the_twin_is_a_collision(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    b.given = SPAN("VALERIE");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
    b = sylvie();
    a.birth_order = 1;
    b.birth_order = 2;
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
}

static void test_rule_7_father_to_son_is_a_collision(void **state) {
    struct match_traits a = traits_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194"), b = a;
    b.birth_date = SPAN("19920814");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
}

static void test_rule_7_other_valid_ins_is_a_collision(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    a.ins = ins_of("2710933063025");
    b.ins = ins_of("2710933063031");
    assert_change(&a, &b, MATCH_CHANGE_COLLISION);
}

static void test_rule_7_emptied(void **state) {
    struct match_traits a = sylvie(), b = sylvie();
    b.birth_place = SPAN("99999");
    assert_change(&a, &b, MATCH_CHANGE_EMPTIED);
    b = sylvie();
    b.birth_date = SPAN("1971");
    assert_change(&a, &b, MATCH_CHANGE_EMPTIED);
    b = sylvie();
    b.sex = 0;
    assert_change(&a, &b, MATCH_CHANGE_EMPTIED);
    b = sylvie();
    b.family = SPAN("INCONNU");
    assert_change(&a, &b, MATCH_CHANGE_EMPTIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_7_nothing_changes),
        cmocka_unit_test(test_rule_7_corrections_are_the_same_person),
        cmocka_unit_test(test_rule_7_a_part_of_a_given_name_is_the_same_person),
        cmocka_unit_test(test_rule_7_completing_is_the_same_person),
        cmocka_unit_test(test_rule_7_filling_a_newborn_or_unknown_patient),
        cmocka_unit_test(test_rule_7_another_person_is_a_collision),
        cmocka_unit_test(test_rule_7_the_twin_is_a_collision),
        cmocka_unit_test(test_rule_7_father_to_son_is_a_collision),
        cmocka_unit_test(test_rule_7_other_valid_ins_is_a_collision),
        cmocka_unit_test(test_rule_7_emptied),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
