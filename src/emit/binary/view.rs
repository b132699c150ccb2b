//! The bytes of a table seen as one: what deciding needs, where it lies.

use std::borrow::Cow;

use lexport_runtime::{Answer, Kind, Monomial, Outcome, Span, Table, Test};
use zerocopy::FromBytes;

use super::is_binary;
use super::layout::{BLOCK, FRONT, HASH, HOT, MAGIC, SECTIONS, Section, VERSION, WIDTHS, answer, domain, front_hash, next, test};
use crate::emit::refusal::ReadError;

/// Bytes whose header and section table are those of a table. The sections are held against their hashes when they are read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    sections: [&'a [u8]; SECTIONS],
    hashes: [[u8; 32]; SECTIONS],
}

/// What deciding needs: the large arrays lie in the bytes, where the machine and the alignment of the bytes allow it.
#[derive(Clone, Debug)]
pub struct Hot<'a> {
    pub(super) kinds: Vec<Kind>,
    pub(super) tests: Vec<Test>,
    pub(super) maps: Cow<'a, [u32]>,
    pub(super) thresholds: Cow<'a, [i64]>,
    pub(super) monomials: Vec<Monomial>,
    pub(super) factors: Cow<'a, [u32]>,
    pub(super) roots: Cow<'a, [u32]>,
    pub(super) nodes: Cow<'a, [u32]>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) disagreements: Vec<Answer>,
    pub(super) words: Cow<'a, [u64]>,
    pub(super) carriers: Cow<'a, [u32]>,
}

pub(super) fn malformed<T>(what: impl Into<String>) -> Result<T, ReadError> {
    Err(ReadError::Malformed(what.into()))
}

/// A number at a place in bytes that are known to be long enough.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes(bytes.try_into().unwrap_or_default()))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap_or_default()))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> i64 {
    u64_at(bytes, at).cast_signed()
}

fn i128_at(bytes: &[u8], at: usize) -> i128 {
    (u128::from(u64_at(bytes, at)) | u128::from(u64_at(bytes, at + 8)) << 64).cast_signed()
}

fn span_at(bytes: &[u8], at: usize) -> Span {
    Span { first: u32_at(bytes, at), count: u32_at(bytes, at + 4) }
}

/// Numbers where they lie; copied if they lie askew, or if the machine has its bytes the other way round.
fn lying<'a, T: FromBytes + zerocopy::Immutable + Copy>(bytes: &'a [u8], read: impl Fn(&[u8]) -> T) -> Cow<'a, [T]> {
    if cfg!(target_endian = "little")
        && let Ok(all) = <[T]>::ref_from_bytes(bytes)
    {
        return Cow::Borrowed(all);
    }
    Cow::Owned(bytes.chunks_exact(size_of::<T>()).map(read).collect())
}

/// Spans that follow one another through one section.
struct Follow(u32);

impl Follow {
    fn take(&mut self, span: Span, of: usize, what: &str) -> Result<Span, ReadError> {
        match span.first.checked_add(span.count) {
            Some(end) if span.first == self.0 && end as usize <= of => {
                self.0 = end;
                Ok(span)
            }
            _ => malformed(format!("a span of {what} that does not follow the one before it")),
        }
    }

    fn done(&self, of: usize, what: &str) -> Result<(), ReadError> {
        if self.0 as usize == of { Ok(()) } else { malformed(format!("entries of {what} that nothing uses")) }
    }
}

impl<'a> View<'a> {
    /// Looks at header, section table and padding.
    ///
    /// # Errors
    /// [`ReadError`]: bytes that are no table, of another version, cut short, or altered there.
    pub fn open(bytes: &'a [u8]) -> Result<View<'a>, ReadError> {
        if !is_binary(bytes) {
            return Err(ReadError::Shape("it does not begin as one".into()));
        }
        if bytes.len() < MAGIC.len() + 4 {
            return Err(ReadError::Cut(format!("{} bytes are there", bytes.len())));
        }
        let version = u32_at(bytes, 8);
        if version != VERSION {
            return Err(ReadError::Schema(format!("binary {version}")));
        }
        let length = u64_at(bytes, 16);
        if bytes.len() < FRONT || (bytes.len() as u64) < length {
            let whole = if bytes.len() < 24 { String::new() } else { format!(" of {length}") };
            return Err(ReadError::Cut(format!("{} bytes{whole} are there", bytes.len())));
        }
        let front = &bytes[..FRONT];
        if front[HASH..BLOCK] != *front_hash(front).as_bytes() || bytes.len() as u64 != length {
            return Err(ReadError::Hash);
        }
        let mut view = View { sections: [&[]; SECTIONS], hashes: [[0; 32]; SECTIONS] };
        if u32_at(front, 12) as usize != SECTIONS || u64_at(front, 24) != 0 {
            return malformed("the header");
        }
        let mut end = FRONT;
        for (at, (entry, width)) in front[BLOCK..].chunks_exact(BLOCK).zip(WIDTHS).enumerate() {
            let wrong = || ReadError::Malformed(format!("section {}: its entry in the section table", at + 1));
            let offset = next(end).ok_or_else(wrong)?;
            let named = (u32_at(entry, 0) as usize, u32_at(entry, 4) as usize, u64_at(entry, 8), u64_at(entry, 24));
            if named != (at + 1, width, offset as u64, 0) {
                return Err(wrong());
            }
            let count = usize::try_from(u64_at(entry, 16)).ok().filter(|count| *count as u64 <= 1 << 32).ok_or_else(wrong)?;
            let ends = count.checked_mul(width).and_then(|length| offset.checked_add(length)).ok_or_else(wrong)?;
            view.sections[at] = bytes.get(offset..ends).ok_or_else(wrong)?;
            view.hashes[at].copy_from_slice(&entry[HASH..]);
            if bytes[end..offset].iter().any(|byte| *byte != 0) {
                return Err(ReadError::Hash);
            }
            end = ends;
        }
        if end == bytes.len() { Ok(view) } else { malformed("bytes behind the last section") }
    }

    pub(super) fn section(&self, section: Section) -> &'a [u8] {
        self.sections[section as usize]
    }

