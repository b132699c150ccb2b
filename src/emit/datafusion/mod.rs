//! The table as scalar functions of DataFusion: one Rust file with the table as `rust` writes it, what is said of inputs and decisions, and
//! the functions themselves, which are the files of `glue`, unchanged.
//!
//! In: a table. Out: `NAME_datafusion.rs`, a module of a crate that has DataFusion. What outcomes say is put into words here, as the other
//! targets say it; the glue knows types and columns only.

use std::fmt::Write as _;

use lexport_runtime::{HEAD, Kind, LEAF, NONE, Test};

use super::artifact::{Artifact, EmitError};
use super::domain::{decimal, used_enumerations};
use super::plan::class_count;
use super::rust::rust;
use super::text::{constants, identifier, member_name, value};
use crate::diagram::OwnedTable;
use crate::ir::{Domain, NumberDomain, Outcome, Value, date_text};

/// The files of the functions, as modules in this order.
const GLUE: [(&str, &str); 5] = [
    ("meaning", include_str!("glue/meaning.rs")),
    ("argument", include_str!("glue/argument.rs")),
    ("columns", include_str!("glue/columns.rs")),
    ("answers", include_str!("glue/answers.rs")),
    ("function", include_str!("glue/function.rs")),
];

/// Of how many members all are named where a value is refused; of more the first ones.
const NAMED: usize = 12;

/// One file. `functions` are the functions, `register` hands them to a session; `table` is what `rust` writes.
///
/// # Errors
/// If a number has more digits than a decimal of DataFusion, or the table is malformed.
pub fn datafusion(table: &OwnedTable) -> Result<Artifact, EmitError> {
    let name = identifier(&table.regime).to_ascii_lowercase();
    let mut out = head(table, &name);
    let whole = rust(table)?;
    let text = String::from_utf8(whole.bytes).map_err(|error| EmitError::Malformed(error.to_string()))?;
    module(
        &mut out,
        "/// The table, as `lexport build --to rust` writes it.\n#[allow(dead_code, reason = \"a program uses what it needs\")]\npub mod table",
        &text,
    );
    module(
        &mut out,
        "#[allow(unused_imports, reason = \"a regime need not have all of them\")]\nmod regime",
        &regime(table, &name)?,
    );
    for (name, text) in GLUE {
        module(
            &mut out,
            &format!("#[allow(dead_code, reason = \"what a table has none of is read nowhere\")]\nmod {name}"),
            text,
        );
    }
    Ok(Artifact::text(format!("{name}_datafusion.rs"), out))
}

/// A module of lines.
fn module(out: &mut String, head: &str, text: &str) {
    *out += &format!("\n{head} {{\n");
    for line in text.trim_end().lines() {
        *out += if line.is_empty() { "" } else { "    " };
        *out += line;
        out.push('\n');
    }
    *out += "}\n";
}

