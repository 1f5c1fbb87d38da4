/* The trainer: rows, labels and the steps of a fit; see train.h. */
#include "matcher/train.h"

#include "matcher/fixed.h"

#include <string.h>

bool match_trainer_new(const struct match_train_options *options, struct match_trainer **out, struct error *err) {
    struct match_model *active;
    if (options->name.len == 0 || options->name.len > 63 || span_find(options->name, ' ', 0) < options->name.len ||
        span_find(options->name, '#', 0) < options->name.len || span_find(options->name, '\n', 0) < options->name.len)
        return error_set(err, ERROR_TYPE, "name", "the name of a model is one word of at most 63 characters");
    if (!match_model_read(options->active, &active, err))
        return false;
    struct match_trainer *trainer = mem_alloc(sizeof *trainer);
    trainer->options = *options;
    trainer->active_text = mem_alloc(options->active.len + 1);
    memcpy(trainer->active_text, options->active.ptr, options->active.len);
    trainer->options.active = span_make(trainer->active_text, options->active.len);
    memcpy(trainer->name, options->name.ptr, options->name.len);
    trainer->options.name = span_make(trainer->name, options->name.len);
    trainer->active = active;
    dictionary_init(&trainer->names);
    *out = trainer;
    return true;
}

void match_trainer_free(struct match_trainer *trainer) {
    if (!trainer)
        return;
    match_model_free(trainer->active);
    mem_free(trainer->active_text);
    match_model_free(trainer->learnt);
    dictionary_release(&trainer->names);
    mem_free(trainer->rows);
    mem_free(trainer->labels);
    mem_free(trainer->family_counts);
    mem_free(trainer->given_counts[0]);
    mem_free(trainer->given_counts[1]);
    mem_free(trainer->pairs);
    mem_free(trainer->patterns.slots);
    mem_free(trainer);
}

void match_trainer_add(struct match_trainer *trainer, uint64_t record, uint64_t person, bool live, struct span domain,
                       const struct match_form *form) {
    const struct form_facts *f = &form->facts;
    if (trainer->count == trainer->room) {
        trainer->room = trainer->room ? trainer->room * 2 : 4096;
        trainer->rows = mem_realloc(trainer->rows, trainer->room * sizeof *trainer->rows);
    }
    must(trainer->count < UINT32_MAX / 2);
    struct train_row *row = &trainer->rows[trainer->count++];
    *row = (struct train_row){.row = {f->ins, f->birth, f->place, f->misc, f->address, f->mobile, f->fixed, f->mail, {0}},
                              .record = record,
                              .person = person,
                              .domain = domain_words_add(&trainer->domains, domain),
                              .live = live};
    for (size_t i = 0; i < FORM_NAMES; i++)
        row->row.names[i] = dictionary_add(&trainer->names, form->names[i]);
    trainer->live += live;
}

void match_trainer_label(struct match_trainer *trainer, uint64_t a, uint64_t b, bool same) {
    if (trainer->label_count == trainer->label_room) {
        trainer->label_room = trainer->label_room ? trainer->label_room * 2 : 256;
        trainer->labels = mem_realloc(trainer->labels, trainer->label_room * sizeof *trainer->labels);
    }
    trainer->labels[trainer->label_count] =
        (struct train_label){.record_a = a < b ? a : b, .record_b = a < b ? b : a, .order = trainer->label_count, .same = same};
    trainer->label_count++;
}

void train_form(const struct match_trainer *trainer, uint32_t at, struct match_form *out) {
    const struct row *row = &trainer->rows[at].row;
    out->facts = (struct form_facts){row->ins, row->birth, row->place, row->misc, row->address, row->mobile, row->fixed, row->mail};
    for (size_t i = 0; i < FORM_NAMES; i++)
        out->names[i] = dictionary_name(&trainer->names, row->names[i]);
}

void train_tick(const struct match_trainer *trainer, const char *step, size_t done, size_t total) {
    if (trainer->options.tick)
        trainer->options.tick(trainer->options.tick_context, step, done, total);
}

