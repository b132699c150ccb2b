//! What the actions of the grammar do. In: pieces, in source order. Out: nodes, and finished declarations in [`Cx`].

use std::convert::Infallible;

use super::ast::*;
use super::message;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span, Spanned};

/// The actions do not fail: what they cannot fold is a message.
pub type Never = Infallible;

/// What a run of the parser has finished.
pub struct Cx {
    file: FileId,
    /// Where tokens end, rising.
    ends: Vec<u32>,
    /// Finished declarations.
    pub items: Vec<Item>,
    /// What the actions found wrong.
    pub messages: Vec<Diagnostic>,
}

/// A piece of the flat list in a record.
pub enum FieldPiece {
    /// A field, with at most one usual value.
    Field(Box<Field>),
    /// A further usual value of the field before.
    More(Value),
}

/// A piece of a timeline.
pub enum StatusPiece {
    /// `codified from D` and its kin.
    From(StatusKind, Text, Span),
    /// `until D`
    Until(Text, Span),
    /// `by "…"`
    By(Text, Span),
    /// `where …`
    Where(Expr, Span),
    /// `sunset when …`
    Sunset(Expr, Span),
}

/// A piece of a cap: whose total it is, or over what time.
pub enum CapSpan {
    /// `per a, b`
    Keys(Vec<Path>),
    /// `reported by a, b`
    Reporters(Vec<Path>),
    /// `per calendar year` and its kin.
    Window(Spanned<Window>),
}

/// A piece of the flat list behind `expect`.
pub struct ExpectPiece {
    /// A decision, or one more name of the list before.
    pub path: Path,
    /// Its outcome.
    pub outcome: Option<ExpectKind>,
    /// The first rule behind `because`.
    pub because: Option<Name>,
    /// Where.
    pub span: Span,
}

impl Cx {
    /// Nothing finished yet.
    pub fn new(file: FileId, ends: Vec<u32>) -> Self {
        Cx { file, ends, items: Vec::new(), messages: Vec::new() }
    }

    /// A place in this file. Where the last part of a production is empty, LALRPOP takes the start of the next token for its end:
    /// a place ends with the last token in it.
    pub fn span(&self, start: u32, end: u32) -> Span {
        let before = self.ends.partition_point(|token| *token <= end);
        let last = before.checked_sub(1).map_or(end, |at| self.ends[at]);
        Span::new(self.file, start, last.max(start))
    }

    /// Keeps a declaration.
    pub fn finish(&mut self, kind: ItemKind, start: u32, end: u32) {
        let span = self.span(start, end);
        self.items.push(Item { kind, span });
    }

