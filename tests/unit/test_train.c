/* Training: m and u of a population made with known ones come back, the model is whole, and what cannot be learnt is refused. */
#include "base/rand.h"
#include "matcher/train.h"
#include "tests/unit/matcher_help.h"

#include <math.h>
#include <string.h>

enum { PEOPLE = 6000, COPIES = 3000 };
#define NAME_ERRORS 0.12
#define DATE_ERRORS 0.08
#define GIVEN_ERRORS 0.03

static const char *const given_names[] = {"JEAN",  "MARIE",  "PIERRE",  "JEANNE", "LOUIS",   "ANDRE",   "SUZANNE", "PAUL",
                                          "DENIS", "HELENE", "MARCEL",  "RENE",   "YVONNE",  "SIMONE",  "LUCIE",   "GILLES",
                                          "ROGER", "NICOLE", "BERNARD", "ALAIN",  "CHANTAL", "MICHELE", "GEORGES", "XAVIER"};

struct person {
    char family[16], given[16], date[9], place[6];
};

static void make_person(struct rng *rng, struct person *out) {
    static const char *const parts[] = {"MA", "LO", "RI", "TEN", "DU", "VAL", "CHE", "BOR", "NA", "GUI", "SOL", "PER"};
    size_t at = 0;
    for (size_t i = 0; i < 4; i++)
        for (const char *c = parts[rng_below(rng, 12)]; *c; c++)
            out->family[at++] = *c;
    out->family[at] = '\0';
    snprintf(out->given, sizeof out->given, "%s", given_names[rng_below(rng, 24)]);
    snprintf(out->date, sizeof out->date, "%04u%02u%02u", 1930 + rng_below(rng, 80), 1 + rng_below(rng, 12),
             1 + rng_below(rng, 28));
    snprintf(out->place, sizeof out->place, "75%03u", 101 + rng_below(rng, 20));
}

/* One letter or figure wrong, at the known rates. */
static void damage(struct rng *rng, struct person *person) {
    if (rng_chance(rng, NAME_ERRORS))
        person->family[1 + rng_below(rng, 4)] = 'X';
    if (rng_chance(rng, DATE_ERRORS))
        person->date[7] = person->date[7] == '9' ? '0' : (char)(person->date[7] + 1);
    if (rng_chance(rng, GIVEN_ERRORS))
        person->given[1] = 'X';
}

static const struct match_form *form_of_person(const struct person *person) {
    return form_of(person->family, person->given, person->date, 0, person->place);
}

static struct match_trainer *new_trainer_from(struct span active, uint64_t seed) {
    struct match_trainer *trainer = NULL;
    struct error err = ERROR_INIT;
    const struct match_train_options options = {.active = active, .name = SPAN("learnt"), .seed = seed};
    assert_true(match_trainer_new(&options, &trainer, &err));
    return trainer;
}

static struct match_trainer *new_trainer(uint64_t seed) {
    return new_trainer_from(match_model_shipped(), seed);
}

/* People 1..PEOPLE, then a second record of every second one. */
static void add_population_of(struct match_trainer *trainer, bool labels, struct span first, struct span second) {
    struct rng rng;
    rng_init(&rng, 11);
    for (uint64_t i = 1; i <= PEOPLE; i++) {
        struct person person;
        make_person(&rng, &person);
        match_trainer_add(trainer, i, i, true, first, form_of_person(&person));
        if (i % 2 == 0) {
            damage(&rng, &person);
            match_trainer_add(trainer, PEOPLE + i / 2, PEOPLE + i / 2, true, second, form_of_person(&person));
        }
        if (labels && i % 8 == 0) {
            match_trainer_label(trainer, i, PEOPLE + i / 2, true);
            match_trainer_label(trainer, PEOPLE + i / 2, i - 1, false);
        }
    }
}

static void add_population(struct match_trainer *trainer, bool labels) {
    add_population_of(trainer, labels, SPAN_ABSENT, SPAN_ABSENT);
}

