//! The bench at which questions are put together: a program that can grow terms, and the terms that several analyses need.

use std::collections::BTreeSet;

use num_bigint::BigUint;

use crate::diagram::Diagram;
use crate::ir::{Combine, DecisionId, Domain, InputId, MemberSet, OutcomeTest, Program, Ranges, RuleId, TermId, Titled, Value};

use super::Options;
use super::finding::{Class, Finding, Kind, Report, Undecided, Witness};
use super::method::{Fault, Question, Settled, Verdict, diagram_options, methods_agree, settle};
use super::replay::came;
use super::witness::realistic;
use crate::diagnostic::Code;
use crate::words::{Language, Sentence, list, say};

/// Totals of sums beyond this many are not told apart.
const SUMS: usize = 256;

/// Rules whose combinations are listed as classes of a finding.
const CLASSED: usize = 24;

/// Classes listed of one finding.
pub const CLASSES: usize = 64;

/// A program under examination. Questions are terms, so it grows; its rules and decisions stay as they are.
#[derive(Debug)]
pub struct Lab<'o> {
    /// The program.
    pub program: Program,
    /// The limits and the scope.
    pub options: &'o Options,
    /// How many terms the program had before questions were added.
    pub base: usize,
    /// The regimes whose inputs make up a case.
    pub regimes: Vec<u32>,
}

impl<'o> Lab<'o> {
    /// A bench with a copy of a program.
    pub fn new(program: &Program, options: &'o Options) -> Self {
        Lab { program: program.clone(), options, base: program.pool.len(), regimes: vec![0] }
    }

    /// The rules of the regime that is checked.
    pub fn rules(&self) -> Vec<RuleId> {
        self.program.rule_ids().filter(|rule| self.program.rule(*rule).regime == 0).collect()
    }

    /// The decisions of the regime that is checked.
    pub fn decisions(&self) -> Vec<DecisionId> {
        self.program.decision_ids().filter(|decision| self.program.decision(*decision).regime == 0).collect()
    }

    /// Asks.
    pub fn ask(&self, questions: &[Question]) -> Vec<Settled> {
        settle(&self.program, questions, self.options)
    }

    /// Whether a term holds in no case, as every method says.
    pub fn never(&self, term: TermId) -> bool {
        self.ask(&[Question::one(term, 0)]).iter().all(|settled| self.agreed(settled))
    }

    /// Whether every method has answered that there is no case.
    pub fn agreed(&self, settled: &Settled) -> bool {
        settled.answer == Verdict::No && settled.faults.is_empty() && methods_agree(self.options, &settled.evidence)
    }

    /// The group of questions about one rule: in a small program neighbours in the source share a diagram, in a large
    /// one each rule has its own, which is as small as what it is about.
    pub fn group_of(&self, rule: RuleId) -> u32 {
        if self.program.rules.len() <= self.options.direct { rule.0 / 16 } else { rule.0 }
    }

    /// Tests that tell any two outcomes of a decision apart; `None` if there are too many totals to list.
    pub fn tests(&self, id: DecisionId) -> Option<Vec<OutcomeTest>> {
        let decision = self.program.decision(id);
        let mut tests = Vec::new();
        match &decision.domain {
            Domain::Enum(of) => {
                let size = self.program.enumeration(*of).size();
                tests.extend((0..size).map(|member| OutcomeTest::Members(MemberSet::of(size, [member]))));
            }
            Domain::Bool => tests.extend((0..2).map(|member| OutcomeTest::Members(MemberSet::of(2, [member])))),
            Domain::Set(of) => tests.extend((0..self.program.enumeration(*of).size()).map(OutcomeTest::Has)),
            Domain::Number(_) | Domain::Date { .. } => {
                let numbers = self.numbers(id)?;
                tests.extend(numbers.into_iter().map(|k| OutcomeTest::Within(Ranges::closed(k, k))));
            }
        }
        if decision.combine == Combine::ExactlyOne {
            tests.push(OutcomeTest::Conflict);
        }
        if self.may_gap(id) {
            tests.push(OutcomeTest::Gap);
        }
        Some(tests)
    }