    /// How many entries a section has.
    pub(super) fn count(&self, section: Section) -> usize {
        self.section(section).len() / WIDTHS[section as usize]
    }

    fn entries(&self, section: Section) -> std::slice::ChunksExact<'a, u8> {
        self.section(section).chunks_exact(WIDTHS[section as usize])
    }

    /// Holds sections against their hashes.
    pub(super) fn unaltered(&self, sections: std::ops::Range<usize>) -> Result<(), ReadError> {
        let fits = |at: usize| blake3::hash(self.sections[at]) == blake3::Hash::from_bytes(self.hashes[at]);
        if sections.into_iter().all(fits) { Ok(()) } else { Err(ReadError::Hash) }
    }

    /// What deciding needs, checked: afterwards no evaluation fails but for wrong inputs. The pages of names, citations and check vectors stay
    /// untouched.
    ///
    /// # Errors
    /// [`ReadError`]: altered, or malformed.
    pub fn hot(&self) -> Result<Hot<'a>, ReadError> {
        self.unaltered(0..HOT)?;
        let u32s = |section| lying(self.section(section), |bytes| u32_at(bytes, 0));
        let (disagreements, outcomes) = self.outcomes()?;
        let (tests, monomials) = self.tests()?;
        let hot = Hot {
            kinds: self.entries(Section::Inputs).map(kind).collect::<Result<_, _>>()?,
            tests,
            maps: u32s(Section::Maps),
            thresholds: lying(self.section(Section::Thresholds), |bytes| i64_at(bytes, 0)),
            monomials,
            factors: u32s(Section::Factors),
            roots: u32s(Section::Roots),
            nodes: u32s(Section::Nodes),
            outcomes,
            disagreements,
            words: lying(self.section(Section::Words), |bytes| u64_at(bytes, 0)),
            carriers: u32s(Section::Carriers),
        };
        hot.table().check().map_err(|error| ReadError::Malformed(format!("{error:?}")))?;
        Ok(hot)
    }

    fn tests(&self) -> Result<(Vec<Test>, Vec<Monomial>), ReadError> {
        let [maps, thresholds, factors] = [Section::Maps, Section::Thresholds, Section::Factors].map(|of| self.count(of));
        let (mut map_at, mut threshold_at, mut monomial_at, mut factor_at) = (Follow(0), Follow(0), Follow(0), Follow(0));
        let mut tests = Vec::with_capacity(self.count(Section::Tests));
        for (number, entry) in self.entries(Section::Tests).enumerate() {
            let wrong = || malformed(format!("test {number}: fields that contradict each other"));
            let [input, other, classes] = [4, 8, 12].map(|at| u32_at(entry, at));
            let (run, map, constant) = (span_at(entry, 16), span_at(entry, 24), i128_at(entry, 32));
            let none = Span::default();
            let given = match u32_at(entry, 0) {
                test::FLAG => Test::Flag { input },
                test::MEMBER => Test::Member { input, classes, map: map_at.take(map, maps, "maps")? },
                test::INTERVAL => Test::Interval {
                    input,
                    classes,
                    thresholds: threshold_at.take(run, thresholds, "thresholds")?,
                    map: map_at.take(map, maps, "maps")?,
                },
                test::HAS => Test::Has { input, member: other },
                test::SAME => Test::Same { a: input, b: other },
                test::AT_LEAST_ZERO => {
                    Test::AtLeastZero { monomials: monomial_at.take(run, self.count(Section::Monomials), "monomials")?, constant }
                }
                _ => return malformed(format!("test {number}: its kind")),
            };
            // What a test does not use is 0, so that a table has one form only.
            let good = match given {
                Test::Flag { .. } => (other, classes, run, map, constant) == (0, 2, none, none, 0),
                Test::Member { .. } => (other, run, constant) == (0, none, 0),
                Test::Interval { .. } => (other, constant) == (0, 0),
                Test::Has { .. } | Test::Same { .. } => (classes, run, map, constant) == (2, none, none, 0),
                Test::AtLeastZero { .. } => (input, other, classes, map) == (0, 0, 2, none),
            };
            if !good {
                return wrong();
            }
            tests.push(given);
        }
        map_at.done(maps, "maps")?;
        threshold_at.done(thresholds, "thresholds")?;
        monomial_at.done(self.count(Section::Monomials), "monomials")?;
        let monomials = self
            .entries(Section::Monomials)
            .map(|entry| {
                let factors = factor_at.take(span_at(entry, 16), factors, "factors")?;
                Ok(Monomial { coefficient: i128_at(entry, 0), factors })
            })
            .collect::<Result<_, ReadError>>()?;
        factor_at.done(factors, "factors")?;
        Ok((tests, monomials))
    }

    fn outcomes(&self) -> Result<(Vec<Answer>, Vec<Outcome>), ReadError> {
        let (words, values) = (self.count(Section::Words), self.count(Section::Disagreements));
        let carriers = self.count(Section::Carriers);
        let (mut word_at, mut value_at, mut rule_at) = (Follow(0), Follow(0), Follow(0));
        let mut disagreements = Vec::with_capacity(values);
        let mut plain = |entry: &[u8], number: usize| {
            let (kind, value, wrong) = (u32_at(entry, 0), i64_at(entry, 8), malformed(format!("outcome {number}: its answer")));
            let given = match (kind, value) {
                _ if u32_at(entry, 4) != 0 => return wrong,
                (answer::GAP, 0) => Answer::Gap,
                (answer::BOOL, 0 | 1) => Answer::Bool(value == 1),
                (answer::MEMBER, _) => match u32::try_from(value) {
                    Ok(member) => Answer::Member(member),
                    Err(_) => return wrong,
                },
                (answer::SET, _) => Answer::Set(word_at.take(span_at(entry, 8), words, "words")?),
                (answer::INT, _) => Answer::Int(value),
                _ => return wrong,
            };
            Ok(given)
        };
        let mut outcomes = Vec::with_capacity(self.count(Section::Outcomes));
        for (number, entry) in self.entries(Section::Outcomes).enumerate() {
            let rules = rule_at.take(span_at(entry, 16), carriers, "carriers")?;
            let answer = if (u32_at(entry, 0), u32_at(entry, 4)) == (answer::CONFLICT, 0) {
                let span = value_at.take(span_at(entry, 8), values, "disagreements")?;
                for value in self.entries(Section::Disagreements).skip(span.first as usize).take(span.count as usize) {
                    disagreements.push(plain(value, number)?);
                }
                Answer::Conflict(span)
            } else {
                plain(entry, number)?
            };
            outcomes.push(Outcome { answer, rules });
        }
        word_at.done(words, "words")?;
        value_at.done(values, "disagreements")?;
        rule_at.done(carriers, "carriers")?;
        Ok((disagreements, outcomes))
    }
}

