/* Names of fields and levels; see levels.h. */
#include "matcher/levels.h"

const char *const field_names[MATCH_FIELD_COUNT] = {
    [MATCH_NAME] = "name",
    [MATCH_GIVEN] = "given",
    [MATCH_BIRTH_DATE] = "birth-date",
    [MATCH_SEX] = "sex",
    [MATCH_BIRTH_PLACE] = "birth-place",
    [MATCH_INS] = "ins",
    [MATCH_HOUSEHOLD] = "household",
};

#define MISSING                                                                                                                    \
    { "missing", "not known on both sides" }

const struct level_text level_texts[MATCH_FIELD_COUNT][LEVELS_MOST] =
    {
        [MATCH_NAME] =
            {
                [NAME_MISSING] = MISSING,
                [NAME_EXACT] = {"exact", "same birth name"},
                [NAME_SOUND] = {"sound", "birth names that sound alike, close spelling"},
                [NAME_USED_EXACT] = {"used-exact", "birth name of one is the used name of the other"},
                [NAME_CLOSE] = {"close", "birth names one letter apart or much alike"},
                [NAME_PART] = {"part", "one birth name is part of the other"},
                [NAME_USED_CLOSE] = {"used-close", "birth and used names alike"},
                [NAME_SWAPPED] = {"swapped", "family and given name exchanged"},
                [NAME_NEAR] = {"near", "birth names somewhat alike"},
                [NAME_DIFFERENT] = {"different", "different names"},
            },
        [MATCH_GIVEN] =
            {
                [GIVEN_MISSING] = MISSING,
                [GIVEN_EXACT] = {"exact", "same first given name"},
                [GIVEN_COMPOUND] = {"compound", "one given name begins the other or shortens it"},
                [GIVEN_SOUND] = {"sound", "given names that sound alike"},
                [GIVEN_VARIANT] = {"variant", "variants of one given name"},
                [GIVEN_CLOSE] = {"close", "given names one letter apart or much alike, one unusual"},
                [GIVEN_OTHER] = {"other", "first given name of one is another one of the other, or a part of it"},
                [GIVEN_INITIAL] = {"initial", "initial of the given name"},
                [GIVEN_CLOSE_USUAL] = {"close-usual", "two usual given names that differ little"},
                [GIVEN_NEAR] = {"near", "given names somewhat alike"},
                [GIVEN_WITH_NAME] = {"with-name", "exchanged with the family name"},
                [GIVEN_DIFFERENT] = {"different", "different given names"},
                [GIVEN_DIFFERENT_USUAL] = {"different-usual", "two different usual given names"},
            },
        [MATCH_BIRTH_DATE] =
            {
                [DATE_MISSING] = MISSING,
                [DATE_EXACT] = {"exact", "same birth date"},
                [DATE_EXACT_WEAK] = {"exact-weak", "same birth date, day by convention"},
                [DATE_SWAPPED] = {"swapped", "day and month exchanged"},
                [DATE_DIGIT] = {"digit", "one figure of the birth date differs"},
                [DATE_PARTIAL_MONTH] = {"partial-month", "same year and month, day not known"},
                [DATE_PARTIAL_YEAR] = {"partial-year", "same year, month and day not known"},
                [DATE_NEAR_YEAR] = {"near-year", "same day and month, year 1, 10 or 100 apart"},
                [DATE_MONTH] = {"month", "same year and month"},
                [DATE_YEAR] = {"year", "same year only"},
                [DATE_DIFFERENT] = {"different", "different birth dates"},
            },
        [MATCH_SEX] =
            {
                [SEX_MISSING] = MISSING,
                [SEX_SAME] = {"same", "same sex"},
                [SEX_SAME_WITH_GIVEN] = {"same-with-given", "same sex, as the given name says"},
                [SEX_DIFFERENT_WITH_GIVEN] = {"different-with-given", "different sex in spite of the given name"},
                [SEX_DIFFERENT] = {"different", "different sex"},
            },
        [MATCH_BIRTH_PLACE] =
            {
                [BIRTH_PLACE_MISSING] = MISSING,
                [BIRTH_PLACE_SAME] = {"same", "same birth place"},
                [BIRTH_PLACE_SUCCESSOR] = {"successor", "same birth place under another code"},
                [BIRTH_PLACE_SAME_ABROAD] = {"same-abroad", "same country of birth"},
                [BIRTH_PLACE_POSTCODE] = {"postcode", "a postcode, it seems, in the department of the birth place"},
                [BIRTH_PLACE_AREA] = {"area", "birth places of one department"},
                [BIRTH_PLACE_DIFFERENT] = {"different", "different birth places"},
            },
        [MATCH_INS] =
            {
                [INS_MISSING] = MISSING,
                [INS_SAME] = {"same", "same INS"},
                [INS_SAME_OTHER_HOLDER] = {"same-other-holder", "same INS, which is another person's"},
                [INS_CLOSE] = {"close", "INS one figure apart, not valid"},
                [INS_UNSURE] = {"unsure", "different INS that prove nothing"},
                [INS_DIFFERENT] = {"different", "two different valid INS"},
            },
        [MATCH_HOUSEHOLD] =
            {
                [HOUSEHOLD_MISSING] = MISSING,
                [HOUSEHOLD_SAME] = {"same", "same household"},
                [HOUSEHOLD_CONTACT] = {"contact", "same telephone, mail or mother"},
                [HOUSEHOLD_ADDRESS] = {"address", "same address"},
                [HOUSEHOLD_AREA] = {"area", "same postcode"},
                [HOUSEHOLD_MOVED] = {"moved", "another postcode"},
                [HOUSEHOLD_OTHER_MOTHER] = {"other-mother", "mothers of different names"},
            },
};
