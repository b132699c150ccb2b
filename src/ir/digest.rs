//! Digests of questions by content: two questions with the same digest have the same answer, whatever program they are asked of.
//!
//! In: a term of a program, which input differs (of a pair), which inputs are fixed. Out: 256 bits that depend on everything that the
//! readings look at and on nothing else: not on names of rules, titles, places, the order of the source, or rules that nothing in the
//! question leads to. A digest is made of the digests of the parts (Merkle 1987), each computed once.
//!
//! Why parts may be replaced by their digests: a term means a truth in each case, a rule whether it is effective, a decision its
//! outcome; each of these is a function of the meanings of its parts. That is so for every construct but one: "without a rule"
//! depends on *which* of two alike rules is taken out. So what is read without a rule has digests of its own, in which that rule is
//! marked where it stands.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Combine, DecisionId, Domain, InputId, MemberSet, OutcomeTest, Program, RuleId, Term, TermId, Value};

/// A digest.
pub type Digest = [u8; 32];

/// So many parts are read without some rule; a question that goes beyond is given no digest. (Each rule taken out is another
/// reading of all that is below.)
const WITHOUT: usize = 1 << 20;

/// Digests of the questions about one program as it is now.
pub struct Digests<'p> {
    program: &'p Program,
    inputs: Vec<Digest>,
    memo: FxHashMap<At, Digest>,
    /// Parts without a digest: they stand in a circle, or read two rules out.
    hopeless: FxHashSet<At>,
    without: usize,
    /// An input without any value: then there is no case at all, whatever is asked.
    no_case: bool,
}

impl std::fmt::Debug for Digests<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digests").field("known", &self.memo.len()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Term(TermId),
    /// That it is effective.
    Rule(RuleId),
    /// Its outcome.
    Decision(DecisionId),
}

/// Something, read in the whole program or without a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct At {
    what: What,
    without: Option<RuleId>,
}

impl<'p> Digests<'p> {
    /// Of the questions about a program.
    pub fn new(program: &'p Program) -> Self {
        // Inputs are told apart by their names; of several with one name by which of them it is.
        let mut named: BTreeMap<&str, u64> = BTreeMap::new();
        let mut inputs = Vec::with_capacity(program.inputs.len());
        for input in &program.inputs {
            let number = named.entry(&input.name).or_insert(0);
            let mut text = Text::new(b'i');
            text.bytes(input.name.as_bytes()).number(*number).domain(program, &input.domain);
            inputs.push(text.digest());
            *number += 1;
        }
        let empty = |domain: &Domain| match domain {
            Domain::Enum(id) => program.enumeration(*id).size() == 0,
            domain => domain.bounds().is_some_and(|(lo, hi)| lo > hi),
        };
        let no_case = program.inputs.iter().any(|input| empty(&input.domain));
        let (memo, hopeless) = (FxHashMap::default(), FxHashSet::default());
        Digests { program, inputs, memo, hopeless, without: 0, no_case }
    }

    /// The digest of a question: is there a case in which the term holds, or a pair of cases that differ in one input? `None` if it
    /// has none; then it has to be asked.
    pub fn question(&mut self, goal: TermId, pair: Option<InputId>, fixed: &[(InputId, Value)]) -> Option<Digest> {
        if self.no_case {
            return None;
        }
        let goal = self.of(At { what: What::Term(goal), without: None })?;
        let mut text = Text::new(b'q');
        text.digest_of(&goal).flag(pair.is_some());
        if let Some(input) = pair {
            text.digest_of(self.inputs.get(input.index())?);
        }
        // What is fixed may leave no case, whether the term reads it or not.
        text.number(fixed.len() as u64);
        for (input, value) in fixed {
            text.digest_of(self.inputs.get(input.index())?).value(value);
        }
        Some(text.digest())
    }

    fn of(&mut self, root: At) -> Option<Digest> {
        let mut stack = vec![(root, false)];
        let mut open: FxHashSet<At> = FxHashSet::default();
        while let Some((at, below)) = stack.pop() {
            if self.memo.contains_key(&at) {
                continue;
            }
            if below {
                open.remove(&at);
                let digest = self.made(at)?;
                self.memo.insert(at, digest);
                continue;
            }
            let parts = if self.hopeless.contains(&at) || !open.insert(at) { None } else { self.parts(at) };
            self.without += usize::from(at.without.is_some());
            let Some(parts) = parts.filter(|_| at.without.is_none() || self.without <= WITHOUT) else {
                // What led here has none either.
                self.hopeless.extend(open);
                self.hopeless.insert(at);
                return None;
            };
            stack.push((at, true));
            stack.extend(parts.into_iter().filter(|part| !self.memo.contains_key(part)).map(|part| (part, false)));
        }
        self.memo.get(&root).copied()
    }

