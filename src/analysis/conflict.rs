//! Conflicts: cases in which effective rules of one `exactly one` decision disagree. And, as notes, overlaps under
//! `strictest`, where the stricter value wins.
//!
//! Rules that may meet are asked about two by two; pairs that do clash over the same two values are joined where they
//! share a rule, and each such group is one finding.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, OutcomeTest, RuleId, TermId, Value};
use crate::words::{Sentence, say};

use super::finding::{By, Evidence, Finding, Kind, Proof, Report, Witness};
use super::lab::Lab;
use super::method::{Question, Settled, Verdict};
use super::overlap::Overlaps;

/// Pairs of rules looked at for the note about overlaps of one decision.
const NOTED: usize = 4_000;

/// Two rules of a decision that may be effective together with different values.
struct Edge {
    decision: DecisionId,
    rules: (RuleId, RuleId),
    /// The lesser value first.
    values: (Value, Value),
    question: Question,
}

/// A group of clashes with one cause.
struct Group {
    decision: DecisionId,
    values: (Value, Value),
    rules: Vec<RuleId>,
    question: Question,
    /// That each of the rules is effective.
    effective: Vec<(RuleId, TermId)>,
    witness: Witness,
    evidence: Vec<Evidence>,
}

/// All conflicts; and, as one note for each decision, overlaps under `strictest` and `least strict`.
pub fn conflicts(lab: &mut Lab<'_>, overlaps: &Overlaps) -> Report {
    let mut report = Report::default();
    let decisions: Vec<DecisionId> =
        lab.decisions().into_iter().filter(|id| lab.program.decision(*id).combine == Combine::ExactlyOne).collect();
    let (direct, mut sliced): (Vec<DecisionId>, Vec<DecisionId>) =
        decisions.into_iter().partition(|id| lab.program.decision(*id).rules.len() <= lab.options.direct);

    // Where a decision is small, ask outright whether it is ever in conflict; look for the rules only if so.
    let questions: Vec<Question> =
        direct.iter().map(|id| Question::one(lab.program.builder().outcome(*id, OutcomeTest::Conflict), id.0)).collect();
    let mut clashing = Vec::new();
    for (id, settled) in direct.iter().zip(lab.ask(&questions)) {
        let name = never(lab, *id);
        lab.faults(&settled.faults, &name, &mut report);
        match settled.answer {
            Verdict::No => prove(lab, name, settled.evidence, &mut report),
            Verdict::Unknown(why) => {
                lab.undecided(name, Vec::new(), why, &mut report);
                clashing.push((*id, None));
            }
            Verdict::Yes(_) => clashing.push((*id, Some(settled))),
        }
    }

    let mut edges = Vec::new();
    for (id, _) in &clashing {
        edges.extend(candidates(lab, overlaps, *id, usize::MAX));
    }
    let mut tangled = Vec::new();
    sliced.retain(|id| {
        // Where nearly all can meet, two by two is no way.
        let few = meeting(lab, overlaps, *id) <= lab.options.pairs;
        if few {
            edges.extend(candidates(lab, overlaps, *id, usize::MAX));
        } else {
            tangled.push(*id);
        }
        few
    });
    report.absorb(whole(lab, &tangled));
    let questions: Vec<Question> = edges.iter().map(|edge| edge.question).collect();
    let answers = lab.ask(&questions);
    for id in &sliced {
        let outright = lab.program.builder().outcome(*id, OutcomeTest::Conflict);
        summary(lab, (*id, outright), &edges, &answers, &mut report);
    }
    for (edge, settled) in edges.iter().zip(&answers).filter(|(edge, _)| !sliced.contains(&edge.decision)) {
        let rules = vec![edge.rules.0, edge.rules.1];
        let question = agree(lab, &rules, edge.decision);
        lab.faults(&settled.faults, &question, &mut report);
        if let Verdict::Unknown(why) = &settled.answer {
            lab.undecided(question, rules, why.clone(), &mut report);
        }
    }
    let groups = grouped(lab, &edges, &answers);
    for (id, settled) in clashing {
        // A conflict that no pair shows on its own: reported as it was found.
        if let Some(Settled { answer: Verdict::Yes(witness), evidence, .. }) = settled
            && !groups.iter().any(|group| group.decision == id)
        {
            report.findings.push(unexplained(lab, id, &witness, evidence));
        }
    }
    let found: Vec<Finding> = groups.par_iter().map(|group| finding(lab, group)).collect();
    report.findings.extend(found);
    report.absorb(noted(lab, overlaps));
    report
}