static struct match_trainer *population(uint64_t seed, bool labels) {
    struct match_trainer *trainer = new_trainer(seed);
    add_population(trainer, labels);
    return trainer;
}

static struct match_train_level level_of(const struct match_trainer *trainer, enum match_field field, size_t level) {
    struct match_train_level out;
    assert_true(match_trainer_level(trainer, field, level, &out));
    return out;
}

static void expect_near(double found, double wanted, double within) {
    if (fabs(found - wanted) > within)
        fail_msg("%g is not within %g of %g", found, within, wanted);
}

static struct match_trainer *fitted(uint64_t seed, bool labels) {
    struct error err = ERROR_INIT;
    struct match_trainer *trainer = population(seed, labels);
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    return trainer;
}

static void test_known_figures_come_back(void **state) {
    struct match_trainer *trainer = fitted(1, false);
    struct match_train_report report;
    match_trainer_report(trainer, &report);
    expect_near(report.matches, COPIES, COPIES * 0.02);
    expect_near(level_of(trainer, MATCH_NAME, NAME_EXACT).m, 1 - NAME_ERRORS, 0.02);
    expect_near(level_of(trainer, MATCH_BIRTH_DATE, DATE_EXACT).m, 1 - DATE_ERRORS, 0.02);
    expect_near(level_of(trainer, MATCH_BIRTH_DATE, DATE_DIGIT).m, DATE_ERRORS, 0.02);
    expect_near(level_of(trainer, MATCH_GIVEN, GIVEN_EXACT).m, 1 - GIVEN_ERRORS, 0.02);
    expect_near(level_of(trainer, MATCH_GIVEN, GIVEN_EXACT).u, 1.0 / 24, 0.003);
    expect_near(log2(level_of(trainer, MATCH_NAME, NAME_EXACT).u * 12 * 12 * 12 * 12), 0, 0.5);
    expect_near(log2(level_of(trainer, MATCH_BIRTH_DATE, DATE_EXACT).u * 80 * 12 * 28), 0, 0.3);
    /* what the held-out half finds is what was predicted, also where fields are missing */
    expect_near(report.calibration_error, 0, 0.02);
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++)
        if (report.bins[i].pairs >= 100)
            expect_near(report.bins[i].expected / (double)report.bins[i].pairs,
                        report.bins[i].predicted / (double)report.bins[i].pairs, 0.05);
    /* the prior is that of this registry: COPIES among all pairs, as far as one training may move it */
    double records = PEOPLE + COPIES, prior = COPIES / (records * (records - 1) / 2);
    assert_true(report.prior_bounded ? report.prior < prior : fabs(log2(report.prior / prior)) < 0.1);
    match_trainer_free(trainer);
}

static void test_fields_that_nobody_has_stay(void **state) {
    struct match_trainer *trainer = fitted(1, false);
    struct match_train_level ins = level_of(trainer, MATCH_INS, INS_SAME),
                             home = level_of(trainer, MATCH_HOUSEHOLD, HOUSEHOLD_SAME);
    assert_int_equal(ins.note, MATCH_TRAIN_SPARSE);
    assert_true(fabs(ins.bits - ins.bits_before) < 0.01);
    assert_int_equal(home.note, MATCH_TRAIN_SPARSE);
    assert_true(fabs(home.bits - home.bits_before) < 0.01);
    assert_int_equal(level_of(trainer, MATCH_GIVEN, GIVEN_WITH_NAME).note, MATCH_TRAIN_KEPT);
    match_trainer_free(trainer);
}

