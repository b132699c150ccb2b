LEXPORT_API const lexport_outcome *lexport_outcome_of(int32_t outcome)
{
    return outcome >= 0 && outcome < LEXPORT_OUTCOME_COUNT ? &lexport_outcomes[outcome] : NULL;
}

LEXPORT_API const lexport_rule *lexport_rule_of(uint32_t rule)
{
    return (uint64_t)rule + 1u <= LEXPORT_RULE_COUNT ? &lexport_all_rules[rule] : NULL;
}

LEXPORT_API const lexport_input *lexport_input_of(uint32_t input)
{
    return (uint64_t)input + 1u <= LEXPORT_INPUT_COUNT ? &lexport_all_inputs[input] : NULL;
}

LEXPORT_API const lexport_decision *lexport_decision_of(uint32_t decision)
{
    return decision < (uint32_t)LEXPORT_DECISION_COUNT ? &lexport_all_decisions[decision] : NULL;
}

LEXPORT_API const lexport_member *lexport_member_of(uint32_t enumeration, uint32_t member)
{
    if ((uint64_t)enumeration + 1u > LEXPORT_ENUM_COUNT) {
        return NULL;
    }
    if (member >= lexport_first_members[enumeration + 1] - lexport_first_members[enumeration]) {
        return NULL;
    }
    return &lexport_all_members[lexport_first_members[enumeration] + member];
}

LEXPORT_API int32_t lexport_member_number(uint32_t enumeration, const char *name)
{
    uint32_t member;
    const lexport_member *found;
    for (member = 0; (found = lexport_member_of(enumeration, member)) != NULL; member++) {
        size_t at = 0;
        while (found->name[at] != '\0' && found->name[at] == name[at]) {
            at++;
        }
        if (found->name[at] == name[at]) {
            return (int32_t)member;
        }
    }
    return -1;
}

LEXPORT_API const char *lexport_answer_text(uint32_t decision, int32_t outcome)
{
    uint32_t at;
    if (decision >= (uint32_t)LEXPORT_DECISION_COUNT || outcome < 0) {
        return NULL;
    }
    for (at = lexport_first_texts[decision]; at < lexport_first_texts[decision + 1]; at++) {
        if (lexport_texts[at].outcome == (uint32_t)outcome) {
            return lexport_texts[at].text;
        }
    }
    return NULL;
}