static int by_record(const void *a, const void *b) {
    const struct train_row *x = a, *y = b;
    return x->record < y->record ? -1 : x->record > y->record;
}

/* A model to compare under: the new name tables and u, all else as it is. */
static bool make_chance(struct match_trainer *trainer, struct error *err) {
    match_model_free(trainer->learnt);
    trainer->learnt = NULL;
    trainer->written = (struct train_tables){.prior = 0};
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
        for (size_t l = 1; l < train_levels((enum match_field)f); l++) {
            trainer->written.m.p[f][l] = trainer->active->levels[f][l].m;
            trainer->written.u.p[f][l] = trainer->u.p[f][l];
        }
    }
    return train_make_model(trainer, &trainer->written, &trainer->learnt, err);
}

/* Twice: the first fit tells which matches are among the random pairs of two persons, in a registry where little is linked yet. */
static bool learn_matches(struct match_trainer *trainer, struct error *err) {
    train_count_values(trainer);
    train_random_pairs(trainer);
    train_find_pairs(trainer);
    for (int time = 0; time < 2; time++) {
        if (!make_chance(trainer, err))
            return false;
        train_count_patterns(trainer);
        train_fit(trainer, 3, &trainer->fit);
        train_correct_u(trainer, &trainer->fit);
    }
    if (!train_settle(trainer, &trainer->fit, &trainer->written, err) ||
        !train_set_kin_cap(trainer, &trainer->fit, 3, &trainer->written, err))
        return false;
    train_count_domains(trainer, &trainer->fit, 3, &trainer->written.domains);
    return true;
}

bool match_trainer_fit(struct match_trainer *trainer, struct error *err) {
    struct match_train_report *report = &trainer->report;
    if (trainer->live < TRAIN_RECORDS_LEAST)
        return error_set(err, ERROR_RULE, "train", "%zu records are too few to learn from: at least %d are needed", trainer->live,
                         TRAIN_RECORDS_LEAST);
    qsort(trainer->rows, trainer->count, sizeof *trainer->rows, by_record);
    train_settle_labels(trainer);
    bool good = learn_matches(trainer, err) && train_calibrate(trainer, err) && train_set_thresholds(trainer, err);
    report->records = trainer->live;
    report->persons = trainer->persons;
    report->merged = trainer->count - trainer->live;
    report->pairs = trainer->pair_count;
    report->hot_keys = trainer->hot_keys;
    report->share = trainer->share;
    report->rounds = trainer->fit.rounds;
    report->matches = trainer->fit.prior[CLASS_MATCH] * trainer->fit.total_pairs;
    report->prior_before = model_posterior(trainer->active, 0);
    report->prior = trainer->written.prior;
    report->link_before = trainer->active->link_posterior;
    report->link = trainer->written.link;
    report->review = trainer->written.review;
    report->family_blended = train_blends_family(trainer);
    report->given_blended = train_blends_given(trainer);
    if (good)
        train_report_domains(trainer, &trainer->written.domains, report);
    return good;
}

void match_trainer_write(const struct match_trainer *trainer, struct buf *out) {
    train_write(trainer, &trainer->written, out);
}

void match_trainer_report(const struct match_trainer *trainer, struct match_train_report *out) {
    *out = trainer->report;
}

bool match_trainer_level(const struct match_trainer *trainer, enum match_field field, size_t level, struct match_train_level *out) {
    if (level == 0 || level >= train_levels(field))
        return false;
    const struct level_weight *before = &trainer->active->levels[field][level], *after = &trainer->learnt->levels[field][level];
    *out = (struct match_train_level){.field = field_names[field],
                                      .level = level_texts[field][level].key,
                                      .m_before = before->m,
                                      .u_before = before->u,
                                      .m = after->m,
                                      .u = after->u,
                                      .bits_before = (double)before->cb / CB_PER_BIT,
                                      .bits = (double)after->cb / CB_PER_BIT,
                                      .seen = trainer->fit.expected[CLASS_MATCH][field][level],
                                      .note = trainer->written.notes[field][level]};
    return true;
}
