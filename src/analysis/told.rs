//! How the outcomes of two decisions are told apart: outright, or near an amendment from the rules that can meet it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Combine, DecisionId, Domain, OutcomeTest, RuleId, TermId, Value};
use crate::words::{Sentence, say};

use super::amended::Part;
use super::lab::Lab;
use super::local::{self, Key};

/// Pairs of outcomes of one decision that are asked about one by one.
const PAIRS: usize = 1_024;

/// Rules of one decision whose part in a change is told apart.
const CARRYING: usize = 64;

/// How outcomes are told: outright, or from the rules that can meet what an amendment touches, and only there.
#[derive(Debug)]
pub struct Told {
    tables: Option<[BTreeMap<Key, TermId>; 2]>,
    /// The part of the cases in question.
    pub here: TermId,
    /// The rules that may carry an outcome, of both decisions.
    pub rules: [Vec<(RuleId, Value)>; 2],
}

impl Told {
    /// Outright: everywhere (or in a part of the cases), from all rules.
    pub fn outright(lab: &mut Lab<'_>, a: DecisionId, b: DecisionId, here: TermId) -> Self {
        let rules = [all(lab, a), all(lab, b)];
        Told { tables: None, here, rules }
    }

    /// Where some of these rules apply, from the rules near them.
    pub fn sliced(lab: &mut Lab<'_>, a: DecisionId, b: DecisionId, part: &Part) -> Self {
        let mut side = |id: DecisionId| {
            let mut rules = all(lab, id);
            rules.retain(|(rule, _)| part.near.contains(rule));
            let effective = rules.iter().map(|(rule, value)| (value.clone(), lab.program.builder().effective(*rule))).collect();
            Some((local::outcomes(lab, id, part.here, effective)?, rules))
        };
        match (side(a), side(b)) {
            (Some((old, old_rules)), Some((new, new_rules))) => {
                Told { tables: Some([old, new]), here: part.here, rules: [old_rules, new_rules] }
            }
            _ => Self::outright(lab, a, b, part.here),
        }
    }

    /// That one of the two decisions passes a test.
    pub fn test(&self, lab: &mut Lab<'_>, side: usize, decision: DecisionId, test: &OutcomeTest) -> TermId {
        let Some(tables) = &self.tables else { return lab.program.builder().outcome(decision, test.clone()) };
        let is_bool = matches!(lab.program.decision(decision).domain, Domain::Bool);
        let key = match test {
            OutcomeTest::Gap => Key::Fallback,
            OutcomeTest::Conflict => Key::Conflict,
            OutcomeTest::Has(member) => Key::Has(*member),
            OutcomeTest::Members(set) if is_bool => Key::Value(Value::Bool(set.contains(1))),
            OutcomeTest::Members(set) => Key::Value(Value::Member(set.first().unwrap_or(0))),
            OutcomeTest::Within(ranges) => Key::Value(Value::Int(ranges.first().unwrap_or(0))),
        };
        tables[side].get(&key).copied().unwrap_or_else(|| lab.program.builder().constant(false))
    }

    /// That the two decisions come to something else.
    pub fn differs(&self, lab: &mut Lab<'_>, a: DecisionId, b: DecisionId) -> TermId {
        let Some([old, new]) = &self.tables else {
            let mut build = lab.program.builder();
            let same = build.same_outcome(a, b);
            let not = build.not(same);
            return build.and([self.here, not]);
        };
        let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        let mut build = lab.program.builder();
        let never = build.constant(false);
        let mut sides = Vec::new();
        for key in keys {
            let (x, y) = (old.get(key).copied().unwrap_or(never), new.get(key).copied().unwrap_or(never));
            let (not_x, not_y) = (build.not(x), build.not(y));
            sides.extend([build.and([x, not_y]), build.and([not_x, y])]);
        }
        build.or(sides)
    }
}

/// The rules of a decision and what they conclude.
fn all(lab: &Lab<'_>, id: DecisionId) -> Vec<(RuleId, Value)> {
    let rules = lab.program.decision(id).rules.iter();
    rules.filter_map(|rule| Some((*rule, lab.program.conclusion(*rule, id)?.clone()))).collect()
}

/// Tests of an outcome, with whether each is to hold.
pub type Tests = Vec<(OutcomeTest, bool)>;

