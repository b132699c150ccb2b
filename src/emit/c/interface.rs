//! The part of the header that every user of it sees: types, names of numbers, functions with what they promise.

use std::fmt::Write;

use lexport_runtime::Kind;

use super::super::domain::{described, used_enumerations};
use super::super::plan::Plan;
use super::names::{Names, comment, int, literal};
use crate::diagram::OwnedTable;
use crate::ir::{Domain, date_text};

/// The type of a member, an unsigned one that holds one number more, so that -1 is no member.
fn member_type(size: u32) -> &'static str {
    match size {
        0..=0xff => "uint8_t",
        0x100..=0xffff => "uint16_t",
        _ => "uint32_t",
    }
}

/// The type of an input and how many of it, and its place in the struct: the widest stand first, so that nothing is padded.
pub(super) fn field_type(kind: Kind, domain: &Domain) -> (u32, &'static str, Option<u32>) {
    match kind {
        Kind::Bool => (3, "uint8_t", None),
        Kind::Set(size) => (0, "uint64_t", Some(size.div_ceil(64).max(1))),
        Kind::Int(lo, hi) if matches!(domain, Domain::Date { .. }) && i32::try_from(lo).is_ok() && i32::try_from(hi).is_ok() => {
            (1, "int32_t", None)
        }
        Kind::Int(..) => (0, "int64_t", None),
        Kind::Enum(size) => match member_type(size) {
            "uint8_t" => (3, "uint8_t", None),
            "uint16_t" => (2, "uint16_t", None),
            wide => (1, wide, None),
        },
    }
}

/// The inputs in the order in which they stand in the struct.
pub(super) fn struct_order(table: &OwnedTable) -> Vec<usize> {
    let mut order: Vec<usize> = (0..table.inputs.len()).collect();
    order.sort_by_key(|at| field_type(table.kinds[*at], &table.inputs[*at].domain).0);
    order
}

pub(super) fn interface(out: &mut String, plan: &Plan<'_>, names: &Names) {
    let table = plan.table;
    head(out, table, names);
    numbers(out, table, names);
    row(out, table, names);
    *out += &names.own(include_str!("interface.h"));
    if table.inputs.iter().any(|input| matches!(input.domain, Domain::Date { .. })) {
        *out += &names.own(
            "/* The day number of a date of the calendar; INT32_MIN, which no table is good for, where there is none. */\n\
             LEXPORT_API int32_t lexport_day(int32_t year, int32_t month, int32_t day);\n\n",
        );
    }
    for (decision, function) in table.decisions.iter().zip(&names.functions) {
        let title = if decision.title.is_empty() { String::new() } else { format!(" ({})", comment(&decision.title)) };
        let words = described(table, &decision.domain);
        *out += &names.own(&format!(
            "/* {}{title}: {}.\n   The outcome where all is known; below 0 if an input that it can hang on is outside its domain. */\n\
             LEXPORT_API int32_t lexport_decide_{function}(const lexport_inputs *in);\n\
             /* The same for many: how many of them were refused. */\n\
             LEXPORT_API size_t lexport_batch_{function}(const lexport_inputs *in, size_t count, int32_t *outcomes);\n\n",
            comment(&decision.name),
            comment(&words)
        ));
    }
    *out += &names.own("#ifdef __cplusplus\n}\n#endif\n\n#endif /* LEXPORT_H */\n\n");
}

