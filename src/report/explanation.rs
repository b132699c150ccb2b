//! The answer to "what about this deal": what each decision comes to, by which provisions, what stood in the way of the others,
//! what is still to be asked, and what would change it. As text and as `lexport.explanation/1`.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use crate::eval::{Change, Explanation, Failed, Ground, RuleReport, Status, WhyNot, term_text};
use crate::ir::{Case, Combine, DecisionId, InputId, LimbKind, Program, RuleId, RuleKind, Titled};
use crate::words::{Language, Sentence, Word, list, say};

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
pub fn json(program: &Program, case: &Case, answers: &[Answer], language: Language) -> Json {
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
        considered.insert(name.clone(), explanation.rules.iter().map(|report| report_json(program, report, language)).collect());
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

fn report_json(program: &Program, report: &RuleReport, language: Language) -> Json {
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
            out["failed"] =
                failed.iter().map(|part| Json::from(term_text(program, part.term, DEPTH).in_language(language))).collect();
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
    let title = program.title(Titled::Regime(0), style.language).unwrap_or(&regime.title);
    let head = match title {
        "" => regime.name.word(),
        title => say!("{name}: {title}", name = regime.name, title),
    };
    let _ = writeln!(out, "{}\n", head.in_language(style.language));
    let matter: Vec<InputId> = program.input_ids().filter(|id| case.get(*id).is_some()).collect();
    out.push_str(&shipment(program, case, &matter, style.language));
    out.push_str(before);
    for answer in answers {
        out.push('\n');
        one(&mut out, program, answer, style);
    }
    visible(&out).into_owned()
}

/// The attributes of a case, one a line.
pub fn shipment(program: &Program, case: &Case, inputs: &[InputId], language: Language) -> String {
    let name = |id: InputId| value::input_name(program, id, language);
    let width = inputs.iter().map(|id| name(*id).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for id in inputs {
        if let Some(known) = case.get(*id) {
            let _ = writeln!(out, "  {:<width$}  {}", name(*id), value::input_words(program, *id, known, language));
        }
    }
    out
}

fn one(out: &mut String, program: &Program, answer: &Answer, style: Style) {
    let explanation = &answer.explanation;
    let id = explanation.decision;
    let decision = program.decision(id);
    let language = style.language;
    let name = value::decision_name(program, id, language);
    let paragraph = |out: &mut String, said: Sentence, indent: usize| {
        let lead = " ".repeat(indent);
        let rest = " ".repeat(indent + 2);
        let _ = writeln!(out, "{}", wrap(&said.in_language(language), style.width.max(50), &lead, &rest));
    };
    let rules_words = |rules: &[RuleId]| list!(", ", rules.iter().map(|rule| value::rule_words(program, *rule)));
    match explanation.possible.settled() {
        Some(outcome) => {
            let _ = writeln!(out, "{name} {}", value::outcome_words(program, id, outcome, language));
        }
        None => {
            let outcomes = explanation.possible.outcomes.iter();
            let possible = list!(", or ", outcomes.map(|outcome| value::outcome_words(program, id, outcome, language)));
            let _ = writeln!(out, "{}", say!("{name} is open", name).in_language(language));
            let said = match explanation.possible.exact {
                true => say!("it {possible}", possible),
                false => say!("it {possible}, and perhaps others", possible),
            };
            paragraph(out, said, 2);
            let inputs =
                list!(", then ", explanation.possible.ask.iter().map(|input| value::input_name(program, *input, language)));
            if !explanation.possible.ask.is_empty() {
                paragraph(out, say!("ask for {inputs}", inputs), 2);
            }
        }
    }
    let carriers = || explanation.rules.iter().filter(|report| report.carries);
    let excepts = |report: &&RuleReport| program.rule(report.rule).kind == RuleKind::Exception;
    let ground = match &explanation.ground {
        Ground::Said | Ground::NoExceptionMet(_) if carriers().any(|report| excepts(&report)) => {
            if carriers().all(|report| excepts(&report)) {
                say!("An exception says so.")
            } else {
                say!("Rules and exceptions say so.")
            }
        }
        Ground::Said => say!("A rule says so, and there is no exception to it in force."),
        Ground::NoExceptionMet(unmet) => {
            let met = |report: &RuleReport| unmet.contains(&report.rule) && !matches!(report.status, Status::NotMet(_));
            if explanation.rules.iter().any(met) {
                say!("A rule says so; there are exceptions to it, and none of them prevails.")
            } else {
                say!("A rule says so; there are exceptions to it, and none of them is met.")
            }
        }
        Ground::Silent if decision.default.is_some() => {
            say!("No rule speaks to this case; this is the declared default.")
        }
        Ground::Silent => say!("No rule speaks to this case, and nothing is declared for that."),
        Ground::EitherWay => {
            say!("It comes to this whatever the unknown attributes are, though not always by the same rule.")
        }
        Ground::Contradiction => say!("Rules contradict each other, and none of them overrides the other."),
        Ground::Open => Sentence::default(),
    };
    if !ground.is_empty() {
        paragraph(out, ground, 2);
    }
    for report in explanation.rules.iter().filter(|report| report.carries) {
        paragraph(out, say!("because {rules}", rules = full(program, report.rule, language)), 2);
        if !report.defeats.is_empty() {
            paragraph(out, say!("which prevails over {rules}", rules = rules_words(&report.defeats)), 4);
        }
    }
    for (before, rules) in explanation.chain.iter().filter(|(before, rules)| *before != id && !rules.is_empty()) {
        let name = &program.decision(*before).name;
        paragraph(out, say!("resting on {name} by {rules}", name, rules = rules_words(rules)), 2);
    }
    for report in explanation.rules.iter().filter(|report| !report.carries) {
        let what = match program.rule(report.rule).kind {
            RuleKind::Rule if !program.rule(report.rule).limbs.is_empty() => say!("product rule"),
            RuleKind::Rule => say!("rule"),
            RuleKind::Exception => say!("exception"),
            RuleKind::Restriction => say!("restriction"),
        };
        let name = value::rule_words(program, report.rule);
        let text = match &report.status {
            Status::NotInForce => say!("{what} {name} is not in force", what, name),
            Status::Defeated(by) => say!("{what} {name} gives way to {rules}", what, name, rules = rules_words(by)),
            Status::NotMet(failed) => {
                let (routes, others): (Vec<&Failed>, Vec<&Failed>) =
                    failed.iter().partition(|part| part.limb.is_some_and(LimbKind::is_route));
                let mut needs: Vec<Sentence> = others.iter().map(|part| needed(program, part)).collect();
                match routes.as_slice() {
                    [] => {}
                    [one] => needs.push(needed(program, one)),
                    // Any of them would do.
                    several => needs.push(list!(", or ", several.iter().map(|part| needed(program, part)))),
                }
                let needs = list!("; and ", needs);
                say!("{what} {name} is not met: it needs {needs}", what, name, needs)
            }
            Status::Open => say!("{what} {name} depends on what is unknown", what, name),
            Status::Effective if program.conclusion(report.rule, id).is_none() => match report.defeats.as_slice() {
                [] => say!("{what} {name} is effective, and says nothing of this", what, name),
                defeated => say!(
                    "{what} {name} is effective: it prevails over {rules}, and says nothing of this itself",
                    what,
                    name,
                    rules = rules_words(defeated)
                ),
            },
            Status::Effective => match (explanation.possible.settled(), &decision.combine) {
                (Some(_), Combine::Strictest) => say!("{what} {name} is effective and says less", what, name),
                (Some(_), Combine::LeastStrict) => say!("{what} {name} is effective and says more", what, name),
                (Some(_), Combine::First) => say!("{what} {name} is effective and stands later in the order", what, name),
                _ => say!("{what} {name} is effective", what, name),
            },
        };
        paragraph(out, text, 2);
    }
    if let Some(why_not) = &answer.why_not {
        changes(out, program, id, why_not, language, paragraph);
    }
}

/// A part of a condition that is not met, of a product rule with the limb that it is (15 CFR 734.9(a)).
fn needed(program: &Program, part: &Failed) -> Sentence {
    let text = term_text(program, part.term, DEPTH);
    match part.limb {
        None => text,
        Some(LimbKind::Scope) => say!("its product scope ({text})", text),
        Some(LimbKind::Technology) => say!("the route by technology ({text})", text),
        Some(LimbKind::Plant) => say!("the route by plant or major component ({text})", text),
        Some(LimbKind::Contents) => say!("the route by contents ({text})", text),
        Some(LimbKind::Reach) => say!("its reach ({text})", text),
        Some(LimbKind::Knowledge) => say!("knowledge ({text})", text),
    }
}

fn changes(
    out: &mut String,
    program: &Program,
    id: DecisionId,
    why_not: &WhyNot,
    language: Language,
    paragraph: impl Fn(&mut String, Sentence, usize),
) {
    if why_not.changes.is_empty() {
        if why_not.complete {
            paragraph(out, say!("No change of one or two attributes would change it."), 2);
        }
        return;
    }
    paragraph(out, say!("What would change it:"), 2);
    for change in why_not.changes.iter().take(SHOWN) {
        let set: Vec<String> = change
            .set
            .iter()
            .map(|(input, to)| format!("{} {}", program.input(*input).name, value::input_words(program, *input, to, language)))
            .collect();
        let set = list!(" and ", set);
        let outcome = value::outcome_words(program, id, &change.outcome, language);
        let rules = |rules: &[RuleId]| list!(", ", rules.iter().map(|rule| value::rule_words(program, *rule)));
        let said = match (change.meets.as_slice(), change.leaves.as_slice()) {
            ([], []) => say!("with {set}: {outcome}", set, outcome),
            ([], leaves) => say!("with {set}: {outcome}, no longer by {rules}", set, outcome, rules = rules(leaves)),
            (meets, _) => say!("with {set}: {outcome}, by {rules}", set, outcome, rules = rules(meets)),
        };
        paragraph(out, said, 4);
    }
    if why_not.changes.len() > SHOWN {
        let more = why_not.changes.len() - SHOWN;
        paragraph(out, say!("and {more} more (all of them with --format json)", more), 4);
    }
}

fn full(program: &Program, id: RuleId, language: Language) -> Sentence {
    let rule = program.rule(id);
    let mut out = value::rule_words(program, id).word();
    let title = program.title(Titled::Rule(id), language).unwrap_or(&rule.title);
    if !title.is_empty() {
        out = say!("{name}, {title}", name = out, title);
    }
    // The author's own words say more than that no source confirms it.
    out = match rule.mark.as_str() {
        "" => out,
        "recalled" => say!("{name} (recalled: no source at hand confirms this encoding)", name = out),
        "inferred" => say!("{name} (inferred: no source at hand confirms this encoding)", name = out),
        mark => say!("{name} ({mark})", name = out, mark),
    };
    match value::rule_place(program, id) {
        place if place.is_empty() => out,
        place => say!("{name} ({place})", name = out, place),
    }
}
