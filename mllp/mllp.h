/*
 * The HL7 v2 edge: MLLP frames in, feeds and queries to identity, answers out (hl7v2.md). It translates and never decides.
 *
 *     listener -> frame -> hl7_message -> dispatch -> adt | pix | pdq -> identity -> ack -> bytes
 *
 * One thread per connection, in order, one message at a time; connections are bounded in all and per peer address, every read and
 * write has a deadline, so that no peer holds up another. Feeds: ITI-8, ITI-30, ITI-31 with the French extension; queries: ITI-9,
 * ITI-21 and, where `visit_queries` is set, ITI-22.
 */
#ifndef MLLP_MLLP_H
#define MLLP_MLLP_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "identity/identity.h"

struct stream;
struct mllp_server;
struct mllp_teller;

/* Texts are borrowed and must outlive the server. */
struct mllp_options {
    const char *address;                            /* "127.0.0.1" */
    uint16_t port;                                  /* 2575; 0: any free port, for tests */
    const char *tls_certificate, *tls_key, *tls_ca; /* PEM files, or NULL; with a CA clients must show a certificate */
    bool insecure_listen;                           /* plain text outside loopback: a danger that must be asked for */
    uint32_t max_connections;                       /* 512 */
    uint32_t max_connections_per_peer;              /* 384, by address */
    size_t frame_limit_bytes;                       /* 1 MiB; at most 16 MiB */
    uint32_t read_timeout_ms;                       /* 30000, from start block to end block; also for the TLS handshake */
    uint32_t idle_timeout_ms;                       /* 0: none, between messages */
    uint32_t write_timeout_ms;                      /* 10000: a peer that does not read its answers is cut off */
    const char *processing_ids;                     /* "P": values of MSH-11 that are taken, separated by commas */
    const char *application, *facility;             /* MSH-3 and MSH-4 of answers to messages that name no receiver; facility
                                                       empty: the namespace of the regional domain */
    const char *default_charset; /* of messages without MSH-18: a code of table 0211; NULL or "auto": judge by the bytes */
    bool strict;                 /* conformance testing: refuse what is otherwise forgiven */
    bool declared_peers_only;    /* refuse senders that have no row among the peers */
    bool end_byte_in_data;       /* a 1C inside a message is data (hl7v2.md 6 row 4) */
    bool when_unavailable_close; /* close without an answer instead of AR, for senders that skip a message on AR */
    bool ignore_bad_birth_date;  /* leave an impossible birth date out and apply the rest, instead of AE 102 */
    bool ignore_bad_codes;       /* an unknown sex says nothing, instead of AE 103 */
    bool french;                 /* messages are French, whatever MSH-12 says */
    bool pid2_is_identifier;     /* PID-2 stands for an empty PID-3 */
    bool iti31_updates_french;   /* French A01 A04 A05 A14 update demographics (they are A31's business) */
    bool pid6_is_birth_name;     /* PID-6 holds the patient's own birth name (old French senders) */
    bool pid19_is_identifier;    /* PID-19 is an identifier of `pid19_namespace` (OpenHIE CR-18) */
    const char *pid19_namespace; /* "NID" */
    bool pix_include_query_id;   /* ITI-9: the asked identifier is in the answer too (OpenHIE) */
    bool short_ack;              /* MSH-9 of an acknowledgement is ACK alone */
    bool pix_single_error;       /* one ERR with repeating ERR-2 for several unknown domains */
    uint32_t query_limit;        /* 100: most groups of one ITI-21 answer */
    bool visit_queries;          /* ITI-22 is answered; else AR 201 */
    bool query_continues;        /* true: answers without RCP-2 that reach query_limit go on with DSC */
};

void mllp_options_default(struct mllp_options *options);
/* What mllp_start would refuse without trying; where = the setting. */
bool mllp_options_check(const struct mllp_options *options, struct error *err);

/* Listens and starts the accepting thread. ERROR_RULE for a plain listener outside loopback without insecure_listen, ERROR_LIMIT
 * for a frame limit over 16 MiB, ERROR_UNAVAILABLE when the port is taken. The identity outlives the server. */
bool mllp_start(const struct mllp_options *options, struct identity *identity, struct mllp_server **out, struct error *err);
uint16_t mllp_port(const struct mllp_server *server);
/* Takes no new connection and no new message, lets the messages in hand finish and be answered, then frees all. NULL is fine. */
void mllp_stop(struct mllp_server *server);

/* Parses the stored message again and feeds it with replay_of = message_id, as `author` asked. False when it is not in the log
 * (ERROR_UNKNOWN) or the log cannot be read; otherwise *out says what became of it, also of one that is still no feed. */
bool mllp_replay(const struct mllp_options *options, struct identity *identity, uint64_t message_id, struct span author,
                 struct arena *arena, struct feed_outcome *out, struct error *err);

/* Is this a character set that messages are read and written in? A name of HL7 table 0211. */
bool mllp_charset_known(struct span code);

/* -- telling peers of changes (ITI-10, ITI-30; identity/outbox.h) ---------------------------------------------------------- */