fn kind(entry: &[u8]) -> Result<Kind, ReadError> {
    let (members, lo, hi) = (u32_at(entry, 4), i64_at(entry, 8), i64_at(entry, 16));
    match (u32_at(entry, 0), members, (lo, hi)) {
        (domain::BOOL, 0, (0, 0)) => Ok(Kind::Bool),
        (domain::ENUM, _, (0, 0)) => Ok(Kind::Enum(members)),
        (domain::SET, _, (0, 0)) => Ok(Kind::Set(members)),
        (domain::NUMBER | domain::DATE, 0, _) if lo <= hi => Ok(Kind::Int(lo, hi)),
        _ => malformed("an input"),
    }
}

impl Hot<'_> {
    /// The table.
    pub fn table(&self) -> Table<'_> {
        Table {
            inputs: &self.kinds,
            tests: &self.tests,
            maps: &self.maps,
            thresholds: &self.thresholds,
            monomials: &self.monomials,
            factors: &self.factors,
            roots: &self.roots,
            nodes: &self.nodes,
            outcomes: &self.outcomes,
            disagreements: &self.disagreements,
            words: &self.words,
            carriers: &self.carriers,
        }
    }

    /// Whether the large arrays lie in the bytes, and none was copied.
    pub fn lies_in_place(&self) -> bool {
        let borrowed = [&self.maps, &self.factors, &self.roots, &self.nodes, &self.carriers];
        borrowed.iter().all(|all| matches!(all, Cow::Borrowed(_)))
            && matches!(self.thresholds, Cow::Borrowed(_))
            && matches!(self.words, Cow::Borrowed(_))
    }
}
