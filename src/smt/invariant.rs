//! From a formula over the constants of a state back to a statement about inputs. Refuses what it cannot say exactly.

use z3::DeclKind;
use z3::ast::{Ast, Bool, Dynamic};

use super::sorts::Codes;
use crate::ir::{Domain, EnumId, Fact, InputId, MemberSet, Poly, Program};

/// Parts that an invariant may have; a larger one nobody reads.
const PARTS: usize = 20_000;

/// How deep it may be nested.
const DEPTH: usize = 400;

/// A formula as a statement.
///
/// # Errors
/// In words what it says that cannot be said.
pub(super) fn decoded(program: &Program, codes: &Codes, formula: &Bool) -> Result<Fact, String> {
    Decoding { program, codes, parts: 0 }.fact(&Dynamic::from(formula.clone()), 0)
}

struct Decoding<'p> {
    program: &'p Program,
    codes: &'p Codes,
    parts: usize,
}

/// What a constant stands for.
enum Stands {
    Input(InputId),
    Has(InputId, u32),
}

impl Decoding<'_> {
    fn fact(&mut self, term: &Dynamic, depth: usize) -> Result<Fact, String> {
        self.parts += 1;
        if self.parts > PARTS || depth > DEPTH {
            return Err("an invariant was found that is too large to be told".into());
        }
        if !term.is_app() {
            return Err("an invariant was found that speaks of all numbers".into());
        }
        let children = term.children();
        let inner = |it: &mut Self, at: usize| it.fact(&children[at], depth + 1);
        Ok(match term.decl().kind() {
            DeclKind::True => Fact::Constant(true),
            DeclKind::False => Fact::Constant(false),
            DeclKind::Not => Fact::Not(Box::new(inner(self, 0)?)),
            DeclKind::And => Fact::All((0..children.len()).map(|at| inner(self, at)).collect::<Result<_, _>>()?),
            DeclKind::Or => Fact::Any((0..children.len()).map(|at| inner(self, at)).collect::<Result<_, _>>()?),
            DeclKind::Implies => Fact::Any(vec![Fact::Not(Box::new(inner(self, 0)?)), inner(self, 1)?]),
            DeclKind::Ite => {
                let (condition, this, other) = (inner(self, 0)?, inner(self, 1)?, inner(self, 2)?);
                let not = Fact::Not(Box::new(condition.clone()));
                Fact::Any(vec![Fact::All(vec![condition, this]), Fact::All(vec![not, other])])
            }
            DeclKind::Iff | DeclKind::Eq if children[0].as_bool().is_some() => both(inner(self, 0)?, inner(self, 1)?),
            DeclKind::Eq => {
                let difference = self.difference(&children)?;
                Fact::All(vec![self.at_least_zero(&difference)?, self.at_least_zero(&negated(&difference)?)?])
            }
            DeclKind::Ge => {
                let difference = self.difference(&children)?;
                self.at_least_zero(&difference)?
            }
            DeclKind::Le => {
                let difference = self.difference(&children)?;
                self.at_least_zero(&negated(&difference)?)?
            }
            DeclKind::Gt => {
                let difference = self.difference(&children)?;
                Fact::Not(Box::new(self.at_least_zero(&negated(&difference)?)?))
            }
            DeclKind::Lt => {
                let difference = self.difference(&children)?;
                Fact::Not(Box::new(self.at_least_zero(&difference)?))
            }
            DeclKind::Uninterpreted if children.is_empty() => match self.stands(term)? {
                Stands::Input(input) => Fact::Flag(input),
                Stands::Has(input, member) => Fact::Has(input, member),
            },
            _ => return Err(unsaid(term)),
        })
    }

    /// `i7`, `i7.3`: names are made in `encode.rs`.
    fn stands(&self, term: &Dynamic) -> Result<Stands, String> {
        let name = term.decl().name();
        let stands = name.strip_prefix('i').and_then(|rest| {
            let (input, member) = match rest.split_once('.') {
                Some((input, member)) => (input, Some(member.parse().ok()?)),
                None => (rest, None),
            };
            let input = InputId(input.parse().ok()?);
            self.program.inputs.get(input.index())?;
            Some(member.map_or(Stands::Input(input), |member| Stands::Has(input, member)))
        });
        stands.ok_or_else(|| unsaid(term))
    }

    fn difference(&self, children: &[Dynamic]) -> Result<Poly, String> {
        let [a, b] = children else { return Err("an invariant was found with a comparison of many".into()) };
        self.sum(a, 0)?.plus(&negated(&self.sum(b, 0)?)?).ok_or_else(large)
    }

    fn sum(&self, term: &Dynamic, depth: usize) -> Result<Poly, String> {
        if depth > DEPTH || !term.is_app() {
            return Err(unsaid(term));
        }
        if let Some(number) = term.as_int().and_then(|int| int.as_i128()) {
            return Ok(Poly::constant(number));
        }
        let children = term.children();
        let all = || children.iter().map(|child| self.sum(child, depth + 1)).collect::<Result<Vec<Poly>, String>>();
        match term.decl().kind() {
            DeclKind::Add => all()?.iter().try_fold(Poly::constant(0), |sum, part| sum.plus(part)).ok_or_else(large),
            DeclKind::Mul => all()?.iter().try_fold(Poly::constant(1), |product, part| product.times(part)).ok_or_else(large),
            DeclKind::Uminus => negated(&self.sum(&children[0], depth + 1)?),
            DeclKind::Sub => {
                let parts = all()?;
                let mut sum = parts[0].clone();
                for part in &parts[1..] {
                    sum = sum.plus(&negated(part)?).ok_or_else(large)?;
                }
                Ok(sum)
            }
            DeclKind::Uninterpreted if children.is_empty() => match self.stands(term)? {
                Stands::Input(input) => Ok(Poly::input(input)),
                Stands::Has(..) => Err(unsaid(term)),
            },
            _ => Err(unsaid(term)),
        }
    }

    fn enumeration(&self, input: InputId) -> Option<EnumId> {
        match self.program.input(input).domain {
            Domain::Enum(id) => Some(id),
            _ => None,
        }
    }

    /// A sum is at least zero. Codes of members have no meaning to a reader, so what is said of them is said of the members.
    fn at_least_zero(&self, sum: &Poly) -> Result<Fact, String> {
        let inputs = sum.inputs();
        let members: Vec<(InputId, EnumId)> =
            inputs.iter().filter_map(|input| self.enumeration(*input).map(|id| (*input, id))).collect();
        let holds = |codes: &[(InputId, i64)]| {
            let value = sum.value(|of| codes.iter().find(|(input, _)| *input == of).map(|(_, code)| *code));
            value.map(|value| value >= 0).ok_or_else(large)
        };
        match members.as_slice() {
            [] if inputs.is_empty() => Ok(Fact::Constant(sum.constant >= 0)),
            [] => Ok(Fact::AtLeastZero(sum.clone())),
            [(input, id)] if inputs.len() == 1 => {
                let size = self.program.enumeration(*id).size();
                let mut set = MemberSet::empty(size);
                for member in 0..size {
                    if holds(&[(*input, self.codes.code(*id, member))])? {
                        set.insert(member);
                    }
                }
                Ok(Fact::Member(*input, set))
            }
            [(a, id), (b, other)] if inputs.len() == 2 && id == other => {
                let size = self.program.enumeration(*id).size();
                let mut any = Vec::new();
                for member in 0..size {
                    let mut set = MemberSet::empty(size);
                    for second in 0..size {
                        if holds(&[(*a, self.codes.code(*id, member)), (*b, self.codes.code(*id, second))])? {
                            set.insert(second);
                        }
                    }
                    any.push(Fact::All(vec![Fact::Member(*a, MemberSet::of(size, [member])), Fact::Member(*b, set)]));
                }
                Ok(Fact::Any(any))
            }
            _ => Err("an invariant was found that compares the codes of unlike things".into()),
        }
    }
}

fn both(a: Fact, b: Fact) -> Fact {
    let not = |fact: &Fact| Fact::Not(Box::new(fact.clone()));
    let neither = Fact::All(vec![not(&a), not(&b)]);
    Fact::Any(vec![Fact::All(vec![a, b]), neither])
}

fn negated(sum: &Poly) -> Result<Poly, String> {
    sum.times_constant(-1).ok_or_else(large)
}

fn large() -> String {
    "an invariant was found with numbers beyond 128 bits".into()
}

fn unsaid(term: &Dynamic) -> String {
    let text: String = term.to_string().chars().take(60).collect();
    format!("an invariant was found that cannot be told ({text})")
}
