/* sosie relink, its files: what a preview found, act by act. cli_relink.c is the command. */
#ifndef SERVER_RELINK_H
#define SERVER_RELINK_H

#include "base/error.h"
#include "identity/identity.h"

/* ERROR_IO when it cannot be made and is not there: asked before a preview that takes minutes. */
bool relink_make_directory(const char *directory, struct error *err);
/* links.csv, unlinks.csv and tasks.csv, one row an act: record numbers, local identifiers, weights and zones before and after. */
bool relink_write_csv(const char *directory, const struct relink_preview *preview, struct error *err);

#endif
