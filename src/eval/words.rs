//! A term in words, for messages, as a sentence: those of the source, or, where it was put together from several places, true ones:
//! `destination in {CN, MO} and chip.tpp >= 4800`.

use crate::ir::{Domain, InputId, MemberSet, OutcomeTest, Poly, Program, Ranges, Term, TermId, Value};
use crate::words::{Sentence, Word, list, say};

/// Members listed before a set is abridged.
const LISTED: usize = 8;

/// A term in words, at most some lines long: parts nested deeper than `depth` are written `…`.
pub fn term_text(program: &Program, term: TermId, depth: usize) -> Sentence {
    if let Some(words) = program.words.get(&term).filter(|words| !words.is_empty()) {
        return Sentence::source(words);
    }
    let name = |input: &InputId| program.input(*input).name.as_str();
    let inner = |term: &TermId| match program.pool.get(*term) {
        _ if program.words.contains_key(term) => say!("({words})", words = term_text(program, *term, depth)),
        Term::And(_) | Term::Or(_) if depth > 1 => say!("({words})", words = term_text(program, *term, depth - 1)),
        Term::And(_) | Term::Or(_) => "…".into(),
        _ => term_text(program, *term, depth),
    };
    match program.pool.get(term) {
        Term::True => say!("always"),
        Term::False => say!("never"),
        Term::Not(of) => match program.pool.get(*of) {
            Term::Same(a, b) => say!("{name} is not {value}", name = name(a), value = name(b)),
            // Not at least zero is at most minus one.
            Term::AtLeastZero(poly) => match poly.times_constant(-1).and_then(|poly| poly.plus(&Poly::constant(-1))) {
                Some(less) => polynomial(program, &less),
                None => say!("not {words}", words = polynomial(program, poly)),
            },
            _ => say!("not {words}", words = inner(of)),
        },
        Term::And(all) => list!(" and ", all.iter().map(inner)),
        Term::Or(any) => list!(" or ", any.iter().map(inner)),
        Term::Flag(of) => name(of).into(),
        Term::Member { of, set } => {
            let Domain::Enum(id) = &program.input(*of).domain else { return name(of).into() };
            members(name(of), &program.enumeration(*id).members, set)
        }
        Term::Same(a, b) => say!("{name} is {value}", name = name(a), value = name(b)),
        Term::Has { of, member } => {
            let domain = &program.input(*of).domain;
            let Domain::Set(id) = domain else { return name(of).into() };
            let members = &program.enumeration(*id).members;
            {
                let member = members.get(*member as usize).map_or("?", |member| &member.name);
                say!("{name} has {member}", name = name(of), member)
            }
        }
        Term::Within { of, ranges } => within(program, name(of), &program.input(*of).domain, ranges),
        Term::AtLeastZero(poly) => polynomial(program, poly),
        Term::Applies(rule) => say!("{name} applies", name = program.rule(*rule).name),
        Term::Effective(rule) => say!("{name} is effective", name = program.rule(*rule).name),
        Term::Outcome { decision, without, test } => {
            let decision = program.decision(*decision);
            let test = match test {
                OutcomeTest::Gap => say!("{name} has no value", name = decision.name),
                OutcomeTest::Conflict => say!("{name} is in conflict", name = decision.name),
                OutcomeTest::Has(member) => match &decision.domain {
                    Domain::Set(id) => {
                        let members = &program.enumeration(*id).members;
                        let member = members.get(*member as usize).map_or("?", |m| &m.name);
                        say!("{name} has {member}", name = decision.name, member)
                    }
                    _ => decision.name.word(),
                },
                OutcomeTest::Within(ranges) => within(program, &decision.name, &decision.domain, ranges),
                OutcomeTest::Members(set) => match &decision.domain {
                    Domain::Enum(id) => members(&decision.name, &program.enumeration(*id).members, set),
                    _ if set.contains(0) => say!("not {words}", words = decision.name),
                    _ => decision.name.word(),
                },
            };
            match without {
                Some(rule) => say!("{test} without {rule}", test, rule = program.rule(*rule).name),
                None => test,
            }
        }
        Term::SameOutcome(a, b) => say!("{name} is {value}", name = program.decision(*a).name, value = program.decision(*b).name),
        Term::Second(of) => say!("{words} in the second case", words = inner(of)),
    }
}

