/* Folding for comparison; see search_fold.h. Tables of our own, no locale: the same on every machine. */
#include "fhir/search_fold.h"

#include "base/arena.h"

#include <string.h>

/* Latin letters with marks by code point (Latin-1 Supplement, Latin Extended-A); what is not here stays as it is. */
static const struct {
    uint16_t first, last;
    const char *plain;
} letters[] = {
    {0x00c0, 0x00c5, "a"},
    {0x00c6, 0x00c6, "ae"},
    {0x00c7, 0x00c7, "c"},
    {0x00c8, 0x00cb, "e"},
    {0x00cc, 0x00cf, "i"},
    {0x00d0, 0x00d0, "d"},
    {0x00d1, 0x00d1, "n"},
    {0x00d2, 0x00d6, "o"},
    {0x00d7, 0x00d7, ""},
    {0x00d8, 0x00d8, "o"},
    {0x00d9, 0x00dc, "u"},
    {0x00dd, 0x00dd, "y"},
    {0x00de, 0x00de, "th"},
    {0x00df, 0x00df, "ss"},
    {0x00e0, 0x00e5, "a"},
    {0x00e6, 0x00e6, "ae"},
    {0x00e7, 0x00e7, "c"},
    {0x00e8, 0x00eb, "e"},
    {0x00ec, 0x00ef, "i"},
    {0x00f0, 0x00f0, "d"},
    {0x00f1, 0x00f1, "n"},
    {0x00f2, 0x00f6, "o"},
    {0x00f7, 0x00f7, ""},
    {0x00f8, 0x00f8, "o"},
    {0x00f9, 0x00fc, "u"},
    {0x00fd, 0x00fd, "y"},
    {0x00fe, 0x00fe, "th"},
    {0x00ff, 0x00ff, "y"},
    {0x0100, 0x0105, "a"},
    {0x0106, 0x010d, "c"},
    {0x010e, 0x0111, "d"},
    {0x0112, 0x011b, "e"},
    {0x011c, 0x0123, "g"},
    {0x0124, 0x0127, "h"},
    {0x0128, 0x0131, "i"},
    {0x0132, 0x0133, "ij"},
    {0x0134, 0x0135, "j"},
    {0x0136, 0x0138, "k"},
    {0x0139, 0x0142, "l"},
    {0x0143, 0x014b, "n"},
    {0x014c, 0x0151, "o"},
    {0x0152, 0x0153, "oe"},
    {0x0154, 0x0159, "r"},
    {0x015a, 0x0161, "s"},
    {0x0162, 0x0167, "t"},
    {0x0168, 0x0173, "u"},
    {0x0174, 0x0175, "w"},
    {0x0176, 0x0178, "y"},
    {0x0179, 0x017e, "z"},
    {0x017f, 0x017f, "s"},
    {0x0300, 0x036f, ""} /* combining marks */,
    {0x2010, 0x2015, ""} /* dashes */,
    {0x2018, 0x201f, ""} /* quotes */,
};

static const char *plain_of(unsigned code) {
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (code >= letters[i].first && code <= letters[i].last)
            return letters[i].plain;
    }
    return NULL;
}

/* Code point and length of the sequence at `at`; text is well-formed, what is not counts byte by byte. */
static unsigned code_at(struct span text, size_t at, size_t *out_len) {
    const unsigned char *bytes = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;
    *out_len = 1;
    if (bytes[0] >= 0xc2 && bytes[0] <= 0xdf && left >= 2) {
        *out_len = 2;
        return (bytes[0] & 0x1fu) << 6 | (bytes[1] & 0x3fu);
    }
    if (bytes[0] >= 0xe0 && bytes[0] <= 0xef && left >= 3) {
        *out_len = 3;
        return (bytes[0] & 0x0fu) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
    }
    if (bytes[0] >= 0xf0 && left >= 4)
        *out_len = 4;
    return bytes[0];
}

