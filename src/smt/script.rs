//! The same question as stand-alone SMT-LIB 2.6 text, for the archive and for a second solver.
//!
//! In: a program and a question. Out: text; `sat` is a case, `unsat` is none. Written from the IR by itself: it shares no code with
//! `encode.rs` and takes other ways wherever there is one (datatypes for enumerations, the value of an outcome as an
//! integer, the second case with all its own inputs and equations), so that one mistake does not make both agree.
//! Every constant and function has an id in its name, because names in the source may be anything.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::answer::Reason;
use super::query::Query;
use crate::ir::{Combine, DecisionId, Domain, EnumId, InputId, OutcomeTest, Poly, Program, Ranges, RuleId, Term, TermId, Value};

/// The question as an SMT-LIB script: `set-logic ALL`, declarations, assertions, `check-sat`, `get-model`.
///
/// # Errors
/// [`Reason::Malformed`] as [`super::Session::ask`] would answer.
pub fn script(program: &Program, query: &Query) -> Result<String, Reason> {
    let mut printer = Printer { program, head: String::new(), body: String::new(), ..Printer::empty(program) };
    printer.question(query).map_err(Reason::Malformed)?;
    let mut text = String::from("(set-option :produce-models true)\n(set-logic ALL)\n");
    text += &printer.head;
    text += &printer.body;
    text += "(check-sat)\n(get-model)\n";
    Ok(text)
}

/// Which case is read, and without which rule.
type Mode = (bool, Option<RuleId>);

/// What has a definition of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Def {
    Term(TermId, Mode),
    Rule(RuleId, Mode),
    Decision(DecisionId, Mode),
}

pub(super) struct Printer<'p> {
    program: &'p Program,
    pub(super) head: String,
    pub(super) body: String,
    enums: FxHashSet<EnumId>,
    inputs: FxHashSet<(InputId, bool)>,
    defined: FxHashSet<Def>,
    paired: bool,
    names: FxHashMap<Def, String>,
}

impl<'p> Printer<'p> {
    pub(super) fn empty(program: &'p Program) -> Self {
        Printer {
            program,
            head: String::new(),
            body: String::new(),
            enums: FxHashSet::default(),
            inputs: FxHashSet::default(),
            defined: FxHashSet::default(),
            paired: false,
            names: FxHashMap::default(),
        }
    }

    pub(super) fn question(&mut self, query: &Query) -> Result<(), String> {
        self.paired = query.pair.is_some();
        // Every domain counts, also those that the question does not touch: one without a value leaves no case at all.
        for of in self.program.input_ids() {
            self.input(of, false);
        }
        if let Some(pair) = &query.pair {
            let differing: FxHashSet<InputId> = pair.differing.iter().chain(&pair.rising).copied().collect();
            for of in self.program.input_ids() {
                self.input(of, true);
                if !differing.contains(&of) {
                    let equal = self.equal_inputs(of);
                    let _ = writeln!(self.body, "(assert {equal})");
                }
            }
            if let Some(of) = pair.rising {
                let (first, second) = (self.rank(of, false)?, self.rank(of, true)?);
                let _ = writeln!(self.body, "(assert (< {first} {second}))");
            }
        }
        for (of, value) in &query.fixed {
            let given = self.given(*of, value)?;
            let _ = writeln!(self.body, "(assert {given})");
        }
        for term in &query.holding {
            let name = self.define(Def::Term(*term, (false, None)))?;
            let _ = writeln!(self.body, "(assert {name})");
        }
        for term in &query.failing {
            let name = self.define(Def::Term(*term, (false, None)))?;
            let _ = writeln!(self.body, "(assert (not {name}))");
        }
        Ok(())
    }

    /// Defines something after everything it needs, with a stack of its own. Its name.
    fn define(&mut self, root: Def) -> Result<String, String> {
        let mut stack = vec![(root, false)];
        let mut open: FxHashSet<Def> = FxHashSet::default();
        while let Some((def, ready)) = stack.pop() {
            if self.defined.contains(&def) {
                continue;
            }
            if ready {
                let name = self.name(def);
                self.names.insert(def, name);
                self.write(def)?;
                self.defined.insert(def);
            } else if open.insert(def) {
                stack.push((def, true));
                stack.extend(self.needs(def)?.into_iter().rev().map(|need| (need, false)));
            } else {
                return Err("rules that depend on each other in a circle".into());
            }
        }
        Ok(self.names[&root].clone())
    }

