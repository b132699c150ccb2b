//! A policy: everything that the source says, resolved.

use std::collections::BTreeSet;

use crate::ir::{
    Before, Carried, Combine, DecisionId, Direction, Domain, EnumDef, EnumId, InputId, LimbKind, Ranges, RuleId, RuleKind,
    Standard, Title, Value, Window,
};
use crate::source::Span;
use crate::words::Sentence;

use super::{Cond, DecisionTest, Process, Rational, tested};

/// One regime, or one and those that it is compared with.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The regimes; the first is the one that is checked.
    pub regimes: Vec<Regime>,
    /// Enumerations.
    pub enums: Vec<EnumDef>,
    /// Inputs.
    pub inputs: Vec<Input>,
    /// Decisions, in source order.
    pub decisions: Vec<Decision>,
    /// Rules, in source order.
    pub rules: Vec<Rule>,
    /// Caps.
    pub caps: Vec<Cap>,
    /// What duties rest on.
    pub authorities: Vec<Authority>,
    /// Relations between cases.
    pub links: Vec<Link>,
    /// What is carried along them.
    pub carries: Vec<Carry>,
    /// Cases that can stand before others.
    pub nodes: Vec<ChainNode>,
    /// Processes.
    pub processes: Vec<Process>,
    /// Properties.
    pub properties: Vec<Property>,
    /// Rules that say what others said before them: old, new, where.
    pub moves: Vec<(RuleId, RuleId, Span)>,
    /// Scenarios.
    pub scenarios: Vec<Scenario>,
    /// Acceptances.
    pub acceptances: Vec<Acceptance>,
    /// Days that group memberships name: day, what happens, whether it is cited, and where.
    pub membership_edges: Vec<(i64, Sentence, bool, Span)>,
    /// The date of the transaction.
    pub date: Option<InputId>,
    /// The reading.
    pub reading: Option<InputId>,
    /// Constants of records, for case files and completion: name, and the values of its fields by dotted suffix.
    pub constants: Vec<(String, Vec<(String, Value)>)>,
    /// Titles in other languages.
    pub titles: Vec<Title>,
    /// Attributes of members, for reports.
    pub attributes: Vec<Attribute>,
}

/// An attribute of the members of an enumeration.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// The regime whose words mean it.
    pub regime: usize,
    /// The enumeration.
    pub of: EnumId,
    /// Its type.
    pub domain: Domain,
    /// The value of each member.
    pub values: Vec<Option<Value>>,
}

/// A regime.
#[derive(Clone, Debug)]
pub struct Regime {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// Where.
    pub span: Span,
}

/// An input attribute.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its dotted path.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its domain.
    pub domain: Domain,
    /// Preferred values.
    pub preferred: Vec<Value>,
    /// Whether it is a capability.
    pub capability: bool,
    /// The first of the regimes that declares it.
    pub regime: u32,
    /// Where.
    pub span: Span,
}

impl Input {
    /// An input of the first regime of which no more is said than its name and what it can be.
    pub fn plain(name: impl Into<String>, domain: Domain, span: Span) -> Input {
        let (title, preferred) = (String::new(), Vec::new());
        Input { name: name.into(), title, domain, preferred, capability: false, regime: 0, span }
    }
}

