//! The table as one self-contained Rust file: `no_std`, no dependency, with the runtime's own source inside and the check
//! vectors as its tests; and the same as straight-line code, for rows in which all is known.

use std::fmt::Write;

use lexport_runtime::{Answer, SOURCE, Test};

mod fast;

use super::artifact::{Artifact, EmitError};
use super::domain::used_enumerations;
use super::plan::Plan;
use super::text::{constants, identifier};
use crate::diagram::{OwnedTable, set_words};
use crate::ir::{Value, date_text};

/// One file. `TABLE` is the table; `fast` its straight-line code; `input`, `decision` and `member` name the numbers; `RULES` names the
/// rules.
///
/// # Errors
/// If the table is malformed, which none that Lexport built is.
pub fn rust(table: &OwnedTable) -> Result<Artifact, EmitError> {
    let plan = Plan::new(table)?;
    let mut out = String::new();
    head(&mut out, table);
    names(&mut out, table);
    arrays(&mut out, table);
    fast::fast(&mut out, &plan);
    tests(&mut out, &plan);
    runtime(&mut out);
    Ok(Artifact::text(format!("{}.rs", identifier(&table.regime).to_ascii_lowercase()), out))
}

/// One line of a comment: line ends would end the comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn head(out: &mut String, table: &OwnedTable) {
    *out += &format!("// Decision table of {}, made by Lexport. Do not edit: build it anew.\n", comment(&table.regime));
    *out += &format!("// {}\n// Source: {}\n", comment(&table.title), comment(&table.source));
    if !table.readings.is_empty() {
        *out += &format!("// Readings: {}\n", comment(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        *out += &format!("// Dates: {} to {}\n", date_text(lo), date_text(hi));
    }
    *out += "//\n// let mut classes = [0u32; TABLE.classes_len()];\n// TABLE.classify(&values, &mut classes)?;\n\
             // let outcome = TABLE.decide(decision::NAME, &classes)?;\n//\n\
             // Where all is known: fast::NAME(&row)? with row: fast::Row.\n\n";
}

fn names(out: &mut String, table: &OwnedTable) {
    let module = |out: &mut String, name: &str, kind: &str, what: &str, names: Vec<&str>| {
        *out += &format!("/// {what}\n#[allow(dead_code, reason = \"a program uses what it needs\")]\npub mod {name} {{\n");
        for (number, (unique, original)) in constants(names.iter().copied()).iter().zip(&names).enumerate() {
            *out += &format!("    /// {}\n    pub const {unique}: {kind} = {number};\n", comment(original));
        }
        *out += "}\n\n";
    };
    let inputs = table.inputs.iter().map(|input| input.name.as_str()).collect();
    module(out, "input", "usize", "Where each value stands.", inputs);
    module(out, "decision", "u32", "The decisions.", table.decisions.iter().map(|it| it.name.as_str()).collect());
    let used = used_enumerations(table);
    *out += "/// The members of enumerations.\npub mod member {\n";
    for (at, unique) in used.iter().zip(constants(used.iter().map(|at| table.enums[*at].name.as_str()))) {
        let members = table.enums[*at].members.iter().map(|member| member.name.as_str()).collect();
        let mut inner = String::new();
        let what = format!("Of {}.", comment(&table.enums[*at].name));
        module(&mut inner, &module_name(&unique), "u32", &what, members);
        out.push_str(&inner.trim_end().lines().fold(String::new(), |all, line| all + "    " + line + "\n"));
    }
    *out += "}\n\n/// The rules: name and citation.\npub static RULES: &[(&str, &str)] = &[\n";
    for rule in &table.rules {
        let _ = writeln!(out, "    ({:?}, {:?}),", rule.name, rule.cite);
    }
    *out += "];\n\n";
}

/// A module's name; a word of Rust is written raw where that may be.
fn module_name(unique: &str) -> String {
    let name = unique.to_ascii_lowercase();
    match name.as_str() {
        "self" | "super" | "crate" | "_" => format!("of_{name}"),
        word if KEYWORDS.contains(&word) => format!("r#{name}"),
        _ => name,
    }
}

/// The words of Rust that cannot be names as they are (The Rust Reference, "Keywords").
const KEYWORDS: [&str; 49] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "union",
];

/// Numbers, some on each line.
fn list<T: ToString>(out: &mut String, name: &str, kind: &str, all: &[T]) {
    *out += &format!("static {name}: &[{kind}] = &[\n");
    for line in all.chunks(16) {
        let line: Vec<String> = line.iter().map(T::to_string).collect();
        *out += &format!("    {},\n", line.join(", "));
    }
    *out += "];\n";
}