    fn name(&self, def: Def) -> String {
        let suffix = |(second, without): Mode| {
            let without = without.map_or(String::new(), |rule| format!("-r{}", rule.0));
            format!("{}{without}", if second { "'" } else { "" })
        };
        match def {
            Def::Term(id, mode) => format!("|t{}{}|", id.0, suffix(mode)),
            Def::Rule(id, mode) => format!("|r{}{} {}|", id.0, suffix(mode), plain(&self.program.rule(id).name)),
            Def::Decision(id, mode) => format!("d{}{}", id.0, suffix(mode)),
        }
    }

    fn needs(&self, def: Def) -> Result<Vec<Def>, String> {
        let rules = |decision: DecisionId, mode: Mode| -> Vec<Def> {
            let rules = self.program.decision(decision).rules.iter();
            rules.filter(|rule| mode.1 != Some(**rule)).map(|rule| Def::Rule(*rule, mode)).collect()
        };
        Ok(match def {
            Def::Decision(id, mode) => rules(id, mode),
            Def::Rule(id, mode) if mode.1 == Some(id) => Vec::new(),
            Def::Rule(id, mode) => {
                let rule = self.program.rule(id);
                let mut needs = vec![Def::Term(rule.applies, mode)];
                needs.extend(rule.overridden_by.iter().map(|other| Def::Rule(*other, mode)));
                needs
            }
            Def::Term(id, _) if id.index() >= self.program.pool.len() => return Err("a term that is not in the program".into()),
            Def::Term(id, mode) => match self.program.pool.get(id) {
                Term::Not(inner) => vec![Def::Term(*inner, mode)],
                Term::And(inner) | Term::Or(inner) => inner.iter().map(|inner| Def::Term(*inner, mode)).collect(),
                Term::Applies(rule) if mode.1 == Some(*rule) => Vec::new(),
                Term::Applies(rule) => vec![Def::Term(self.program.rule(*rule).applies, mode)],
                Term::Effective(rule) => vec![Def::Rule(*rule, mode)],
                Term::Outcome { decision, without, .. } => vec![Def::Decision(*decision, inside(mode, *without)?)],
                Term::SameOutcome(a, b) => vec![Def::Decision(*a, mode), Def::Decision(*b, mode)],
                Term::Second(_) if mode.0 => return Err("a second case inside a second case".into()),
                Term::Second(_) if !self.paired => return Err("a second case in a question about one".into()),
                Term::Second(inner) => vec![Def::Term(*inner, (true, mode.1))],
                _ => Vec::new(),
            },
        })
    }

    fn write(&mut self, def: Def) -> Result<(), String> {
        let name = self.names[&def].clone();
        let text = match def {
            Def::Decision(id, mode) => return self.decision(id, mode),
            Def::Rule(id, mode) if mode.1 == Some(id) => "false".into(),
            Def::Rule(id, mode) => {
                let rule = self.program.rule(id);
                let mut text = format!("(and {}", self.names[&Def::Term(rule.applies, mode)]);
                for other in &rule.overridden_by {
                    let _ = write!(text, " (not {})", self.names[&Def::Rule(*other, mode)]);
                }
                text + ")"
            }
            Def::Term(id, mode) => self.term(id, mode)?,
        };
        let _ = writeln!(self.body, "(define-fun {name} () Bool {text})");
        Ok(())
    }

