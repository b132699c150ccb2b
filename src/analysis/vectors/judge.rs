//! How much a case shows, as the interpreter says: it runs the case as it is, and with a rule turned over.

use std::collections::BTreeMap;

use crate::eval::{BadCase, Decided, Eval, same};
use crate::ir::{Case, DecisionId, Domain, InputId, Program, RuleId, TermId, Value};

use super::obligation::{Judged, Strength, Turn, What};

/// Judges cases. Each thread has its own.
pub struct Judge<'a> {
    program: &'a Program,
    obligations: &'a [Judged],
    /// The decisions of the first regime.
    decisions: Vec<DecisionId>,
    /// The program with a rule turned over.
    other: Program,
    constants: [TermId; 2],
}

/// What is known of one case so far.
struct Look<'c, 'p> {
    case: &'c Case,
    eval: Eval<'p>,
    decided: Vec<Decided>,
    turned: BTreeMap<(RuleId, Turn), Vec<Decided>>,
}

impl<'a> Judge<'a> {
    /// For the obligations of a program that has their terms.
    pub fn new(program: &'a Program, obligations: &'a [Judged]) -> Self {
        let mut other = program.clone();
        let constants = [false, true].map(|value| other.builder().constant(value));
        let decisions = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
        Judge { program, obligations, decisions, other, constants }
    }

    /// What the decisions of the first regime come to.
    ///
    /// # Errors
    /// [`BadCase`] if the case is not complete and within the domains.
    pub fn decided(&self, case: &Case) -> Result<Vec<Decided>, BadCase> {
        let mut eval = Eval::new(self.program, case)?;
        Ok(self.decisions.iter().map(|id| eval.decide(*id).clone()).collect())
    }

    /// Of each obligation the best of its levels that the case shows.
    ///
    /// # Errors
    /// As [`Judge::decided`].
    pub fn levels(&mut self, case: &Case) -> Result<Vec<Option<usize>>, BadCase> {
        let (program, obligations) = (self.program, self.obligations);
        let mut look = self.look(program, case)?;
        Ok(obligations.iter().map(|one| self.level_in(&mut look, one)).collect())
    }

    /// The best level of one obligation that the case shows.
    ///
    /// # Errors
    /// As [`Judge::decided`].
    pub fn level(&mut self, at: usize, case: &Case) -> Result<Option<usize>, BadCase> {
        let (program, obligations) = (self.program, self.obligations);
        let mut look = self.look(program, case)?;
        Ok(self.level_in(&mut look, &obligations[at]))
    }

    fn look<'c, 'p>(&self, program: &'p Program, case: &'c Case) -> Result<Look<'c, 'p>, BadCase>
    where
        'c: 'p,
    {
        let eval = Eval::new(program, case)?;
        Ok(Look { case, eval, decided: Vec::new(), turned: BTreeMap::new() })
    }

    fn level_in(&mut self, look: &mut Look<'_, '_>, one: &Judged) -> Option<usize> {
        let holds: Vec<bool> = one.triggers.iter().map(|trigger| look.eval.holds(*trigger)).collect();
        if !holds.contains(&true) {
            return None;
        }
        let strength = match (one.turn, one.what) {
            (_, What::Reading(input, member)) => self.between_readings(look, input, member),
            (Some(turn), what) => self.strength(look, what, turn),
            (None, _) => Strength::Decides,
        };
        one.levels.iter().position(|(trigger, least)| holds[*trigger] && strength <= *least)
    }

    fn strength(&mut self, look: &mut Look<'_, '_>, what: What, turn: Turn) -> Strength {
        let Some(rule) = what.rule() else { return Strength::Holds };
        self.decide(look);
        if !look.turned.contains_key(&(rule, turn)) {
            let turned = self.turned(look, rule, turn);
            look.turned.insert((rule, turn), turned);
        }
        let turned = &look.turned[&(rule, turn)];
        match what {
            What::Carries(_, decision) => {
                let at = self.decisions.iter().position(|id| *id == decision).unwrap_or_default();
                match (look.decided[at].because.contains(&rule), same(&look.decided[at].outcome, &turned[at].outcome)) {
                    (true, false) => Strength::Decides,
                    (true, true) => Strength::Carries,
                    (false, _) => Strength::Turns,
                }
            }
            _ => compared(&look.decided, turned),
        }
    }

    fn decide(&self, look: &mut Look<'_, '_>) {
        if look.decided.is_empty() {
            look.decided = self.decisions.iter().map(|id| look.eval.decide(*id).clone()).collect();
        }
    }

    /// What the decisions come to if the rule applies where it does not, or the other way round.
    fn turned(&mut self, look: &mut Look<'_, '_>, rule: RuleId, turn: Turn) -> Vec<Decided> {
        let now = match turn {
            Turn::Applies => look.eval.applies(rule),
            Turn::Effective => look.eval.effective(rule),
        };
        let own = &mut self.other.rules[rule.index()];
        let before = (own.applies, own.overridden_by.clone());
        own.applies = self.constants[usize::from(!now)];
        if turn == Turn::Effective {
            own.overridden_by.clear();
        }
        let decided = match Eval::new(&self.other, look.case) {
            Ok(mut eval) => self.decisions.iter().map(|id| eval.decide(*id).clone()).collect(),
            // The case has been evaluated already.
            Err(_) => look.decided.clone(),
        };
        let own = &mut self.other.rules[rule.index()];
        (own.applies, own.overridden_by) = before;
        decided
    }

    fn between_readings(&self, look: &mut Look<'_, '_>, input: InputId, member: u32) -> Strength {
        self.decide(look);
        let size = match self.program.input(input).domain {
            Domain::Enum(id) => self.program.enumeration(id).size(),
            _ => 0,
        };
        let other = |other: u32| {
            let mut case = look.case.clone();
            case.set(input, Value::Member(other));
            self.decided(&case).map_or(Strength::Turns, |decided| compared(&look.decided, &decided))
        };
        (0..size).filter(|one| *one != member).map(other).min().unwrap_or(Strength::Turns)
    }
}

/// What differs between two evaluations.
fn compared(a: &[Decided], b: &[Decided]) -> Strength {
    let pairs = || a.iter().zip(b);
    if pairs().any(|(a, b)| !same(&a.outcome, &b.outcome)) {
        Strength::Decides
    } else if pairs().any(|(a, b)| a.because != b.because || a.outcome != b.outcome) {
        Strength::Carries
    } else {
        Strength::Turns
    }
}