/* A registry with few people from abroad: fewer pairs of one person, and of two, agree in a country. It says what it said. */
static void test_few_from_abroad(void **state) {
    struct match_trainer *trainer = new_trainer(1);
    struct error err = ERROR_INIT;
    struct rng rng;
    rng_init(&rng, 13);
    for (uint64_t i = 1; i <= PEOPLE; i++) {
        struct person person;
        make_person(&rng, &person);
        if (i % 64 < 2)
            snprintf(person.place, sizeof person.place, "99350");
        match_trainer_add(trainer, i, i, true, SPAN_ABSENT, form_of_person(&person));
        if (i % 2 == 0)
            match_trainer_add(trainer, PEOPLE + i, PEOPLE + i, true, SPAN_ABSENT, form_of_person(&person));
    }
    assert_true(match_trainer_fit(trainer, &err));
    struct match_train_level abroad = level_of(trainer, MATCH_BIRTH_PLACE, BIRTH_PLACE_SAME_ABROAD);
    assert_int_equal(abroad.note, MATCH_TRAIN_LEARNT);
    assert_true(abroad.m < abroad.m_before / 2);
    expect_near(abroad.bits, abroad.bits_before, 0.05);
    match_trainer_free(trainer);
}

/* A fifth come from one country, and of half of these the day of birth is a guess: rare among all, common where their names are. */
static void test_guessed_days_of_one_origin(void **state) {
    struct match_trainer *trainer = new_trainer(1);
    struct error err = ERROR_INIT;
    struct rng rng;
    rng_init(&rng, 11);
    for (uint64_t i = 1; i <= PEOPLE; i++) {
        struct person person;
        make_person(&rng, &person);
        if (i % 5 == 0)
            memcpy(person.place, "99335", sizeof person.place);
        if (i % 10 == 0)
            memcpy(person.date + 4, "0101", 4);
        match_trainer_add(trainer, i, i, true, SPAN_ABSENT, form_of_person(&person));
        match_trainer_add(trainer, PEOPLE + i, PEOPLE + i, true, SPAN_ABSENT, form_of_person(&person));
    }
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    struct match_train_level weak = level_of(trainer, MATCH_BIRTH_DATE, DATE_EXACT_WEAK);
    if (weak.note != MATCH_TRAIN_LEARNT || weak.bits > weak.bits_before + 0.01)
        fail_msg("%.2f bits, %.2f before", weak.bits, weak.bits_before);
    match_trainer_free(trainer);
}

/* What frequency adds is read from the fields: no cap may have taken from them, that of two dates neither. */
static void test_patterns_are_seen_without_caps(void **state) {
    struct match_traits a = traits_of("KERVADEC", "ARSENE", "19500213", 'M', "25056"), b;
    struct match_score capped, whole;
    const struct match_model open = train_uncapped(model);
    a.street = SPAN("12 RUE DES LILAS");
    a.postcode = SPAN("25000");
    b = a;
    b.birth_date = SPAN("19500227");
    match_compare_forms(model, match_standardize(&a, arena), match_standardize(&b, arena), &capped);
    match_compare_forms(&open, match_standardize(&a, arena), match_standardize(&b, arena), &whole);
    assert_true(capped.weight_cb + model->prior_cb < model->link_cb);
    assert_true(whole.weight_cb + model->prior_cb >= model->link_cb);
}

static void test_m_moves_within_bounds(void **state) {
    struct match_trainer *trainer = fitted(1, false);
    for (int field = 0; field < MATCH_FIELD_COUNT; field++) {
        struct match_train_level level;
        for (size_t l = 1; match_trainer_level(trainer, (enum match_field)field, l, &level); l++)
            if (fabs(log2(level.m / level.m_before)) > 3.01)
                fail_msg("%s %s went from %g to %g", level.field, level.level, level.m_before, level.m);
    }
    /* a twin and a wrong given name look alike */
    struct match_train_level other = level_of(trainer, MATCH_GIVEN, GIVEN_DIFFERENT_USUAL);
    expect_near(log2(other.m / other.m_before), 0.5, 0.51);
    match_trainer_free(trainer);
}