    fn term(&mut self, id: TermId, mode: Mode) -> Result<String, String> {
        let second = mode.0;
        Ok(match self.program.pool.get(id) {
            Term::True => "true".into(),
            Term::False => "false".into(),
            Term::Not(inner) => format!("(not {})", self.names[&Def::Term(*inner, mode)]),
            Term::And(inner) => junction("and", inner.iter().map(|inner| self.names[&Def::Term(*inner, mode)].clone())),
            Term::Or(inner) => junction("or", inner.iter().map(|inner| self.names[&Def::Term(*inner, mode)].clone())),
            Term::Flag(of) => self.constant(*of, second),
            Term::Member { of, set } => {
                let constant = self.constant(*of, second);
                let Domain::Enum(of) = self.program.input(*of).domain else { return Err("members of no enumeration".into()) };
                junction("or", set.iter().map(|member| format!("(= {constant} {})", self.member(of, member))))
            }
            Term::Same(a, b) => format!("(= {} {})", self.constant(*a, second), self.constant(*b, second)),
            Term::Has { of, member } => self.has(*of, second, *member),
            Term::Within { of, ranges } => within(&self.constant(*of, second), ranges),
            Term::AtLeastZero(poly) => format!("(>= {} 0)", self.poly(poly, second)),
            Term::Applies(rule) if mode.1 == Some(*rule) => "false".into(),
            Term::Applies(rule) => self.names[&Def::Term(self.program.rule(*rule).applies, mode)].clone(),
            Term::Effective(rule) => self.names[&Def::Rule(*rule, mode)].clone(),
            Term::Outcome { decision, without, test } => {
                let d = self.names[&Def::Decision(*decision, inside(mode, *without)?)].clone();
                let set = matches!(self.program.decision(*decision).domain, Domain::Set(_));
                match test {
                    OutcomeTest::Gap => format!("|{d}.gap|"),
                    OutcomeTest::Conflict => format!("|{d}.conflict|"),
                    OutcomeTest::Members(members) if !set => {
                        let tests = junction("or", members.iter().map(|member| format!("(= |{d}.value| {member})")));
                        format!("(and (not |{d}.gap|) (not |{d}.conflict|) {tests})")
                    }
                    OutcomeTest::Within(ranges) if !set => {
                        let tests = within(&format!("|{d}.value|"), ranges);
                        format!("(and (not |{d}.gap|) (not |{d}.conflict|) {tests})")
                    }
                    OutcomeTest::Has(member) if set && *member < self.set_size(*decision) => {
                        format!("(and (not |{d}.gap|) (not |{d}.conflict|) |{d}.has.{member}|)")
                    }
                    _ => "false".into(),
                }
            }
            Term::SameOutcome(a, b) => {
                let sizes = (self.set_size(*a), self.set_size(*b));
                let (a, b) = (&self.names[&Def::Decision(*a, mode)], &self.names[&Def::Decision(*b, mode)]);
                let same = if sizes.0 > 0 {
                    junction("and", (0..sizes.0.min(sizes.1)).map(|m| format!("(= |{a}.has.{m}| |{b}.has.{m}|)")))
                } else {
                    format!("(= |{a}.value| |{b}.value|)")
                };
                let neither = |d: &str| format!("(not |{d}.gap|) (not |{d}.conflict|)");
                format!(
                    "(or (and |{a}.gap| |{b}.gap|) (and |{a}.conflict| |{b}.conflict|) (and {} {} {same}))",
                    neither(a),
                    neither(b)
                )
            }
            Term::Second(inner) => self.names[&Def::Term(*inner, (true, mode.1))].clone(),
        })
    }

    /// How many members a decision's sets can have; 0 for a decision without sets.
    fn set_size(&self, decision: DecisionId) -> u32 {
        match self.program.decision(decision).domain {
            Domain::Set(id) => self.program.enumeration(id).size(),
            _ => 0,
        }
    }

