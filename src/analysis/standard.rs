//! The twelve properties, answered for one regime: which claims show each, what came of them, and why nothing was asked.
//!
//! In: a program and what was found out about it. Out: a row for each of the twelve. Some are looked at without being claimed: they are
//! what the checks of a whole regime find.

use crate::diagnostic::{Code, Severity};
use crate::ir::{Program, Standard};
use crate::words::{Sentence, say};

use super::finding::{Claimed, Report, Standing};

/// One of the twelve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub standard: Standard,
    /// The claims that show it, by name.
    pub claims: Vec<Claimed>,
    /// What is looked at without a claim, and what came of it.
    pub itself: Option<(Sentence, Standing)>,
    /// Why nothing was asked, if nothing was.
    pub why: Option<Unasked>,
}

/// Why nothing was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// Nobody plays the roles of these patterns.
    Unplayed(&'static str),
    /// There is nothing in the regime that it could be about.
    Nothing(Sentence),
}

impl Unasked {
    /// It in words.
    pub fn sentence(&self) -> Sentence {
        match self {
            Unasked::Unplayed(patterns) => say!("nobody plays the roles of {patterns}", patterns = *patterns),
            Unasked::Nothing(why) => why.clone(),
        }
    }
}

/// All twelve, in order; nothing if no whole check was made.
pub fn standard(program: &Program, report: &Report) -> Vec<Row> {
    if !report.whole {
        return Vec::new();
    }
    Standard::ALL
        .into_iter()
        .map(|standard| {
            let claims: Vec<Claimed> = report.claims.iter().filter(|claim| claim.shows == standard).cloned().collect();
            let itself = itself(program, report, standard);
            let why = (claims.is_empty() && itself.is_none()).then(|| why(program, standard));
            Row { standard, claims, itself, why }
        })
        .collect()
}

/// What came of claims, once what is accepted is known.
pub fn accepted(report: &mut Report) {
    let known = |claim: &Claimed| {
        report.findings.iter().any(|finding| {
            matches!(finding.code, Code::PropertyViolated | Code::Loophole)
                && finding.accepted.is_some()
                && finding.about.contains(&claim.claim)
        })
    };
    let known: Vec<bool> = report.claims.iter().map(known).collect();
    for (claim, known) in report.claims.iter_mut().zip(known) {
        if known && claim.came == Standing::Fails {
            claim.came = Standing::Accepted;
        }
    }
    report.claims.sort();
}

/// One of the twelve in words.
pub fn title(standard: Standard) -> Sentence {
    match standard {
        Standard::NoPermittedPath => say!("no permitted path"),
        Standard::NoBackfill => say!("no backfill"),
        Standard::Monotone => say!("monotone in capability"),
        Standard::ClosedUnderAssembly => say!("closed under assembly"),
        Standard::CapCannotBeSplit => say!("cap cannot be split"),
        Standard::ParentBlind => say!("parent-blind location"),
        Standard::TierOrder => say!("tier order respected"),
        Standard::AmendmentRefines => say!("amendment refines"),
        Standard::NoGapInTime => say!("no gap and no cliff in time"),
        Standard::ConsistentAndLive => say!("consistent and live"),
        Standard::JurisdictionTotal => say!("jurisdiction total and price-proof"),
        Standard::TariffSane => say!("tariff sane"),
    }
}

/// What is looked at without a claim.
fn itself(program: &Program, report: &Report, standard: Standard) -> Option<(Sentence, Standing)> {
    let codes: (Sentence, &[Code]) = match standard {
        Standard::Monotone if program.inputs.iter().any(|input| input.capability && input.regime == 0) => {
            (say!("order along what is declared a capability"), &[Code::Cliff])
        }
        Standard::NoGapInTime if program.date.is_some() => {
            (say!("a value on every day, and no flip on a day that nothing names"), &[Code::Gap, Code::TimeCliff])
        }
        Standard::ConsistentAndLive => (
            say!("no conflict, no gap, no dead rule or alternative"),
            &[Code::Conflict, Code::Gap, Code::DeadRule, Code::DeadAlternative],
        ),
        _ => return None,
    };
    let (what, codes) = codes;
    // What is only noted within a narrower scope (a rule that does nothing in one reading) is no defect.
    let found = || report.findings.iter().filter(|finding| codes.contains(&finding.code));
    let came = if found().any(|finding| finding.accepted.is_none() && finding.severity < Severity::Note) {
        Standing::Fails
    } else if found().any(|finding| finding.accepted.is_some()) {
        Standing::Accepted
    } else if report.open.contains(&standard) {
        Standing::Open
    } else {
        Standing::Holds
    };
    Some((what, came))
}

/// Why nothing was asked.
fn why(program: &Program, standard: Standard) -> Unasked {
    let own_cap = program.caps.iter().any(|cap| cap.regime == 0);
    let patterns = match standard {
        Standard::NoPermittedPath => "`diversion`, `remote_access`, `change_of_terms`, `release` (std/evasion)",
        Standard::NoBackfill => "`backfill` (std/evasion), `backfill_is_covered` (std/properties)",
        Standard::Monotone => "`monotone` (std/properties)",
        Standard::ClosedUnderAssembly => "`assembly`, `ratchet` (std/evasion), `host_as_its_part` (std/properties)",
        Standard::CapCannotBeSplit if !own_cap => return Unasked::Nothing(say!("the regime has no cap")),
        Standard::CapCannotBeSplit => "`order_splitting`, `window_edge` (std/evasion)",
        Standard::ParentBlind => "`address_blind`, `parent_counts` (std/properties)",
        Standard::TierOrder => "`tier_order` (std/properties)",
        Standard::AmendmentRefines if program.regimes.len() == 1 => {
            return Unasked::Nothing(say!("it is compared with no other regime"));
        }
        Standard::AmendmentRefines => "`amendment_refines`, `unchanged` (std/properties)",
        Standard::NoGapInTime => return Unasked::Nothing(say!("the regime knows no days")),
        Standard::ConsistentAndLive => "",
        Standard::JurisdictionTotal => "`price_proof` (std/properties)",
        Standard::TariffSane => "`trigger_is_answered`, `charged_as_permitted`, `no_inversion` (std/properties)",
    };
    Unasked::Unplayed(patterns)
}
