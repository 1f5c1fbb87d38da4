/* Peers, for those of this room that make them: peer_change.c and store_read.c. */
#ifndef IDENTITY_PEER_PARSE_H
#define IDENTITY_PEER_PARSE_H

#include "identity/identity.h"

/* Fills what a peer's texts mean. `forgiving`: a domain that is not known is left out. where = the field's name. */
bool peer_parse(struct peer *peer, const struct domain_list *domains, bool forgiving, struct arena *arena, struct error *err);

#endif