/* ASCII letters lowered, digits kept; 0 for what is left out. */
static char plain_ascii(char c) {
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

struct span search_fold_text(struct span text, struct arena *arena) {
    char *folded = arena_alloc(arena, text.len + 1);
    size_t len = 0, step;
    for (size_t at = 0; at < text.len; at += step) {
        unsigned code = code_at(text, at, &step);
        const char *plain = step > 1 ? plain_of(code) : NULL;
        char ascii = step == 1 ? plain_ascii(text.ptr[at]) : 0;
        if (ascii) {
            folded[len++] = ascii;
        } else if (plain) {
            for (; *plain; plain++)
                folded[len++] = *plain;
        } else if (step > 1) {
            memcpy(folded + len, text.ptr + at, step);
            len += step;
        }
    }
    return span_make(folded, len);
}

bool search_fold_starts(struct span text, struct span folded_prefix, struct arena *arena) {
    return span_starts(search_fold_text(text, arena), folded_prefix);
}

bool search_fold_contains(struct span text, struct span folded_part, struct arena *arena) {
    struct span folded = search_fold_text(text, arena);
    return folded_part.len == 0 || (folded.len && memmem(folded.ptr, folded.len, folded_part.ptr, folded_part.len));
}

struct span search_fold_phone(struct span number, struct arena *arena) {
    char *digits = arena_alloc(arena, number.len + 2);
    size_t len = 2; /* room for the country */
    for (size_t i = 0; i < number.len; i++) {
        if (number.ptr[i] >= '0' && number.ptr[i] <= '9')
            digits[len++] = number.ptr[i];
    }
    struct span all = span_make(digits + 2, len - 2);
    if (span_starts(span_trim(number), SPAN("+")))
        return all;
    if (span_starts(all, SPAN("00")))
        return span_sub(all, 2, all.len);
    if (!span_starts(all, SPAN("0")))
        return all;
    digits[1] = digits[2] = '3'; /* the national 0 gives way to the country */
    return span_make(digits + 1, len - 1);
}

/* ISO 3166-1, alpha-2 and alpha-3 in five letters. */
static const char countries[] =
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL "
    "BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD "
    "CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA "
    "DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF "
    "GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN "
    "IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA "
    "KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE "
    "MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM "
    "NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM "
    "PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN "
    "SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL "
    "TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR "
    "VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE ";

static const struct {
    const char *folded, *alpha3;
} country_names[] = {
    {"france", "FRA"},        {"algerie", "DZA"},   {"algeria", "DZA"},      {"maroc", "MAR"},      {"morocco", "MAR"},
    {"tunisie", "TUN"},       {"tunisia", "TUN"},   {"portugal", "PRT"},     {"espagne", "ESP"},    {"spain", "ESP"},
    {"italie", "ITA"},        {"italy", "ITA"},     {"allemagne", "DEU"},    {"germany", "DEU"},    {"belgique", "BEL"},
    {"belgium", "BEL"},       {"suisse", "CHE"},    {"switzerland", "CHE"},  {"luxembourg", "LUX"}, {"royaumeuni", "GBR"},
    {"unitedkingdom", "GBR"}, {"etatsunis", "USA"}, {"unitedstates", "USA"}, {"senegal", "SEN"},    {"mali", "MLI"},
    {"cotedivoire", "CIV"},   {"cameroun", "CMR"},  {"turquie", "TUR"},      {"roumanie", "ROU"},   {"pologne", "POL"},
    {"ukraine", "UKR"},       {"vietnam", "VNM"},   {"chine", "CHN"},        {"china", "CHN"},      {"monaco", "MCO"},
};

static struct span country_by_code(struct span code) {
    for (size_t at = 0; at + 6 <= sizeof countries - 1; at += 6) {
        struct span alpha2 = span_make(countries + at, 2), alpha3 = span_make(countries + at + 2, 3);
        if (span_eq_nocase(code, alpha2) || span_eq_nocase(code, alpha3))
            return alpha3;
    }
    return SPAN_ABSENT;
}

struct span search_fold_country(struct span text, struct arena *arena) {
    struct span trimmed = span_trim(text);
    if (trimmed.len == 2 || trimmed.len == 3)
        return country_by_code(trimmed);
    struct span folded = search_fold_text(trimmed, arena);
    for (size_t i = 0; i < sizeof country_names / sizeof country_names[0]; i++) {
        if (span_eq_cstr(folded, country_names[i].folded))
            return span_of(country_names[i].alpha3);
    }
    return SPAN_ABSENT;
}
