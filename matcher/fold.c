/* Characters to A-Z; see fold.h. */
#include "matcher/fold.h"

#include "base/error.h"

#include <unicode/ustring.h>
#include <unicode/utrans.h>

/* U+00C0 to U+017F. "" drops the character, " " breaks the word. The choices of NORM_INS where it makes one, the base letter else.
 */
static const char latin[192][3] = {
    "A", "A", "A",  "A",  "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I",  "I",  /* C0 */
    "D", "N", "O",  "O",  "O", "O", "O",  " ", "O", "U", "U", "U", "U", "Y", "TH", "SS", /* D0 */
    "A", "A", "A",  "A",  "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I",  "I",  /* E0 */
    "D", "N", "O",  "O",  "O", "O", "O",  " ", "O", "U", "U", "U", "U", "Y", "TH", "Y",  /* F0 */
    "A", "A", "A",  "A",  "A", "A", "C",  "C", "C", "C", "C", "C", "C", "C", "D",  "D",  /* 100 */
    "D", "D", "E",  "E",  "E", "E", "E",  "E", "E", "E", "E", "E", "G", "G", "G",  "G",  /* 110 */
    "G", "G", "G",  "G",  "H", "H", "H",  "H", "I", "I", "I", "I", "I", "I", "I",  "I",  /* 120 */
    "I", "I", "IJ", "IJ", "J", "J", "K",  "K", "K", "L", "L", "L", "L", "L", "L",  "L",  /* 130 */
    "L", "L", "L",  "N",  "N", "N", "N",  "N", "N", "N", "N", "N", "O", "O", "O",  "O",  /* 140 */
    "O", "O", "OE", "OE", "R", "R", "R",  "R", "R", "R", "S", "S", "S", "S", "S",  "S",  /* 150 */
    "S", "S", "T",  "T",  "T", "T", "T",  "T", "U", "U", "U", "U", "U", "U", "U",  "U",  /* 160 */
    "U", "U", "U",  "U",  "W", "W", "Y",  "Y", "Y", "Z", "Z", "Z", "Z", "Z", "Z",  "S",  /* 170 */
};

struct folding {
    char *out;
    size_t len;
    bool blank;   /* a break is due before the next letter */
    bool foreign; /* a letter of another script was met */
};

static void put(struct folding *f, char c) {
    if (f->blank && f->len > 0 && f->len < FOLD_MOST)
        f->out[f->len++] = ' ';
    f->blank = false;
    if (f->len < FOLD_MOST)
        f->out[f->len++] = c;
}

/* One code point, its length in *out_len; an ill-formed byte stands for itself. */
static uint32_t decode(const unsigned char *p, size_t left, size_t *out_len) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80                   ? 1
                 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
                 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
                 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                               : 0;
    *out_len = 1;
    if (len < 2 || len > left)
        return p[0];
    uint32_t c = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return p[0];
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < least[len])
        return p[0];
    *out_len = len;
    return c;
}

static bool is_apostrophe(uint32_t c) {
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x2bc || c == '`' || c == 0xb4;
}

/* M'BAYE is MBAYE, in one word: M BAYE would be a gentleman called BAYE. */
static bool is_elided(const struct folding *f) {
    return !f->blank && f->len > 0 && f->out[f->len - 1] == 'M' && (f->len == 1 || f->out[f->len - 2] == ' ');
}

static void put_point(struct folding *f, uint32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        put(f, (char)c);
        return;
    }
    if (c >= 'a' && c <= 'z') {
        put(f, (char)(c - ('a' - 'A')));
        return;
    }
    if (c >= 0xc0 && c < 0x180) {
        for (const char *to = latin[c - 0xc0]; *to != '\0'; to++) {
            if (*to == ' ')
                f->blank = true;
            else
                put(f, *to);
        }
        return;
    }
    bool is_mark = (c >= 0x300 && c < 0x370) || (c >= 0x2b9 && c < 0x2c2 && c != 0x2bc); /* combining; a breath, in Latin letters */
    if (is_mark || (is_apostrophe(c) && is_elided(f)))
        return;
    if (c == 0x218 || c == 0x219 || c == 0x21a || c == 0x21b) { /* Romanian S and T with comma */
        put(f, c < 0x21a ? 'S' : 'T');
        return;
    }
    f->blank = true;
    if (c >= 0x180 && !(c >= 0x2b0 && c < 0x300) && !(c >= 0x2000 && c < 0x2070) && c != 0x2212)
        f->foreign = true;
}

