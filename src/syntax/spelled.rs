//! Numbers and days that are spelled otherwise: what they mean.

/// Digits with `_` only between digits.
pub fn tidy_digits(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len());
    for c in digits.chars() {
        if c.is_ascii_digit() || out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push(c);
        }
    }
    out.trim_end_matches(['_', '.']).replace("_.", ".")
}

/// The nearest day before one that the calendar does not have; `None` if it has it.
pub fn nearest_day(written: &str) -> Option<String> {
    let (year, month, day): (u32, u32, u32) =
        (written[..4].parse().ok()?, written[5..7].parse().ok()?, written[8..].parse().ok()?);
    let month_meant = month.clamp(1, 12);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month_meant {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day_meant = day.clamp(1, length);
    ((month, day) != (month_meant, day_meant)).then(|| format!("{year:04}-{month_meant:02}-{day_meant:02}"))
}

/// The days that a date of another form may mean, most likely first, and whether there is only one.
pub fn days_meant(written: &str) -> (Vec<String>, bool) {
    let parts: Vec<&str> = written.split(['/', '.', '-']).collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let (a, b, c) = (number(0), number(1), number(2));
    let candidates = if parts.first().is_some_and(|part| part.len() == 4) {
        vec![(a, b, c)]
    } else if written.contains('.') {
        vec![(c, b, a)]
    } else {
        vec![(c, a, b), (c, b, a)]
    };
    let mut days: Vec<String> = candidates
        .into_iter()
        .filter(|(_, month, day)| (1..=12).contains(month) && (1..=28 + 3).contains(day))
        .map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
        .collect();
    days.dedup();
    let certain = days.len() == 1;
    (days, certain)
}