fn members(name: &str, all: &[crate::ir::Member], set: &MemberSet) -> Sentence {
    let listed = |set: &MemberSet| {
        let mut names: Vec<Sentence> =
            set.iter().take(LISTED).filter_map(|member| all.get(member as usize)).map(|m| m.name.word()).collect();
        if set.len() as usize > names.len() {
            names.push(say!("… {more} more", more = set.len() as usize - names.len()));
        }
        if let [one] = names.as_slice() {
            return one.clone();
        }
        let (open, close) = ("{", "}");
        say!("{open}{names}{close}", open, names = list!(", ", names), close)
    };
    let complement = set.complement();
    let (negated, set) = if complement.len() < set.len() { (true, &complement) } else { (false, set) };
    match (set.len(), negated) {
        (1, false) => say!("{name} is {value}", name, value = listed(set)),
        (1, true) => say!("{name} is not {value}", name, value = listed(set)),
        (_, false) => say!("{name} in {set}", name, set = listed(set)),
        (_, true) => say!("{name} not in {set}", name, set = listed(set)),
    }
}

fn within(program: &Program, name: &str, domain: &Domain, ranges: &Ranges) -> Sentence {
    let dated = matches!(domain, Domain::Date { .. });
    let text = |k: i64| {
        let text = program.value_text(domain, &Value::Int(k));
        if dated { text.into() } else { Sentence::number(text) }
    };
    let (lo, hi) = domain.bounds().unwrap_or((i64::MIN, i64::MAX));
    let one = |(a, b): &(i64, i64)| match (*a <= lo, *b >= hi) {
        _ if a == b => say!("{name} = {value}", name, value = text(*a)),
        (true, _) if dated => say!("{name} until {last}", name, last = text(*b)),
        (_, true) if dated => say!("{name} from {first}", name, first = text(*a)),
        _ if dated => say!("{name} from {first} until {last}", name, first = text(*a), last = text(*b)),
        (true, _) => say!("{name} <= {most}", name, most = text(*b)),
        (_, true) => say!("{name} >= {least}", name, least = text(*a)),
        _ => say!("{name} >= {least} <= {most}", name, least = text(*a), most = text(*b)),
    };
    let mut parts: Vec<Sentence> = ranges.pairs().iter().take(LISTED).map(one).collect();
    if ranges.pairs().len() > parts.len() {
        parts.push("…".into());
    }
    list!(" or ", parts)
}

/// A sum that is at least zero, as a comparison of what is added with what is taken away.
fn polynomial(program: &Program, poly: &Poly) -> Sentence {
    let step = |input: &InputId| Program::step(&program.input(*input).domain);
    let steps: Vec<_> = poly.inputs().iter().map(step).collect();
    let side = |positive: bool| -> Vec<String> {
        let of = poly.monomials.iter().filter(|(_, coefficient)| (*coefficient > 0) == positive);
        of.map(|(inputs, coefficient)| {
            let factor =
                if coefficient.unsigned_abs() == 1 { String::new() } else { format!("{}·", coefficient.unsigned_abs()) };
            let names: Vec<&str> = inputs.iter().map(|input| program.input(*input).name.as_str()).collect();
            format!("{factor}{}", names.join("·"))
        })
        .collect()
    };
    let (more, less) = (side(true), side(false));
    // Of days the difference is in days.
    let days = poly.inputs().iter().all(|input| matches!(program.input(*input).domain, Domain::Date { .. }));
    let constant = |k: u128| if days { format!("{k} days") } else { k.to_string() };
    let sum = |parts: &[String], k: u128| {
        let mut parts = parts.to_vec();
        if k > 0 {
            parts.push(constant(k));
        }
        parts.join(" + ")
    };
    let k = poly.constant.unsigned_abs();
    let comparison = match (more.is_empty(), less.is_empty(), poly.constant) {
        (_, true, constant) => format!("{} >= {}", sum(&more, 0), -constant),
        (true, false, constant) => format!("{} <= {constant}", sum(&less, 0)),
        (_, _, -1) => format!("{} > {}", sum(&more, 0), sum(&less, 0)),
        (_, _, constant) if constant < 0 => format!("{} >= {}", sum(&more, 0), sum(&less, k)),
        _ => format!("{} <= {}", sum(&less, 0), sum(&more, k)),
    };
    // The numbers count steps of each input, so the text says so where a step is not 1.
    let stepped = steps.iter().any(|step| step.is_some_and(|step| step != crate::ir::Decimal::whole(1)));
    if stepped { say!("{comparison} (in steps)", comparison) } else { comparison.into() }
}
