//! Names, values, types, sets and expressions.

use super::layout::{Doc, group, word};
use crate::source::{Span, Spanned};
use crate::syntax::ast::*;

/// A name.
pub fn name(name: &Name) -> Doc {
    Doc::Words(name.node.clone(), name.span)
}

/// A text in quotes.
pub fn text(text: &Text) -> Doc {
    Doc::Words(format!("\"{}\"", text.node.replace('\\', "\\\\").replace('"', "\\\"")), text.span)
}

/// A day.
pub fn day(day: &Text) -> Doc {
    Doc::Words(day.node.clone(), day.span)
}

/// Things with commas between them, filling their lines.
pub fn commas(things: impl IntoIterator<Item = Doc>) -> Doc {
    separated(things, ",")
}

fn separated(things: impl IntoIterator<Item = Doc>, sign: &str) -> Doc {
    let mut pieces = Vec::new();
    for thing in things {
        if !pieces.is_empty() {
            pieces.push(word(sign));
            pieces.push(Doc::Line(0));
        }
        pieces.push(thing);
    }
    Doc::Align(Box::new(Doc::Fill(pieces)))
}

/// Things in braces; at least one.
pub fn braces(things: impl IntoIterator<Item = Doc>, sign: &str) -> Doc {
    let list = Doc::All(vec![Doc::Line(0), separated(things, sign)]);
    group(vec![word("{"), Doc::Nest(2, Box::new(list)), Doc::Line(0), word("}")])
}

/// A dotted name.
pub fn path(path: &Path) -> Doc {
    Doc::Words(path_text(path), path.span)
}

/// A dotted name, as it is written.
pub fn path_text(path: &Path) -> String {
    let mut out = String::new();
    if let Some(regime) = &path.regime {
        out.push_str(&regime.node);
        out.push_str("::");
    }
    for (at, part) in path.parts.iter().enumerate() {
        if at > 0 {
            out.push('.');
        }
        out.push_str(&part.node);
    }
    out
}

/// A number with its unit.
pub fn number(number: &NumberLit) -> Doc {
    let sign = if number.negative { "-" } else { "" };
    let unit = match number.unit.as_deref() {
        None => String::new(),
        Some("%") => "%".to_owned(),
        Some(unit) => format!(" {unit}"),
    };
    Doc::Words(format!("{sign}{}{unit}", number.digits), number.span)
}

/// A value.
pub fn value(value: &Value) -> Doc {
    match value {
        Value::Path(named) => path(named),
        Value::Number(lit) => number(lit),
        Value::Date(date) => day(date),
        Value::Bool(truth) => Doc::Words(truth.node.to_string(), truth.span),
        Value::Set(names, span) if names.is_empty() => Doc::Words("{ }".to_owned(), *span),
        Value::Set(names, _) => braces(names.iter().map(name), ","),
    }
}

/// `PATH is VALUE`
pub fn assignment(assignment: &Assignment) -> Doc {
    let what = match &assignment.value {
        Some(given) => value(given),
        None => word("unknown"),
    };
    let mut pieces = vec![path(&assignment.path), word(" is "), what];
    for (at, (field, of)) in assignment.with.iter().enumerate() {
        pieces.extend([word(if at == 0 { " with " } else { " and " }), name(field), word(" "), value(of)]);
    }
    Doc::All(pieces)
}

/// A type.
pub fn ty(ty: &Type) -> Doc {
    match &ty.kind {
        TypeKind::Bool => Doc::Words("bool".to_owned(), ty.span),
        TypeKind::Date { range } => {
            let mut pieces = vec![Doc::Words("date".to_owned(), head(ty.span))];
            if let Some((from, to)) = range {
                pieces.extend([word(" from "), day(from), word(" to "), day(to)]);
            }
            Doc::All(pieces)
        }
        TypeKind::Number { unit, range, step } => {
            let kind = match unit.as_ref().map(|unit| &*unit.node) {
                None => "count".to_owned(),
                Some("%") => "percent".to_owned(),
                Some("USD") => "money".to_owned(),
                Some(unit) => format!("number of {unit}"),
            };
            let mut pieces = vec![Doc::Words(kind, head(ty.span))];
            if let Some((from, to)) = range {
                pieces.extend([word(" from "), number(from), word(" to "), number(to)]);
            }
            if let Some(step) = step {
                pieces.extend([word(" step "), number(step)]);
            }
            Doc::All(pieces)
        }
        TypeKind::Set(of) => Doc::All(vec![word("set of "), self::ty(of)]),
        TypeKind::Named(named) => name(named),
        TypeKind::Inline { ordered, members } => members_in_braces(*ordered, members),
    }
}

