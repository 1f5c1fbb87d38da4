/* Character sets; see hl7_charset.h. The western sets are read by small tables, the others by ICU. */
#include "mllp/hl7_charset.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static const uint32_t REPLACEMENT = 0xfffd;

struct charset_name {
    const char *name;
    enum hl7_charset charset;
    bool alias;
};

/* Table 0211 first, then what is written in its place (hl7v2.md 6 row 9). */
static const struct charset_name charset_names[] = {
    {"ASCII", HL7_CHARSET_ASCII, false},        {"ISO IR6", HL7_CHARSET_ASCII, false},
    {"8859/1", HL7_CHARSET_8859_1, false},      {"8859/2", HL7_CHARSET_8859_2, false},
    {"8859/3", HL7_CHARSET_8859_3, false},      {"8859/4", HL7_CHARSET_8859_4, false},
    {"8859/5", HL7_CHARSET_8859_5, false},      {"8859/6", HL7_CHARSET_8859_6, false},
    {"8859/7", HL7_CHARSET_8859_7, false},      {"8859/8", HL7_CHARSET_8859_8, false},
    {"8859/9", HL7_CHARSET_8859_9, false},      {"8859/15", HL7_CHARSET_8859_15, false},
    {"UNICODE UTF-8", HL7_CHARSET_UTF8, false}, {"UNICODE", HL7_CHARSET_UTF8, true},
    {"UNICODE UTF8", HL7_CHARSET_UTF8, true},   {"UTF-8", HL7_CHARSET_UTF8, true},
    {"UTF8", HL7_CHARSET_UTF8, true},           {"US-ASCII", HL7_CHARSET_ASCII, true},
    {"ISO-8859-1", HL7_CHARSET_8859_1, true},   {"ISO8859-1", HL7_CHARSET_8859_1, true},
    {"ISO_8859-1", HL7_CHARSET_8859_1, true},   {"8859-1", HL7_CHARSET_8859_1, true},
    {"LATIN1", HL7_CHARSET_8859_1, true},       {"ISO-8859-15", HL7_CHARSET_8859_15, true},
    {"ISO8859-15", HL7_CHARSET_8859_15, true},  {"ISO_8859-15", HL7_CHARSET_8859_15, true},
    {"8859-15", HL7_CHARSET_8859_15, true},     {"WINDOWS-1252", HL7_CHARSET_1252, true},
    {"CP1252", HL7_CHARSET_1252, true},
};

enum { CHARSET_NAME_COUNT = sizeof charset_names / sizeof charset_names[0] };

/* ICU's names of the sets without a table of ours. */
static const char *const icu_names[] = {
    [HL7_CHARSET_8859_2] = "ISO-8859-2", [HL7_CHARSET_8859_3] = "ISO-8859-3", [HL7_CHARSET_8859_4] = "ISO-8859-4",
    [HL7_CHARSET_8859_5] = "ISO-8859-5", [HL7_CHARSET_8859_6] = "ISO-8859-6", [HL7_CHARSET_8859_7] = "ISO-8859-7",
    [HL7_CHARSET_8859_8] = "ISO-8859-8", [HL7_CHARSET_8859_9] = "ISO-8859-9",
};