fn head(out: &mut String, table: &OwnedTable, names: &Names) {
    *out += &format!("/* Decision table of {}, made by Lexport. Do not edit: build it anew.\n", comment(&table.regime));
    *out += &format!("   {}\n   Source: {}\n", comment(&table.title), comment(&table.source));
    if !table.readings.is_empty() {
        *out += &format!("   Readings: {}\n", comment(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        *out += &format!("   Dates: {} to {}\n", date_text(lo), date_text(hi));
    }
    *out += &names.own(include_str!("head.h"));
    let text = |out: &mut String, name: &str, value: &str| {
        let _ = writeln!(out, "#define {}_{name} {}", names.upper, literal(value));
    };
    text(out, "REGIME", &table.regime);
    text(out, "TITLE", &table.title);
    text(out, "SOURCE", &table.source);
    text(out, "READINGS", &table.readings.join(","));
    if let Some((lo, hi)) = table.dates {
        let _ = writeln!(out, "#define {0}_FIRST_DAY {1}\n#define {0}_LAST_DAY {2}", names.upper, int(lo), int(hi));
    }
    out.push('\n');
}

fn numbers(out: &mut String, table: &OwnedTable, names: &Names) {
    let list = |out: &mut String, what: &str, all: &mut dyn Iterator<Item = (String, String)>, count: Option<&str>| {
        *out += &format!("/* {what} */\nenum {{\n");
        let mut next = 0;
        for (number, (name, original)) in all.enumerate() {
            *out += &format!("    {name} = {number}, /* {original} */\n");
            next = number + 1;
        }
        match count {
            Some(count) => *out += &format!("    {}_{count} = {next}\n}};\n\n", names.upper),
            None => {
                // C++98 and some compilers refuse a comma before the brace.
                if let Some(comma) = out.rfind(", /* ") {
                    out.remove(comma);
                }
                *out += "};\n\n";
            }
        }
    };
    let inputs = table.inputs.iter().map(|it| comment(&it.name));
    list(out, "The inputs.", &mut names.inputs.iter().cloned().zip(inputs), Some("INPUT_COUNT"));
    let decisions = table.decisions.iter().map(|it| comment(&it.name));
    list(out, "The decisions.", &mut names.decisions.iter().cloned().zip(decisions), Some("DECISION_COUNT"));
    let used = used_enumerations(table);
    let enumerations = used.iter().map(|at| (names.enumerations[*at].clone(), comment(&table.enums[*at].name)));
    list(out, "The enumerations.", &mut enumerations.into_iter(), Some("ENUM_COUNT"));
    for at in used {
        let def = &table.enums[at];
        let members = def.members.iter().map(|it| {
            let label = if it.label.is_empty() { String::new() } else { format!(": {}", it.label) };
            comment(&format!("{}{label}", it.name))
        });
        let order = if def.ordered { ", a later one is stricter" } else { "" };
        let what = format!("The members of {}{order}.", comment(&def.name));
        list(out, &what, &mut names.members[at].iter().cloned().zip(members), None);
    }
    let _ = writeln!(out, "#define {}_OUTCOME_COUNT {}", names.upper, table.outcomes.len());
    let _ = writeln!(out, "#define {}_RULE_COUNT {}\n", names.upper, table.rules.len());
}

fn row(out: &mut String, table: &OwnedTable, names: &Names) {
    *out += "/* A case. Its members stand by width; name them, do not count them. */\n";
    *out += &names.own("typedef struct lexport_inputs {\n");
    for at in struct_order(table) {
        let input = &table.inputs[at];
        let (_, of, count) = field_type(table.kinds[at], &input.domain);
        let more = match &input.domain {
            Domain::Bool => " (1 or 0)".to_owned(),
            Domain::Enum(id) => names.members[id.index()].first().map(|first| format!(" ({first}, ...)")).unwrap_or_default(),
            Domain::Set(_) => "; member m is bit m % 64 of word m / 64".to_owned(),
            Domain::Number(_) | Domain::Date { .. } => String::new(),
        };
        let count = count.map(|count| format!("[{count}]")).unwrap_or_default();
        let words = comment(&format!("{}: {}{more}.", input.name, described(table, &input.domain)));
        *out += &format!("    /* {words} */\n    {of} {}{count};\n", names.fields[at]);
    }
    *out += &names.own("} lexport_inputs;\n\n/* What unknown inputs leave of a decision. */\ntypedef struct lexport_left {\n");
    let words = |count: usize| count.div_ceil(64).max(1);
    *out += &format!(
        "    /* Bit o % 64 of word o / 64: outcome o is still possible. */\n    uint64_t possible[{}];\n\
         \x20   /* By input: the decision may hang on it, and it is unknown. */\n    uint8_t hangs_on[{}];\n\
         \x20   /* How many outcomes are possible; if it is one, the decision is settled. */\n    uint32_t count;\n\
         \x20   /* The input to ask for first, or -1. */\n    int32_t ask;\n\
         \x20   /* 1 if each of them is reached in some case. 0: arithmetic or the sameness of two unknown inputs was taken to be free, so\n\
         \x20      that outcomes may be listed that no case reaches; none is left out in either case. */\n    uint8_t exact;\n\
         \x20   /* Work space of the search; means nothing. */\n    uint64_t work_nodes[{}];\n    uint32_t work_classes[{}];\n",
        words(table.outcomes.len()),
        table.inputs.len().max(1),
        words(table.nodes.len()),
        table.tests.len().max(1)
    );
    *out += &names.own("} lexport_left;\n\n");
}