static struct span text_of(const struct match_trainer *trainer) {
    struct buf out = {0};
    buf_init(&out, 8 << 20);
    match_trainer_write(trainer, &out);
    assert_true(buf_ok(&out));
    struct span text = buf_copy(&out, arena);
    buf_release(&out);
    return text;
}

static void test_text_is_a_model_and_repeats(void **state) {
    struct match_trainer *first = fitted(1, false), *again = fitted(1, false), *other = fitted(2, false);
    struct match_model *made = NULL;
    struct match_train_report report;
    struct error err = ERROR_INIT;
    struct span text = text_of(first);
    assert_true(span_eq(text, text_of(again)));
    assert_false(span_eq(text, text_of(other)));
    if (!match_model_read(text, &made, &err))
        fail_msg("%s: %s", err.where, err.text);
    match_trainer_report(first, &report);
    assert_true(span_eq_cstr(match_model_name(made), "learnt"));
    assert_true(fabs(match_model_link_posterior(made) - report.link) < 1e-6);
    assert_true(match_model_link_posterior(made) >= match_model_link_posterior(model) - 1e-6);
    /* what the caps let a posterior reach does not move with the prior */
    assert_in_range(made->kin_cap_cb + made->prior_cb - model->kin_cap_cb - model->prior_cb + 100, 95, 105);
    assert_in_range(made->namesake_cap_cb + made->prior_cb - model->namesake_cap_cb - model->prior_cb + 100, 95, 105);
    match_model_free(made);
    match_trainer_free(first);
    match_trainer_free(again);
    match_trainer_free(other);
}

/* From its own model a registry learns the same again. */
static void test_a_second_training_stays(void **state) {
    struct match_trainer *first = fitted(1, false), *second = new_trainer_from(text_of(first), 1);
    struct error err = ERROR_INIT;
    add_population(second, false);
    if (!match_trainer_fit(second, &err))
        fail_msg("the second fit was refused: %s", err.text);
    for (int field = 0; field < MATCH_FIELD_COUNT; field++) {
        struct match_train_level level;
        for (size_t l = 1; match_trainer_level(second, (enum match_field)field, l, &level); l++)
            if (level.seen > 100)
                expect_near(log2(level.m / level.m_before), 0, 0.15);
    }
    match_trainer_free(first);
    match_trainer_free(second);
}

static void test_names_of_the_registry_count(void **state) {
    struct match_trainer *trainer = new_trainer(1);
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    struct rng rng;
    rng_init(&rng, 3);
    for (uint64_t i = 1; i <= 12000; i++) { /* every twelfth bears a name that is in no list, five more one of their own */
        struct person person;
        make_person(&rng, &person);
        const char *family = i % 12 == 0 ? "QUIXBOURG" : i % 2400 == 1 ? "QUIXETTE" : person.family;
        match_trainer_add(trainer, 2 * i, i, true, SPAN_ABSENT, form_of(family, person.given, person.date, 0, person.place));
        if (i % 8 == 1) /* a second record of one person is no second bearer */
            match_trainer_add(trainer, 2 * i + 1, i, true, SPAN_ABSENT,
                              form_of(family, person.given, person.date, 0, person.place));
    }
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    struct span text = text_of(trainer);
    assert_true(match_model_read(text, &made, &err));
    assert_true(span_find(text, 'Q', 0) < text.len);
    char line[64];
    /* 1,000 of 12,000 people, beside a list that counts as 200,000 people */
    snprintf(line, sizeof line, "\nQUIXBOURG %.0f\n", (1000 + 200000 * 100 / 73470900.0) / 212000 * 73470900);
    assert_non_null(strstr(span_cstr(text, arena), line));
    assert_null(strstr(span_cstr(text, arena), "QUIXETTE")); /* too few: the model would name them */
    const struct name *common = name_make(SPAN("QUIXBOURG"), arena), *rare = name_make(SPAN("QUIXETTE"), arena);
    assert_true(model_family_cb(made, common) < model_family_cb(made, rare));
    match_model_free(made);
    match_trainer_free(trainer);
}

