/*
 * The truth about a generated population, as sosie-fixtures --csv writes it, and what became of each kind of its records: of those
 * that are easily lost or flood the queues, and of the people who are easily taken for one.
 */
#ifndef BENCHMARKS_TRUTH_TRUTH_H
#define BENCHMARKS_TRUTH_TRUTH_H

#include <stddef.h>
#include <stdint.h>

struct truth {
    uint32_t *person; /* by record, from 1; 0: nobody */
    uint32_t *kinds;  /* bits, truth.c */
    uint64_t *ins;    /* a hash, 0: none */
    size_t records, people;
    uint64_t pairs; /* of records of one person */
};
/* Ends the program when the file cannot be read. */
void truth_read(const char *path, struct truth *out);
void truth_release(struct truth *truth);

/* A pair that a person is asked about. */
struct asked {
    uint32_t a, b;
};
/* Prints two tables: how many true pairs of each kind of record stand in one group (`group`: by record, from 1; equal for records
 * taken for one person) or are asked about, with the tasks for 100 such records; and how many pairs of two people do so, by what
 * makes them alike. */
void truth_print_kinds(const struct truth *truth, const uint32_t *group, const struct asked *asked, size_t count);

#endif
