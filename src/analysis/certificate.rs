//! The certificate of a proof about every number of steps: an invariant, put to plain questions that know nothing of where it came from.

use crate::ir::{BuildError, Fact, Goal, Process, Program, TermId};

use super::Options;
use super::method::{Question, Verdict, settle};
use super::run::is_value;

/// Whether every plain question about an invariant is answered with no, by whoever was asked.
pub fn holds(process: &Process, goal: &Goal, fact: &Fact, options: &Options) -> bool {
    let mut check = Check::new(process, goal, options);
    let mut parts = check.kept();
    let term = fact.term(&mut check.world).map(|term| {
        parts.push(term);
        check.world.builder().and(parts)
    });
    let questions = term.and_then(|term| check.questions(term));
    questions.is_ok_and(|questions| {
        settle(&check.world, &questions, options).iter().all(|one| one.answer == Verdict::No && one.faults.is_empty())
    })
}

/// The plain questions about an invariant.
pub struct Check<'a> {
    process: &'a Process,
    goal: &'a Goal,
    /// The world, which grows by the questions.
    pub world: Program,
    /// What is fixed is so after a step too.
    pinned: Vec<TermId>,
}

impl<'a> Check<'a> {
    /// The questions about one goal.
    pub fn new(process: &'a Process, goal: &'a Goal, options: &Options) -> Self {
        let mut world = process.world.clone();
        let mut pinned = Vec::new();
        for variable in &process.variables {
            if let Some((_, value)) = options.fixed.iter().find(|(input, _)| *input == variable.now) {
                pinned.extend(is_value(&mut world, variable.next, value));
            }
        }
        Check { process, goal, world, pinned }
    }

    /// What the start says of what is the same in every step, where that is one value: an invariant is looked for beside it.
    pub fn kept(&mut self) -> Vec<TermId> {
        let pinned = self.process.pinned();
        pinned.iter().filter_map(|(input, value)| is_value(&mut self.world, *input, value)).collect()
    }

    /// Whether each step can be taken where the invariant holds.
    pub fn taken(&mut self, invariant: TermId) -> Vec<Question> {
        let steps = self.process.steps.iter();
        steps.zip(0..).map(|(step, at)| Question::one(self.world.builder().and([invariant, step.relation]), at)).collect()
    }

    /// Whether each step can change, where the invariant holds, anything that is remembered but the day.
    ///
    /// # Errors
    /// If it does not fit the world.
    pub fn changes(&mut self, invariant: TermId) -> Result<Vec<Question>, BuildError> {
        let date = self.world.date;
        let mut same = Vec::new();
        for variable in self.process.variables.iter().filter(|variable| Some(variable.now) != date) {
            same.push(self.world.unchanged(variable.now, variable.next)?);
        }
        let mut build = self.world.builder();
        let same = build.and(same);
        let changed = build.not(same);
        let steps = self.process.steps.iter();
        Ok(steps.zip(0..).map(|(step, at)| Question::one(build.and([invariant, step.relation, changed]), at)).collect())
    }

    /// Questions where what the rules say is open: in a world of their own.
    ///
    /// # Errors
    /// If they do not fit the world.
    pub fn open(&self, questions: &[Question]) -> Result<(Program, Vec<Question>), BuildError> {
        let goals: Vec<TermId> = questions.iter().map(|question| question.goal).collect();
        let (world, goals) = self.world.open(&goals)?;
        Ok((world, goals.into_iter().zip(0..).map(|(goal, at)| Question::one(goal, at)).collect()))
    }

    /// It does not hold where the process begins; a step leads out of it; it holds of what must never be. None must have a case.
    ///
    /// # Errors
    /// If it does not fit the world.
    pub fn questions(&mut self, invariant: TermId) -> Result<Vec<Question>, BuildError> {
        let next = |input| self.process.variables.iter().find(|v| v.now == input).map_or(input, |v| v.next);
        let after = self.world.renamed(invariant, next)?;
        let mut build = self.world.builder();
        let (not, not_after) = (build.not(invariant), build.not(after));
        let mut questions = vec![Question::one(build.and([self.process.start, not]), 0)];
        for (at, step) in self.process.steps.iter().enumerate() {
            let mut all = vec![invariant, step.relation, not_after];
            all.extend(&self.pinned);
            questions.push(Question::one(build.and(all), at as u32 + 1));
        }
        let last = self.process.steps.len() as u32 + 1;
        questions.push(Question::one(build.and([invariant, self.goal.bad]), last));
        Ok(questions)
    }
}