    /// Whether a decision can be without a value at all, as it is declared.
    pub fn may_gap(&self, id: DecisionId) -> bool {
        let decision = self.program.decision(id);
        decision.default.is_none() && decision.combine != Combine::All
    }

    /// The numbers that a decision can come to.
    fn numbers(&self, id: DecisionId) -> Option<BTreeSet<i64>> {
        let decision = self.program.decision(id);
        let mut numbers: BTreeSet<i64> = BTreeSet::new();
        let concluded = decision.rules.iter().filter_map(|rule| match self.program.conclusion(*rule, id) {
            Some(Value::Int(k)) => Some(*k),
            _ => None,
        });
        if decision.combine == Combine::Sum {
            let mut totals: BTreeSet<i64> = BTreeSet::from([0]);
            for k in concluded {
                let more: Vec<i64> = totals.iter().map(|total| total.saturating_add(k)).collect();
                totals.extend(more);
                if totals.len() > SUMS {
                    return None;
                }
            }
            numbers.extend(totals);
        } else {
            numbers.extend(concluded);
        }
        if let Some(Value::Int(k)) = decision.default {
            numbers.insert(k);
        }
        Some(numbers)
    }

    /// That a decision comes to something else in the second case of a pair; `None` as for [`Lab::tests`].
    pub fn differs_in_second(&mut self, id: DecisionId) -> Option<TermId> {
        let tests = self.tests(id)?;
        let mut build = self.program.builder();
        let mut sides = Vec::new();
        for test in tests {
            let here = build.outcome(id, test);
            let there = build.second(here);
            let (not_here, not_there) = (build.not(here), build.not(there));
            sides.push(build.and([here, not_there]));
            // A set may only gain: then nothing that holds here fails there.
            sides.push(build.and([not_here, there]));
        }
        Some(build.or(sides))
    }

    /// That a decision comes to something else without a rule.
    pub fn differs_without(&mut self, id: DecisionId, rule: RuleId) -> Option<TermId> {
        let tests = self.tests(id)?;
        let mut build = self.program.builder();
        let mut sides = Vec::new();
        for test in tests {
            let with = build.outcome(id, test.clone());
            let without = build.outcome_without(id, rule, test);
            let not = build.not(without);
            sides.push(build.and([with, not]));
            // Of a set it may be the other way round: less without the rule, or more.
            let not = build.not(with);
            sides.push(build.and([without, not]));
        }
        Some(build.or(sides))
    }

    /// That a decision, whose values are ordered, comes to a lesser value in the second case (or, `rising`, to a greater).
    pub fn falls_in_second(&mut self, id: DecisionId, rising: bool) -> Option<TermId> {
        let steps: Vec<(OutcomeTest, OutcomeTest)> = match &self.program.decision(id).domain {
            Domain::Enum(of) => {
                let size = self.program.enumeration(*of).size();
                let from = |member| OutcomeTest::Members(MemberSet::of(size, member..size));
                let below = |member| OutcomeTest::Members(MemberSet::of(size, 0..member));
                (1..size).map(|member| (from(member), below(member))).collect()
            }
            Domain::Bool => {
                let test = |member| OutcomeTest::Members(MemberSet::of(2, [member]));
                vec![(test(1), test(0))]
            }
            Domain::Number(_) | Domain::Date { .. } => {
                let numbers = self.numbers(id)?;
                let step = |k: &i64| {
                    let below = OutcomeTest::Within(Ranges::closed(i64::MIN, k.saturating_sub(1)));
                    (OutcomeTest::Within(Ranges::closed(*k, i64::MAX)), below)
                };
                numbers.iter().skip(1).map(step).collect()
            }
            Domain::Set(_) => return None,
        };
        let mut build = self.program.builder();
        let mut sides = Vec::new();
        for (high, low) in steps {
            let (high, low) = (build.outcome(id, high), build.outcome(id, low));
            let (first, second) = if rising { (low, high) } else { (high, low) };
            let second = build.second(second);
            sides.push(build.and([first, second]));
        }
        Some(build.or(sides))
    }