/// A decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its name, with the prefix of a compared regime.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its domain.
    pub domain: Domain,
    /// How conclusions combine.
    pub combine: Combine,
    /// The order of `the first of`.
    pub order: Vec<RuleId>,
    /// The value without an effective rule.
    pub default: Option<Value>,
    /// Which regime.
    pub regime: u32,
    /// Where.
    pub span: Span,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, with the prefix of a compared regime.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// Of a rule with a varying value: its name without the value.
    pub family: Option<String>,
    /// Its kind.
    pub kind: RuleKind,
    /// Which regime.
    pub regime: u32,
    /// Its condition.
    pub condition: Cond,
    /// Of a foreign-direct-product rule: its limbs, of which the condition is made.
    pub limbs: Vec<(LimbKind, Cond)>,
    /// Of such a rule: the rules that ask for a licence.
    pub license: Vec<RuleId>,
    /// What it concludes.
    pub conclusions: Vec<(DecisionId, Value)>,
    /// The rules that override it, rising.
    pub overridden_by: Vec<RuleId>,
    /// Of an exception: the rules it is an exception to. It applies only where one of them does.
    pub exception_to: Vec<RuleId>,
    /// When it is in force.
    pub timeline: Timeline,
    /// The first day of its words by the letter, wherever they stood then; `None`: always.
    pub since: Option<i64>,
    /// `recalled`, `inferred` or empty.
    pub mark: String,
    /// Where.
    pub span: Span,
}

impl Rule {
    /// The decisions that it tests, in its condition or in the scope of its timeline.
    pub fn tested(&self) -> BTreeSet<DecisionId> {
        let mut found = tested(&self.condition);
        found.extend(self.timeline.lifted.iter().flat_map(|(_, scope)| tested(scope)));
        found.extend(self.timeline.sunset.iter().flat_map(tested));
        found
    }
}

impl Policy {
    /// For each rule the decisions that it tests, by itself or by way of the rules that it is an exception to: it applies only where
    /// one of them does.
    pub fn tested_by_rules(&self) -> Vec<BTreeSet<DecisionId>> {
        let own: Vec<BTreeSet<DecisionId>> = self.rules.iter().map(Rule::tested).collect();
        let mut all = own.clone();
        for (index, tested) in all.iter_mut().enumerate() {
            let (mut seen, mut stack) = (BTreeSet::from([index]), self.rules[index].exception_to.clone());
            while let Some(rule) = stack.pop() {
                if seen.insert(rule.index()) {
                    tested.extend(own[rule.index()].iter().copied());
                    stack.extend(self.rules[rule.index()].exception_to.iter().copied());
                }
            }
        }
        all
    }
}

/// The name of the property that a rule keeps what it took over from another. (`a@old` is no name in the source.)
pub fn move_property(new: &str, old: &str) -> String {
    format!("{}_keeps_{}", new.replace('@', "_of_"), old.replace('@', "_of_"))
}

/// The name of the property that every duty under an authority is within it.
pub fn authority_property(name: &str) -> String {
    format!("duties_within_{name}")
}

/// The name of the property that a licence section asks for nothing where nothing is subject to it.
pub fn license_property(section: &str) -> String {
    format!("{}_needs_jurisdiction", section.replace('@', "_of_"))
}

/// When a provision is in force, by reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// By the letter.
    pub letter: InForce,
    /// As enforced.
    pub enforced: InForce,
    /// As enforced: on these days not for the cases of a condition (non-enforcement with a scope, an injunction for a party).
    pub lifted: Vec<(Ranges, Cond)>,
    /// Events, any of which ends it in both readings.
    pub sunset: Vec<Cond>,
    /// Of a provision that an act has ended: when it would be in force without that act, by the letter and as enforced.
    pub without_end: Option<(InForce, InForce)>,
    /// The days that it names: first day of the new state, and what happens.
    pub edges: Vec<(i64, String, Span)>,
}

/// On which days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InForce {
    /// On all.
    Always,
    /// On these.
    On(Ranges),
}

/// What duties may rest on.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The statute.
    pub cite: String,
    /// The greatest rate in percent, with the first day of each step, rising; empty: no limit.
    pub limits: Vec<(i64, Rational)>,
    /// For how many days a measure may last.
    pub days: Option<u32>,
    /// When it gives power.
    pub timeline: Timeline,
    /// The rules that rest on it.
    pub rules: Vec<RuleId>,
    /// Where.
    pub span: Span,
}

