/*
 * Which imports are being brought now, and by whom. A run belongs to the control connection that began or resumed it, until it
 * ends or the connection does: whoever brings the same files beside it is told so, instead of that the run did not end.
 */
#ifndef SERVER_IMPORT_DESK_H
#define SERVER_IMPORT_DESK_H

#include "base/error.h"
#include "base/span.h"

#include <stdint.h>
#include <sys/types.h>

/* Who asks: a connection of the control socket. */
struct control_caller {
    pid_t process; /* 0: not known, it lives in another namespace */
};

struct import_desk;
struct import_desk *import_desk_new(void);
void import_desk_free(struct import_desk *desk); /* nobody may be at it any more */

/* All take a NULL desk or caller, that of a command which is the writer itself: it is alone. */

/* ERROR_RULE when another living caller brings this run, or these files; files: of the run, one a line. Run 0 keeps the place of
 * one that is about to begin, and has no number yet: of two at the same moment, one does. */
bool import_desk_take(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files,
                      struct error *err);
/* Does another one bring this run, or run 0: a run of these files? Then ERROR_RULE, and false. */
bool import_desk_is_free(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files,
                         struct error *err);
/* Who brings it; false: nobody. */
bool import_desk_who(struct import_desk *desk, uint64_t run, pid_t *out_process, int64_t *out_since_us);
/* Does this one bring an import? */
bool import_desk_holds(struct import_desk *desk, const struct control_caller *caller);
void import_desk_leave(struct import_desk *desk, const struct control_caller *caller);

#endif
