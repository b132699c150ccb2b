//! Candidates: what a drafter would try. Each is guesswork; the trial decides.
//!
//! Of the rules that the permitted steps asked about (or that the case of a property came to): a condition of a rule left out, a
//! bound moved, a day moved, a condition added to what let the step pass, that struck out. Of the caps: counted for somebody else, or for all
//! together, over a window that rolls. And a new rule against exactly what leads into what must never be: the claim, with what
//! the last step does put in the place of what is remembered. Of a conflict: one rule over the other.

use std::collections::BTreeSet;

use crate::analysis::{Finding, Witness, first};
use crate::diagnostic::Code;
use crate::driver::Compilation;
use crate::eval::Atoms;
use crate::ir::{Combine, DecisionId, Domain, InputId, Program, RuleId};
use crate::source::{FileId, Span};
use crate::syntax::ast::{
    CapDecl, Claim, Effect, Expr, ExprKind, ItemKind, Path, ProcessDecl, QuantDomain, RuleDecl, RuleKind, StatusKind, Window,
};
use crate::syntax::{expression_text, path_text};
use crate::words::{Sentence, say};

use super::Edit;
use super::bound::Bound;

/// Something to try.
pub struct Candidate {
    /// What it does.
    pub what: Sentence,
    /// How.
    pub pieces: Piece,
    /// Whether it changes what is left of a cap, which no single case shows.
    pub balance: bool,
}

/// How a candidate changes the text.
pub enum Piece {
    /// So.
    Texts(Vec<Edit>),
    /// By moving a bound as far as it must be.
    Bound(Bound),
}

/// Conditions that are tried as additions.
const ADDED: usize = 16;

/// The text of a regime, and what a finding is about in it.
pub(super) struct Reading<'a> {
    pub(super) compilation: &'a Compilation,
    pub(super) program: &'a Program,
    /// The modules of the law itself: what it uses or amends is not its to change.
    own: Vec<usize>,
    pub(super) out: Vec<Candidate>,
}

/// All candidates for a finding, those that are most often right first.
pub fn candidates(compilation: &Compilation, program: &Program, finding: &Finding) -> Vec<Candidate> {
    let sources = &compilation.sources;
    let own =
        sources.regimes.first().and_then(|regime| regime.layers.last().or(Some(&regime.modules))).cloned().unwrap_or_default();
    let own = own.into_iter().filter(|at| !sources.modules[*at].path.starts_with("std/")).collect();
    let mut reading = Reading { compilation, program, own, out: Vec::new() };
    if finding.code == Code::Conflict {
        reading.priorities(finding);
        return reading.out;
    }
    let (asked, effective) = reading.asked(finding);
    if let Some(Witness::Trace(trace)) = &finding.witness {
        let process = &program.processes[trace.process];
        reading.caps(&process.name);
    }
    let rules: Vec<RuleId> = asked.iter().copied().collect();
    for decision in reading.decisions(finding) {
        reading.new_rule(finding, decision);
    }
    for rule in &rules {
        let Some((at, decl)) = reading.rule(program.rule(*rule).name.as_str()) else { continue };
        let lets_pass = effective.contains(rule);
        reading.conditions(at, decl, lets_pass);
        reading.days(at, decl);
    }
    reading.definitions(&rules);
    reading.additions(finding, &effective);
    for rule in &effective {
        reading.struck_out(program.rule(*rule).name.as_str());
    }
    reading.out
}

