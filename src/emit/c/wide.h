/* Whole numbers of 128 bits in two's complement, in words of 64: C99 has none of its own. */
typedef struct lexport_wide {
    uint64_t hi;
    uint64_t lo;
} lexport_wide;

static lexport_wide lexport_wide_of(int64_t value)
{
    lexport_wide out;
    out.hi = value < 0 ? ~UINT64_C(0) : 0;
    out.lo = (uint64_t)value;
    return out;
}

static lexport_wide lexport_wide_parts(uint64_t hi, uint64_t lo)
{
    lexport_wide out;
    out.hi = hi;
    out.lo = lo;
    return out;
}

static lexport_wide lexport_wide_plus(lexport_wide a, lexport_wide b)
{
    lexport_wide out;
    out.lo = a.lo + b.lo;
    out.hi = a.hi + b.hi + (out.lo < a.lo ? 1u : 0u);
    return out;
}

/* Modulo 2 to the 128th, which is exact where the product fits: the signs need no care. */
static lexport_wide lexport_wide_times(lexport_wide a, lexport_wide b)
{
    const uint64_t half = UINT64_C(0xffffffff);
    const uint64_t a0 = a.lo & half, a1 = a.lo >> 32, b0 = b.lo & half, b1 = b.lo >> 32;
    const uint64_t low = a0 * b0;
    const uint64_t middle = a1 * b0 + (low >> 32);
    const uint64_t other = a0 * b1 + (middle & half);
    lexport_wide out;
    out.lo = (other << 32) | (low & half);
    out.hi = a1 * b1 + (middle >> 32) + (other >> 32) + a.hi * b.lo + a.lo * b.hi;
    return out;
}

static uint32_t lexport_wide_not_negative(lexport_wide a)
{
    return (uint32_t)(~a.hi >> 63);
}
