//! Acceptances: a finding that the source accepts, with a reason, becomes a note. An acceptance that matches nothing, or
//! whose last day has passed, is itself a finding. Nothing else silences anything.

use crate::diagnostic::{Code, Severity};
use crate::ir::{Acceptance, Program, date_text};
use crate::words::say;

use super::finding::{Accepted, Finding, Kind, Report};

/// Whether an acceptance is about a finding: the code is the same, the finding names no other rules, and everything that
/// the acceptance is about is what the finding is about.
fn covers(acceptance: &Acceptance, finding: &Finding) -> bool {
    acceptance.code == finding.code.name()
        && (acceptance.rules.is_empty()
            || !finding.rules.is_empty() && finding.rules.iter().all(|rule| acceptance.rules.contains(rule)))
        && acceptance.about.iter().all(|name| finding.about.contains(name))
}

/// Marks what is accepted. `today` is the day on which an acceptance may have expired; without it none has. `complete`
/// says that all findings of the checks are here: only then can an acceptance be said to match nothing.
pub fn accept(program: &Program, report: &mut Report, today: Option<i64>, complete: bool) {
    let mut more = Vec::new();
    for (index, acceptance) in program.acceptances.iter().enumerate() {
        let expired = acceptance.until.zip(today).is_some_and(|(until, today)| today > until);
        let mut matched = false;
        for finding in report.findings.iter_mut().filter(|finding| covers(acceptance, finding)) {
            matched = true;
            // A bug of Lexport is nobody's to accept, and an expired acceptance silences nothing.
            if !expired && finding.kind != Kind::Internal && finding.accepted.is_none() {
                finding.severity = Severity::Note;
                finding.accepted = Some(Accepted { acceptance: index, reason: acceptance.reason.clone() });
            }
        }
        let code = &acceptance.code;
        let said = if matched && expired {
            let until = acceptance.until.map_or_else(String::new, date_text);
            Some((Code::AcceptanceExpired, say!("the acceptance of {code} expired on {until}", code, until)))
        } else if !matched && complete {
            Some((Code::AcceptanceUnmatched, say!("this acceptance of {code} matches no finding", code)))
        } else {
            None
        };
        if let Some((code, title)) = said {
            let mut finding = Finding::new(code, Kind::Acceptance, title);
            finding.rules = acceptance.rules.clone();
            finding.about = acceptance.about.clone();
            finding.origins = vec![acceptance.origin];
            finding.notes.push(say!("its reason was: {reason}", reason = acceptance.reason));
            finding.fixes.push(match code {
                Code::AcceptanceExpired => say!("decide again: settle the finding, or give the acceptance a new last day"),
                _ => say!("remove it, or correct the rules and names it is about"),
            });
            more.push(finding);
        }
    }
    report.findings.extend(more);
}
