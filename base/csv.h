/*
 * Reads comma-separated text (RFC 4180 and what else goes by that name): the delimiter (comma, semicolon, tab, bar) is found out
 * from the text (a first line "sep=;" tells it, and is no row), the encoding field by field: UTF-8 where it is that, else
 * Windows-1252, for one name cut in the middle of a letter says nothing of the other rows. Quotes, doubled quotes, line breaks in
 * quotes, CRLF and LF are understood. Fields come out as UTF-8. A row over several lines that is at fault, or has not as
 * many fields as the first row, owes that to a quote left open: its first line is set aside, the next ones are read as rows.
 * Empty fields beyond those of the first row are no fields: many a program ends each row, but not the header, in a delimiter.
 *
 *     struct csv csv;
 *     if (!csv_open(&csv, text, &err)) return false;
 *     while (csv_next(&csv, arena)) { if (csv.fault) set it aside; else use csv.fields[0..csv.count) }
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/error.h"
#include "base/span.h"

struct arena;

enum csv_encoding { CSV_FIND_OUT, CSV_UTF_8, CSV_WINDOWS_1252, CSV_ISO_8859_15, CSV_UTF_16 };
/* By its usual names, whatever their case: utf-8, windows-1252 or cp1252, iso-8859-1 or latin1 (read as Windows-1252, which holds
 * it), iso-8859-15 or latin9, utf-16. ERROR_UNKNOWN for others. */
bool csv_encoding_read(struct span name, enum csv_encoding *out, struct error *err);
/* A text that csv_open cannot read, as UTF-8: UTF-16, of either order, with a byte order mark or without; ISO 8859-15, if told so.
 * The caller's, to be given back by mem_free; NULL when the text can be read as it is. */
char *csv_decode(struct span text, enum csv_encoding encoding, size_t *out_len);

enum { CSV_FIELD_MOST = 1 << 20, CSV_FIELDS_MOST = 4096 }; /* bytes of a field, fields of a row */

struct csv {
    char delimiter;
    enum csv_encoding encoding; /* of letters beyond ASCII: CSV_UTF_8 when all of the text is that, else CSV_FIND_OUT: each field by
                                 * itself; set to CSV_WINDOWS_1252 it is that of all fields */
    struct csv_seen {
        size_t fields, line; /* beyond ASCII; the first line */
    } utf_8, windows_1252;   /* how fields were read where each tells by itself */
    /* Of the row last read: */
    size_t line;         /* on which it begins, from 1 */
    struct span raw;     /* its bytes as they stand in the text, without the line break */
    struct span *fields; /* some borrowed from the text, some from the arena of csv_next */
    size_t count;
    const char *fault; /* why the row cannot be used ("a quote is never closed"); NULL for a good one */
    /* Private: */
    struct span text;
    size_t at, next_line, capacity;
    size_t width;      /* fields of the first row */
    struct span *room; /* for the list of fields; NULL: in the arena */
};

bool csv_is_utf_32(struct span text); /* by its byte order mark, which begins as that of UTF-16 does */
/* A NUL spoils the row that holds it, not what the others are written in. */
bool csv_is_utf_8(struct span text);
/* The text must outlive the reader. ERROR_MISSING for an empty text, ERROR_TYPE for UTF-16 (see csv_decode), UTF-32 and binary
 * data: a NUL in the header. In a later row it is a fault of that row. */
bool csv_open(struct csv *csv, struct span text, struct error *err);
/* The next row that is no blank line; false at the end. The fields live as long as the arena. */
bool csv_next(struct csv *csv, struct arena *arena);
/* From now on the list of fields, of one row at a time, stands in this room for CSV_FIELDS_MOST: for who reads many rows and keeps
 * the texts alone. */
void csv_use_room(struct csv *csv, struct span *room);

/* What stands between the quotes of a field, doubled quotes made single. */
struct span csv_undouble(struct span field, struct arena *arena);

struct buf;
/* Adds a field, in quotes when it needs them. */
void csv_write(struct buf *out, struct span field);

#endif
