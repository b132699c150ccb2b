//! Caps: a limit on an accumulated measure. In a single case the balance so far is an input, `CAP.used`.
//!
//! `within cap C` holds where the transaction does not count toward it, or where what is used and what it adds stay at or
//! under the limit of the day. Outside the cap's own time nothing is allowed under it.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Decimal, Domain, InputId, NumberDomain, Value, Window};
use crate::model::{Cap, Cond, CondKind, Dims, Input, Num, NumKind, Rational, Relation, node};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::syntax::expression_text;

use super::Elaborator;
use super::compare::either;
use super::operand::{Env, Operand};
use super::scope::Meaning;

use num_traits::Signed;

/// The least and the greatest value of a number, and the size of its steps.
pub(super) struct Extent {
    pub(super) least: Rational,
    pub(super) most: Rational,
    pub(super) step: Rational,
}

impl Elaborator<'_> {
    /// The caps of a regime, and the input for the balance of each.
    pub(super) fn all_caps(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (_, item) in items {
            let ItemKind::Cap(decl) = &item.kind else { continue };
            self.counting = true;
            let cap = self.cap(regime, decl);
            self.counting = false;
            self.policy.caps.extend(cap);
        }
    }

    fn cap(&mut self, regime: usize, decl: &ast::CapDecl) -> Option<Cap> {
        let env = Env::of(regime);
        let keys: Vec<String> = decl.keys.iter().filter_map(|path| self.key(&env, path)).collect();
        let reporters: Vec<String> = decl.reporters.iter().filter_map(|path| self.key(&env, path)).collect();
        let (counts, dims) = self.number_operand(&env, &decl.counts)?;
        let mut most = Rational::from_integer(0);
        for limit in &decl.limits {
            let (value, of) = self.number_operand(&env, &limit.most)?;
            if of != dims {
                self.error(Code::UnitMismatch, format!("a limit in {of} on a total in {dims}"), limit.most.span, "the limit")
                    .also(decl.counts.span, format!("counted in {dims}"));
                return None;
            }
            let extent = self.extent(&value)?;
            if extent.least < Rational::from_integer(0) {
                self.error(Code::BadCap, "a limit that can be below 0", limit.most.span, "no total is within it")
                    .help("a total begins at 0 and only grows; where nothing is to be allowed, a rule says so");
                return None;
            }
            most = most.max(extent.most);
        }
        if let Some(when) = &decl.when {
            self.condition(&env, when)?;
        }
        let window = self.window(decl)?;
        let one = self.extent(&counts)?;
        if one.step == Rational::from_integer(0) {
            self.error(Code::BadCap, "a cap that counts nothing", decl.counts.span, "this is always 0");
            return None;
        }
        if one.least < Rational::from_integer(0) {
            self.error(Code::BadCap, "a transaction that takes from a total", decl.counts.span, "this can be less than 0")
                .help("count what is added; what leaves an installed base belongs to the steps of a process");
            return None;
        }
        // Balances beyond twice the limit are refused like it; one that is full is always beyond it.
        let span = decl.name.span;
        let domain = total(&dims, one.step, (most * Rational::from_integer(2)).max(most + one.step));
        let Some(domain) = domain else {
            self.error(Code::TooBig, "a total that is too large or too fine to count", span, "beyond 63 bits of its steps");
            return None;
        };
        let name = format!("{}.used", decl.name.node);
        let declared = Input {
            preferred: vec![Value::Int(0)],
            regime: regime as u32,
            ..Input::plain(name.clone(), Domain::Number(domain), span)
        };
        self.add_input(regime, declared);
        let used = self.input_of(&name)?;
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        let (cite, title) = (text(&decl.cite), text(&decl.title));
        let name = self.prefixed(regime, &decl.name.node);
        let when = decl.when.as_ref().map_or(String::new(), |when| format!(" when {}", expression_text(when)));
        let counts = expression_text(&decl.counts) + &when;
        Some(Cap { name, title, cite, used, counts, keys, reporters, window, installed: decl.stock, regime: regime as u32, span })
    }

    /// Whose total it is: an input, or the record of several.
    fn key(&mut self, env: &Env, path: &ast::Path) -> Option<String> {
        let time = match path.parts.as_slice() {
            [one] if !self.scopes[0].values.contains_key(&one.node) => match one.node.to_ascii_lowercase().as_str() {
                "year" | "annum" => Some("per calendar year, or in any 365 days"),
                "quarter" => Some("per calendar quarter, or in any 90 days"),
                "month" | "week" | "day" => Some("in any 30 days, in any 7 days, in any 1 days; months are not counted"),
                _ => None,
            },
            _ => None,
        };
        if let Some(time) = time {
            self.error(Code::BadCap, "the time of a cap has other words", path.span, "`per` names whose total it is")
                .help(format!("write {time}"));
            return None;
        }
        let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
        match self.operand(env, &expr, None)? {
            Operand::Input(..) | Operand::Record(..) | Operand::Attribute(..) => {
                let parts: Vec<&str> = path.parts.iter().map(|part| part.node.as_str()).collect();
                Some(parts.join("."))
            }
            other => {
                let what = self.describe(&other);
                self.error(Code::BadCap, "a total is kept for a party or a place", path.span, format!("this is {what}"))
                    .help("name an input: per end_user.parent_hq, per destination, per consignee");
                None
            }
        }
    }

    fn window(&mut self, decl: &ast::CapDecl) -> Option<Window> {
        let span = decl.window.span;
        Some(match &decl.window.node {
            ast::Window::CalendarYear => Window::CalendarYear,
            ast::Window::CalendarQuarter => Window::CalendarQuarter,
            ast::Window::Lifetime => Window::Lifetime,
            ast::Window::Between(from, to) => {
                let (lo, hi) = (self.day(from)?, self.day(to)?);
                if hi < lo {
                    self.error(Code::BadPeriod, "a period that ends before it begins", to.span, "the end")
                        .also(from.span, "the beginning");
                    return None;
                }
                Window::Between(lo, hi)
            }
            ast::Window::Rolling(days) => {
                let count =
                    (!days.negative && days.unit.as_deref() == Some("days")).then(|| days.digits.replace('_', "").parse());
                let Some(Ok(count @ 1..)) = count else {
                    self.error(Code::BadCap, "a rolling window is a whole number of days", span, "this is none")
                        .help("write: in any 365 days");
                    return None;
                };
                Window::Rolling(count)
            }
        })
    }

    /// What values a number can have, from the ranges of its inputs.
    pub(super) fn extent(&mut self, value: &Num) -> Option<Extent> {
        let exact = |value: Rational| Extent { least: value, most: value, step: value.abs() };
        let found = match &value.kind {
            NumKind::Const(constant) => exact(*constant),
            NumKind::Input(input) => match &self.policy.inputs[input.index()].domain {
                Domain::Number(number) => {
                    let step = Rational::new(i128::from(number.step.mantissa), 10i128.checked_pow(number.step.scale)?);
                    let at = |k: i64| step * Rational::from_integer(i128::from(k));
                    Extent { least: at(number.lo), most: at(number.hi), step }
                }
                _ => return self.not_counted(value.span),
            },
            NumKind::Add(a, b) => {
                let (a, b) = (self.extent(a)?, self.extent(b)?);
                Extent { least: a.least + b.least, most: a.most + b.most, step: common(a.step, b.step) }
            }
            NumKind::Subtract(a, b) => {
                let (a, b) = (self.extent(a)?, self.extent(b)?);
                Extent { least: a.least - b.most, most: a.most - b.least, step: common(a.step, b.step) }
            }
            NumKind::Multiply(a, b) => {
                let (a, b) = (self.extent(a)?, self.extent(b)?);
                let corners = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most];
                let (least, most) = corners.iter().fold((corners[0], corners[0]), |(lo, hi), x| (lo.min(*x), hi.max(*x)));
                Extent { least, most, step: a.step * b.step }
            }
            NumKind::Divide(a, b) => {
                let NumKind::Const(by) = &b.kind else { return self.not_counted(value.span) };
                let a = self.extent(a)?;
                Extent { least: a.least / by, most: a.most / by, step: a.step / by }
            }
            NumKind::If(_, a, b) => {
                let (a, b) = (self.extent(a)?, self.extent(b)?);
                Extent { least: a.least.min(b.least), most: a.most.max(b.most), step: common(a.step, b.step) }
            }
        };
        Some(found)
    }

    fn not_counted(&mut self, span: Span) -> Option<Extent> {
        self.error(Code::BadCap, "this cannot be counted", span, "a number with a range is needed")
            .help("count products and sums of inputs, as in: counts chip.tpp * quantity");
        None
    }

    /// `within cap NAME`
    pub(super) fn within_cap(&mut self, env: &Env, name: &ast::Name, span: Span) -> Option<Cond> {
        let declared = self.scopes[env.regime].values.get(&name.node).copied();
        let Some(declared) = declared.filter(|declared| declared.meaning == Meaning::Cap) else {
            let known = self.scopes[env.regime].values.iter();
            let known = known.filter(|(_, d)| d.meaning == Meaning::Cap).map(|(name, _)| name.clone()).collect();
            self.unknown("cap", name, known);
            return None;
        };
        self.mark_used(env.regime, &name.node);
        if self.counting {
            return self.no_cap_here(name);
        }
        let ItemKind::Cap(decl) = &self.item(declared.item).kind else { return None };
        let inner = Env::of(env.regime);
        // After an error in its declaration there is no balance; that was said.
        let used = self.input_of(&format!("{}.used", name.node))?;
        let (added, _) = self.number_operand(&inner, &decl.counts)?;
        let total = node(NumKind::Add(node(NumKind::Input(used), span), added), span);
        let mut parts = Vec::new();
        if let ast::Window::Between(from, to) = &decl.window.node {
            let (lo, hi) = (self.day(from)?, self.day(to)?);
            parts.push(self.between(Some(lo), Some(hi), span)?);
        }
        let mut starts = Vec::new();
        for limit in &decl.limits {
            starts.push(limit.from.as_ref().map(|day| self.day(day).ok_or(())).transpose().ok()?);
        }
        if !starts.iter().skip(1).all(Option::is_some) || !starts.windows(2).all(|pair| pair[0] < pair[1]) {
            self.error(Code::BadCap, "the steps of a limit do not follow each other", decl.name.span, "in this cap")
                .help("write: at most 10 TPP from 2025-01-01, 20 TPP from 2025-04-01");
            return None;
        }
        if let Some(first) = starts[0] {
            parts.push(self.between(Some(first), None, span)?);
        }
        for (index, limit) in decl.limits.iter().enumerate() {
            let (most, _) = self.number_operand(&inner, &limit.most)?;
            let fits = node(CondKind::Compare(Relation::LessOrEqual, total.clone(), most), span);
            let until = starts.get(index + 1).copied().flatten().map(|next| next - 1);
            parts.push(match (starts[index], until) {
                (None, None) => fits,
                (from, until) => {
                    let now = self.between(from, until, span)?;
                    either(node(CondKind::Not(now), span), fits, span)
                }
            });
        }
        let fits = if parts.len() == 1 { parts.remove(0) } else { node(CondKind::And(parts), span) };
        match &decl.when {
            None => Some(fits),
            Some(when) => {
                let counted = self.condition(&inner, when)?;
                Some(either(node(CondKind::Not(counted), span), fits, span))
            }
        }
    }

    /// What a cap counts cannot depend on caps: their balances would depend on each other.
    pub(super) fn no_cap_here<T>(&mut self, name: &ast::Name) -> Option<T> {
        self.error(Code::BadCap, "a cap that is counted by a cap", name.span, "a balance cannot depend on a balance")
            .help("count what a transaction adds, from inputs: counts chip.tpp * quantity");
        None
    }

    /// The day of the case lies between two days.
    fn between(&mut self, from: Option<i64>, until: Option<i64>, span: Span) -> Option<Cond> {
        let Some(date) = self.policy.date else {
            self.error(Code::NoDateInput, "a cap with days in a regime without a date", span, "nothing says which day it is")
                .help("declare: input date : date from 2022-10-07 to 2027-12-31");
            return None;
        };
        let day = node(NumKind::Input(date), span);
        let constant = |day: i64| node(NumKind::Const(Rational::from_integer(i128::from(day))), span);
        let after = from.map(|from| node(CondKind::Compare(Relation::LessOrEqual, constant(from), day.clone()), span));
        let before = until.map(|until| node(CondKind::Compare(Relation::LessOrEqual, day, constant(until)), span));
        Some(node(CondKind::And(after.into_iter().chain(before).collect()), span))
    }

    /// Caps of the checked regime that no rule asks about.
    pub(super) fn unused_caps(&mut self) {
        let own = self.scopes[0].values.clone();
        for (name, declared) in own {
            if declared.meaning == Meaning::Cap && !self.used.contains(&(0, name.clone())) {
                let title = format!("nothing asks whether a case is within the cap `{name}`");
                self.sink.push(
                    Diagnostic::new(Code::Dangling, title, declared.span, "it limits nothing")
                        .help(format!("a rule or exception says: when … and within cap {name}")),
                );
            }
        }
    }

    /// The balance of a cap.
    pub(super) fn balance_of(&self, name: &str) -> Option<InputId> {
        self.input_of(&format!("{name}.used"))
    }
}

