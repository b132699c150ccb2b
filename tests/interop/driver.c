/* Reads requests, writes replies: a consumer of an emitted header, in a file of its own. */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char line[1 << 16];

/* A request as a case; what is unknown is marked. */
static int read_case(lexport_inputs *in, uint8_t *unknown)
{
    uint32_t input = 0;
    char *field = strtok(line, " \r\n");
    memset(in, 0, sizeof *in);
    for (; field != NULL; field = strtok(NULL, " \r\n"), input++) {
        unknown[input] = field[0] == '?';
        if (field[0] == 'S') {
            uint64_t words[64];
            uint32_t count = 0;
            char *word = field + 1;
            while (*word != '\0') {
                words[count++] = strtoull(word, &word, 10);
                word += *word == ',';
            }
            if (lexport_put_set(in, input, words, count) != 0) {
                return 0;
            }
        } else if (field[0] != '?') {
            if (lexport_put(in, input, strtoll(field + 1, NULL, 10)) != 0) {
                return 0;
            }
        }
    }
    return input == (uint32_t)LEXPORT_INPUT_COUNT;
}

static void write_left(const lexport_left *left)
{
    const char *before = "";
    int32_t outcome;
    for (outcome = 0; outcome < LEXPORT_OUTCOME_COUNT; outcome++) {
        if (left->possible[outcome / 64] >> (outcome % 64) & 1u) {
            printf("%s%" PRId32, before, outcome);
            before = ",";
        }
    }
    if (left->ask < 0) {
        printf("/-/%d", left->exact);
    } else {
        printf("/%" PRId32 "/%d", left->ask, left->exact);
    }
}

/* What every outcome of every decision says: decision, outcome, words, rules. */
static void write_meanings(void)
{
    uint32_t decision, at;
    int32_t outcome;
    for (decision = 0; decision < (uint32_t)LEXPORT_DECISION_COUNT; decision++) {
        for (outcome = 0; outcome < LEXPORT_OUTCOME_COUNT; outcome++) {
            const char *const text = lexport_answer_text(decision, outcome);
            const lexport_outcome *const found = lexport_outcome_of(outcome);
            if (text == NULL) {
                continue;
            }
            printf("%" PRIu32 "\t%" PRId32 "\t%s\t", decision, outcome, text);
            for (at = 0; at < found->rule_count; at++) {
                printf("%s%s", at > 0 ? ";" : "", lexport_rule_of(found->rules[at])->name);
            }
            printf("\n");
        }
    }
}

int main(int count, char **arguments)
{
    const char *const mode = count > 1 ? arguments[1] : "";
    static lexport_left left;
    const uint32_t failed = lexport_self_test();
    if (failed != 0) {
        fprintf(stderr, "check vector %" PRIu32 "\n", failed);
        return 1;
    }
    if (strcmp(mode, "meanings") == 0) {
        write_meanings();
        return 0;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        lexport_inputs in;
        uint8_t unknown[LEXPORT_INPUT_COUNT];
        uint32_t decision;
        int32_t all[LEXPORT_DECISION_COUNT];
        if (!read_case(&in, unknown)) {
            fprintf(stderr, "not a case\n");
            return 1;
        }
        if (strcmp(mode, "open") != 0 && lexport_decide_all(&in, all) != 0) {
            fprintf(stderr, "refused\n");
            return 1;
        }
        for (decision = 0; decision < (uint32_t)LEXPORT_DECISION_COUNT; decision++) {
            printf("%s", decision > 0 ? " " : "");
            if (strcmp(mode, "open") == 0) {
                if (lexport_open(decision, &in, unknown, &left) != 0) {
                    fprintf(stderr, "refused\n");
                    return 1;
                }
                write_left(&left);
            } else if (lexport_decide(decision, &in) == all[decision]) {
                printf("%" PRId32, all[decision]);
            } else {
                printf("!");
            }
        }
        printf("\n");
    }
    return 0;
}