/* Texts are borrowed and must outlive the teller. */
struct mllp_teller_options {
    const char *application, *facility, *processing_id; /* MSH-3, MSH-4 (empty: the regional domain), MSH-11 */
    const char *tls_ca, *tls_certificate, *tls_key;     /* of peers that are told over TLS; PEM files, or NULL */
    bool insecure_remote;                               /* plain text outside this machine: a danger that must be asked for */
    uint32_t answer_timeout_ms;                         /* 30000 */
    uint32_t attempts;                                  /* 20: AR and silence, after which it is a dead letter */
    uint32_t backoff_first_ms, backoff_most_ms;         /* 1000, 300000: between attempts, doubled each time */
};
void mllp_teller_options_default(struct mllp_teller_options *options);
/* Starts the threads; they send while this server is the writer. The identity outlives the teller. */
bool mllp_teller_start(const struct mllp_teller_options *options, struct identity *identity, struct mllp_teller **out,
                       struct error *err);
void mllp_teller_stop(struct mllp_teller *teller); /* waits up to two seconds for the answers in hand; NULL is fine */

/* -- the other side: `sosie send`, `sosie query`, tests -------------------------------------------------------------------- */

/* Sends one message in a frame and reads the frame that answers it. `message` with CR, LF or CRLF between segments. */
bool mllp_exchange(struct stream *stream, struct span message, struct arena *arena, uint32_t timeout_ms, struct span *out_answer,
                   struct error *err);
/* Cuts a file of HL7 messages into messages: in MLLP frames or plain, one after another, segments ended by CR, LF or CRLF; batch
 * segments (FHS BHS BTS FTS), empty lines and lines that begin with # are left out (HL7 2.5.1 ch.2.10.3). Segments of the result
 * end with CR. */
bool mllp_file_split(struct span file, struct arena *arena, const struct span **out_messages, size_t *out_count, struct error *err);

/* -- files of messages, as a stream (hl7v2.md 1.9) --------------------------------------------------------------------------- */

/* [FHS] { [BHS] {message} [BTS] } [FTS], or messages alone; in MLLP frames or plain; segments ended by CR, LF or CRLF. Of a file
 * only the message in hand is in memory. */
struct mllp_file;
struct mllp_piece {
    enum mllp_piece_kind {
        MLLP_PIECE_MESSAGE,
        MLLP_PIECE_FILE_BEGIN,  /* FHS */
        MLLP_PIECE_BATCH_BEGIN, /* BHS */
        MLLP_PIECE_BATCH_END,   /* BTS */
        MLLP_PIECE_FILE_END,    /* FTS */
        MLLP_PIECE_STRAY,       /* a line that is of no message, and no comment (#) */
        MLLP_PIECE_NONE         /* there is no more */
    } kind;
    struct span text; /* of a message: its segments, each ended by CR; too long: their beginning. Until the next call */
    uint64_t length;  /* of all of it: more than text.len when it is too long */
    uint64_t line;    /* where it begins, from 1 */
    uint64_t end;     /* bytes of the file up to its end */
    bool cut;         /* the file ends inside its last segment, without the end of a line */
    uint64_t count;   /* BTS-1: messages of the batch, FTS-1: batches; UINT64_MAX: not said */
    bool no_count;    /* what stands there is no number */
};
/* limit: most bytes of a message. ERROR_IO; ERROR_TYPE for UTF-16 and UTF-32, and for what is no regular file. */
bool mllp_file_open(const char *path, size_t limit, struct mllp_file **out, struct error *err);
uint64_t mllp_file_size(const struct mllp_file *file);
bool mllp_file_next(struct mllp_file *file, struct mllp_piece *out, struct error *err); /* false: it cannot be read */
void mllp_file_close(struct mllp_file *file);

/* Messages of an import (identity/import.h), in the order of their numbers; each is judged as one of its sender, whose declared
 * certificate it is taken to have: whoever may import answers for it. A peer's rate and statistics are of its own messages. */
struct mllp_import_message {
    struct span raw;
    uint64_t length; /* as mllp_piece */
    bool cut;
    struct import_place place;
};
struct mllp_import {
    uint64_t run;
    struct span charset; /* of messages without MSH-18; empty: as the sender's peer, else the setting says */
    const struct mllp_import_message *messages;
    size_t count;
};
/* As identity_import_slice. ERROR_TABLE for a character set that is none. */
bool mllp_import(const struct mllp_options *options, struct identity *identity, const struct mllp_import *slice,
                 struct arena *arena, uint64_t *out_done, struct error *err);

/* -- a domain as a batch file (identity/export.h) ---------------------------------------------------------------------------- */

struct mllp_export {
    struct span application, facility;       /* MSH-3, MSH-4; of FHS and BHS too */
    struct span to_application, to_facility; /* MSH-5, MSH-6; empty: nobody */
    struct span processing, version;         /* MSH-11; MSH-12: "2.5", "2.5^FRA^2.11" */
    struct span charset;                     /* a name of table 0211 */
    int64_t at_us;                           /* MSH-7 and EVN-2 of all */
};
void mllp_export_begin(const struct mllp_export *export, struct buf *out);
/* MSH-10 is its number in the file with a digest of its content: the same content gives the same file. */
bool mllp_export_message(const struct mllp_export *export, const struct domain_list *domains, const struct notification *what,
                         const struct notice *notice, struct arena *arena, struct buf *out, struct error *err);
void mllp_export_end(uint64_t messages, struct buf *out);

/* A value of a message as text, for printing: segment "PID" (the n-th, from 1), field, component (0: the whole first repetition).
 */
struct span mllp_peek(struct span message, const char *segment, uint32_t occurrence, size_t field, size_t component,
                      struct arena *arena);

#endif
