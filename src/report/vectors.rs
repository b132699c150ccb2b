//! Test vectors for people, as text and as a page of Markdown; and as one JSON document, `lexport.vectors/1`
//! (`docs/schemas/vectors.schema.json`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use crate::analysis::vectors::{Met, Obligation, Strength, Vector, Vectors, What, kind, obligation_text};
use crate::ir::{DecisionId, InputId, Outcome, Program, RuleId};
use crate::words::{Language, Sentence, list, say};

use super::terminal::Style;
use super::{json, text, value};

/// The version of the document.
pub const SCHEMA: &str = "lexport.vectors/1";

/// The kinds of obligations, in the order of the summary.
const KINDS: [&str; 9] = ["rule", "alternative", "override", "threshold", "date", "default", "gap", "conflict", "reading"];

/// Test vectors, with what they are of.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The program.
    pub program: &'a Program,
    /// The vectors.
    pub vectors: &'a Vectors,
    /// How many of the program's inputs the table has: its first ones.
    pub inputs: usize,
    /// The hash of the program, as in its table.
    pub source: &'a str,
    /// What the table is good for: `letter`, a day; empty for everything.
    pub scope: &'a [String],
    /// The language of the reader.
    pub language: Language,
}

/// How many obligations came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub all: usize,
    /// By [`Strength`].
    pub covered: [usize; 4],
    /// No case shows them.
    pub impossible: usize,
    /// No case was found.
    pub not_found: usize,
}

impl Counts {
    /// Of some obligations.
    pub fn of<'o>(all: impl Iterator<Item = &'o Obligation>) -> Counts {
        let mut counts = Counts::default();
        for one in all {
            counts.all += 1;
            match &one.met {
                Met::Covered { strength, .. } => counts.covered[*strength as usize] += 1,
                Met::Impossible(_) => counts.impossible += 1,
                Met::NotFound(_) => counts.not_found += 1,
            }
        }
        counts
    }

    /// How many vectors show.
    pub fn shown(&self) -> usize {
        self.covered.iter().sum()
    }

    fn numbers(&self) -> [usize; 8] {
        let [decides, carries, turns, holds] = self.covered;
        [self.all, self.shown(), decides, carries, turns, holds, self.impossible, self.not_found]
    }

    fn json(&self) -> Json {
        let names = ["obligations", "covered", "decides", "carries", "turns", "holds", "impossible", "not_found"];
        Json::Object(names.into_iter().map(str::to_owned).zip(self.numbers().map(Json::from)).collect())
    }
}

/// The name of a strength in the document.
pub fn strength(of: Strength) -> &'static str {
    match of {
        Strength::Decides => "decides",
        Strength::Carries => "carries",
        Strength::Turns => "turns",
        Strength::Holds => "holds",
    }
}

