//! The twelve properties of many regimes as one page of Markdown: a table of all, then what stands behind it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analysis::{Claimed, Finding, Report, StandardRow, Standing, Trace, Unasked, Witness, standard, standard_title};
use crate::diagnostic::Code;
use crate::ir::{Program, Standard};
use crate::words::{Language, Sentence, list, say};

/// A regime in one reading.
pub struct Answered<'a> {
    /// Its path: two regimes may have one name.
    pub path: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The reading; empty where there is only one.
    pub reading: &'a str,
    /// It.
    pub program: &'a Program,
    /// What was found out about it in this reading.
    pub report: &'a Report,
}

/// The page: regimes in the order given, each with its readings one after another.
pub fn page(all: &[Answered<'_>], language: Language) -> String {
    let rows: Vec<Vec<StandardRow>> = all.iter().map(|one| standard(one.program, one.report)).collect();
    let head = [
        say!(
            "What `lexport properties` says of these regimes. A cell counts claims and, where something is looked at without one, that: *holds* is proved; *fails* has a case or a path that the interpreter walked;"
        ),
        say!(
            "*known* is such a failure that the source accepts with its reason; *open* was not settled; *no case* is a claim about nothing in this reading; *one method* is a proof that only one method gave; *without rules* one that needs no rule of the regime; – was not asked,"
        ),
        say!(
            "because nobody plays the roles of what is ready-made for it, or for the reason that is told. What the names mean: `docs/language.md`."
        ),
    ];
    let head = head.map(|one| one.in_language(language)).join("\n");
    let mut out = format!("# {}\n\n{head}\n\n", say!("The twelve properties").in_language(language));
    let titles = Standard::ALL.map(|one| standard_title(one).in_language(language)).join(" | ");
    let _ = writeln!(out, "| {} | {titles} |", say!("regime | reading").in_language(language));
    let _ = writeln!(out, "|---|---|{}", "---|".repeat(Standard::ALL.len()));
    for (one, rows) in all.iter().zip(&rows) {
        let cells: Vec<String> = rows.iter().map(|row| cell(row, language)).collect();
        let only = say!("the only one").in_language(language);
        let reading = if one.reading.is_empty() { only.as_str() } else { one.reading };
        let _ = writeln!(out, "| `{}` | {reading} | {} |", one.name, cells.join(" | "));
    }
    let pairs: Vec<(&Answered<'_>, &Vec<StandardRow>)> = all.iter().zip(&rows).collect();
    for of in pairs.chunk_by(|(a, _), (b, _)| a.path == b.path) {
        let one = of[0].0;
        let again = all.iter().any(|other| other.name == one.name && other.path != one.path);
        let name = if again { format!("`{}` ({})", one.name, one.path) } else { format!("`{}`", one.name) };
        regime(&mut out, &name, of, language);
    }
    out
}

/// What came of claims, in the order of a cell.
const STANDINGS: [Standing; 7] = [
    Standing::Holds,
    Standing::OneMethod,
    Standing::WithoutRules,
    Standing::Fails,
    Standing::Accepted,
    Standing::Open,
    Standing::Empty,
];

fn cell(row: &StandardRow, language: Language) -> String {
    let all = || row.claims.iter().map(|claim| claim.came).chain(row.itself.iter().map(|(_, came)| *came));
    let parts: Vec<String> = STANDINGS
        .iter()
        .filter_map(|standing| {
            let count = all().filter(|came| came == standing).count();
            let word = word(*standing).in_language(language);
            (count > 0).then(|| if count == 1 { word } else { format!("{word} {count}") })
        })
        .collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
}

/// What stands behind the cells of one regime.
fn regime(out: &mut String, name: &str, of: &[(&Answered<'_>, &Vec<StandardRow>)], language: Language) {
    let _ = writeln!(out, "\n## {name}\n");
    for (at, standard) in Standard::ALL.into_iter().enumerate() {
        // Equal in all readings is said once.
        let mut lines: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (one, rows) in of {
            for line in told(one, &rows[at], language) {
                lines.entry(line).or_default().push(one.reading);
            }
        }
        for (line, readings) in lines {
            let only = if readings.len() == of.len() {
                String::new()
            } else {
                say!(" (read as {readings})", readings = readings.join(", ")).in_language(language)
            };
            let said = say!("{title}{only}: {line}", title = standard_title(standard), only, line);
            let _ = writeln!(out, "* {}", said.in_language(language));
        }
    }
    let unasked = of[0].1.iter().filter_map(|row| Some((row.standard, row.why.as_ref()?))).map(unasked);
    let unasked: Vec<Sentence> = unasked.collect();
    if !unasked.is_empty() {
        let said = say!("not asked: {unasked}", unasked = list!(", ", unasked));
        let _ = writeln!(out, "* {}", said.in_language(language));
    }
}

fn unasked((standard, why): (Standard, &Unasked)) -> Sentence {
    match why {
        Unasked::Unplayed(_) => standard_title(standard),
        Unasked::Nothing(why) => say!("{title} ({why})", title = standard_title(standard), why = why.clone()),
    }
}

fn told(one: &Answered<'_>, row: &StandardRow, language: Language) -> Vec<String> {
    let mut out: Vec<String> = row.claims.iter().map(|claim| claimed(one, claim, language)).collect();
    out.extend(row.itself.iter().map(|(what, came)| {
        say!("{word} — {what}, without a claim", word = word(*came), what = what.clone()).in_language(language)
    }));
    out
}

fn word(came: Standing) -> Sentence {
    match came {
        Standing::Holds => say!("holds"),
        Standing::OneMethod => say!("one method"),
        Standing::WithoutRules => say!("without rules"),
        Standing::Fails => say!("fails"),
        Standing::Accepted => say!("known"),
        Standing::Open => say!("open"),
        Standing::Empty => say!("no case"),
    }
}

fn claimed(one: &Answered<'_>, claim: &Claimed, language: Language) -> String {
    let mut line = format!("{} — `{}`", word(claim.came).in_language(language), claim.claim);
    let found =
        one.report.findings.iter().find(|finding| {
            matches!(finding.code, Code::PropertyViolated | Code::Loophole) && finding.about.contains(&claim.claim)
        });
    if let Some(finding) = found {
        line.push_str(&ways(one.program, finding, language));
        if let Some(accepted) = &finding.accepted {
            let _ = write!(line, ". {}", accepted.reason);
        }
    }
    line
}

/// By which steps.
fn ways(program: &Program, finding: &Finding, language: Language) -> String {
    match &finding.witness {
        Some(Witness::Trace(trace)) => say!(", by {steps}", steps = way(program, trace)).in_language(language),
        _ => String::new(),
    }
}

/// The steps of a run, equal ones in a row once.
pub fn way(program: &Program, trace: &Trace) -> String {
    let steps = &program.processes[trace.process].steps;
    let names = trace.taken.iter().map(|taken| steps[taken.step as usize].name.as_str());
    let mut parts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match parts.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => parts.push((name, 1)),
        }
    }
    let told = parts.into_iter().map(|(name, count)| match count {
        1 => format!("`{name}`"),
        _ => format!("`{name}` × {count}"),
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "no step".to_owned() } else { told.join(", ") }
}