/// The first byte of a span: enough to know where its first word stands.
fn head(span: Span) -> Span {
    Span { end: span.start, ..span }
}

/// `{ a, b { c } }` or `ordered { a < b }`
pub fn members_in_braces(ordered: bool, members: &[MemberDecl]) -> Doc {
    if ordered {
        Doc::All(vec![word("ordered "), braces(members.iter().map(member), " <")])
    } else {
        braces(members.iter().map(member), ",")
    }
}

fn member(member: &MemberDecl) -> Doc {
    let mut pieces = vec![name(&member.name)];
    if let Some(label) = &member.label {
        pieces.extend([word(" "), text(label)]);
    }
    if !member.children.is_empty() {
        pieces.extend([word(" "), braces(member.children.iter().map(self::member), ",")]);
    }
    Doc::All(pieces)
}

/// An algebra of sets: `level` 0 around all, 2 beside an operator and `in`.
pub fn set(expr: &SetExpr, level: u8) -> Doc {
    let (a, sign, b, own) = match expr {
        SetExpr::Named(named) => return path(named),
        SetExpr::Listed(members, span) if members.is_empty() => {
            return Doc::Words("{ }".to_owned(), *span);
        }
        SetExpr::Listed(members, _) => return braces(members.iter().map(set_member), ","),
        SetExpr::Union(a, b) => (a, "+ ", b, 0),
        SetExpr::Difference(a, b) => (a, "- ", b, 0),
        SetExpr::Intersection(a, b) => (a, "& ", b, 1),
    };
    // Few know that `&` binds more tightly than `+`, and `A + B - C` is read twice: brackets wherever the operator changes.
    let same = std::mem::discriminant(&**a) == std::mem::discriminant(expr);
    let pieces = vec![set(a, if same { own } else { 2 }), Doc::Line(0), word(sign), set(b, 2)];
    if own < level {
        group(vec![word("("), Doc::Align(Box::new(group(pieces))), word(")")])
    } else {
        Doc::Align(Box::new(group(pieces)))
    }
}

fn set_member(member: &SetMember) -> Doc {
    let mut pieces = vec![name(&member.name)];
    if let Some(from) = &member.from {
        pieces.extend([word(" from "), day(from)]);
    }
    if let Some(until) = &member.until {
        pieces.extend([word(" until "), day(until)]);
    }
    Doc::All(pieces)
}

/// How tightly the parts of an expression hold together.
fn level(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Implies(..) => 0,
        ExprKind::Or(_) => 1,
        ExprKind::And(_) => 2,
        ExprKind::Not(_) => 3,
        ExprKind::Compare(..) | ExprKind::In { .. } | ExprKind::Has(..) => 4,
        ExprKind::Arith(ArithOp::Add | ArithOp::Subtract, ..) => 5,
        ExprKind::Arith(..) => 6,
        ExprKind::Negative(_) => 7,
        _ => 8,
    }
}

/// How the operators of a chain stand when it breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Left of their operands' column, behind a word as wide (`when`).
    Hanging,
    /// The same, at the start of a line: the first operand moves right.
    Padded,
    /// In the column of the first operand.
    Flush,
}

/// A whole expression.
pub fn expr(whole: &Expr, chain: Chain) -> Doc {
    part(whole, 0, true, chain)
}

/// An expression beside an operator of a level; `tail`: whether it may reach as far as it can.
fn part(expr: &Expr, least: u8, tail: bool, style: Chain) -> Doc {
    let open = matches!(expr.kind, ExprKind::If(..) | ExprKind::Quantified { .. });
    if level(&expr.kind) < least || (open && !tail) {
        return Doc::All(vec![word("("), Doc::Align(Box::new(bare(expr, true, Chain::Flush))), word(")")]);
    }
    bare(expr, tail, style)
}

