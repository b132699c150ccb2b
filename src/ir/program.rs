//! A program: the meaning of one or more regimes, ready to be run, tabulated and reasoned about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::Sentence;

use super::{
    Before, Carry, Case, Decimal, DecisionId, Domain, EnumDef, EnumId, InputId, Link, Node, Origin, OriginId, OutcomeTest, Pool,
    Process, RuleId, Standard, TermId, Title, Value,
};

/// The version of the serialised form.
pub const VERSION: &str = "lexport.ir/1";

/// A whole program. The arenas are indexed by the typed ids; decisions and rules together are acyclic (a rule's condition
/// may test decisions and rules only if those do not depend on it).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Program {
    /// Always [`VERSION`].
    pub version: String,
    /// The regimes: first the one that is checked, then those that it is compared with.
    pub regimes: Vec<Regime>,
    /// Enumerations.
    pub enums: Vec<EnumDef>,
    /// Inputs.
    pub inputs: Vec<Input>,
    /// Decisions, each after those it depends on.
    pub decisions: Vec<Decision>,
    /// Rules, in source order.
    pub rules: Vec<Rule>,
    /// Terms.
    pub pool: Pool,
    /// Origins; the first is nowhere.
    pub origins: Vec<Origin>,
    /// Limits on accumulated measures; their balances are inputs.
    pub caps: Vec<Cap>,
    /// Relations between cases.
    pub links: Vec<Link>,
    /// What is carried along them.
    pub carries: Vec<Carry>,
    /// Cases that can stand before others.
    pub nodes: Vec<Node>,
    /// What an adversary may do, and what must never come of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// Properties to prove.
    pub properties: Vec<Property>,
    /// Named cases with expectations.
    pub scenarios: Vec<Scenario>,
    /// Findings that the source accepts.
    pub acceptances: Vec<Acceptance>,
    /// Every date on which something may change, rising, with what names it.
    pub date_edges: Vec<DateEdge>,
    /// The input that is the date of the transaction, if the regime has one.
    pub date: Option<InputId>,
    /// The input that chooses the reading (`letter`, `enforced`), if the regime has one.
    pub reading: Option<InputId>,
    /// The words of terms that somebody wrote (parameters with what they stand for); other terms have none.
    pub words: BTreeMap<TermId, String>,
    /// Titles in other languages, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<Title>,
}

/// A regime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regime {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation; may be empty.
    pub cite: String,
    /// Where.
    pub origin: OriginId,
}

/// An input attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The dotted path (`chip.tpp`).
    pub name: String,
    /// Its title, of a field of a record that of the whole before it (`ultimate consignee: headquarters`); may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it can be.
    pub domain: Domain,
    /// Values in the order in which a witness prefers them (a familiar country, an ordinary quantity).
    pub preferred: Vec<Value>,
    /// Whether more of it means a stricter treatment is expected ("capability"): checked for cliffs.
    pub capability: bool,
    /// Which of [`Program::regimes`] declares it: the first that does.
    pub regime: u32,
    /// Where.
    pub origin: OriginId,
}

impl Input {
    /// An input of the first regime of which no more is said than its name and what it can be.
    pub fn plain(name: impl Into<String>, domain: Domain, origin: OriginId) -> Input {
        let (title, preferred) = (String::new(), Vec::new());
        Input { name: name.into(), title, domain, preferred, capability: false, regime: 0, origin }
    }
}

/// How the conclusions of effective rules become one value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// They must agree; otherwise it is a conflict.
    ExactlyOne,
    /// The greatest (of an ordered enumeration, a number, or false < true).
    Strictest,
    /// The least.
    LeastStrict,
    /// The sum of numbers.
    Sum,
    /// The union of sets; without an effective rule it is the default, or the empty set.
    All,
    /// The first effective one in [`Decision::rules`].
    First,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its name (with the regime's name and `::` before it where it is not of the first regime).
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// `Bool`, `Enum`, `Set`, or `Number` (whose range is the declared one).
    pub domain: Domain,
    /// How conclusions combine.
    pub combine: Combine,
    /// The value without an effective rule.
    pub default: Option<Value>,
    /// The rules that conclude it; for `First` in order of priority, else in source order.
    pub rules: Vec<RuleId>,
    /// Which of [`Program::regimes`].
    pub regime: u32,
    /// Where.
    pub origin: OriginId,
}