    /// The outcome of a decision as functions: `gap`, `conflict`, and `value` or `has.m`.
    fn decision(&mut self, id: DecisionId, mode: Mode) -> Result<(), String> {
        let d = self.names[&Def::Decision(id, mode)].clone();
        let decision = self.program.decision(id);
        let rules: Vec<(String, &Value)> = decision
            .rules
            .iter()
            .filter(|rule| mode.1 != Some(**rule))
            .filter_map(|rule| Some((self.names[&Def::Rule(*rule, mode)].clone(), self.program.conclusion(*rule, id)?)))
            .collect();
        let mut define = |what: &str, sort: &str, text: String| {
            let _ = writeln!(self.body, "(define-fun |{d}.{what}| () {sort} {text})");
        };
        define("some", "Bool", junction("or", rules.iter().map(|(rule, _)| rule.clone())));
        let no_default = decision.default.is_none() && decision.combine != Combine::All;
        define("gap", "Bool", if no_default { format!("(not |{d}.some|)") } else { "false".into() });
        if let Domain::Set(of) = decision.domain {
            let size = self.program.enumeration(of).size();
            let holds = |value: &Value, member: u32| matches!(value, Value::Set(set) if set.contains(member));
            for m in 0..size {
                let by_default = decision.default.as_ref().is_some_and(|value| holds(value, m));
                let text = if decision.combine == Combine::All {
                    let with = rules.iter().filter(|(_, value)| holds(value, m)).map(|(rule, _)| rule.clone());
                    format!("(or {} (and {by_default} (not |{d}.some|)))", junction("or", with))
                } else {
                    ladder(rules.iter().map(|(rule, value)| (rule.clone(), holds(value, m).to_string())), &by_default.to_string())
                };
                define(&format!("has.{m}"), "Bool", text);
            }
            let other = |value: &Value| junction("or", (0..size).map(|m| format!("(not (= |{d}.has.{m}| {}))", holds(value, m))));
            let text = if decision.combine == Combine::ExactlyOne {
                junction("or", rules.iter().map(|(rule, value)| format!("(and {rule} {})", other(value))))
            } else {
                "false".into()
            };
            define("conflict", "Bool", text);
            return Ok(());
        }
        let default = integer(decision.default.as_ref().map_or(0, number));
        let valued = |(rule, value): &(String, &Value)| (rule.clone(), integer(number(value)));
        match decision.combine {
            Combine::ExactlyOne | Combine::First => define("value", "Int", ladder(rules.iter().map(valued), &default)),
            Combine::Sum => {
                let parts = rules.iter().map(valued).map(|(rule, k)| format!("(ite {rule} {k} 0)"));
                let sum = format!("(+ 0 0 {})", parts.collect::<Vec<_>>().join(" "));
                define("value", "Int", format!("(ite |{d}.some| {sum} {default})"));
            }
            Combine::Strictest | Combine::LeastStrict => {
                // The best so far, one rule after the other, and whether there was one.
                let better = if decision.combine == Combine::Strictest { ">" } else { "<" };
                let (mut best, mut some) = (default, "false".to_owned());
                for (index, (rule, k)) in rules.iter().map(valued).enumerate() {
                    let takes = format!("(and {rule} (or (not {some}) ({better} {k} {best})))");
                    define(&format!("best.{index}"), "Int", format!("(ite {takes} {k} {best})"));
                    define(&format!("some.{index}"), "Bool", format!("(or {some} {rule})"));
                    (best, some) = (format!("|{d}.best.{index}|"), format!("|{d}.some.{index}|"));
                }
                define("value", "Int", best);
            }
            Combine::All => return Err(format!("`{}` collects sets and is none", decision.name)),
        }
        let conflict = if decision.combine == Combine::ExactlyOne {
            junction("or", rules.iter().map(valued).map(|(rule, k)| format!("(and {rule} (not (= |{d}.value| {k})))")))
        } else {
            "false".into()
        };
        define("conflict", "Bool", conflict);
        Ok(())
    }

    fn poly(&self, poly: &Poly, second: bool) -> String {
        let mut text = format!("(+ {} 0", integer(poly.constant));
        for (inputs, coefficient) in &poly.monomials {
            let factors: Vec<String> = inputs.iter().map(|input| self.constant(*input, second)).collect();
            let _ = write!(text, " (* {} {})", integer(*coefficient), factors.join(" "));
        }
        text + ")"
    }

    /// The constant of an input.
    pub(super) fn constant(&self, of: InputId, second: bool) -> String {
        format!("|{}{} {}|", if second { "s" } else { "i" }, of.0, plain(&self.program.input(of).name))
    }

    /// The constant that says that a set input has a member.
    pub(super) fn has(&self, of: InputId, second: bool, member: u32) -> String {
        format!("|{}{}.{member} {}|", if second { "s" } else { "i" }, of.0, plain(&self.program.input(of).name))
    }

    fn member(&self, of: EnumId, member: u32) -> String {
        format!("|e{}.{member} {}|", of.0, plain(&self.program.enumeration(of).members[member as usize].name))
    }

    /// Declares an input with its domain.
    fn input(&mut self, of: InputId, second: bool) {
        if !self.inputs.insert((of, second)) {
            return;
        }
        let constant = self.constant(of, second);
        match &self.program.input(of).domain {
            Domain::Bool => {
                let _ = writeln!(self.head, "(declare-const {constant} Bool)");
            }
            Domain::Enum(id) => {
                let size = self.program.enumeration(*id).size();
                if size == 0 {
                    // SMT-LIB has no sort without an element.
                    let _ = writeln!(self.head, "(assert false)");
                    return;
                }
                if self.enums.insert(*id) {
                    let members = (0..size).map(|member| format!("({})", self.member(*id, member)));
                    let members = members.collect::<Vec<_>>().join(" ");
                    let _ = writeln!(self.head, "(declare-datatypes ((e{} 0)) (({members})))", id.0);
                }
                let _ = writeln!(self.head, "(declare-const {constant} e{})", id.0);
            }
            Domain::Set(id) => {
                for member in 0..self.program.enumeration(*id).size() {
                    let has = self.has(of, second, member);
                    let _ = writeln!(self.head, "(declare-const {has} Bool)");
                }
            }
            domain @ (Domain::Number(_) | Domain::Date { .. }) => {
                let (lo, hi) = domain.bounds().unwrap_or((0, -1));
                let (lo, hi) = (integer(lo.into()), integer(hi.into()));
                let _ = writeln!(self.head, "(declare-const {constant} Int)");
                let _ = writeln!(self.head, "(assert (<= {lo} {constant} {hi}))");
            }
        }
    }

