//! Terms read with other inputs: the same said of the next state, or of every step of a run.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{
    BuildError, Case, Decimal, Decision, DecisionId, Domain, Goal, Input, InputId, NumberDomain, Poly, Process, ProcessStep,
    Program, Ranges, Rule, RuleId, Term, TermId, Variable, Window,
};

/// What stands for what in a copy.
pub(super) struct Copying<'p> {
    from: &'p Program,
    inputs: Vec<InputId>,
    rules: FxHashMap<RuleId, RuleId>,
    decisions: FxHashMap<DecisionId, DecisionId>,
    memo: FxHashMap<TermId, TermId>,
}

impl<'p> Copying<'p> {
    /// Into the same program, where some terms are others.
    pub(super) fn same(from: &'p Program, memo: FxHashMap<TermId, TermId>) -> Self {
        let inputs = from.input_ids().collect();
        Copying { from, inputs, rules: FxHashMap::default(), decisions: FxHashMap::default(), memo }
    }

    /// The term with everything below it, in another program (or in the same).
    pub(super) fn term(&mut self, to: &mut Program, root: TermId) -> Result<TermId, BuildError> {
        let mut below: BTreeSet<TermId> = BTreeSet::new();
        let mut stack = vec![root];
        while let Some(term) = stack.pop() {
            if !self.memo.contains_key(&term) && below.insert(term) {
                match self.from.pool.get(term) {
                    Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                    Term::And(inner) | Term::Or(inner) => stack.extend(inner),
                    _ => {}
                }
            }
        }
        // Each term refers to earlier ones only.
        for term in below {
            let copied = self.one(to, term)?;
            self.memo.insert(term, copied);
        }
        Ok(self.memo[&root])
    }

    fn one(&self, to: &mut Program, term: TermId) -> Result<TermId, BuildError> {
        let input = |of: &InputId| self.inputs[of.index()];
        let rule = |of: &RuleId| self.rules.get(of).copied().unwrap_or(*of);
        let decision = |of: &DecisionId| self.decisions.get(of).copied().unwrap_or(*of);
        let mut build = to.builder();
        Ok(match self.from.pool.get(term) {
            Term::True => build.constant(true),
            Term::False => build.constant(false),
            Term::Not(inner) => build.not(self.memo[inner]),
            Term::And(inner) => build.and(inner.iter().map(|inner| self.memo[inner])),
            Term::Or(inner) => build.or(inner.iter().map(|inner| self.memo[inner])),
            Term::Flag(of) => build.flag(input(of))?,
            Term::Member { of, set } => build.member(input(of), set.clone())?,
            Term::Same(a, b) => build.same(input(a), input(b))?,
            Term::Has { of, member } => build.has(input(of), *member)?,
            Term::Within { of, ranges } => build.within(input(of), ranges.clone())?,
            Term::AtLeastZero(poly) => {
                let mut copy = Poly::constant(poly.constant);
                for (factors, coefficient) in &poly.monomials {
                    let mut factors: Vec<InputId> = factors.iter().map(input).collect();
                    factors.sort_unstable();
                    let one = Poly { constant: 0, monomials: vec![(factors, *coefficient)] };
                    copy = copy.plus(&one).ok_or(BuildError::TooLarge)?;
                }
                build.at_least_zero(copy)?
            }
            Term::Applies(of) => build.applies(rule(of)),
            Term::Effective(of) => build.effective(rule(of)),
            Term::Outcome { decision: of, without: None, test } => build.outcome(decision(of), test.clone()),
            Term::Outcome { decision: of, without: Some(without), test } => {
                build.outcome_without(decision(of), rule(without), test.clone())
            }
            Term::SameOutcome(a, b) => build.same_outcome(decision(a), decision(b)),
            Term::Second(inner) => build.second(self.memo[inner]),
        })
    }
}

impl Program {
    /// A term with other inputs in the place of some; decisions are asked as before.
    ///
    /// # Errors
    /// If an input is of another domain than the one in whose place it stands.
    pub fn renamed(&mut self, term: TermId, instead: impl Fn(InputId) -> InputId) -> Result<TermId, BuildError> {
        let from = self.clone();
        let inputs = from.input_ids().map(instead).collect();
        let mut copying = Copying {
            from: &from,
            inputs,
            rules: FxHashMap::default(),
            decisions: FxHashMap::default(),
            memo: FxHashMap::default(),
        };
        copying.term(self, term)
    }