/* Of more pairs than may be held a share is taken, and stands for all. */
static void test_a_share_of_the_pairs_will_do(void **state) {
    struct match_trainer *trainer = NULL;
    struct match_train_report report;
    struct error err = ERROR_INIT;
    const struct match_train_options options = {
        .active = match_model_shipped(), .name = SPAN("learnt"), .seed = 1, .pairs_most = 2000};
    assert_true(match_trainer_new(&options, &trainer, &err));
    add_population(trainer, false);
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    match_trainer_report(trainer, &report);
    assert_true(report.share < 1 && report.pairs <= 2000 && report.pairs >= 500);
    expect_near(report.matches, COPIES, COPIES * 0.15);
    expect_near(level_of(trainer, MATCH_NAME, NAME_EXACT).m, 1 - NAME_ERRORS, 0.04);
    match_trainer_free(trainer);
}

static void test_labels(void **state) {
    struct match_trainer *trainer = fitted(1, true);
    struct match_train_report report;
    size_t labels = 0, same = 0;
    match_trainer_report(trainer, &report);
    assert_int_equal(report.labels_same, PEOPLE / 8);
    assert_int_equal(report.labels_different, PEOPLE / 8);
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++) {
        labels += report.bins[i].labels;
        same += report.bins[i].labels_same;
    }
    assert_in_range(labels, PEOPLE / 8 - 150, PEOPLE / 8 + 150); /* of both kinds, the half that is held out */
    assert_true(report.bins[MATCH_TRAIN_BINS - 1].labels > 0);
    assert_int_equal(report.bins[MATCH_TRAIN_BINS - 1].labels, report.bins[MATCH_TRAIN_BINS - 1].labels_same);
    assert_true(same > labels / 3);
    struct match_train_level untold = level_of(trainer, MATCH_GIVEN, GIVEN_DIFFERENT_USUAL);
    assert_true(untold.m > untold.m_before * 0.99); /* none of these decisions was on a pair like twins */
    expect_near(report.matches, COPIES, COPIES * 0.02);
    match_trainer_free(trainer);
}

/* Enough decisions on twins: then what tells them from one person may be learnt. */
static void test_labels_of_twins(void **state) {
    struct match_trainer *trainer = population(1, false);
    struct error err = ERROR_INIT;
    struct rng rng;
    rng_init(&rng, 21);
    for (uint64_t i = 0; i < 60; i++) {
        struct person person;
        make_person(&rng, &person);
        match_trainer_add(trainer, 20000 + 2 * i, 20000 + 2 * i, true, SPAN_ABSENT,
                          form_of(person.family, "MARIE", person.date, 0, person.place));
        match_trainer_add(trainer, 20001 + 2 * i, 20001 + 2 * i, true, SPAN_ABSENT,
                          form_of(person.family, "LOUIS", person.date, 0, person.place));
        match_trainer_label(trainer, 20000 + 2 * i, 20001 + 2 * i, false);
    }
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    struct match_train_level told = level_of(trainer, MATCH_GIVEN, GIVEN_DIFFERENT_USUAL);
    assert_true(told.m < told.m_before / 2);
    match_trainer_free(trainer);
}

/* People who say that pairs alike are of two people: that is found of them, and more is asked for before pairs are linked. */
static void test_labels_that_contradict(void **state) {
    struct match_trainer *untold = fitted(1, false), *trainer = population(1, false);
    struct match_train_report before, report;
    struct error err = ERROR_INIT;
    const struct match_train_bin *last = &report.bins[MATCH_TRAIN_BINS - 1], *last_before = &before.bins[MATCH_TRAIN_BINS - 1];
    for (uint64_t i = 2; i <= PEOPLE; i += 20)
        match_trainer_label(trainer, i, PEOPLE + i / 2, false);
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    match_trainer_report(untold, &before);
    match_trainer_report(trainer, &report);
    assert_true(last_before->expected > 0.99 * (double)last_before->pairs);
    assert_true(last->labels > 50 && last->labels_same == 0);
    assert_true((double)last->pairs - last->expected > 0.9 * (double)last->labels);
    assert_true(report.calibration_error > before.calibration_error + 0.02);
    assert_true(report.link > before.link);
    match_trainer_free(trainer);
    match_trainer_free(untold);
}