/* The byte that windows-1252 shows as this character, for its bytes 80 to 9F; 0 for others. */
static uint32_t windows_byte(uint32_t c) {
    static const uint16_t shown[32] = {0x20ac, 0,      0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
                                       0x2039, 0x152,  0,      0x17d,  0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                       0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0,      0x17e,  0x178};
    for (uint32_t i = 0; i < 32; i++)
        if (c != 0 && shown[i] == c)
            return 0x80 + i;
    return 0;
}

static void fold_points(struct folding *f, struct span text) {
    const unsigned char *p = (const unsigned char *)text.ptr;
    for (size_t at = 0; at < text.len;) {
        size_t len, next_len;
        uint32_t c = decode(p + at, text.len - at, &len);
        at += len;
        /* A-tilde before a character of 80 to BF: an accented letter whose UTF-8 was read as ISO 8859-1 or windows-1252. */
        if (c == 0xc3 && at < text.len) {
            uint32_t next = decode(p + at, text.len - at, &next_len);
            next = next >= 0x80 && next < 0xc0 ? next : windows_byte(next);
            if (next != 0) {
                c = 0xc0 + (next & 0x3f);
                at += next_len;
            }
        }
        put_point(f, c);
    }
}

/* Arabic ayn is heard as an A (Omar, Said, Ali), and a name of its consonants alone could be a title: MR. Hamza, the soft sign and
 * what marks a breath are no ends of words. Where Latin letters stand already the vowel does so beside its sign, too. */
static const UChar to_latin[] = u"[\u02b9-\u02bb\u02bd-\u02c1] > ; \u02bc > \\'; :: Any-Latin; \u02bf > a; "
                                u"[\u02b9-\u02be\u02c0\u02c1] > ; :: Latin-ASCII;";

static void close_transliterator(void *transliterator) {
    utrans_close(transliterator);
}

/* Kept for the next name; NULL when ICU cannot. */
static UTransliterator *open_transliterator(struct arena *arena, UErrorCode *status) {
    UTransliterator *opened = arena_deferred(arena, close_transliterator);
    if (opened)
        return opened;
    opened = utrans_openU(u"Sosie", -1, UTRANS_FORWARD, to_latin, -1, NULL, status);
    if (opened)
        arena_defer(arena, close_transliterator, opened);
    return opened;
}

/* Other scripts, by ICU; gives the Latin text in UTF-8, its length, 0 when ICU cannot. */
static size_t transliterate(struct arena *arena, struct span text, char *out, size_t room) {
    UErrorCode status = U_ZERO_ERROR;
    UTransliterator *transliterator = open_transliterator(arena, &status);
    UChar wide[1024];
    int32_t len = 0, written = 0;
    if (text.len > FOLD_MOST)
        text.len = FOLD_MOST;
    u_strFromUTF8WithSub(wide, 1024, &len, text.ptr, (int32_t)text.len, ' ', NULL, &status);
    int32_t limit = len;
    if (U_SUCCESS(status))
        utrans_transUChars(transliterator, wide, &len, 1024, 0, &limit, &status);
    if (U_SUCCESS(status))
        u_strToUTF8WithSub(out, (int32_t)room, &written, wide, limit, ' ', NULL, &status);
    return U_SUCCESS(status) || status == U_BUFFER_OVERFLOW_ERROR ? (size_t)(written < (int32_t)room ? written : (int32_t)room) : 0;
}

size_t fold_text(struct arena *arena, struct span text, char out[FOLD_MOST]) {
    struct folding f = {.out = out};
    fold_points(&f, text);
    if (f.foreign) {
        char bytes[2048];
        size_t len = transliterate(arena, text, bytes, sizeof bytes);
        f = (struct folding){.out = out};
        fold_points(&f, span_make(bytes, len));
    }
    while (f.len > 0 && out[f.len - 1] == ' ') /* a cut at the ceiling may leave one */
        f.len--;
    return f.len;
}

static bool is_letter(char c) {
    return c >= 'A' && c <= 'Z';
}

static char digit_letter(char c) {
    return c == '0' ? 'O' : c == '1' ? 'I' : c == '5' ? 'S' : c == '8' ? 'B' : ' ';
}

size_t fold_name(struct arena *arena, struct span text, char out[FOLD_MOST]) {
    size_t len = fold_text(arena, text, out), to = 0;
    for (size_t i = 0; i < len; i++) {
        char c = out[i];
        if (c >= '0' && c <= '9') {
            bool inside = i > 0 && i + 1 < len && is_letter(out[i - 1]) && is_letter(out[i + 1]);
            if (!inside || digit_letter(c) == ' ')
                continue;
            c = digit_letter(c);
            out[i] = c;
        }
        if (c == ' ' && (to == 0 || out[to - 1] == ' '))
            continue;
        out[to++] = c;
    }
    while (to > 0 && out[to - 1] == ' ')
        to--;
    return to;
}
