/*
 * Does this patient meet the criteria? The reference meaning of every parameter (R4 search.html), applied to patients that identity
 * found wherever it cannot take a criterion whole. A patient meets a criterion when its golden traits or those of one of its
 * visible records do; :missing looks at the golden traits, which are what the client sees.
 */
#ifndef FHIR_SEARCH_FILTER_H
#define FHIR_SEARCH_FILTER_H

#include "fhir/patient_json.h"
#include "fhir/search_params.h"

/* `decided` has a flag for each criterion that need not be looked at; NULL: all are. */
bool search_accepts(const struct search *search, const bool *decided, const struct patient_view *view, const struct person *person,
                    int64_t now_us, struct arena *arena);

#endif