/* windows-1252, 80 to 9F; 0: not assigned. */
static const uint16_t cp1252_high[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

/* Where ISO-8859-15 differs from ISO-8859-1. */
static const struct {
    uint8_t byte;
    uint16_t code;
} latin9[] = {{0xa4, 0x20ac}, {0xa6, 0x0160}, {0xa8, 0x0161}, {0xb4, 0x017d},
              {0xb8, 0x017e}, {0xbc, 0x0152}, {0xbd, 0x0153}, {0xbe, 0x0178}};

/* Characters without decomposition that have an honest ASCII form. */
static const struct {
    uint16_t code;
    const char *ascii;
} plain_forms[] = {{0x0152, "OE"}, {0x0153, "oe"}, {0x00c6, "AE"}, {0x00e6, "ae"}, {0x00df, "ss"}, {0x2018, "'"},
                   {0x2019, "'"},  {0x2010, "-"},  {0x2011, "-"},  {0x2013, "-"},  {0x2014, "-"},  {0x201c, "\""},
                   {0x201d, "\""}, {0x00a0, " "},  {0x202f, " "},  {0x0141, "L"},  {0x0142, "l"},  {0x00d8, "O"},
                   {0x00f8, "o"},  {0x0110, "D"},  {0x0111, "d"},  {0x0131, "i"},  {0x20ac, "EUR"}};

enum hl7_charset hl7_charset_parse(struct span code, bool *out_alias) {
    code = span_trim(code);
    *out_alias = false;
    if (span_is_empty(code) || span_eq_cstr(code, "\"\""))
        return HL7_CHARSET_NONE;
    for (size_t i = 0; i < CHARSET_NAME_COUNT; i++) {
        if (span_eq_nocase(code, span_of(charset_names[i].name))) {
            *out_alias = charset_names[i].alias || !span_eq_cstr(code, charset_names[i].name);
            return charset_names[i].charset;
        }
    }
    return HL7_CHARSET_UNKNOWN;
}

const char *hl7_charset_code(enum hl7_charset charset) {
    if (charset <= HL7_CHARSET_ASCII)
        return "";
    for (size_t i = 0; i < CHARSET_NAME_COUNT; i++) {
        if (charset_names[i].charset == charset && !charset_names[i].alias)
            return charset_names[i].name;
    }
    return "";
}

enum hl7_charset hl7_charset_of_answer(enum hl7_charset used) {
    if (used == HL7_CHARSET_1252)
        return HL7_CHARSET_8859_1;
    return used == HL7_CHARSET_UNKNOWN ? HL7_CHARSET_ASCII : used;
}

/* Skips eight bytes at a time that are all below 80; where the first other byte may be. */
static size_t skip_ascii(struct span bytes, size_t at) {
    uint64_t word;
    for (; bytes.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, bytes.ptr + at, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    return at;
}

bool hl7_is_ascii(struct span bytes) {
    for (size_t at = skip_ascii(bytes, 0); at < bytes.len; at++) {
        if ((unsigned char)bytes.ptr[at] >= 0x80)
            return false;
    }
    return true;
}

static size_t put_utf8(char *out, uint32_t code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

static uint32_t western_code(unsigned char byte, enum hl7_charset charset) {
    if (charset == HL7_CHARSET_8859_15) {
        for (size_t i = 0; i < sizeof latin9 / sizeof latin9[0]; i++) {
            if (latin9[i].byte == byte)
                return latin9[i].code;
        }
    }
    if (byte < 0x80 || byte > 0x9f)
        return byte;
    return cp1252_high[byte - 0x80] ? cp1252_high[byte - 0x80] : REPLACEMENT;
}

static struct span decode_western(struct span bytes, enum hl7_charset charset, struct arena *arena, unsigned *io_warnings) {
    char *text = arena_alloc(arena, bytes.len * 3);
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t code = western_code((unsigned char)bytes.ptr[i], charset);
        if (code == REPLACEMENT)
            *io_warnings |= HL7_CHARSET_DAMAGED;
        len += put_utf8(text + len, code);
    }
    return span_make(text, len);
}

enum { NORMALIZE_BYTES = 32 * 1024 };

/* Where to cut text for normalisation: before an ASCII character nothing composes; without one, at a character. */
static size_t normalize_cut(struct span text) {
    if (text.len <= NORMALIZE_BYTES)
        return text.len;
    size_t at = NORMALIZE_BYTES;
    while (at && (unsigned char)text.ptr[at] >= 0x80)
        at--;
    if (at)
        return at;
    for (at = NORMALIZE_BYTES; ((unsigned char)text.ptr[at] & 0xc0) == 0x80;)
        at--;
    return at;
}

struct normalizer {
    UChar wide[NORMALIZE_BYTES], composed[NORMALIZE_BYTES * 3]; /* NFC at most triples UTF-16 (Unicode FAQ, normalization) */
    char bytes[NORMALIZE_BYTES * 3];
};

static void normalize_piece(struct normalizer *room, struct span piece, struct buf *out) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    int32_t wide_len = 0, len = 0;
    u_strFromUTF8(room->wide, NORMALIZE_BYTES, &wide_len, piece.ptr, (int32_t)piece.len, &status);
    int32_t composed_len = unorm2_normalize(nfc, room->wide, wide_len, room->composed, NORMALIZE_BYTES * 3, &status);
    u_strToUTF8(room->bytes, sizeof room->bytes, &len, room->composed, composed_len, &status);
    buf_add(out, U_FAILURE(status) ? piece : span_make(room->bytes, (size_t)len));
}

/* Text in normal form C. Below U+0300 everything is in that form already: lead bytes up to CB. */
static struct span normalize(struct span text, struct arena *arena) {
    size_t at = skip_ascii(text, 0);
    while (at < text.len && (unsigned char)text.ptr[at] < 0xcc)
        at = skip_ascii(text, at + 1);
    if (at >= text.len)
        return text;
    struct normalizer *room = mem_alloc(sizeof *room);
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, text.len * 3);
    while (text.len) {
        size_t cut = normalize_cut(text);
        normalize_piece(room, span_sub(text, 0, cut), &out);
        text = span_sub(text, cut, text.len);
    }
    mem_free(room);
    return buf_copy(&out, arena);
}

