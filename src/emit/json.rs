//! The table as JSON: the contract `lexport.table/1` of `docs/tables.md`, and its reader.
//!
//! The reader trusts nothing: another version, unknown or missing fields, a wrong hash (so: any change or truncation of what
//! the table says; white space is free), references out of range and malformed tables are refused.

use lexport_runtime::{Answer as Packed, Kind, Monomial, Outcome as Packaged, Span, Test as PackedTest};
use serde::{Deserialize, Serialize};

use super::artifact::Artifact;
use super::text::identifier;
use crate::diagram::{CheckVector, OwnedTable, TableDecision, TableInput, TableRule, set_words};
use crate::ir::{Domain, EnumDef, MemberSet, Value};

/// The version of the contract.
pub const SCHEMA: &str = "lexport.table/1";

/// Why a document is not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is not JSON of the right shape; where and what.
    Shape(String),
    /// It is of another version.
    Schema(String),
    /// Its hash is not that of its content.
    Hash,
    /// It refers to what is not there, or is malformed.
    Malformed(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadError::Shape(what) => write!(f, "not a table: {what}"),
            ReadError::Schema(schema) => write!(f, "a table of version {schema:?}; this reader knows {SCHEMA:?}"),
            ReadError::Hash => write!(f, "the table was altered: its hash does not fit its content"),
            ReadError::Malformed(what) => write!(f, "the table is malformed: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    hash: String,
    table: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    regime: String,
    title: String,
    source: String,
    readings: Vec<String>,
    dates: Option<(i64, i64)>,
    enums: Vec<EnumDef>,
    inputs: Vec<Input>,
    decisions: Vec<Decision>,
    rules: Vec<Rule>,
    tests: Vec<Test>,
    nodes: Vec<u32>,
    outcomes: Vec<Outcome>,
    vectors: Vec<Vector>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    domain: Domain,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    name: String,
    title: String,
    domain: Domain,
    root: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    title: String,
    cite: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Test {
    Flag { input: u32 },
    Member { input: u32, classes: u32, map: Vec<Option<u32>> },
    Interval { input: u32, classes: u32, thresholds: Vec<i64>, map: Vec<u32> },
    Has { input: u32, member: u32 },
    Same { a: u32, b: u32 },
    AtLeastZero { constant: String, monomials: Vec<Product> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    coefficient: String,
    factors: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    answer: Answer,
    rules: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Answer {
    Gap,
    Conflict(Vec<Answer>),
    Bool(bool),
    Member(u32),
    Set(MemberSet),
    Int(i64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    values: Vec<Value>,
    outcomes: Vec<u32>,
}

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

/// BLAKE3 of the body as compact JSON, fields in the order of the contract.
fn hash(body: &Body) -> Result<String, String> {
    let bytes = serde_json::to_vec(body).map_err(|error| error.to_string())?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

fn body(table: &OwnedTable) -> Body {
    let set = |span: Span| {
        let words = part(&table.words, span);
        let size = (words.len() * 64) as u32;
        // The exact size is that of the decision's enumeration; members alone carry the meaning.
        let has = |member: &u32| words[*member as usize / 64] >> (member % 64) & 1 == 1;
        MemberSet::of(size, (0..size).filter(has))
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
    });
    Body {
        regime: table.regime.clone(),
        title: table.title.clone(),
        source: table.source.clone(),
        readings: table.readings.clone(),
        dates: table.dates,
        enums: table.enums.clone(),
        inputs: table.inputs.iter().map(|it| Input { name: it.name.clone(), domain: it.domain.clone() }).collect(),
        decisions: decisions.collect(),
        rules: table
            .rules
            .iter()
            .map(|it| Rule { name: it.name.clone(), title: it.title.clone(), cite: it.cite.clone() })
            .collect(),
        tests: table.tests.iter().map(test).collect(),
        nodes: table.nodes.clone(),
        outcomes: table.outcomes.iter().map(outcome).collect(),
        vectors: table.vectors.iter().map(|it| Vector { values: it.values.clone(), outcomes: it.outcomes.clone() }).collect(),
    }
}

/// Reads a table back.
///
/// # Errors
/// [`ReadError`]: what is not exactly a table is none.
pub fn read_json(bytes: &[u8]) -> Result<OwnedTable, ReadError> {
    /// Only the version: so that another version is named as such, whatever else it has.
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let shape = |error: serde_json::Error| ReadError::Shape(error.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(shape)?;
    if head.schema != SCHEMA {
        return Err(ReadError::Schema(head.schema));
    }
    let document: Document = serde_json::from_slice(bytes).map_err(shape)?;
    if hash(&document.table).ok() != Some(document.hash) {
        return Err(ReadError::Hash);
    }
    table(document.table).map_err(ReadError::Malformed)
}

fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Result<Span, String> {
    let first = all.len();
    all.extend(more);
    let fits = |n: usize| u32::try_from(n).map_err(|_| "too large".to_owned());
    Ok(Span { first: fits(first)?, count: fits(all.len() - first)? })
}

fn table(body: Body) -> Result<OwnedTable, String> {
    for def in &body.enums {
        if def.headings.iter().any(|heading| heading.members.size() != def.size()) {
            return Err(format!("a heading of {}", def.name));
        }
    }
    let kind = |domain: &Domain| {
        let size = |id: &crate::ir::EnumId| {
            body.enums.get(id.index()).map(EnumDef::size).ok_or("an enumeration that is not there".to_owned())
        };
        Ok::<Kind, String>(match domain {
            Domain::Bool => Kind::Bool,
            Domain::Enum(id) => Kind::Enum(size(id)?),
            Domain::Set(id) => Kind::Set(size(id)?),
            Domain::Number(number) => Kind::Int(number.lo, number.hi),
            Domain::Date { lo, hi } => Kind::Int(*lo, *hi),
        })
    };
    let kinds: Vec<Kind> = body.inputs.iter().map(|input| kind(&input.domain)).collect::<Result<_, _>>()?;
    let decided: Vec<Kind> = body.decisions.iter().map(|it| kind(&it.domain)).collect::<Result<_, _>>()?;
    let mut out = OwnedTable {
        regime: body.regime,
        title: body.title,
        source: body.source,
        readings: body.readings,
        dates: body.dates,
        inputs: body.inputs.into_iter().map(|it| TableInput { name: it.name, domain: it.domain }).collect(),
        roots: body.decisions.iter().map(|it| it.root).collect(),
        decisions: body
            .decisions
            .into_iter()
            .map(|it| TableDecision { name: it.name, title: it.title, domain: it.domain })
            .collect(),
        rules: body.rules.into_iter().map(|it| TableRule { name: it.name, title: it.title, cite: it.cite }).collect(),
        enums: body.enums,
        kinds,
        tests: Vec::new(),
        maps: Vec::new(),
        thresholds: Vec::new(),
        monomials: Vec::new(),
        factors: Vec::new(),
        nodes: body.nodes,
        outcomes: Vec::new(),
        disagreements: Vec::new(),
        words: Vec::new(),
        carriers: Vec::new(),
        vectors: Vec::new(),
    };
    for test in body.tests {
        let test = self::test(&mut out, test)?;
        out.tests.push(test);
    }
    for outcome in body.outcomes {
        if outcome.rules.iter().any(|rule| *rule as usize >= out.rules.len()) {
            return Err("a rule that is not there".into());
        }
        let rules = span(&mut out.carriers, outcome.rules)?;
        let answer = match outcome.answer {
            Answer::Conflict(all) => {
                let all = all.into_iter().map(|one| plain(&mut out, one)).collect::<Result<Vec<_>, _>>()?;
                Packed::Conflict(span(&mut out.disagreements, all)?)
            }
            answer => plain(&mut out, answer)?,
        };
        out.outcomes.push(Packaged { answer, rules });
    }
    out.as_table().check().map_err(|error| format!("{error:?}"))?;
    for vector in body.vectors {
        let fits = vector.values.len() == out.kinds.len()
            && vector.outcomes.len() == decided.len()
            && vector.outcomes.iter().all(|outcome| (*outcome as usize) < out.outcomes.len())
            && vector.values.iter().zip(&out.kinds).all(|(value, kind)| match (value, kind) {
                (Value::Bool(_), Kind::Bool) => true,
                (Value::Member(member), Kind::Enum(size)) => member < size,
                (Value::Set(set), Kind::Set(size)) => set.size() == *size,
                (Value::Int(int), Kind::Int(lo, hi)) => lo <= int && int <= hi,
                _ => false,
            });
        if !fits {
            return Err("a check vector".into());
        }
        out.vectors.push(CheckVector { values: vector.values, outcomes: vector.outcomes });
    }
    Ok(out)
}

fn plain(out: &mut OwnedTable, answer: Answer) -> Result<Packed, String> {
    Ok(match answer {
        Answer::Gap => Packed::Gap,
        Answer::Conflict(_) => return Err("a conflict inside a conflict".into()),
        Answer::Bool(value) => Packed::Bool(value),
        Answer::Member(member) => Packed::Member(member),
        Answer::Int(int) => Packed::Int(int),
        Answer::Set(set) => Packed::Set(span(&mut out.words, set_words(&set))?),
    })
}

fn test(out: &mut OwnedTable, test: Test) -> Result<PackedTest, String> {
    let number = |text: &str| text.parse::<i128>().map_err(|_| format!("{text:?} is no whole number"));
    Ok(match test {
        Test::Flag { input } => PackedTest::Flag { input },
        Test::Has { input, member } => PackedTest::Has { input, member },
        Test::Same { a, b } => PackedTest::Same { a, b },
        Test::Member { input, classes, map } => {
            let map = map.into_iter().map(|class| class.unwrap_or(lexport_runtime::NONE));
            PackedTest::Member { input, classes, map: span(&mut out.maps, map)? }
        }
        Test::Interval { input, classes, thresholds, map } => {
            let thresholds = span(&mut out.thresholds, thresholds)?;
            PackedTest::Interval { input, classes, thresholds, map: span(&mut out.maps, map)? }
        }
        Test::AtLeastZero { constant, monomials } => {
            let mut products = Vec::new();
            for product in monomials {
                let coefficient = number(&product.coefficient)?;
                products.push(Monomial { coefficient, factors: span(&mut out.factors, product.factors)? });
            }
            PackedTest::AtLeastZero { monomials: span(&mut out.monomials, products)?, constant: number(&constant)? }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::testing::random_program;
    use crate::diagram::{Options, Specialise, build_table, prove_equal};
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
        let other = br#"{"schema":"lexport.table/2","new":1}"#;
        assert_eq!(read_json(other), Err(ReadError::Schema("lexport.table/2".into())));
        assert!(matches!(read_json(b"[[[["), Err(ReadError::Shape(_))));
    }
}
