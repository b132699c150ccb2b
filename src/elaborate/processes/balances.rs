//! Balances of caps as variables: whose each is, which a case reads, and what one step can add.

use crate::diagnostic::Code;
use crate::ir::{Domain, InputId, MemberSet};
use crate::model::{Cap, Cond, CondKind, ProcessStep, TimedSet, node};
use crate::source::Span;
use crate::syntax::ast::{self, Effect, ItemKind};

use super::super::Elaborator;
use super::super::operand::Env;
use super::super::scenarios::dotted;
use super::{Balance, MOST_BALANCES, Reading, is_another};

impl Elaborator<'_> {
    /// Whether it is said of each balance that is counted whose it is: what the process keeps, a member that a step chooses, or somebody
    /// of whom a step says that it is another.
    pub(super) fn owned(&mut self, reading: &Reading, decl: &ast::ProcessDecl, steps: &[ProcessStep]) -> bool {
        let mut good = true;
        for balance in reading.balances.iter().filter(|balance| balance.of.iter().all(|(_, member)| *member == 0)) {
            let counted = steps.iter().any(|step| step.counts.contains(&balance.used));
            if !counted {
                continue;
            }
            let cap = self.policy.caps[balance.cap].clone();
            // Who is another in some step is the same until then.
            let another: Vec<String> = decl
                .steps
                .iter()
                .flat_map(|step| &step.then)
                .filter_map(|effect| match effect {
                    Effect::Is(path, value) if is_another(reading, path, value) => Some(dotted(path)),
                    _ => None,
                })
                .collect();
            for key in &cap.keys {
                if another.iter().any(|name| key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))) {
                    continue;
                }
                let known = |input: &InputId| reading.rigid.contains(input) || balance.of.iter().any(|(of, _)| of == input);
                if !self.inputs_below(key).iter().all(known) {
                    let title = format!("`{}` counts per {key}, and nothing says whose balance it is", cap.name);
                    self.error(Code::BadProcess, title, decl.name.span, format!("{key} is chosen anew in every step"))
                        .also(cap.span, format!("per {key}"))
                        .help(format!("keep it: keeps {key}; or say when it is somebody else: step … then {key} is another"));
                    good = false;
                }
            }
        }
        good
    }

    /// The enumerations that say whose balance it is and are chosen in each step; with them, every choice of members.
    pub(super) fn members_of(
        &mut self,
        cap: usize,
        reading: &Reading,
        decl: &ast::ProcessDecl,
    ) -> Option<Vec<Vec<(InputId, u32)>>> {
        let cap = self.policy.caps[cap].clone();
        let counted =
            |step: &ast::StepDecl| step.then.iter().any(|effect| matches!(effect, Effect::Counts(name) if name.node == cap.name));
        let mut all = vec![Vec::new()];
        if !decl.steps.iter().any(counted) {
            return Some(all);
        }
        for key in &cap.keys {
            let [input] = self.inputs_below(key)[..] else { continue };
            let Domain::Enum(of) = self.policy.inputs[input.index()].domain else { continue };
            if reading.rigid.contains(&input) {
                continue;
            }
            let size = self.policy.enums[of.index()].size();
            if all.len() * size as usize > MOST_BALANCES {
                let title = format!("`{}` counts per {key}, which has {size} members", cap.name);
                self.error(Code::BadProcess, title, decl.name.span, format!("at most {MOST_BALANCES} balances are remembered"))
                    .also(cap.span, format!("per {key}"))
                    .help(format!("keep it: keeps {key}; then the claim is about each of them by itself"));
                return None;
            }
            all = all
                .iter()
                .flat_map(|one| (0..size).map(move |member| one.iter().copied().chain([(input, member)]).collect()))
                .collect();
        }
        Some(all)
    }

    /// That what a case reads as the balance is that of the members it chooses.
    pub(super) fn own_balances(&self, reading: &Reading, span: Span) -> Vec<Cond> {
        let mut all = Vec::new();
        for balance in reading.balances.iter().filter(|balance| !balance.of.is_empty()) {
            let read = self.policy.caps[balance.cap].used;
            let own = node(CondKind::And(self.is_of(balance, span)), span);
            let other = node(CondKind::Not(own), span);
            all.push(node(CondKind::Or(vec![other, self.same(balance.used, read, span)]), span));
        }
        all
    }

    /// That a case chooses the members whose balance this is.
    pub(super) fn is_of(&self, balance: &Balance, span: Span) -> Vec<Cond> {
        let is = |(input, member): &(InputId, u32)| {
            let size = match self.policy.inputs[input.index()].domain {
                Domain::Enum(of) => self.policy.enums[of.index()].size(),
                _ => 0,
            };
            node(CondKind::In(*input, TimedSet::always(&MemberSet::of(size, [*member]))), span)
        };
        balance.of.iter().map(is).collect()
    }

    /// What one step can add to a total.
    pub(super) fn one_entry(&mut self, cap: &Cap) -> Option<Domain> {
        let declared = self.scopes[0].values.get(&cap.name).copied()?;
        let ItemKind::Cap(decl) = &self.item(declared.item).kind else { return None };
        let (counts, dims) = self.number_operand(&Env::of(0), &decl.counts)?;
        let one = self.extent(&counts)?;
        let domain = super::super::caps::total(&dims, one.step, one.most).map(Domain::Number);
        if domain.is_none() {
            self.error(Code::TooBig, "an entry that is too large to count", decl.counts.span, "beyond 63 bits of its steps");
        }
        domain
    }
}