    /// What a part is made of. `None` if it reads a rule out where another is out already: the readings do not agree what that means,
    /// and nobody asks it.
    fn parts(&self, at: At) -> Option<Vec<At>> {
        let program = self.program;
        let here = |what| At { what, without: at.without };
        let out = |rule: &RuleId| at.without == Some(*rule);
        Some(match at.what {
            What::Rule(rule) if out(&rule) => Vec::new(),
            What::Rule(rule) => {
                let rule = program.rules.get(rule.index())?;
                let over = rule.overridden_by.iter().map(|other| here(What::Rule(*other)));
                std::iter::once(here(What::Term(rule.applies))).chain(over).collect()
            }
            What::Decision(id) => program.decisions.get(id.index())?.rules.iter().map(|rule| here(What::Rule(*rule))).collect(),
            What::Term(id) if id.index() >= program.pool.len() => return None,
            What::Term(id) => match program.pool.get(id) {
                Term::Not(inner) | Term::Second(inner) => vec![here(What::Term(*inner))],
                Term::And(all) | Term::Or(all) => all.iter().map(|one| here(What::Term(*one))).collect(),
                Term::Applies(rule) if out(rule) => Vec::new(),
                Term::Applies(rule) => vec![here(What::Term(program.rules.get(rule.index())?.applies))],
                Term::Effective(rule) => vec![here(What::Rule(*rule))],
                Term::Outcome { decision, without, .. } => {
                    vec![At { what: What::Decision(*decision), without: outcome_without(at, *without)? }]
                }
                Term::SameOutcome(a, b) => vec![here(What::Decision(*a)), here(What::Decision(*b))],
                Term::True
                | Term::False
                | Term::Flag(_)
                | Term::Member { .. }
                | Term::Same(..)
                | Term::Has { .. }
                | Term::Within { .. }
                | Term::AtLeastZero(_) => Vec::new(),
            },
        })
    }

    /// The digest of a part whose parts have theirs.
    fn made(&self, at: At) -> Option<Digest> {
        let program = self.program;
        let known = |what| self.memo.get(&At { what, without: at.without });
        let input = |of: &InputId| self.inputs.get(of.index());
        let out = |rule: &RuleId| at.without == Some(*rule);
        let mut text;
        match at.what {
            What::Rule(rule) if out(&rule) => text = Text::new(b'-'),
            What::Rule(rule) => {
                let rule = program.rule(rule);
                text = Text::new(b'r');
                text.digest_of(known(What::Term(rule.applies))?);
                text.unordered(rule.overridden_by.iter().map(|other| known(What::Rule(*other)).copied()))?;
            }
            What::Decision(id) => {
                let decision = program.decision(id);
                text = Text::new(b'd');
                text.number(combine(&decision.combine)).domain(program, &decision.domain).flag(decision.default.is_some());
                if let Some(value) = &decision.default {
                    text.value(value);
                }
                let rules = decision.rules.iter().map(|rule| {
                    let mut one = Text::new(b'c');
                    one.digest_of(known(What::Rule(*rule))?);
                    let value = program.conclusion(*rule, id);
                    one.flag(value.is_some());
                    if let Some(value) = value {
                        one.value(value);
                    }
                    Some(one.digest())
                });
                // Only where the first wins does it matter which is the first.
                if decision.combine == Combine::First {
                    text.ordered(rules)?
                } else {
                    text.unordered(rules)?
                };
            }
            What::Term(id) => match program.pool.get(id) {
                Term::True => text = Text::new(b'1'),
                Term::False => text = Text::new(b'0'),
                Term::Not(inner) => {
                    text = Text::new(b'!');
                    text.digest_of(known(What::Term(*inner))?);
                }
                Term::Second(inner) => {
                    text = Text::new(b'2');
                    text.digest_of(known(What::Term(*inner))?);
                }
                Term::And(all) => {
                    text = Text::new(b'&');
                    text.unordered(all.iter().map(|one| known(What::Term(*one)).copied()))?;
                }
                Term::Or(all) => {
                    text = Text::new(b'|');
                    text.unordered(all.iter().map(|one| known(What::Term(*one)).copied()))?;
                }
                Term::Flag(of) => {
                    text = Text::new(b'f');
                    text.digest_of(input(of)?);
                }
                Term::Member { of, set } => {
                    text = Text::new(b'm');
                    text.digest_of(input(of)?).members(set);
                }
                Term::Same(a, b) => {
                    text = Text::new(b's');
                    text.unordered([input(a).copied(), input(b).copied()].into_iter())?;
                }
                Term::Has { of, member } => {
                    text = Text::new(b'h');
                    text.digest_of(input(of)?).number(u64::from(*member));
                }
                Term::Within { of, ranges } => {
                    text = Text::new(b'w');
                    text.digest_of(input(of)?).ranges(ranges.pairs());
                }
                Term::AtLeastZero(poly) => {
                    text = Text::new(b'p');
                    text.long(poly.constant);
                    let monomials = poly.monomials.iter().map(|(factors, coefficient)| {
                        let mut one = Text::new(b'*');
                        one.long(*coefficient).unordered(factors.iter().map(|factor| input(factor).copied()))?;
                        Some(one.digest())
                    });
                    text.unordered(monomials)?;
                }
                Term::Applies(rule) if out(rule) => text = Text::new(b'-'),
                Term::Applies(rule) => {
                    text = Text::new(b'a');
                    text.digest_of(known(What::Term(program.rule(*rule).applies))?);
                }
                Term::Effective(rule) => {
                    text = Text::new(b'e');
                    text.digest_of(known(What::Rule(*rule))?);
                }
                Term::Outcome { decision, without, test } => {
                    text = Text::new(b'o');
                    let read = At { what: What::Decision(*decision), without: outcome_without(at, *without)? };
                    text.digest_of(self.memo.get(&read)?).test(test);
                }
                Term::SameOutcome(a, b) => {
                    text = Text::new(b'=');
                    text.unordered([a, b].into_iter().map(|id| known(What::Decision(*id)).copied()))?;
                }
            },
        }
        Some(text.digest())
    }
}