    /// What terms depend on: rules with those that override them, and decisions.
    fn needed(&self, roots: &[TermId]) -> (BTreeSet<RuleId>, BTreeSet<DecisionId>) {
        let (mut rules, mut decisions) = (BTreeSet::new(), BTreeSet::new());
        let mut seen: BTreeSet<TermId> = BTreeSet::new();
        let mut stack: Vec<TermId> = roots.to_vec();
        let mut more: Vec<RuleId> = Vec::new();
        loop {
            while let Some(rule) = more.pop() {
                if rules.insert(rule) {
                    stack.push(self.rule(rule).applies);
                    more.extend(&self.rule(rule).overridden_by);
                }
            }
            let Some(term) = stack.pop() else { return (rules, decisions) };
            if !seen.insert(term) {
                continue;
            }
            match self.pool.get(term) {
                Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                Term::And(inner) | Term::Or(inner) => stack.extend(inner),
                Term::Applies(rule) | Term::Effective(rule) => more.push(*rule),
                Term::Outcome { decision, .. } => {
                    decisions.insert(*decision);
                    more.extend(&self.decision(*decision).rules);
                }
                Term::SameOutcome(a, b) => {
                    for decision in [a, b] {
                        decisions.insert(*decision);
                        more.extend(&self.decision(*decision).rules);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Which runs are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Of exactly so many steps.
    Exact,
    /// Of so many steps or fewer: beyond the last of them nothing changes.
    OrFewer,
}

/// All runs of so many steps into what must never be, as one question about one case: it has a value for every input of every step.
#[derive(Clone, Debug)]
pub struct Unrolled {
    /// The question's program.
    pub program: Program,
    /// That the values are such a run.
    pub run: TermId,
    /// For each step, and for the end: which of its inputs stands for each input of the world. The next values of one step are the
    /// values now of the one after it; those at the end stand for nothing.
    pub inputs: Vec<Vec<InputId>>,
    /// For each step the input that says which it is; beyond the last of them: none, nothing changes.
    pub choices: Vec<InputId>,
}

/// A balance whose window rolls.
struct Rolling {
    used: InputId,
    added: InputId,
    date: InputId,
    days: i128,
}

impl Process {
    /// All runs of so many steps into a state that must never be.
    ///
    /// # Errors
    /// [`BuildError`] if a world does not fit itself: a bug.
    pub fn unrolled(&self, goal: &Goal, steps: usize, runs: Runs) -> Result<Unrolled, BuildError> {
        let rest = runs == Runs::OrFewer;
        let world = &self.world;
        let mut program = Program {
            inputs: Vec::new(),
            decisions: Vec::new(),
            rules: Vec::new(),
            pool: super::Pool::default(),
            caps: Vec::new(),
            links: Vec::new(),
            carries: Vec::new(),
            nodes: Vec::new(),
            words: std::collections::BTreeMap::new(),
            date: None,
            reading: None,
            ..world.clone()
        };
        let mut add = |input: Input| {
            program.inputs.push(input);
            InputId(program.inputs.len() as u32 - 1)
        };
        let at = |input: InputId, step: usize| Input {
            name: format!("{}@{step}", world.input(input).name),
            regime: 0,
            ..world.input(input).clone()
        };
        let nothing = InputId(u32::MAX);
        let mut inputs = vec![vec![nothing; world.inputs.len()]; steps + 1];
        for input in &self.rigid {
            let id = add(Input { regime: 0, ..world.input(*input).clone() });
            for copy in &mut inputs {
                copy[input.index()] = id;
            }
        }
        let mut choices = Vec::new();
        let which =
            NumberDomain { unit: String::new(), step: Decimal::whole(1), lo: 0, hi: self.steps.len() as i64 - i64::from(!rest) };
        for step in 0..=steps {
            for Variable { now, next } in &self.variables {
                let id = add(at(*now, step));
                inputs[step][now.index()] = id;
                if step > 0 {
                    inputs[step - 1][next.index()] = id;
                }
            }
            for input in world.input_ids().filter(|input| self.is_chosen(*input)) {
                inputs[step][input.index()] = add(at(input, step));
            }
            if step < steps {
                choices.push(add(Input::plain(format!("step@{step}"), Domain::Number(which.clone()), self.origin)));
            }
        }
        let relations: Vec<TermId> = self.steps.iter().map(|step| step.relation).collect();
        let entries: Vec<TermId> = self.steps.iter().flat_map(|step| step.entries.iter().map(|entry| entry.is)).collect();
        let within_steps: Vec<TermId> = relations.iter().chain(&entries).copied().collect();
        let mut parts = Vec::new();
        for (step, copy) in inputs.iter().enumerate() {
            let roots = if step < steps { &within_steps[..] } else { &[goal.bad] };
            let mut copying = self.world.copy_into(&mut program, copy.clone(), roots)?;
            if step == 0 {
                parts.push(copying.term(&mut program, self.start)?);
            }
            if step == steps {
                parts.push(copying.term(&mut program, goal.bad)?);
                continue;
            }
            let mut ways = Vec::new();
            for (number, relation) in relations.iter().enumerate() {
                let mut all = vec![copying.term(&mut program, *relation)?];
                for entry in &self.steps[number].entries {
                    all.push(copying.term(&mut program, entry.is)?);
                }
                let mut build = program.builder();
                all.push(build.within(choices[step], Ranges::closed(number as i64, number as i64))?);
                ways.push(build.and(all));
            }
            if rest {
                let mut build = program.builder();
                let none = self.steps.len() as i64;
                let mut all = vec![build.within(choices[step], Ranges::closed(none, none))?];
                for Variable { now, next } in &self.variables {
                    let (now, next) = (copy[now.index()], copy[next.index()]);
                    all.push(program.unchanged(now, next)?);
                }
                ways.push(program.builder().and(all));
            }
            parts.push(program.builder().or(ways));
        }
        for balance in &self.balances {
            let (Window::Rolling(days), Some(date), Some(added)) = (balance.window, world.date, balance.added) else { continue };
            let rolling = Rolling { used: balance.used, added, date, days: i128::from(days) };
            parts.extend(self.counted(rolling, &mut program, &inputs, &choices)?);
        }
        let run = program.builder().and(parts);
        Ok(Unrolled { program, run, inputs, choices })
    }
}

impl Process {
    /// The balance of a rolling window, entry by entry: what each step has added counts until its day has left the window, or until it is
    /// another's; what is more than the end of its range is the end of its range. (The steps themselves only know the first day that
    /// counts.)
    fn counted(
        &self,
        Rolling { used, added, date, days }: Rolling,
        program: &mut Program,
        inputs: &[Vec<InputId>],
        choices: &[InputId],
    ) -> Result<Vec<TermId>, BuildError> {
        let counting = self.numbers(|step| step.entries.iter().any(|entry| entry.added == added));
        let renewing = self.numbers(|step| step.renews.contains(&used));
        let minus = |a: &Poly, b: &Poly| a.plus(&b.times_constant(-1)?);
        let of = self.world.input(added).clone();
        let full = self.world.input(used).domain.bounds().map_or(0, |(_, hi)| hi);
        let mut all = Vec::new();
        // What each step has added, as far as it still counts.
        let mut entries: Vec<InputId> = Vec::new();
        for (step, choice) in choices.iter().enumerate() {
            let mut here = Vec::new();
            for entry in 0..=step {
                program.inputs.push(Input { name: format!("{}@{entry}@{}", of.name, step + 1), regime: 0, ..of.clone() });
                here.push(InputId(program.inputs.len() as u32 - 1));
            }
            let mut build = program.builder();
            let renewed = build.within(*choice, renewing.clone())?;
            for (entry, now) in here.iter().enumerate() {
                let (condition, amount) = if entry == step {
                    (build.within(*choice, counting.clone())?, inputs[step][added.index()])
                } else {
                    let passed = minus(&Poly::input(inputs[entry][date.index()]), &Poly::input(inputs[step + 1][date.index()]));
                    let passed = passed.and_then(|passed| passed.plus(&Poly::constant(days - 1))).ok_or(BuildError::TooLarge)?;
                    let inside = build.at_least_zero(passed)?;
                    let same = build.not(renewed);
                    (build.and([inside, same]), entries[entry])
                };
                let beyond = minus(&Poly::input(*now), &Poly::input(amount)).ok_or(BuildError::TooLarge)?;
                let same = build.zero(&beyond)?;
                all.push(build.implies(condition, same));
                let none = build.within(*now, Ranges::closed(0, 0))?;
                let not = build.not(condition);
                all.push(build.implies(not, none));
            }
            let balance = inputs[step + 1][used.index()];
            let mut more = Poly::constant(0);
            for now in &here {
                more = more.plus(&Poly::input(*now)).ok_or(BuildError::TooLarge)?;
            }
            let more = minus(&more, &Poly::input(balance)).ok_or(BuildError::TooLarge)?;
            let exact = build.zero(&more)?;
            let at_end = build.within(balance, Ranges::closed(full, full))?;
            let or_more = build.at_least_zero(more)?;
            let cut = build.and([at_end, or_more]);
            all.push(build.or([exact, cut]));
            entries = here;
        }
        Ok(all)
    }

    /// The numbers of steps.
    fn numbers(&self, of: impl Fn(&ProcessStep) -> bool) -> Ranges {
        Ranges::from_pairs((0i64..).zip(&self.steps).filter(|(_, step)| of(step)).map(|(number, _)| (number, number)))
    }
}

impl Program {
    /// Copies the rules and decisions that some terms depend on, with other inputs, behind those of another program.
    fn copy_into<'p>(&'p self, to: &mut Program, inputs: Vec<InputId>, roots: &[TermId]) -> Result<Copying<'p>, BuildError> {
        let (rules, decisions) = self.needed(roots);
        let mut copying = Copying {
            from: self,
            inputs,
            rules: FxHashMap::default(),
            decisions: FxHashMap::default(),
            memo: FxHashMap::default(),
        };
        for (index, rule) in rules.iter().enumerate() {
            copying.rules.insert(*rule, RuleId((to.rules.len() + index) as u32));
        }
        for (index, decision) in decisions.iter().enumerate() {
            copying.decisions.insert(*decision, DecisionId((to.decisions.len() + index) as u32));
        }
        let always = to.builder().constant(true);
        for rule in &rules {
            let of = self.rule(*rule);
            let applies = copying.term(to, of.applies)?;
            let concludes =
                of.conclusions.iter().filter_map(|(decision, value)| Some((*copying.decisions.get(decision)?, value.clone())));
            to.rules.push(Rule {
                in_force: always,
                condition: applies,
                applies,
                conclusions: concludes.collect(),
                overridden_by: of.overridden_by.iter().map(|by| copying.rules[by]).collect(),
                alternatives: Vec::new(),
                limbs: Vec::new(),
                license: Vec::new(),
                regime: 0,
                ..of.clone()
            });
        }
        for decision in &decisions {
            let of = self.decision(*decision);
            to.decisions.push(Decision { rules: of.rules.iter().map(|rule| copying.rules[rule]).collect(), ..of.clone() });
        }
        Ok(copying)
    }
}

impl Program {
    /// That two inputs of one domain have the same value.
    ///
    /// # Errors
    /// If they are of different domains.
    pub fn unchanged(&mut self, now: InputId, next: InputId) -> Result<TermId, BuildError> {
        let domain = self.input(now).domain.clone();
        let size = match &domain {
            Domain::Set(of) => self.enumeration(*of).size(),
            _ => 0,
        };
        let mut build = self.builder();
        match domain {
            Domain::Bool => {
                let (a, b) = (build.flag(now)?, build.flag(next)?);
                Ok(build.iff(a, b))
            }
            Domain::Enum(_) => build.same(now, next),
            Domain::Set(_) => {
                let mut all = Vec::new();
                for member in 0..size {
                    let (a, b) = (build.has(now, member)?, build.has(next, member)?);
                    all.push(build.iff(a, b));
                }
                Ok(build.and(all))
            }
            Domain::Number(_) | Domain::Date { .. } => {
                let difference = Poly::input(next).plus(&Poly::input(now).times_constant(-1).ok_or(BuildError::TooLarge)?);
                build.zero(&difference.ok_or(BuildError::TooLarge)?)
            }
        }
    }
}

impl Unrolled {
    /// The cases of a run, one for each step, and the last, in which what must never be is so; which step each takes.
    /// `None` if the case is not complete.
    pub fn run_of(&self, process: &Process, case: &Case) -> Option<(Vec<(u32, Case)>, Case)> {
        let mut cases = Vec::new();
        for (step, copy) in self.inputs.iter().enumerate() {
            let mut one = Case::unknown(process.world.inputs.len());
            for input in process.world.input_ids() {
                let of = copy[input.index()];
                if of.index() < self.program.inputs.len() {
                    one.set(input, case.get(of)?.clone());
                } else if let Some(variable) = process.variables.iter().find(|variable| variable.next == input) {
                    // Nothing comes after the end.
                    one.set(input, case.get(copy[variable.now.index()])?.clone());
                }
            }
            let choice = match self.choices.get(step) {
                Some(choice) => u32::try_from(case.int(*choice)?).ok()?,
                None => u32::MAX,
            };
            cases.push((choice, one));
        }
        let (_, last) = cases.pop()?;
        // Where nothing is done nothing is told.
        cases.retain(|(choice, _)| (*choice as usize) < process.steps.len());
        Some((cases, last))
    }
}