impl Page<'_> {
    /// The inputs that a table row has.
    pub fn inputs(&self) -> impl Iterator<Item = InputId> + use<> {
        (0..self.inputs as u32).map(InputId)
    }

    /// The summary in one line.
    pub fn summary(&self) -> Sentence {
        let counts = Counts::of(self.vectors.obligations.iter());
        say!(
            "{name}: {vectors} test vectors cover {covered} of {all} obligations; {impossible} cannot be covered, {open} were not found",
            name = self.program.regimes[0].name,
            vectors = self.vectors.vectors.len(),
            covered = counts.shown(),
            all = counts.all,
            impossible = counts.impossible,
            open = counts.not_found
        )
    }

    fn say(&self, said: &Sentence) -> String {
        said.in_language(self.language)
    }

    fn heads(&self) -> [String; 9] {
        [
            say!("what"),
            say!("obligations"),
            say!("covered"),
            say!("decides"),
            say!("only names"),
            say!("only turns"),
            say!("only holds"),
            say!("cannot be"),
            say!("not found"),
        ]
        .map(|head| self.say(&head))
    }

    /// Rows of the summary: what kind, and numbers.
    fn rows(&self) -> Vec<(String, [usize; 8])> {
        let of = |name: &'static str| {
            let these = self.vectors.obligations.iter().filter(move |one| kind(self.program, &one.what) == name);
            (name, Counts::of(these))
        };
        let mut rows: Vec<(String, [usize; 8])> = KINDS
            .into_iter()
            .map(of)
            .filter(|(_, counts)| counts.all > 0)
            .map(|(name, counts)| (self.kind_words(name), counts.numbers()))
            .collect();
        rows.push((self.say(&say!("all")), Counts::of(self.vectors.obligations.iter()).numbers()));
        rows
    }

    fn kind_words(&self, name: &str) -> String {
        self.say(&match name {
            "rule" => say!("rules"),
            "alternative" => say!("alternatives"),
            "override" => say!("overrides"),
            "threshold" => say!("sides of thresholds"),
            "date" => say!("sides of dates"),
            "default" => say!("defaults"),
            "gap" => say!("gaps"),
            "conflict" => say!("conflicts"),
            _ => say!("readings"),
        })
    }

    /// An input of a vector with its value.
    fn given(&self, vector: &Vector, input: InputId) -> Option<(String, String)> {
        let value = vector.case.get(input)?;
        let name = value::input_name(self.program, input, self.language);
        Some((name, value::input_words(self.program, input, value, self.language)))
    }

    /// Outcomes of a vector: decision, what it comes to, the rules.
    fn outcomes<'v>(&'v self, vector: &'v Vector) -> impl Iterator<Item = (String, String, String)> + 'v {
        self.vectors.decisions.iter().zip(&vector.decided).map(|(id, decided)| {
            let name = value::decision_name(self.program, *id, self.language);
            let said = value::outcome_words(self.program, *id, &decided.outcome, self.language);
            let rules: Vec<String> = decided.because.iter().map(|rule| value::rule_words(self.program, *rule)).collect();
            let rules = match rules.as_slice() {
                [] => self.say(&say!("no rule")),
                rules => self.say(&list!(", ", " and ", rules)),
            };
            (name, said, rules)
        })
    }

    fn covers(&self, at: usize) -> String {
        let one = &self.vectors.obligations[at];
        let what = obligation_text(self.program, &one.what);
        self.say(&match &one.met {
            Met::Covered { strength: Strength::Carries, .. } => say!("{what} (no outcome hangs on it)", what),
            Met::Covered { strength: Strength::Turns, .. } => say!("{what} (nothing hangs on it)", what),
            Met::Covered { strength: Strength::Holds, .. } => say!("{what} (not on it alone)", what),
            _ => what,
        })
    }

    /// Why an obligation has no vector.
    fn why(&self, one: &Obligation) -> Option<String> {
        let why = match &one.met {
            Met::Covered { .. } => return None,
            Met::Impossible(evidence) if evidence.is_empty() => say!("no rule turns on this day"),
            Met::Impossible(evidence) => super::evidence_words(evidence),
            Met::NotFound(why) => why.clone(),
        };
        Some(self.say(&why))
    }

    /// What has no vector, by why: first what cannot have one, then what was not found.
    fn missing(&self) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        for (head, found) in [(say!("Cannot be covered"), false), (say!("Not found"), true)] {
            let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
            for one in self.vectors.obligations.iter().filter(|one| matches!(one.met, Met::NotFound(_)) == found) {
                let Some(why) = self.why(one) else { continue };
                let what = self.say(&obligation_text(self.program, &one.what));
                match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                    Some((_, whats)) => whats.push(what),
                    None => reasons.push((why, vec![what])),
                }
            }
            all.extend(reasons.into_iter().map(|(why, whats)| (self.say(&say!("{what}: {why}", what = head, why)), whats)));
        }
        all
    }
}

/// For a terminal.
pub fn text(page: &Page<'_>, style: Style) -> String {
    let mut out = format!("{}\n\n", page.say(&page.summary()));
    let heads = page.heads();
    let rows = page.rows();
    let first = rows.iter().map(|(name, _)| name.chars().count()).chain([heads[0].chars().count()]).max().unwrap_or(0);
    let _ = write!(out, "  {:first$}", heads[0]);
    heads[1..].iter().for_each(|head| out.push_str(&format!("  {head}")));
    out.push('\n');
    for (name, numbers) in &rows {
        let _ = write!(out, "  {name:first$}");
        for (head, number) in heads[1..].iter().zip(numbers) {
            let _ = write!(out, "  {number:>width$}", width = head.chars().count());
        }
        out.push('\n');
    }
    for (at, vector) in page.vectors.vectors.iter().enumerate() {
        let _ = writeln!(out, "\n{}", page.say(&say!("Vector {number}", number = at + 1)));
        let given: Vec<String> = vector
            .matter
            .iter()
            .filter_map(|input| page.given(vector, *input))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let given = if given.is_empty() { page.say(&say!("whatever the case")) } else { given.join(" · ") };
        let mut line = |head: Sentence, said: &str| {
            let head = format!("  {:8} ", page.say(&head));
            let rest = " ".repeat(head.chars().count());
            let _ = writeln!(out, "{}", text::wrap(said, style.width, &head, &rest));
        };
        line(say!("given"), &given);
        for (name, said, rules) in page.outcomes(vector) {
            line(say!("expect"), &format!("{name} {said}: {rules}"));
        }
        for at in &vector.covers {
            line(say!("shows"), &page.covers(*at));
        }
    }
    for (why, whats) in page.missing() {
        let _ = writeln!(out, "\n{}", text::wrap(&why, style.width, "", "  "));
        whats.iter().for_each(|what| {
            let _ = writeln!(out, "{}", text::wrap(what, style.width, "  ", "    "));
        });
    }
    out
}

