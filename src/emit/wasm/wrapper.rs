//! The wrapper: an ES module with the names, domains, outcomes and rules of the table, and the code of `wrapper/`.
//!
//! In: a sound table and what its module says of itself. Out: text. Each constant stands as JSON on a line of its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lexport_runtime::{Answer, HEAD, LEAF, NONE, Test};
use serde_json::{Value as Json, json};

use super::class::{classes, inputs, part};
use super::layout::{Row, Store};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use crate::emit::text;
use crate::ir::{Domain, Outcome, Value, date_text};

/// What does not hang on the table: values into rows, and the questions.
const CODE: [&str; 2] = [include_str!("wrapper/values.js"), include_str!("wrapper/table.js")];

/// The text of `NAME.mjs`.
pub(super) fn wrapper(table: &OwnedTable, name: &str, identity: &str, row: &Row) -> Result<String, EmitError> {
    let mut out = String::new();
    let line =
        |text: &str| text.chars().map(|c| if c.is_control() || "\u{2028}\u{2029}".contains(c) { ' ' } else { c }).collect();
    let [regime, title]: [String; 2] = [&table.regime, &table.title].map(|text| line(text));
    let _ = write!(
        out,
        "// Decision table of {regime}, made by Lexport. Do not edit: build it anew.\n// {title}\n//\n// import {{ load }} from \
         \"./{name}.mjs\";\n// const table = await load();\n// table.decide({{ … }})\n\n"
    );
    let constant = |out: &mut String, name: &str, value: &Json| {
        let _ = writeln!(out, "const {name} = {};", literal(value));
    };
    let list = |out: &mut String, name: &str, all: Vec<Json>| {
        let _ = writeln!(out, "const {name} = [");
        all.iter().for_each(|one| {
            let _ = writeln!(out, "  {},", literal(one));
        });
        *out += "];\n";
    };
    constant(&mut out, "IDENTITY", &json!(identity));
    constant(&mut out, "FILES", &json!({ "module": format!("./{name}.wasm"), "vectors": format!("./{name}.vectors.json") }));
    constant(&mut out, "ABOUT", &about(table));
    list(
        &mut out,
        "RULES",
        table.rules.iter().map(|it| json!({ "name": it.name, "cite": it.cite, "title": it.title })).collect(),
    );
    let members = |it: &crate::ir::EnumDef| it.members.iter().map(|member| member.name.clone()).collect::<Vec<_>>();
    list(&mut out, "ENUMS", table.enums.iter().map(|it| json!({ "name": it.name, "members": members(it) })).collect());
    list(&mut out, "INPUTS", (0..table.inputs.len()).map(|number| input(table, row, number)).collect());
    let mut decisions = Vec::new();
    for number in 0..table.decisions.len() {
        decisions.push(decision(table, number)?);
    }
    list(&mut out, "DECISIONS", decisions);
    out.push('\n');
    CODE.into_iter().for_each(|code| out += code);
    Ok(out)
}

/// JSON that may stand in a script, also one inside a page.
fn literal(value: &Json) -> String {
    value.to_string().replace("</", "<\\/").replace("<!--", "<\\!--")
}

fn about(table: &OwnedTable) -> Json {
    let dates = table.dates.map(|(lo, hi)| [date_text(lo), date_text(hi)]);
    json!({ "regime": table.regime, "title": table.title, "source": table.source, "readings": table.readings, "dates": dates })
}

fn input(table: &OwnedTable, row: &Row, number: usize) -> Json {
    let (it, field) = (&table.inputs[number], row.fields[number]);
    let store = match field.store {
        Store::U8 => "u8",
        Store::U16 => "u16",
        Store::I32 => "i32",
        Store::I64 => "i64",
        Store::Set(_) => "set",
    };
    let mut out = json!({ "name": it.name, "at": field.offset, "bytes": field.store.bytes(), "store": store });
    let more = match &it.domain {
        Domain::Bool => json!({ "kind": "bool" }),
        Domain::Enum(id) => json!({ "kind": "enum", "of": id.index(), "fill": fill(table, number) }),
        Domain::Set(id) => json!({ "kind": "set", "of": id.index() }),
        Domain::Number(it) => json!({
            "kind": "number", "unit": it.unit, "mantissa": it.step.mantissa.to_string(), "scale": it.step.scale,
            "lo": it.lo.to_string(), "hi": it.hi.to_string(), "least": it.text(it.lo), "most": it.text(it.hi),
        }),
        Domain::Date { lo, hi } => json!({
            "kind": "date", "lo": lo.to_string(), "hi": hi.to_string(), "least": date_text(*lo), "most": date_text(*hi),
        }),
    };
    if let (Json::Object(out), Json::Object(more)) = (&mut out, more) {
        out.extend(more);
    }
    out
}

