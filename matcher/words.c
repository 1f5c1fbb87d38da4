/* Titles, comments and placeholders; see words.h. */
#include "matcher/words.h"

#include <string.h>

enum word_kind {
    WORD_NAME,
    WORD_TITLE,       /* goes wherever it stands */
    WORD_FIRST_TITLE, /* goes at the start, before another word */
    WORD_EMPTY,       /* says nothing; a name made of such words only is missing */
    WORD_UNKNOWN,     /* the whole name is missing */
    WORD_MAIDEN,      /* the birth name follows */
    WORD_SPOUSE,      /* the used name follows */
};

struct known_word {
    const char *text;
    enum word_kind kind;
};

static const struct known_word title_words[] = {
    {"MME", WORD_TITLE},          {"MLLE", WORD_TITLE},     {"MONSIEUR", WORD_TITLE}, {"MADAME", WORD_TITLE},
    {"MADEMOISELLE", WORD_TITLE}, {"VVE", WORD_TITLE},      {"VEUVE", WORD_TITLE},    {"DCD", WORD_TITLE},
    {"MR", WORD_FIRST_TITLE},     {"DR", WORD_FIRST_TITLE}, {"PR", WORD_FIRST_TITLE}, {"MRS", WORD_FIRST_TITLE},
    {"DECEDE", WORD_TITLE},       {"DECEDEE", WORD_TITLE},  {"DEFUNT", WORD_TITLE},   {"DEFUNTE", WORD_TITLE},
};

static const struct known_word empty_words[] = {
    {"BEBE", WORD_EMPTY},    {"BB", WORD_EMPTY},         {"NN", WORD_EMPTY},         {"JUMEAU", WORD_EMPTY},
    {"JUMELLE", WORD_EMPTY}, {"JUMEAUX", WORD_EMPTY},    {"SNP", WORD_EMPTY},        {"SPC", WORD_EMPTY},
    {"NEANT", WORD_EMPTY},   {"NE", WORD_EMPTY},         {"NOUVEAU", WORD_EMPTY},    {"X", WORD_EMPTY},
    {"N", WORD_EMPTY},       {"NC", WORD_EMPTY},         {"ND", WORD_EMPTY},         {"NR", WORD_EMPTY},
    {"TEST", WORD_EMPTY},    {"TESTS", WORD_EMPTY},      {"PATIENT", WORD_EMPTY},    {"NOM", WORD_EMPTY},
    {"PRENOM", WORD_EMPTY},  {"SANS", WORD_EMPTY},       {"NON", WORD_EMPTY},        {"SOUS", WORD_EMPTY},
    {"FOETUS", WORD_EMPTY},  {"IDENTITE", WORD_EMPTY},   {"AUCUN", WORD_EMPTY},      {"AUCUNE", WORD_EMPTY},
    {"NP", WORD_EMPTY},      {"PROVISOIRE", WORD_EMPTY}, {"TEMPORAIRE", WORD_EMPTY}, {"VICTIME", WORD_EMPTY},
    {"SDF", WORD_EMPTY},     {"SINUS", WORD_EMPTY},
};

static const struct known_word unknown_words[] = {
    {"SANSNOM", WORD_UNKNOWN},        {"SANSPRENOM", WORD_UNKNOWN},  {"INCONNU", WORD_UNKNOWN},      {"INCONNUE", WORD_UNKNOWN},
    {"UNKNOWN", WORD_UNKNOWN},        {"ANONYME", WORD_UNKNOWN},     {"RENSEIGNE", WORD_UNKNOWN},    {"ZZTEST", WORD_UNKNOWN},
    {"RENSEIGNEE", WORD_UNKNOWN},     {"RENSEIGNER", WORD_UNKNOWN},  {"COMPLETER", WORD_UNKNOWN},    {"NULL", WORD_UNKNOWN},
    {"INDETERMINE", WORD_UNKNOWN},    {"NOUVEAUNE", WORD_UNKNOWN},   {"INDETERMINEE", WORD_UNKNOWN}, {"IDENTIFIE", WORD_UNKNOWN},
    {"IDENTIFIEE", WORD_UNKNOWN},     {"URGENCE", WORD_UNKNOWN},     {"URGENCES", WORD_UNKNOWN},     {"DECLARE", WORD_UNKNOWN},
    {"DECLAREE", WORD_UNKNOWN},       {"DECLARER", WORD_UNKNOWN},    {"PRECISER", WORD_UNKNOWN},     {"ATTENTE", WORD_UNKNOWN},
    {"VENIR", WORD_UNKNOWN},          {"DEFINIR", WORD_UNKNOWN},     {"DETERMINER", WORD_UNKNOWN},   {"SAISIR", WORD_UNKNOWN},
    {"ATTRIBUER", WORD_UNKNOWN},      {"IDENTIFIER", WORD_UNKNOWN},  {"COMMUNIQUER", WORD_UNKNOWN},  {"DISPONIBLE", WORD_UNKNOWN},
    {"INDISPONIBLE", WORD_UNKNOWN},   {"PRENOMME", WORD_UNKNOWN},    {"PRENOMMEE", WORD_UNKNOWN},    {"TRANSMIS", WORD_UNKNOWN},
    {"IGNORE", WORD_UNKNOWN},         {"IGNOREE", WORD_UNKNOWN},     {"ANONYMAT", WORD_UNKNOWN},     {"CONFIDENTIEL", WORD_UNKNOWN},
    {"CONFIDENTIELLE", WORD_UNKNOWN}, {"REQUISITION", WORD_UNKNOWN}, {"CADAVRE", WORD_UNKNOWN},      {"INCONSCIENT", WORD_UNKNOWN},
    {"INCONSCIENTE", WORD_UNKNOWN},
};

