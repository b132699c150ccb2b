//! What a step does to what is remembered: effect by effect, the relation between its values before and after.
//!
//! In: the effects of a step, what is remembered, what the caps count. Out: of each variable what holds of it now and next. What leaves
//! its range stops at the end.

use crate::diagnostic::Code;
use crate::ir::{Domain, InputId, MemberSet, Window};
use crate::model::{Cond, CondKind, NumKind, Rational, Relation, TimedSet, node};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::super::Elaborator;
use super::super::compare::choose;
use super::super::operand::{Env, Operand};
use super::super::scenarios::dotted;
use super::super::scope::Meaning;
use super::{Balance, Change, Reading, both, clamped, constant, equal};

impl Elaborator<'_> {
    /// The next value is the value now.
    pub(super) fn same(&self, now: InputId, next: InputId, span: Span) -> Cond {
        match &self.policy.inputs[now.index()].domain {
            Domain::Bool => both(&node(CondKind::Flag(now), span), node(CondKind::Flag(next), span), span),
            Domain::Enum(_) => node(CondKind::Same(now, next), span),
            Domain::Set(of) => {
                let size = self.policy.enums[of.index()].size();
                let has = |input, member| node(CondKind::Has(input, member), span);
                node(CondKind::And((0..size).map(|member| both(&has(now, member), has(next, member), span)).collect()), span)
            }
            Domain::Number(_) | Domain::Date { .. } => {
                node(CondKind::Compare(Relation::Equal, node(NumKind::Input(next), span), node(NumKind::Input(now), span)), span)
            }
        }
    }

    /// `PATH is E`, `PATH adds E`: of each variable what holds of its next value.
    pub(super) fn becomes(
        &mut self,
        reading: &Reading,
        env: &Env,
        path: &ast::Path,
        value: &ast::Expr,
        change: Change,
    ) -> Option<Vec<(InputId, Cond, Span)>> {
        let name = dotted(path);
        let of_state = reading.env.locals.iter().any(|(local, _)| *local == path.parts[0].node);
        let targets: Vec<InputId> = self.inputs_below(&name).into_iter().filter(|input| reading.next(*input).is_some()).collect();
        if !of_state || targets.is_empty() {
            let known: Vec<String> = reading.env.locals.iter().map(|(name, _)| name.clone()).collect();
            if of_state || self.scopes[0].values.contains_key(&path.parts[0].node) {
                self.error(Code::BadProcess, format!("`{name}` is no state"), path.span, "a step can change state only").help(
                    "declare it: state NAME : TYPE; balances change by `counts toward CAP`, and days pass by `time passes`",
                );
            } else {
                self.unknown("state", &ast::Name::new(path.parts[0].node.clone(), path.span), known);
            }
            return None;
        }
        let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
        let target = self.operand(env, &expr, None)?;
        if let Operand::Record(record, prefix) = &target {
            let source = match self.operand(env, value, None)? {
                Operand::Record(other, source) if other == *record && change == Change::Is => source,
                other => {
                    let what = self.describe(&other);
                    let wanted = format!("another {} is needed", self.records[*record].name);
                    self.error(Code::TypeMismatch, wanted, value.span, format!("this is {what}"));
                    return None;
                }
            };
            let mut all = Vec::new();
            for now in targets {
                let suffix = self.policy.inputs[now.index()].name[prefix.len()..].to_owned();
                let (next, from) = (reading.next(now)?, self.input_of(&format!("{source}{suffix}"))?);
                all.push((now, self.same(from, next, value.span), path.span));
            }
            return Some(all);
        }
        let now = targets[0];
        let next = reading.next(now)?;
        let domain = self.policy.inputs[now.index()].domain.clone();
        let span = value.span;
        let condition = match &domain {
            _ if change == Change::Includes && !matches!(domain, Domain::Set(_)) => {
                self.error(Code::TypeMismatch, "only a set can include more", path.span, "this is none")
                    .help("write what it becomes: NAME is …");
                return None;
            }
            _ if change == Change::Adds && !matches!(domain, Domain::Number(_)) => {
                self.error(Code::TypeMismatch, "only a number can be added to", path.span, "this is none")
                    .help("write what it becomes: NAME is …");
                return None;
            }
            Domain::Bool => {
                let holds = self.condition(env, value)?;
                both(&holds, node(CondKind::Flag(next), span), span)
            }
            Domain::Enum(of) => {
                let operand = self.operand(env, value, Some(*of))?;
                self.member_becomes(next, *of, operand, span)?
            }
            Domain::Set(of) => match (self.operand(env, value, Some(*of))?, change) {
                (Operand::Set(source, other), Change::Is) if other == *of => self.same(source, next, span),
                (Operand::Set(source, other), _) if other == *of => {
                    let from = |member| Some(node(CondKind::Has(source, member), span));
                    self.gains(now, next, *of, from, span)
                }
                (Operand::Member(other, new), Change::Includes) if other == *of => {
                    let from = |member| (member == new).then(|| node(CondKind::Const(true), span));
                    self.gains(now, next, *of, from, span)
                }
                (Operand::Input(source, other), Change::Includes) if other == *of => {
                    let size = self.policy.enums[of.index()].size();
                    let from = |member| {
                        let set = TimedSet::always(&MemberSet::of(size, [member]));
                        Some(node(CondKind::In(source, set), span))
                    };
                    self.gains(now, next, *of, from, span)
                }
                (other, _) => {
                    let what = self.describe(&other);
                    self.error(Code::TypeMismatch, "a set of the same kind is needed", span, format!("this is {what}"));
                    return None;
                }
            },
            Domain::Number(number) => {
                let (amount, dims) = self.number_operand(env, value)?;
                let Operand::Number(current, own) = self.input_operand(now, path.span) else { return None };
                if dims != own {
                    self.error(Code::UnitMismatch, format!("{dims} for a state in {own}"), span, "another unit")
                        .also(path.span, format!("in {own}"));
                    return None;
                }
                let extent = self.extent(&amount)?;
                let step = extent.step;
                let size = Rational::new(i128::from(number.step.mantissa), 10i128.pow(number.step.scale));
                if !(step / size).is_integer() {
                    let title = format!("`{name}` is counted in steps of {size}, and this comes in steps of {step}");
                    self.error(Code::OffGrid, title, span, "this can fall between two steps")
                        .help("give the state smaller steps: state NAME : number of UNIT from … to … step …");
                    return None;
                }
                let bound = |k: i64| size * Rational::from_integer(i128::from(k));
                if change == Change::Is && (extent.most < bound(number.lo) || extent.least > bound(number.hi)) {
                    let title = format!("`{name}` can never be that");
                    self.error(Code::OutOfRange, title, span, "this is outside its declared range").note(format!(
                        "it goes from {} to {}",
                        number.text(number.lo),
                        number.text(number.hi)
                    ));
                    return None;
                }
                let sum = if change == Change::Adds { node(NumKind::Add(current, amount), span) } else { amount };
                clamped(next, sum, (number.lo, number.hi), size, span)
            }
            Domain::Date { lo, hi } => {
                let (day, dims) = self.number_operand(env, value)?;
                if !dims.is_date() {
                    self.error(Code::UnitMismatch, format!("{dims} for a day"), span, "a day is needed");
                    return None;
                }
                // Beyond the declared days nothing is known: such a step cannot be taken.
                let (next, first, last) =
                    (node(NumKind::Input(next), span), constant(i128::from(*lo), span), constant(i128::from(*hi), span));
                node(
                    CondKind::And(vec![
                        node(CondKind::Compare(Relation::LessOrEqual, first, day.clone()), span),
                        node(CondKind::Compare(Relation::LessOrEqual, day.clone(), last), span),
                        node(CondKind::Compare(Relation::Equal, next, day), span),
                    ]),
                    span,
                )
            }
        };
        Some(vec![(now, condition, path.span)])
    }

    /// A set after it has gained the members for which something holds.
    fn gains(&self, now: InputId, next: InputId, of: crate::ir::EnumId, from: impl Fn(u32) -> Option<Cond>, span: Span) -> Cond {
        let size = self.policy.enums[of.index()].size();
        let has = |input, member| node(CondKind::Has(input, member), span);
        let all = (0..size).map(|member| {
            let any = [has(now, member)].into_iter().chain(from(member)).collect();
            both(&node(CondKind::Or(any), span), has(next, member), span)
        });
        node(CondKind::And(all.collect()), span)
    }

    /// The next value of a member variable is what an operand says.
    fn member_becomes(&mut self, next: InputId, of: crate::ir::EnumId, operand: Operand, span: Span) -> Option<Cond> {
        Some(match operand {
            Operand::Member(other, member) if other == of => {
                let size = self.policy.enums[of.index()].size();
                node(CondKind::In(next, TimedSet::always(&MemberSet::of(size, [member]))), span)
            }
            Operand::Input(source, other) if other == of => node(CondKind::Same(source, next), span),
            Operand::If(condition, a, b) => {
                let (a, b) = (self.member_becomes(next, of, *a, span)?, self.member_becomes(next, of, *b, span)?);
                choose(&condition, a, b, span)
            }
            other => {
                let what = self.describe(&other);
                let wanted = format!("a {} is needed", self.policy.enums[of.index()].name);
                self.error(Code::TypeMismatch, wanted, span, format!("this is {what}"));
                return None;
            }
        })
    }

    /// `counts toward CAP`
    pub(super) fn counts_toward(&mut self, reading: &Reading, name: &ast::Name) -> Option<Vec<(InputId, Cond, Span)>> {
        let span = name.span;
        let declared = self.scopes[0].values.get(&name.node).copied().filter(|declared| declared.meaning == Meaning::Cap);
        let Some(declared) = declared else {
            let known = self.scopes[0].values.iter().filter(|(_, d)| d.meaning == Meaning::Cap).map(|(name, _)| name.clone());
            let known = known.collect();
            self.unknown("cap", name, known);
            return None;
        };
        self.mark_used(0, &name.node);
        let used = self.balance_of(&name.node)?;
        let cap = self.policy.caps.iter().position(|cap| cap.used == used);
        let balances: Vec<&Balance> = reading.balances.iter().filter(|balance| Some(balance.cap) == cap).collect();
        if balances.is_empty() {
            self.error(Code::BadProcess, "a balance that is kept, and counted", span, "one of the two is meant");
            return None;
        }
        let ItemKind::Cap(decl) = &self.item(declared.item).kind else { return None };
        let inner = Env::of(0);
        let (added, _) = self.number_operand(&inner, &decl.counts)?;
        let Domain::Number(number) = self.policy.inputs[used.index()].domain.clone() else { return None };
        let size = Rational::new(i128::from(number.step.mantissa), 10i128.pow(number.step.scale));
        let mut counts: Vec<Cond> = Vec::new();
        if let Some(when) = &decl.when {
            counts.push(self.condition(&inner, when)?);
        }
        if let (Window::Between(from, to), Some(date)) = (self.policy.caps[cap?].window, self.policy.date) {
            let day = node(NumKind::Input(date), span);
            counts.push(node(CondKind::Compare(Relation::LessOrEqual, constant(i128::from(from), span), day.clone()), span));
            counts.push(node(CondKind::Compare(Relation::LessOrEqual, day, constant(i128::from(to), span)), span));
        }
        let mut all = Vec::new();
        for balance in balances {
            let next = reading.next(balance.used)?;
            let sum = node(NumKind::Add(node(NumKind::Input(balance.used), span), added.clone()), span);
            let counted = clamped(next, sum, (number.lo, number.hi), size, span);
            let mut own = self.is_of(balance, span);
            own.extend(counts.iter().cloned());
            let kept = self.same(balance.used, next, span);
            let own = node(CondKind::And(own), span);
            all.push((balance.used, choose(&own, counted, kept, span), span));
            if let Some(entry) = balance.added {
                let entry = NumKind::Input(entry);
                let is = node(CondKind::Compare(Relation::Equal, node(entry.clone(), span), added.clone()), span);
                let none = equal(entry, Rational::from_integer(0), span);
                all.push((balance.added.unwrap_or(balance.used), choose(&own, is, none, span), span));
            }
            if let (Some(since), Some(date)) = (balance.since, reading.date) {
                // It begins with the first that is counted.
                let nothing = equal(NumKind::Input(balance.used), Rational::from_integer(0), span);
                let first = node(CondKind::And(vec![nothing, own]), span);
                let next = reading.next(since)?;
                all.push((since, choose(&first, self.same(date, next, span), self.same(since, next, span), span), span));
            }
        }
        Some(all)
    }

    /// `PATH is another`: the balances whose key it is, or belongs to, begin anew.
    pub(super) fn another(&mut self, reading: &Reading, env: &Env, path: &ast::Path) -> Option<Vec<(InputId, Cond, Span)>> {
        let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
        self.operand(env, &expr, None)?;
        let name = dotted(path);
        let below = |key: &String| *key == name || key.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'));
        let mut all = Vec::new();
        for balance in &reading.balances {
            let keys: Vec<String> = self.policy.caps[balance.cap].keys.iter().filter(|key| below(key)).cloned().collect();
            for key in &keys {
                let inputs = self.inputs_below(key);
                if inputs.iter().any(|input| reading.rigid.contains(input)) {
                    let title = format!("`{key}` is kept, and a step says that it is another");
                    self.error(Code::BadProcess, title, path.span, "one of the two is meant")
                        .help(format!("do not keep {key}; or leave this step out"));
                    return None;
                }
                if matches!(inputs[..], [input] if matches!(self.policy.inputs[input.index()].domain, Domain::Enum(_))) {
                    let title = format!("`{key}` says by its member who it is");
                    self.error(Code::BadProcess, title, path.span, "nobody becomes another here")
                        .note("every member has a balance of its own, and each step chooses one")
                        .help("leave this step out");
                    return None;
                }
            }
            if !keys.is_empty() {
                let next = reading.next(balance.used)?;
                all.push((balance.used, equal(NumKind::Input(next), Rational::from_integer(0), path.span), path.span));
            }
        }
        // A pattern says it for all laws; that nothing counts per somebody is what closes the way.
        if all.is_empty() && self.playing.is_none() {
            let title = format!("`{name}` is another, and nothing is counted per {name}");
            self.sink.push(
                crate::diagnostic::Diagnostic::new(Code::UnusedDeclaration, title, path.span, "no balance begins anew")
                    .help("leave it out: what a step does not keep or remember is chosen freely in every step"),
            );
        }
        Some(all)
    }
}
