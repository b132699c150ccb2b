//! Types: enumerations, records, numbers with units, inputs, constants.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Decimal, Domain, NumberDomain, Value};
use crate::model::{Dims, Rational};
use crate::source::Span;
use crate::syntax::ast::{self, InputOption, ItemKind, NumberLit, TypeKind};

use super::Elaborator;
use super::message::did_you_mean;

/// A record type.
pub(super) type RecordId = usize;

/// A record: its fields in source order.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) fields: Vec<RecordField>,
}

/// A field of a record.
#[derive(Clone, Debug)]
pub(super) struct RecordField {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) span: Span,
    pub(super) ty: Ty,
    pub(super) preferred: Vec<Value>,
    pub(super) capability: bool,
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// With a finite domain.
    Scalar(Domain),
    /// A number or date without a range (of a parameter).
    Number(Dims),
    /// A record.
    Record(RecordId),
}

/// A constant record: the values of its scalar fields by dotted suffix.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    pub(super) regime: usize,
    pub(super) name: String,
    pub(super) record: RecordId,
    pub(super) fields: BTreeMap<String, Value>,
}

/// The unit name of plain numbers, percentages and money.
pub(super) fn dims_of_text(unit: &str) -> Dims {
    let mut dims = Dims::default();
    let (mut sign, mut rest) = (1, unit);
    while !rest.is_empty() {
        let end = rest.find(['/', '*']).unwrap_or(rest.len());
        dims = dims.combine(&Dims::unit(&rest[..end]), sign);
        if end < rest.len() {
            sign = if rest.as_bytes()[end] == b'/' { -1 } else { 1 };
            rest = &rest[end + 1..];
        } else {
            rest = "";
        }
    }
    dims
}