/// As a page of Markdown.
pub fn markdown(page: &Page<'_>) -> String {
    let regime = &page.program.regimes[0];
    let title = if regime.title.is_empty() { &regime.name } else { &regime.title };
    let mut out =
        format!("# {}\n\n{}.\n\n", cell(&page.say(&say!("Test vectors: {title}", title))), cell(&page.say(&page.summary())));
    if !page.scope.is_empty() {
        let _ = writeln!(out, "{}\n", page.say(&say!("Only for {scope}.", scope = page.scope.join(", "))));
    }
    let _ = writeln!(out, "| {} |\n|---|{}", page.heads().join(" | "), "---:|".repeat(8));
    for (name, numbers) in page.rows() {
        let _ = writeln!(out, "| {name} | {} |", numbers.map(|number| number.to_string()).join(" | "));
    }
    for (at, vector) in page.vectors.vectors.iter().enumerate() {
        let _ = writeln!(out, "\n## {}\n", page.say(&say!("Vector {number}", number = at + 1)));
        let given: Vec<String> = vector
            .matter
            .iter()
            .filter_map(|input| page.given(vector, *input))
            .map(|(name, value)| format!("{} **{}**", cell(&name), cell(&value)))
            .collect();
        let given = if given.is_empty() { page.say(&say!("whatever the case")) } else { given.join(", ") };
        let _ = writeln!(out, "{}: {given}\n", page.say(&say!("given")));
        let heads = [say!("decision"), say!("expected"), say!("by")].map(|head| page.say(&head));
        let _ = writeln!(out, "| {} |\n|---|---|---|", heads.join(" | "));
        for (name, said, rules) in page.outcomes(vector) {
            let _ = writeln!(out, "| {} | {} | {} |", cell(&name), cell(&said), cell(&rules));
        }
        out.push('\n');
        for at in &vector.covers {
            let _ = writeln!(out, "- {}", cell(&page.covers(*at)));
        }
    }
    for (why, whats) in page.missing() {
        let _ = writeln!(out, "\n## {}\n", cell(&why));
        whats.iter().for_each(|what| {
            let _ = writeln!(out, "- {}", cell(what));
        });
    }
    out
}

/// Text in a line of Markdown.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

/// As one JSON document.
pub fn json(page: &Page<'_>) -> Json {
    let (program, vectors) = (page.program, page.vectors);
    let obligations: Vec<Json> = vectors.obligations.iter().enumerate().map(|(at, one)| obligation(page, at, one)).collect();
    let mut coverage = Map::new();
    for name in KINDS {
        let counts = Counts::of(vectors.obligations.iter().filter(|one| kind(program, &one.what) == name));
        coverage.insert(name.to_owned(), counts.json());
    }
    coverage.insert("all".to_owned(), Counts::of(vectors.obligations.iter()).json());
    let mut named: BTreeSet<RuleId> = vectors.obligations.iter().filter_map(|one| one.what.rule()).collect();
    named.extend(vectors.vectors.iter().flat_map(|vector| &vector.decided).flat_map(|decided| decided.because.iter().copied()));
    json!({
        "schema": SCHEMA,
        "regime": program.regimes[0].name,
        "title": program.regimes[0].title,
        "source": page.source,
        "scope": page.scope,
        "inputs": page.inputs().map(|input| program.input(input).name.clone()).collect::<Vec<_>>(),
        "decisions": vectors.decisions.iter().map(|id| program.decision(*id).name.clone()).collect::<Vec<_>>(),
        "coverage": coverage,
        "vectors": vectors.vectors.iter().enumerate().map(|(at, one)| vector(page, at, one)).collect::<Vec<_>>(),
        "obligations": obligations,
        "rules": named.into_iter().map(|rule| value::rule(program, rule)).collect::<Vec<_>>(),
    })
}

