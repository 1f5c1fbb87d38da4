/* A domain's messages in a batch file; see mllp.h. */
#include "mllp/notify.h"

#include "base/clock.h"

/* FHS and BHS have the same first fields (HL7 2.5.1 ch.2.15.2, 2.15.6). */
static void write_head(const struct mllp_export *export, const char *segment, struct buf *out) {
    struct hl7_writer writer;
    char when[32];
    clock_format_hl7(export->at_us, when, sizeof when);
    hl7_writer_init(&writer, &HL7_DELIMITERS, out);
    hl7_begin(&writer, segment);
    hl7_put(&writer, 3, export->application);
    hl7_put(&writer, 4, export->facility);
    hl7_put(&writer, 5, export->to_application);
    hl7_put(&writer, 6, export->to_facility);
    hl7_put_cstr(&writer, 7, when);
    hl7_end(&writer);
}

void mllp_export_begin(const struct mllp_export *export, struct buf *out) {
    write_head(export, "FHS", out);
    write_head(export, "BHS", out);
}

void mllp_export_end(uint64_t messages, struct buf *out) {
    buf_addf(out, "BTS|%llu\rFTS|1\r", (unsigned long long)messages);
}

bool mllp_export_message(const struct mllp_export *export, const struct domain_list *domains, const struct notification *what,
                         const struct notice *notice, struct arena *arena, struct buf *out, struct error *err) {
    const struct notify_from from = {.application = export->application,
                                     .facility = export->facility,
                                     .processing = export->processing,
                                     .domains = domains,
                                     .series = "X"};
    const struct peer peer = {.texts = {[PEER_APPLICATION] = export->to_application,
                                        [PEER_FACILITY] = export->to_facility,
                                        [PEER_VERSION] = export->version,
                                        [PEER_OUT_CHARSET] = export->charset},
                              .notify = NOTIFY_PAM};
    struct notification dated = *what;
    struct span bytes, control;
    dated.at_us = export->at_us;
    if (!notify_write(&from, &peer, &dated, notice, arena, &bytes, &control, err))
        return false;
    buf_add(out, bytes);
    return true;
}