fn arrays(out: &mut String, table: &OwnedTable) {
    *out += "/// The table.\npub static TABLE: runtime::Table<'static> = runtime::Table {\n    inputs: INPUTS,\n    tests: TESTS,\n\
             \x20   maps: MAPS,\n    thresholds: THRESHOLDS,\n    monomials: MONOMIALS,\n    factors: FACTORS,\n    roots: ROOTS,\n\
             \x20   nodes: NODES,\n    outcomes: OUTCOMES,\n    disagreements: DISAGREEMENTS,\n    words: WORDS,\n\
             \x20   carriers: CARRIERS,\n};\n\nuse runtime::{Answer, Kind, Monomial, Outcome, Span, Test};\n\n";
    // The derived forms of these types are the Rust expressions that make them, once their paths are given.
    let kinds: Vec<String> = table.kinds.iter().map(|kind| format!("Kind::{kind:?}")).collect();
    let tests: Vec<String> = table.tests.iter().map(|test: &Test| format!("Test::{test:?}")).collect();
    let monomials: Vec<String> = table.monomials.iter().map(|it| format!("{it:?}")).collect();
    let answer = |answer: &Answer| format!("Answer::{answer:?}");
    let outcomes: Vec<String> =
        table.outcomes.iter().map(|it| format!("Outcome {{ answer: {}, rules: {:?} }}", answer(&it.answer), it.rules)).collect();
    let disagreements: Vec<String> = table.disagreements.iter().map(answer).collect();
    let rows = |out: &mut String, name: &str, kind: &str, rows: &[String]| {
        *out += &format!("static {name}: &[{kind}] = &[\n");
        rows.iter().for_each(|row| *out += &format!("    {row},\n"));
        *out += "];\n";
    };
    rows(out, "INPUTS", "Kind", &kinds);
    rows(out, "TESTS", "Test", &tests);
    list(out, "MAPS", "u32", &table.maps);
    list(out, "THRESHOLDS", "i64", &table.thresholds);
    rows(out, "MONOMIALS", "Monomial", &monomials);
    list(out, "FACTORS", "u32", &table.factors);
    list(out, "ROOTS", "u32", &table.roots);
    list(out, "NODES", "u32", &table.nodes);
    rows(out, "OUTCOMES", "Outcome", &outcomes);
    rows(out, "DISAGREEMENTS", "Answer", &disagreements);
    list(out, "WORDS", "u64", &table.words);
    list(out, "CARRIERS", "u32", &table.carriers);
    // Span has no fields that are not used, but a table without conflicts or sets does not name it.
    *out += "const _: Span = Span { first: 0, count: 0 };\n\n";
}

fn tests(out: &mut String, plan: &Plan<'_>) {
    let table = plan.table;
    *out += "#[cfg(test)]\nmod tests {\n    use super::TABLE;\n    use super::runtime::Value;\n\n    #[test]\n\
             \x20   fn the_table_is_well_formed() {\n        assert_eq!(TABLE.check(), Ok(()));\n    }\n\n    #[test]\n\
             \x20   fn check_vectors() {\n        for (values, outcomes) in VECTORS {\n\
             \x20           let mut classes = [0u32; TABLE_CLASSES];\n\
             \x20           assert_eq!(TABLE.classify(values, &mut classes), Ok(()));\n\
             \x20           for (decision, outcome) in outcomes.iter().enumerate() {\n\
             \x20               assert_eq!(TABLE.decide(decision as u32, &classes), Ok(Some(*outcome)), \"{values:?}\");\n\
             \x20               assert_eq!(TABLE.look_up(decision as u32, values), Ok(Some(*outcome)), \"{values:?}\");\n\
             \x20           }\n        }\n    }\n\n";
    fast::test(out, plan);
    *out += &format!("\n    const TABLE_CLASSES: usize = {};\n\n", table.tests.len());
    *out += "    static VECTORS: &[(&[Value<'_>], &[u32])] = &[\n";
    for vector in &table.vectors {
        let values: Vec<String> = vector
            .values
            .iter()
            .map(|value| match value {
                Value::Bool(value) => format!("Value::Bool({value})"),
                Value::Member(member) => format!("Value::Member({member})"),
                Value::Int(int) => format!("Value::Int({int})"),
                Value::Set(set) => format!("Value::Set(&{:?})", set_words(set)),
            })
            .collect();
        *out += &format!("        (&[{}], &{:?}),\n", values.join(", "), vector.outcomes);
    }
    *out += "    ];\n}\n\n";
}

/// The runtime as a module: without what only a crate may say, and without the export of its own text.
fn runtime(out: &mut String) {
    *out += "/// `lexport-runtime`, unchanged but for what only a crate may say.\n#[allow(dead_code, reason = \"a program uses what it needs\")]\npub mod runtime {\n";
    let mut skip = false;
    for line in SOURCE.lines() {
        skip |= line.starts_with("/// This file, for programs");
        if !skip && !matches!(line, "#![no_std]" | "pub mod bits;" | "pub mod fused;") {
            if !line.is_empty() {
                *out += "    ";
            }
            *out += line;
            out.push('\n');
        }
        skip &= !line.starts_with("pub const SOURCE");
    }
    *out += "}\n";
}

#[cfg(test)]
mod tests {
    use super::module_name;

    #[test]
    fn words_of_rust_are_no_names() {
        assert_eq!(["USE", "SELF", "Country", "USE_2"].map(module_name), ["r#use", "of_self", "country", "use_2"]);
    }
}