    /// Whether the source says that the values of a decision are more or less strict: an ordered enumeration, or a way to
    /// combine that takes the strictest.
    pub fn ordered_by_declaration(&self, id: DecisionId) -> bool {
        let decision = self.program.decision(id);
        match &decision.domain {
            Domain::Enum(of) => self.program.enumeration(*of).ordered,
            _ => matches!(decision.combine, Combine::Strictest | Combine::LeastStrict),
        }
    }

    /// In how many ways the inputs can be chosen that only a compared regime has and that do not matter to a term: findings
    /// about one regime are counted over its own inputs.
    fn foreign(&self, term: TermId) -> BigUint {
        let one = BigUint::from(1u32);
        if self.program.inputs.iter().all(|input| self.regimes.contains(&input.regime)) {
            return one;
        }
        let matters = crate::eval::Atoms::of_term(&self.program, term).inputs;
        let foreign = self.program.input_ids().filter(|input| {
            let fixed = self.options.fixed.iter().any(|(fixed, _)| fixed == input);
            !fixed && !matters.contains(input) && !self.regimes.contains(&self.program.input(*input).regime)
        });
        let ways = |input: InputId| match &self.program.input(input).domain {
            Domain::Set(of) => BigUint::from(1u32) << self.program.enumeration(*of).size(),
            domain => crate::diagram::Allowed::all(&self.program, domain).map_or(one.clone(), |all| all.count()),
        };
        foreign.map(ways).fold(one.clone(), |all, ways| all * ways)
    }

    /// In how many cases a goal holds, and its classes by which of some terms hold in them.
    pub fn measure(&self, question: Question, terms: &[(RuleId, TermId)]) -> (Option<BigUint>, Vec<Class>) {
        let goal = question.goal;
        let mut roots: Vec<TermId> = vec![goal];
        roots.extend(terms.iter().map(|(_, term)| *term));
        let mut limits = diagram_options(&self.program, self.options, question.pair);
        if self.program.rules.len() > self.options.direct {
            // What a diagram of very many rules would have to hold is more than the number is worth.
            limits.node_limit /= 16;
        }
        let Ok(mut diagram) = Diagram::build(&self.program, &roots, &limits) else {
            return (None, Vec::new());
        };
        let foreign = self.foreign(goal);
        let count = diagram.count(goal).ok().flatten().map(|count| count / &foreign);
        if question.pair.is_some() || terms.is_empty() || terms.len() > CLASSED {
            return (count, Vec::new());
        }
        let regions = diagram.partition(terms, goal).unwrap_or_default();
        let class = |region: crate::diagram::Region| Class {
            rules: region.applying,
            before: 0,
            count: region.count.map(|count| count / &foreign),
            witness: match region.witness {
                // The interpreter has the last word here too.
                crate::diagram::Answer::Yes(case) => {
                    let shown = Witness::Case(case);
                    super::replay::replays(&self.program, question, &shown, self.options)
                        .then(|| super::method::first(&shown).clone())
                }
                _ => None,
            },
        };
        (count, regions.into_iter().map(class).filter(|class| class.witness.is_some()).take(CLASSES).collect())
    }

    /// Puts a witness, made realistic, and what the decisions came to in it, into a finding.
    pub fn show(&self, finding: &mut Finding, question: Question, witness: &Witness, decisions: &[DecisionId]) {
        let witness = realistic(&self.program, question, witness, self.options);
        finding.came = came(&self.program, &witness, decisions);
        finding.witness = Some(witness);
    }

    /// The name of a rule, as messages write it.
    pub fn rule_name(&self, rule: RuleId) -> Sentence {
        say!("`{name}`", name = self.program.rule(rule).name)
    }

    /// The name of a property, as messages write it; with the title that it has in another language.
    pub fn property_name(&self, at: usize) -> Sentence {
        let name = &self.program.properties[at].name;
        match self.program.title(Titled::Property(at as u32), Language::French) {
            Some(title) => say!("`{name}`", name = Sentence::own(name, format!("{name} ({title})"))),
            None => say!("`{name}`", name),
        }
    }

