//! A [`Table`] as the text of a regime, in the canonical layout. How each hit policy is said is in `docs/import.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diagnostic::Severity;
use crate::ir::{NumberDomain, date_text};
use crate::source::Files;
use crate::syntax;

use super::grid::Policy;
use super::name::{Names, identifier};
use super::settle::OTHER;
use super::table::{Input, Member, Row, Said, Table, Test, Values};

/// The text of a regime that says what a table says.
///
/// # Errors
/// The text and the first message, if the text is none of the language: a mistake of Lexport.
pub fn written(table: &Table) -> Result<String, String> {
    let text = plain(table);
    let mut files = Files::default();
    let file = files.add(&table.path, &text).map_err(|_| "the regime is too large".to_owned())?;
    let (unit, messages) = syntax::parse(file, &text);
    match messages.iter().find(|message| message.severity == Severity::Error) {
        Some(message) => Err(format!("{}\n{text}", message.title)),
        None => Ok(syntax::print(&unit, &text)),
    }
}

fn plain(table: &Table) -> String {
    let mut out = String::new();
    let title = if table.title == table.name { String::new() } else { format!(" {}", quoted(&table.title)) };
    let _ = writeln!(
        out,
        "-- Imported from {} by `lexport import`: {} rows, hit policy {}.",
        remark(&table.path),
        table.rows.len(),
        table.policy.name()
    );
    if table.inputs.iter().any(|input| input.assumed.0 || input.assumed.1) {
        out += "-- Where the table does not bound a number or a day, its range is assumed: one step beyond what the rows name.\n";
    }
    match table.policy {
        Policy::RuleOrder | Policy::OutputOrder => {
            out += "-- The outcome of the table is a list in an order; here it is the set of what is on the list.\n";
        }
        Policy::Collect => out += "-- The outcome of the table is a list; here it is the set of what is on the list.\n",
        _ => {}
    }
    for name in &table.unused {
        let _ = writeln!(out, "-- Column {}: no row asks anything of it.", remark(name));
    }
    let _ = writeln!(out, "regime {}{title}\n", table.name);
    units(table, &mut out);
    inputs(table, &mut out);
    for at in 0..table.outputs.len() {
        decision(table, at, &mut out);
    }
    for row in &table.rows {
        rules(table, row, &mut out);
    }
    out
}

/// Units that a regime has declared must be declared here.
fn units(table: &Table, out: &mut String) {
    let values = table.inputs.iter().map(|input| &input.values).chain(table.outputs.iter().map(|output| &output.values));
    let mut units = BTreeSet::new();
    for values in values {
        if let Values::Number { unit, .. } = values {
            let parts = unit.split(['/', '*', '·']).map(str::trim);
            units.extend(parts.filter(|part| !part.is_empty() && !matches!(*part, "%" | "USD" | "1")).map(str::to_owned));
        }
    }
    for unit in &units {
        let _ = writeln!(out, "unit {unit}");
    }
    out.push('\n');
}

fn inputs(table: &Table, out: &mut String) {
    let mut names = Names::default();
    table.inputs.iter().for_each(|input| names.take(input.name.split('.').next().unwrap_or_default()));
    table.outputs.iter().for_each(|output| names.take(&output.name));
    // Dotted names are fields of records, which are inputs of their own.
    let mut records: BTreeMap<&str, Vec<(&str, &Input)>> = BTreeMap::new();
    let mut order: Vec<(&str, Option<&Input>)> = Vec::new();
    for input in &table.inputs {
        match input.name.split_once('.').filter(|_| !syntax::is_plain_name(&input.name)) {
            None => order.push((&input.name, Some(input))),
            Some((record, field)) => {
                if !records.contains_key(record) {
                    order.push((record, None));
                }
                records.entry(record).or_default().push((field, input));
            }
        }
    }
    for (name, input) in order {
        match input {
            Some(input) => {
                let title = titled(&input.title);
                let _ = writeln!(out, "input {name}{title} : {}", kind(&input.values));
            }
            None => {
                let of = record(name, &records[name], &mut names, out);
                let _ = writeln!(out, "input {name} : {of}");
            }
        }
    }
    out.push('\n');
}