static struct span decode_icu(struct span bytes, enum hl7_charset charset, struct arena *arena, unsigned *io_warnings) {
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(icu_names[charset], &status);
    if (U_FAILURE(status))
        return decode_western(bytes, HL7_CHARSET_8859_1, arena, io_warnings);
    int32_t capacity = (int32_t)bytes.len + 1, len = 0;
    UChar *wide = ARENA_ARRAY(arena, UChar, (size_t)capacity);
    int32_t wide_len = ucnv_toUChars(converter, wide, capacity, bytes.ptr, (int32_t)bytes.len, &status);
    ucnv_close(converter);
    char *text = arena_alloc(arena, bytes.len * 3 + 1);
    u_strToUTF8(text, (int32_t)bytes.len * 3 + 1, &len, wide, wide_len, &status);
    if (U_FAILURE(status))
        return decode_western(bytes, HL7_CHARSET_8859_1, arena, io_warnings);
    return span_make(text, (size_t)len);
}

static struct span drop_nul(struct span bytes, struct arena *arena, unsigned *io_warnings) {
    if (bytes.len == 0 || !memchr(bytes.ptr, 0, bytes.len))
        return bytes;
    char *kept = arena_alloc(arena, bytes.len);
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i])
            kept[len++] = bytes.ptr[i];
    }
    *io_warnings |= HL7_CHARSET_NUL;
    return span_make(kept, len);
}

/* How many sequences of several bytes stand in well-formed UTF-8. */
static size_t multibyte_count(struct span text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += (unsigned char)text.ptr[i] >= 0xc0;
    return count;
}

/* What the bytes really are, whatever was declared (hl7v2.md 6 rows 7 and 8). */
static enum hl7_charset judge(struct span bytes, enum hl7_charset declared, bool hint_utf8, unsigned *io_warnings) {
    bool utf8 = span_is_utf8(bytes);
    if (declared == HL7_CHARSET_NONE || declared == HL7_CHARSET_ASCII || declared == HL7_CHARSET_UNKNOWN) {
        *io_warnings |= HL7_CHARSET_GUESSED;
        return utf8 ? HL7_CHARSET_UTF8 : HL7_CHARSET_1252;
    }
    if (declared == HL7_CHARSET_UTF8) {
        if (!utf8)
            *io_warnings |= HL7_CHARSET_WRONG;
        return utf8 ? HL7_CHARSET_UTF8 : HL7_CHARSET_1252;
    }
    if (utf8 && (hint_utf8 || multibyte_count(bytes) >= 2)) {
        *io_warnings |= HL7_CHARSET_WRONG;
        return HL7_CHARSET_UTF8;
    }
    return declared;
}