/// What the source calls a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// `rule`.
    Rule,
    /// `exception`.
    Exception,
    /// `restriction`: it only defeats others.
    Restriction,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its identifier.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The provision; may be empty.
    pub cite: String,
    /// Of a rule with a varying value: the name of the rule in the source, of which this is the part for one value. The
    /// conditions of these parts exclude each other.
    pub family: Option<String>,
    /// What it is called.
    pub kind: RuleKind,
    /// Which of [`Program::regimes`].
    pub regime: u32,
    /// The period in force, in the chosen reading.
    pub in_force: TermId,
    /// The condition.
    pub condition: TermId,
    /// `in_force` and `condition`.
    pub applies: TermId,
    /// What it concludes; one value for each decision. Empty for a restriction.
    pub conclusions: Vec<(DecisionId, Value)>,
    /// The rules that override it, rising.
    pub overridden_by: Vec<RuleId>,
    /// The alternatives inside its condition (the sides of its `or`s), in source order.
    pub alternatives: Vec<Alternative>,
    /// Whether these are all of them: there can be more than anyone lists.
    pub all_alternatives: bool,
    /// Of a foreign-direct-product rule: its limbs, whose conjunction (of the routes: disjunction) the condition is.
    pub limbs: Vec<(LimbKind, TermId)>,
    /// Of such a rule: the rules that ask for a licence.
    pub license: Vec<RuleId>,
    /// How sure the encoding is: empty for confirmed, else `recalled` or `inferred`, with a colon and the reason if one is given.
    pub mark: String,
    /// Where.
    pub origin: OriginId,
}

/// The limbs of a foreign-direct-product rule, 15 CFR 734.9(a): product scope, by one of three routes, and reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimbKind {
    /// Which items.
    Scope,
    /// Route: the direct product of technology or software.
    Technology,
    /// Route: made by a plant, or a major component of one, that is such a product.
    Plant,
    /// Route: contains what such a plant made.
    Contents,
    /// Destination, end user, end use.
    Reach,
    /// What must be known.
    Knowledge,
}

impl LimbKind {
    /// Whether it is one of the three ways into the product scope.
    pub fn is_route(self) -> bool {
        matches!(self, LimbKind::Technology | LimbKind::Plant | LimbKind::Contents)
    }
}

/// One side of an `or` inside a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// Holds if the rule applies by way of this alternative.
    pub applies: TermId,
    /// Which `or` of the condition it is a side of, from 0: those of one number are the sides of one `or`.
    pub junction: u32,
    /// The alternative inside of which that `or` stands: it comes before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u32>,
    /// Where.
    pub origin: OriginId,
}

/// A limit on an accumulated measure. Whether a case is within it stands in the conditions that ask so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Its name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The provision; may be empty.
    pub cite: String,
    /// The input that says what is already counted toward it.
    pub used: InputId,
    /// What a case adds to it, and when, as its author wrote it.
    pub counts: String,
    /// Whose total it is, by dotted path; empty: one total for all.
    pub keys: Vec<String>,
    /// Who reports what counts, by dotted path; empty: nobody is named. What is not reported is still counted.
    pub reporters: Vec<String>,
    /// Over what time.
    pub window: Window,
    /// Whether it is what is there now (an installed base), and not what has flowed.
    pub installed: bool,
    /// Which of [`Program::regimes`].
    pub regime: u32,
    /// Where.
    pub origin: OriginId,
}

/// Over what time a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// From 1 January to 31 December.
    CalendarYear,
    /// Three months from January, April, July or October.
    CalendarQuarter,
    /// So many days, wherever they begin.
    Rolling(u32),
    /// Between two days, both included, as days since 1970-01-01.
    Between(i64, i64),
    /// For ever.
    Lifetime,
}

