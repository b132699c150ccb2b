//! A term in words, for messages: those of the source, or, where it was put together from several places, true ones:
//! `destination in {CN, MO} and chip.tpp >= 4800`.

use crate::ir::{Domain, InputId, MemberSet, OutcomeTest, Poly, Program, Ranges, Term, TermId, Value};

/// Members listed before a set is abridged.
const LISTED: usize = 8;

/// A term in words, at most some lines long: parts nested deeper than `depth` are written `…`.
pub fn term_text(program: &Program, term: TermId, depth: usize) -> String {
    if let Some(words) = program.words.get(&term).filter(|words| !words.is_empty()) {
        return words.clone();
    }
    let name = |input: &InputId| program.input(*input).name.as_str();
    let inner = |term: &TermId| match program.pool.get(*term) {
        _ if program.words.contains_key(term) => format!("({})", term_text(program, *term, depth)),
        Term::And(_) | Term::Or(_) if depth > 1 => format!("({})", term_text(program, *term, depth - 1)),
        Term::And(_) | Term::Or(_) => "…".to_owned(),
        _ => term_text(program, *term, depth),
    };
    match program.pool.get(term) {
        Term::True => "always".to_owned(),
        Term::False => "never".to_owned(),
        Term::Not(of) => match program.pool.get(*of) {
            Term::Same(a, b) => format!("{} is not {}", name(a), name(b)),
            _ => format!("not {}", inner(of)),
        },
        Term::And(all) => all.iter().map(inner).collect::<Vec<_>>().join(" and "),
        Term::Or(any) => any.iter().map(inner).collect::<Vec<_>>().join(" or "),
        Term::Flag(of) => name(of).to_owned(),
        Term::Member { of, set } => {
            let Domain::Enum(id) = &program.input(*of).domain else { return name(of).to_owned() };
            members(name(of), &program.enumeration(*id).members, set)
        }
        Term::Same(a, b) => format!("{} is {}", name(a), name(b)),
        Term::Has { of, member } => {
            let domain = &program.input(*of).domain;
            let Domain::Set(id) = domain else { return name(of).to_owned() };
            let members = &program.enumeration(*id).members;
            format!("{} has {}", name(of), members.get(*member as usize).map_or("?", |member| &member.name))
        }
        Term::Within { of, ranges } => within(program, name(of), &program.input(*of).domain, ranges),
        Term::AtLeastZero(poly) => polynomial(program, poly),
        Term::Applies(rule) => format!("{} applies", program.rule(*rule).name),
        Term::Effective(rule) => format!("{} is effective", program.rule(*rule).name),
        Term::Outcome { decision, without, test } => {
            let decision = program.decision(*decision);
            let without = without.map_or(String::new(), |rule| format!(" without {}", program.rule(rule).name));
            let test = match test {
                OutcomeTest::Gap => format!("{} has no value", decision.name),
                OutcomeTest::Conflict => format!("{} is in conflict", decision.name),
                OutcomeTest::Has(member) => match &decision.domain {
                    Domain::Set(id) => {
                        let members = &program.enumeration(*id).members;
                        format!("{} has {}", decision.name, members.get(*member as usize).map_or("?", |m| &m.name))
                    }
                    _ => decision.name.clone(),
                },
                OutcomeTest::Within(ranges) => within(program, &decision.name, &decision.domain, ranges),
                OutcomeTest::Members(set) => match &decision.domain {
                    Domain::Enum(id) => members(&decision.name, &program.enumeration(*id).members, set),
                    _ if set.contains(0) => format!("not {}", decision.name),
                    _ => decision.name.clone(),
                },
            };
            test + &without
        }
        Term::SameOutcome(a, b) => format!("{} is {}", program.decision(*a).name, program.decision(*b).name),
        Term::Second(of) => format!("{} in the second case", inner(of)),
    }
}

fn members(name: &str, all: &[crate::ir::Member], set: &MemberSet) -> String {
    let list = |set: &MemberSet| {
        let mut names: Vec<&str> =
            set.iter().take(LISTED).filter_map(|member| all.get(member as usize)).map(|m| m.name.as_str()).collect();
        let more = format!("… {} more", set.len() as usize - names.len());
        if set.len() as usize > names.len() {
            names.push(&more);
        }
        if let [one] = names.as_slice() { (*one).to_owned() } else { format!("{{{}}}", names.join(", ")) }
    };
    let complement = set.complement();
    let (negated, set) = if complement.len() < set.len() { (true, &complement) } else { (false, set) };
    match (set.len(), negated) {
        (1, false) => format!("{name} is {}", list(set)),
        (1, true) => format!("{name} is not {}", list(set)),
        (_, false) => format!("{name} in {}", list(set)),
        (_, true) => format!("{name} not in {}", list(set)),
    }
}

fn within(program: &Program, name: &str, domain: &Domain, ranges: &Ranges) -> String {
    let text = |k: i64| program.value_text(domain, &Value::Int(k));
    let (lo, hi) = domain.bounds().unwrap_or((i64::MIN, i64::MAX));
    let (least, most) = if matches!(domain, Domain::Date { .. }) { ("from", "until") } else { (">=", "<=") };
    let one = |(a, b): &(i64, i64)| match (*a <= lo, *b >= hi) {
        _ if a == b => format!("{name} = {}", text(*a)),
        (true, _) => format!("{name} {most} {}", text(*b)),
        (_, true) => format!("{name} {least} {}", text(*a)),
        _ => format!("{name} {least} {} {most} {}", text(*a), text(*b)),
    };
    let mut parts: Vec<String> = ranges.pairs().iter().take(LISTED).map(one).collect();
    if ranges.pairs().len() > parts.len() {
        parts.push("…".to_owned());
    }
    parts.join(" or ")
}

fn polynomial(program: &Program, poly: &Poly) -> String {
    let mut out = String::new();
    for (index, (inputs, coefficient)) in poly.monomials.iter().enumerate() {
        let sign = if *coefficient < 0 {
            "- "
        } else if index > 0 {
            "+ "
        } else {
            ""
        };
        let factor = if coefficient.unsigned_abs() == 1 { String::new() } else { format!("{}·", coefficient.unsigned_abs()) };
        let names: Vec<&str> = inputs.iter().map(|input| program.input(*input).name.as_str()).collect();
        out += &format!("{sign}{factor}{} ", names.join("·"));
    }
    // The numbers count steps of each input, so the text says so where a step is not 1.
    let stepped = poly
        .inputs()
        .iter()
        .any(|input| Program::step(&program.input(*input).domain).is_some_and(|step| step != crate::ir::Decimal::whole(1)));
    format!("{out}>= {}{}", -poly.constant, if stepped { " (in steps)" } else { "" })
}
