/* Fixed-point logarithms; see fixed.h. */
#include "matcher/fixed.h"

#define LOG2_OF_10 INT64_C(14267572527) /* 3.3219280948873623 * 2^32 */
enum { FIGURES_MOST = 17 };

bool decimal_read(struct span text, struct decimal *out) {
    struct decimal d = {0, 0};
    bool point = false, any = false;
    size_t figures = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || (figures += d.digits != 0 || c != '0') > FIGURES_MOST || d.scale >= 60)
            return false;
        d.digits = d.digits * 10 + (uint64_t)(c - '0');
        d.scale += point;
        any = true;
    }
    if (!any)
        return false;
    *out = d;
    return true;
}

double decimal_value(struct decimal d) {
    double value = (double)d.digits;
    for (int i = 0; i < d.scale; i++)
        value /= 10;
    return value;
}

int64_t fixed_log2(uint64_t n) {
    int whole = 63 - __builtin_clzll(n);
    uint64_t x = n << (63 - whole); /* 1 <= x < 2, 63 bits behind the point */
    int64_t result = whole;
    for (int i = 0; i < 32; i++) {
        /* the square lies in [1,4): 2 and above show as a bit beyond the 64 */
        unsigned __int128 product = ((unsigned __int128)x * x) >> 63;
        bool two = (product >> 64) != 0;
        x = two ? (uint64_t)(product >> 1) : (uint64_t)product;
        result = result << 1 | two;
    }
    return result;
}

int32_t cb_round(int64_t in_2_32) {
    const int64_t unit = INT64_C(1) << 24;
    return (int32_t)(in_2_32 >= 0 ? (in_2_32 + unit / 2) / unit : -((-in_2_32 + unit / 2) / unit));
}

int32_t decimal_log2_ratio_cb(struct decimal a, struct decimal b) {
    return cb_round(fixed_log2(a.digits) - fixed_log2(b.digits) + (b.scale - a.scale) * LOG2_OF_10);
}
