/*
 * New traits under a known identifier (DESIGN.md rule 7). The prior speaks for the same person, and a wrong record picked at a
 * front desk is most often kin or a neighbour in the list: family name, place and household prove little, given name and birth date
 * decide.
 */
#include "matcher/compare.h"

static bool date_agrees(unsigned level) {
    return level >= DATE_EXACT && level <= DATE_NEAR_YEAR;
}

static bool given_differs(unsigned level) {
    return level == GIVEN_CLOSE_USUAL || level == GIVEN_DIFFERENT || level == GIVEN_DIFFERENT_USUAL;
}

static bool name_differs(unsigned level) {
    return level == NAME_NEAR || level == NAME_DIFFERENT;
}

/* A veto of two people; what is said of placeholders does not count, filling them is no collision. */
static bool shows_two_people(const struct match_score *score) {
    const uint32_t rules =
        1u << MATCH_RULE_DIFFERENT_INS | 1u << MATCH_RULE_MULTIPLE_BIRTH | 1u << MATCH_RULE_FATHER_SON | 1u << MATCH_RULE_OTHER_SEX;
    return (score->vetoes & rules) != 0;
}

static bool is_another_person(const struct match_model *model, const struct match_form *trusted, const struct match_score *score) {
    const uint8_t *level = score->level;
    if (shows_two_people(score))
        return true;
    /* An unknown patient without a name gets whatever identity turns out to be theirs. */
    if (!trusted->names[FORM_FAMILY] && !trusted->names[FORM_USED])
        return false;
    if (score->weight_cb < model->conflict_cb)
        return true;
    if (level[MATCH_INS] == INS_SAME)
        return given_differs(level[MATCH_GIVEN]) && !date_agrees(level[MATCH_BIRTH_DATE]);
    bool other_date = level[MATCH_BIRTH_DATE] >= DATE_MONTH;
    bool other_given = given_differs(level[MATCH_GIVEN]);
    /* One of given name and date may be wrong by more than a slip only if all the rest stands. */
    if (level[MATCH_BIRTH_DATE] == DATE_DIFFERENT || other_given)
        return true;
    return other_date && (name_differs(level[MATCH_NAME]) || level[MATCH_GIVEN] >= GIVEN_NEAR);
}

static bool lost_name(const struct match_form *before, const struct match_form *after, enum form_name which) {
    return before->names[which] && !after->names[which];
}

static bool lost_date(uint32_t before, uint32_t after) {
    return (date_year(before) != 0 && date_year(after) == 0) || (date_month(before) != 0 && date_month(after) == 0) ||
           (date_day(before) != 0 && date_day(after) == 0);
}

static bool is_emptied(const struct match_form *before, const struct match_form *after) {
    return lost_name(before, after, FORM_FAMILY) || lost_name(before, after, FORM_GIVEN) ||
           lost_date(before->facts.birth, after->facts.birth) || (form_sex(before) != 0 && form_sex(after) == 0) ||
           (before->facts.place != 0 && after->facts.place == 0);
}

enum match_change match_change(const struct match_model *model, const struct match_form *trusted,
                               const struct match_form *incoming) {
    struct match_score score;
    if (match_form_equal(trusted, incoming))
        return MATCH_CHANGE_NONE;
    match_compare_forms(model, trusted, incoming, &score);
    if (is_another_person(model, trusted, &score))
        return MATCH_CHANGE_COLLISION;
    return is_emptied(trusted, incoming) ? MATCH_CHANGE_EMPTIED : MATCH_CHANGE_SAME;
}
