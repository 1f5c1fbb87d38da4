/*
 * Domains that tell no case apart (hl7v2.md 2.2: "case-sensitive by default, per-domain option"): "ab12" and "AB12" are one
 * identifier there. An identifier keeps the spelling it first came with, which is what answers and notifications say; whatever
 * comes later, from a feed, a query or a person, is turned into that spelling where it enters, and from there on everything
 * compares exactly. Only letters A to Z have a case here; blanks and leading zeros stay significant.
 *
 * One spelling of a domain leads to one patient: a domain where two do is not switched over (spelling_may_fold), and no undo brings
 * a second one to life (spelling_alone). Records merged before the switch may share their survivor's.
 */
#ifndef IDENTITY_SPELLING_H
#define IDENTITY_SPELLING_H

#include "identity/plan.h"

/* The spelling under which the domain knows it; the value itself when it knows none, or tells cases apart. Under the read lock: the
 * text may be the registry's. */
struct span spelling_known(const struct registry *registry, const struct domain *domain, struct span value);

/* The feed with its identifiers, PID-3 and MRG-1, as they are known; the feed itself where no domain folds. In the plan's arena. */
const struct feed *spelling_of_feed(const struct plan *plan, const struct feed *feed);

/* The key of an identifier that is not known yet: capitals where the domain folds. In the plan's arena. */
struct span spelling_key(const struct plan *plan, const struct domain *domain, struct span value);

/* May the domain stop telling cases apart? ERROR_DUPLICATE: two patients differ in case alone; names the first two, and how many.
 */
bool spelling_may_fold(const struct plan *plan, const struct domain *domain, struct error *err);

/* No identifier of the records that this plan changes is also another live patient's, in another case: what an undo brings back.
 * ERROR_DUPLICATE. */
bool spelling_alone(const struct plan *plan, struct error *err);

#endif
