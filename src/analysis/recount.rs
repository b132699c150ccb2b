//! Caps of one name that two laws count differently: what is left of them differs, which no single case shows.
//!
//! In both laws the balance is one input (`CAP.used`), because both read one world. A case gives it one value; but under a law that
//! counts for each buyer it is another buyer's balance than under one that counts for all. So what is compared case by case is
//! settled for equal balances only.

use std::collections::BTreeSet;

use crate::ir::{Cap, InputId, Program, Window, date_text};
use crate::words::{Sentence, say};

/// Of the balances among some inputs, why what is said of two laws by single cases is not all that is to be said.
pub fn recounted(program: &Program, read: &BTreeSet<InputId>) -> Option<Sentence> {
    let differ = |a: &&Cap, b: &Cap| {
        a.used == b.used
            && a.regime != b.regime
            && (&a.counts, &a.keys, a.window, a.installed) != (&b.counts, &b.keys, b.window, b.installed)
    };
    let caps = &program.caps;
    let (one, other) = caps
        .iter()
        .filter(|cap| read.contains(&cap.used))
        .find_map(|cap| Some((cap, caps.iter().find(|other| differ(&cap, other))?)))?;
    Some(say!(
        "for equal balances only: one law counts {one} toward `{cap}`, the other {other}, so what is left of it differs, which no single case shows",
        cap = one.name,
        one = words(one),
        other = words(other)
    ))
}

/// What a cap counts, as its author writes it.
fn words(cap: &Cap) -> String {
    let mut out = cap.counts.clone();
    for key in &cap.keys {
        out += &format!(" per {key}");
    }
    match cap.window {
        Window::CalendarYear => out += " per calendar year",
        Window::CalendarQuarter => out += " per calendar quarter",
        Window::Rolling(days) => out += &format!(" in any {days} days"),
        Window::Between(from, to) => out += &format!(" from {} to {}", date_text(from), date_text(to)),
        Window::Lifetime => {}
    }
    out
}
