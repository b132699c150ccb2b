
LEXPORT_API uint32_t lexport_self_test(void)
{
    uint32_t at, decision;
    for (at = 0; at < sizeof lexport_vectors / sizeof lexport_vectors[0]; at++) {
        const lexport_vector *const vector = &lexport_vectors[at];
        int32_t outcomes[LEXPORT_DECISION_COUNT];
        if (lexport_check(&vector->in) != 0 || lexport_decide_all(&vector->in, outcomes) != 0) {
            return at + 1;
        }
        for (decision = 0; decision < (uint32_t)LEXPORT_DECISION_COUNT; decision++) {
            const int32_t expected = vector->outcomes[decision];
            lexport_left left;
            if (outcomes[decision] != expected || lexport_decide(decision, &vector->in) != expected) {
                return at + 1;
            }
            if (lexport_open(decision, &vector->in, NULL, &left) != 0 || left.count != 1 || left.ask != -1) {
                return at + 1;
            }
            if (!(left.possible[expected / 64] >> (expected % 64) & 1u)) {
                return at + 1;
            }
        }
    }
    return 0;
}
#endif