impl Elaborator<'_> {
    /// The dimension of a unit; every part of it must be declared.
    pub(super) fn dims(&mut self, regime: usize, unit: &str, span: Span) -> Option<Dims> {
        let dims = dims_of_text(unit);
        for name in dims.0.keys() {
            let known = ["%", "USD", "days"].contains(&name.as_str()) || self.scopes[regime].units.contains_key(name);
            if !known {
                let units: Vec<String> = self.scopes[regime].units.keys().cloned().collect();
                let guess = did_you_mean(name, units.iter().map(String::as_str)).map(str::to_owned);
                let report = self.error(Code::UnknownName, format!("there is no unit `{name}`"), span, "nothing declares it");
                match guess {
                    Some(guess) => report.help(format!("did you mean `{guess}`?")),
                    None => report.help(format!("declare it: unit {name}, or use std/units")),
                };
                return None;
            }
        }
        Some(dims)
    }

    /// The exact value of a literal.
    pub(super) fn rational(&mut self, literal: &NumberLit) -> Option<Rational> {
        let value = exact(&literal.digits);
        if value.is_none() {
            self.error(Code::BadNumber, "a number that is too large or too fine", literal.span, "beyond 38 digits")
                .note("numbers are exact in Lexport; what does not fit is refused, not rounded");
        }
        value.map(|value| if literal.negative { -value } else { value })
    }

    /// The steps of a literal in a domain: unit, grid and range are checked.
    pub(super) fn steps(&mut self, regime: usize, literal: &NumberLit, domain: &NumberDomain) -> Option<i64> {
        let expected = dims_of_text(&domain.unit);
        let found = match &literal.unit {
            Some(unit) => self.dims(regime, unit, literal.span)?,
            None => Dims::default(),
        };
        let zero = literal.unit.is_none() && is_zero(&literal.digits);
        if found != expected && !zero {
            let report = self.error(
                Code::UnitMismatch,
                format!("a value in {found} where {expected} is expected"),
                literal.span,
                format!("this is {found}"),
            );
            if found.is_plain() && domain.unit != "%" {
                report.replace("write the unit", literal.span, format!("{} {}", literal.digits, domain.unit));
            } else if found.is_plain() {
                report.replace("write it as a percentage", literal.span, format!("{}%", literal.digits));
            }
            return None;
        }
        self.rational(literal)?;
        let digits = if literal.negative { format!("-{}", literal.digits) } else { literal.digits.clone() };
        let Some(k) = domain.parse(&digits) else {
            let step = NumberDomain { lo: 0, hi: 1, ..domain.clone() }.text(1);
            self.error(Code::OffGrid, format!("{digits} is between two steps"), literal.span, format!("steps are of {step}"));
            return None;
        };
        if k < domain.lo || k > domain.hi {
            let (lo, hi) = (domain.text(domain.lo), domain.text(domain.hi));
            self.error(
                Code::OutOfRange,
                format!("{digits} is outside its range"),
                literal.span,
                format!("allowed: {lo} to {hi}"),
            );
            return None;
        }
        Some(k)
    }

    pub(super) fn named(&mut self, regime: usize, name: &ast::Name) -> Option<Ty> {
        let Some((item, _)) = self.scopes[regime].types.get(&name.node).copied() else {
            let mut known: Vec<String> = self.scopes[regime].types.keys().cloned().collect();
            known.extend(["bool", "date", "count", "percent", "money"].map(str::to_owned));
            self.unknown("type", name, known);
            return None;
        };
        match &self.item(item).kind {
            ItemKind::Enum(_) => Some(Ty::Scalar(Domain::Enum(*self.enums.get(&item)?))),
            ItemKind::Record(decl) => self.record(regime, decl).map(Ty::Record),
            _ => None,
        }
    }

    pub(super) fn record(&mut self, regime: usize, decl: &ast::RecordDecl) -> Option<RecordId> {
        let key = (regime, decl.name.node.clone());
        match self.record_ids.get(&key) {
            Some(Some(id)) => return Some(*id),
            Some(None) => {
                self.error(
                    Code::CyclicDefinition,
                    format!("the record `{}` contains itself", decl.name.node),
                    decl.name.span,
                    "it would never end",
                );
                return None;
            }
            None => {}
        }
        self.record_ids.insert(key.clone(), None);
        let mut fields: Vec<RecordField> = Vec::new();
        let mut failed = false;
        for field in &decl.fields {
            if let Some(first) = fields.iter().find(|known| known.name == field.name.node) {
                let first = first.span;
                self.error(
                    Code::DuplicateName,
                    format!("the field `{}` stands twice", field.name.node),
                    field.name.span,
                    "again here",
                )
                .also(first, "first here");
                failed = true;
                continue;
            }
            let Some(ty) = self.ty(regime, &field.name.node, &field.ty, true) else {
                failed = true;
                continue;
            };
            let (preferred, capability) = self.options(regime, &ty, &field.options);
            let (name, title) = (field.name.node.clone(), field.title.as_ref().map_or(String::new(), |title| title.node.clone()));
            fields.push(RecordField { name, title, span: field.name.span, ty, preferred, capability });
        }
        if failed {
            self.record_ids.remove(&key);
            return None;
        }
        let id = self.records.len();
        self.records.push(Record { name: decl.name.node.clone(), fields });
        self.record_ids.insert(key, Some(id));
        Some(id)
    }

    /// All records of a regime, so that mistakes in unused ones are found too.
    pub(super) fn all_records(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (_, node) in items {
            if let ItemKind::Record(decl) = &node.kind
                && !self.record_ids.contains_key(&(regime, decl.name.node.clone()))
            {
                self.record(regime, decl);
            }
        }
    }

    /// A type. `ranged`: numbers and dates need a range (of an input); else they need none (of a parameter).
    pub(super) fn ty(&mut self, regime: usize, name: &str, ty: &ast::Type, ranged: bool) -> Option<Ty> {
        match &ty.kind {
            TypeKind::Bool => Some(Ty::Scalar(Domain::Bool)),
            TypeKind::Named(name) => self.named(regime, name),
            TypeKind::Inline { ordered, members } => {
                let id = self.inline_enum(name, ty.span, *ordered, members)?;
                Some(Ty::Scalar(Domain::Enum(id)))
            }
            TypeKind::Set(inner) => match self.ty(regime, name, inner, ranged)? {
                Ty::Scalar(Domain::Enum(id)) if self.policy.enums[id.index()].size() <= 64 || !ranged => {
                    Some(Ty::Scalar(Domain::Set(id)))
                }
                Ty::Scalar(Domain::Enum(_)) => {
                    self.error(Code::TooLarge, "a set of too many possible members", inner.span, "at most 64");
                    None
                }
                _ => {
                    self.error(
                        Code::WrongKind,
                        "a set of something that is not an enumeration",
                        inner.span,
                        "an enumeration is needed",
                    );
                    None
                }
            },
            TypeKind::Date { range: None } if !ranged => Some(Ty::Number(Dims::unit("date"))),
            TypeKind::Date { range: None } => {
                self.error(Code::MissingValue, "a date without a range", ty.span, "every domain is finite").replace(
                    "for example",
                    ty.span,
                    "date from 2022-10-07 to 2027-12-31",
                );
                None
            }
            TypeKind::Date { range: Some((from, to)) } => {
                let (lo, hi) = (self.day(from)?, self.day(to)?);
                if lo > hi {
                    self.error(Code::BadRange, "a range that is empty", to.span, "the end").also(from.span, "the beginning");
                    return None;
                }
                Some(Ty::Scalar(Domain::Date { lo, hi }))
            }
            TypeKind::Number { unit, range, step } => {
                let text = unit.as_ref().map_or("", |unit| unit.node.as_str());
                let dims = self.dims(regime, text, unit.as_ref().map_or(ty.span, |unit| unit.span))?;
                let Some((from, to)) = range else {
                    if !ranged {
                        return Some(Ty::Number(dims));
                    }
                    self.error(Code::MissingValue, "a number without a range", ty.span, "every domain is finite").help(
                        "say from where to where, for example `from 0 to 1_000_000`, and in which steps, for example `step 0.01`",
                    );
                    return None;
                };
                self.number(regime, text, ty.span, (from, to), step.as_ref())
            }
        }
    }

    pub(super) fn number(
        &mut self,
        regime: usize,
        unit: &str,
        span: Span,
        (from, to): (&NumberLit, &NumberLit),
        step: Option<&NumberLit>,
    ) -> Option<Ty> {
        let expected = dims_of_text(unit);
        for literal in [Some(from), Some(to), step].into_iter().flatten() {
            if let Some(own) = &literal.unit {
                let found = self.dims(regime, own, literal.span)?;
                if found != expected {
                    self.error(
                        Code::UnitMismatch,
                        format!("a bound in {found} of a number in {expected}"),
                        literal.span,
                        format!("this is {found}"),
                    );
                    return None;
                }
            }
        }
        let decimal = match step {
            None => Decimal::whole(1),
            Some(step) => {
                let value = self.rational(step)?;
                let found = decimal(&value).filter(|decimal| decimal.mantissa > 0);
                if found.is_none() && value > Rational::from_integer(0) {
                    self.error(Code::TooBig, "a step that is too large or too fine", step.span, "its digits go beyond 63 bits")
                        .help(format!("count in a larger or smaller unit than {expected}: declare one, as in `unit Yop \"10^24 operations\"`"));
                } else if found.is_none() {
                    self.error(Code::BadRange, "a step that does not make sense", step.span, "a step is more than 0");
                }
                found?
            }
        };
        let grid = NumberDomain { unit: unit.to_owned(), step: decimal, lo: 0, hi: 0 };
        let mut bound = |literal: &NumberLit| {
            self.rational(literal)?;
            let digits = if literal.negative { format!("-{}", literal.digits) } else { literal.digits.clone() };
            let parsed = grid.parse(&digits);
            let k = parsed.filter(|k| k.unsigned_abs() < 1 << 60);
            let steps = self.rational(literal).and_then(|value| crate::model::in_steps(&value, grid.step));
            if k.is_none() && (parsed.is_some() || steps.is_none_or(|steps| steps.is_integer())) {
                let step = NumberDomain { hi: 1, ..grid.clone() }.text(1);
                self.error(Code::TooBig, "a bound that is too far away", literal.span, "more than 2^60 steps")
                    .note(format!("steps are of {step}"))
                    .help("take a larger step, or count in a larger unit");
            } else if k.is_none() {
                let step = NumberDomain { hi: 1, ..grid.clone() }.text(1);
                self.error(
                    Code::OffGrid,
                    "a bound that is no multiple of the step",
                    literal.span,
                    format!("steps are of {step}"),
                );
            }
            k
        };
        let (lo, hi) = (bound(from)?, bound(to)?);
        if lo > hi {
            self.error(Code::BadRange, "a range that is empty", span, "it ends before it begins");
            return None;
        }
        Some(Ty::Scalar(Domain::Number(NumberDomain { lo, hi, ..grid })))
    }

    pub(super) fn options(&mut self, regime: usize, ty: &Ty, options: &[InputOption]) -> (Vec<Value>, bool) {
        let (mut preferred, mut capability) = (Vec::new(), false);
        for option in options {
            match (option, ty) {
                (InputOption::Capability(span), Ty::Scalar(domain)) => {
                    capability = domain.bounds().is_some();
                    if !capability {
                        self.error(Code::NotOrdered, "a capability that cannot grow", *span, "only a number can be a capability");
                    }
                }
                (InputOption::Usually(values), Ty::Scalar(domain)) => {
                    for value in values {
                        preferred.extend(self.value(regime, value, domain));
                    }
                }
                (InputOption::Capability(span), _) => {
                    self.error(Code::WrongKind, "a record cannot be a capability", *span, "say it of a field");
                }
                (InputOption::Usually(_), _) => {}
            }
        }
        (preferred, capability)
    }

    /// The constants of a regime.
    pub(super) fn all_constants(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (_, node) in items {
            let ItemKind::Constant(decl) = &node.kind else { continue };
            let record = match self.named(regime, &decl.ty) {
                Some(Ty::Record(record)) => record,
                Some(_) => {
                    self.error(
                        Code::WrongKind,
                        format!("`{}` is not a record", decl.ty.node),
                        decl.ty.span,
                        "a record is needed",
                    )
                    .help("a single value is a definition: define NAME = VALUE");
                    continue;
                }
                None => continue,
            };
            let mut fields = BTreeMap::new();
            for assignment in &decl.fields {
                let path: Vec<&str> = assignment.path.parts.iter().map(|part| part.node.as_str()).collect();
                let Some(domain) = self.field(record, &assignment.path) else { continue };
                let Some(value) = &assignment.value else { continue };
                if let Some(value) = self.value(regime, value, &domain)
                    && fields.insert(path.join("."), value).is_some()
                {
                    self.error(
                        Code::RepeatedAssignment,
                        format!("`{}` is given twice", path.join(".")),
                        assignment.path.span,
                        "again here",
                    );
                }
            }
            if regime == 0 {
                let known = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                self.policy.constants.push((decl.name.node.clone(), known));
            }
            self.constants.push(Constant { regime, name: decl.name.node.clone(), record, fields });
        }
    }

    /// The domain of a scalar field of a record, by path.
    pub(super) fn field(&mut self, record: RecordId, path: &ast::Path) -> Option<Domain> {
        let mut ty = Ty::Record(record);
        for part in &path.parts {
            let Ty::Record(record) = ty else {
                self.error(
                    Code::WrongKind,
                    format!("what stands before `{}` has no fields", part.node),
                    part.span,
                    "no such field",
                );
                return None;
            };
            let fields = &self.records[record].fields;
            let Some(field) = fields.iter().find(|field| field.name == part.node) else {
                let known = fields.iter().map(|field| field.name.clone()).collect();
                let record = self.records[record].name.clone();
                self.unknown(&format!("field of {record}"), part, known);
                return None;
            };
            ty = field.ty.clone();
        }
        match ty {
            Ty::Scalar(domain) => Some(domain),
            _ => {
                self.error(Code::WrongKind, "a record where a single value is needed", path.span, "name one of its fields");
                None
            }
        }
    }
}