static const struct known_word family_words[] = {
    {"M", WORD_FIRST_TITLE}, {"NEE", WORD_MAIDEN},  {"EP", WORD_SPOUSE},   {"EPX", WORD_SPOUSE},   {"EPSE", WORD_SPOUSE},
    {"EPOUSE", WORD_SPOUSE}, {"FEMME", WORD_EMPTY}, {"HOMME", WORD_EMPTY}, {"SECRET", WORD_EMPTY},
};

static const struct known_word given_words[] = {
    {"NEE", WORD_EMPTY},     {"FEMME", WORD_EMPTY},    {"HOMME", WORD_EMPTY},          {"MASCULIN", WORD_EMPTY},
    {"FEMININ", WORD_EMPTY}, {"INDEFINI", WORD_EMPTY}, {"PUPILLE", WORD_EMPTY},        {"VIDE", WORD_EMPTY},
    {"NONE", WORD_EMPTY},    {"SP", WORD_EMPTY},       {"ACCOUCHEMENT", WORD_UNKNOWN}, {"NAITRE", WORD_UNKNOWN}, /* A NAITRE */
    {"SECRET", WORD_EMPTY},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum word_kind look_up(struct span word, const struct known_word *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (words[i].text[0] == word.ptr[0] && span_eq_cstr(word, words[i].text))
            return words[i].kind;
    return WORD_NAME;
}

/* XX, ZZZ, AAAA: a key held down. */
static bool is_one_letter_repeated(struct span word) {
    for (size_t i = 1; i < word.len; i++)
        if (word.ptr[i] != word.ptr[0])
            return false;
    return word.len >= 2;
}

bool words_is_unknown(struct span word) {
    return word.len > 0 && look_up(word, unknown_words, COUNT(unknown_words)) != WORD_NAME;
}

static enum word_kind kind_of(struct span word, bool family) {
    enum word_kind kind = look_up(word, title_words, COUNT(title_words));
    if (kind == WORD_NAME)
        kind = look_up(word, empty_words, COUNT(empty_words));
    if (kind == WORD_NAME)
        kind = look_up(word, unknown_words, COUNT(unknown_words));
    if (kind != WORD_NAME)
        return kind;
    kind = family ? look_up(word, family_words, COUNT(family_words)) : look_up(word, given_words, COUNT(given_words));
    if (kind == WORD_NAME && is_one_letter_repeated(word))
        return word.ptr[0] == 'X' ? WORD_UNKNOWN : WORD_EMPTY;
    return kind;
}

struct kept {
    char text[256];
    size_t len;
    bool real; /* holds more than words that say nothing */
};

static void keep(struct kept *kept, struct span word, enum word_kind kind) {
    if (span_eq_cstr(word, "ST"))
        word = SPAN("SAINT");
    if (span_eq_cstr(word, "STE"))
        word = SPAN("SAINTE");
    if (kept->len + word.len + 1 >= sizeof kept->text)
        return;
    if (kept->len > 0)
        kept->text[kept->len++] = ' ';
    memcpy(kept->text + kept->len, word.ptr, word.len);
    kept->len += word.len;
    kept->real = kept->real || kind == WORD_NAME;
}

/* Each is what a newborn is called by until it has a name; families are named Fille, Enfant, Baby... */
static const char *const labels[] = {
    "BEBE",    "BB",      "NN",      "NNE",    "JUMEAU",  "JUMELLE",   "JUMEAUX",    "JUMELLES",   "JUM",       "TRIPLE",
    "TRIPLEE", "TRIPLES", "TRIPLET", "TWIN",   "BABY",    "NOUVEAUNE", "NOUVEAUNEE", "NOURRISSON", "NAISSANCE", "FOETUS",
    "ENFANT",  "FILLE",   "GARCON",  "MORTNE", "MORTNEE", "BEBEFILLE", "BEBEGARCON", "BBFILLE",    "BBGARCON"};

static bool is_born(struct span word) {
    return span_eq_cstr(word, "NE") || span_eq_cstr(word, "NEE");
}

static bool is_son(struct span word) {
    return span_eq_cstr(word, "FILS");
}

/* Does the order of birth stand beside it? */
static bool is_newborn(struct span word, bool family) {
    static const char *const comments[] = {"BEBE", "BB", "NN", "JUMEAU", "JUMELLE"};
    if (family)
        return span_is_one_of(word, comments, COUNT(comments));
    return span_is_one_of(word, labels, COUNT(labels)) || is_born(word) || is_son(word) || span_eq_cstr(word, "NOUVEAU");
}

/* The letter, or Roman figure, that tells newborns of one birth from each other. F and G are a sex, X is unknown. */
static unsigned order_of_letter(struct span word) {
    static const char *const letters[] = {"A", "B", "C", "D"}, *const roman[] = {"I", "II", "III", "IV"};
    for (size_t i = 0; i < COUNT(letters); i++)
        if (span_eq_cstr(word, letters[i]) || span_eq_cstr(word, roman[i]))
            return (unsigned)i + 1;
    return 0;
}

/* UN, PREMIER, SECONDE: which child of one birth, beside a word for newborns; 0: no such word. What is left of 2EME when figures
 * are gone says no order, and is no name. */
static bool is_order_word(struct span word, unsigned *out_order) {
    static const struct {
        const char *text;
        unsigned order;
    } words[] = {{"UN", 1},     {"UNE", 1},     {"PREMIER", 1}, {"PREMIERE", 1},  {"DEUX", 2},   {"DEUXIEME", 2},
                 {"SECOND", 2}, {"SECONDE", 2}, {"TROIS", 3},   {"TROISIEME", 3}, {"QUATRE", 4}, {"QUATRIEME", 4},
                 {"ER", 0},     {"ERE", 0},     {"EME", 0},     {"IEME", 0},      {"ND", 0},     {"NDE", 0}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (span_eq_cstr(word, words[i].text)) {
            *out_order = words[i].order;
            return true;
        }
    return false;
}

/* A given name with a label of newborns is none, whatever else it says (DESIGN.md rule 3): BEBE MARIE, BEBE DE MARIE and BEBE
 * DUPONT name the mother or the family, which twins and children of other years have in common, far more often than the child. FILS
 * is such a label at the start: JEAN FILS is a name, as is FILS-AIME. */
static bool tells_newborn(struct span text) {
    struct span word;
    unsigned order;
    bool announced = false; /* NOUVEAU NE, MORT NE, PREMIER NE: NE alone may be a name */
    bool at_start = !span_eq_cstr(text, "FILS AIME");
    while (span_cut(&text, ' ', &word)) {
        if (span_is_one_of(word, labels, COUNT(labels)) || (announced && is_born(word)) ||
            ((announced || at_start) && is_son(word)))
            return true;
        at_start = false;
        announced = announced || span_eq_cstr(word, "NOUVEAU") || span_eq_cstr(word, "MORT") || is_order_word(word, &order);
    }
    return false;
}

static bool has_real_word(struct span text, bool family) {
    struct span word;
    while (span_cut(&text, ' ', &word))
        if (word.len > 0 && kind_of(word, family) == WORD_NAME)
            return true;
    return false;
}

/* BEBE, X and the like beside a real word: they go too. TEST, NOM, NE... beside a real word are left, being names as well. */
static bool goes_beside_a_name(struct span word) {
    static const char *const comments[] = {"BEBE", "BB",         "JUMEAU",     "JUMELLE", "X",   "NN",   "SNP",
                                           "SPC",  "PROVISOIRE", "TEMPORAIRE", "VICTIME", "SDF", "SINUS"};
    return span_is_one_of(word, comments, COUNT(comments));
}

/* Not applicable, not communicated, not known: words that may be names by themselves. */
static bool says_nothing(struct span text) {
    static const char *const letters[] = {"N A", "N C", "N D", "N R", "N P", "S P"};
    static const char *const phrases[] = {"PAS DE NOM", "PAS DE PRENOM", "PAS ENCORE CHOISI",
                                          "EN COURS",   "EN INSTANCE",   "DEMANDE DE SECRET"};
    static const char *const denied[] = {"PRECISE", "PRECISEE", "COMMUNIQUE", "COMMUNIQUEE", "CONNU",    "CONNUE",  "FOURNI",
                                         "FOURNIE", "SAISI",    "SAISIE",     "NOMME",       "NOMMEE",   "DENOMME", "DENOMMEE",
                                         "CHOISI",  "ATTRIBUE", "DEFINI",     "DONNE",       "SPECIFIE", "INDIQUE"};
    static const char *const fields[] = {"NOM", "PRENOM", "IDENTITE"};
    struct span rest = text, word;
    bool more = span_cut(&rest, ' ', &word) && rest.ptr;
    if (more && span_is_one_of(word, fields, COUNT(fields))) /* PRENOM NON COMMUNIQUE */
        return says_nothing(rest);
    bool is_denied = more && span_eq_cstr(word, "NON") && span_is_one_of(rest, denied, COUNT(denied));
    return is_denied || span_is_one_of(text, letters, COUNT(letters)) || span_is_one_of(text, phrases, COUNT(phrases));
}

/* Without the letter at its end, an order or a sex: JUMEAU A, DUPONT BEBE B, BEBE F. Figures are gone already. */
static struct span without_order(struct span text, bool family) {
    size_t last = text.len, before;
    while (last > 0 && text.ptr[last - 1] != ' ')
        last--;
    if (last == 0 || (text.len - last > 1 && order_of_letter(span_sub(text, last, text.len)) == 0))
        return text;
    for (before = last - 1; before > 0 && text.ptr[before - 1] != ' ';)
        before--;
    return is_newborn(span_sub(text, before, last - 1 - before), family) ? span_sub(text, 0, last - 1) : text;
}

/* Fills parts[0] with the name, parts[1] with the other name of a woman who gave both (family names only). */
static bool sort_words(struct span text, bool family, struct kept parts[2]) {
    struct span rest = text, word;
    int part = 0;
    if (says_nothing(text) || (!family && tells_newborn(text)))
        return false;
    while (span_cut(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        enum word_kind kind = kind_of(word, family);
        if (kind == WORD_UNKNOWN)
            return false;
        bool may_go = kind == WORD_FIRST_TITLE ? parts[part].len == 0 && rest.ptr : kind == WORD_EMPTY && goes_beside_a_name(word);
        if (kind == WORD_TITLE || (may_go && has_real_word(text, family)))
            continue;
        if (kind == WORD_MAIDEN && parts[0].len > 0 && part == 0 && rest.ptr) {
            parts[1] = parts[0]; /* MARTIN NEE DUPONT: what came first is the used name */
            parts[0] = (struct kept){.len = 0};
            continue;
        }
        if (kind == WORD_MAIDEN || kind == WORD_SPOUSE) {
            part = kind == WORD_SPOUSE ? 1 : part;
            continue;
        }
        keep(&parts[part], word, kind);
    }
    return true;
}

static struct span put_back(const struct kept *kept, char *text) {
    if (!kept->real || says_nothing(span_make(kept->text, kept->len))) /* MME N/A: without the title, too */
        return SPAN_ABSENT;
    memcpy(text, kept->text, kept->len);
    return span_make(text, kept->len);
}

void words_clean_family(char *text, size_t len, struct span *out_birth, struct span *out_used) {
    struct kept parts[2] = {{.len = 0}, {.len = 0}};
    *out_birth = *out_used = SPAN_ABSENT;
    if (!sort_words(without_order(span_make(text, len), true), true, parts))
        return;
    *out_birth = put_back(&parts[0], text);
    *out_used = put_back(&parts[1], text + out_birth->len);
}

static bool is_family_beside_given(struct span text) {
    static const char *const families[] = {"SANS",    "JUMEAU", "JUMEAUX", "JUMELLE",  "NOUVEAU", "NE",    "NEE",
                                           "PATIENT", "NEANT",  "SOUS",    "MONSIEUR", "VEUVE",   "HOMME", "SECRET"};
    return span_is_one_of(text, families, COUNT(families));
}

struct span words_family_beside_given(char *text, size_t len) {
    struct kept parts[2] = {{.len = 0}, {.len = 0}};
    if (is_family_beside_given(span_make(text, len))) /* a title, too: there is no other word whose title it is */
        return span_make(text, len);
    if (!sort_words(span_make(text, len), true, parts) || !is_family_beside_given(span_make(parts[0].text, parts[0].len)))
        return SPAN_ABSENT;
    memcpy(text, parts[0].text, parts[0].len);
    return span_make(text, parts[0].len);
}

struct span words_clean_given(char *text, size_t len) {
    struct kept parts[2] = {{.len = 0}, {.len = 0}};
    if (!sort_words(without_order(span_make(text, len), false), false, parts) ||
        tells_newborn(span_make(parts[0].text, parts[0].len))) /* X FILS MARIE */
        return SPAN_ABSENT;
    return put_back(&parts[0], text);
}

/* 1 to 9, written with one figure or two (01); 0 for anything else. */
static unsigned order_of_figures(struct span figures) {
    uint64_t number = 0;
    bool is_order = figures.len > 0 && figures.len <= 2 && span_to_u64(figures, &number) && number < 10;
    return is_order ? (unsigned)number : 0;
}

/* What follows the figures of 2, 1ER or 2EME. */
static bool is_ordinal_end(struct span rest) {
    unsigned order;
    return rest.len == 0 || (is_order_word(rest, &order) && order == 0);
}

/* The figures of 2, J1 and J 1; none for any other text. */
static struct span figures_of_mark(struct span text) {
    size_t at = text.len > 0 && ((text.ptr[0] | 32) >= 'a' && (text.ptr[0] | 32) <= 'z') ? 1 : 0, end;
    at += at == 1 && text.len > 1 && (text.ptr[1] == ' ' || text.ptr[1] == '-' || text.ptr[1] == '.');
    for (end = at; end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9';)
        end++;
    return end == text.len && end <= at + 2 ? span_sub(text, at, end) : SPAN_ABSENT;
}

bool words_is_mark(struct span text) {
    return text.len <= 4 && figures_of_mark(text).len > 0;
}

/* PREMIER JUMEAU, JUMELLE DEUX, 2EME BEBE, BEBE DE MARIE 2. UN and UNE say it behind the label alone: UNE FILLE is any. */
static unsigned order_in_words(struct span folded) {
    struct span rest = folded, word;
    bool newborn = false;
    while (tells_newborn(folded) && span_cut(&rest, ' ', &word)) {
        size_t figures = 0;
        unsigned order = 0;
        while (figures < word.len && word.ptr[figures] >= '0' && word.ptr[figures] <= '9')
            figures++;
        bool at_end = rest.len == 0 || word.ptr == folded.ptr;
        if (figures > 0 && (figures < word.len || at_end) && is_ordinal_end(span_sub(word, figures, word.len)))
            order = order_of_figures(span_sub(word, 0, figures));
        else if (is_order_word(word, &order) && order == 1 && word.ptr[0] == 'U' && !newborn)
            order = 0;
        if (order != 0)
            return order;
        newborn = newborn || is_newborn(word, false);
    }
    return 0;
}

/* The letter behind a label; BEBE A NAITRE and BEBE D ANNE have none. */
static unsigned order_behind(struct span word, struct span rest) {
    bool other = rest.len > 0 && (span_eq_cstr(word, "D") || span_eq_cstr(rest, "NAITRE"));
    return other ? 0 : order_of_letter(word);
}

unsigned words_birth_order(struct span folded, bool family) {
    struct span rest = folded, word;
    bool newborn = false; /* the word before was one */
    if (!family && order_of_figures(figures_of_mark(folded)) != 0)
        return order_of_figures(figures_of_mark(folded));
    while (span_cut(&rest, ' ', &word)) {
        size_t stem = word.len;
        while (stem > 0 && word.ptr[stem - 1] >= '0' && word.ptr[stem - 1] <= '9')
            stem--;
        bool follows = stem == 0 ? newborn : is_newborn(span_sub(word, 0, stem), family);
        unsigned order = follows ? order_of_figures(span_sub(word, stem, word.len)) : 0;
        if (order == 0 && newborn && (rest.len == 0 || !family))
            order = order_behind(word, rest);
        if (order != 0)
            return order;
        newborn = is_newborn(word, family) || (newborn && span_eq_cstr(word, "N")); /* BEBE N 2: a number sign */
    }
    return family ? 0 : order_in_words(folded);
}