    /// Names of rules, in one phrase.
    pub fn rule_names(&self, rules: &[RuleId]) -> Sentence {
        let names: Vec<Sentence> = rules.iter().take(8).map(|rule| self.rule_name(*rule)).collect();
        let more = rules.len() - names.len();
        match more {
            0 => list!(", ", " and ", names),
            more => say!("{names} and {more} more", names = list!(", ", names), more),
        }
    }

    /// A value of a decision in words.
    pub fn value_text(&self, decision: DecisionId, value: &Value) -> Sentence {
        let domain = &self.program.decision(decision).domain;
        let text = self.program.value_text(domain, value);
        match domain {
            Domain::Number(number) => measured(text, &number.unit),
            Domain::Bool if text == "true" => say!("true"),
            Domain::Bool => say!("false"),
            _ => text.into(),
        }
    }

    /// An input and a value in words.
    pub fn given_text(&self, input: InputId, value: &Value) -> Sentence {
        let declared = self.program.input(input);
        let value = self.program.value_text(&declared.domain, value);
        say!("{name} is {value}", name = declared.name, value)
    }

    /// The scope of this check in words.
    pub fn scope(&self) -> Sentence {
        if self.options.fixed.is_empty() {
            return say!("all cases of the declared domains");
        }
        let given: Vec<Sentence> = self.options.fixed.iter().map(|(input, value)| self.given_text(*input, value)).collect();
        say!("all cases in which {given}", given = list!(" and ", given))
    }

    /// For which pairs of cases a proof is that lets one input differ: what follows from chains that keep this input is the same in
    /// both, though it could follow otherwise.
    pub fn scope_of_pairs(&self, input: InputId) -> Sentence {
        with_the_same(&self.program, input, self.scope())
    }

    /// Findings for contradictions inside Lexport.
    pub fn faults(&self, faults: &[Fault], question: &Sentence, report: &mut Report) {
        for fault in faults {
            let mut finding = Finding::new(Code::Internal, Kind::Internal, say!("bug in Lexport: {what}", what = fault.what));
            finding.notes.push(say!("the question was: {question}", question));
            finding.notes.push(say!("no answer to this question can be relied on; please report it"));
            finding.witness = fault.witness.clone();
            report.findings.push(finding);
        }
    }

    /// Of a check within a scope: what never happens there may happen elsewhere, so it is only worth knowing, and the scope is
    /// said. On one day or in one reading most laws have rules that do nothing: that is no defect.
    pub fn narrow(&self, finding: &mut Finding) {
        if !self.options.fixed.is_empty() {
            finding.severity = crate::diagnostic::Severity::Note;
            finding.notes.push(say!("asked of {scope} only", scope = self.scope()));
            finding.fixes.clear();
        }
    }

    /// Something that stayed open.
    pub fn undecided(&self, question: Sentence, rules: Vec<RuleId>, why: Sentence, report: &mut Report) {
        report.undecided.push(Undecided { question, rules, reasons: vec![why] });
    }
}

/// A number with its unit, as findings write it.
fn measured(digits: String, unit: &str) -> Sentence {
    let number = Sentence::number(digits);
    match unit {
        "" => number,
        "%" => say!("{number}%", number),
        unit => say!("{number} {unit}", number, unit),
    }
}

/// A scope in which two laws are compared: what follows from chains is taken to be the same under both.
pub fn with_the_same_chains(program: &Program, scope: Sentence) -> Sentence {
    held_fixed(program, scope, |_| true)
}

/// A scope in which an input differs; what follows from chains that keep it is taken to be the same.
pub fn with_the_same(program: &Program, input: InputId, scope: Sentence) -> Sentence {
    held_fixed(program, scope, |link| program.links[link as usize].keeps.contains(&input))
}

fn held_fixed(program: &Program, scope: Sentence, links: impl Fn(u32) -> bool) -> Sentence {
    let fed: BTreeSet<InputId> = program.carries.iter().filter(|carry| links(carry.link)).map(|carry| carry.target).collect();
    if fed.is_empty() {
        return scope;
    }
    let inputs = list!(", ", fed.iter().map(|input| say!("`{name}`", name = program.input(*input).name)));
    say!("{scope}, with what follows from chains the same in both ({inputs})", scope, inputs)
}