/// The greatest step of which both are multiples: sums of multiples of each lie on it.
fn common(a: Rational, b: Rational) -> Rational {
    use num_integer::Integer;
    let (x, y) = (a.numer() * b.denom(), b.numer() * a.denom());
    Rational::new(x.gcd(&y), a.denom() * b.denom())
}

/// The domain of a balance: from 0 to a greatest value, in steps of a size.
/// What a total of so much can be, in steps that every multiple of one lies on.
pub(super) fn total(dims: &Dims, step: Rational, most: Rational) -> Option<NumberDomain> {
    // The decimal step that every multiple of the given one lies on.
    let mut scale = 0;
    let mut scaled = step;
    while !scaled.is_integer() {
        scaled *= Rational::from_integer(10);
        scale += 1;
        if scale > 12 {
            return None;
        }
    }
    let mantissa = i64::try_from(scaled.to_integer()).ok().filter(|mantissa| *mantissa > 0)?;
    let size = Rational::new(i128::from(mantissa), 10i128.checked_pow(scale)?);
    let hi = i64::try_from((most / size).floor().to_integer()).ok().filter(|hi| *hi < i64::MAX / 4)?;
    let unit = if dims.is_plain() { String::new() } else { dims.to_string() };
    Some(NumberDomain { unit, step: Decimal { mantissa, scale }, lo: 0, hi })
}
