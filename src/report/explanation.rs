//! The answer to "what about this deal": what each decision comes to, by which provisions, what stood in the way of the others,
//! what is still to be asked, and what would change it. As text and as `lexport.explanation/1`.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use crate::eval::{Change, Explanation, Failed, Ground, RuleReport, Status, WhyNot, term_text};
use crate::ir::{Case, Combine, DecisionId, InputId, LimbKind, Program, RuleId, RuleKind};

use super::terminal::Style;
use super::text::{visible, wrap};
use super::value;

/// A decision explained, with what would change it where the case is complete.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Why.
    pub explanation: Explanation,
    /// Why not something else; `None` for a case with unknown inputs.
    pub why_not: Option<WhyNot>,
}

/// The version of the document.
pub const SCHEMA: &str = "lexport.explanation/1";

/// The answers as one JSON document.
pub fn json(program: &Program, case: &Case, answers: &[Answer]) -> Json {
    let (mut decisions, mut because, mut open) = (Map::new(), Map::new(), Map::new());
    let (mut considered, mut near) = (Map::new(), Map::new());
    for answer in answers {
        let explanation = &answer.explanation;
        let id = explanation.decision;
        let name = program.decision(id).name.clone();
        match explanation.possible.settled() {
            Some(outcome) => {
                decisions.insert(name.clone(), value::outcome(program, id, outcome));
                let rules: Vec<Json> = explanation.possible.because.iter().map(|rule| cited(program, *rule)).collect();
                because.insert(name.clone(), rules.into());
            }
            None => {
                let possible: Vec<Json> =
                    explanation.possible.outcomes.iter().map(|outcome| value::outcome(program, id, outcome)).collect();
                let ask: Vec<&str> = explanation.possible.ask.iter().map(|input| program.input(*input).name.as_str()).collect();
                let mut entry = json!({ "possible": possible, "ask": ask });
                if !explanation.possible.exact {
                    entry["complete"] = false.into();
                }
                open.insert(name.clone(), entry);
            }
        }
        considered.insert(name.clone(), explanation.rules.iter().map(|report| report_json(program, report)).collect());
        if let Some(why_not) = &answer.why_not {
            let changes: Vec<Json> = why_not.changes.iter().map(|change| change_json(program, id, change)).collect();
            near.insert(name, json!({ "complete": why_not.complete, "changes": changes }));
        }
    }
    json!({
        "schema": SCHEMA,
        "regime": program.regimes[0].name,
        "case": value::case(program, case),
        "decisions": decisions,
        "because": because,
        "open": open,
        "considered": considered,
        "why_not": near,
    })
}

fn cited(program: &Program, id: RuleId) -> Json {
    let rule = program.rule(id);
    json!({ "rule": rule.name, "cite": rule.cite })
}

fn names(program: &Program, rules: &[RuleId]) -> Vec<String> {
    rules.iter().map(|rule| program.rule(*rule).name.clone()).collect()
}

fn report_json(program: &Program, report: &RuleReport) -> Json {
    let rule = program.rule(report.rule);
    let mut out = json!({ "rule": rule.name, "cite": rule.cite });
    match &report.status {
        Status::Effective => out["status"] = "effective".into(),
        Status::Open => out["status"] = "open".into(),
        Status::NotInForce => out["status"] = "not in force".into(),
        Status::Defeated(by) => {
            out["status"] = "defeated".into();
            out["by"] = names(program, by).into();
        }
        Status::NotMet(failed) => {
            if failed.iter().any(|part| part.limb.is_some()) {
                out["limbs"] = failed.iter().map(|part| json!(part.limb)).collect();
            }
            out["status"] = "not met".into();
            out["failed"] = failed.iter().map(|part| Json::from(term_text(program, part.term, DEPTH))).collect();
        }
    }
    out
}

fn change_json(program: &Program, decision: DecisionId, change: &Change) -> Json {
    let set: Map<String, Json> = change
        .set
        .iter()
        .map(|(input, to)| (program.input(*input).name.clone(), value::json(program, &program.input(*input).domain, to)))
        .collect();
    json!({
        "change": set,
        "then": value::outcome(program, decision, &change.outcome),
        "meets": change.meets.iter().map(|rule| cited(program, *rule)).collect::<Vec<_>>(),
        "leaves": change.leaves.iter().map(|rule| cited(program, *rule)).collect::<Vec<_>>(),
    })
}

/// How deep conditions are put into words.
const DEPTH: usize = 4;
/// How many changes are shown on a terminal.
const SHOWN: usize = 8;