/// Whether the digits of a literal are those of 0, however they are written.
pub(super) fn is_zero(digits: &str) -> bool {
    exact(digits).is_some_and(|value| *value.numer() == 0)
}

/// The exact value of the digits of a literal; `None` beyond what 128 bits hold with room to compute.
fn exact(digits: &str) -> Option<Rational> {
    let (text, exponent) = match digits.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all: String = whole.chars().chain(fraction.chars()).filter(char::is_ascii_digit).collect();
    let mantissa: i128 = if all.bytes().all(|b| b == b'0') { 0 } else { all.trim_start_matches('0').parse().ok()? };
    let places = fraction.bytes().filter(u8::is_ascii_digit).count() as i32;
    let shift = exponent.checked_sub(places)?;
    if mantissa == 0 {
        return Some(Rational::from_integer(0));
    }
    let power = 10i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 { Some(Rational::from_integer(mantissa.checked_mul(power)?)) } else { Some(Rational::new(mantissa, power)) }
}

/// A fraction as a decimal, if it is one.
fn decimal(value: &Rational) -> Option<Decimal> {
    let (mut numerator, mut denominator) = (*value.numer(), *value.denom());
    let mut scale = 0;
    while denominator != 1 {
        if scale > 18 {
            return None;
        }
        numerator = numerator.checked_mul(10)?;
        scale += 1;
        let common = num_integer::gcd(numerator, denominator);
        numerator /= common;
        denominator /= common;
    }
    Some(Decimal { mantissa: i64::try_from(numerator).ok()?, scale })
}
