//! The bytes of a table as the whole of it: also names, domains, rules, citations and check vectors.

use super::layout::{SECTIONS, Section, domain};
use super::view::{View, i64_at, malformed, u32_at, u64_at};
use crate::diagram::{CheckVector, OwnedTable, TableDecision, TableInput, TableRule};
use crate::emit::admit::admit;
use crate::emit::refusal::ReadError;
use crate::ir::{Decimal, Domain, EnumDef, EnumId, Heading, Member, MemberSet, NumberDomain, Value};
use lexport_runtime::Kind;

/// Reads a table in binary form.
///
/// # Errors
/// [`ReadError`]: what is not exactly a table is none.
pub fn read_binary(bytes: &[u8]) -> Result<OwnedTable, ReadError> {
    View::open(bytes)?.whole()
}

impl View<'_> {
    /// The whole table, every section held against its hash.
    ///
    /// # Errors
    /// [`ReadError`]: altered, or malformed.
    pub fn whole(&self) -> Result<OwnedTable, ReadError> {
        self.unaltered(0..SECTIONS)?;
        let hot = self.hot()?;
        let about: Vec<i64> = self.section(Section::About).chunks_exact(8).map(|word| i64_at(word, 0)).collect();
        let &[dated, first, last, readings, rules, vectors] = about.as_slice() else { return malformed("the section about") };
        let dates = match (dated, first, last) {
            (0, 0, 0) => None,
            (1, first, last) => Some((first, last)),
            _ => return malformed("the dates"),
        };
        let mut strings = Strings::new(self)?;
        let [regime, title, source] = [strings.next()?, strings.next()?, strings.next()?];
        let readings = strings.several(readings, Strings::next)?;
        let enums = self.enums(&mut strings)?;
        let inputs = hot.kinds.len();
        let mut domains = self.section(Section::Domains).chunks_exact(40);
        if domains.len() != inputs + hot.roots.len() {
            return malformed("as many domains as inputs and decisions");
        }
        let mut of = |unit: String| {
            let wrong = ReadError::Malformed("a domain".into());
            domains.next().and_then(|entry| domain(entry, unit)).ok_or(wrong)
        };
        let mut all_inputs = Vec::with_capacity(inputs);
        for kind in self.section(Section::Inputs).chunks_exact(24) {
            let (name, title) = (strings.next()?, strings.next()?);
            let domain = of(strings.next()?)?;
            if kind_number(&domain) != u32_at(kind, 0) {
                return malformed(format!("the domain of {name}"));
            }
            all_inputs.push(TableInput { name, title, domain });
        }
        let mut decisions = Vec::with_capacity(hot.roots.len());
        let mut asked = self.section(Section::Ask).chunks_exact(4).map(|word| u32_at(word, 0));
        for _ in 0..hot.roots.len() {
            let (name, title) = (strings.next()?, strings.next()?);
            let domain = of(strings.next()?)?;
            // No more than are there, whatever is said of their number.
            let count = asked.next().map(|count| count as usize).filter(|count| *count <= asked.len());
            let Some(count) = count else { return malformed(format!("what to ask for {name}")) };
            decisions.push(TableDecision { name, title, domain, ask: asked.by_ref().take(count).collect() });
        }
        if asked.next().is_some() {
            return malformed("inputs to ask for that no decision has");
        }
        let rules = strings
            .several(rules, |strings| Ok(TableRule { name: strings.next()?, title: strings.next()?, cite: strings.next()? }))?;
        strings.done()?;
        let vectors = self.vectors(&hot.kinds, hot.roots.len(), vectors)?;
        let table = OwnedTable {
            regime,
            title,
            source,
            readings,
            dates,
            enums,
            inputs: all_inputs,
            decisions,
            rules,
            kinds: hot.kinds,
            tests: hot.tests,
            maps: hot.maps.into_owned(),
            thresholds: hot.thresholds.into_owned(),
            monomials: hot.monomials,
            factors: hot.factors.into_owned(),
            roots: hot.roots.into_owned(),
            nodes: hot.nodes.into_owned(),
            outcomes: hot.outcomes,
            disagreements: hot.disagreements,
            words: hot.words.into_owned(),
            carriers: hot.carriers.into_owned(),
            vectors,
        };
        admit(&table).map_err(ReadError::Malformed)?;
        Ok(table)
    }

    fn enums(&self, strings: &mut Strings<'_>) -> Result<Vec<EnumDef>, ReadError> {
        let mut words = self.section(Section::Headings).chunks_exact(8).map(|word| u64_at(word, 0));
        let mut enums = Vec::with_capacity(self.count(Section::Enums));
        for entry in self.section(Section::Enums).chunks_exact(16) {
            let [size, ordered, headings, none] = [0, 4, 8, 12].map(|at| u32_at(entry, at));
            if ordered > 1 || none != 0 {
                return malformed("an enumeration");
            }
            let name = strings.next()?;
            let member = |strings: &mut Strings<'_>| Ok(Member { name: strings.next()?, label: strings.next()? });
            let members = strings.several(i64::from(size), member)?;
            let headings = strings.several(i64::from(headings), |strings| {
                let name = strings.next()?;
                Ok(Heading { name, members: set(&mut words, size).ok_or(ReadError::Malformed("a heading".into()))? })
            })?;
            enums.push(EnumDef { name, members, ordered: ordered == 1, headings });
        }
        if words.next().is_some() { malformed("headings that no enumeration has") } else { Ok(enums) }
    }

    fn vectors(&self, kinds: &[Kind], decisions: usize, count: i64) -> Result<Vec<CheckVector>, ReadError> {
        let wrong = || ReadError::Malformed("as many check vectors as are said to be there".into());
        let width = |kind: &Kind| if let Kind::Set(size) = kind { size.div_ceil(64) as usize } else { 1 };
        let row = kinds.iter().map(width).try_fold(0usize, usize::checked_add).ok_or_else(wrong)?;
        let count = usize::try_from(count).map_err(|_| wrong())?;
        let sections = (Some(self.count(Section::Values)), Some(self.count(Section::Vectors)));
        // Without inputs and decisions a vector has no bytes: then a file could claim any number of them.
        if (count.checked_mul(row), count.checked_mul(decisions)) != sections || (count > 0 && row + decisions == 0) {
            return Err(wrong());
        }
        let mut words = self.section(Section::Values).chunks_exact(8).map(|word| u64_at(word, 0));
        let mut outcomes = self.section(Section::Vectors).chunks_exact(4).map(|word| u32_at(word, 0));
        let mut vectors = Vec::with_capacity(count);
        for _ in 0..count {
            let mut values = Vec::with_capacity(kinds.len());
            for kind in kinds {
                let value = match kind {
                    Kind::Set(size) => set(&mut words, *size).map(Value::Set),
                    _ => words.next().and_then(|word| match kind {
                        Kind::Bool => (word <= 1).then_some(Value::Bool(word == 1)),
                        Kind::Enum(_) => u32::try_from(word).ok().map(Value::Member),
                        _ => Some(Value::Int(word.cast_signed())),
                    }),
                };
                values.push(value.ok_or(ReadError::Malformed("a check vector".into()))?);
            }
            vectors.push(CheckVector { values, outcomes: outcomes.by_ref().take(decisions).collect() });
        }
        Ok(vectors)
    }
}