/// How many pairs of rules of a decision can meet.
fn meeting(lab: &Lab<'_>, overlaps: &Overlaps, id: DecisionId) -> usize {
    let mut rules = lab.program.decision(id).rules.clone();
    rules.sort_unstable();
    let later =
        |rule: &RuleId| overlaps.of(*rule).iter().filter(|other| *other > rule && rules.binary_search(other).is_ok()).count();
    rules.iter().map(later).sum()
}

/// Decisions whose rules nearly all meet: asked about as a whole, and a conflict is shown without its group.
fn whole(lab: &mut Lab<'_>, decisions: &[DecisionId]) -> Report {
    let mut report = Report::default();
    let questions: Vec<Question> =
        decisions.iter().map(|id| Question::one(lab.program.builder().outcome(*id, OutcomeTest::Conflict), id.0)).collect();
    for (id, settled) in decisions.iter().zip(lab.ask(&questions)) {
        let name = never(lab, *id);
        lab.faults(&settled.faults, &name, &mut report);
        match settled.answer {
            Verdict::No => prove(lab, name, settled.evidence, &mut report),
            Verdict::Unknown(why) => lab.undecided(name, Vec::new(), why, &mut report),
            Verdict::Yes(witness) => {
                let finding = unexplained(lab, *id, &witness, settled.evidence);
                report.findings.push(finding);
            }
        }
    }
    report
}

/// That a decision is never in conflict.
fn never(lab: &Lab<'_>, id: DecisionId) -> Sentence {
    say!("`{name}` is never in conflict", name = lab.program.decision(id).name)
}

/// That rules never disagree about a decision.
fn agree(lab: &Lab<'_>, rules: &[RuleId], id: DecisionId) -> Sentence {
    say!("{rules} never disagree about `{name}`", rules = lab.rule_names(rules), name = lab.program.decision(id).name)
}

fn prove(lab: &Lab<'_>, property: Sentence, evidence: Vec<Evidence>, report: &mut Report) {
    report.proved.push(Proof { property, scope: lab.scope(), evidence, invariant: None, notes: Vec::new() });
}

/// The pairs of rules of a decision that could disagree, up to so many.
fn candidates(lab: &mut Lab<'_>, overlaps: &Overlaps, id: DecisionId, most: usize) -> Vec<Edge> {
    let mut edges = Vec::new();
    let rules = lab.program.decision(id).rules.clone();
    let small = rules.len() <= lab.options.direct;
    let mut sorted = rules.clone();
    sorted.sort_unstable();
    for rule in &rules {
        for other in overlaps.of(*rule).iter().filter(|other| *other > rule && sorted.binary_search(other).is_ok()) {
            let (Some(a), Some(b)) = (lab.program.conclusion(*rule, id), lab.program.conclusion(*other, id)) else {
                continue;
            };
            // A rule that overrides the other is never effective together with it.
            let overrides = |a: &RuleId, b: &RuleId| lab.program.rule(*b).overridden_by.contains(a);
            if a == b || overrides(rule, other) || overrides(other, rule) {
                continue;
            }
            let values = (a.min(b).clone(), a.max(b).clone());
            let mut build = lab.program.builder();
            let both = [build.effective(*rule), build.effective(*other)];
            let group = if small { id.0 } else { rule.0 };
            let question = Question::one(build.and(both), group);
            edges.push(Edge { decision: id, rules: (*rule, *other), values, question });
            if edges.len() == most {
                return edges;
            }
        }
    }
    edges
}