/// The answers as text; `before`: what is to be said of what stands before the case.
pub fn text(program: &Program, case: &Case, before: &str, answers: &[Answer], style: Style) -> String {
    let mut out = String::new();
    let regime = &program.regimes[0];
    let title = if regime.title.is_empty() { String::new() } else { format!(": {}", regime.title) };
    let _ = writeln!(out, "{}{title}\n", regime.name);
    let matter: Vec<InputId> = program.input_ids().filter(|id| case.get(*id).is_some()).collect();
    out.push_str(&shipment(program, case, &matter));
    out.push_str(before);
    for answer in answers {
        out.push('\n');
        one(&mut out, program, answer, style);
    }
    visible(&out).into_owned()
}

/// The attributes of a case, one a line.
pub fn shipment(program: &Program, case: &Case, inputs: &[InputId]) -> String {
    let width = inputs.iter().map(|id| program.input(*id).name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for id in inputs {
        if let Some(known) = case.get(*id) {
            let name = &program.input(*id).name;
            let _ = writeln!(out, "  {name:<width$}  {}", value::input_words(program, *id, known));
        }
    }
    out
}

fn one(out: &mut String, program: &Program, answer: &Answer, style: Style) {
    let explanation = &answer.explanation;
    let id = explanation.decision;
    let decision = program.decision(id);
    let paragraph = |out: &mut String, text: &str, indent: usize| {
        let lead = " ".repeat(indent);
        let rest = " ".repeat(indent + 2);
        let _ = writeln!(out, "{}", wrap(text, style.width.max(50), &lead, &rest));
    };
    match explanation.possible.settled() {
        Some(outcome) => {
            let _ = writeln!(out, "{} {}", decision.name, value::outcome_words(program, id, outcome));
        }
        None => {
            let possible: Vec<String> =
                explanation.possible.outcomes.iter().map(|outcome| value::outcome_words(program, id, outcome)).collect();
            let _ = writeln!(out, "{} is open", decision.name);
            let more = if explanation.possible.exact { "" } else { ", and perhaps others" };
            paragraph(out, &format!("it {}{more}", possible.join(", or ")), 2);
            let ask: Vec<&str> = explanation.possible.ask.iter().map(|input| program.input(*input).name.as_str()).collect();
            paragraph(out, &format!("ask for {}", ask.join(", then ")), 2);
        }
    }
    let carriers = || explanation.rules.iter().filter(|report| report.carries);
    let excepts = |report: &&RuleReport| program.rule(report.rule).kind == RuleKind::Exception;
    let ground = match &explanation.ground {
        Ground::Said | Ground::NoExceptionMet(_) if carriers().any(|report| excepts(&report)) => {
            if carriers().all(|report| excepts(&report)) { "An exception says so." } else { "Rules and exceptions say so." }
        }
        Ground::Said => "A rule says so, and there is no exception to it in force.",
        Ground::NoExceptionMet(unmet) => {
            let met = |report: &RuleReport| unmet.contains(&report.rule) && !matches!(report.status, Status::NotMet(_));
            if explanation.rules.iter().any(met) {
                "A rule says so; there are exceptions to it, and none of them prevails."
            } else {
                "A rule says so; there are exceptions to it, and none of them is met."
            }
        }
        Ground::Silent if decision.default.is_some() => "No rule speaks to this case; this is the declared default.",
        Ground::Silent => "No rule speaks to this case, and nothing is declared for that.",
        Ground::EitherWay => "It comes to this whatever the unknown attributes are, though not always by the same rule.",
        Ground::Contradiction => "Rules contradict each other, and none of them overrides the other.",
        Ground::Open => "",
    };
    if !ground.is_empty() {
        paragraph(out, ground, 2);
    }
    for report in explanation.rules.iter().filter(|report| report.carries) {
        paragraph(out, &format!("because {}", full(program, report.rule)), 2);
        if !report.defeats.is_empty() {
            let defeated: Vec<String> = report.defeats.iter().map(|rule| value::rule_words(program, *rule)).collect();
            paragraph(out, &format!("which prevails over {}", defeated.join(", ")), 4);
        }
    }
    for (before, rules) in explanation.chain.iter().filter(|(before, rules)| *before != id && !rules.is_empty()) {
        let rules: Vec<String> = rules.iter().map(|rule| value::rule_words(program, *rule)).collect();
        paragraph(out, &format!("resting on {} by {}", program.decision(*before).name, rules.join(", ")), 2);
    }
    for report in explanation.rules.iter().filter(|report| !report.carries) {
        let what = match program.rule(report.rule).kind {
            RuleKind::Rule if !program.rule(report.rule).limbs.is_empty() => "product rule",
            RuleKind::Rule => "rule",
            RuleKind::Exception => "exception",
            RuleKind::Restriction => "restriction",
        };
        let name = value::rule_words(program, report.rule);
        let text = match &report.status {
            Status::NotInForce => format!("{what} {name} is not in force"),
            Status::Defeated(by) => {
                let by: Vec<String> = by.iter().map(|rule| value::rule_words(program, *rule)).collect();
                format!("{what} {name} gives way to {}", by.join(", "))
            }
            Status::NotMet(failed) => {
                let failed: Vec<String> = failed.iter().map(|part| needed(program, part)).collect();
                format!("{what} {name} is not met: it needs {}", failed.join("; and "))
            }
            Status::Open => format!("{what} {name} depends on what is unknown"),
            Status::Effective if program.conclusion(report.rule, id).is_none() => match report.defeats.as_slice() {
                [] => format!("{what} {name} is effective, and says nothing of this"),
                defeated => {
                    let defeated: Vec<String> = defeated.iter().map(|rule| value::rule_words(program, *rule)).collect();
                    format!(
                        "{what} {name} is effective: it prevails over {}, and says nothing of this itself",
                        defeated.join(", ")
                    )
                }
            },
            Status::Effective => {
                let and = match (explanation.possible.settled(), &decision.combine) {
                    (Some(_), Combine::Strictest) => " and says less",
                    (Some(_), Combine::LeastStrict) => " and says more",
                    (Some(_), Combine::First) => " and stands later in the order",
                    _ => "",
                };
                format!("{what} {name} is effective{and}")
            }
        };
        paragraph(out, &text, 2);
    }
    if let Some(why_not) = &answer.why_not {
        changes(out, program, id, why_not, paragraph);
    }
}

/// A part of a condition that is not met, of a product rule with the limb that it is.
fn needed(program: &Program, part: &Failed) -> String {
    let text = term_text(program, part.term, DEPTH);
    match part.limb {
        None => text,
        Some(limb) => format!("{} ({text})", limb_words(limb)),
    }
}

/// The limbs of a product rule as lawyers call them (15 CFR 734.9(a)).
fn limb_words(limb: LimbKind) -> &'static str {
    match limb {
        LimbKind::Scope => "its product scope",
        LimbKind::Technology => "the route by technology",
        LimbKind::Plant => "the route by plant or major component",
        LimbKind::Contents => "the route by contents",
        LimbKind::Reach => "its reach",
        LimbKind::Knowledge => "knowledge",
    }
}