struct span hl7_charset_decode(struct span bytes, enum hl7_charset declared, bool hint_utf8, struct arena *arena,
                               enum hl7_charset *out_used, unsigned *io_warnings) {
    bytes = drop_nul(bytes, arena, io_warnings);
    *out_used = declared;
    if (hl7_is_ascii(bytes))
        return bytes;
    enum hl7_charset used = judge(bytes, declared, hint_utf8, io_warnings);
    *out_used = used;
    if (used == HL7_CHARSET_UTF8)
        return normalize(bytes, arena);
    if (used >= HL7_CHARSET_8859_2 && used <= HL7_CHARSET_8859_9)
        return normalize(decode_icu(bytes, used, arena, io_warnings), arena);
    return decode_western(bytes, used, arena, io_warnings);
}

/* The byte of a western set, -1 when it has none. */
static int western_byte(uint32_t code, enum hl7_charset charset) {
    if (charset == HL7_CHARSET_8859_15) {
        for (size_t i = 0; i < sizeof latin9 / sizeof latin9[0]; i++) {
            if (latin9[i].code == code)
                return latin9[i].byte;
            if (latin9[i].byte == code)
                return -1;
        }
    }
    if (charset == HL7_CHARSET_ASCII || charset == HL7_CHARSET_NONE)
        return code < 0x80 ? (int)code : -1;
    return code < 0x80 || (code > 0x9f && code <= 0xff) ? (int)code : -1;
}

/* The first character of the canonical decomposition, when that is plain; else a known form; else '?'. */
static void put_fallback(uint32_t code, struct buf *out) {
    for (size_t i = 0; i < sizeof plain_forms / sizeof plain_forms[0]; i++) {
        if (plain_forms[i].code == code) {
            buf_add_cstr(out, plain_forms[i].ascii);
            return;
        }
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    UChar parts[32];
    for (;;) { /* the decomposition's head may decompose again */
        int32_t len = unorm2_getRawDecomposition(nfc, (UChar32)code, parts, 32, &status);
        if (len <= 0 || U_FAILURE(status))
            break;
        code = parts[0];
    }
    bool mark = code >= 0x300 && code < 0x370;
    if (!mark)
        buf_add_char(out, code < 0x80 ? (char)code : '?');
}

/* False: the set has no such character. */
static bool encode_icu(uint32_t code, UConverter *converter, struct buf *out) {
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[2];
    int32_t len = 0;
    char bytes[8];
    U16_APPEND_UNSAFE(wide, len, code);
    int32_t count = ucnv_fromUChars(converter, bytes, sizeof bytes, wide, len, &status);
    if (U_FAILURE(status) || count != 1 || (bytes[0] == 0x1a && code != 0x1a))
        return false;
    buf_add_char(out, bytes[0]);
    return true;
}

/* The character at *io_at, which moves past it. Text is well formed; whatever is not ends at the span's end all the same. */
static uint32_t next_code(struct span text, size_t *io_at) {
    unsigned char first = (unsigned char)text.ptr[(*io_at)++];
    size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t code = more == 0 ? first : first & (0x3fu >> more);
    for (; more && *io_at < text.len; more--)
        code = code << 6 | ((unsigned char)text.ptr[(*io_at)++] & 0x3fu);
    return code;
}

size_t hl7_charset_encode(struct span text, enum hl7_charset charset, struct buf *out) {
    size_t lost = 0;
    if (charset == HL7_CHARSET_UTF8 || hl7_is_ascii(text)) {
        buf_add(out, text);
        return 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    bool rare = charset >= HL7_CHARSET_8859_2 && charset <= HL7_CHARSET_8859_9;
    UConverter *converter = rare ? ucnv_open(icu_names[charset], &status) : NULL;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = next_code(text, &at);
        int byte = converter && code >= 0x80 ? -1 : western_byte(code, charset);
        if (byte >= 0) {
            buf_add_char(out, (char)byte);
        } else if (!converter || !encode_icu(code, converter, out)) {
            put_fallback(code, out);
            lost++;
        }
    }
    ucnv_close(converter);
    return lost;
}