    /// An expression between two places.
    pub fn expr(&self, start: u32, end: u32, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span(start, end) }
    }

    /// A prefix operator at a place and its operand.
    pub fn expr_to(&self, start: u32, operand: Expr, kind: impl FnOnce(Box<Expr>) -> ExprKind) -> Expr {
        let span = self.span(start, operand.span.end);
        Expr { kind: kind(Box::new(operand)), span }
    }

    /// `of in set`
    pub fn member(&self, of: Expr, negated: bool, set: SetExpr, end: u32) -> Expr {
        let span = self.span(of.span.start, end);
        Expr { kind: ExprKind::In { of: Box::new(of), negated, set }, span }
    }

    /// `capability` (its place, with what stood before it) and `usually …`.
    pub fn options(&self, capability: Option<(u32, u32)>, usually: Option<Vec<Value>>) -> Vec<InputOption> {
        let capability = capability.map(|(start, end)| InputOption::Capability(self.span(start, end)));
        capability.into_iter().chain(usually.map(InputOption::Usually)).collect()
    }

    /// A field with at most its first usual value.
    pub fn field(
        &self,
        name: Name,
        title: Option<Text>,
        ty: Type,
        capability: Option<(u32, u32)>,
        first: Option<Value>,
    ) -> FieldPiece {
        let options = self.options(capability, first.map(|first| vec![first]));
        FieldPiece::Field(Box::new(Field { name, title, ty, options }))
    }

    /// Folds `a : T usually x`, `y`, `b : T` to two fields.
    pub fn fields(&mut self, pieces: Vec<FieldPiece>) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for piece in pieces {
            match piece {
                FieldPiece::Field(field) => fields.push(*field),
                FieldPiece::More(value) => match fields.last_mut().and_then(|field| field.options.last_mut()) {
                    Some(InputOption::Usually(values)) => values.push(value),
                    _ => self.messages.push(message::field_without_type(value_span(&value))),
                },
            }
        }
        fields
    }

    /// Folds `suspended from D`, `until D`, `by "…"` to one line.
    pub fn status(&mut self, pieces: Vec<StatusPiece>) -> Vec<StatusItem> {
        let mut lines: Vec<StatusItem> = Vec::new();
        for piece in pieces {
            match piece {
                StatusPiece::From(kind, from, span) => {
                    lines.push(StatusItem { kind, from, until: None, by: None, scope: None, span });
                }
                StatusPiece::Until(day, span) => match lines.last_mut() {
                    Some(line) if pauses(line.kind) && line.until.is_none() && line.by.is_none() && line.scope.is_none() => {
                        line.span = line.span.to(span);
                        line.until = Some(day);
                    }
                    _ => {
                        let kind = StatusKind::Until;
                        lines.push(StatusItem { kind, from: day, until: None, by: None, scope: None, span });
                    }
                },
                StatusPiece::By(by, span) => match lines.last_mut() {
                    Some(line)
                        if line.by.is_none()
                            && (pauses(line.kind) && line.scope.is_none() || line.kind == StatusKind::Sunset) =>
                    {
                        line.span = line.span.to(span);
                        line.by = Some(by);
                    }
                    _ => self.messages.push(message::stray_by(span)),
                },
                // An event has no day.
                StatusPiece::Sunset(event, span) => {
                    let (kind, from) = (StatusKind::Sunset, Text::new(String::new(), span));
                    lines.push(StatusItem { kind, from, until: None, by: None, scope: Some(event), span });
                }
                StatusPiece::Where(scope, span) => match lines.last_mut() {
                    Some(line) if pauses(line.kind) && line.scope.is_none() => {
                        line.span = line.span.to(span);
                        line.scope = Some(scope);
                    }
                    _ => self.messages.push(message::stray_where(span)),
                },
            }
        }
        let ends: Vec<Span> = lines
            .iter()
            .filter(|line| matches!(line.kind, StatusKind::Until | StatusKind::Repealed))
            .map(|line| line.span)
            .collect();
        if let [first, second, ..] = ends.as_slice() {
            self.messages.push(message::second_end(*second, *first));
        }
        lines
    }

    /// Folds `per a`, `per calendar year` to the keys and the window of a cap.
    pub fn cap_spans(&mut self, spans: Vec<CapSpan>, start: u32, end: u32) -> (Vec<Path>, Vec<Path>, Spanned<Window>) {
        let (mut keys, mut reporters) = (Vec::new(), Vec::new());
        let mut window: Option<Spanned<Window>> = None;
        for span in spans {
            match span {
                CapSpan::Keys(more) => keys.extend(more),
                CapSpan::Reporters(more) => reporters.extend(more),
                CapSpan::Window(one) if window.is_none() => window = Some(one),
                CapSpan::Window(one) => self.messages.push(message::second_window(one.span)),
            }
        }
        let lifetime = || Spanned::new(Window::Lifetime, self.span(start, end));
        (keys, reporters, window.unwrap_or_else(lifetime))
    }

    /// Folds `a is x because r`, `s`, `b is y` to two expectations.
    pub fn expects(&mut self, pieces: Vec<ExpectPiece>) -> Vec<Expect> {
        let mut expects: Vec<Expect> = Vec::new();
        for ExpectPiece { mut path, outcome, because, span } in pieces {
            if let Some(outcome) = outcome {
                if path.parts.len() != 1 || path.regime.is_some() {
                    self.messages.push(message::expected_decision(path.span));
                    continue;
                }
                let decision = path.parts.remove(0);
                expects.push(Expect { decision, outcome, because: because.into_iter().collect(), span });
                continue;
            }
            match expects.last_mut() {
                Some(last) if !last.because.is_empty() && path.parts.len() == 1 && path.regime.is_none() => {
                    last.span = last.span.to(span);
                    last.because.push(path.parts.remove(0));
                    last.because.extend(because);
                }
                Some(Expect { outcome: ExpectKind::Open { asking, .. }, because: reasons, span: whole, .. })
                    if !asking.is_empty() && reasons.is_empty() =>
                {
                    *whole = whole.to(span);
                    asking.push(path);
                    reasons.extend(because);
                }
                _ => self.messages.push(message::expectation_without_outcome(path.span)),
            }
        }
        expects
    }

    /// `by technology`, `by plant`, `by contents`
    pub fn route(&mut self, name: &Name) -> LimbKind {
        match &*name.node {
            "technology" => LimbKind::Technology,
            "plant" => LimbKind::Plant,
            "contents" => LimbKind::Contents,
            other => {
                self.messages.push(message::unknown_route(name.span, other));
                LimbKind::Technology
            }
        }
    }

    /// `then … when …`
    pub fn late_when(&mut self, start: u32, end: u32) {
        let span = self.span(start, end);
        self.messages.push(message::late_when(span));
    }

    /// What a quantifier runs over, in brackets.
    pub fn domain(&mut self, mut list: Vec<SetExpr>, start: u32, end: u32) -> QuantDomain {
        if list.len() == 1 && !matches!(list[0], SetExpr::Named(_)) {
            return QuantDomain::Set(list.remove(0));
        }
        let mut parts = Vec::with_capacity(list.len());
        for part in list {
            if let SetExpr::Named(named) = part {
                parts.push(path(named));
            } else {
                let span = self.span(start, end);
                self.messages.push(message::mixed_domain(span));
                return QuantDomain::Listed(Vec::new());
            }
        }
        QuantDomain::Listed(parts)
    }
}

