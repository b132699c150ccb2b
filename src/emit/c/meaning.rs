//! What numbers mean: outcomes, rules, inputs, decisions, members, and outcomes in words.

use std::collections::BTreeMap;

use lexport_runtime::{Answer, LEAF, Span};

use super::super::domain::used_enumerations;
use super::super::plan::class_count;
use super::super::text::outcome as in_words;
use super::names::{Names, int, literal};
use super::{array, rows};
use crate::diagram::OwnedTable;
use crate::ir::{Domain, EnumId};

pub(super) fn meaning(out: &mut String, table: &OwnedTable, names: &Names) {
    outcomes(out, table, names);
    described(out, table, names);
    texts(out, table, names);
    *out += &names.own(include_str!("meaning.h"));
    if table.inputs.iter().any(|input| matches!(input.domain, Domain::Date { .. })) {
        *out += &names.own(include_str!("day.h"));
    }
}

fn answer(names: &Names, answer: Answer) -> String {
    let kind = |name: &str| format!("{}_ANSWER_{name}", names.upper);
    match answer {
        Answer::Gap => format!("{}, 0, NULL, 0", kind("GAP")),
        Answer::Conflict(_) => format!("{}, 0, NULL, 0", kind("CONFLICT")),
        Answer::Bool(value) => format!("{}, {}, NULL, 0", kind("BOOL"), u8::from(value)),
        Answer::Member(member) => format!("{}, {member}, NULL, 0", kind("MEMBER")),
        Answer::Int(value) => format!("{}, {}, NULL, 0", kind("NUMBER"), int(value)),
        Answer::Set(Span { count: 0, .. }) => format!("{}, 0, NULL, 0", kind("SET")),
        Answer::Set(span) => format!("{}, 0, &{}_sets[{}], {}", kind("SET"), names.prefix, span.first, span.count),
    }
}

fn outcomes(out: &mut String, table: &OwnedTable, names: &Names) {
    let prefix = &names.prefix;
    if !table.words.is_empty() {
        array(out, "uint64_t", &format!("{prefix}_sets"), table.words.iter().map(|word| format!("UINT64_C({word})")));
    }
    if !table.carriers.is_empty() {
        array(out, "uint32_t", &format!("{prefix}_carriers"), table.carriers.iter().map(u32::to_string));
    }
    if !table.disagreements.is_empty() {
        let all: Vec<String> = table.disagreements.iter().map(|it| answer(names, *it)).collect();
        rows(out, &format!("{prefix}_answer"), &format!("{prefix}_disagreements"), &all);
    }
    let part = |name: &str, span: Span| match span.count {
        0 => "NULL, 0".to_owned(),
        count => format!("&{prefix}_{name}[{}], {count}", span.first),
    };
    let all: Vec<String> = table
        .outcomes
        .iter()
        .map(|outcome| {
            let conflict = if let Answer::Conflict(span) = outcome.answer { span } else { Span::default() };
            format!(
                "{{{}}}, {}, {}",
                answer(names, outcome.answer),
                part("disagreements", conflict),
                part("carriers", outcome.rules)
            )
        })
        .collect();
    rows(out, &format!("{prefix}_outcome"), &format!("{prefix}_outcomes"), &all);
}

fn domain(table: &OwnedTable, names: &Names, domain: &Domain) -> String {
    let used = used_enumerations(table);
    let number = |id: &EnumId| used.iter().position(|at| *at == id.index()).unwrap_or(0);
    let kind = |name: &str| format!("{}_KIND_{name}", names.upper);
    match domain {
        Domain::Bool => format!("{}, -1, 0, 1, \"\", 1, 0", kind("BOOL")),
        Domain::Enum(id) => {
            let last = table.enums[id.index()].size().saturating_sub(1);
            format!("{}, {}, 0, {last}, \"\", 1, 0", kind("MEMBER"), number(id))
        }
        Domain::Set(id) => format!("{}, {}, 0, 0, \"\", 1, 0", kind("SET"), number(id)),
        Domain::Date { lo, hi } => format!("{}, -1, {}, {}, \"\", 1, 0", kind("DATE"), int(*lo), int(*hi)),
        Domain::Number(it) => format!(
            "{}, -1, {}, {}, {}, {}, {}",
            kind("NUMBER"),
            int(it.lo),
            int(it.hi),
            literal(&it.unit),
            int(it.step.mantissa),
            it.step.scale
        ),
    }
}