/// What can be said of a decision as a whole after all of its pairs were asked about.
fn summary(lab: &Lab<'_>, (id, outright): (DecisionId, TermId), edges: &[Edge], answers: &[Settled], report: &mut Report) {
    let name = never(lab, id);
    let mut evidence: Option<Vec<Evidence>> = None;
    let mut holds = true;
    for (edge, settled) in edges.iter().zip(answers).filter(|(edge, _)| edge.decision == id) {
        lab.faults(&settled.faults, &name, report);
        match &settled.answer {
            Verdict::No => {
                // The proof rests on those who answered for every pair.
                let so_far = evidence.take();
                let shared = match so_far {
                    None => settled.evidence.clone(),
                    Some(all) => all.into_iter().filter(|one| settled.evidence.contains(one)).collect(),
                };
                evidence = Some(shared);
            }
            Verdict::Yes(_) => holds = false,
            Verdict::Unknown(why) => {
                holds = false;
                let rules = vec![edge.rules.0, edge.rules.1];
                lab.undecided(agree(lab, &rules, id), rules, why.clone(), report);
            }
        }
    }
    if holds {
        let asked = edges.iter().filter(|edge| edge.decision == id).count();
        let says = say!("no case for any of the {asked} pairs of rules that disagree and can meet", asked);
        let pairs = |by: By| evidence.as_ref().is_none_or(|all| all.iter().any(|one| one.is_of(by)));
        let mut proof = Vec::new();
        // Which pairs can meet was sorted out beforehand; whoever can answer for the decision as a whole needs no sorting.
        let whole = Question::one(outright, 0);
        for method in &lab.options.methods {
            let by = method.by();
            let answer = if by == By::Diagram {
                None
            } else {
                super::kept::asked(method.as_ref(), &lab.program, &[whole], lab.options).answers.pop()
            };
            if let Some(Verdict::Yes(witness)) = &answer
                && super::replay::replays(&lab.program, whole, witness, lab.options)
            {
                let what = say!("two rules meet that were thought never to");
                lab.faults(&[super::method::Fault { what, witness: Some(witness.clone()) }], &name, report);
                return;
            }
            if answer == Some(Verdict::No) {
                proof.push(Evidence::new(by, say!("no case")));
            } else if pairs(by) && (asked > 0 || by == By::Diagram) {
                proof.push(Evidence::new(by, says.clone()));
            }
        }
        prove(lab, name, proof, report);
    }
}

/// Joins the pairs that clash over the same two values and share a rule.
fn grouped(lab: &mut Lab<'_>, edges: &[Edge], answers: &[Settled]) -> Vec<Group> {
    let mut by_values: BTreeMap<(DecisionId, &(Value, Value)), Vec<usize>> = BTreeMap::new();
    for (at, (edge, settled)) in edges.iter().zip(answers).enumerate() {
        if matches!(settled.answer, Verdict::Yes(_)) {
            by_values.entry((edge.decision, &edge.values)).or_default().push(at);
        }
    }
    let mut groups = Vec::new();
    for ((decision, values), members) in by_values {
        let mut leader: BTreeMap<RuleId, RuleId> = BTreeMap::new();
        fn find(leader: &BTreeMap<RuleId, RuleId>, mut rule: RuleId) -> RuleId {
            while let Some(next) = leader.get(&rule).filter(|next| **next != rule) {
                rule = *next;
            }
            rule
        }
        for at in &members {
            let (a, b) = edges[*at].rules;
            let (a, b) = (find(&leader, a), find(&leader, b));
            leader.insert(a.max(b), a.min(b));
            leader.entry(a.min(b)).or_insert(a.min(b));
        }
        let mut parts: BTreeMap<RuleId, Vec<usize>> = BTreeMap::new();
        for at in members {
            parts.entry(find(&leader, edges[at].rules.0)).or_default().push(at);
        }
        for part in parts.into_values() {
            let mut rules: Vec<RuleId> = part.iter().flat_map(|at| [edges[*at].rules.0, edges[*at].rules.1]).collect();
            rules.sort_unstable();
            rules.dedup();
            let first = &answers[part[0]];
            let Verdict::Yes(witness) = &first.answer else { continue };
            let side = |lab: &mut Lab<'_>, value: &Value| {
                let of: Vec<RuleId> =
                    rules.iter().copied().filter(|rule| lab.program.conclusion(*rule, decision) == Some(value)).collect();
                let mut build = lab.program.builder();
                let effective: Vec<TermId> = of.iter().map(|rule| build.effective(*rule)).collect();
                build.or(effective)
            };
            let sides = [side(lab, &values.0), side(lab, &values.1)];
            let goal = lab.program.builder().and(sides);
            let evidence = first.evidence.clone();
            let question = Question::one(goal, 0);
            let effective = rules.iter().map(|rule| (*rule, lab.program.builder().effective(*rule))).collect();
            let (values, witness) = (values.clone(), witness.clone());
            groups.push(Group { decision, values, rules, question, effective, witness, evidence });
        }
    }
    groups
}

