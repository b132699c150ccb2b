//! A table as the bytes of its binary form.

use lexport_runtime::{Answer, Kind, Span, Test};

use super::layout::{BLOCK, FRONT, HASH, MAGIC, SECTIONS, Section, VERSION, WIDTHS, answer, domain, front_hash, next, test};
use crate::diagram::{OwnedTable, set_words};
use crate::emit::artifact::Artifact;
use crate::emit::text::identifier;
use crate::ir::{Domain, Value};

/// The table as one file, `NAME.lxt`.
///
/// # Errors
/// Text if a section would have more than 2³² entries.
pub fn binary(table: &OwnedTable) -> Result<Artifact, String> {
    let mut sections: [Vec<u8>; SECTIONS] = Default::default();
    let mut put = Put(&mut sections);
    put.hot(table);
    put.cold(table)?;
    let bytes = file(&sections)?;
    Ok(Artifact { path: format!("{}.lxt", identifier(&table.regime)), bytes })
}

/// Header, section table and sections, one behind the other.
fn file(sections: &[Vec<u8>; SECTIONS]) -> Result<Vec<u8>, String> {
    let mut out = vec![0; FRONT];
    for (at, (section, width)) in sections.iter().zip(WIDTHS).enumerate() {
        let count = section.len() / width;
        if count as u64 > 1 << 32 {
            return Err(format!("section {} would have {count} entries", at + 1));
        }
        out.resize(next(out.len()).ok_or("too large")?, 0);
        let offset = out.len();
        out.extend_from_slice(section);
        let entry = &mut out[BLOCK * (at + 1)..][..BLOCK];
        entry[..4].copy_from_slice(&(at as u32 + 1).to_le_bytes());
        entry[4..8].copy_from_slice(&(width as u32).to_le_bytes());
        entry[8..16].copy_from_slice(&(offset as u64).to_le_bytes());
        entry[16..24].copy_from_slice(&(count as u64).to_le_bytes());
        entry[HASH..].copy_from_slice(blake3::hash(section).as_bytes());
    }
    let length = out.len() as u64;
    out[..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&(SECTIONS as u32).to_le_bytes());
    out[16..24].copy_from_slice(&length.to_le_bytes());
    let hash = front_hash(&out[..FRONT]);
    out[HASH..BLOCK].copy_from_slice(hash.as_bytes());
    Ok(out)
}

struct Put<'s>(&'s mut [Vec<u8>; SECTIONS]);