impl<'a> Reading<'a> {
    pub(super) fn items(&self) -> impl Iterator<Item = (usize, &'a crate::syntax::ast::Item)> + use<'a> {
        let compilation = self.compilation;
        self.own
            .clone()
            .into_iter()
            .flat_map(move |at| compilation.sources.modules[at].unit.items.iter().map(move |item| (at, item)))
    }

    fn everywhere(&self) -> impl Iterator<Item = &'a ItemKind> + use<'a> {
        self.compilation.sources.modules.iter().flat_map(|module| module.unit.items.iter().map(|item| &item.kind))
    }

    pub(super) fn rule(&self, name: &str) -> Option<(usize, &'a RuleDecl)> {
        self.items().find_map(|(at, item)| match &item.kind {
            ItemKind::Rule(decl) if decl.name.node == name => Some((at, decl)),
            _ => None,
        })
    }

    pub(super) fn path(&self, at: usize) -> String {
        self.compilation.sources.modules[at].path.clone()
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        let Some(file) = span.file else { return "" };
        self.file(file).get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn file(&self, file: FileId) -> &'a str {
        &self.compilation.files.get(file).text
    }

    fn edit(&self, at: usize, start: u32, end: u32, with: impl Into<String>) -> Edit {
        let mut with: String = with.into();
        // New lines end as those of the file do.
        if self.file(self.compilation.sources.modules[at].file).contains("\r\n") {
            with = with.replace('\n', "\r\n");
        }
        Edit { path: self.path(at), range: start as usize..end as usize, with }
    }

    fn push(&mut self, what: Sentence, edits: Vec<Edit>) {
        self.out.push(Candidate { what, pieces: Piece::Texts(edits), balance: false });
    }

    /// The rules that the steps, or the property, asked about; and those of them that were effective exceptions: what let it pass.
    fn asked(&self, finding: &Finding) -> (BTreeSet<RuleId>, BTreeSet<RuleId>) {
        let (mut asked, mut effective) = (BTreeSet::new(), BTreeSet::new());
        match &finding.witness {
            Some(Witness::Trace(trace)) => {
                let process = &self.program.processes[trace.process];
                for taken in &trace.taken {
                    asked.extend(Atoms::of_term(&process.world, process.steps[taken.step as usize].guard).rules);
                    effective.extend(taken.came.iter().flat_map(|came| came.because.iter().copied()));
                }
                for stop in trace.size.stops.iter().filter(|stop| !stop.binds) {
                    effective.insert(stop.rule);
                }
                for taken in &trace.taken {
                    let Ok(mut eval) = crate::eval::Eval::new(&process.world, &taken.case) else { continue };
                    effective.extend(asked.iter().filter(|rule| eval.effective(**rule)));
                }
            }
            Some(witness) => {
                let property = self.program.properties.iter().find(|property| finding.about.first() == Some(&property.name));
                for decision in &finding.decisions {
                    asked.extend(Atoms::of_decision(self.program, *decision).rules);
                }
                if let Some(property) = property.filter(|_| finding.decisions.is_empty()) {
                    asked.extend(Atoms::of_term(self.program, property.scope).rules);
                }
                if let Ok(mut eval) = crate::eval::Eval::new(self.program, first(witness)) {
                    effective.extend(asked.iter().filter(|rule| eval.effective(**rule)));
                }
            }
            None => {}
        }
        asked.retain(|rule| self.program.rule(*rule).regime == 0);
        effective.retain(|rule| asked.contains(rule));
        (asked, effective)
    }

    /// The decisions that were asked.
    fn decisions(&self, finding: &Finding) -> Vec<DecisionId> {
        let mut out: BTreeSet<DecisionId> = finding.decisions.iter().copied().collect();
        if let Some(Witness::Trace(trace)) = &finding.witness {
            let process = &self.program.processes[trace.process];
            for taken in &trace.taken {
                out.extend(Atoms::of_term(&process.world, process.steps[taken.step as usize].guard).decisions);
            }
        }
        out.into_iter().filter(|id| self.program.decision(*id).regime == 0).collect()
    }

    /// A condition left out of a rule, and its bounds moved.
    fn conditions(&mut self, at: usize, decl: &'a RuleDecl, lets_pass: bool) {
        let Some(when) = &decl.when else { return };
        let parts: Vec<&Expr> = match &when.kind {
            ExprKind::And(parts) => parts.iter().collect(),
            _ => vec![when],
        };
        let name = decl.name.node.as_str();
        if parts.len() > 1 {
            for (number, part) in parts.iter().enumerate() {
                let (start, end) = match number {
                    0 => (part.span.start, parts[1].span.start),
                    _ => (parts[number - 1].span.end, part.span.end),
                };
                let what = say!("`{name}` no longer asks whether {condition}", name, condition = flat(self.text(part.span)));
                let edit = self.edit(at, start, end, "");
                self.push(what, vec![edit]);
            }
        }
        self.bounds(at, name, when, &[lets_pass]);
    }

    /// The day from which a rule has force moved back; what keeps it from being enforced struck out.
    fn days(&mut self, at: usize, decl: &'a RuleDecl) {
        let name = decl.name.node.as_str();
        for line in &decl.status {
            match line.kind {
                StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined | StatusKind::Sunset => {
                    let what = say!("`{name}` stays in force: {words} is struck out", name, words = flat(self.text(line.span)));
                    // A `status` without a line is none.
                    let lead = self.text(Span { start: 0, end: line.span.start, ..line.span }).trim_end();
                    let start = match lead.strip_suffix("status") {
                        Some(before) if decl.status.len() == 1 => before.len() as u32,
                        _ => line.span.start,
                    };
                    let edit = self.edit(at, start, line.span.end, "");
                    self.push(what, vec![edit]);
                }
                StatusKind::Effective | StatusKind::Compliance => {
                    let Some(date) = self.program.date else { continue };
                    let domain = self.program.input(date).domain.clone();
                    let (Some((lo, _)), Some(stood)) = (domain.bounds(), crate::ir::date_day(&line.from.node)) else { continue };
                    let range = line.from.span.start as usize..line.from.span.end as usize;
                    let (rule, of) = (name.to_owned(), "date".to_owned());
                    let bound = Bound { path: self.path(at), range, rule, of, domain, unit: String::new(), stood, end: lo };
                    self.out.push(Candidate { what: Sentence::default(), pieces: Piece::Bound(bound), balance: false });
                }
                _ => {}
            }
        }
    }

    /// What let a step pass, struck out.
    fn struck_out(&mut self, name: &str) {
        let Some((at, decl)) = self.rule(name) else { return };
        if decl.kind == RuleKind::Rule {
            return;
        }
        let Some((_, item)) =
            self.items().find(|(_, item)| matches!(&item.kind, ItemKind::Rule(other) if other.name.node == name))
        else {
            return;
        };
        let (what, edit) = (say!("`{name}` is struck out", name), self.edit(at, item.span.start, item.span.end, ""));
        self.push(what, vec![edit]);
    }

    /// A condition added to what let a step pass.
    fn additions(&mut self, finding: &Finding, effective: &BTreeSet<RuleId>) {
        let mut known: Vec<String> = Vec::new();
        for condition in self.leading(finding).into_iter().flat_map(|leading| leading.conditions) {
            known.push(condition);
        }
        let relevant: Vec<&RuleDecl> = self
            .items()
            .filter_map(|(_, item)| match &item.kind {
                ItemKind::Rule(decl) => Some(decl),
                _ => None,
            })
            .collect();
        for decl in relevant {
            let parts: Vec<&Expr> = match decl.when.as_ref().map(|when| (&when.kind, when)) {
                Some((ExprKind::And(parts) | ExprKind::Or(parts), _)) => parts.iter().collect(),
                Some((_, when)) => vec![when],
                None => Vec::new(),
            };
            known.extend(parts.iter().filter(|part| plain(part)).map(|part| expression_text(part)));
        }
        let mut seen = BTreeSet::new();
        known.retain(|text| seen.insert(text.clone()));
        known.truncate(ADDED);
        for rule in effective {
            let Some((at, decl)) = self.rule(self.program.rule(*rule).name.as_str()) else { continue };
            // A rule that is stricter than nothing is not what lets a step pass.
            let Some(when) = &decl.when else { continue };
            for condition in &known {
                for (negation, shown) in
                    [(format!("not ({condition})"), format!("not ({condition})")), (condition.clone(), condition.clone())]
                {
                    let old = self.text(when.span);
                    let simple = match &when.kind {
                        ExprKind::And(parts) => parts.iter().all(plain),
                        _ => plain(when),
                    };
                    let with = if simple { format!("{old} and {negation}") } else { format!("({old}) and {negation}") };
                    let what = say!("`{name}` asks besides that {condition}", name = decl.name.node, condition = shown);
                    let edit = self.edit(at, when.span.start, when.span.end, with);
                    self.push(what, vec![edit]);
                }
            }
        }
    }

    /// A cap counted for somebody else or for all together, over a window that rolls, and both.
    fn caps(&mut self, process: &str) {
        let caps: Vec<(usize, &'a CapDecl)> = self
            .items()
            .filter_map(|(at, item)| match &item.kind {
                ItemKind::Cap(decl) => Some((at, decl)),
                _ => None,
            })
            .filter(|(_, decl)| self.counted(process, &decl.name.node))
            .collect();
        for (at, decl) in caps {
            let name = decl.name.node.as_str();
            let days = match decl.window.node {
                Window::CalendarYear => 365,
                Window::CalendarQuarter => 92,
                _ => 0,
            };
            let rolling = (days > 0).then(|| {
                let what = say!("`{name}` counts over any {days} days", name, days);
                (what, self.edit(at, decl.window.span.start, decl.window.span.end, format!("in any {days} days")))
            });
            let mut keyed: Vec<(Sentence, Edit)> = Vec::new();
            if let [key] = decl.keys.as_slice() {
                let old = path_text(key);
                for other in self.alike(&old).into_iter().chain(self.kept(process, &old)) {
                    let what = say!(
                        "`{name}` counts per `{other}`, no longer per `{old}`",
                        name,
                        other = other.as_str(),
                        old = old.as_str()
                    );
                    keyed.push((what, self.edit(at, key.span.start, key.span.end, other.clone())));
                }
                let lead = self.text(Span { start: 0, end: key.span.start, ..key.span }).trim_end();
                if let Some(start) = lead.strip_suffix("per").map(|before| before.trim_end().len()) {
                    let what = say!("`{name}` counts for all together, no longer per `{old}`", name, old = old.as_str());
                    keyed.push((what, self.edit(at, start as u32, key.span.end, "")));
                }
            }
            let balance = |what: Sentence, edits: Vec<Edit>| Candidate { what, pieces: Piece::Texts(edits), balance: true };
            if let Some((what, edit)) = &rolling {
                self.out.push(balance(what.clone(), vec![edit.clone()]));
            }
            for (what, edit) in keyed {
                self.out.push(balance(what.clone(), vec![edit.clone()]));
                if let Some((window, rolled)) = &rolling {
                    self.out
                        .push(balance(say!("{key}; {window}", key = what, window = window.clone()), vec![edit, rolled.clone()]));
                }
            }
        }
    }

    /// What a process keeps and a total could be kept for: parties and places.
    fn kept(&self, process: &str, key: &str) -> Vec<String> {
        let Some(process) = self.process(process) else { return Vec::new() };
        let known = self.alike(key);
        let whole = |name: &String| {
            let input = self.input(name).map(|input| &self.program.input(input).domain);
            input.is_none_or(|domain| matches!(domain, Domain::Enum(_)))
        };
        let kept = process.keeps.iter().map(path_text);
        kept.filter(|name| name != key && !known.contains(name) && whole(name)).collect()
    }

    /// Whether a step of a process counts toward a cap.
    fn counted(&self, process: &str, cap: &str) -> bool {
        let world = self.program.processes.iter().find(|one| one.name == process);
        world.is_some_and(|process| {
            let of = |used: &InputId| {
                let name = process.world.input(*used).name.as_str();
                name.strip_suffix(".used").or_else(|| name.split_once(".used[").map(|(cap, _)| cap)) == Some(cap)
            };
            process.steps.iter().any(|step| step.counts.iter().any(of))
        })
    }

    /// What else could be a key: inputs of the same type, records of the same type.
    fn alike(&self, key: &str) -> Vec<String> {
        let head = key.split('.').next().unwrap_or(key);
        let mut out: Vec<String> = Vec::new();
        let declared = |name: &str| {
            self.everywhere().find_map(|kind| match kind {
                ItemKind::Input(decl) if decl.names.iter().any(|own| own.node == name) => Some(&decl.ty.kind),
                _ => None,
            })
        };
        let of = declared(head);
        for kind in self.everywhere() {
            if let ItemKind::Input(decl) = kind
                && of.is_some_and(|of| *of == decl.ty.kind)
            {
                out.extend(decl.names.iter().map(|name| name.node.clone()).filter(|name| name != head));
            }
        }
        out
    }

    pub(super) fn input(&self, name: &str) -> Option<InputId> {
        self.program.input_ids().find(|input| self.program.input(*input).name == name)
    }

    /// A new rule against what leads into what must never be, or against the cases of a property.
    fn new_rule(&mut self, finding: &Finding, decision: DecisionId) {
        let of = self.program.decision(decision);
        let strictest = match (&of.domain, &of.combine) {
            (Domain::Enum(id), Combine::Strictest) => {
                self.program.enumeration(*id).members.last().map(|member| member.name.clone())
            }
            (Domain::Bool, Combine::Strictest) => Some("true".to_owned()),
            _ => None,
        };
        let Some(value) = strictest else { return };
        let Some((at, end)) = self.behind_rules(&of.name) else { return };
        for leading in self.leading(finding) {
            if leading.conditions.is_empty() {
                continue;
            }
            let condition = leading.conditions.join(" and ");
            let name = self.fresh(&format!("no_{}", finding.about[0]));
            let rule = format!("\n\nrule {name} \"proposed\"\n  when {condition}\n  then {} is {value}", of.name);
            let what = say!(
                "a new rule: `{decision}` is {value} when {condition}",
                decision = of.name,
                value = value.as_str(),
                condition = condition.as_str()
            );
            let edit = self.edit(at, end, end, rule);
            self.push(what, vec![edit]);
        }
    }

    fn fresh(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.rule(&name).is_some() {
            name.push('_');
        }
        name
    }

    /// Where the last rule about a decision ends.
    fn behind_rules(&self, decision: &str) -> Option<(usize, u32)> {
        self.items()
            .filter(|(_, item)| match &item.kind {
                ItemKind::Rule(decl) => decl.then.iter().any(|one| one.decision.node == decision),
                ItemKind::Decision(decl) => decl.name.node == decision,
                _ => false,
            })
            .map(|(at, item)| (at, item.span.end))
            .last()
    }

    /// What leads into what must never be: for each step that was taken, the claim with what the step does put in the place of what is
    /// remembered; of a property its `where`. Only what speaks of transactions; what is left out makes it stricter.
    fn leading(&self, finding: &Finding) -> Vec<Leading> {
        let Some(claim) = finding.about.first() else { return Vec::new() };
        let mut out = Vec::new();
        if let Some(Witness::Trace(trace)) = &finding.witness {
            let name = &self.program.processes[trace.process].name;
            let Some(process) = self.process(name) else { return Vec::new() };
            let proved = self.everywhere().find_map(|kind| match kind {
                ItemKind::Prove(decl) if decl.name.node == *claim => match &decl.claim {
                    Claim::NeverIn(_, bad) => Some(bad.clone()),
                    _ => None,
                },
                _ => None,
            });
            let Some(bad) = proved.or_else(|| process.never.clone()) else { return Vec::new() };
            let taken: BTreeSet<u32> = trace.taken.iter().map(|taken| taken.step).collect();
            for step in taken.into_iter().rev() {
                let Some(step) = process.steps.get(step as usize) else { continue };
                let is: Vec<(String, Expr)> = step
                    .then
                    .iter()
                    .filter_map(|effect| match effect {
                        Effect::Is(path, value) => Some((path_text(path), value.clone())),
                        _ => None,
                    })
                    .collect();
                let put = crate::elaborate::put(&bad, &is);
                let state: Vec<&str> = process.state.iter().map(|(name, _)| name.node.as_str()).collect();
                let parts = match &put.kind {
                    ExprKind::And(parts) => parts.clone(),
                    _ => vec![put],
                };
                let free = |part: &Expr| !matches!(part.kind, ExprKind::Bool(_)) && !mentions(part, &state);
                let conditions: Vec<String> = parts.iter().filter(|part| free(part)).map(grouped).collect();
                if !out.iter().any(|one: &Leading| one.conditions == conditions) {
                    out.push(Leading { conditions });
                }
            }
        } else {
            let scope = self.items().find_map(|(_, item)| match &item.kind {
                ItemKind::Prove(decl) if decl.name.node == *claim => decl.scope.clone(),
                _ => None,
            });
            out.extend(scope.map(|scope| Leading { conditions: vec![grouped(&scope)] }));
        }
        out
    }

    /// A process as it is written, or as its pattern has it.
    fn process(&self, name: &str) -> Option<ProcessDecl> {
        self.everywhere().find_map(|kind| match kind {
            ItemKind::Process(decl) if decl.name.node == name => Some(decl.clone()),
            ItemKind::Cast(decl) if decl.name.node == name => {
                let pattern = self.everywhere().find_map(|kind| match kind {
                    ItemKind::Process(pattern) if pattern.name.node == decl.pattern.node => Some(pattern),
                    _ => None,
                })?;
                Some(crate::elaborate::played(decl, pattern))
            }
            _ => None,
        })
    }

    /// Of rules that disagree, one over the others.
    fn priorities(&mut self, finding: &Finding) {
        let names: Vec<&str> = finding.rules.iter().map(|rule| self.program.rule(*rule).name.as_str()).collect();
        for over in &names {
            for under in names.iter().filter(|under| *under != over) {
                let Some((at, decl)) = self.rule(over) else { continue };
                if decl.kind != RuleKind::Rule {
                    continue;
                }
                let texts = [decl.cite.as_ref(), decl.title.as_ref()].into_iter().flatten().map(|text| text.span.end);
                let marks = decl.mark.as_ref().map(|mark| mark.span.end);
                let end =
                    texts.chain(marks).chain(decl.overrides.iter().map(|one| one.span.end)).chain([decl.name.span.end]).max();
                let end = end.unwrap_or(decl.name.span.end);
                let what = say!("`{over}` overrides `{under}`", over = *over, under = *under);
                let edit = self.edit(at, end, end, format!("\n  overrides {under}"));
                self.push(what, vec![edit]);
            }
        }
    }
}

/// What leads into what must never be.
struct Leading {
    conditions: Vec<String>,
}

/// A condition as an operand of `and`.
fn grouped(expr: &Expr) -> String {
    let text = expression_text(expr);
    if plain(expr) || matches!(&expr.kind, ExprKind::And(parts) if parts.iter().all(plain)) { text } else { format!("({text})") }
}

/// A text on one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a condition can stand in another rule as it is.
fn plain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Path(_) | ExprKind::In { .. } | ExprKind::Compare(..) | ExprKind::Has(..) => true,
        ExprKind::Not(inner) => plain(inner),
        _ => false,
    }
}

