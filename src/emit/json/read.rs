//! A document back to a table, in time and memory that are in proportion to its length.

use std::io::Write;

use lexport_runtime::{Answer as Packed, Test as PackedTest};
use lexport_runtime::{Kind, Monomial, Outcome as Packaged, Span};
use serde::Deserialize;

use super::shape::{Answer, Body, Document, Enumeration, Given, Members, Test};
use super::{SCHEMA, hash};
use crate::diagram::{CheckVector, OwnedTable, TableDecision, TableInput, TableRule, set_words};
use crate::emit::admit::{admit, kind};
use crate::emit::refusal::ReadError;
use crate::ir::{EnumDef, Heading, MemberSet, Value};

/// The words that the sets of a small document may have together; of a larger one as many more as it has bytes. A set is written as its members, so
/// that without a limit a few of them, over an enumeration that is written once, would take the square of the document's length.
const WORDS: usize = 1 << 22;

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
    let shape = |error: serde_json::Error| match error.is_eof() {
        true => ReadError::Cut(error.to_string()),
        false => ReadError::Shape(error.to_string()),
    };
    let head: Head = serde_json::from_slice(bytes).map_err(shape)?;
    if head.schema != SCHEMA {
        return Err(ReadError::Schema(head.schema));
    }
    let document: Document = serde_json::from_slice(bytes).map_err(shape)?;
    if hash(&document.table).ok().as_ref() != Some(&document.hash) {
        return Err(ReadError::Hash);
    }
    // The hash is that of what was understood; here what was understood is held against what is there.
    let mut same = Spelling { rest: bytes, text: false, escaped: false };
    let spelt = serde_json::to_writer(&mut same, &document).is_ok() && same.rest.iter().all(u8::is_ascii_whitespace);
    if !spelt {
        return Err(ReadError::Shape("fields or letters are not written as docs/tables.md has them".into()));
    }
    table(document.table, bytes.len()).map_err(ReadError::Malformed)
}

/// Takes compact JSON and goes through the same document with it, whose white space is free.
struct Spelling<'b> {
    rest: &'b [u8],
    text: bool,
    escaped: bool,
}

impl Write for Spelling<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            if !self.text {
                self.rest = self.rest.trim_ascii_start();
            }
            let Some((first, rest)) = self.rest.split_first().filter(|(first, _)| *first == byte) else {
                return Err(std::io::ErrorKind::InvalidData.into());
            };
            self.rest = rest;
            self.text ^= *first == b'"' && !self.escaped;
            self.escaped = self.text && *first == b'\\' && !self.escaped;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Makes sets, as long as there are words left for them.
struct Sets {
    words: usize,
}

impl Sets {
    fn set(&mut self, given: Members) -> Result<MemberSet, String> {
        let words = given.size.div_ceil(64) as usize;
        self.words = self.words.checked_sub(words).ok_or("its sets are too large for its length")?;
        let rising = given.members.iter().zip(given.members.iter().skip(1)).all(|(one, next)| one < next);
        if !rising || given.members.last().is_some_and(|last| *last >= given.size) {
            return Err("the members of a set do not rise, or go beyond its size".into());
        }
        Ok(MemberSet::of(given.size, given.members))
    }

    fn enumeration(&mut self, given: Enumeration) -> Result<EnumDef, String> {
        let headings = given.headings.into_iter();
        let headings = headings.map(|it| Ok(Heading { name: it.name, members: self.set(it.members)? }));
        let headings = headings.collect::<Result<_, String>>()?;
        Ok(EnumDef { name: given.name, members: given.members, ordered: given.ordered, headings })
    }

    fn value(&mut self, given: Given) -> Result<Value, String> {
        Ok(match given {
            Given::Bool(value) => Value::Bool(value),
            Given::Member(member) => Value::Member(member),
            Given::Set(set) => Value::Set(self.set(set)?),
            Given::Int(int) => Value::Int(int),
        })
    }
}

fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Result<Span, String> {
    let first = all.len();
    all.extend(more);
    let fits = |n: usize| u32::try_from(n).map_err(|_| "too large".to_owned());
    Ok(Span { first: fits(first)?, count: fits(all.len() - first)? })
}

/// The table of a document of so many bytes.
fn table(body: Body, length: usize) -> Result<OwnedTable, String> {
    let mut sets = Sets { words: WORDS.saturating_add(length) };
    let enums = body.enums.into_iter().map(|def| sets.enumeration(def)).collect::<Result<Vec<_>, String>>()?;
    let kinds: Vec<Kind> = body.inputs.iter().map(|input| kind(&enums, &input.domain)).collect::<Result<_, _>>()?;
    let mut out = OwnedTable {
        regime: body.regime,
        title: body.title,
        source: body.source,
        readings: body.readings,
        dates: body.dates,
        inputs: body.inputs.into_iter().map(|it| TableInput { name: it.name, title: it.title, domain: it.domain }).collect(),
        roots: body.decisions.iter().map(|it| it.root).collect(),
        decisions: body
            .decisions
            .into_iter()
            .map(|it| TableDecision { name: it.name, title: it.title, domain: it.domain, ask: it.ask })
            .collect(),
        rules: body.rules.into_iter().map(|it| TableRule { name: it.name, title: it.title, cite: it.cite }).collect(),
        enums,
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
        let rules = span(&mut out.carriers, outcome.rules)?;
        let answer = match outcome.answer {
            Answer::Conflict(all) => {
                let all = all.into_iter().map(|one| plain(&mut out, &mut sets, one)).collect::<Result<Vec<_>, _>>()?;
                Packed::Conflict(span(&mut out.disagreements, all)?)
            }
            answer => plain(&mut out, &mut sets, answer)?,
        };
        out.outcomes.push(Packaged { answer, rules });
    }
    for vector in body.vectors {
        let values = vector.values.into_iter().map(|value| sets.value(value)).collect::<Result<_, _>>()?;
        out.vectors.push(CheckVector { values, outcomes: vector.outcomes });
    }
    admit(&out)?;
    Ok(out)
}

fn plain(out: &mut OwnedTable, sets: &mut Sets, answer: Answer) -> Result<Packed, String> {
    Ok(match answer {
        Answer::Gap => Packed::Gap,
        Answer::Conflict(_) => return Err("a conflict inside a conflict".into()),
        Answer::Bool(value) => Packed::Bool(value),
        Answer::Member(member) => Packed::Member(member),
        Answer::Int(int) => Packed::Int(int),
        Answer::Set(set) if set.size % 64 == 0 => Packed::Set(span(&mut out.words, set_words(&sets.set(set)?))?),
        Answer::Set(_) => return Err("a set whose size is not that of its words".into()),
    })
}

fn test(out: &mut OwnedTable, test: Test) -> Result<PackedTest, String> {
    // One number has one spelling.
    let number = |text: &str| {
        let number = text.parse::<i128>().ok().filter(|number| number.to_string() == text);
        number.ok_or_else(|| format!("{text:?} is no whole number"))
    };
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
