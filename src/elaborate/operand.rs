//! What an expression stands for before it is compared: inputs, members, numbers, records, decisions.

use crate::diagnostic::Code;
use crate::ir::{DecisionId, Domain, EnumId, InputId, NumberDomain, Value};
use crate::model::{Cond, CondKind, Dims, Num, NumKind, Rational, node};
use crate::source::Span;
use crate::syntax::ast::{self, ArithOp, Expr, ExprKind, ItemKind};

use super::Elaborator;
use super::scope::Meaning;
use super::types::{RecordId, Ty};

/// What stands on one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A condition.
    Bool(Cond),
    /// A number or a day.
    Number(Num, Dims),
    /// An input that is a member.
    Input(InputId, EnumId),
    /// A member.
    Member(EnumId, u32),
    /// An input that is a set.
    Set(InputId, EnumId),
    /// A decision.
    Decision(DecisionId),
    /// An attribute (by position in the policy) of an input's member.
    Attribute(InputId, usize),
    /// Inputs below a prefix.
    Record(RecordId, String),
    /// A constant record (by position), below a prefix (with a dot at its end, or empty).
    Constant(usize, RecordId, String),
    /// A cap; only its balance is a value.
    Cap(String),
    /// One or the other.
    If(Cond, Box<Operand>, Box<Operand>),
}

/// A definition with what its parameters stand for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CallKey {
    regime: usize,
    name: String,
    arguments: Vec<String>,
}

/// What the names in an expression may refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub(super) regime: usize,
    pub(super) locals: Vec<(String, Operand)>,
    /// Inputs that are known to be more than 0 here.
    pub(super) positive: Vec<InputId>,
}

impl Env {
    pub(super) fn of(regime: usize) -> Self {
        Env { regime, ..Env::default() }
    }
}

