//! Words that several messages of this phase share.

/// The known name that the wrong one was perhaps meant to be: at most a third of its letters differ.
pub(super) fn did_you_mean<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Between short codes (countries) a letter makes all the difference: UK is not CK.
    let limit = if wrong.chars().count() <= 3 { 0 } else { (wrong.chars().count() / 3).max(1) };
    known
        .into_iter()
        .map(|name| {
            let folded = name.eq_ignore_ascii_case(wrong);
            let distance = if folded { 0 } else { strsim::damerau_levenshtein(wrong, name) };
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// `a`, `b` and 3 more
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
