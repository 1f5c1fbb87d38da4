/* Names of a query; see pattern.h. */
#include "matcher/pattern.h"

#include "matcher/matcher.h"

#include <string.h>

enum { PIECES_MOST = 8 };

struct glob {
    struct span pieces[PIECES_MOST]; /* tight, in order */
    size_t count;
    bool open_start, open_end; /* letters may stand before the first and after the last piece */
};

/* ST and STE as standardize writes them; the last word of a beginning may still become STEPHAN. */
static struct span tight_piece(struct span piece, bool last_word_open, struct arena *arena) {
    struct span rest = match_norm_key(piece, arena), word;
    char *tight = arena_alloc(arena, 4 * rest.len + 1);
    size_t len = 0;
    while (span_cut(&rest, ' ', &word)) {
        bool whole = rest.ptr != NULL || !last_word_open;
        if (whole && span_eq_cstr(word, "ST"))
            word = SPAN("SAINT");
        if (whole && span_eq_cstr(word, "STE"))
            word = SPAN("SAINTE");
        memcpy(tight + len, word.ptr, word.len);
        len += word.len;
    }
    return span_make(tight, len);
}

static struct glob read_glob(struct span text, bool prefix, struct arena *arena) {
    struct glob glob = {.count = 0};
    struct span rest = text, piece;
    bool first = true;
    while (span_cut(&rest, '*', &piece)) {
        bool last = rest.ptr == NULL;
        struct span tight = tight_piece(piece, prefix || !last, arena);
        glob.open_start = glob.open_start || (first && tight.len == 0 && !last);
        glob.open_end = last && tight.len == 0 && !first;
        if (tight.len > 0 && glob.count == PIECES_MOST)
            prefix = true; /* the rest is not looked at: rather too many than too few */
        else if (tight.len > 0)
            glob.pieces[glob.count++] = span_sub(tight, 0, NAME_MOST);
        first = false;
    }
    glob.open_end = glob.open_end || prefix;
    return glob;
}

static bool glob_fits(const struct glob *glob, struct span name) {
    for (size_t i = 0; i < glob->count; i++) {
        struct span piece = glob->pieces[i];
        bool anchored = i == 0 && !glob->open_start, final = i + 1 == glob->count && !glob->open_end;
        if (piece.len > name.len)
            return false;
        if (final)
            return span_eq(span_sub(name, name.len - piece.len, piece.len), piece) && (!anchored || name.len == piece.len);
        size_t at = 0, most = anchored ? 0 : name.len - piece.len;
        while (at <= most && memcmp(name.ptr + at, piece.ptr, piece.len) != 0)
            at++;
        if (at > most)
            return false;
        name = span_sub(name, at + piece.len, name.len);
    }
    return true;
}

bool match_norm_fits(struct span wanted, struct span name, bool prefix, struct arena *arena) {
    struct glob glob = read_glob(wanted, prefix, arena);
    struct span tight = span_sub(tight_piece(name, false, arena), 0, NAME_MOST);
    bool wild = span_find(wanted, '*', 0) < wanted.len;
    return tight.len > 0 && (glob.count > 0 || wild) && glob_fits(&glob, tight);
}

static void fit(struct name_pattern *pattern, uint32_t id, enum name_fit how) {
    if (pattern->fits[id] == FIT_NONE)
        pattern->ids[pattern->id_count++] = id;
    if (pattern->fits[id] < how)
        pattern->fits[id] = (uint8_t)how;
}

/* First letters of the pattern as dictionary heads hold them, and the mask that leaves only these. */
static uint64_t head_of(struct span piece, uint64_t *out_mask) {
    uint64_t head = 0, mask = 0;
    for (size_t i = 0; i < 8; i++) {
        head = head << 8 | (i < piece.len ? (unsigned char)piece.ptr[i] : 0);
        mask = mask << 8 | (i < piece.len ? 0xff : 0);
    }
    *out_mask = mask;
    return head;
}

static void scan_glob(struct name_pattern *pattern, const struct dictionary *names, const struct glob *glob) {
    uint64_t mask = 0, head = 0;
    if (glob->count > 0 && !glob->open_start)
        head = head_of(glob->pieces[0], &mask);
    for (uint32_t id = 1; id <= names->count; id++) {
        if ((names->heads[id] & mask) != head)
            continue;
        struct span tight = name_tight(dictionary_name(names, id));
        if (!glob_fits(glob, tight))
            continue;
        bool whole = glob->count == 1 && !glob->open_start && tight.len == glob->pieces[0].len;
        fit(pattern, id, whole ? FIT_WHOLE : FIT_PART);
    }
}

static void find_sounds(struct name_pattern *pattern, const struct dictionary *names, uint32_t sound) {
    for (uint32_t id = 1; id <= names->count; id++)
        if (names->sounds[id] == sound)
            fit(pattern, id, FIT_SOUND);
}

void pattern_prepare(struct name_pattern *pattern, const struct dictionary *names, struct span text, bool prefix, bool phonetic,
                     struct arena *arena) {
    *pattern = (struct name_pattern){.any = text.len == 0};
    if (pattern->any)
        return;
    pattern->fits = arena_calloc(arena, names->count + 1ul, 1);
    pattern->ids = ARENA_ARRAY(arena, uint32_t, names->count + 1ul);
    bool wild = span_find(text, '*', 0) < text.len;
    struct glob glob = read_glob(text, prefix, arena);
    pattern->impossible = glob.count == 0 && !wild;
    if (pattern->impossible)
        return;
    const struct name *name = glob.count == 1 ? name_make(glob.pieces[0], arena) : NULL;
    if (wild || prefix)
        scan_glob(pattern, names, &glob);
    else
        for (uint32_t id = dictionary_find_tight(names, name->hash); id != 0; id = names->next[id])
            fit(pattern, id, FIT_WHOLE);
    if (phonetic && name && !wild)
        find_sounds(pattern, names, name->sound);
}