/// Inputs, decisions, rules and members; one row that is not counted where there are none.
fn described(out: &mut String, table: &OwnedTable, names: &Names) {
    let prefix = &names.prefix;
    let mut all = |of: &str, name: &str, mut found: Vec<String>, none: &str| {
        if found.is_empty() {
            found.push(none.to_owned());
        }
        rows(out, &format!("{prefix}_{of}"), &format!("{prefix}_{name}"), &found);
    };
    let inputs = table.inputs.iter().map(|it| format!("{}, {{{}}}", literal(&it.name), domain(table, names, &it.domain)));
    let no_domain = domain(table, names, &Domain::Bool);
    all("input", "all_inputs", inputs.collect(), &format!("NULL, {{{no_domain}}}"));
    let decisions = table.decisions.iter();
    let decisions =
        decisions.map(|it| format!("{}, {}, {{{}}}", literal(&it.name), literal(&it.title), domain(table, names, &it.domain)));
    all("decision", "all_decisions", decisions.collect(), &format!("NULL, NULL, {{{no_domain}}}"));
    let rules = table.rules.iter().map(|it| format!("{}, {}, {}", literal(&it.name), literal(&it.title), literal(&it.cite)));
    all("rule", "all_rules", rules.collect(), "NULL, NULL, NULL");
    let mut members = Vec::new();
    let mut ends = vec![0];
    for at in used_enumerations(table) {
        members.extend(table.enums[at].members.iter().map(|it| format!("{}, {}", literal(&it.name), literal(&it.label))));
        ends.push(members.len());
    }
    all("member", "all_members", members, "NULL, NULL");
    array(out, "uint32_t", &format!("{prefix}_first_members"), ends.iter().map(usize::to_string));
}

/// By decision the outcomes that its diagram has, in words.
fn texts(out: &mut String, table: &OwnedTable, names: &Names) {
    let mut reached: Vec<BTreeMap<u32, String>> = Vec::new();
    for (root, decision) in table.roots.iter().zip(&table.decisions) {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![*root];
        let mut own = BTreeMap::new();
        while let Some(word) = stack.pop() {
            if !seen.insert(word) {
                continue;
            }
            if word & LEAF == 0 {
                let test = table.nodes[word as usize] & !lexport_runtime::HEAD;
                let first = word as usize + 1;
                stack.extend(&table.nodes[first..first + class_count(table.tests[test as usize]) as usize]);
            } else {
                let outcome = word & !lexport_runtime::HEAD;
                let answer = table.outcome(table.outcomes[outcome as usize].answer, &decision.domain);
                own.insert(outcome, in_words(table, &decision.domain, &answer));
            }
        }
        reached.push(own);
    }
    let mut all: Vec<String> =
        reached.iter().flat_map(|own| own.iter().map(|(outcome, text)| format!("{outcome}, {}", literal(text)))).collect();
    let mut ends = vec![0];
    for own in &reached {
        ends.push(ends[ends.len() - 1] + own.len());
    }
    if all.is_empty() {
        all.push("0, NULL".to_owned());
    }
    *out += &names.own("\ntypedef struct lexport_text {\n    uint32_t outcome;\n    const char *text;\n} lexport_text;\n\n");
    rows(out, &format!("{}_text", names.prefix), &format!("{}_texts", names.prefix), &all);
    array(out, "uint32_t", &format!("{}_first_texts", names.prefix), ends.iter().map(usize::to_string));
    out.push('\n');
}
