/* How a value is to be read. */
typedef enum lexport_kind {
    LEXPORT_KIND_BOOL,   /* 0 or 1 */
    LEXPORT_KIND_MEMBER, /* the number of a member */
    LEXPORT_KIND_SET,    /* words of 64 members */
    LEXPORT_KIND_NUMBER, /* a count of steps */
    LEXPORT_KIND_DATE    /* days since 1970-01-01 */
} lexport_kind;

/* What an input or a decision can be. */
typedef struct lexport_domain {
    lexport_kind kind;
    int32_t enumeration; /* of members and sets, else -1 */
    int64_t lo, hi;      /* of numbers (in steps) and dates */
    const char *unit;    /* of numbers */
    int64_t step;        /* a step is `step` times ten to the power of minus `scale` units */
    uint32_t scale;
} lexport_domain;

typedef struct lexport_input {
    const char *name;
    lexport_domain domain;
} lexport_input;

typedef struct lexport_decision {
    const char *name;
    const char *title;
    lexport_domain domain;
} lexport_decision;

typedef struct lexport_member {
    const char *name;
    const char *label;
} lexport_member;

typedef struct lexport_rule {
    const char *name;
    const char *title;
    const char *cite;
} lexport_rule;

typedef enum lexport_answer_kind {
    LEXPORT_ANSWER_GAP,      /* no rule speaks, and there is no default */
    LEXPORT_ANSWER_CONFLICT, /* rules disagree */
    LEXPORT_ANSWER_BOOL,     /* value is 0 or 1 */
    LEXPORT_ANSWER_MEMBER,   /* value is the number of a member */
    LEXPORT_ANSWER_SET,      /* member m is bit m % 64 of set[m / 64] */
    LEXPORT_ANSWER_NUMBER    /* value is a count of steps, or a day */
} lexport_answer_kind;

typedef struct lexport_answer {
    lexport_answer_kind kind;
    int64_t value;
    const uint64_t *set;
    uint32_t set_words;
} lexport_answer;

/* An answer and who gave it. */
typedef struct lexport_outcome {
    lexport_answer answer;
    const lexport_answer *conflict; /* the values that disagree */
    uint32_t conflict_count;
    const uint32_t *rules; /* the rules that carried it; none for a default or a gap */
    uint32_t rule_count;
} lexport_outcome;

/* Returned instead of an outcome for a decision that is not there. */
#define LEXPORT_NO_DECISION INT32_MIN
/* The same for an input. */
#define LEXPORT_NO_INPUT INT32_MIN

/* The number of the input that a negative result refuses; -1 if it is none. */
LEXPORT_API int32_t lexport_bad_input(int32_t result);

/* 0 if every input is in its domain and the table good for it; else negative. */
LEXPORT_API int32_t lexport_check(const lexport_inputs *in);

/* Puts a value into a case, by the number of the input: 0 or 1, a member, a number of steps, a day. Negative if it is outside of the
   domain (or the input is a set); then the case is as it was. */
LEXPORT_API int32_t lexport_put(lexport_inputs *in, uint32_t input, int64_t value);

/* The same for a set: member m is bit m % 64 of words[m / 64]; words that are not given are 0. */
LEXPORT_API int32_t lexport_put_set(lexport_inputs *in, uint32_t input, const uint64_t *words, uint32_t count);

/* The outcome of a decision, by number, where all is known; else negative. */
LEXPORT_API int32_t lexport_decide(uint32_t decision, const lexport_inputs *in);

/* The outcomes of all decisions, with what they have in common found once; 0, or negative, and then nothing is written. */
LEXPORT_API int32_t lexport_decide_all(const lexport_inputs *in, int32_t outcomes[LEXPORT_DECISION_COUNT]);

/* What is left of a decision while inputs are unknown: those with unknown[input] other than 0 (none if it is NULL). 0, or negative. */
LEXPORT_API int32_t lexport_open(uint32_t decision, const lexport_inputs *in, const uint8_t *unknown, lexport_left *left);

/* What numbers mean; NULL (or -1) for those that mean nothing. */
LEXPORT_API const lexport_outcome *lexport_outcome_of(int32_t outcome);
LEXPORT_API const lexport_rule *lexport_rule_of(uint32_t rule);
LEXPORT_API const lexport_input *lexport_input_of(uint32_t input);
LEXPORT_API const lexport_decision *lexport_decision_of(uint32_t decision);
LEXPORT_API const lexport_member *lexport_member_of(uint32_t enumeration, uint32_t member);
LEXPORT_API int32_t lexport_member_number(uint32_t enumeration, const char *name);

/* An outcome of a decision in words: license, {LPP, NAC}, 12.5, (gap), (conflict: -2, 12.5). NULL if it has no such outcome. */
LEXPORT_API const char *lexport_answer_text(uint32_t decision, int32_t outcome);

#ifdef LEXPORT_SELF_TEST
/* Asks every check vector of every function; 0, or the number of the first that fails, from 1. */
LEXPORT_API uint32_t lexport_self_test(void);
#endif