fn finding(lab: &Lab<'_>, group: &Group) -> Finding {
    let decision = lab.program.decision(group.decision);
    let (a, b) = (&group.values.0, &group.values.1);
    // The rules in the order of the values that they conclude.
    let mut named = group.rules.clone();
    named.sort_by_key(|rule| lab.program.conclusion(*rule, group.decision) != Some(a));
    let title = say!(
        "{rules} disagree: `{name}` is {one} and {other}",
        rules = lab.rule_names(&named),
        name = decision.name,
        one = lab.value_text(group.decision, a),
        other = lab.value_text(group.decision, b)
    );
    let mut finding = Finding::new(Code::Conflict, Kind::Conflict, title);
    finding.rules = group.rules.clone();
    finding.decisions = vec![group.decision];
    finding.about = vec![decision.name.clone()];
    finding.origins = group.rules.iter().map(|rule| lab.program.rule(*rule).origin).collect();
    finding.evidence = group.evidence.clone();
    (finding.count, finding.classes) = lab.measure(group.question, &group.effective);
    lab.show(&mut finding, group.question, &group.witness, &[group.decision]);
    let first = group.rules.first().map_or_else(Sentence::default, |rule| lab.rule_name(*rule));
    finding.fixes.push(say!(
        "say which one prevails (`overrides` in {first} or in the other), or make their conditions exclude each other",
        first
    ));
    finding
}

fn unexplained(lab: &mut Lab<'_>, id: DecisionId, witness: &Witness, evidence: Vec<Evidence>) -> Finding {
    let name = lab.program.decision(id).name.clone();
    let mut finding = Finding::new(Code::Conflict, Kind::Conflict, say!("`{name}` has two values", name));
    finding.decisions = vec![id];
    finding.about = vec![name];
    finding.evidence = evidence;
    let goal = lab.program.builder().outcome(id, OutcomeTest::Conflict);
    lab.show(&mut finding, Question::one(goal, 0), witness, &[id]);
    finding.rules = finding.came.iter().flat_map(|came| came.because.clone()).collect();
    finding.rules.sort_unstable();
    finding.rules.dedup();
    finding.origins = finding.rules.iter().map(|rule| lab.program.rule(*rule).origin).collect();
    finding.count = lab.measure(Question::one(goal, 0), &[]).0;
    finding
}

/// One note for each decision that takes the strictest (or least strict) of rules that do meet with different values.
fn noted(lab: &mut Lab<'_>, overlaps: &Overlaps) -> Report {
    let mut report = Report::default();
    for id in lab.decisions() {
        let decision = lab.program.decision(id);
        if !matches!(decision.combine, Combine::Strictest | Combine::LeastStrict) {
            continue;
        }
        let mut edges = candidates(lab, overlaps, id, NOTED + 1);
        let more = edges.len() > NOTED;
        edges.truncate(NOTED);
        let questions: Vec<Question> = edges.iter().map(|edge| edge.question).collect();
        // A note of what overlaps needs a witness, which one method finds; what does not overlap is not claimed.
        let answers = super::method::sight(&lab.program, &questions, lab.options);
        let mut rules = Vec::new();
        let mut shown = None;
        for (edge, answer) in edges.iter().zip(answers) {
            if let Some((witness, evidence)) = answer {
                rules.extend([edge.rules.0, edge.rules.1]);
                shown.get_or_insert((edge.question, witness, evidence));
            }
        }
        rules.sort_unstable();
        rules.dedup();
        let Some((question, witness, evidence)) = shown else { continue };
        let name = lab.program.decision(id).name.clone();
        let wins = match lab.program.decision(id).combine {
            Combine::Strictest => say!("the strictest"),
            _ => say!("the least strict"),
        };
        let title =
            say!("{rules} overlap with different values of `{name}`; {wins} wins", rules = lab.rule_names(&rules), name, wins);
        let mut finding = Finding::new(Code::Overlap, Kind::Overlap, title);
        finding.origins = rules.iter().map(|rule| lab.program.rule(*rule).origin).collect();
        finding.rules = rules;
        finding.decisions = vec![id];
        finding.about = vec![name];
        finding.evidence = evidence;
        if more {
            finding.notes.push(say!(
                "looked for among the first {pairs} pairs of rules that can meet; there may be others",
                pairs = NOTED
            ));
        }
        lab.show(&mut finding, question, &witness, &[id]);
        report.findings.push(finding);
    }
    report
}
