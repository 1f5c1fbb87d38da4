/* JSON on a struct buf: commas by themselves, strings escaped, what is not UTF-8 replaced. Inside the room only. */
#ifndef WEB_JSON_H
#define WEB_JSON_H

#include "base/buf.h"

/* key NULL inside arrays. Open and close are '{' '}' or '[' ']'. */
void json_open(struct buf *out, const char *key, char bracket);
void json_close(struct buf *out, char bracket);
void json_text(struct buf *out, const char *key, struct span value); /* absent: null */
void json_cstr(struct buf *out, const char *key, const char *value);
void json_u64(struct buf *out, const char *key, uint64_t value);
void json_double(struct buf *out, const char *key, double value); /* not finite: null */
void json_bool(struct buf *out, const char *key, bool value);
void json_time(struct buf *out, const char *key, int64_t at_us);   /* ISO 8601; 0: null */
void json_raw(struct buf *out, const char *key, struct span json); /* JSON already; empty: null */

#endif
