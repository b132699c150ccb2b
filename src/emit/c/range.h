static int lexport_wide_less(lexport_wide a, lexport_wide b)
{
    const uint64_t sign = UINT64_C(1) << 63;
    const uint64_t x = a.hi ^ sign, y = b.hi ^ sign;
    return x != y ? x < y : a.lo < b.lo;
}

/* The sign of a sum, from the range that it has while unknown inputs range over their domains: 1 if it is never negative, 0 if it always
   is, else open. */
static uint32_t lexport_sign(uint32_t first, uint32_t count, lexport_wide constant, const lexport_inputs *in, const uint8_t *unknown)
{
    lexport_wide least = constant, most = constant;
    uint32_t at, factor, corner;
    for (at = first; at < first + count; at++) {
        const lexport_term *const term = &lexport_terms[at];
        lexport_wide lo = lexport_wide_parts(term->hi, term->lo), hi = lo;
        for (factor = term->first; factor < term->first + term->count; factor++) {
            const uint32_t input = lexport_factors[factor];
            lexport_wide ends[2], corners[4];
            lexport_number_range(in, unknown, input, ends);
            for (corner = 0; corner < 4; corner++) {
                corners[corner] = lexport_wide_times(corner & 2u ? hi : lo, ends[corner & 1u]);
            }
            lo = corners[0];
            hi = corners[0];
            for (corner = 1; corner < 4; corner++) {
                if (lexport_wide_less(corners[corner], lo)) {
                    lo = corners[corner];
                }
                if (lexport_wide_less(hi, corners[corner])) {
                    hi = corners[corner];
                }
            }
        }
        least = lexport_wide_plus(least, lo);
        most = lexport_wide_plus(most, hi);
    }
    if (lexport_wide_not_negative(least)) {
        return 1;
    }
    return lexport_wide_not_negative(most) ? LEXPORT_UNSETTLED : 0;
}