fn vector(page: &Page<'_>, at: usize, one: &Vector) -> Json {
    let program = page.program;
    let inputs: Map<String, Json> = page
        .inputs()
        .filter_map(|input| {
            let declared = program.input(input);
            Some((declared.name.clone(), value::json(program, &declared.domain, one.case.get(input)?)))
        })
        .collect();
    let of = |f: &dyn Fn(DecisionId, &crate::eval::Decided) -> Json| -> Map<String, Json> {
        let all = page.vectors.decisions.iter().zip(&one.decided);
        all.map(|(id, decided)| (program.decision(*id).name.clone(), f(*id, decided))).collect()
    };
    let rules = |decided: &crate::eval::Decided| {
        decided.because.iter().map(|rule| Json::from(program.rule(*rule).name.clone())).collect()
    };
    json!({
        "id": at + 1,
        "inputs": inputs,
        "matter": one.matter.iter().map(|input| program.input(*input).name.clone()).collect::<Vec<_>>(),
        "expect": of(&|id, decided| value::outcome(program, id, &decided.outcome)),
        "because": of(&|_, decided| rules(decided)),
        "covers": one.covers.iter().map(|at| at + 1).collect::<Vec<_>>(),
    })
}

fn obligation(page: &Page<'_>, at: usize, one: &Obligation) -> Json {
    let program = page.program;
    let mut out = json!({
        "id": at + 1,
        "kind": kind(program, &one.what),
        "says": obligation_text(program, &one.what).in_language(page.language),
    });
    if let Some(rule) = one.what.rule() {
        out["rule"] = program.rule(rule).name.clone().into();
        out["cite"] = program.rule(rule).cite.clone().into();
    }
    match one.what {
        What::Carries(_, id) | What::Default(id) | What::Gap(id) | What::Conflict(id) => {
            out["decision"] = program.decision(id).name.clone().into();
        }
        What::Overridden(_, by) => out["by"] = program.rule(by).name.clone().into(),
        What::Alternative(rule, at) => {
            let origin = program.origin(program.rule(rule).alternatives[at].origin);
            out["alternative"] = (at + 1).into();
            out["file"] = origin.file.clone().into();
            out["line"] = origin.line.into();
        }
        What::Edge { input, edge, below, .. } => {
            let at = crate::ir::Value::Int(edge - i64::from(below));
            out["input"] = program.input(input).name.clone().into();
            out["value"] = value::json(program, &program.input(input).domain, &at);
            out["side"] = if below { "below" } else { "from" }.into();
        }
        What::Sum { below, .. } => out["side"] = if below { "below" } else { "from" }.into(),
        What::Day(day) => out["value"] = crate::ir::date_text(day).into(),
        What::Matters(_) | What::Unlisted(_) | What::Reading(..) => {}
    }
    match &one.met {
        Met::Covered { strength: of, exact, most } => {
            out["status"] = "covered".into();
            out["strength"] = strength(*of).into();
            out["exact"] = (*exact).into();
            out["most"] = (*most).into();
        }
        Met::Impossible(evidence) => {
            out["status"] = "impossible".into();
            out["evidence"] = json::evidence(evidence, page.language);
        }
        Met::NotFound(why) => {
            out["status"] = "not_found".into();
            out["why"] = why.in_language(page.language).into();
        }
    }
    out["vectors"] = one.vectors.iter().map(|at| at + 1).collect();
    out
}

/// The outcomes of a vector as cells of a row: one for each decision (empty for a gap or a conflict), the rules, and gaps and conflicts in words.
pub fn cells(page: &Page<'_>, vector: &Vector) -> (Vec<String>, String, String) {
    let program = page.program;
    let (mut cells, mut because, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for (id, decided) in page.vectors.decisions.iter().zip(&vector.decided) {
        let decision = program.decision(*id);
        let words = |value: &crate::ir::Value| program.value_text(&decision.domain, value);
        cells.push(match &decided.outcome {
            Outcome::Value(value) => words(value),
            Outcome::Gap => {
                open.push(format!("{}: no value", decision.name));
                String::new()
            }
            Outcome::Conflict(values) => {
                let values: Vec<String> = values.iter().map(words).collect();
                open.push(format!("{}: conflict of {}", decision.name, values.join(" and ")));
                String::new()
            }
        });
        for rule in &decided.because {
            let name = program.rule(*rule).name.as_str();
            if !because.contains(&name) {
                because.push(name);
            }
        }
    }
    (cells, because.join(" "), open.join("; "))
}
