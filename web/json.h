/* JSON on a struct buf: commas by themselves, strings escaped, what is not UTF-8 replaced. Inside the room only. */
#ifndef WEB_JSON_H
#define WEB_JSON_H

#include "base/buf.h"

/* key NULL inside arrays. Open and close are '{' '}' or '[' ']'. */
void web_json_open(struct buf *out, const char *key, char bracket);
void web_json_close(struct buf *out, char bracket);
void web_json_text(struct buf *out, const char *key, struct span value); /* absent: null */
void web_json_cstr(struct buf *out, const char *key, const char *value);
void web_json_u64(struct buf *out, const char *key, uint64_t value);
void web_json_double(struct buf *out, const char *key, double value); /* not finite: null */
void web_json_bool(struct buf *out, const char *key, bool value);
void web_json_time(struct buf *out, const char *key, int64_t at_us);   /* ISO 8601; 0: null */
void web_json_raw(struct buf *out, const char *key, struct span json); /* JSON already; empty: null */

#endif