/// Without which rule an outcome is read.
fn outcome_without(at: At, without: Option<RuleId>) -> Option<Option<RuleId>> {
    match (at.without, without) {
        (outer, None) => Some(outer),
        (None, some) => Some(some),
        (Some(a), Some(b)) if a == b => Some(Some(a)),
        _ => None,
    }
}

/// The ways to combine, as numbers.
pub(super) fn combine(combine: &Combine) -> u64 {
    match combine {
        Combine::ExactlyOne => 0,
        Combine::Strictest => 1,
        Combine::LeastStrict => 2,
        Combine::Sum => 3,
        Combine::All => 4,
        Combine::First => 5,
    }
}

/// What a digest is taken of. Every piece has a fixed length or begins with it, so no two contents are the same bytes.
pub(super) struct Text(Vec<u8>);

impl Text {
    pub fn new(kind: u8) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(kind);
        Text(bytes)
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn int(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn long(&mut self, number: i128) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn flag(&mut self, flag: bool) -> &mut Self {
        self.0.push(u8::from(flag));
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn digest_of(&mut self, digest: &Digest) -> &mut Self {
        self.0.extend_from_slice(digest);
        self
    }

    pub fn ordered(&mut self, digests: impl Iterator<Item = Option<Digest>>) -> Option<&mut Self> {
        let all: Vec<Digest> = digests.collect::<Option<_>>()?;
        self.number(all.len() as u64);
        self.0.extend(all.iter().flatten());
        Some(self)
    }

    /// Parts whose order means nothing: it is that of the arena, and the arena is left out.
    pub fn unordered(&mut self, digests: impl Iterator<Item = Option<Digest>>) -> Option<&mut Self> {
        let mut all: Vec<Digest> = digests.collect::<Option<_>>()?;
        all.sort_unstable();
        self.ordered(all.into_iter().map(Some))
    }

    pub fn members(&mut self, set: &MemberSet) -> &mut Self {
        self.number(u64::from(set.size())).number(u64::from(set.len()));
        for member in set.iter() {
            self.0.extend_from_slice(&member.to_le_bytes());
        }
        self
    }

    pub fn ranges(&mut self, pairs: &[(i64, i64)]) -> &mut Self {
        self.number(pairs.len() as u64);
        for (lo, hi) in pairs {
            self.int(*lo).int(*hi);
        }
        self
    }

    /// What values there are; how they are called and written is no part of a question.
    pub fn domain(&mut self, program: &Program, domain: &Domain) -> &mut Self {
        let size = |id: &super::EnumId| u64::from(program.enumeration(*id).size());
        match domain {
            Domain::Bool => self.number(0),
            Domain::Enum(id) => self.number(1).number(size(id)),
            Domain::Set(id) => self.number(2).number(size(id)),
            Domain::Number(number) => self.number(3).int(number.lo).int(number.hi),
            Domain::Date { lo, hi } => self.number(4).int(*lo).int(*hi),
        }
    }

    /// The same, with which enumeration it is.
    pub fn exact_domain(&mut self, program: &Program, domain: &Domain) -> &mut Self {
        self.domain(program, domain);
        match domain {
            Domain::Enum(id) | Domain::Set(id) => self.number(u64::from(id.0)),
            _ => self,
        }
    }

    pub fn numbers(&mut self, numbers: impl ExactSizeIterator<Item = u64>) -> &mut Self {
        self.number(numbers.len() as u64);
        for number in numbers {
            self.number(number);
        }
        self
    }

    pub fn value(&mut self, value: &Value) -> &mut Self {
        match value {
            Value::Bool(value) => self.number(0).flag(*value),
            Value::Member(member) => self.number(1).number(u64::from(*member)),
            Value::Set(set) => self.number(2).members(set),
            Value::Int(int) => self.number(3).int(*int),
        }
    }

    pub fn test(&mut self, test: &OutcomeTest) -> &mut Self {
        match test {
            OutcomeTest::Gap => self.number(0),
            OutcomeTest::Conflict => self.number(1),
            OutcomeTest::Members(set) => self.number(2).members(set),
            OutcomeTest::Has(member) => self.number(3).number(u64::from(*member)),
            OutcomeTest::Within(ranges) => self.number(4).ranges(ranges.pairs()),
        }
    }

    pub fn digest(&self) -> Digest {
        *blake3::hash(&self.0).as_bytes()
    }
}
