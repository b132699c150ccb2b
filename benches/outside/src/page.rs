//! What was measured, as Markdown: printed, and put between the marks of a page.

use std::fmt::Write as _;
use std::path::Path;

use crate::timing::{Spread, Times};

/// Whoever answered, and how long it took.
#[derive(Clone, Debug)]
pub struct Line {
    /// Who.
    pub who: String,
    /// One decision at a time.
    pub single: Option<Times>,
    /// Nanoseconds a row, by column.
    pub batch: Option<Spread>,
    /// Rows in the batch, if fewer than in the others.
    pub rows: Option<usize>,
    /// Bytes of what is evaluated.
    pub bytes: Option<usize>,
    /// Milliseconds to make it.
    pub built: Option<f64>,
}

impl Line {
    /// Nothing measured yet.
    pub fn new(who: impl Into<String>) -> Line {
        Line { who: who.into(), single: None, batch: None, rows: None, bytes: None, built: None }
    }

    /// With the times of single decisions.
    pub fn single(mut self, times: Times) -> Line {
        self.single = Some(times);
        self
    }

    /// With the times of a batch.
    pub fn batch(mut self, times: Spread) -> Line {
        self.batch = Some(times);
        self
    }
}

/// A regime and who answered for it; the first line is Lexport's, to which the others are in proportion.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// What must be known to read the lines.
    pub note: String,
    /// Who answered.
    pub lines: Vec<Line>,
    /// Where the time of the first line goes.
    pub explained: String,
}

/// A time in the unit in which it is read best.
pub fn nanoseconds(time: f64) -> String {
    match time {
        time if time < 10.0 => format!("{time:.1} ns"),
        time if time < 1e4 => format!("{time:.0} ns"),
        time if time < 1e6 => format!("{:.1} µs", time / 1e3),
        time => format!("{:.1} ms", time / 1e6),
    }
}

fn spread(of: Option<Spread>) -> String {
    let Some(Spread { median, low, high }) = of else { return "–".into() };
    let unit = nanoseconds(median);
    let (number, unit) = unit.split_once(' ').unwrap_or((&unit, ""));
    let scale = median / number.parse::<f64>().unwrap_or(median).max(f64::MIN_POSITIVE);
    let short = |value: f64| {
        if median < 10.0 || unit != "ns" { format!("{:.1}", value / scale) } else { format!("{:.0}", value / scale) }
    };
    format!("{number} {unit} ({}–{})", short(low), short(high))
}

fn rate(of: Option<Spread>) -> String {
    let Some(Spread { median, .. }) = of else { return "–".into() };
    let rows = 1e9 / median;
    match rows {
        rows if rows >= 1e7 => format!("{:.0} M", rows / 1e6),
        rows if rows >= 1e5 => format!("{:.1} M", rows / 1e6),
        rows => format!("{:.1} k", rows / 1e3),
    }
}

fn times(mine: Option<Spread>, of: Option<Spread>) -> String {
    match (mine, of) {
        (Some(mine), Some(of)) => {
            let ratio = of.median / mine.median;
            if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
        }
        _ => "–".into(),
    }
}

impl Section {
    /// As a table with its note.
    pub fn markdown(&self) -> String {
        let mut out = format!("### {}\n\n{}\n\n", self.name, self.note);
        out += "| who | single, warm | × | on its own | cold | batch, a row | rows/s | × | made in | bytes |\n";
        out += "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
        let first = &self.lines[0];
        let warm = |line: &Line| line.single.map(|times| times.warm);
        for line in &self.lines {
            let asked = |all: usize| line.single.is_some_and(|times| times.requests < all);
            let mut who = line.who.clone();
            if let Some(times) = line.single.filter(|_| asked(crate::REQUESTS)) {
                let _ = write!(who, " ({} requests)", times.requests);
            }
            if let Some(rows) = line.rows {
                let _ = write!(who, " ({rows} rows)");
            }
            let _ = writeln!(
                out,
                "| {who} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                spread(warm(line)),
                times(warm(first), warm(line)),
                spread(line.single.map(|times| times.alone)),
                spread(line.single.map(|times| times.cold)),
                spread(line.batch),
                rate(line.batch),
                times(first.batch, line.batch),
                line.built.map_or("–".into(), |built| nanoseconds(1e6 * built)),
                line.bytes.map_or("–".into(), |bytes| bytes.to_string()),
            );
        }
        format!("{out}\n{}\n", self.explained)
    }
}

const BEGIN: &str = "<!-- bench: written by `make bench` -->";
const END: &str = "<!-- end of bench -->";

/// Puts a text between the marks of a page; the page appears whole.
pub fn put(page: &Path, text: &str) {
    let old = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let (head, rest) = old.split_once(BEGIN).unwrap_or_else(|| panic!("{} has no mark `{BEGIN}`", page.display()));
    let (_, tail) = rest.split_once(END).unwrap_or_else(|| panic!("{} has no mark `{END}`", page.display()));
    whole(page, &format!("{head}{BEGIN}\n{}\n{END}{tail}", text.trim_end()));
}

/// Writes a file beside its place and moves it there.
pub fn whole(path: &Path, text: &str) {
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, text)
        .and_then(|()| std::fs::rename(&fresh, path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
