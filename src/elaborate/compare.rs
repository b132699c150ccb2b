//! Comparisons.

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, Domain, EnumId, InputId, MemberSet, NumberDomain, Ranges, Value};
use crate::model::{Cond, CondKind, DecisionTest, Dims, Num, NumKind, Rational, Relation, TimedSet, in_steps, node};
use crate::source::Span;
use crate::syntax::ast::{CompareOp, Expr, ExprKind};

use super::Elaborator;
use super::operand::{Env, Operand, percent};

impl Elaborator<'_> {
    /// `a op b`.
    pub(super) fn compare(&mut self, env: &Env, span: Span, op: CompareOp, a: &Expr, b: &Expr) -> Option<Cond> {
        // A bare name on one side may be a member of the other side's enumeration.
        let bare = |expr: &Expr| matches!(&expr.kind, ExprKind::Path(path) if path.parts.len() == 1 && path.regime.is_none());
        let known = |this: &Self, expr: &Expr| match &expr.kind {
            ExprKind::Path(path) => {
                let name = &path.parts[0].node;
                env.locals.iter().any(|(local, _)| local == name) || this.scopes[env.regime].values.contains_key(name)
            }
            _ => true,
        };
        let (left, right) = if bare(a) && !known(self, a) && known(self, b) {
            let right = self.operand(env, b, None)?;
            let expected = self.enum_of_operand(&right);
            (self.operand(env, a, expected)?, right)
        } else {
            let left = self.operand(env, a, None);
            let expected = left.as_ref().and_then(|left| self.enum_of_operand(left));
            if left.is_none() && bare(b) && !known(self, b) {
                return None;
            }
            let right = self.operand(env, b, expected);
            (left?, right?)
        };
        self.compare_operands(span, op, (left, a), (right, b))
    }

    fn enum_of_operand(&self, operand: &Operand) -> Option<EnumId> {
        match operand {
            Operand::Input(_, of) | Operand::Member(of, _) => Some(*of),
            Operand::Decision(id) => match self.policy.decisions[id.index()].domain {
                Domain::Enum(of) => Some(of),
                _ => None,
            },
            Operand::Attribute(_, index) => match self.policy.attributes[*index].domain {
                Domain::Enum(of) => Some(of),
                _ => None,
            },
            Operand::If(_, a, _) => self.enum_of_operand(a),
            _ => None,
        }
    }

    fn compare_operands(&mut self, span: Span, op: CompareOp, left: (Operand, &Expr), right: (Operand, &Expr)) -> Option<Cond> {
        let ((left, a), (right, b)) = (left, right);
        match (left, right) {
            (Operand::If(condition, x, y), other) => {
                let yes = self.compare_operands(span, op, (*x, a), (other.clone(), b))?;
                let no = self.compare_operands(span, op, (*y, a), (other, b))?;
                Some(choose(&condition, yes, no, span))
            }
            (other, Operand::If(condition, x, y)) => {
                let yes = self.compare_operands(span, op, (other.clone(), a), (*x, b))?;
                let no = self.compare_operands(span, op, (other, a), (*y, b))?;
                Some(choose(&condition, yes, no, span))
            }
            (Operand::Number(x, _), Operand::Number(y, _)) if self.bare(a, &y) || self.bare(b, &x) => {
                let (number, percent) = if self.bare(a, &y) { (a, b) } else { (b, a) };
                let with = format!("{}%", self.written(number.span));
                self.error(Code::UnitMismatch, "a percentage compared with a plain number", number.span, "a plain number")
                    .also(percent.span, "a percentage")
                    .replace("write it as a percentage", number.span, with);
                None
            }
            (Operand::Number(x, dx), Operand::Number(y, dy)) => self.compare_numbers(span, op, (x, dx, a), (y, dy, b)),
            (Operand::Bool(x), Operand::Bool(y)) => {
                let same = choose(&x, y.clone(), node(CondKind::Not(y), b.span), span);
                match op {
                    CompareOp::Is => Some(same),
                    CompareOp::IsNot => Some(node(CondKind::Not(same), span)),
                    _ => self.no_order(span, "true and false"),
                }
            }
            (Operand::Input(input, of), Operand::Member(other, member)) if of == other => {
                let set = self.members(span, op, of, member)?;
                Some(node(CondKind::In(input, TimedSet::always(&set)), span))
            }
            (Operand::Member(of, member), Operand::Input(input, other)) if of == other => {
                let set = self.members(span, flip(op), of, member)?;
                Some(node(CondKind::In(input, TimedSet::always(&set)), span))
            }
            (Operand::Member(of, x), Operand::Member(other, y)) if of == other => {
                let set = self.members(span, op, of, y)?;
                Some(node(CondKind::Const(set.contains(x)), span))
            }
            (Operand::Input(x, of), Operand::Input(y, other)) if of == other => match op {
                CompareOp::Is => Some(node(CondKind::Same(x, y), span)),
                CompareOp::IsNot => Some(node(CondKind::Not(node(CondKind::Same(x, y), span)), span)),
                _ => {
                    let mut parts = Vec::new();
                    for member in 0..self.policy.enums[of.index()].size() {
                        let set = TimedSet::always(&self.members(span, op, of, member)?);
                        let exactly = TimedSet::always(&MemberSet::of(set.size(), [member]));
                        let (left, right) = (node(CondKind::In(x, set), span), node(CondKind::In(y, exactly), span));
                        parts.push(node(CondKind::Not(node(CondKind::And(vec![left, right]), span)), span));
                    }
                    Some(node(CondKind::Not(node(CondKind::And(parts), span)), span))
                }
            },
            (Operand::Decision(id), other) => self.compare_decision(span, op, id, other, b),
            (other, Operand::Decision(id)) => self.compare_decision(span, flip(op), id, other, a),
            (Operand::Attribute(input, index), other) => self.compare_attribute(span, op, input, index, other, b),
            (other, Operand::Attribute(input, index)) => self.compare_attribute(span, flip(op), input, index, other, a),
            (x, y) => self.mismatch(span, (&x, a), (&y, b)),
        }
    }

    /// Whether a number is written without `%` where the other side is a percentage: 25 would be 2,500 of them. (0 is 0.)
    fn bare(&self, expr: &Expr, other: &Num) -> bool {
        let ExprKind::Number(literal) = &expr.kind else { return false };
        literal.unit.is_none() && literal.digits.contains(|c: char| ('1'..='9').contains(&c)) && self.percentage(other)
    }

    /// Whether a number is a percentage, or a sum of such.
    fn percentage(&self, number: &Num) -> bool {
        match &number.kind {
            NumKind::Input(input) => {
                matches!(&self.policy.inputs[input.index()].domain, Domain::Number(domain) if domain.unit == "%")
            }
            NumKind::Add(a, b) => self.percentage(a) && self.percentage(b),
            _ => false,
        }
    }

    fn written(&self, span: Span) -> String {
        let text = span.file.map(|file| self.files.get(file).text.clone());
        text.and_then(|text| text.get(span.start as usize..span.end as usize).map(str::to_owned)).unwrap_or_default()
    }

    fn mismatch(&mut self, span: Span, (x, a): (&Operand, &Expr), (y, b): (&Operand, &Expr)) -> Option<Cond> {
        let (left, right) = (self.describe(x), self.describe(y));
        let report = self
            .error(Code::TypeMismatch, "two things that cannot be compared", span, "compared here")
            .also(a.span, format!("this is {left}"))
            .also(b.span, format!("this is {right}"));
        if matches!(x, Operand::Set(..)) {
            report.help("of a set, ask `… has MEMBER`");
        }
        None
    }

    fn no_order(&mut self, span: Span, what: &str) -> Option<Cond> {
        self.error(Code::NotOrdered, format!("{what} have no order"), span, "`is` and `is not` are possible here")
            .help("an enumeration with an order is declared `ordered { low < high }`");
        None
    }

    /// The members that stand in a relation to one.
    fn members(&mut self, span: Span, op: CompareOp, of: EnumId, member: u32) -> Option<MemberSet> {
        let def = &self.policy.enums[of.index()];
        if !def.ordered && !matches!(op, CompareOp::Is | CompareOp::IsNot) {
            let name = format!("the members of {}", def.name);
            self.no_order(span, &name);
            return None;
        }
        let size = def.size();
        Some(MemberSet::of(size, (0..size).filter(|other| holds(op, other.cmp(&member)))))
    }

    fn compare_numbers(
        &mut self,
        span: Span,
        op: CompareOp,
        left: (Num, Dims, &Expr),
        right: (Num, Dims, &Expr),
    ) -> Option<Cond> {
        let ((mut x, mut dx, a), (mut y, mut dy, b)) = (left, right);
        if dx.is_percent() && dy.is_plain() {
            (x, dx) = (percent(&x), Dims::default());
        } else if dy.is_percent() && dx.is_plain() {
            (y, dy) = (percent(&y), Dims::default());
        }
        let zero = |value: &Num, dims: &Dims| dims.is_plain() && value.kind == NumKind::Const(Rational::from_integer(0));
        if dx != dy && !zero(&x, &dx) && !zero(&y, &dy) {
            let report = self
                .error(Code::UnitMismatch, format!("{dx} is compared with {dy}"), span, "two units")
                .also(a.span, format!("this is {dx}"))
                .also(b.span, format!("this is {dy}"));
            for (value, dims, other) in [(&y, &dy, &dx), (&x, &dx, &dy)] {
                if dims.is_plain() && matches!(value.kind, NumKind::Const(_)) && !other.is_date() {
                    report.help(format!("write the unit behind the number: {other}"));
                    break;
                }
            }
            return None;
        }
        let found = match op {
            CompareOp::Is => node(CondKind::Compare(Relation::Equal, x, y), span),
            CompareOp::IsNot => node(CondKind::Not(node(CondKind::Compare(Relation::Equal, x, y), span)), span),
            CompareOp::Less => node(CondKind::Compare(Relation::Less, x, y), span),
            CompareOp::LessOrEqual => node(CondKind::Compare(Relation::LessOrEqual, x, y), span),
            CompareOp::Greater => node(CondKind::Compare(Relation::Less, y, x), span),
            CompareOp::GreaterOrEqual => node(CondKind::Compare(Relation::LessOrEqual, y, x), span),
        };
        Some(found)
    }

    fn compare_decision(&mut self, span: Span, op: CompareOp, id: DecisionId, other: Operand, expr: &Expr) -> Option<Cond> {
        let domain = self.policy.decisions[id.index()].domain.clone();
        let negated = op == CompareOp::IsNot;
        // `is not` holds exactly where `is` fails, also where the decision has no value.
        let positive = if negated { CompareOp::Is } else { op };
        let test = match (&domain, other) {
            (Domain::Enum(of), Operand::Member(other, member)) if *of == other => {
                DecisionTest::Members(self.members(span, positive, *of, member)?)
            }
            (Domain::Bool, Operand::Bool(condition)) => match condition.kind {
                CondKind::Const(value) if positive == CompareOp::Is => {
                    DecisionTest::Members(MemberSet::of(2, [u32::from(value)]))
                }
                _ => {
                    self.error(Code::NotConstant, "a decision compared with a condition", expr.span, "write `true` or `false`");
                    return None;
                }
            },
            (Domain::Number(number), Operand::Number(value, dims)) => {
                let NumKind::Const(constant) = &value.kind else {
                    self.error(
                        Code::NotConstant,
                        "a decision compared with something that varies",
                        expr.span,
                        "a number is needed",
                    );
                    return None;
                };
                self.decision_ranges(span, positive, number, constant, &dims)?
            }
            (_, Operand::Decision(other)) if positive == CompareOp::Is => {
                if self.policy.decisions[other.index()].domain != domain {
                    self.error(Code::TypeMismatch, "two decisions of different types", span, "compared here");
                    return None;
                }
                DecisionTest::Same(other)
            }
            (_, other) => {
                let left = Operand::Decision(id);
                let (x, y) = (self.describe(&left), self.describe(&other));
                self.error(Code::TypeMismatch, "two things that cannot be compared", span, format!("{x} with {y}"));
                return None;
            }
        };
        let found = node(CondKind::Decided(id, test), span);
        Some(if negated { node(CondKind::Not(found), span) } else { found })
    }

    fn decision_ranges(
        &mut self,
        span: Span,
        op: CompareOp,
        number: &NumberDomain,
        constant: &Rational,
        dims: &Dims,
    ) -> Option<DecisionTest> {
        let expected = super::types::dims_of_text(&number.unit);
        if *dims != expected && !(dims.is_plain() && *constant == Rational::from_integer(0)) {
            self.error(Code::UnitMismatch, format!("{expected} is compared with {dims}"), span, "two units");
            return None;
        }
        let Some(steps) = in_steps(constant, number.step) else {
            self.error(Code::TooBig, "a number that is too large to compare with", span, "beyond 128 bits");
            return None;
        };
        let (floor, ceil) = (steps.floor().to_integer(), steps.ceil().to_integer());
        let clamp = |value: i128| value.clamp(i128::from(i64::MIN / 2), i128::from(i64::MAX / 2)) as i64;
        let (least, most) = (i64::MIN / 2, i64::MAX / 2);
        let ranges = match op {
            CompareOp::Is | CompareOp::IsNot => {
                if floor == ceil {
                    Ranges::closed(clamp(floor), clamp(floor))
                } else {
                    Ranges::empty()
                }
            }
            CompareOp::Less => Ranges::closed(least, clamp(ceil - 1)),
            CompareOp::LessOrEqual => Ranges::closed(least, clamp(floor)),
            CompareOp::Greater => Ranges::closed(clamp(floor + 1), most),
            CompareOp::GreaterOrEqual => Ranges::closed(clamp(ceil), most),
        };
        Some(DecisionTest::Within(ranges))
    }

    /// The members of an input's enumeration whose attribute passes a test; a member without a value fails it.
    pub(super) fn attribute_test(
        &mut self,
        input: InputId,
        index: usize,
        span: Span,
        test: impl Fn(&Value) -> bool,
    ) -> Option<Cond> {
        let values = &self.policy.attributes[index].values;
        let passing = values.iter().enumerate().filter(|(_, value)| value.as_ref().is_some_and(&test));
        let set = MemberSet::of(values.len() as u32, passing.map(|(member, _)| member as u32));
        Some(node(CondKind::In(input, TimedSet::always(&set)), span))
    }

    fn compare_attribute(
        &mut self,
        span: Span,
        op: CompareOp,
        input: InputId,
        index: usize,
        other: Operand,
        expr: &Expr,
    ) -> Option<Cond> {
        let domain = self.policy.attributes[index].domain.clone();
        match (&domain, other) {
            (Domain::Enum(of), Operand::Member(other, member)) if *of == other => {
                let set = self.members(span, op, *of, member)?;
                self.attribute_test(input, index, span, |value| matches!(value, Value::Member(m) if set.contains(*m)))
            }
            (Domain::Bool, Operand::Bool(condition)) => {
                let CondKind::Const(expected) = condition.kind else {
                    self.error(Code::NotConstant, "an attribute compared with a condition", expr.span, "write `true` or `false`");
                    return None;
                };
                let negated = op == CompareOp::IsNot;
                self.attribute_test(input, index, span, |value| (*value == Value::Bool(expected)) != negated)
            }
            (Domain::Number(number), Operand::Number(value, dims)) => {
                let NumKind::Const(constant) = &value.kind else {
                    self.error(
                        Code::NotConstant,
                        "an attribute compared with something that varies",
                        expr.span,
                        "a number is needed",
                    );
                    return None;
                };
                let test = self.decision_ranges(span, op, number, constant, &dims)?;
                let DecisionTest::Within(ranges) = test else { return None };
                let negated = op == CompareOp::IsNot;
                self.attribute_test(input, index, span, |value| matches!(value, Value::Int(k) if ranges.contains(*k) != negated))
            }
            (Domain::Date { .. }, Operand::Number(value, dims)) if dims.is_date() => {
                let NumKind::Const(constant) = &value.kind else { return None };
                let day = constant.to_integer();
                self.attribute_test(
                    input,
                    index,
                    span,
                    |value| matches!(value, Value::Int(k) if holds(op, i128::from(*k).cmp(&day))),
                )
            }
            (_, other) => {
                let (x, y) = (self.describe(&Operand::Attribute(input, index)), self.describe(&other));
                self.error(Code::TypeMismatch, "two things that cannot be compared", span, format!("{x} with {y}"));
                None
            }
        }
    }

    /// Whether a way to combine fits a domain.
    pub(super) fn combination_fits(&self, combine: &Combine, domain: &Domain) -> bool {
        match (combine, domain) {
            (Combine::ExactlyOne | Combine::First, _) => true,
            (Combine::Strictest | Combine::LeastStrict, Domain::Enum(of)) => self.policy.enums[of.index()].ordered,
            (Combine::Strictest | Combine::LeastStrict, Domain::Number(_) | Domain::Bool) => true,
            (Combine::Sum, Domain::Number(_)) | (Combine::All, Domain::Set(_)) => true,
            _ => false,
        }
    }
}

pub(super) fn choose(condition: &Cond, yes: Cond, no: Cond, span: Span) -> Cond {
    let not = node(CondKind::Not(condition.clone()), condition.span);
    let first = node(CondKind::And(vec![condition.clone(), yes]), span);
    let second = node(CondKind::And(vec![not, no]), span);
    either(first, second, span)
}

/// One or the other, without an `or` that somebody wrote: its sides are no alternatives of a rule.
pub(super) fn either(a: Cond, b: Cond, span: Span) -> Cond {
    let (not_a, not_b) = (node(CondKind::Not(a), span), node(CondKind::Not(b), span));
    node(CondKind::Not(node(CondKind::And(vec![not_a, not_b]), span)), span)
}

fn flip(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

fn holds(op: CompareOp, order: std::cmp::Ordering) -> bool {
    match op {
        CompareOp::Is => order.is_eq(),
        CompareOp::IsNot => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    }
}
