//! The table as JSON: the contract `lexport.table/2` of `docs/tables.md`, its writer and its reader.
//!
//! The reader trusts nothing: another version, unknown or missing fields, a wrong hash, another spelling than that of the page (white space is free),
//! references out of range and tables that are not sound are refused.

mod read;
mod shape;

use lexport_runtime::{Answer as Packed, Monomial, Outcome as Packaged, Span, Test as PackedTest};

use super::artifact::Artifact;
use super::text::identifier;
use crate::diagram::OwnedTable;
use crate::ir::{MemberSet, Value};
use shape::{
    Answer, Body, Decision, Document, Enumeration, Given, Heading, Input, Members, Outcome, Product, Rule, Test, Vector,
};

pub use read::read_json;

/// The version of the contract.
pub const SCHEMA: &str = "lexport.table/2";

fn part<T>(all: &[T], span: Span) -> &[T] {
    all.get(span.first as usize..(span.first + span.count) as usize).unwrap_or(&[])
}

/// The table as one JSON document.
///
/// # Errors
/// Text if the table cannot be serialised, which a well-formed one always can.
pub fn json(table: &OwnedTable) -> Result<Artifact, String> {
    let body = body(table);
    let hash = hash(&body)?;
    let document = Document { schema: SCHEMA.into(), hash, table: body };
    let mut bytes = serde_json::to_vec(&document).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(Artifact { path: format!("{}.table.json", identifier(&table.regime)), bytes })
}

/// The hash of the contract, by which other forms of the same table say whose they are.
///
/// # Errors
/// As [`json`].
pub(super) fn table_hash(table: &OwnedTable) -> Result<String, String> {
    hash(&body(table))
}

/// BLAKE3 of the body as compact JSON, fields in the order of the contract.
fn hash(body: &Body) -> Result<String, String> {
    let mut hasher = std::io::BufWriter::with_capacity(1 << 16, blake3::Hasher::new());
    serde_json::to_writer(&mut hasher, body).map_err(|error| error.to_string())?;
    let hasher = hasher.into_inner().map_err(|error| error.to_string())?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn body(table: &OwnedTable) -> Body {
    let set = |span: Span| {
        let words = part(&table.words, span);
        let size = (words.len() * 64) as u32;
        // The exact size is that of the decision's enumeration; members alone carry the meaning.
        let has = |member: &u32| words[*member as usize / 64] >> (member % 64) & 1 == 1;
        Members { size, members: (0..size).filter(has).collect() }
    };
    let members = |set: &MemberSet| Members { size: set.size(), members: set.iter().collect() };
    let given = |value: &Value| match value {
        Value::Bool(value) => Given::Bool(*value),
        Value::Member(member) => Given::Member(*member),
        Value::Set(set) => Given::Set(members(set)),
        Value::Int(int) => Given::Int(*int),
    };
    let enumeration = |def: &crate::ir::EnumDef| Enumeration {
        name: def.name.clone(),
        members: def.members.clone(),
        ordered: def.ordered,
        headings: def.headings.iter().map(|it| Heading { name: it.name.clone(), members: members(&it.members) }).collect(),
    };
    let vector = |it: &crate::diagram::CheckVector| Vector {
        values: it.values.iter().map(given).collect(),
        outcomes: it.outcomes.clone(),
    };
    let plain = |answer: Packed| match answer {
        Packed::Gap | Packed::Conflict(_) => Answer::Gap,
        Packed::Bool(value) => Answer::Bool(value),
        Packed::Member(member) => Answer::Member(member),
        Packed::Int(int) => Answer::Int(int),
        Packed::Set(span) => Answer::Set(set(span)),
    };
    let test = |test: &PackedTest| match *test {
        PackedTest::Flag { input } => Test::Flag { input },
        PackedTest::Has { input, member } => Test::Has { input, member },
        PackedTest::Same { a, b } => Test::Same { a, b },
        PackedTest::Member { input, classes, map } => {
            let map = part(&table.maps, map).iter().map(|class| (*class < classes).then_some(*class)).collect();
            Test::Member { input, classes, map }
        }
        PackedTest::Interval { input, classes, thresholds, map } => {
            let (thresholds, map) = (part(&table.thresholds, thresholds).to_vec(), part(&table.maps, map).to_vec());
            Test::Interval { input, classes, thresholds, map }
        }
        PackedTest::AtLeastZero { monomials, constant } => {
            let product = |it: &Monomial| {
                let factors = part(&table.factors, it.factors).to_vec();
                Product { coefficient: it.coefficient.to_string(), factors }
            };
            let monomials = part(&table.monomials, monomials).iter().map(product).collect();
            Test::AtLeastZero { constant: constant.to_string(), monomials }
        }
    };
    let outcome = |row: &Packaged| {
        let answer = match row.answer {
            Packed::Conflict(span) => Answer::Conflict(part(&table.disagreements, span).iter().map(|one| plain(*one)).collect()),
            answer => plain(answer),
        };
        Outcome { answer, rules: part(&table.carriers, row.rules).to_vec() }
    };
    let decisions = table.decisions.iter().zip(&table.roots).map(|(it, root)| Decision {
        name: it.name.clone(),
        title: it.title.clone(),
        domain: it.domain.clone(),
        root: *root,
        ask: it.ask.clone(),
    });
    Body {
        regime: table.regime.clone(),
        title: table.title.clone(),
        source: table.source.clone(),
        readings: table.readings.clone(),
        dates: table.dates,
        enums: table.enums.iter().map(enumeration).collect(),
        inputs: table
            .inputs
            .iter()
            .map(|it| Input { name: it.name.clone(), title: it.title.clone(), domain: it.domain.clone() })
            .collect(),
        decisions: decisions.collect(),
        rules: table
            .rules
            .iter()
            .map(|it| Rule { name: it.name.clone(), title: it.title.clone(), cite: it.cite.clone() })
            .collect(),
        tests: table.tests.iter().map(test).collect(),
        nodes: table.nodes.clone(),
        outcomes: table.outcomes.iter().map(outcome).collect(),
        vectors: table.vectors.iter().map(vector).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::testing::random_program;
    use crate::diagram::{Options, Specialise, build_table, prove_equal};
    use crate::emit::ReadError;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn what_is_written_is_read_back(seed in any::<u64>(), at in any::<usize>(), bit in 0u8..8) {
            let program = random_program(seed);
            let table = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
            let bytes = json(&table).unwrap().bytes;
            let back = read_json(&bytes).unwrap();
            prop_assert_eq!(&back, &table);
            prop_assert_eq!(prove_equal(&program, &back, &Options::default()), Ok(()));
            // Any bit that is turned, and any byte that is cut off, is noticed (or is white space at the end).
            let mut altered = bytes.clone();
            let at = at % (bytes.len() - 1);
            altered[at] ^= 1 << bit;
            prop_assert!(read_json(&altered).is_err());
            prop_assert!(read_json(&bytes[..at]).is_err());
        }
    }

    #[test]
    fn other_versions_are_named() {
        let other = br#"{"schema":"lexport.table/1","new":1}"#;
        assert_eq!(read_json(other), Err(ReadError::Schema("lexport.table/1".into())));
        assert!(matches!(read_json(b"[[[["), Err(ReadError::Shape(_))));
    }
}