/// A property to prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its citation or reason; may be empty.
    pub cite: String,
    /// Which of the twelve it shows, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Standard>,
    /// What it says.
    pub kind: PropertyKind,
    /// The cases it is about (of a pair both).
    pub scope: TermId,
    /// Where.
    pub origin: OriginId,
}

/// What a property says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropertyKind {
    /// In no case does the term hold.
    Never {
        /// The violation.
        violation: TermId,
    },
    /// No two cases that differ only in an input, which is less in the first, violate the order of outcomes.
    Monotone {
        /// The decision.
        decision: DecisionId,
        /// The input that grows.
        input: InputId,
        /// Which way the outcome must not go as the input grows.
        never: Direction,
    },
    /// No two cases that differ only in an input, which is of one group in the one and of another in the other, come to a lesser outcome
    /// for the other.
    Tiers {
        /// The decision.
        decision: DecisionId,
        /// The input.
        input: InputId,
        /// That it is one of the laxer.
        from: TermId,
        /// That it is one of the stricter.
        to: TermId,
    },
    /// No two cases that differ only in an input come to different outcomes.
    Blind {
        /// The decision.
        decision: DecisionId,
        /// The input.
        input: InputId,
    },
}

impl PropertyKind {
    /// The decision whose two outcomes are compared, if it is about pairs.
    #[must_use]
    pub fn decision(&self) -> Option<DecisionId> {
        match self {
            PropertyKind::Never { .. } => None,
            PropertyKind::Monotone { decision, .. }
            | PropertyKind::Tiers { decision, .. }
            | PropertyKind::Blind { decision, .. } => Some(*decision),
        }
    }

    /// The input in which the two cases of a pair differ, if it is about pairs.
    #[must_use]
    pub fn pair(&self) -> Option<InputId> {
        match self {
            PropertyKind::Never { .. } => None,
            PropertyKind::Monotone { input, .. } | PropertyKind::Tiers { input, .. } | PropertyKind::Blind { input, .. } => {
                Some(*input)
            }
        }
    }
}

/// Which way an outcome goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To a lesser value.
    Loosens,
    /// To a greater value.
    Tightens,
}

/// A named case with its expected outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Its title.
    pub name: String,
    /// The paragraph that says so; may be empty.
    pub cite: String,
    /// What is known.
    pub given: Case,
    /// What stands before it, among [`Program::nodes`].
    pub before: Vec<Before>,
    /// What must come out.
    pub expect: Vec<Expectation>,
    /// Where.
    pub origin: OriginId,
}

/// One line of what must come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The decision.
    pub decision: DecisionId,
    /// Its outcome.
    pub expected: Expected,
    /// The rules that must carry it (one of each list, perhaps others too): a list has the versions of one rule, of which
    /// each day knows one. Empty if none are named.
    pub because: Vec<Vec<RuleId>>,
    /// Where.
    pub origin: OriginId,
}

/// An expected outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Settled, and passes the test ([`OutcomeTest::Members`] and so on; for a set see `Set`).
    Test(OutcomeTest),
    /// Settled, and exactly this set.
    Set(Value),
    /// Open between exactly these values, asking first for one of these inputs (if any are named).
    Open {
        /// The outcomes that are still possible, as values.
        possible: Vec<Value>,
        /// Inputs of which the first question must be one.
        asking: Vec<InputId>,
    },
}

/// A finding that the source accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The code (`LX4001`) of the finding.
    pub code: String,
    /// The rules it must be about (all of the finding's rules must be among these).
    pub rules: Vec<RuleId>,
    /// The decisions, inputs or properties it must be about, by name; empty for any.
    pub about: Vec<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is, as days since 1970-01-01.
    pub until: Option<i64>,
    /// Where.
    pub origin: OriginId,
}

/// A day on which something may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateEdge {
    /// The first day of the new state, as days since 1970-01-01.
    pub day: i64,
    /// What names it (`rule x comes into force`, `CN leaves D:5`).
    pub what: Sentence,
    /// Whether a provision of the law names it (a status, a date in a condition, or a membership with a citation).
    pub named: bool,
    /// Where.
    pub origin: OriginId,
}

