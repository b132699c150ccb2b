/* Marks a word of the diagram: an outcome as possible, or a node to be looked at. */
static void lexport_mark(lexport_left *left, uint32_t word)
{
    if (word & UINT32_C(0x80000000)) {
        const uint32_t outcome = word & UINT32_C(0x3fffffff);
        left->possible[outcome / 64] |= UINT64_C(1) << (outcome % 64);
    } else {
        left->work_nodes[word / 64] |= UINT64_C(1) << (word % 64);
    }
}

LEXPORT_API int32_t lexport_open(uint32_t decision, const lexport_inputs *in, const uint8_t *unknown, lexport_left *left)
{
    uint32_t at, word, first_test = LEXPORT_UNSETTLED;
    int32_t refused;
    for (at = 0; at < sizeof left->possible / sizeof left->possible[0]; at++) {
        left->possible[at] = 0;
    }
    for (at = 0; at < sizeof left->work_nodes / sizeof left->work_nodes[0]; at++) {
        left->work_nodes[at] = 0;
    }
    for (at = 0; at < sizeof left->hangs_on / sizeof left->hangs_on[0]; at++) {
        left->hangs_on[at] = 0;
    }
    left->count = 0;
    left->ask = -1;
    left->exact = 1;
    if (decision >= LEXPORT_DECISION_COUNT) {
        return LEXPORT_NO_DECISION;
    }
    refused = lexport_check_known(in, unknown);
    if (refused != 0) {
        return refused;
    }
    lexport_classify(in, unknown, left->work_classes);
    lexport_mark(left, lexport_roots[decision]);
    /* Children stand at lower offsets, so one pass downwards meets every node after all its parents. */
    for (word = (uint32_t)(sizeof left->work_nodes / sizeof left->work_nodes[0]); word-- > 0;) {
        while (left->work_nodes[word] != 0) {
            uint32_t bit = 63, node, test, chosen, child;
            while (!(left->work_nodes[word] >> bit & 1u)) {
                bit--;
            }
            left->work_nodes[word] &= ~(UINT64_C(1) << bit);
            node = word * 64 + bit;
            test = lexport_nodes[node] & UINT32_C(0x3fffffff);
            chosen = left->work_classes[test];
            if (chosen != LEXPORT_UNSETTLED) {
                lexport_mark(left, lexport_nodes[node + 1 + chosen]);
                continue;
            }
            for (child = 0; child < lexport_tests[test].classes; child++) {
                lexport_mark(left, lexport_nodes[node + 1 + child]);
            }
            if (lexport_tests[test].free) {
                left->exact = 0;
            }
            for (at = lexport_tests[test].count; at-- > 0;) {
                const uint32_t input = lexport_read[lexport_tests[test].first + at];
                if (unknown[input]) {
                    left->hangs_on[input] = 1;
                    if (test <= first_test) {
                        left->ask = (int32_t)input;
                        first_test = test;
                    }
                }
            }
        }
    }
    for (at = 0; at < LEXPORT_OUTCOME_COUNT; at++) {
        left->count += (uint32_t)(left->possible[at / 64] >> (at % 64) & 1u);
    }
    return 0;
}