/// Whether an expression names one of these.
pub(super) fn mentions(expr: &Expr, names: &[&str]) -> bool {
    let path = |path: &Path| names.contains(&path.parts[0].node.as_str());
    let all = |parts: &[Expr]| parts.iter().any(|part| mentions(part, names));
    match &expr.kind {
        ExprKind::Path(of) => path(of),
        ExprKind::Not(inner) | ExprKind::Negative(inner) => mentions(inner, names),
        ExprKind::And(parts) | ExprKind::Or(parts) => all(parts),
        ExprKind::Call(name, parts) => names.contains(&name.node.as_str()) || all(parts),
        ExprKind::Implies(a, b) | ExprKind::Compare(_, a, b) | ExprKind::Arith(_, a, b) => {
            mentions(a, names) || mentions(b, names)
        }
        ExprKind::In { of, .. } => mentions(of, names),
        ExprKind::Has(of, _) => mentions(of, names),
        ExprKind::If(a, b, c) => mentions(a, names) || mentions(b, names) || mentions(c, names),
        ExprKind::Quantified { over, body, .. } => {
            mentions(body, names) || matches!(over, QuantDomain::Listed(parts) if all(parts))
        }
        ExprKind::Set(_)
        | ExprKind::WithinCap(_)
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Date(_)
        | ExprKind::Error => false,
    }
}