/// Declares a record, after those in it, and returns its name.
fn record(name: &str, fields: &[(&str, &Input)], names: &mut Names, out: &mut String) -> String {
    let mut below: BTreeMap<&str, Vec<(&str, &Input)>> = BTreeMap::new();
    let mut parts: Vec<(&str, Option<&Input>)> = Vec::new();
    for (path, input) in fields {
        match path.split_once('.') {
            None => parts.push((path, Some(input))),
            Some((head, rest)) => {
                if !below.contains_key(head) {
                    parts.push((head, None));
                }
                below.entry(head).or_default().push((rest, input));
            }
        }
    }
    let mut texts = Vec::new();
    for (field, input) in parts {
        texts.push(match input {
            Some(input) => format!("{field}{} : {}", titled(&input.title), kind(&input.values)),
            None => format!("{field} : {}", record(field, &below[field], names, out)),
        });
    }
    let of = names.free(&format!("{}_facts", identifier(name)));
    let _ = writeln!(out, "record {of} {{ {} }}", texts.join(", "));
    of
}

fn decision(table: &Table, at: usize, out: &mut String) {
    let (policy, output) = (table.policy, &table.outputs[at]);
    let takes = match (&output.values, policy) {
        (Values::Set { .. }, _) => "all".to_owned(),
        (_, Policy::Unique | Policy::Any) => "exactly one".to_owned(),
        (_, Policy::Sum | Policy::Count) => "the sum".to_owned(),
        (_, Policy::Min) => "the least strict".to_owned(),
        (_, Policy::Max) => "the strictest".to_owned(),
        _ if table.by_place() => {
            // A row that leaves this output open has nothing to say here.
            let rules = table.preferred().into_iter().flat_map(|row| table.concluding(&table.rows[row], at));
            format!("the first of {}", rules.collect::<Vec<_>>().join(", "))
        }
        _ => "the strictest".to_owned(),
    };
    let default = output.default.as_ref().map(|said| match said {
        Said::One(value) => value_text(&output.values, *value),
        Said::Set(set) => {
            let members: Vec<String> = set.iter().map(|member| member_text(&output.values, *member)).collect();
            format!("{{ {} }}", members.join(", "))
        }
    });
    let otherwise = default.map(|value| format!(" otherwise {value}")).unwrap_or_default();
    let _ =
        writeln!(out, "decision {}{} : {} takes {takes}{otherwise}\n", output.name, titled(&output.title), kind(&output.values));
}

fn rules(table: &Table, row: &Row, out: &mut String) {
    if !row.is_met() {
        let _ = writeln!(out, "-- Row {}: no case meets it.\n", row.number);
        return;
    }
    let conditions = conditions(table, row);
    let cite = if row.cite.is_empty() { format!("{}, row {}", file(&table.path), row.number) } else { row.cite.clone() };
    for (at, name) in table.rules(row).iter().enumerate() {
        let mut said = Vec::new();
        for (output, value) in table.conclusions(row, at) {
            let output = &table.outputs[output];
            match value {
                Said::One(value) => said.push(format!("{} is {}", output.name, value_text(&output.values, *value))),
                Said::Set(set) => said.extend(
                    set.iter().map(|member| format!("{} includes {}", output.name, member_text(&output.values, *member))),
                ),
            }
        }
        debug_assert!(!said.is_empty(), "a row that concludes nothing has no rule");
        let title = titled(&row.title);
        let when = if conditions.is_empty() { String::new() } else { format!("\n  when {}", conditions.join("\n   and ")) };
        let _ = writeln!(out, "rule {name} {}{title}{when}\n  then {}\n", quoted(&cite), said.join(", "));
    }
}

/// The conditions of a row that some case meets.
fn conditions(table: &Table, row: &Row) -> Vec<String> {
    let mut out = Vec::new();
    for (input, test) in table.inputs.iter().zip(&row.tests) {
        match test {
            Test::Any => {}
            Test::Has(has) => {
                for (member, with) in has {
                    let not = if *with { "" } else { "not " };
                    out.push(format!("{not}{} has {}", input.name, member_text(&input.values, *member)));
                }
            }
            Test::Among(spans) => out.push(among(input, spans)),
        }
    }
    out
}