/// One line of a comment: line ends would end the comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn head(table: &OwnedTable, name: &str) -> String {
    let mut out =
        format!("// Decision table of {} for DataFusion, made by Lexport. Do not edit: build it anew.\n", comment(&table.regime));
    out += &format!("// {}\n// Source: {}\n", comment(&table.title), comment(&table.source));
    if !table.readings.is_empty() {
        out += &format!("// Readings: {}\n", comment(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!("// Dates: {} to {}\n", date_text(lo), date_text(hi));
    }
    let first = table.inputs.first().map_or("input", |input| input.name.as_str());
    out += &format!(
        "//\n// {name}_datafusion::register(&context)?; then in SQL\n// {name}(named_struct({}, …))\n\n",
        comment(&format!("'{first}'"))
    );
    out + "/// The functions: first the one that answers all decisions, then one for the value of each.\n#[allow(dead_code, reason = \"a program calls this or `register`\")]\n\
           pub fn functions() -> Vec<datafusion::logical_expr::ScalarUDF> {\n    function::functions()\n}\n\n\
           /// Registers the functions.\n///\n/// # Errors\n/// If there is another function of such a name: it would be hidden. Then none is \
           registered.\n#[allow(dead_code, reason = \"a program calls this or `functions`\")]\n\
           pub fn register(context: &datafusion::prelude::SessionContext) -> datafusion::error::Result<()> {\n\
           \x20   function::register(context)\n}\n"
}

/// What is said of inputs and decisions.
fn regime(table: &OwnedTable, name: &str) -> Result<String, EmitError> {
    let mut out = format!(
        "//! What is said of inputs and decisions.\n\nuse super::meaning::{{Decision, Gives, Input, Says, Takes}};\n\n\
         /// The function that answers all decisions.\npub const NAME: &str = {name:?};\n/// The title of the regime.\n\
         pub const TITLE: &str = {:?};\n/// How many decisions there are.\npub const COUNT: usize = {};\n\n\
         /// The names of members, by enumeration.\npub static CHOICES: &[&[&str]] = &[\n",
        if table.title.is_empty() { &table.regime } else { &table.title },
        table.decisions.len()
    );
    let used = used_enumerations(table);
    for at in &used {
        let names: Vec<&str> = table.enums[*at].members.iter().map(|member| member.name.as_str()).collect();
        let _ = writeln!(out, "    &{names:?},");
    }
    out += "];\n\n/// The inputs.\npub static INPUTS: &[Input] = &[\n";
    let choice = |of: usize| used.iter().position(|at| *at == of).unwrap_or_default();
    for (number, (input, kind)) in table.inputs.iter().zip(&table.kinds).enumerate() {
        let refused = refused(table, number as u32);
        let takes = match &input.domain {
            Domain::Bool => "Takes::Flag".to_owned(),
            Domain::Enum(of) => format!("Takes::Member({})", choice(of.index())),
            Domain::Set(of) => format!("Takes::Set({})", choice(of.index())),
            Domain::Date { .. } => "Takes::Day".to_owned(),
            Domain::Number(step) => {
                let (digits, scale) = decimal(step, &[]).ok_or_else(|| wide(&input.name))?;
                let (mantissa, behind) = (step.step.mantissa, step.step.scale);
                format!("Takes::Number {{ mantissa: {mantissa}, scale: {behind}, cast: \"DECIMAL({digits}, {scale})\" }}")
            }
        };
        let _ = writeln!(
            out,
            "    Input {{ name: {:?}, takes: {takes}, allowed: {:?}, refused: &{refused:?}, fixed: {:?} }},",
            input.name,
            allowed(table, &input.domain, *kind, &refused),
            fixed(*kind, &refused)
        );
    }
    out += "];\n\n/// The decisions.\npub static DECISIONS: &[Decision] = &[\n";
    let functions = constants(table.decisions.iter().map(|it| it.name.as_str()));
    for (number, (decision, function)) in table.decisions.iter().zip(functions).enumerate() {
        let outcomes = reached(table, number)?;
        let gives = match &decision.domain {
            Domain::Bool => "Gives::Flag".to_owned(),
            Domain::Enum(_) => "Gives::Text".to_owned(),
            Domain::Set(_) => "Gives::Set".to_owned(),
            Domain::Date { .. } => "Gives::Day".to_owned(),
            Domain::Number(step) => {
                let values = steps(table, &outcomes, &decision.domain);
                let (digits, scale) = decimal(step, &values).ok_or_else(|| wide(&decision.name))?;
                let mantissa = step.step.mantissa;
                format!("Gives::Number {{ mantissa: {mantissa}, digits: {digits}, scale: {scale} }}")
            }
        };
        let _ = writeln!(
            out,
            "    Decision {{\n        name: {:?},\n        function: \"{name}_{}\",\n        title: {:?},\n        gives: {gives},\n\
             \x20       outcomes: &[",
            decision.name,
            function.to_ascii_lowercase(),
            decision.title
        );
        for outcome in outcomes {
            let (text, parts) = says(table, outcome, &decision.domain);
            let _ = writeln!(out, "            Says {{ outcome: {outcome}, text: {text:?}, parts: &{parts:?} }},");
        }
        out += "        ],\n    },\n";
    }
    Ok(out + "];\n")
}

fn wide(name: &str) -> EmitError {
    EmitError::TooWide(format!("`{name}` has more digits than a decimal of DataFusion holds exactly"))
}

/// The members that the table was not made for: another reading.
fn refused(table: &OwnedTable, input: u32) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    for test in &table.tests {
        if let Test::Member { input: of, map, .. } = test
            && *of == input
        {
            let classes = table.maps.iter().skip(map.first as usize).take(map.count as usize);
            out.extend((0..).zip(classes).filter(|(_, class)| **class == NONE).map(|(member, _)| member));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The only value that an input may have, as a word.
fn fixed(kind: Kind, refused: &[u32]) -> Option<u64> {
    match kind {
        Kind::Int(lo, hi) if lo == hi => Some(lo.cast_unsigned()),
        Kind::Enum(size) if refused.len() as u32 + 1 == size => (0..size).find(|it| !refused.contains(it)).map(u64::from),
        _ => None,
    }
}

/// Which values an input may have, after "must be".
fn allowed(table: &OwnedTable, domain: &Domain, kind: Kind, refused: &[u32]) -> String {
    let members = |of: usize| {
        let all = table.enums[of].members.iter().zip(0..).filter(|(_, number)| !refused.contains(number));
        let names: Vec<&str> = all.map(|(member, _)| member.name.as_str()).collect();
        match names.len() {
            1 => names[0].to_owned(),
            count if count <= NAMED => format!("one of {}", names.join(", ")),
            count => format!("one of {}, … ({count} members of {})", names[..NAMED].join(", "), table.enums[of].name),
        }
    };
    match (domain, kind) {
        (Domain::Bool, _) => "true or false".to_owned(),
        (Domain::Enum(of), _) => members(of.index()),
        (Domain::Set(of), _) => format!("a list, or `{{A, B}}`, of names, each {}", members(of.index())),
        (Domain::Number(number), _) => {
            let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
            let step = NumberDomain { lo: 1, hi: 1, ..number.clone() }.text(1);
            let steps = if step == "1" { "a whole number".to_owned() } else { format!("a multiple of {step}") };
            format!("{steps} from {} to {}{unit}", number.text(number.lo), number.text(number.hi))
        }
        // The table may be good for some days only.
        (Domain::Date { .. }, Kind::Int(lo, hi)) if lo == hi => date_text(lo),
        (Domain::Date { .. }, Kind::Int(lo, hi)) => format!("a day from {} to {}", date_text(lo), date_text(hi)),
        (Domain::Date { lo, hi }, _) => format!("a day from {} to {}", date_text(*lo), date_text(*hi)),
    }
}

/// The outcomes that a decision may come to, rising.
fn reached(table: &OwnedTable, decision: usize) -> Result<Vec<u32>, EmitError> {
    let malformed = || EmitError::Malformed(format!("decision {decision} leads to what is not there"));
    let mut seen = vec![false; table.nodes.len()];
    let mut out = vec![false; table.outcomes.len()];
    let mut left = vec![*table.roots.get(decision).ok_or_else(malformed)?];
    while let Some(word) = left.pop() {
        if word & LEAF != 0 {
            *out.get_mut((word & !HEAD) as usize).ok_or_else(malformed)? = true;
            continue;
        }
        let at = word as usize;
        if std::mem::replace(seen.get_mut(at).ok_or_else(malformed)?, true) {
            continue;
        }
        let test = table.tests.get((table.nodes[at] & !HEAD) as usize).ok_or_else(malformed)?;
        left.extend(table.nodes.get(at + 1..at + 1 + class_count(*test) as usize).ok_or_else(malformed)?);
    }
    Ok((0..).zip(out).filter(|(_, reached)| *reached).map(|(outcome, _)| outcome).collect())
}

/// The numbers that a decision may come to.
fn steps(table: &OwnedTable, outcomes: &[u32], domain: &Domain) -> Vec<i64> {
    let answers = outcomes.iter().map(|outcome| table.outcome(table.outcomes[*outcome as usize].answer, domain));
    answers.filter_map(|answer| if let Outcome::Value(Value::Int(steps)) = answer { Some(steps) } else { None }).collect()
}

/// An outcome in the words of `lexport decide`, and its parts: the members of a set, the values of a conflict.
fn says(table: &OwnedTable, outcome: u32, domain: &Domain) -> (String, Vec<String>) {
    match table.outcome(table.outcomes[outcome as usize].answer, domain) {
        Outcome::Gap => ("no value".to_owned(), Vec::new()),
        Outcome::Conflict(all) => {
            let all: Vec<String> = all.iter().map(|one| value(table, domain, one)).collect();
            (format!("conflict of {}", all.join(" and ")), all)
        }
        Outcome::Value(Value::Set(set)) => {
            let of = if let Domain::Set(of) = domain { of.index() } else { usize::MAX };
            let names = set.iter().map(|member| member_name(table, of, member)).collect();
            (value(table, domain, &Value::Set(set)), names)
        }
        Outcome::Value(one) => (value(table, domain, &one), Vec::new()),
    }
}
