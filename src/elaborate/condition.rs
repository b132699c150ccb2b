//! Expressions that are true or false.

use crate::diagnostic::Code;
use crate::ir::Domain;
use crate::model::{Cond, CondKind, DecisionTest, Node, NumKind, node};
use crate::syntax::ast::{Expr, ExprKind, QuantDomain};

use super::Elaborator;
use super::compare::either;
use super::operand::{Env, Operand};

/// The most members a quantifier runs over.
const MAX_QUANTIFIED: u32 = 1000;

impl Elaborator<'_> {
    /// A condition, or `None` after an error.
    pub(super) fn condition(&mut self, env: &Env, expr: &Expr) -> Option<Cond> {
        let found = self.plain_condition(env, expr)?;
        if env.locals.is_empty() && self.playing.is_none() {
            return Some(found);
        }
        let words = Some(self.words(env, expr.span).into());
        Some(std::sync::Arc::new(Node { kind: found.kind.clone(), span: found.span, words }))
    }

    /// The words at a place, with what the parameters stand for.
    pub(super) fn words(&self, env: &Env, span: crate::source::Span) -> String {
        let Some(file) = span.file else { return String::new() };
        let text = self.files.get(file).text.clone();
        let text = text.get(span.start as usize..span.end as usize).unwrap_or("");
        let mut out = String::new();
        let mut rest = text;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        while let Some(start) = rest.find(is_name) {
            let part = out.ends_with('.') && start == 0 || rest[..start].ends_with('.');
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let meant = (!part).then(|| env.locals.iter().rev().find(|(local, _)| local == name)).flatten();
            let played = |(at, roles): &(crate::source::FileId, Vec<(String, String)>)| {
                let (_, words) = roles.iter().find(|(role, _)| *at == file && role == name)?;
                Some(if words.contains(' ') { format!("({words})") } else { words.clone() })
            };
            let meant = meant.and_then(|(_, operand)| self.short(operand));
            match meant.or_else(|| self.playing.as_ref().filter(|_| !part).and_then(played)) {
                Some(meant) => out.push_str(&meant),
                None => out.push_str(name),
            }
            rest = after;
        }
        out.push_str(rest);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// An operand by its name, if it has one.
    fn short(&self, operand: &Operand) -> Option<String> {
        match operand {
            Operand::Input(input, _) | Operand::Set(input, _) => Some(self.policy.inputs[input.index()].name.clone()),
            Operand::Member(of, member) => Some(self.policy.enums[of.index()].members[*member as usize].name.clone()),
            Operand::Record(_, prefix) => Some(prefix.clone()),
            Operand::Number(number, _) => match &number.kind {
                NumKind::Input(input) => Some(self.policy.inputs[input.index()].name.clone()),
                NumKind::Const(value) if value.is_integer() => Some(value.to_string()),
                _ => None,
            },
            _ => None,
        }
    }

    fn plain_condition(&mut self, env: &Env, expr: &Expr) -> Option<Cond> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Bool(value) => Some(node(CondKind::Const(*value), span)),
            ExprKind::Not(inner) => Some(node(CondKind::Not(self.condition(env, inner)?), span)),
            ExprKind::And(parts) => {
                let mut env = env.clone();
                let mut conditions = Vec::new();
                for part in parts {
                    conditions.push(self.condition(&env, part));
                    let more = self.positive(&env, part);
                    env.positive.extend(more);
                }
                Some(node(CondKind::And(conditions.into_iter().collect::<Option<_>>()?), span))
            }
            ExprKind::Or(parts) => {
                let conditions: Vec<_> = parts.iter().map(|part| self.condition(env, part)).collect();
                Some(node(CondKind::Or(conditions.into_iter().collect::<Option<_>>()?), span))
            }
            ExprKind::Implies(a, b) => {
                let premise = self.condition(env, a);
                let mut inner = env.clone();
                inner.positive.extend(self.positive(env, a));
                let conclusion = self.condition(&inner, b);
                let not = node(CondKind::Not(premise?), a.span);
                Some(either(not, conclusion?, span))
            }
            ExprKind::Compare(op, a, b) => self.compare(env, span, *op, a, b),
            ExprKind::In { of, negated, set } => {
                let found = match self.operand(env, of, None)? {
                    Operand::Input(input, enumeration) => {
                        let set = self.set(env.regime, enumeration, set)?;
                        node(CondKind::In(input, set), span)
                    }
                    Operand::Member(enumeration, member) => {
                        let set = self.set(env.regime, enumeration, set)?;
                        match set.constant() {
                            Some(members) => node(CondKind::Const(members.contains(member)), span),
                            None => {
                                self.error(
                                    Code::NotConstant,
                                    "a fixed member in a group that changes",
                                    span,
                                    "its membership depends on the date",
                                );
                                return None;
                            }
                        }
                    }
                    Operand::Decision(id) => {
                        let Domain::Enum(enumeration) = self.policy.decisions[id.index()].domain.clone() else {
                            self.error(
                                Code::TypeMismatch,
                                "this decision is not one member of an enumeration",
                                of.span,
                                "`in` does not fit it",
                            )
                            .help("of a decision that takes all, write `… has MEMBER`");
                            return None;
                        };
                        let set = self.set(env.regime, enumeration, set)?;
                        let Some(members) = set.constant() else {
                            self.error(
                                Code::NotConstant,
                                "a decision in a group that changes",
                                span,
                                "the group depends on the date",
                            );
                            return None;
                        };
                        node(CondKind::Decided(id, DecisionTest::Members(members)), span)
                    }
                    other => {
                        let what = self.describe(&other);
                        self.error(
                            Code::TypeMismatch,
                            "`in` needs a member of an enumeration",
                            of.span,
                            format!("this is {what}"),
                        );
                        return None;
                    }
                };
                Some(if *negated { node(CondKind::Not(found), span) } else { found })
            }
            ExprKind::Has(set, member) => {
                let (name, [first]) = (&member.parts[0], member.parts.as_slice()) else {
                    self.error(Code::WrongKind, "a member is needed", member.span, "this is not one");
                    return None;
                };
                debug_assert_eq!(name.node, first.node);
                match self.operand(env, set, None)? {
                    Operand::Set(input, of) => Some(node(CondKind::Has(input, self.member(of, name)?), span)),
                    Operand::Decision(id) => match self.policy.decisions[id.index()].domain {
                        Domain::Set(of) => {
                            let member = self.member(of, name)?;
                            Some(node(CondKind::Decided(id, DecisionTest::Has(member)), span))
                        }
                        _ => {
                            self.error(Code::TypeMismatch, "this decision is not a set", set.span, "`has` does not fit it");
                            None
                        }
                    },
                    other => {
                        let what = self.describe(&other);
                        self.error(Code::TypeMismatch, "`has` needs a set", set.span, format!("this is {what}"));
                        None
                    }
                }
            }
            ExprKind::Quantified { every, var, over, body } => {
                let domain = self.quantified(env, over)?;
                let mut parts = Vec::new();
                for operand in domain {
                    let mut inner = env.clone();
                    inner.locals.push((var.node.clone(), operand));
                    parts.push(self.condition(&inner, body));
                }
                let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
                Some(node(if *every { CondKind::And(parts) } else { CondKind::Or(parts) }, span))
            }
            ExprKind::Error => {
                self.unreadable = true;
                None
            }
            _ => {
                let operand = self.operand(env, expr, None)?;
                self.truth(operand, expr)
            }
        }
    }

    fn truth(&mut self, operand: Operand, expr: &Expr) -> Option<Cond> {
        match operand {
            Operand::Bool(condition) => Some(condition),
            Operand::Decision(id) if self.policy.decisions[id.index()].domain == Domain::Bool => {
                let truth = crate::ir::MemberSet::of(2, [1]);
                Some(node(CondKind::Decided(id, DecisionTest::Members(truth)), expr.span))
            }
            Operand::Attribute(input, index) if self.policy.attributes[index].domain == Domain::Bool => {
                self.attribute_test(input, index, expr.span, |value| *value == crate::ir::Value::Bool(true))
            }
            other => {
                let what = self.describe(&other);
                self.error(Code::TypeMismatch, "true or false is needed here", expr.span, format!("this is {what}"))
                    .help("compare it with something: `… is …`, `… >= …`, `… in …`");
                None
            }
        }
    }

    fn quantified(&mut self, env: &Env, over: &QuantDomain) -> Option<Vec<Operand>> {
        match over {
            QuantDomain::Listed(parts) => {
                let operands: Vec<_> = parts.iter().map(|part| self.operand(env, part, None)).collect();
                operands.into_iter().collect()
            }
            QuantDomain::Set(set) => {
                let (name, span) = first_name(set);
                let of = self.enum_of_set(env.regime, &name, span)?;
                let found = self.set(env.regime, of, set)?;
                let Some(members) = found.constant() else {
                    self.error(
                        Code::NotConstant,
                        "a quantifier over a group that changes",
                        span,
                        "the group depends on the date",
                    );
                    return None;
                };
                if members.len() > MAX_QUANTIFIED {
                    self.error(Code::TooLarge, "a quantifier over too many members", span, format!("at most {MAX_QUANTIFIED}"));
                    return None;
                }
                Some(members.iter().map(|member| Operand::Member(of, member)).collect())
            }
        }
    }

    /// The enumeration that a set expression is about, from its first name.
    fn enum_of_set(&mut self, regime: usize, name: &str, span: crate::source::Span) -> Option<crate::ir::EnumId> {
        let by_group = self.groups.get(&(regime, name.to_owned()));
        if let Some(super::sets::GroupState::Done(Some((of, _)))) = by_group {
            return Some(*of);
        }
        let has = |def: &crate::ir::EnumDef| {
            def.name == name || def.member(name).is_some() || def.headings.iter().any(|heading| heading.name == name)
        };
        let mut found = self.policy.enums.iter().enumerate().filter(|(_, def)| has(def)).map(|(index, _)| index as u32);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(crate::ir::EnumId(one)),
            (None, _) => {
                self.error(Code::UnknownName, format!("there is no group or member `{name}`"), span, "nothing has this name");
                None
            }
            (Some(_), Some(_)) => {
                self.error(
                    Code::WrongKind,
                    format!("`{name}` is in more than one enumeration"),
                    span,
                    "it is not clear which is meant",
                )
                .help("declare a group and name it here");
                None
            }
        }
    }
}

fn first_name(set: &crate::syntax::ast::SetExpr) -> (String, crate::source::Span) {
    use crate::syntax::ast::SetExpr;
    match set {
        SetExpr::Named(path) => (path.parts[0].node.clone(), path.span),
        SetExpr::Listed(members, span) => match members.first() {
            Some(member) => (member.name.node.clone(), member.name.span),
            None => (String::new(), *span),
        },
        SetExpr::Union(a, _) | SetExpr::Difference(a, _) | SetExpr::Intersection(a, _) => first_name(a),
    }
}