/* The later decision stands; of records that are not there, none. */
/* Two domains that share people, each with few duplicates of its own: their pairs get priors of their own, in the model and in the
 * thresholds; what is trained from that model moves the threshold no further. */
static void test_priors_of_domains(void **state) {
    struct span text = match_model_shipped();
    double link = 0;
    for (int time = 0; time < 2; time++) {
        struct match_trainer *trainer = new_trainer_from(text, 1);
        struct match_train_report report;
        struct match_model *made;
        struct error err = ERROR_INIT;
        add_population_of(trainer, false, SPAN("CHU NORD"), SPAN("CH-SUD"));
        if (!match_trainer_fit(trainer, &err))
            fail_msg("%s: %s", err.where, err.text);
        match_trainer_report(trainer, &report);
        assert_int_equal(report.domains, 2);
        assert_true(report.rarest.ratio < 0.3 && report.commonest.ratio > 1.5);
        assert_true(span_eq_cstr(report.rarest.a, "CHU_NORD") && span_eq_cstr(report.rarest.b, "CHU_NORD"));
        assert_false(span_eq(report.commonest.a, report.commonest.b));
        struct buf out = {0};
        buf_init(&out, 64 << 20);
        match_trainer_write(trainer, &out);
        text = buf_copy(&out, arena);
        buf_release(&out);
        assert_true(match_model_read(text, &made, &err));
        uint8_t north = match_model_domain(made, SPAN("CHU NORD")), south = match_model_domain(made, SPAN("CH-SUD"));
        assert_true(model_domain_cb(made, north, south) > 128 && model_domain_cb(made, north, north) < -256);
        assert_true(report.link > 0.999);
        assert_true(time == 0 || fabs(report.link - link) < 1e-5);
        link = report.link;
        match_model_free(made);
        match_trainer_free(trainer);
    }
}

static void test_odd_labels(void **state) {
    struct match_trainer *trainer = population(1, false);
    struct match_train_report report;
    struct error err = ERROR_INIT;
    match_trainer_label(trainer, 2, PEOPLE + 1, false);
    match_trainer_label(trainer, PEOPLE + 1, 2, true);
    match_trainer_label(trainer, 1, 999999, true);
    match_trainer_label(trainer, 7, 7, true);
    assert_true(match_trainer_fit(trainer, &err));
    match_trainer_report(trainer, &report);
    assert_int_equal(report.labels_same, 1);
    assert_int_equal(report.labels_different, 0);
    match_trainer_free(trainer);
}

/* A registry that links from .9999999: what is written is neither 1 nor less. */
static void test_a_strict_threshold_stays(void **state) {
    struct buf active = {0}, text = {0};
    struct span rest = match_model_shipped(), line;
    struct error err = ERROR_INIT;
    struct match_model *read = NULL;
    buf_init(&active, 1 << 22);
    buf_init(&text, 1 << 22);
    while (span_cut(&rest, '\n', &line)) {
        buf_add(&active, span_starts(line, SPAN("link ")) ? SPAN("link 0.9999999") : line);
        buf_add_char(&active, '\n');
    }
    struct match_trainer *trainer = new_trainer_from(buf_span(&active), 1);
    add_population(trainer, false);
    if (!match_trainer_fit(trainer, &err))
        fail_msg("the fit was refused: %s", err.text);
    match_trainer_write(trainer, &text);
    assert_true(match_model_read(buf_span(&text), &read, &err));
    expect_near(match_model_link_posterior(read), 0.9999999, 1e-12);
    match_model_free(read);
    match_trainer_free(trainer);
    buf_release(&active);
    buf_release(&text);
}

