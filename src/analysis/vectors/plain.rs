//! Cases made ordinary: round numbers, the first of a month, familiar members, as far as the case still shows what it is for.

use crate::eval::{Atoms, fits};
use crate::ir::{Case, Domain, InputId, MemberSet, Program, Value, date_day, date_text};

/// Values tried for one input.
const TRIED: usize = 64;

/// The first value of each input, in the order of [`wanted`], with which the case is still `good`. Two passes, because a later input can set
/// an earlier one free.
pub fn plain(program: &Program, atoms: &Atoms, fixed: &[InputId], case: Case, good: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut best = case;
    for _ in 0..2 {
        let before = best.clone();
        for input in program.input_ids().filter(|input| !fixed.contains(input)) {
            for value in wanted(program, &best, atoms, input) {
                if best.get(input) == Some(&value) {
                    break;
                }
                let mut tried = best.clone();
                tried.set(input, value);
                if good(&tried) {
                    best = tried;
                    break;
                }
            }
        }
        if best == before {
            break;
        }
    }
    best
}

/// How many inputs are not at their most ordinary value.
pub fn oddity(program: &Program, case: &Case) -> usize {
    program.input_ids().filter(|input| ordinary(program, *input).as_ref() != case.get(*input)).count()
}

/// The value of an input on which nothing hangs.
pub fn ordinary(program: &Program, input: InputId) -> Option<Value> {
    let declared = program.input(input);
    if let Some(value) = declared.preferred.iter().find(|value| fits(program, &declared.domain, value)) {
        return Some(value.clone());
    }
    Some(match &declared.domain {
        Domain::Bool => Value::Bool(false),
        Domain::Enum(_) => Value::Member(0),
        Domain::Set(id) => Value::Set(MemberSet::empty(program.enumeration(*id).size())),
        Domain::Number(number) => Value::Int(round(number.lo.max(1).min(number.hi), number.hi)),
        Domain::Date { lo, hi } => Value::Int(quiet_day(lo + (hi - lo) / 2, *hi)),
    })
}

/// The values to try for an input, best first: the ordinary one, preferred ones, one of each class that the tests tell apart (round, or the
/// first of a year or month), and the ends of the classes.
fn wanted(program: &Program, case: &Case, atoms: &Atoms, input: InputId) -> Vec<Value> {
    let declared = program.input(input);
    let mut values: Vec<Value> = ordinary(program, input).into_iter().collect();
    values.extend(declared.preferred.iter().filter(|value| fits(program, &declared.domain, value)).cloned());
    match &declared.domain {
        Domain::Bool => values.extend([Value::Bool(false), Value::Bool(true)]),
        Domain::Enum(id) => values.extend((0..program.enumeration(*id).size()).map(Value::Member)),
        Domain::Set(_) => {
            if let Some(Value::Set(now)) = case.get(input) {
                let less = |member| now.difference(&MemberSet::of(now.size(), [member]));
                values.extend(now.iter().map(|member| Value::Set(less(member))));
            }
        }
        Domain::Number(_) | Domain::Date { .. } => {
            let ends = atoms.boundaries(program, case, input);
            // The first and the last number of a class stand beside each other, or are one.
            let classes = classes(&ends);
            let of_class = |(first, last): &(i64, i64)| match declared.domain {
                Domain::Date { .. } => quiet_day(*first, *last),
                _ => round(*first, *last),
            };
            values.extend(classes.iter().map(|class| Value::Int(of_class(class))));
            values.extend(ends.into_iter().map(Value::Int));
        }
    }
    values.truncate(TRIED);
    values
}

/// The classes whose first and last numbers these are: a class ends where the next number is the beginning of another.
fn classes(ends: &[i64]) -> Vec<(i64, i64)> {
    let mut classes = Vec::new();
    let mut first = None;
    for (at, end) in ends.iter().enumerate() {
        let begin = *first.get_or_insert(*end);
        if at + 1 == ends.len() || ends[at + 1] == end + 1 {
            classes.push((begin, *end));
            first = None;
        }
    }
    classes
}

/// The least number from `first` to `last` with the fewest digits before its zeros.
fn round(first: i64, last: i64) -> i64 {
    let mut unit = 1i64;
    let mut best = first;
    while let Some(up) =
        first.div_euclid(unit).checked_add(i64::from(first.rem_euclid(unit) != 0)).and_then(|k| k.checked_mul(unit))
    {
        if up > last {
            break;
        }
        best = up;
        // One digit is enough: a larger unit would only make the number larger.
        match unit.checked_mul(10) {
            Some(next) if next <= first.max(1) => unit = next,
            _ => break,
        }
    }
    best
}

/// The first 1 January from `first` to `last`, or the first of a month, or the day in the middle.
fn quiet_day(first: i64, last: i64) -> i64 {
    let text = date_text(first);
    let mut parts = text.splitn(3, '-');
    let (year, month) =
        (parts.next().and_then(|year| year.parse::<i64>().ok()), parts.next().and_then(|month| month.parse::<i64>().ok()));
    let within = |day: Option<i64>| day.filter(|day| first <= *day && *day <= last);
    if let (Some(year), Some(month)) = (year, month) {
        let day = |year: i64, month: i64| within(date_day(&format!("{year:04}-{month:02}-01")));
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let days = [day(year, 1), day(year + 1, 1), day(year, month), day(next.0, next.1)];
        if let Some(day) = days.into_iter().flatten().next() {
            return day;
        }
    }
    first + (last - first) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_round_and_days_begin_something() {
        assert_eq!(round(4800, 1_000_000), 5000);
        assert_eq!(round(1600, 2399), 2000);
        assert_eq!(round(4799, 4799), 4799);
        assert_eq!(round(0, 1599), 0);
        assert_eq!(round(1, 9), 1);
        assert_eq!(round(592, 599), 592);
        assert_eq!(round(-48, 100), -48);
        let day = |text: &str| date_day(text).expect("a day");
        assert_eq!(quiet_day(day("2023-11-17"), day("2024-04-03")), day("2024-01-01"));
        assert_eq!(quiet_day(day("2023-11-17"), day("2023-12-31")), day("2023-12-01"));
        assert_eq!(quiet_day(day("2023-11-17"), day("2023-11-17")), day("2023-11-17"));
        assert_eq!(classes(&[0, 3, 4, 5, 9]), [(0, 3), (4, 4), (5, 9)]);
    }
}
