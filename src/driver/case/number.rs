//! A number as people write it: with its unit, with signs between thousands, with a decimal comma. In: a text and a domain. Out: a
//! value, or what is wrong and what to write. A text that two countries read as two numbers is refused, never guessed.

use crate::ir::NumberDomain;

/// Signs that stand between thousands somewhere.
const BETWEEN: [char; 8] = ['.', ',', ' ', '\'', '’', '\u{A0}', '\u{2009}', '\u{202F}'];

/// What is wrong, and what to do.
pub(super) type Wrong = (String, Option<String>);

/// Reads a number. `written` by a person, for whom `60.000` may be sixty thousand; a literal of JSON has one meaning.
///
/// # Errors
/// [`Wrong`].
pub(super) fn read(number: &NumberDomain, text: &str, written: bool) -> Result<i64, Wrong> {
    let whole = text.trim();
    let bare = whole.strip_suffix(number.unit.as_str()).unwrap_or(whole).trim_end();
    if written && let Some(wrong) = pointed(number, text, bare) {
        return Err(wrong);
    }
    if !well_formed(bare) {
        return Err(strange(number, whole, bare));
    }
    let plainly = |what: String| Err((what, None));
    match number.parse(bare) {
        Some(k) if k < number.lo => plainly(format!("{text} is too small")),
        Some(k) if k > number.hi => plainly(format!("{text} is too large")),
        Some(k) => Ok(k),
        None if is_number(bare) && is_beyond(bare, number) => plainly(format!("{text} is out of range")),
        None if is_number(bare) => {
            let joined = if written { grouped(bare, '.').filter(|joined| number.parse(joined).is_some()) } else { None };
            Err((format!("{text} is between two steps"), joined.map(|joined| format!("if it is {joined}, write {joined}"))))
        }
        None => Err(strange(number, whole, bare)),
    }
}

/// Whether signs stand where the language has them: `_` between two digits, a point with digits behind it. (What is no number for another reason
/// passes.)
fn well_formed(text: &str) -> bool {
    let lone = |(at, _): (usize, &str)| {
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let bytes = text.as_bytes();
        !is_digit(at.checked_sub(1).and_then(|before| bytes.get(before))) || !is_digit(bytes.get(at + 1))
    };
    let pointed = |(at, _): (usize, &str)| !text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    !text.match_indices('_').any(lone) && !text.match_indices('.').any(pointed)
}

/// Points that perhaps stand between thousands: where the number has decimals, one point is a decimal point.
fn pointed(number: &NumberDomain, text: &str, bare: &str) -> Option<Wrong> {
    let (sign, body) = signed(bare);
    let joined = format!("{sign}{}", grouped(body, '.')?);
    let (whole, rest) = body.split_once('.')?;
    if rest.contains('.') {
        return Some((format!("`{text}` has points between its thousands"), Some(both(&joined))));
    }
    if number.step.scale > 0 || whole.starts_with('0') {
        return None;
    }
    let short = format!("{sign}{whole}");
    Some(if rest.bytes().all(|byte| byte == b'0') {
        (format!("`{text}` may mean {short} or {joined}"), Some(format!("write {short} or {joined}")))
    } else {
        (format!("`{text}` has decimals, or a point between its thousands"), Some(format!("if it is {joined}, write {joined}")))
    })
}

/// A text that is no number here.
fn strange(number: &NumberDomain, whole: &str, bare: &str) -> Wrong {
    if let Some(wrong) = other_unit(number, whole) {
        return wrong;
    }
    let mut meant = readings(bare);
    meant.retain(|text| number.parse(text).is_some());
    if number.step.scale == 0 {
        // `5.000` would be read as one thing here and as another there.
        meant.iter_mut().for_each(|text| text.truncate(text.find('.').unwrap_or(text.len())));
    }
    let help = match meant.as_slice() {
        [] => None,
        [one] => Some(both(one)),
        several => Some(format!("write {}", several.join(" or "))),
    };
    (format!("`{whole}` is not a number"), help)
}

/// A number with a unit that is not the expected one.
fn other_unit(number: &NumberDomain, whole: &str) -> Option<Wrong> {
    let (head, unit) = whole.split_at(whole.find(|c: char| c.is_alphabetic() || matches!(c, '%' | '€' | '$' | '£'))?);
    let head = head.trim_end();
    let (_, body) = signed(head);
    let digits = body.starts_with(|c: char| c.is_ascii_digit())
        && body.chars().all(|c| c.is_ascii_digit() || c == '_' || BETWEEN.contains(&c));
    if !digits || unit == number.unit {
        return None;
    }
    Some(match number.unit.as_str() {
        "" => (format!("`{whole}` has a unit, where a plain number is expected"), None),
        expected if expected.eq_ignore_ascii_case(unit) => {
            (format!("`{whole}`: the unit is written `{expected}`"), Some(format!("write {head} {expected}, or {head} alone")))
        }
        expected => {
            (format!("`{whole}` is in {unit}, where {expected} is expected"), Some(format!("write it as a number of {expected}")))
        }
    })
}