fn changes(out: &mut String, program: &Program, id: DecisionId, why_not: &WhyNot, paragraph: impl Fn(&mut String, &str, usize)) {
    if why_not.changes.is_empty() {
        if why_not.complete {
            paragraph(out, "No change of one or two attributes would change it.", 2);
        }
        return;
    }
    paragraph(out, "What would change it:", 2);
    for change in why_not.changes.iter().take(SHOWN) {
        let set: Vec<String> = change
            .set
            .iter()
            .map(|(input, to)| format!("{} {}", program.input(*input).name, value::input_words(program, *input, to)))
            .collect();
        let mut text = format!("with {}: {}", set.join(" and "), value::outcome_words(program, id, &change.outcome));
        if !change.meets.is_empty() {
            let meets: Vec<String> = change.meets.iter().map(|rule| value::rule_words(program, *rule)).collect();
            let _ = write!(text, ", by {}", meets.join(", "));
        } else if !change.leaves.is_empty() {
            let leaves: Vec<String> = change.leaves.iter().map(|rule| value::rule_words(program, *rule)).collect();
            let _ = write!(text, ", no longer by {}", leaves.join(", "));
        }
        paragraph(out, &text, 4);
    }
    if why_not.changes.len() > SHOWN {
        paragraph(out, &format!("and {} more (all of them with --format json)", why_not.changes.len() - SHOWN), 4);
    }
}

fn full(program: &Program, id: RuleId) -> String {
    let rule = program.rule(id);
    let mut out = value::rule_words(program, id);
    if !rule.title.is_empty() {
        let _ = write!(out, ", {}", rule.title);
    }
    if !rule.mark.is_empty() {
        // The author's own words say more than that no source confirms it.
        let _ = match rule.mark.contains(':') {
            true => write!(out, " ({})", rule.mark),
            false => write!(out, " ({}: no source at hand confirms this encoding)", rule.mark),
        };
    }
    let place = value::rule_place(program, id);
    if !place.is_empty() {
        let _ = write!(out, " ({place})");
    }
    out
}
