//! What can be run and is most likely not meant: a claim about what no step has chosen, a state that can only become one thing, a process
//! that asks no rule.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::InputId;
use crate::model::{Cond, CondKind, Goal, ProcessStep, visit};
use crate::source::Span;
use crate::syntax::ast::{self, Effect, ExprKind};

use super::super::Elaborator;
use super::super::scenarios::dotted;
use super::{Reading, inputs};

/// What a condition names itself, and whether it asks a decision.
fn named(condition: &Cond) -> (Vec<InputId>, bool) {
    let (mut read, mut decided) = (Vec::new(), false);
    visit(condition, |part| {
        decided |= matches!(part.kind, CondKind::Decided(..));
        inputs(part, |input| read.push(input));
    });
    (read, decided)
}

impl Elaborator<'_> {
    /// What must never be is asked of every case that goes with a state; where that asks no decision, what no step keeps or remembers can
    /// be anything.
    pub(super) fn chosen_by_none(&mut self, reading: &Reading, bad: &Cond, claim: Span) {
        let (read, decided) = named(bad);
        let known = |input: &InputId| reading.rigid.contains(input) || reading.variables.iter().any(|(now, _)| now == input);
        let Some(free) = read.into_iter().find(|input| !decided && !known(input)) else { return };
        let name = self.policy.inputs[free.index()].name.clone();
        self.sink.push(
            Diagnostic::new(
                Code::DoubtfulProcess,
                format!("what must never be asks about `{name}`, which nothing keeps or remembers"),
                claim,
                "it can be anything, whatever was chosen in a step",
            )
            .help(format!("keep it: keeps {name}; or remember what a step chose: state NAME : {name}")),
        );
    }

    /// A step that goes on from a state to what is kept can be taken to one place only.
    pub(super) fn follows_what_is_kept(&mut self, reading: &Reading, decl: &ast::StepDecl, guard: &Cond) {
        let (asked, _) = named(guard);
        for effect in &decl.then {
            let Effect::Is(state, value) = effect else { continue };
            let ExprKind::Path(source) = &value.kind else { continue };
            let (state, source) = (dotted(state), dotted(source));
            let (targets, sources) = (self.inputs_below(&state), self.inputs_below(&source));
            let follows = targets.iter().any(|target| asked.contains(target) && reading.next(*target).is_some());
            if follows && !sources.is_empty() && sources.iter().all(|input| reading.rigid.contains(input)) {
                let title = format!("`{state}` can only become `{source}`, which is kept: there is no second step from there");
                self.sink.push(
                    Diagnostic::new(
                        Code::DoubtfulProcess,
                        title,
                        decl.name.span,
                        "this step goes on from where the last one ended",
                    )
                    .help(format!("do not keep `{source}`: each step chooses its own")),
                );
            }
        }
    }

    /// A process that asks neither a decision nor a cap is not about the rules.
    pub(super) fn asks_no_decision(&mut self, reading: &Reading, decl: &ast::ProcessDecl, steps: &[ProcessStep], goals: &[Goal]) {
        let effects = steps.iter().flat_map(|step| &step.effects);
        let all = steps.iter().map(|step| &step.guard).chain(effects).chain(goals.iter().map(|goal| &goal.bad));
        let balance = |input: &InputId| reading.balances.iter().any(|balance| balance.used == *input);
        let rules = |condition: &Cond| {
            let (_, decided) = named(condition);
            decided
        };
        let capped = steps.iter().any(|step| named(&step.guard).0.iter().any(balance));
        if !capped && !all.into_iter().any(rules) {
            let title = format!("`{}` asks no decision of the regime", decl.name.node);
            self.sink.push(
                Diagnostic::new(Code::DoubtfulProcess, title, decl.name.span, "it is about no rule")
                    .help("let a step ask what the regime decides: step NAME when DECISION is VALUE then …"),
            );
        }
    }
}