/// What a text with signs between digits may mean.
fn readings(text: &str) -> Vec<String> {
    let (sign, body) = signed(text);
    let mut out = Vec::new();
    if let Some((whole, fraction)) = body.split_once(',')
        && digits(whole)
        && digits(fraction)
    {
        out.push(format!("{sign}{whole}.{fraction}"));
    }
    for between in BETWEEN {
        out.extend(grouped(body, between).map(|digits| format!("{sign}{digits}")));
        for mark in ['.', ','].into_iter().filter(|mark| *mark != between) {
            if let Some((whole, fraction)) = body.split_once(mark)
                && digits(fraction)
                && let Some(whole) = grouped(whole, between)
            {
                out.push(format!("{sign}{whole}.{fraction}"));
            }
        }
    }
    out
}

/// The digits of thousands with a sign between them.
fn grouped(text: &str, between: char) -> Option<String> {
    let mut groups = text.split(between);
    let first = groups.next().filter(|first| digits(first) && first.len() <= 3)?;
    let rest: Vec<&str> = groups.collect();
    let fine = !rest.is_empty() && rest.iter().all(|group| digits(group) && group.len() == 3);
    fine.then(|| format!("{first}{}", rest.concat()))
}

/// `write 15832 (or 15_832)`.
fn both(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').map_or((number, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let (sign, digits) = signed(whole);
    let mut groups = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            groups.push('_');
        }
        groups.push(digit);
    }
    match digits.len() {
        0..=3 => format!("write {number}"),
        _ => format!("write {number} (or {sign}{groups}{fraction})"),
    }
}

fn signed(text: &str) -> (&str, &str) {
    text.strip_prefix('-').map_or(("", text), |body| ("-", body))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    body.starts_with(|c: char| c.is_ascii_digit())
        && body.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E' | b'+' | b'-'))
}

/// Whether a number that is not on the grid is not even near it: the whole part alone leaves the range.
fn is_beyond(text: &str, number: &NumberDomain) -> bool {
    if let Some((_, exponent)) = text.split_once(['e', 'E']) {
        return exponent.parse::<i32>().is_ok_and(|exponent| exponent > 20);
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let fine = NumberDomain { step: crate::ir::Decimal { mantissa: 1, ..number.step }, ..number.clone() };
    match fine.parse(whole) {
        Some(k) => {
            let k = i128::from(k) / i128::from(number.step.mantissa.max(1));
            k < i128::from(number.lo) || k > i128::from(number.hi)
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Decimal;

    fn said(unit: &str, scale: u32, text: &str, written: bool) -> String {
        let number = NumberDomain { unit: unit.into(), step: Decimal { mantissa: 1, scale }, lo: 0, hi: 10_000_000 };
        match read(&number, text, written) {
            Ok(k) => k.to_string(),
            Err((what, help)) => [what, help.unwrap_or_default()].join(" | "),
        }
    }

    #[test]
    fn points_between_thousands_are_not_guessed() {
        for (text, says) in [
            ("60.000", "`60.000` may mean 60 or 60000 | write 60 or 60000"),
            ("60.000 EUR", "`60.000 EUR` may mean 60 or 60000 | write 60 or 60000"),
            ("60.123", "`60.123` has decimals, or a point between its thousands | if it is 60123, write 60123"),
            ("1.234.567", "`1.234.567` has points between its thousands | write 1234567 (or 1_234_567)"),
            ("60.0", "60"),
            ("0.000", "0"),
            ("6000.000", "6000"),
            ("60_000", "60000"),
        ] {
            assert_eq!(said("EUR", 0, text, true), says);
        }
        assert_eq!(said("EUR", 0, "60.000", false), "60");
        assert_eq!(said("EUR", 2, "60.000", true), "6000");
        assert_eq!(said("EUR", 3, "60.125", true), "60125");
    }

    #[test]
    fn signs_and_units_of_others() {
        for (scale, text, says) in [
            (0, "15,832", "`15,832` is not a number | write 15832 (or 15_832)"),
            (0, "5 000", "`5 000` is not a number | write 5000 (or 5_000)"),
            (0, "5'000 km", "`5'000 km` is not a number | write 5000 (or 5_000)"),
            (0, "5,000", "`5,000` is not a number | write 5 or 5000"),
            (2, "1.200,50", "`1.200,50` is not a number | write 1200.50 (or 1_200.50)"),
            (1, "3,5", "`3,5` is not a number | write 3.5"),
            (1, "1.250", "1.250 is between two steps | if it is 1250, write 1250"),
            (0, "1200 kg", "`1200 kg` is in kg, where km is expected | write it as a number of km"),
            (0, "1200 KM", "`1200 KM`: the unit is written `km` | write 1200 km, or 1200 alone"),
            (0, "many", "`many` is not a number | "),
            (0, "", "`` is not a number | "),
            (0, "_1500", "`_1500` is not a number | "),
            (0, "1500_", "`1500_` is not a number | "),
            (0, "1__500", "`1__500` is not a number | "),
            (0, "1_500", "1500"),
            (2, "5.", "`5.` is not a number | "),
            (2, "5.5", "550"),
        ] {
            assert_eq!(said("km", scale, text, true), says);
        }
        assert_eq!(said("", 0, "5 pieces", true), "`5 pieces` has a unit, where a plain number is expected | ");
    }
}