impl Program {
    /// The origin behind an id.
    pub fn origin(&self, id: OriginId) -> &Origin {
        &self.origins[id.0 as usize]
    }

    /// The rule behind an id.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()]
    }

    /// The decision behind an id.
    pub fn decision(&self, id: DecisionId) -> &Decision {
        &self.decisions[id.index()]
    }

    /// The input behind an id.
    pub fn input(&self, id: InputId) -> &Input {
        &self.inputs[id.index()]
    }

    /// The enumeration behind an id.
    pub fn enumeration(&self, id: EnumId) -> &EnumDef {
        &self.enums[id.index()]
    }

    /// The ids of all inputs.
    pub fn input_ids(&self) -> impl Iterator<Item = InputId> + use<> {
        (0..self.inputs.len() as u32).map(InputId)
    }

    /// The ids of all decisions.
    pub fn decision_ids(&self) -> impl Iterator<Item = DecisionId> + use<> {
        (0..self.decisions.len() as u32).map(DecisionId)
    }

    /// The ids of all rules.
    pub fn rule_ids(&self) -> impl Iterator<Item = RuleId> + use<> {
        (0..self.rules.len() as u32).map(RuleId)
    }

    /// The input of a name.
    pub fn find_input(&self, name: &str) -> Option<InputId> {
        self.inputs.iter().position(|input| input.name == name).map(|index| InputId(index as u32))
    }

    /// The decision of a name.
    pub fn find_decision(&self, name: &str) -> Option<DecisionId> {
        self.decisions.iter().position(|decision| decision.name == name).map(|index| DecisionId(index as u32))
    }

    /// What a rule concludes for a decision.
    pub fn conclusion(&self, rule: RuleId, decision: DecisionId) -> Option<&Value> {
        self.rule(rule).conclusions.iter().find(|(of, _)| *of == decision).map(|(_, value)| value)
    }

    /// A value of a domain, in the words of case files: `true`, a member's name, `{A, B}`, `5.92`, `2025-01-13`.
    pub fn value_text(&self, domain: &Domain, value: &Value) -> String {
        match (domain, value) {
            (_, Value::Bool(value)) => value.to_string(),
            (Domain::Enum(id), Value::Member(member)) => self.enumeration(*id).members[*member as usize].name.clone(),
            (Domain::Set(id), Value::Set(set)) => {
                let members = &self.enumeration(*id).members;
                let names: Vec<&str> = set.iter().map(|member| members[member as usize].name.as_str()).collect();
                format!("{{{}}}", names.join(", "))
            }
            (Domain::Number(number), Value::Int(k)) => number.text(*k),
            (Domain::Date { .. }, Value::Int(day)) => date_text(*day),
            (_, value) => format!("{value:?}"),
        }
    }

    /// The size of one step of a number, if the domain is one.
    pub fn step(domain: &Domain) -> Option<Decimal> {
        match domain {
            Domain::Number(number) => Some(number.step),
            _ => None,
        }
    }
}

/// A day as ISO 8601 text. Days beyond the years -9999 to 9999 are written as a number.
pub fn date_text(day: i64) -> String {
    jiff::civil::Date::new(1970, 1, 1)
        .ok()
        .zip(i32::try_from(day).ok())
        .and_then(|(epoch, day)| epoch.checked_add(jiff::Span::new().try_days(day).ok()?).ok())
        .map_or_else(|| format!("day {day}"), |date| date.to_string())
}

/// The day of an ISO 8601 date, as days since 1970-01-01.
pub fn date_day(text: &str) -> Option<i64> {
    let at: jiff::civil::DateTime = text.parse().ok()?;
    // Whose midnight ends a day is not ours to say: with an offset it would be, and a time of day is not a day.
    let bare = |time: &str| time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    if text.split_once(['T', 't', ' ']).is_some_and(|(_, time)| !bare(time)) {
        return None;
    }
    let date = (at.time() == jiff::civil::Time::midnight()).then(|| at.date())?;
    let epoch = jiff::civil::Date::new(1970, 1, 1).ok()?;
    Some(i64::from(epoch.until(date).ok()?.get_days()))
}