fn bare(expr: &Expr, tail: bool, style: Chain) -> Doc {
    let flush = |inner: &Expr, least: u8, tail: bool| part(inner, least, tail, Chain::Flush);
    match &expr.kind {
        ExprKind::Path(named) => path(named),
        ExprKind::Bool(truth) => Doc::Words(truth.to_string(), expr.span),
        ExprKind::Number(lit) => number(lit),
        ExprKind::Date(date) => Doc::Words(date.clone(), expr.span),
        ExprKind::Not(inner) => Doc::All(vec![word("not "), Doc::Align(Box::new(flush(inner, 3, tail)))]),
        ExprKind::And(operands) => chain("and ", operands, 3, tail, style),
        ExprKind::Or(operands) => chain("or ", operands, 2, tail, style),
        ExprKind::Implies(a, b) => Doc::Align(Box::new(group(vec![
            flush(a, 1, false),
            Doc::Line(0),
            word("implies "),
            Doc::Align(Box::new(flush(b, 0, tail))),
        ]))),
        ExprKind::Compare(op, a, b) => {
            let sign = match op {
                CompareOp::Is => " is ",
                CompareOp::IsNot => " is not ",
                CompareOp::Less => " < ",
                CompareOp::LessOrEqual => " <= ",
                CompareOp::Greater => " > ",
                CompareOp::GreaterOrEqual => " >= ",
            };
            Doc::All(vec![flush(a, 5, false), word(sign), flush(b, 5, false)])
        }
        ExprKind::In { of, negated, set: over } => {
            let sign = if *negated { " not in " } else { " in " };
            Doc::All(vec![flush(of, 5, false), word(sign), set(over, 2)])
        }
        ExprKind::Has(whole, member) => Doc::All(vec![flush(whole, 5, false), word(" has "), path(member)]),
        ExprKind::Arith(op, a, b) => {
            let (sign, left) = match op {
                ArithOp::Add => (" + ", 5),
                ArithOp::Subtract => (" - ", 5),
                ArithOp::Multiply => (" * ", 6),
                ArithOp::Divide => (" / ", 6),
            };
            Doc::All(vec![flush(a, left, false), word(sign), flush(b, left + 1, false)])
        }
        // Two minus signs together would begin a comment.
        ExprKind::Negative(inner) => Doc::All(vec![word("-"), flush(inner, 8, false)]),
        ExprKind::If(c, a, b) => Doc::Align(Box::new(group(vec![
            word("if "),
            Doc::Align(Box::new(flush(c, 0, true))),
            Doc::Line(0),
            word("then "),
            Doc::Align(Box::new(flush(a, 0, true))),
            Doc::Line(0),
            word("else "),
            Doc::Align(Box::new(flush(b, 0, true))),
        ]))),
        ExprKind::WithinCap(cap) => Doc::All(vec![word("within cap "), name(cap)]),
        ExprKind::Call(function, arguments) => {
            let list = commas(arguments.iter().map(|argument| flush(argument, 0, true)));
            Doc::All(vec![name(function), word("("), list, word(")")])
        }
        ExprKind::Quantified { every, var, over, body } => {
            let over = match over {
                QuantDomain::Listed(list) => {
                    Doc::All(vec![word("("), commas(list.iter().map(|one| flush(one, 8, false))), word(")")])
                }
                QuantDomain::Set(over) => set(over, 2),
            };
            let head = if *every { "every " } else { "some " };
            let body = Doc::All(vec![Doc::Line(0), Doc::Align(Box::new(flush(body, 0, true)))]);
            Doc::Align(Box::new(group(vec![
                word(head),
                name(var),
                word(" in "),
                over,
                word(" satisfies"),
                Doc::Nest(2, Box::new(body)),
            ])))
        }
        ExprKind::Set(members) => set(members, 0),
        ExprKind::Error => word("(true)"),
    }
}

fn chain(operator: &'static str, operands: &[Expr], least: u8, tail: bool, style: Chain) -> Doc {
    let back = if style == Chain::Flush { 0 } else { operator.len() };
    let mut pieces = Vec::with_capacity(3 * operands.len());
    for (at, operand) in operands.iter().enumerate() {
        if at > 0 {
            pieces.push(Doc::Line(back));
            pieces.push(word(operator));
        }
        let last = at + 1 == operands.len();
        pieces.push(Doc::Align(Box::new(part(operand, least, tail && last, Chain::Flush))));
    }
    let list = Doc::Align(Box::new(Doc::All(pieces)));
    match style {
        Chain::Padded => group(vec![Doc::IfBroken(if operator == "or " { "   " } else { "    " }), list]),
        _ => group(vec![list]),
    }
}

/// `name "title"`
pub fn titled(of: &Name, title: Option<&Spanned<String>>) -> Doc {
    match title {
        Some(title) => Doc::All(vec![name(of), word(" "), text(title)]),
        None => name(of),
    }
}
