//! `NAME.d.mts`: exact types of the wrapper. Names of members are unions of literals, an input may be left out, and whoever gives them all
//! gets a settled outcome.

use std::fmt::Write as _;

use lexport_runtime::Kind;
use serde_json::json;

use crate::diagram::OwnedTable;
use crate::ir::{Domain, EnumDef, date_text};

/// What does not hang on the table.
const CODE: &str = include_str!("wrapper/table.d.ts");

/// The text.
pub(super) fn declaration(table: &OwnedTable, name: &str) -> String {
    let mut out = format!("// Types of {name}.mjs, made by Lexport. Do not edit: build them anew.\n\n");
    out += "/** The members of each enumeration. */\nexport interface Enums {\n";
    for (number, it) in table.enums.iter().enumerate() {
        // Two enumerations of one name are told apart by their numbers.
        let members: Vec<String> = it.members.iter().map(|member| json!(member.name).to_string()).collect();
        let members = if members.is_empty() { "never".to_owned() } else { members.join(" | ") };
        let _ = writeln!(out, "  readonly {}: {members};", enum_key(table, number));
    }
    out += "}\n\n/** A case. What is left out, or `undefined`, is not known. */\nexport interface Inputs {\n";
    for it in &table.inputs {
        let _ = writeln!(out, "  /** {} */", comment(&about(table, &it.domain)));
        let _ = writeln!(out, "  readonly {}?: {} | undefined;", json!(it.name), given(table, &it.domain));
    }
    out += "}\n\n/** The value of each decision. */\nexport interface Decisions {\n";
    for it in &table.decisions {
        if !it.title.is_empty() {
            let _ = writeln!(out, "  /** {} */", comment(&it.title));
        }
        let _ = writeln!(out, "  readonly {}: {};", json!(it.name), found(table, &it.domain));
    }
    out += "}\n\n/** Many cases by input: members by number, numbers in steps, dates in days since 1970-01-01, sets by their words. */\n";
    out += "export interface Columns {\n";
    for (it, kind) in table.inputs.iter().zip(&table.kinds) {
        let array = match kind {
            Kind::Bool => "Uint8Array",
            Kind::Enum(size) if *size <= 1 << 8 => "Uint8Array",
            Kind::Enum(size) if *size <= 1 << 16 => "Uint16Array",
            Kind::Enum(_) => "Int32Array",
            Kind::Int(lo, hi) if i32::try_from(*lo).is_ok() && i32::try_from(*hi).is_ok() => "Int32Array",
            Kind::Int(..) => "BigInt64Array",
            Kind::Set(_) => "BigUint64Array",
        };
        let _ = writeln!(out, "  readonly {}?: {array};", json!(it.name));
    }
    let names: Vec<String> = table.rules.iter().map(|it| json!(it.name).to_string()).collect();
    let names = if names.is_empty() { "never".to_owned() } else { names.join(" | ") };
    let _ = write!(out, "}}\n\n/** The name of a rule. */\nexport type RuleName = {names};\n\n");
    out + CODE
}

/// The key of an enumeration: its name, with its number if another one before it has that name.
fn enum_key(table: &OwnedTable, number: usize) -> String {
    let name = &table.enums[number].name;
    let taken = |at: usize, key: &str| table.enums[..at].iter().any(|other| other.name == key);
    let mut key = name.clone();
    let mut more = number;
    while taken(number, &key) || (key != *name && table.enums.iter().any(|other| other.name == key)) {
        key = format!("{name}#{more}");
        more += table.enums.len().max(1);
    }
    json!(key).to_string()
}

/// Text that cannot end the comment.
fn comment(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("*/", "* /")
}

fn about(table: &OwnedTable, domain: &Domain) -> String {
    let of = |number: usize| table.enums.get(number).map_or("", |it: &EnumDef| it.name.as_str());
    match domain {
        Domain::Bool => "true or false".into(),
        Domain::Enum(id) => format!("one {}", of(id.index())),
        Domain::Set(id) => format!("a set of {}", of(id.index())),
        Domain::Number(it) => {
            let unit = if it.unit.is_empty() { String::new() } else { format!(" {}", it.unit) };
            let step = crate::ir::NumberDomain { lo: 1, hi: 1, ..it.clone() }.text(1);
            format!("{} to {}{unit}, in steps of {step}", it.text(it.lo), it.text(it.hi))
        }
        Domain::Date { lo, hi } => format!("a day, as 2025-01-13, from {} to {}", date_text(*lo), date_text(*hi)),
    }
}

fn given(table: &OwnedTable, domain: &Domain) -> String {
    match domain {
        Domain::Bool => "boolean".into(),
        Domain::Enum(id) => format!("Enums[{}]", enum_key(table, id.index())),
        Domain::Set(id) => {
            let of = enum_key(table, id.index());
            format!("readonly Enums[{of}][] | ReadonlySet<Enums[{of}]>")
        }
        Domain::Number(_) => "Decimal".into(),
        Domain::Date { .. } => "string".into(),
    }
}

fn found(table: &OwnedTable, domain: &Domain) -> String {
    match domain {
        Domain::Bool => "boolean".into(),
        Domain::Enum(id) => format!("Enums[{}]", enum_key(table, id.index())),
        Domain::Set(id) => format!("readonly Enums[{}][]", enum_key(table, id.index())),
        Domain::Number(_) | Domain::Date { .. } => "string".into(),
    }
}