/// That an input has one of some values.
pub fn among(input: &Input, spans: &[(i64, i64)]) -> String {
    let name = &input.name;
    let (lo, hi) = input.values.bounds();
    match &input.values {
        Values::Flag => {
            if spans == [(1, 1)] {
                name.clone()
            } else {
                format!("not {name}")
            }
        }
        Values::Members { members, .. } => {
            let has = |at: &i64| spans.iter().any(|(from, to)| from <= at && at <= to);
            let (inside, outside): (Vec<i64>, Vec<i64>) = (0..members.len() as i64).partition(has);
            let names = |all: &[i64]| all.iter().map(|at| members[*at as usize].name.as_str()).collect::<Vec<_>>().join(", ");
            match (inside.as_slice(), outside.as_slice()) {
                ([_], _) => format!("{name} is {}", names(&inside)),
                (_, [_]) => format!("{name} is not {}", names(&outside)),
                _ if outside.len() < inside.len() => format!("{name} not in {{ {} }}", names(&outside)),
                _ => format!("{name} in {{ {} }}", names(&inside)),
            }
        }
        values => {
            let piece = |(from, to): &(i64, i64)| {
                // A value that is only assumed stands for all beyond what is named.
                let beyond = (from == &hi && input.assumed.1, to == &lo && input.assumed.0);
                if from == to && (*from > lo || *to < hi) && beyond == (false, false) && !input.between_two(*from) {
                    return format!("{name} is {}", value_text(values, *from));
                }
                let above = if beyond.0 || (input.between > 1 && (from - 1) % input.between == 0) {
                    format!("{name} > {}", value_text(values, from - 1))
                } else {
                    format!("{name} >= {}", value_text(values, *from))
                };
                let below = if beyond.1 || (input.between > 1 && (to + 1) % input.between == 0) {
                    format!("{name} < {}", value_text(values, to + 1))
                } else {
                    format!("{name} <= {}", value_text(values, *to))
                };
                match (*from == lo, *to == hi) {
                    (true, _) => below,
                    (_, true) => above,
                    _ => format!("{above} and {below}"),
                }
            };
            if let [(a, b), (c, d)] = spans
                && *a == lo
                && *d == hi
                && b + 2 == *c
                && !input.between_two(b + 1)
            {
                return format!("{name} is not {}", value_text(values, b + 1));
            }
            let pieces: Vec<String> = spans.iter().map(piece).collect();
            if pieces.len() == 1 { pieces[0].clone() } else { format!("({})", pieces.join(" or ")) }
        }
    }
}

impl Input {
    /// Whether a number is none that a row can name, but stands for those between two.
    pub fn between_two(&self, value: i64) -> bool {
        self.between > 1 && value % self.between != 0
    }
}

/// A type in the language.
fn kind(values: &Values) -> String {
    let list = |members: &[Member], between: &str| {
        members.iter().map(|member| format!("{}{}", member.name, titled(&member.label))).collect::<Vec<_>>().join(between)
    };
    match values {
        Values::Flag => "bool".to_owned(),
        Values::Members { members, ordered: false } => format!("{{ {} }}", list(members, ", ")),
        Values::Members { members, ordered: true } => format!("ordered {{ {} }}", list(members, " < ")),
        Values::Set { members } => format!("set of {{ {} }}", list(members, ", ")),
        Values::Number { unit, lo, hi, .. } => {
            let of = match unit.as_str() {
                "" => "count".to_owned(),
                "%" => "percent".to_owned(),
                "USD" => "money".to_owned(),
                unit => format!("number of {unit}"),
            };
            let step = bare(values, 1);
            let step = if step == "1" { String::new() } else { format!(" step {step}") };
            format!("{of} from {} to {}{step}", bare(values, *lo), bare(values, *hi))
        }
        Values::Days { lo, hi } => format!("date from {} to {}", date_text(*lo), date_text(*hi)),
    }
}

/// A number without its unit.
fn bare(values: &Values, k: i64) -> String {
    match values {
        Values::Number { unit, step, lo, hi } => NumberDomain { unit: unit.clone(), step: *step, lo: *lo, hi: *hi }.text(k),
        _ => k.to_string(),
    }
}

/// A value in the language.
pub fn value_text(values: &Values, value: i64) -> String {
    match values {
        Values::Flag => if value == 1 { "true" } else { "false" }.to_owned(),
        Values::Members { .. } | Values::Set { .. } => member_text(values, u32::try_from(value).unwrap_or(u32::MAX)),
        Values::Days { .. } => date_text(value),
        Values::Number { unit, .. } => match unit.as_str() {
            "" => bare(values, value),
            "%" => format!("{}%", bare(values, value)),
            unit => format!("{} {unit}", bare(values, value)),
        },
    }
}

fn member_text(values: &Values, member: u32) -> String {
    let (Values::Members { members, .. } | Values::Set { members }) = values else { return member.to_string() };
    members.get(member as usize).map_or_else(|| member.to_string(), |member| member.name.clone())
}

/// What a member is called in the file.
pub fn shown_text(values: &Values, value: i64) -> String {
    match values {
        Values::Members { members, .. } | Values::Set { members } => {
            members.get(value as usize).map_or_else(String::new, |member| {
                if member.label.is_empty() || member.label == OTHER { member.name.clone() } else { member.label.clone() }
            })
        }
        _ => value_text(values, value),
    }
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" {}", quoted(title)) }
}

/// A text of the language: on one line, without what nobody sees.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\"", line.trim().replace('\\', "\\\\").replace('"', "\\\""))
}

/// Words in a comment.
fn remark(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("`{}`", line.trim())
}

/// The name of a file without its folders.
pub fn file(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
