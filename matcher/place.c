/* Birth places; see place.h. */
#include "matcher/place.h"

#include <stdio.h>
#include <string.h>

struct place_change {
    uint32_t code, current;
};

#include "matcher_places.h" /* generated: known_places, changed_bits, changed_places */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { CORSICA_SOUTH = 100, CORSICA_NORTH = 101, PLACE_END = 102000 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

uint32_t place_pack(struct span code) {
    code = span_trim(code);
    if (code.len != 5)
        return 0;
    const char *c = code.ptr;
    char letter = c[1] >= 'a' ? (char)(c[1] - 32) : c[1];
    bool corsica = c[0] == '2' && (letter == 'A' || letter == 'B');
    for (size_t i = 0; i < 5; i++)
        if (!is_digit(c[i]) && !(i == 1 && corsica))
            return 0;
    uint32_t department = corsica ? (letter == 'A' ? CORSICA_SOUTH : CORSICA_NORTH) : (uint32_t)((c[0] - '0') * 10 + c[1] - '0');
    uint32_t place = department * 1000 + (uint32_t)((c[2] - '0') * 100 + (c[3] - '0') * 10 + c[4] - '0');
    return place == 99999 || place == 99100 ? 0 : place;
}

struct span place_unpack(uint32_t place, char out[PLACE_LETTERS]) {
    if (place < CORSICA_SOUTH * 1000)
        (void)snprintf(out, PLACE_LETTERS, "%05u", (unsigned)place % 100000);
    else
        (void)snprintf(out, PLACE_LETTERS, "2%c%03u", place / 1000 == CORSICA_SOUTH ? 'A' : 'B', (unsigned)place % 1000);
    return span_of(out);
}

bool place_is_known(uint32_t place) {
    return place < PLACE_END && (known_places[place / 16] >> (place % 16) & 1);
}

static uint32_t city_of(uint32_t place) {
    if (place > 75100 && place <= 75120)
        return 75056;
    if (place > 13200 && place <= 13216)
        return 13055;
    return place > 69380 && place <= 69389 ? 69123 : place;
}

static uint32_t successor_of(uint32_t place) {
    size_t low = 0, high = COUNT(changed_places);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (changed_places[middle].code < place)
            low = middle + 1;
        else
            high = middle;
    }
    return changed_places[low].current;
}

static bool has_changed(uint32_t place) {
    return place < PLACE_END && (changed_bits[place / 16] >> (place % 16) & 1);
}

uint32_t place_current(uint32_t place) {
    return city_of(has_changed(place) ? successor_of(place) : place);
}

/* Countries that became several: the old code may stand for any of the new ones. */
static bool country_became(uint32_t old, uint32_t now) {
    static const uint32_t pairs[][2] = {
        {99115, 99116}, {99115, 99117},                                                                 /* Czechoslovakia */
        {99121, 99118}, {99121, 99119}, {99121, 99120}, {99121, 99145}, {99121, 99156}, {99121, 99157}, /* Yugoslavia */
        {99123, 99106}, {99123, 99107}, {99123, 99108}, {99123, 99148}, {99123, 99151}, {99123, 99155}, /* USSR */
        {99123, 99252}, {99123, 99253}, {99123, 99255}, {99123, 99256}, {99123, 99257}, {99123, 99258},
        {99123, 99259}, {99123, 99260}, {99343, 99349}, {99237, 99238}, {99237, 99239}, {99315, 99317},
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (pairs[i][0] == old && pairs[i][1] == now)
            return true;
    return false;
}

/* Department of a code; Corsica is one, overseas departments have three figures. */
static uint32_t department_of(uint32_t place) {
    uint32_t department = place / 1000;
    if (department == CORSICA_SOUTH || department == CORSICA_NORTH)
        return 20;
    return department == 97 || department == 98 ? place / 100 : department;
}

static bool in_group(uint32_t department, const uint8_t *group, size_t count) {
    return memchr(group, (int)department, count) != NULL;
}

/* Departments that were one before 1968 (identity-france.md 5). */
static bool were_one(uint32_t a, uint32_t b) {
    static const uint8_t seine[] = {75, 92, 93, 94}, oise[] = {78, 91, 92, 93, 94, 95};
    if (a > 99 || b > 99)
        return false;
    return (in_group(a, seine, sizeof seine) && in_group(b, seine, sizeof seine) && (a == 75 || b == 75)) ||
           (in_group(a, oise, sizeof oise) && in_group(b, oise, sizeof oise) && (a == 78 || b == 78));
}

/* Algeria 91 to 94, Morocco 95, Tunisia 96 before independence. */
static bool north_africa(uint32_t country, uint32_t department) {
    return (country == 99352 && department >= 91 && department <= 94) || (country == 99350 && department == 95) ||
           (country == 99351 && department == 96);
}

/* Of one city: two of them are not one place. */
static bool are_districts(uint32_t a, uint32_t b) {
    return city_of(a) != a && city_of(b) != b;
}

/* 2A004 was 20004. */
static bool is_corsica_renamed(uint32_t a, uint32_t b) {
    return a % 1000 == b % 1000 && (a / 1000 == 20 || b / 1000 == 20);
}

enum place_level place_compare(uint32_t a, uint32_t b, unsigned birth_year) {
    if (a == b)
        return PLACE_EQUAL;
    uint32_t from_a = department_of(a), from_b = department_of(b);
    if (place_current(a) == place_current(b) && !are_districts(a, b))
        return PLACE_SUCCESSOR;
    if (place_is_abroad(a) && place_is_abroad(b))
        return country_became(a, b) || country_became(b, a) ? PLACE_SUCCESSOR : PLACE_OTHER;
    if (from_a == from_b)
        return from_a == 20 && is_corsica_renamed(a, b) ? PLACE_SUCCESSOR : PLACE_AREA;
    bool early = birth_year != 0 && birth_year <= 1962;
    if (early && (north_africa(a, from_b) || north_africa(b, from_a)))
        return PLACE_SUCCESSOR;
    return birth_year != 0 && birth_year < 1968 && were_one(from_a, from_b) ? PLACE_AREA : PLACE_OTHER;
}