/// A set of its words, if it has no member beyond its enumeration.
fn set(words: &mut impl Iterator<Item = u64>, size: u32) -> Option<MemberSet> {
    let mut members = Vec::new();
    for at in 0..size.div_ceil(64) {
        let mut word = words.next()?;
        while word != 0 {
            members.push(at * 64 + word.trailing_zeros());
            word &= word - 1;
        }
    }
    members.last().is_none_or(|last| *last < size).then(|| MemberSet::of(size, members))
}

fn kind_number(given: &Domain) -> u32 {
    match given {
        Domain::Bool => domain::BOOL,
        Domain::Enum(_) => domain::ENUM,
        Domain::Set(_) => domain::SET,
        Domain::Number(_) => domain::NUMBER,
        Domain::Date { .. } => domain::DATE,
    }
}

/// A domain, if the fields that it does not use are 0. Its bounds and members are compared with those of the input by [`admit`].
fn domain(entry: &[u8], unit: String) -> Option<Domain> {
    let (kind, of, scale) = (u32_at(entry, 0), u32_at(entry, 4), u32_at(entry, 32));
    let [lo, hi, mantissa] = [8, 16, 24].map(|at| i64_at(entry, at));
    let domain = match kind {
        domain::BOOL => Domain::Bool,
        domain::ENUM => Domain::Enum(EnumId(of)),
        domain::SET => Domain::Set(EnumId(of)),
        domain::NUMBER => Domain::Number(NumberDomain { unit: unit.clone(), step: Decimal { mantissa, scale }, lo, hi }),
        domain::DATE => Domain::Date { lo, hi },
        _ => return None,
    };
    let bounded = matches!(kind, domain::NUMBER | domain::DATE) || (lo, hi) == (0, 0);
    let named = matches!(kind, domain::ENUM | domain::SET) || of == 0;
    let measured = kind == domain::NUMBER || (mantissa == 0 && scale == 0 && unit.is_empty());
    (bounded && named && measured && u32_at(entry, 36) == 0).then_some(domain)
}

/// The strings, each taken once.
struct Strings<'a> {
    ends: std::slice::ChunksExact<'a, u8>,
    text: &'a str,
    at: usize,
}

impl<'a> Strings<'a> {
    fn new(view: &View<'a>) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(view.section(Section::Text)).or_else(|_| malformed("text that is not UTF-8"))?;
        Ok(Strings { ends: view.section(Section::Strings).chunks_exact(8), text, at: 0 })
    }

    fn next(&mut self) -> Result<String, ReadError> {
        let end = self.ends.next().and_then(|end| usize::try_from(u64_at(end, 0)).ok());
        let found = end.and_then(|end| Some((end, self.text.get(self.at..end)?)));
        let Some((end, text)) = found else { return malformed("a string that is not there") };
        self.at = end;
        Ok(text.to_owned())
    }

    /// As many as are claimed, if there can be so many: each has a string at least.
    fn several<T>(&mut self, count: i64, mut each: impl FnMut(&mut Self) -> Result<T, ReadError>) -> Result<Vec<T>, ReadError> {
        match usize::try_from(count).ok().filter(|count| *count <= self.ends.len()) {
            Some(count) => (0..count).map(|_| each(self)).collect(),
            None => malformed("more names than there are strings"),
        }
    }

    fn done(&self) -> Result<(), ReadError> {
        if self.ends.len() == 0 && self.at == self.text.len() { Ok(()) } else { malformed("text that nothing uses") }
    }
}