fn pauses(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined)
}

fn value_span(value: &Value) -> Span {
    match value {
        Value::Path(path) => path.span,
        Value::Number(number) => number.span,
        Value::Date(day) => day.span,
        Value::Bool(truth) => truth.span,
        Value::Set(_, span) => *span,
    }
}

/// The text behind the escapes `\"` and `\\`.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => out.extend(characters.next()),
            c => out.push(c),
        }
    }
    out
}

/// A binary operator.
pub fn pair(a: Expr, b: Expr, kind: impl FnOnce(Box<Expr>, Box<Expr>) -> ExprKind) -> Expr {
    let span = a.span.to(b.span);
    Expr { kind: kind(Box::new(a), Box::new(b)), span }
}

/// One operand is itself, several are a chain.
pub fn chain(mut list: Vec<Expr>, kind: impl FnOnce(Vec<Expr>) -> ExprKind) -> Expr {
    match (list.len(), list.first(), list.last()) {
        (2.., Some(first), Some(last)) => {
            let span = first.span.to(last.span);
            Expr { kind: kind(list), span }
        }
        _ => list.pop().unwrap_or(Expr { kind: ExprKind::Error, span: Span::NOWHERE }),
    }
}

/// `set has member`
pub fn has(set: Expr, member: Path) -> Expr {
    let span = set.span.to(member.span);
    Expr { kind: ExprKind::Has(Box::new(set), member), span }
}

/// A name as an expression.
pub fn path(path: Path) -> Expr {
    let span = path.span;
    Expr { kind: ExprKind::Path(path), span }
}

/// A number as an expression.
pub fn number(number: NumberLit) -> Expr {
    let span = number.span;
    Expr { kind: ExprKind::Number(number), span }
}

/// A rule, exception or restriction.
pub fn rule(
    kind: RuleKind,
    name: Name,
    (cite, title): (Option<Text>, Option<Text>),
    mark: Option<Mark>,
    overrides: Vec<Override>,
    (when, then): (Option<Expr>, Vec<Conclusion>),
    status: Option<Vec<StatusItem>>,
) -> RuleDecl {
    let status = status.unwrap_or_default();
    RuleDecl { kind, name, cite, title, mark, overrides, when, limbs: Vec::new(), license: Vec::new(), then, status }
}