/// The single changes: from one value to another; of sets, a member more or less. `None` if they are too many.
pub fn steps(lab: &Lab<'_>, a: DecisionId, b: DecisionId) -> Option<Vec<(Sentence, Tests, Tests)>> {
    let (old, new) = (lab.tests(a)?, lab.tests(b)?);
    let text = |id: DecisionId, test: &OutcomeTest| test_text(lab, id, test);
    let mut out = Vec::new();
    if matches!(lab.program.decision(a).domain, Domain::Set(_)) {
        let has = |tests: &[OutcomeTest]| tests.iter().filter(|t| matches!(t, OutcomeTest::Has(_))).cloned().collect::<Vec<_>>();
        let others =
            |tests: &[OutcomeTest]| tests.iter().filter(|t| !matches!(t, OutcomeTest::Has(_))).cloned().collect::<Vec<_>>();
        let valued = |tests: &[OutcomeTest]| others(tests).into_iter().map(|test| (test, false)).collect::<Tests>();
        for test in has(&old) {
            let (mut with, mut without) = (valued(&old), valued(&new));
            with.push((test.clone(), true));
            without.push((test.clone(), false));
            out.push((say!("loses {value}", value = text(a, &test)), with, without));
            let (mut with, mut without) = (valued(&new), valued(&old));
            with.push((test.clone(), true));
            without.push((test.clone(), false));
            out.push((say!("gains {value}", value = text(a, &test)), without, with));
        }
        for test in others(&old) {
            out.push((say!("no longer {value}", value = text(a, &test)), vec![(test.clone(), true)], vec![(test, false)]));
        }
        for test in others(&new) {
            out.push((say!("is now {value}", value = text(b, &test)), vec![(test.clone(), false)], vec![(test, true)]));
        }
        return Some(out);
    }
    if old.len() * new.len() > PAIRS {
        return None;
    }
    for before in &old {
        for after in &new {
            if before != after {
                let what = say!("changes from {from} to {to}", from = text(a, before), to = text(b, after));
                out.push((what, vec![(before.clone(), true)], vec![(after.clone(), true)]));
            }
        }
    }
    Some(out)
}

fn test_text(lab: &Lab<'_>, id: DecisionId, test: &OutcomeTest) -> Sentence {
    let value = match test {
        OutcomeTest::Gap => return say!("no value"),
        OutcomeTest::Conflict => return say!("a conflict"),
        OutcomeTest::Has(member) => match &lab.program.decision(id).domain {
            Domain::Set(of) => {
                let members = &lab.program.enumeration(*of).members;
                return members.get(*member as usize).map_or_else(Sentence::default, |member| member.name.as_str().into());
            }
            _ => return Sentence::default(),
        },
        OutcomeTest::Members(set) => match (&lab.program.decision(id).domain, set.first()) {
            (Domain::Bool, member) => Value::Bool(member == Some(1)),
            (_, member) => Value::Member(member.unwrap_or(0)),
        },
        OutcomeTest::Within(ranges) => Value::Int(ranges.first().unwrap_or(0)),
    };
    lab.value_text(id, &value)
}

/// When each rule of a decision carries its outcome, in a part of the cases.
pub fn carriers_of(lab: &mut Lab<'_>, id: DecisionId, here: TermId, rules: &[(RuleId, Value)]) -> Vec<(RuleId, TermId)> {
    let combine = lab.program.decision(id).combine.clone();
    if rules.len() > CARRYING {
        return Vec::new();
    }
    let mut build = lab.program.builder();
    let mut effective = Vec::new();
    for (rule, _) in rules {
        let term = build.effective(*rule);
        effective.push(build.and([here, term]));
    }
    let mut out = Vec::new();
    for (at, (rule, value)) in rules.iter().enumerate() {
        let wins = |(place, (_, other)): (usize, &(RuleId, Value))| match combine {
            Combine::Strictest => other > value,
            Combine::LeastStrict => other < value,
            Combine::First => place < at,
            _ => false,
        };
        let stronger: Vec<TermId> =
            rules.iter().enumerate().filter(|one| wins(*one)).map(|(place, _)| effective[place]).collect();
        let any = build.or(stronger);
        let none = build.not(any);
        out.push((*rule, build.and([effective[at], none])));
    }
    out
}