impl Put<'_> {
    fn u32(&mut self, section: Section, words: impl IntoIterator<Item = u32>) {
        words.into_iter().for_each(|word| self.0[section as usize].extend_from_slice(&word.to_le_bytes()));
    }

    fn i64(&mut self, section: Section, words: impl IntoIterator<Item = i64>) {
        words.into_iter().for_each(|word| self.0[section as usize].extend_from_slice(&word.to_le_bytes()));
    }

    fn u64(&mut self, section: Section, words: impl IntoIterator<Item = u64>) {
        words.into_iter().for_each(|word| self.0[section as usize].extend_from_slice(&word.to_le_bytes()));
    }

    fn i128(&mut self, section: Section, number: i128) {
        self.0[section as usize].extend_from_slice(&number.to_le_bytes());
    }

    fn string(&mut self, text: &str) {
        self.0[Section::Text as usize].extend_from_slice(text.as_bytes());
        let end = self.0[Section::Text as usize].len() as u64;
        self.u64(Section::Strings, [end]);
    }

    fn answer(&mut self, section: Section, given: Answer) {
        let span = |span: Span| (u64::from(span.first) | u64::from(span.count) << 32).cast_signed();
        let (kind, value) = match given {
            Answer::Gap => (answer::GAP, 0),
            Answer::Conflict(values) => (answer::CONFLICT, span(values)),
            Answer::Bool(value) => (answer::BOOL, i64::from(value)),
            Answer::Member(member) => (answer::MEMBER, i64::from(member)),
            Answer::Set(words) => (answer::SET, span(words)),
            Answer::Int(int) => (answer::INT, int),
        };
        self.u32(section, [kind, 0]);
        self.i64(section, [value]);
    }

    fn test(&mut self, given: Test) {
        let none = Span::default();
        let (words, run, map, constant) = match given {
            Test::Flag { input } => ([test::FLAG, input, 0, 2], none, none, 0),
            Test::Member { input, classes, map } => ([test::MEMBER, input, 0, classes], none, map, 0),
            Test::Interval { input, classes, thresholds, map } => ([test::INTERVAL, input, 0, classes], thresholds, map, 0),
            Test::Has { input, member } => ([test::HAS, input, member, 2], none, none, 0),
            Test::Same { a, b } => ([test::SAME, a, b, 2], none, none, 0),
            Test::AtLeastZero { monomials, constant } => ([test::AT_LEAST_ZERO, 0, 0, 2], monomials, none, constant),
        };
        self.u32(Section::Tests, words);
        self.u32(Section::Tests, [run.first, run.count, map.first, map.count]);
        self.i128(Section::Tests, constant);
    }

    fn domain(&mut self, given: &Domain) {
        let (kind, of, lo, hi, mantissa, scale) = match given {
            Domain::Bool => (domain::BOOL, 0, 0, 0, 0, 0),
            Domain::Enum(of) => (domain::ENUM, of.0, 0, 0, 0, 0),
            Domain::Set(of) => (domain::SET, of.0, 0, 0, 0, 0),
            Domain::Number(it) => (domain::NUMBER, 0, it.lo, it.hi, it.step.mantissa, it.step.scale),
            Domain::Date { lo, hi } => (domain::DATE, 0, *lo, *hi, 0, 0),
        };
        self.u32(Section::Domains, [kind, of]);
        self.i64(Section::Domains, [lo, hi, mantissa]);
        self.u32(Section::Domains, [scale, 0]);
    }

    /// What deciding needs.
    fn hot(&mut self, table: &OwnedTable) {
        for (kind, input) in table.kinds.iter().zip(&table.inputs) {
            let (number, members, lo, hi) = match *kind {
                Kind::Bool => (domain::BOOL, 0, 0, 0),
                Kind::Enum(size) => (domain::ENUM, size, 0, 0),
                Kind::Set(size) => (domain::SET, size, 0, 0),
                Kind::Int(lo, hi) if matches!(input.domain, Domain::Date { .. }) => (domain::DATE, 0, lo, hi),
                Kind::Int(lo, hi) => (domain::NUMBER, 0, lo, hi),
            };
            self.u32(Section::Inputs, [number, members]);
            self.i64(Section::Inputs, [lo, hi]);
        }
        table.tests.iter().for_each(|test| self.test(*test));
        self.u32(Section::Maps, table.maps.iter().copied());
        self.i64(Section::Thresholds, table.thresholds.iter().copied());
        for monomial in &table.monomials {
            self.i128(Section::Monomials, monomial.coefficient);
            self.u32(Section::Monomials, [monomial.factors.first, monomial.factors.count]);
        }
        self.u32(Section::Factors, table.factors.iter().copied());
        self.u32(Section::Roots, table.roots.iter().copied());
        self.u32(Section::Nodes, table.nodes.iter().copied());
        for outcome in &table.outcomes {
            self.answer(Section::Outcomes, outcome.answer);
            self.u32(Section::Outcomes, [outcome.rules.first, outcome.rules.count]);
        }
        table.disagreements.iter().for_each(|value| self.answer(Section::Disagreements, *value));
        self.u64(Section::Words, table.words.iter().copied());
        self.u32(Section::Carriers, table.carriers.iter().copied());
    }

    /// What people and the reader's own doubts need.
    fn cold(&mut self, table: &OwnedTable) -> Result<(), String> {
        if table.inputs.is_empty() && table.roots.is_empty() && !table.vectors.is_empty() {
            return Err("check vectors of a table without inputs and decisions".into());
        }
        let (first, last) = table.dates.unwrap_or((0, 0));
        let counts = [table.readings.len(), table.rules.len(), table.vectors.len()].map(|count| count as i64);
        self.i64(Section::About, [i64::from(table.dates.is_some()), first, last]);
        self.i64(Section::About, counts);
        [&table.regime, &table.title, &table.source].into_iter().chain(&table.readings).for_each(|text| self.string(text));
        for def in &table.enums {
            self.u32(Section::Enums, [def.size(), u32::from(def.ordered), def.headings.len() as u32, 0]);
            self.string(&def.name);
            for member in &def.members {
                self.string(&member.name);
                self.string(&member.label);
            }
            for heading in &def.headings {
                self.string(&heading.name);
                self.u64(Section::Headings, set_words(&heading.members));
            }
        }
        let unit = |domain: &Domain| if let Domain::Number(number) = domain { number.unit.clone() } else { String::new() };
        for input in &table.inputs {
            self.domain(&input.domain);
            self.string(&input.name);
            self.string(&input.title);
            self.string(&unit(&input.domain));
        }
        for decision in &table.decisions {
            self.domain(&decision.domain);
            self.string(&decision.name);
            self.string(&decision.title);
            self.string(&unit(&decision.domain));
            self.u32(Section::Ask, [decision.ask.len() as u32]);
            self.u32(Section::Ask, decision.ask.iter().copied());
        }
        for rule in &table.rules {
            [&rule.name, &rule.title, &rule.cite].into_iter().for_each(|text| self.string(text));
        }
        for vector in &table.vectors {
            for value in &vector.values {
                match value {
                    Value::Bool(value) => self.i64(Section::Values, [i64::from(*value)]),
                    Value::Member(member) => self.i64(Section::Values, [i64::from(*member)]),
                    Value::Int(int) => self.i64(Section::Values, [*int]),
                    Value::Set(set) => self.u64(Section::Values, set_words(set)),
                }
            }
            self.u32(Section::Vectors, vector.outcomes.iter().copied());
        }
        Ok(())
    }
}