/// The member that an unknown input is, if nothing but guards look at it: there is only one thing that it can be.
fn fill(table: &OwnedTable, number: usize) -> Option<u32> {
    let mut good: Option<BTreeSet<u32>> = None;
    for (test, it) in (0u32..).zip(&table.tests) {
        match *it {
            Test::Member { input, classes: 1, map } if input as usize == number => {
                let map = part(&table.maps, map);
                let these = (0u32..).zip(map).filter(|(_, class)| **class != NONE).map(|(member, _)| member).collect();
                good = Some(good.map_or_else(|| BTreeSet::clone(&these), |good| good.intersection(&these).copied().collect()));
            }
            _ if inputs(table, test).contains(&(number as u32)) => return None,
            _ => {}
        }
    }
    good.and_then(|good| good.first().copied())
}

/// The words of nodes below a decision's root, and the outcomes.
fn below(table: &OwnedTable, number: usize) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let (mut seen, mut ends) = (BTreeSet::new(), BTreeSet::new());
    let mut stack = vec![table.roots[number]];
    while let Some(word) = stack.pop() {
        if word & LEAF != 0 {
            ends.insert(word & !HEAD);
        } else if seen.insert(word) {
            let test = table.tests[(table.nodes[word as usize] & !HEAD) as usize];
            let first = word as usize + 1;
            stack.extend_from_slice(&table.nodes[first..first + classes(test) as usize]);
        }
    }
    (seen, ends)
}

/// The outcomes that a decision has, rising.
pub(super) fn outcomes(table: &OwnedTable, number: usize) -> BTreeSet<u32> {
    below(table, number).1
}

fn decision(table: &OwnedTable, number: usize) -> Result<Json, EmitError> {
    let it = &table.decisions[number];
    let (nodes, ends) = below(table, number);
    let tests: BTreeSet<u32> = nodes.iter().map(|node| table.nodes[*node as usize] & !HEAD).collect();
    let uses: BTreeSet<u32> = tests.iter().flat_map(|test| inputs(table, *test)).collect();
    let mut outcomes = Vec::new();
    for end in ends {
        let mut told = outcome(table, &it.domain, end)?;
        if let Json::Object(told) = &mut told {
            let rules = table.as_table().rules(table.outcomes[end as usize]);
            told.insert("rules".into(), json!(rules));
            told.insert("outcome".into(), json!(end));
        }
        outcomes.push(told);
    }
    Ok(json!({ "name": it.name, "title": it.title, "uses": uses, "outcomes": outcomes }))
}

/// An outcome as the wrapper tells it, without its rules.
pub(super) fn outcome(table: &OwnedTable, domain: &Domain, end: u32) -> Result<Json, EmitError> {
    let answer = table.outcomes[end as usize].answer;
    Ok(match table.outcome(answer, domain) {
        Outcome::Gap if answer == Answer::Gap => json!({ "kind": "gap" }),
        Outcome::Gap => return Err(EmitError::Malformed(format!("outcome {end} is no value of its decision"))),
        Outcome::Value(it) => json!({ "kind": "value", "value": value(table, domain, &it) }),
        Outcome::Conflict(all) => {
            let all: Vec<Json> = all.iter().map(|it| value(table, domain, it)).collect();
            json!({ "kind": "conflict", "values": all })
        }
    })
}

/// A value as JavaScript has it: numbers as text, so that no digit is lost; sets as names.
pub(super) fn value(table: &OwnedTable, domain: &Domain, it: &Value) -> Json {
    match (domain, it) {
        (_, Value::Bool(flag)) => json!(flag),
        (Domain::Set(id), Value::Set(set)) => {
            json!(set.iter().map(|member| text::member_name(table, id.index(), member)).collect::<Vec<_>>())
        }
        _ => json!(text::value(table, domain, it)),
    }
}