static void expect_refused(struct match_trainer *trainer, const char *text) {
    struct error err = ERROR_INIT;
    assert_false(match_trainer_fit(trainer, &err));
    assert_int_equal(err.code, ERROR_RULE);
    if (!strstr(err.text, text))
        fail_msg("'%s' is not in '%s'", text, err.text);
    match_trainer_free(trainer);
}

static void test_refusals(void **state) {
    struct match_trainer *few = new_trainer(1), *strangers = new_trainer(1), *equal = new_trainer(1);
    struct rng rng;
    struct person person;
    rng_init(&rng, 5);
    expect_refused(few, "too few to learn from");
    for (uint64_t i = 1; i <= 2000; i++) {
        make_person(&rng, &person);
        match_trainer_add(strangers, i, i, true, SPAN_ABSENT, form_of_person(&person));
        match_trainer_add(equal, i, i, true, SPAN_ABSENT, form_of("DURAND", "PAUL", "19500101", 'M', "75101"));
    }
    expect_refused(strangers, "pairs of one person are too few");
    expect_refused(equal, "too few");
}

/* Half of all people bear one name, and copies never bear the name they were made from: equal names would speak against a match. */
static void test_a_weight_that_turns_is_refused(void **state) {
    struct match_trainer *trainer = new_trainer(1);
    struct rng rng;
    rng_init(&rng, 9);
    for (uint64_t i = 1; i <= PEOPLE; i++) {
        struct person person;
        make_person(&rng, &person);
        const char *name = i % 8 != 0 ? "DURANDEAU" : person.family;
        match_trainer_add(trainer, i, i, true, SPAN_ABSENT, form_of(name, person.given, person.date, 0, person.place));
        name = i % 8 != 0 ? "DURONDEAU" : "XAVARIN";
        if (i % 2 == 0)
            match_trainer_add(trainer, PEOPLE + i / 2, PEOPLE + i, true, SPAN_ABSENT,
                              form_of(name, person.given, person.date, 0, person.place));
    }
    expect_refused(trainer, "the fit is no sense: 'name exact'");
}

static void test_names_of_models(void **state) {
    struct match_trainer *trainer = NULL;
    struct error err = ERROR_INIT;
    static const struct span wrong[] = {{"", 0}, {"two words", 9}, {"a#b", 3}, {"a\nb", 3}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct match_train_options options = {.active = match_model_shipped(), .name = wrong[i]};
        assert_false(match_trainer_new(&options, &trainer, &err));
        assert_int_equal(err.code, ERROR_TYPE);
    }
    const struct match_train_options broken = {.active = SPAN("model"), .name = SPAN("x")};
    assert_false(match_trainer_new(&broken, &trainer, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_figures_come_back),
        cmocka_unit_test(test_fields_that_nobody_has_stay),
        cmocka_unit_test(test_few_from_abroad),
        cmocka_unit_test(test_guessed_days_of_one_origin),
        cmocka_unit_test(test_patterns_are_seen_without_caps),
        cmocka_unit_test(test_m_moves_within_bounds),
        cmocka_unit_test(test_text_is_a_model_and_repeats),
        cmocka_unit_test(test_a_second_training_stays),
        cmocka_unit_test(test_names_of_the_registry_count),
        cmocka_unit_test(test_a_share_of_the_pairs_will_do),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_of_twins),
        cmocka_unit_test(test_labels_that_contradict),
        cmocka_unit_test(test_priors_of_domains),
        cmocka_unit_test(test_odd_labels),
        cmocka_unit_test(test_a_strict_threshold_stays),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_weight_that_turns_is_refused),
        cmocka_unit_test(test_names_of_models),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