/// A limit on an accumulated measure.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Its name, with the prefix of a compared regime.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// The input for what is already counted.
    pub used: InputId,
    /// What a case adds to it, and when, in words of the source.
    pub counts: String,
    /// Whose total it is, by dotted path; empty: one for all.
    pub keys: Vec<String>,
    /// Who reports what counts, by dotted path.
    pub reporters: Vec<String>,
    /// Over what time.
    pub window: Window,
    /// Whether it is what is there now, and not what has flowed.
    pub installed: bool,
    /// Which regime.
    pub regime: u32,
    /// Where.
    pub span: Span,
}

/// A relation between an earlier case and a later one.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// What is said of the link itself.
    pub fields: Vec<(String, Domain)>,
    /// Inputs that are the same at both ends.
    pub keeps: Vec<InputId>,
    /// Where.
    pub span: Span,
}

/// What is carried along a link.
#[derive(Clone, Debug)]
pub struct Carry {
    /// Which link.
    pub link: u32,
    /// Which earlier cases count.
    pub counts: Cond,
    /// The input of the later case that grows.
    pub target: InputId,
    /// By what; decisions as the model numbers them.
    pub what: Carried,
    /// Where.
    pub span: Span,
}

/// A case that can stand before others.
#[derive(Clone, Debug)]
pub struct ChainNode {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its facts.
    pub given: Vec<(InputId, Value)>,
    /// What stands before it.
    pub before: Vec<Before>,
    /// Where.
    pub span: Span,
}

/// A property to prove.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Why it should hold.
    pub cite: String,
    /// Which of the twelve it shows, if any.
    pub shows: Option<Standard>,
    /// What it says.
    pub claim: Claim,
    /// The cases it is about.
    pub scope: Option<Cond>,
    /// Where.
    pub span: Span,
}

/// What a property says.
#[derive(Clone, Debug)]
pub enum Claim {
    /// In every case of the scope.
    EveryCase(Cond),
    /// Ordered along an input.
    Monotone {
        /// The decision.
        decision: DecisionId,
        /// The input.
        input: InputId,
        /// Which way the outcome must not go as it grows.
        never: Direction,
    },
    /// Never less strict for the second of two groups than for the first.
    Tiers {
        /// The decision.
        decision: DecisionId,
        /// The input.
        input: InputId,
        /// That it is one of the laxer.
        from: Cond,
        /// That it is one of the stricter.
        to: Cond,
    },
    /// The same whatever the input is.
    Blind {
        /// The decision.
        decision: DecisionId,
        /// The input.
        input: InputId,
    },
    /// Two decisions come to the same.
    Equals(DecisionId, DecisionId),
    /// The first is never less than the second.
    AtLeastAsStrict(DecisionId, DecisionId),
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its title.
    pub name: String,
    /// The paragraph.
    pub cite: String,
    /// What is known.
    pub given: Vec<(InputId, Value)>,
    /// What stands before it.
    pub before: Vec<Before>,
    /// What must come out.
    pub expect: Vec<Expectation>,
    /// Where.
    pub span: Span,
}

/// What must come out.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The decision.
    pub decision: DecisionId,
    /// Its outcome.
    pub expected: Expected,
    /// The rules that carry it.
    /// Each by all its versions: one of them must carry it.
    pub because: Vec<Vec<RuleId>>,
    /// Where.
    pub span: Span,
}

/// An expected outcome.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A value that passes the test.
    Test(DecisionTest),
    /// Exactly this set.
    Set(Value),
    /// Open between these, asking for one of those.
    Open {
        /// The values.
        possible: Vec<Value>,
        /// The inputs.
        asking: Vec<InputId>,
    },
    /// No value.
    Gap,
    /// A conflict.
    Conflict,
}

/// An acceptance.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The code.
    pub code: String,
    /// The rules.
    pub rules: Vec<RuleId>,
    /// Decisions, inputs or properties.
    pub about: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<i64>,
    /// Where.
    pub span: Span,
}