impl Elaborator<'_> {
    /// What an expression stands for; a bare name that `expected` has as a member is that member.
    pub(super) fn operand(&mut self, env: &Env, expr: &Expr, expected: Option<EnumId>) -> Option<Operand> {
        match &expr.kind {
            ExprKind::Path(path) => self.path(env, path, expected),
            ExprKind::Number(literal) => {
                let dims = match &literal.unit {
                    Some(unit) => self.dims(env.regime, unit, literal.span)?,
                    None => Dims::default(),
                };
                Some(Operand::Number(node(NumKind::Const(self.rational(literal)?), expr.span), dims))
            }
            ExprKind::Date(text) => {
                let day = self.day(&ast::Text::new(text.clone(), expr.span))?;
                let value = node(NumKind::Const(Rational::from_integer(i128::from(day))), expr.span);
                Some(Operand::Number(value, Dims::unit("date")))
            }
            ExprKind::Arith(op, a, b) => self.arithmetic(env, expr.span, *op, a, b),
            ExprKind::Negative(inner) => {
                let (value, dims) = self.number_operand(env, inner)?;
                let zero = node(NumKind::Const(Rational::from_integer(0)), expr.span);
                Some(Operand::Number(node(NumKind::Subtract(zero, value), expr.span), dims))
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition_ = self.condition(env, condition)?;
                let mut inner = env.clone();
                inner.positive.extend(self.positive(env, condition));
                let then = self.operand(&inner, then, expected)?;
                let otherwise = self.operand(env, otherwise, expected)?;
                match (then, otherwise) {
                    (Operand::Number(a, x), Operand::Number(b, y)) => {
                        if x != y {
                            self.error(Code::UnitMismatch, "two units in one `if`", expr.span, format!("{x} or {y}"));
                            return None;
                        }
                        Some(Operand::Number(node(NumKind::If(condition_, a, b), expr.span), x))
                    }
                    (Operand::Bool(a), Operand::Bool(b)) => {
                        let not = node(CondKind::Not(condition_.clone()), condition.span);
                        let yes = node(CondKind::And(vec![condition_, a]), expr.span);
                        let no = node(CondKind::And(vec![not, b]), expr.span);
                        Some(Operand::Bool(super::compare::either(yes, no, expr.span)))
                    }
                    (a, b) => Some(Operand::If(condition_, Box::new(a), Box::new(b))),
                }
            }
            ExprKind::Call(name, arguments) => self.call(env, name, arguments, expr.span),
            ExprKind::WithinCap(name) => self.within_cap(env, name, expr.span).map(Operand::Bool),
            ExprKind::Set(_) => {
                self.error(Code::WrongKind, "one value is needed here", expr.span, "this is a set")
                    .help("a set in braces plays a role that stands behind `in`");
                None
            }
            ExprKind::Error => {
                self.unreadable = true;
                None
            }
            _ => self.condition(env, expr).map(Operand::Bool),
        }
    }

    fn path(&mut self, env: &Env, path: &ast::Path, expected: Option<EnumId>) -> Option<Operand> {
        let regime = match &path.regime {
            None => env.regime,
            Some(prefix) => self.regime_of(prefix)?,
        };
        let (first, rest) = path.parts.split_first()?;
        if rest.is_empty()
            && path.regime.is_none()
            && let Some(of) = expected
            && let Some(member) = self.policy.enums[of.index()].member(&first.node)
        {
            return Some(Operand::Member(of, member));
        }
        let local = path.regime.is_none().then(|| env.locals.iter().rev().find(|(name, _)| *name == first.node)).flatten();
        let mut operand = match local {
            Some((_, operand)) => operand.clone(),
            None => self.global(env, regime, first, expected)?,
        };
        if let (Operand::Cap(name), [part]) = (&operand, rest)
            && part.node == "used"
        {
            if self.counting {
                return self.no_cap_here(first);
            }
            return self.balance_of(name).map(|input| self.input_operand(input, path.span));
        }
        if let Operand::Cap(name) = &operand {
            self.error(Code::WrongKind, format!("the cap `{name}` cannot stand here"), path.span, "a cap")
                .help(format!("write `within cap {name}`, or `{name}.used` for its balance"));
            return None;
        }
        for part in rest {
            operand = self.part(regime, operand, part)?;
        }
        Some(operand)
    }

    /// The compared regime of a prefix.
    pub(super) fn regime_of(&mut self, prefix: &ast::Name) -> Option<usize> {
        let found = self.sources.regimes.iter().position(|regime| regime.prefix == prefix.node);
        if found.is_none() {
            let known = self.sources.regimes.iter().map(|r| r.prefix.clone()).filter(|p| !p.is_empty()).collect();
            self.unknown("compared regime", prefix, known);
        }
        found
    }

    fn global(&mut self, env: &Env, regime: usize, name: &ast::Name, expected: Option<EnumId>) -> Option<Operand> {
        let Some(declared) = self.scopes[regime].values.get(&name.node).copied() else {
            let mut known: Vec<String> = self.scopes[regime].values.keys().cloned().collect();
            known.extend(env.locals.iter().map(|(name, _)| name.clone()));
            if let Some(of) = expected {
                let def = &self.policy.enums[of.index()];
                let what = format!("member of {} or declaration", def.name);
                let by_label = def.by_label(&name.node);
                if by_label.is_some() || def.headings.iter().any(|heading| heading.name == name.node) {
                    self.member(of, name);
                    return None;
                }
                known.extend(def.members.iter().map(|member| member.name.clone()));
                self.unknown(&what, name, known);
            } else {
                self.unknown("input, definition or decision", name, known);
            }
            return None;
        };
        self.mark_used(regime, &name.node);
        match declared.meaning {
            Meaning::Input => {
                let ItemKind::Input(decl) = &self.item(declared.item).kind else { return None };
                match self.input_of(&name.node) {
                    Some(input) => Some(self.input_operand(input, name.span)),
                    None => match self.ty(regime, &name.node, &decl.ty, true)? {
                        Ty::Record(record) => Some(Operand::Record(record, name.node.clone())),
                        _ => None,
                    },
                }
            }
            Meaning::Define => self.call(&Env::of(regime), name, &[], name.span),
            Meaning::Decision => self.scopes[regime].decisions.get(&name.node).map(|id| Operand::Decision(*id)),
            Meaning::Constant => {
                let index = self.constants.iter().position(|c| c.regime == regime && c.name == name.node)?;
                Some(Operand::Constant(index, self.constants[index].record, String::new()))
            }
            Meaning::Cap => Some(Operand::Cap(name.node.clone())),
            Meaning::Link => {
                self.error(Code::WrongKind, format!("the link `{}` cannot stand here", name.node), name.span, "a link")
                    .help(format!("what stands before a case counts by way of inputs: along {} when … then INPUT …", name.node));
                None
            }
            Meaning::Group => {
                self.error(Code::WrongKind, format!("the group `{}` cannot stand here", name.node), name.span, "a group")
                    .help(format!("write `… in {}`", name.node));
                None
            }
        }
    }

    /// An input as an operand.
    pub(super) fn input_operand(&self, input: InputId, span: Span) -> Operand {
        match &self.policy.inputs[input.index()].domain {
            Domain::Bool => Operand::Bool(node(CondKind::Flag(input), span)),
            Domain::Enum(of) => Operand::Input(input, *of),
            Domain::Set(of) => Operand::Set(input, *of),
            Domain::Number(number) => Operand::Number(node(NumKind::Input(input), span), self.number_dims(number)),
            Domain::Date { .. } => Operand::Number(node(NumKind::Input(input), span), Dims::unit("date")),
        }
    }

    fn number_dims(&self, number: &NumberDomain) -> Dims {
        let mut dims = Dims::default();
        let mut sign = 1;
        let mut name = String::new();
        for letter in number.unit.chars().chain(['*']) {
            if letter == '/' || letter == '*' {
                if !name.is_empty() {
                    dims = dims.combine(&Dims::unit(&name), sign);
                }
                sign = if letter == '/' { -1 } else { 1 };
                name.clear();
            } else {
                name.push(letter);
            }
        }
        dims
    }

    fn part(&mut self, regime: usize, operand: Operand, part: &ast::Name) -> Option<Operand> {
        match operand {
            Operand::Record(record, prefix) => {
                let path = ast::Path { regime: None, parts: vec![part.clone()], span: part.span };
                let fields = &self.records[record].fields;
                if let Some(field) = fields.iter().find(|field| field.name == part.node)
                    && let Ty::Record(inner) = field.ty
                {
                    return Some(Operand::Record(inner, format!("{prefix}.{}", part.node)));
                }
                self.field(record, &path)?;
                let input = self.input_of(&format!("{prefix}.{}", part.node))?;
                Some(self.input_operand(input, part.span))
            }
            Operand::Constant(constant, record, prefix) => {
                let fields = &self.records[record].fields;
                if let Some(field) = fields.iter().find(|field| field.name == part.node)
                    && let Ty::Record(inner) = field.ty
                {
                    return Some(Operand::Constant(constant, inner, format!("{prefix}{}.", part.node)));
                }
                let path = ast::Path { regime: None, parts: vec![part.clone()], span: part.span };
                let domain = self.field(record, &path)?;
                let Some(value) = self.constants[constant].fields.get(&format!("{prefix}{}", part.node)).cloned() else {
                    let name = self.constants[constant].name.clone();
                    self.error(
                        Code::MissingValue,
                        format!("`{name}` says nothing of `{}`", part.node),
                        part.span,
                        "this field has no value",
                    );
                    return None;
                };
                Some(self.value_operand(&domain, &value, part.span))
            }
            Operand::Input(input, of) => {
                let own = |a: &crate::model::Attribute| a.regime == regime && a.of == of;
                let index = self.policy.attributes.iter().position(|a| own(a) && a.name == part.node);
                if index.is_none() {
                    let known = self.policy.attributes.iter().filter(|a| own(a)).map(|a| a.name.clone()).collect();
                    let what = format!("attribute of {}", self.policy.enums[of.index()].name);
                    self.unknown(&what, part, known);
                }
                Some(Operand::Attribute(input, index?))
            }
            _ => {
                self.error(
                    Code::WrongKind,
                    format!("what stands before `{}` has no parts", part.node),
                    part.span,
                    "no such part",
                );
                None
            }
        }
    }

    /// A constant value as an operand.
    pub(super) fn value_operand(&self, domain: &Domain, value: &Value, span: Span) -> Operand {
        match (domain, value) {
            (Domain::Enum(of), Value::Member(member)) => Operand::Member(*of, *member),
            (Domain::Number(number), Value::Int(k)) => {
                let step = number.step;
                let value = Rational::new(i128::from(*k) * i128::from(step.mantissa), 10i128.pow(step.scale));
                Operand::Number(node(NumKind::Const(value), span), self.number_dims(number))
            }
            (Domain::Date { .. }, Value::Int(day)) => {
                Operand::Number(node(NumKind::Const(Rational::from_integer(i128::from(*day))), span), Dims::unit("date"))
            }
            (_, Value::Bool(value)) => Operand::Bool(node(CondKind::Const(*value), span)),
            _ => Operand::Bool(node(CondKind::Const(false), span)),
        }
    }

    /// A number, or an error.
    pub(super) fn number_operand(&mut self, env: &Env, expr: &Expr) -> Option<(Num, Dims)> {
        match self.operand(env, expr, None)? {
            Operand::Number(value, dims) => Some((value, dims)),
            Operand::Decision(_) => {
                self.error(Code::NotDecided, "arithmetic on a decision", expr.span, "a decision")
                    .help("compare the decision itself with a value, for example `duty > 25%`");
                None
            }
            other => {
                let what = self.describe(&other);
                self.error(Code::TypeMismatch, "a number is needed here", expr.span, format!("this is {what}"));
                None
            }
        }
    }

    fn arithmetic(&mut self, env: &Env, span: Span, op: ArithOp, a: &Expr, b: &Expr) -> Option<Operand> {
        let (left, right) = (self.number_operand(env, a), self.number_operand(env, b));
        let ((mut x, mut dx), (mut y, mut dy)) = (left?, right?);
        if matches!(op, ArithOp::Multiply | ArithOp::Divide) {
            for (value, dims) in [(&mut x, &mut dx), (&mut y, &mut dy)] {
                if dims.is_percent() {
                    *value = percent(value);
                    *dims = Dims::default();
                }
            }
        }
        let (kind, dims) = match op {
            ArithOp::Multiply | ArithOp::Divide if dx.0.contains_key("date") || dy.0.contains_key("date") => {
                self.error(Code::TypeMismatch, "a date cannot be multiplied or divided", span, "here");
                return None;
            }
            ArithOp::Multiply => (NumKind::Multiply(x, y), dx.combine(&dy, 1)),
            ArithOp::Divide => {
                if !self.divisor_is_positive(env, &y) {
                    self.error(Code::DivisionByZero, "a division that may be by zero", b.span, "this may be 0 or less")
                        .note("a condition cannot depend on a quotient that does not exist")
                        .help("say before it, in the same `and`, that it is more than 0: `… > 0 and … / … >= …`");
                    return None;
                }
                (NumKind::Divide(x, y), dx.combine(&dy, -1))
            }
            ArithOp::Add | ArithOp::Subtract => {
                let days = Dims::unit("days");
                let dims = match (op, dx.is_date(), dy.is_date()) {
                    (ArithOp::Subtract, true, true) => days,
                    (ArithOp::Add, true, true) => {
                        self.error(Code::TypeMismatch, "two days cannot be added", span, "a day and a day")
                            .help("one day minus another is a number of days; a day plus a number of days is a day");
                        return None;
                    }
                    (_, true, false) if dy == days || dy.is_plain() => dx.clone(),
                    (ArithOp::Add, false, true) if dx == days || dx.is_plain() => dy.clone(),
                    _ if dx == dy => dx.clone(),
                    _ => {
                        self.error(Code::UnitMismatch, format!("{dx} and {dy} cannot be added"), span, "two units")
                            .also(a.span, dx.to_string())
                            .also(b.span, dy.to_string());
                        return None;
                    }
                };
                (if op == ArithOp::Add { NumKind::Add(x, y) } else { NumKind::Subtract(x, y) }, dims)
            }
        };
        Some(Operand::Number(node(kind, span), dims))
    }

    /// Whether a number is more than 0 in every case in which the comparison around it matters.
    fn divisor_is_positive(&self, env: &Env, value: &Num) -> bool {
        match &value.kind {
            NumKind::Const(value) => *value > Rational::from_integer(0),
            NumKind::Input(input) => {
                env.positive.contains(input) || self.policy.inputs[input.index()].domain.bounds().is_some_and(|(lo, _)| lo > 0)
            }
            NumKind::Multiply(a, b) | NumKind::Divide(a, b) | NumKind::Add(a, b) | NumKind::If(_, a, b) => {
                self.divisor_is_positive(env, a) && self.divisor_is_positive(env, b)
            }
            NumKind::Subtract(..) => false,
        }
    }

    /// The inputs that a condition, where it holds, shows to be more than 0.
    pub(super) fn positive(&mut self, env: &Env, expr: &Expr) -> Vec<InputId> {
        use ast::CompareOp::{Greater, GreaterOrEqual, Less, LessOrEqual};
        match &expr.kind {
            ExprKind::And(parts) => parts.iter().flat_map(|part| self.positive(env, part)).collect(),
            ExprKind::Compare(op, a, b) => {
                let (value, bound, strict) = match op {
                    Greater => (a, b, true),
                    GreaterOrEqual => (a, b, false),
                    Less => (b, a, true),
                    LessOrEqual => (b, a, false),
                    _ => return Vec::new(),
                };
                let (ExprKind::Path(_), ExprKind::Number(bound)) = (&value.kind, &bound.kind) else { return Vec::new() };
                let zero = super::types::is_zero(&bound.digits);
                if bound.negative || (zero && !strict) {
                    return Vec::new();
                }
                match self.quietly(|quiet| quiet.operand(env, value, None)) {
                    Some(Operand::Number(number, _)) => match number.kind {
                        NumKind::Input(input) => vec![input],
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn call(&mut self, env: &Env, name: &ast::Name, arguments: &[Expr], span: Span) -> Option<Operand> {
        let declared = self.scopes[env.regime].values.get(&name.node).copied();
        let Some(declared) = declared.filter(|declared| declared.meaning == Meaning::Define) else {
            let known = self.scopes[env.regime].values.iter();
            let known = known.filter(|(_, d)| d.meaning == Meaning::Define).map(|(name, _)| name.clone()).collect();
            self.unknown("definition", name, known);
            return None;
        };
        self.mark_used(env.regime, &name.node);
        let ItemKind::Define(decl) = &self.item(declared.item).kind else { return None };
        if decl.params.len() != arguments.len() {
            let title = format!("`{}` takes {} and is given {}", name.node, values(decl.params.len()), values(arguments.len()));
            self.error(Code::WrongArguments, title, span, "here").also(decl.name.span, "it is defined here");
            return None;
        }
        let mut locals = Vec::new();
        let mut failed = false;
        for ((param, ty), argument) in decl.params.iter().zip(arguments) {
            match self.argument(env, param, ty, argument) {
                Some(operand) => locals.push((param.node.clone(), operand)),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        // A condition is known by the words that call it: `eligible`, not what stands in its definition.
        Some(match self.expand(env, decl, locals, span)? {
            Operand::Bool(condition) => Operand::Bool(node(condition.kind.clone(), span)),
            operand => operand,
        })
    }

    fn argument(&mut self, env: &Env, param: &ast::Name, ty: &ast::Type, argument: &Expr) -> Option<Operand> {
        let ty_ = self.ty(env.regime, &param.node, ty, false)?;
        let expected = match &ty_ {
            Ty::Scalar(Domain::Enum(of)) => Some(*of),
            _ => None,
        };
        let operand = self.operand(env, argument, expected)?;
        let fits = match (&ty_, &operand) {
            (Ty::Record(a), Operand::Record(b, _) | Operand::Constant(_, b, _)) => {
                self.records[*a].name == self.records[*b].name && self.records[*a].fields.len() == self.records[*b].fields.len()
            }
            (Ty::Scalar(Domain::Bool), Operand::Bool(_)) => true,
            (Ty::Scalar(Domain::Enum(a)), Operand::Input(_, b) | Operand::Member(b, _)) => a == b,
            (Ty::Scalar(Domain::Set(a)), Operand::Set(_, b)) => a == b,
            (Ty::Number(a), Operand::Number(_, b)) => a == b,
            (Ty::Scalar(Domain::Number(a)), Operand::Number(_, b)) => self.number_dims(a) == *b,
            (Ty::Scalar(Domain::Date { .. }), Operand::Number(_, b)) => b.is_date(),
            _ => false,
        };
        if !fits {
            let what = self.describe(&operand);
            self.error(
                Code::TypeMismatch,
                format!("`{}` is given something of another kind", param.node),
                argument.span,
                format!("this is {what}"),
            )
            .also(ty.span, "its type is declared here");
            return None;
        }
        Some(operand)
    }

    /// The body of a definition for given arguments; computed once for the same ones.
    fn expand(&mut self, env: &Env, decl: &ast::DefineDecl, locals: Vec<(String, Operand)>, span: Span) -> Option<Operand> {
        // A condition is known by its address: written out it could be as long as its definitions are deep.
        let arguments = locals.iter().map(|(_, operand)| match operand {
            Operand::Bool(condition) => match &condition.kind {
                CondKind::Const(value) => value.to_string(),
                _ => format!("{:p}", std::sync::Arc::as_ptr(condition)),
            },
            operand => format!("{operand:?}"),
        });
        let arguments = arguments.chain([format!("{:?}", env.positive)]).collect();
        let key = CallKey { regime: env.regime, name: decl.name.node.clone(), arguments };
        if let Some(known) = self.expanded.get(&key) {
            return known.clone();
        }
        let open = (env.regime, decl.name.node.clone());
        if self.expanding.contains(&open) {
            let circle: Vec<String> =
                self.expanding.iter().skip_while(|o| **o != open).map(|(_, name)| format!("`{name}`")).collect();
            self.error(
                Code::CyclicDefinition,
                format!("the definition `{}` needs itself", decl.name.node),
                decl.name.span,
                "in a circle",
            )
            .also(span, "it is needed here")
            .note(format!("the circle: {} → `{}`", circle.join(" → "), decl.name.node));
            return None;
        }
        if self.expanding.len() > 200 {
            self.error(Code::TooDeep, "definitions nested too deeply", span, "more than 200 inside each other");
            return None;
        }
        self.expanding.push(open);
        let inner = Env { regime: env.regime, locals, positive: env.positive.clone() };
        let body = self.operand(&inner, &decl.body, None);
        self.expanding.pop();
        self.expanded.insert(key, body.clone());
        body
    }

    /// Definitions that nothing uses are checked too: with inputs made up for their parameters.
    pub(super) fn unused_definitions(&mut self) {
        for regime in 0..self.scopes.len() {
            let items: Vec<_> = self.items(regime).collect();
            for (_, node_) in items {
                let ItemKind::Define(decl) = &node_.kind else { continue };
                if self.used.contains(&(regime, decl.name.node.clone())) {
                    continue;
                }
                let real = self.policy.inputs.len();
                let mut locals = Vec::new();
                for (name, ty) in &decl.params {
                    let Some(found) = self.ty(regime, &name.node, ty, false) else { continue };
                    let operand = match found {
                        Ty::Number(dims) => Operand::Number(node(NumKind::Const(Rational::from_integer(1)), name.span), dims),
                        found => {
                            let prefix = format!("({})", name.node);
                            self.made_up(&prefix, name.span, &found);
                            match (self.input_of(&prefix), found) {
                                (Some(input), _) => self.input_operand(input, name.span),
                                (None, Ty::Record(record)) => Operand::Record(record, prefix),
                                _ => continue,
                            }
                        }
                    };
                    locals.push((name.node.clone(), operand));
                }
                if locals.len() == decl.params.len() {
                    self.expand(&Env::of(regime), decl, locals, decl.name.span);
                }
                self.policy.inputs.truncate(real);
            }
        }
    }

    fn made_up(&mut self, prefix: &str, span: Span, ty: &Ty) {
        match ty {
            Ty::Record(record) => {
                for field in self.records[*record].fields.clone() {
                    self.made_up(&format!("{prefix}.{}", field.name), span, &field.ty);
                }
            }
            Ty::Scalar(domain) => self.policy.inputs.push(crate::model::Input::plain(prefix, domain.clone(), span)),
            Ty::Number(_) => {}
        }
    }

    /// An operand in words.
    pub(super) fn describe(&self, operand: &Operand) -> String {
        match operand {
            Operand::Bool(_) => "true or false".into(),
            Operand::Number(_, dims) if dims.is_date() => "a date".into(),
            Operand::Number(_, dims) => format!("a number ({dims})"),
            Operand::Input(_, of) => format!("one {}", self.policy.enums[of.index()].name),
            Operand::Member(of, member) => {
                let def = &self.policy.enums[of.index()];
                format!("the member `{}` of {}", def.members[*member as usize].name, def.name)
            }
            Operand::Set(_, of) => format!("a set of {}", self.policy.enums[of.index()].name),
            Operand::Decision(id) => format!("the decision `{}`", self.policy.decisions[id.index()].name),
            Operand::Attribute(_, index) => format!("the attribute `{}`", self.policy.attributes[*index].name),
            Operand::Record(record, _) | Operand::Constant(_, record, _) => format!("a whole {}", self.records[*record].name),
            Operand::Cap(name) => format!("the cap `{name}`"),
            Operand::If(_, a, _) => self.describe(a),
        }
    }
}

/// A hundredth of a number: a percentage used as a factor.
pub(super) fn percent(value: &Num) -> Num {
    let hundred = node(NumKind::Const(Rational::from_integer(100)), value.span);
    node(NumKind::Divide(value.clone(), hundred), value.span)
}

fn values(count: usize) -> String {
    match count {
        0 => "no values".into(),
        1 => "1 value".into(),
        n => format!("{n} values"),
    }
}
