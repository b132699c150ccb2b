//! Processes to worlds: the program with the state as further inputs, the steps as terms of it.

use crate::ir::{self, Program, Variable};
use crate::model::Process;

use super::Lowering;
use super::conditions::Conditions;

impl Lowering<'_> {
    /// All processes; everything else of the program is there.
    pub(super) fn processes(&mut self, program: &mut Program) {
        let lowered: Vec<ir::Process> = self.policy.processes.iter().map(|process| self.process(program, process)).collect();
        program.processes = lowered;
    }

    fn process(&mut self, program: &Program, process: &Process) -> ir::Process {
        let mut policy = self.policy.clone();
        policy.inputs.extend(process.inputs.iter().cloned());
        let mut world = Program {
            properties: Vec::new(),
            scenarios: Vec::new(),
            acceptances: Vec::new(),
            processes: Vec::new(),
            titles: Vec::new(),
            ..program.clone()
        };
        for input in &process.inputs {
            world.inputs.push(ir::Input {
                name: input.name.clone(),
                title: input.title.clone(),
                domain: input.domain.clone(),
                preferred: input.preferred.clone(),
                capability: false,
                regime: 0,
                origin: self.origins.id(input.span),
            });
        }
        let mut conditions = Conditions::new(&policy, self.order);
        let start = conditions.term(&mut world.builder(), &process.start);
        let mut steps = Vec::new();
        for step in &process.steps {
            let mut builder = world.builder();
            let guard = conditions.term(&mut builder, &step.guard);
            let mut all = vec![guard];
            for effect in &step.effects {
                all.push(conditions.term(&mut builder, effect));
            }
            let relation = builder.and(all);
            let entry = |(added, is): &(ir::InputId, crate::model::Cond)| ir::Entry {
                added: *added,
                is: conditions.term(&mut builder, is),
            };
            let entries = step.entries.iter().map(entry).collect();
            let (name, title, cite) = (step.name.clone(), step.title.clone(), step.cite.clone());
            let (counts, renews) = (step.counts.clone(), step.renews.clone());
            steps.push(ir::ProcessStep {
                name,
                title,
                cite,
                guard,
                counts,
                renews,
                entries,
                relation,
                origin: self.origins.id(step.span),
            });
        }
        let mut goals = Vec::new();
        for goal in &process.goals {
            let bad = conditions.term(&mut world.builder(), &goal.bad);
            let (name, cite) = (goal.name.clone(), goal.cite.clone());
            goals.push(ir::Goal { name, cite, shows: goal.shows, bad, origin: self.origins.id(goal.span) });
        }
        self.finish(&mut world, conditions);
        ir::Process {
            name: process.name.clone(),
            title: process.title.clone(),
            cite: process.cite.clone(),
            world,
            rigid: process.rigid.clone(),
            variables: process.variables.iter().map(|(now, next)| Variable { now: *now, next: *next }).collect(),
            balances: process
                .balances
                .iter()
                .map(|(used, window, added)| ir::Balance { used: *used, window: *window, added: *added })
                .collect(),
            start,
            steps,
            goals,
            origin: self.origins.id(process.span),
        }
    }
}