    fn equal_inputs(&self, of: InputId) -> String {
        match self.program.input(of).domain {
            Domain::Set(id) => junction(
                "and",
                (0..self.program.enumeration(id).size())
                    .map(|member| format!("(= {} {})", self.has(of, false, member), self.has(of, true, member))),
            ),
            Domain::Enum(id) if self.program.enumeration(id).size() == 0 => "false".into(),
            _ => format!("(= {} {})", self.constant(of, false), self.constant(of, true)),
        }
    }

    /// The place of an input's value in its order, as an integer.
    fn rank(&self, of: InputId, second: bool) -> Result<String, String> {
        let constant = self.constant(of, second);
        Ok(match self.program.input(of).domain {
            Domain::Bool => format!("(ite {constant} 1 0)"),
            Domain::Number(_) | Domain::Date { .. } => constant,
            Domain::Enum(id) => ladder(
                (0..self.program.enumeration(id).size())
                    .map(|member| (format!("(= {constant} {})", self.member(id, member)), member.to_string())),
                "0",
            ),
            Domain::Set(_) => return Err("a set has no order".into()),
        })
    }

    fn given(&self, of: InputId, value: &Value) -> Result<String, String> {
        let constant = self.constant(of, false);
        Ok(match (&self.program.input(of).domain, value) {
            (Domain::Bool, Value::Bool(value)) => format!("(= {constant} {value})"),
            (Domain::Enum(id), Value::Member(member)) if *member < self.program.enumeration(*id).size() => {
                format!("(= {constant} {})", self.member(*id, *member))
            }
            (Domain::Enum(_), Value::Member(_)) => "false".into(),
            (Domain::Set(_), Value::Set(set)) => {
                junction("and", (0..set.size()).map(|m| format!("(= {} {})", self.has(of, false, m), set.contains(m))))
            }
            (Domain::Number(_) | Domain::Date { .. }, Value::Int(k)) => format!("(= {constant} {})", integer((*k).into())),
            _ => return Err("a value of another sort".into()),
        })
    }
}

/// The mode in which an outcome is read.
fn inside((second, outer): Mode, without: Option<RuleId>) -> Result<Mode, String> {
    match (outer, without) {
        (Some(a), Some(b)) if a != b => Err("an outcome without one rule inside an outcome without another".into()),
        _ => Ok((second, without.or(outer))),
    }
}

/// A name without what would end a quoted symbol.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c == '|' || c == '\\' || c.is_control() { '_' } else { c }).collect()
}

/// A whole number; SMT-LIB has no negative literals.
fn integer(k: i128) -> String {
    if k < 0 { format!("(- {})", k.unsigned_abs()) } else { k.to_string() }
}

/// The value of an outcome as a whole number.
fn number(value: &Value) -> i128 {
    match value {
        Value::Bool(value) => i128::from(*value),
        Value::Member(member) => i128::from(*member),
        Value::Int(k) => i128::from(*k),
        Value::Set(_) => 0,
    }
}

fn junction(operator: &str, parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match (parts.as_slice(), operator) {
        ([], "and") => "true".into(),
        ([], _) => "false".into(),
        ([only], _) => only.clone(),
        (parts, _) => format!("({operator} {})", parts.join(" ")),
    }
}

/// The first that holds gives the value.
fn ladder(steps: impl Iterator<Item = (String, String)>, otherwise: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    for (condition, value) in steps {
        let _ = write!(text, "(ite {condition} {value} ");
        depth += 1;
    }
    text + otherwise + &")".repeat(depth)
}

fn within(constant: &str, ranges: &Ranges) -> String {
    junction(
        "or",
        ranges.pairs().iter().map(|(lo, hi)| format!("(<= {} {constant} {})", integer((*lo).into()), integer((*hi).into()))),
    )
}
