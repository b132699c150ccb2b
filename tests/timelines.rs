//! Which words are in force on a day, in a reading, for a case: random chains of laws against a second account of what amendments
//! mean. The account here (`Law`) is made from `docs/language.md` and `docs/semantics.md` alone: each rule is a list of versions, each
//! version has its own timeline and the timelines of the acts that end it, and each day is looked at by itself, without sets of days.
//!
//! `LEXPORT_TIMELINES` sets how many chains are made (`make agree` makes 2000). A failure prints the shrunk chain as it is written.
//!
//! Every version of a rule adds a word of its own to one decision, and a move adds the same word again: the decision tells exactly what
//! is in force. Where a path leaves amendments out, the language and this account must also refuse the same. What is never drafted
//! though it can be written says NOT GENERATED.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::time::Instant;

use lexport::driver::Compilation;
use lexport::eval::decide;
use lexport::ir::{Case, Outcome, Program, Value, date_day, date_text};
use lexport::source::MemoryLoader;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

/// Days since the first of January 2024, the first day that is asked about.
type Day = i64;

/// The last day that is asked about.
const LAST: Day = 365;

/// The law (by its place in the chain) and the day of an act: acts are carried out in this order. Without a day it comes first.
type When = (usize, Option<Day>);

fn written(day: Day) -> String {
    date_text(date_day("2024-01-01").expect("a day") + day)
}

// What is generated, and how it is written.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Letter,
    Enforced,
}

/// `suspended`, `not enforced`, `enjoined`, or a stay: from a day, to a day if one is told, for some cases if they are told.
#[derive(Clone, Copy, Debug)]
struct Pause {
    kind: &'static str,
    from: Day,
    until: Option<Day>,
    scope: Option<bool>,
}

impl Pause {
    /// Without the word that begins it.
    fn text(&self) -> String {
        let until = self.until.map_or(String::new(), |day| format!(" until {}", written(day)));
        let scope = self.scope.map_or(String::new(), |x| format!(" where {}", condition(x)));
        format!("from {}{until} by \"court\"{scope}", written(self.from))
    }
}

fn condition(x: bool) -> &'static str {
    if x { "x" } else { "not x" }
}

/// The lines behind `status`; none at all means that of the amendment, or of the regime.
#[derive(Clone, Debug, Default)]
struct Status {
    codified: Option<Day>,
    effective: Option<Day>,
    compliance: Option<Day>,
    pauses: Vec<Pause>,
    repealed: Vec<Day>,
    until: Vec<Day>,
    /// `sunset when x`, or `when not x`.
    sunset: Vec<bool>,
    /// The order of the lines means nothing.
    backwards: bool,
}

impl Status {
    fn is_empty(&self) -> bool {
        let dates = [self.codified, self.effective, self.compliance];
        dates == [None; 3]
            && self.pauses.is_empty()
            && self.repealed.is_empty()
            && self.until.is_empty()
            && self.sunset.is_empty()
    }

    fn text(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let from = |word: &str, day: &Day| format!("{word} from {}", written(*day));
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.codified.iter().map(|day| from("codified", day)));
        lines.extend(self.effective.iter().map(|day| from("effective", day)));
        lines.extend(self.compliance.iter().map(|day| from("compliance", day)));
        lines.extend(self.pauses.iter().map(|pause| format!("{} {}", pause.kind, pause.text())));
        lines.extend(self.repealed.iter().map(|day| from("repealed", day)));
        lines.extend(self.sunset.iter().map(|x| format!("sunset when {}", condition(*x))));
        if self.backwards {
            lines.reverse();
        }
        // Behind a pause it would be the end of the pause.
        let until = self.until.iter().map(|day| format!("until {}", written(*day)));
        format!(" status {}", until.chain(lines).collect::<Vec<_>>().join(" "))
    }
}

/// What a file says; rules are told by name, in a draft by number.
#[derive(Clone, Debug)]
enum Act<Name = String> {
    /// A new rule; it may take over what another rule said.
    Enact {
        rule: Name,
        word: usize,
        from: Option<Name>,
        status: Status,
    },
    /// Another text of a rule, which may do so too.
    Replace {
        rule: Name,
        word: usize,
        from: Option<Name>,
        status: Status,
    },
    Repeal {
        rule: Name,
        status: Status,
    },
    Move {
        rule: Name,
        place: usize,
        status: Status,
    },
    Rename {
        rule: Name,
        to: Name,
    },
    Stay {
        rule: Name,
        pause: Pause,
    },
    Reinstate {
        rule: Name,
        from: Day,
    },
}

impl Act {
    fn text(&self) -> String {
        match self {
            Act::Enact { rule, word, from, status } | Act::Replace { rule, word, from, status } => {
                let replace = if matches!(self, Act::Replace { .. }) { "replace " } else { "" };
                let from = from.as_ref().map_or(String::new(), |from| format!(" moved from {from}"));
                format!("{replace}rule {rule} \"§{word}\"{from} then says includes w{word}{}", status.text())
            }
            Act::Repeal { rule, status } => format!("repeal {rule}{}", status.text()),
            Act::Move { rule, place, status } => format!("move {rule} to \"Part {place}\"{}", status.text()),
            Act::Rename { rule, to } => format!("rename {rule} to {to}"),
            Act::Stay { rule, pause } => format!("stay {rule} {}", pause.text()),
            Act::Reinstate { rule, from } => format!("reinstate {rule} from {}", written(*from)),
        }
    }
}

impl<Name> Act<Name> {
    /// Its own status, or that of its file; a stay and its end have only their days.
    fn status(&self, of_file: &Status) -> Status {
        match self {
            Act::Enact { status, .. } | Act::Replace { status, .. } | Act::Repeal { status, .. } | Act::Move { status, .. } => {
                if status.is_empty() {
                    of_file.clone()
                } else {
                    status.clone()
                }
            }
            Act::Rename { .. } | Act::Stay { .. } | Act::Reinstate { .. } => of_file.clone(),
        }
    }

    /// When it is carried out.
    fn day(&self, of_file: &Status) -> Option<Day> {
        match self {
            Act::Stay { pause, .. } => Some(pause.from),
            Act::Reinstate { from, .. } => Some(*from),
            act => act.status(of_file).begins(),
        }
    }
}

/// A file: of the regime itself, or with an `amendment` line.
#[derive(Clone, Debug)]
struct Part {
    law: usize,
    amendment: Option<String>,
    /// As its line says.
    status: Status,
    /// As it is for its acts: its own, or that of the regime.
    valid: Status,
    acts: Vec<Act>,
}

/// Laws that amend each other, the oldest first.
#[derive(Clone)]
struct Chain {
    parts: Vec<Part>,
    words: usize,
    choices: Vec<Choice>,
}

const LAWS: [&str; 3] = ["base", "middle", "top"];

impl Chain {
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for part in &self.parts {
            let law = LAWS[part.law];
            let (name, mut text) = match &part.amendment {
                Some(name) => (name.as_str(), format!("amendment {name} \"{name}\"{}\n", part.status.text())),
                None => {
                    let amends = if part.law == 0 { String::new() } else { format!(" amends \"../{}\"", LAWS[part.law - 1]) };
                    ("regime", format!("regime {law} \"{law}\"{amends}{}\n", part.status.text()))
                }
            };
            if name == "regime" && part.law == 0 {
                let words: Vec<String> = (0..=self.words).map(|word| format!("w{word}")).collect();
                let _ = writeln!(text, "enum Reading {{ letter, enforced }}\nenum Word {{ {} }}", words.join(", "));
                let _ = writeln!(text, "input date : date from {} to {}", written(0), written(LAST));
                text += "input reading : Reading\ninput x : bool\ndecision says : set of Word takes all\n";
            }
            for act in &part.acts {
                let _ = writeln!(text, "{}", act.text());
            }
            files.insert(format!("{law}/{name}.lxp"), text);
        }
        files
    }

    fn last_law(&self) -> usize {
        self.parts.iter().map(|part| part.law).max().unwrap_or_default()
    }
}

/// As it is written: this is what a failure shows.
impl fmt::Debug for Chain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, text) in self.files() {
            write!(out, "\n-- {path}\n{text}")?;
        }
        Ok(())
    }
}

/// What stands behind a path: `@DAY`, `@-NAME`.
#[derive(Clone, Debug, Default)]
struct Choice {
    amended_to: Option<Day>,
    without: BTreeSet<String>,
}

impl Choice {
    fn path(&self, chain: &Chain) -> String {
        let mut path = LAWS[chain.last_law()].to_owned();
        path.extend(self.amended_to.map(|day| format!("@{}", written(day))));
        path.extend(self.without.iter().map(|name| format!("@-{name}")));
        path
    }

    fn leaves_out(&self, name: &str, status: &Status) -> bool {
        let later = self.amended_to.zip(status.known_from()).is_some_and(|(day, from)| from > day);
        later || self.without.contains(name)
    }

    /// Whether a file is part of the law so chosen. With an amending regime go all its files; what all others amend stays.
    fn keeps(&self, chain: &Chain, part: &Part) -> bool {
        let of_law =
            chain.parts.iter().find(|other| other.law == part.law && other.amendment.is_none()).expect("each law has one");
        let law_counts = part.law == 0 || !self.leaves_out(LAWS[part.law], &of_law.status);
        law_counts && part.amendment.as_ref().is_none_or(|name| !self.leaves_out(name, &part.status))
    }
}

// The account of this test.

impl Status {
    /// The first day by the letter.
    fn begins(&self) -> Option<Day> {
        self.effective.or(self.codified)
    }

    /// The first day on which it is codified or effective.
    fn known_from(&self) -> Option<Day> {
        self.codified.into_iter().chain(self.effective).min()
    }

    fn in_force(&self, day: Day, reading: Reading, x: bool) -> bool {
        let begins = match reading {
            Reading::Letter => self.begins(),
            Reading::Enforced => self.compliance.or(self.begins()),
        };
        let begun = begins.is_none_or(|begins| day >= begins);
        let ended = self.repealed.iter().any(|repealed| day >= *repealed)
            || self.until.iter().any(|last| day > *last)
            || self.sunset.contains(&x);
        let paused = reading == Reading::Enforced && self.pauses.iter().any(|pause| pause.holds(day, x));
        begun && !ended && !paused
    }

    /// Periods that end before they begin are refused.
    fn is_sound(&self) -> bool {
        let (letter, enforced) = (self.begins(), self.compliance.or(self.begins()));
        let last = self.until.iter().copied().chain(self.repealed.iter().map(|day| day - 1)).min();
        letter <= enforced && last.zip(enforced).is_none_or(|(last, begins)| begins <= last)
    }
}

impl Pause {
    fn is_open(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    fn holds(&self, day: Day, x: bool) -> bool {
        self.is_open(day) && self.scope.is_none_or(|scope| scope == x)
    }
}

/// A text of a rule, in a place.
#[derive(Clone, Debug)]
struct Version {
    word: usize,
    status: Status,
    /// The acts that end it, while they are in force.
    ended: Vec<Status>,
}

/// A way to get it wrong, to see that it is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// A repeal or replacement that is not enforced ends the rule all the same.
    EndsByTheLetter,
    /// An act ends the last version only.
    EndsTheLastVersion,
    /// What moved into a rule comes back when that is not enforced.
    MovedFromComesBack,
    /// Words that move leave what ended them behind.
    MoveForgetsItsEnd,
    /// Words that move leave their pauses behind.
    MoveForgetsItsPauses,
    /// Words that move must be complied with at once.
    MoveForgetsCompliance,
    /// A stay is of the last version only.
    StaysTheLastVersion,
    /// What is reinstated is in force only a day later.
    ReinstatesADayLate,
    /// An event ends a rule as enforced only.
    SunsetOnlyEnforced,
    /// Acts come in the order of their days, whatever law they are in.
    DaysBeforeLaws,
    /// What is codified does not count before it takes effect.
    KnownWhenEffective,
}

/// The rules of the law so far.
#[derive(Clone, Debug, Default)]
struct Law {
    rules: Vec<Vec<Version>>,
    /// By every name that it has or had.
    names: BTreeMap<String, usize>,
    mistake: Option<Mistake>,
}

/// What the language refuses too.
#[derive(Debug)]
struct Refused;

impl Law {
    fn find(&self, name: &str) -> Result<usize, Refused> {
        self.names.get(name).copied().ok_or(Refused)
    }

    fn makes(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// An act takes its days from every version that the rule has.
    fn end(&mut self, rule: usize, act: &Status) -> Result<(), Refused> {
        // An end that holds for some cases only.
        if !act.sunset.is_empty() || act.pauses.iter().any(|pause| pause.scope.is_some()) {
            return Err(Refused);
        }
        let mut act = act.clone();
        if self.makes(Mistake::EndsByTheLetter) {
            (act.compliance, act.pauses) = (None, Vec::new());
        }
        let first = if self.makes(Mistake::EndsTheLastVersion) { self.rules[rule].len() - 1 } else { 0 };
        for version in &mut self.rules[rule][first..] {
            version.ended.push(act.clone());
        }
        Ok(())
    }

    fn carry_out(&mut self, act: &Act, of_file: &Status) -> Result<(), Refused> {
        let status = act.status(of_file);
        match act {
            Act::Enact { rule, word, from, .. } => {
                self.names.insert(rule.clone(), self.rules.len());
                self.rules.push(vec![Version { word: *word, status: status.clone(), ended: Vec::new() }]);
                self.take_over(from.as_ref(), &status)?;
            }
            Act::Replace { rule, word, from, .. } => {
                let rule = self.find(rule)?;
                self.end(rule, &status)?;
                self.rules[rule].push(Version { word: *word, status: status.clone(), ended: Vec::new() });
                self.take_over(from.as_ref(), &status)?;
            }
            Act::Repeal { rule, .. } => {
                let rule = self.find(rule)?;
                self.end(rule, &status)?;
                // For all days: there is nothing left to speak of.
                if status.is_empty() {
                    self.names.retain(|_, other| *other != rule);
                }
            }
            Act::Move { rule, .. } => {
                let rule = self.find(rule)?;
                let mut moved = self.rules[rule].last().expect("a rule has a version").clone();
                self.end(rule, &status)?;
                // A move for all days leaves the words the timeline that they had: so the language; the documentation is silent.
                if !status.is_empty() {
                    moved.status = self.moved(moved.status, status);
                }
                if self.makes(Mistake::MoveForgetsItsEnd) {
                    moved.ended.clear();
                }
                self.rules[rule].push(moved);
            }
            Act::Rename { rule, to } => {
                let rule = self.find(rule)?;
                self.names.insert(to.clone(), rule);
            }
            Act::Stay { rule, pause } => {
                let rule = self.find(rule)?;
                let first = if self.makes(Mistake::StaysTheLastVersion) { self.rules[rule].len() - 1 } else { 0 };
                for version in &mut self.rules[rule][first..] {
                    version.status.pauses.push(*pause);
                }
            }
            Act::Reinstate { rule, from } => {
                let rule = self.find(rule)?;
                let last = if self.makes(Mistake::ReinstatesADayLate) { *from } else { from - 1 };
                let pauses = self.rules[rule].iter_mut().flat_map(|version| &mut version.status.pauses);
                let open: Vec<&mut Pause> = pauses.filter(|pause| pause.is_open(*from)).collect();
                if open.is_empty() {
                    return Err(Refused);
                }
                // A stay that is lifted on its first day ends before it began: it never holds.
                open.into_iter().for_each(|pause| pause.until = Some(last));
            }
        }
        Ok(())
    }

    /// What is said elsewhere from now on ends where that begins, and stays ended whatever becomes of it.
    fn take_over(&mut self, from: Option<&String>, by: &Status) -> Result<(), Refused> {
        let Some(from) = from else { return Ok(()) };
        let from = self.find(from)?;
        let (codified, effective, compliance) = (by.codified, by.effective, by.compliance);
        let begins = Status { codified, effective, compliance, ..Status::default() };
        self.end(from, if self.makes(Mistake::MovedFromComesBack) { by } else { &begins })
    }

    /// The timeline of words that move: that of the move, with what ends or pauses the words, and when they must first be complied with.
    fn moved(&self, own: Status, mut by: Status) -> Status {
        if !self.makes(Mistake::MoveForgetsItsPauses) {
            by.pauses.extend(own.pauses);
        }
        by.repealed.extend(own.repealed);
        by.until.extend(own.until);
        by.sunset.extend(own.sunset);
        // `amendments/move-before-compliance.lxp`; the documentation speaks only of what ends or pauses.
        let due_later = by.compliance.is_none() && own.compliance > by.begins();
        if due_later && !self.makes(Mistake::MoveForgetsCompliance) {
            by.compliance = own.compliance;
        }
        by
    }

    /// What is in force on a day, in a reading, for a case.
    fn says(&self, day: Day, reading: Reading, x: bool) -> BTreeSet<usize> {
        let in_force = |status: &Status| {
            let mut status = status.clone();
            if self.makes(Mistake::SunsetOnlyEnforced) && reading == Reading::Letter {
                status.sunset.clear();
            }
            status.in_force(day, reading, x)
        };
        let versions = self.rules.iter().flatten();
        versions
            .filter(|version| in_force(&version.status) && !version.ended.iter().any(in_force))
            .map(|version| version.word)
            .collect()
    }

    /// Of a version that an act ends for all days nothing is left to be refused.
    fn is_sound(&self) -> bool {
        let mut left = self.rules.iter().flatten().filter(|version| !version.ended.iter().any(Status::is_empty));
        left.all(|version| version.status.is_sound())
    }

    /// The days on which something may change, from both sides.
    fn edges(&self) -> BTreeSet<Day> {
        let statuses = self.rules.iter().flatten().flat_map(|version| version.ended.iter().chain([&version.status]));
        let days = statuses.flat_map(|status| {
            let pauses = status.pauses.iter().flat_map(|pause| [Some(pause.from), pause.until]);
            let dates = [status.codified, status.effective, status.compliance].into_iter().chain(pauses).flatten();
            dates.chain(status.repealed.iter().copied()).chain(status.until.iter().copied()).collect::<Vec<Day>>()
        });
        days.flat_map(|day| [day - 1, day, day + 1]).chain([0, LAST]).filter(|day| (0..=LAST).contains(day)).collect()
    }
}

impl Chain {
    /// The law that a path means.
    fn law(&self, choice: &Choice, mistake: Option<Mistake>) -> Result<Law, Refused> {
        let mut law = Law { mistake, ..Law::default() };
        let known = |part: &Part| {
            let mut part = part.clone();
            if mistake == Some(Mistake::KnownWhenEffective) && part.status.effective.is_some() {
                part.status.codified = None;
            }
            choice.keeps(self, &part)
        };
        let parts = self.parts.iter().filter(|part| known(part));
        let mut acts: Vec<(When, &Act, &Part)> =
            parts.flat_map(|part| part.acts.iter().map(move |act| ((part.law, act.day(&part.valid)), act, part))).collect();
        acts.sort_by_key(|(when, ..)| *when);
        if mistake == Some(Mistake::DaysBeforeLaws) {
            acts.sort_by_key(|((_, day), ..)| *day);
        }
        for (_, act, part) in acts {
            law.carry_out(act, &part.valid)?;
        }
        if law.is_sound() { Ok(law) } else { Err(Refused) }
    }
}

// The language's answer, and both side by side.

fn by_language(program: &Program, day: Day, reading: Reading, x: bool) -> BTreeSet<usize> {
    let mut case = Case::unknown(program.inputs.len());
    let mut give = |name: &str, value: Value| case.set(program.find_input(name).expect("declared"), value);
    give("date", Value::Int(date_day("2024-01-01").expect("a day") + day));
    give("reading", Value::Member(u32::from(reading == Reading::Enforced)));
    give("x", Value::Bool(x));
    let says = program.find_decision("says").expect("declared");
    match &decide(program, &case).expect("the case is within the domains")[says.index()].outcome {
        Outcome::Value(Value::Set(words)) => words.iter().map(|word| word as usize).collect(),
        other => panic!("{other:?} of a decision that takes all"),
    }
}

/// How many cells the language and the account were compared on, or where they part.
fn compare(chain: &Chain, choice: &Choice, mistake: Option<Mistake>) -> Result<usize, String> {
    let path = choice.path(chain);
    let compilation = Compilation::load(&MemoryLoader { files: chain.files() }, &path);
    let (law, program) = match (chain.law(choice, mistake), compilation.program) {
        (Ok(law), Some(program)) => (law, program),
        (Err(Refused), None) => return Ok(0),
        (Ok(_), None) => return Err(format!("{path} is refused: {:#?}", compilation.messages)),
        (Err(Refused), Some(_)) => return Err(format!("{path} is not refused")),
    };
    let mut cells = 0;
    for day in law.edges() {
        for reading in [Reading::Letter, Reading::Enforced] {
            for x in [false, true] {
                let (told, expected) = (by_language(&program, day, reading, x), law.says(day, reading, x));
                if told != expected {
                    let on = written(day);
                    return Err(format!("{path} on {on}, {reading:?}, {}: it says {told:?}, not {expected:?}", condition(x)));
                }
                cells += 1;
            }
        }
    }
    Ok(cells)
}

fn compare_all(chain: &Chain, mistake: Option<Mistake>) -> Result<usize, String> {
    std::iter::once(&Choice::default()).chain(&chain.choices).map(|choice| compare(chain, choice, mistake)).sum()
}

// Drafts: what shrinks. What has no meaning, or none that the documentation tells, is struck out when a chain is made of a draft.

/// The status and the acts of a file.
type Sheet = (Status, Vec<Act<usize>>);

/// A day behind a path: a file, and how long after its first day.
type Near = (usize, Day);

#[derive(Clone, Debug)]
struct Draft {
    /// The rules of the oldest law.
    rules: Vec<Status>,
    /// By law: the file of the regime, and those of amendments.
    laws: Vec<(Sheet, Vec<Sheet>)>,
    choices: Vec<(Option<Near>, Vec<usize>)>,
}

/// How an act speaks of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touch {
    Repeals,
    TakesOver,
    Changes,
}

/// A chain in the making.
#[derive(Default)]
struct Drafting {
    law: Law,
    /// Every name, with the act since which it is known, and whether the rule has no later name.
    names: Vec<(String, When, bool)>,
    touched: Vec<(usize, When, Touch)>,
    words: usize,
}

impl Drafting {
    /// The name that is meant, of those that are known before an act.
    fn pick(&self, number: usize, when: When, latest: bool) -> Option<String> {
        let known = |(name, since, last): &&(String, When, bool)| {
            *since < when && (*last || !latest) && self.law.names.contains_key(name)
        };
        let known: Vec<&String> = self.names.iter().filter(known).map(|(name, ..)| name).collect();
        known.get(number.checked_rem(known.len())?).map(|name| (*name).clone())
    }

    fn fresh(&self) -> String {
        format!("r{}", self.names.len())
    }

    /// The act with names; nothing where it would speak of nothing.
    fn named(&self, act: &Act<usize>, when: When) -> Option<Act> {
        let word = self.words + 1;
        let pick = |number: usize| self.pick(number, when, false);
        Some(match act.clone() {
            Act::Enact { from, status, .. } => Act::Enact { rule: self.fresh(), word, from: from.and_then(pick), status },
            Act::Replace { rule, from, status, .. } => {
                Act::Replace { rule: pick(rule)?, word, from: from.and_then(pick), status }
            }
            Act::Repeal { rule, status } => Act::Repeal { rule: pick(rule)?, status },
            Act::Move { rule, status, .. } => Act::Move { rule: pick(rule)?, place: word, status },
            // NOT GENERATED: a second renaming by an earlier name; the two new names then go ways of their own.
            Act::Rename { rule, .. } => Act::Rename { rule: self.pick(rule, when, true)?, to: self.fresh() },
            Act::Stay { rule, pause } => Act::Stay { rule: pick(rule)?, pause },
            Act::Reinstate { rule, from } => Act::Reinstate { rule: pick(rule)?, from },
        })
    }

    /// What an act speaks of that stood before it.
    fn touches(&self, act: &Act) -> Vec<(usize, Touch)> {
        let (own, from) = match act {
            Act::Enact { from, .. } => (None, from.as_ref()),
            Act::Replace { rule, from, .. } => (Some((rule, Touch::Changes)), from.as_ref()),
            Act::Repeal { rule, .. } => (Some((rule, Touch::Repeals)), None),
            Act::Move { rule, .. } | Act::Rename { rule, .. } => (Some((rule, Touch::Changes)), None),
            Act::Stay { rule, .. } | Act::Reinstate { rule, .. } => (Some((rule, Touch::Changes)), None),
        };
        own.into_iter()
            .chain(from.map(|from| (from, Touch::TakesOver)))
            .map(|(name, touch)| (self.law.names[name], touch))
            .collect()
    }

    /// Whether the order of the acts of one day on one rule does not matter: all of them end what stood before that day.
    /// NOT GENERATED: any others. Of some the language says that nothing tells which comes first; of others it takes the order
    /// in which they are written.
    fn in_order(&self, rule: usize, when: When, touch: Touch) -> bool {
        let mut same_day = self.touched.iter().filter(|(other, day, _)| (*other, *day) == (rule, when));
        same_day.all(|(.., other)| match (touch, other) {
            (Touch::TakesOver, Touch::TakesOver) => true,
            (Touch::TakesOver, Touch::Repeals) | (Touch::Repeals, Touch::TakesOver) => when.1.is_some(),
            _ => false,
        })
    }

    /// Carries an act out, if it means something.
    fn take(&mut self, act: &Act<usize>, when: When, of_file: &Status) -> Option<Act> {
        let act = self.named(act, when)?;
        let touches = self.touches(&act);
        let itself = touches.len() == 2 && touches[0].0 == touches[1].0;
        // NOT GENERATED: a rule without a first day that takes over what another said; it comes back when its words move.
        let takes_over = touches.iter().any(|(_, touch)| *touch == Touch::TakesOver);
        let endless = takes_over && act.status(of_file).begins().is_none();
        if itself || endless || !touches.iter().all(|(rule, touch)| self.in_order(*rule, when, *touch)) {
            return None;
        }
        let mut law = self.law.clone();
        law.carry_out(&act, of_file).ok().filter(|()| law.is_sound())?;
        self.law = law;
        self.touched.extend(touches.into_iter().map(|(rule, touch)| (rule, when, touch)));
        match &act {
            Act::Enact { rule, .. } => self.names.push((rule.clone(), when, true)),
            Act::Rename { rule, to } => {
                self.names.iter_mut().filter(|(name, ..)| name == rule).for_each(|(.., last)| *last = false);
                self.names.push((to.clone(), when, true));
            }
            _ => {}
        }
        self.words += 1;
        Some(act)
    }
}

impl Draft {
    fn chain(&self) -> Chain {
        let (mut parts, mut acts) = (Vec::new(), Vec::new());
        for (law, (regime, amendments)) in self.laws.iter().enumerate() {
            let first = self.rules.iter().filter(|_| law == 0);
            let first = first.map(|status| Act::Enact { rule: 0, word: 0, from: None, status: status.clone() });
            for (number, (status, wanted)) in std::iter::once(regime).chain(amendments).enumerate() {
                let amendment = number.checked_sub(1).map(|number| format!("{}_{number}", LAWS[law]));
                let valid = if status.is_empty() { regime.0.clone() } else { status.clone() };
                let wanted = first.clone().filter(|_| number == 0).chain(wanted.iter().cloned());
                acts.extend(wanted.map(|act| ((law, act.day(&valid)), parts.len(), act)));
                parts.push(Part { law, amendment, status: status.clone(), valid, acts: Vec::new() });
            }
        }
        // In each file the acts stay in the order in which they are drafted.
        let mut order: Vec<usize> = (0..acts.len()).collect();
        order.sort_by_key(|act| acts[*act].0);
        let mut drafting = Drafting::default();
        let mut taken: BTreeMap<usize, Act> = BTreeMap::new();
        for at in order {
            let (when, part, act) = &acts[at];
            taken.extend(drafting.take(act, *when, &parts[*part].valid).map(|act| (at, act)));
        }
        for (at, act) in taken {
            parts[acts[at].1].acts.push(act);
        }
        let choices = self.choices.iter().map(|(day, without)| choice(&parts, *day, without)).collect();
        Chain { parts, words: drafting.words, choices }
    }
}

fn choice(parts: &[Part], day: Option<Near>, without: &[usize]) -> Choice {
    let near = |(number, after): Near| Some(parts[number % parts.len()].valid.begins()? + after);
    // NOT GENERATED: a day before the oldest law, of which an amendment has its status: is it part of that law?
    let inherits = |part: &&Part| part.law == 0 && part.amendment.is_some() && part.status.is_empty();
    let first = parts.iter().find(inherits).and_then(|part| part.valid.known_from());
    let amended_to = day.and_then(near).map(|day| first.map_or(day, |first| day.max(first)));
    let names = |part: &Part| part.amendment.clone().or((part.law > 0).then(|| LAWS[part.law].to_owned()));
    let names: Vec<String> = parts.iter().filter_map(names).collect();
    Choice { amended_to, without: without.iter().map(|number| names[number % names.len()].clone()).collect() }
}

const DAYS: std::ops::Range<Day> = 0..120;

fn pause(cases: bool) -> impl Strategy<Value = Pause> {
    let kind = prop::sample::select(vec!["suspended", "not enforced", "enjoined"]);
    let scope = if cases { option::of(any::<bool>()).boxed() } else { Just(None).boxed() };
    (kind, -10i64..60, option::of(0i64..40), scope).prop_map(|(kind, from, length, scope)| Pause {
        kind,
        from,
        until: length.map(|length| from + length),
        scope,
    })
}

/// A status of its own; if wanted also for some cases only, and with an event that ends it.
fn status(cases: bool) -> impl Strategy<Value = Status> {
    let begins = prop_oneof![5 => Just((true, true)), 1 => Just((true, false)), 1 => Just((false, false))];
    let end = option::weighted(0.3, (any::<bool>(), 30i64..150));
    let sunset = option::weighted(0.3, any::<bool>());
    let days = (DAYS, option::weighted(0.3, 0i64..6), option::weighted(0.3, 0i64..30));
    (begins, days, vec(pause(cases), 0..3), end, sunset, any::<bool>()).prop_map(
        move |((begins, dated), (day, codified, compliance), pauses, end, sunset, backwards)| {
            let from = |pause: Pause| Pause { from: pause.from + day, until: pause.until.map(|until| until + day), ..pause };
            let end_if = |repealed: bool| end.filter(|end| end.0 == repealed).map(|(_, days)| day + days);
            Status {
                codified: if dated { codified.map(|days| day - days) } else { begins.then_some(day) },
                effective: dated.then_some(day),
                compliance: compliance.map(|days| day + days),
                pauses: pauses.into_iter().map(from).collect(),
                repealed: end_if(true).into_iter().collect(),
                until: end_if(false).into_iter().collect(),
                sunset: sunset.into_iter().filter(|_| cases).collect(),
                backwards,
            }
        },
    )
}

/// Of a rule or an act; most have that of their file.
fn own_status() -> impl Strategy<Value = Status> {
    prop_oneof![6 => Just(Status::default()), 3 => status(false), 1 => status(true)]
}

fn act() -> impl Strategy<Value = Act<usize>> {
    let rule = || 0usize..16;
    let from = option::weighted(0.4, rule());
    let stay = (rule(), pause(true), DAYS).prop_map(|(rule, pause, day)| {
        let (from, until) = (pause.from + day, pause.until.map(|until| until + day));
        Act::Stay { rule, pause: Pause { from, until, ..pause } }
    });
    prop_oneof![
        2 => (rule(), own_status()).prop_map(|(rule, status)| Act::Repeal { rule, status }),
        3 => (rule(), from.clone(), own_status()).prop_map(|(rule, from, status)| Act::Replace { rule, word: 0, from, status }),
        2 => (from, own_status()).prop_map(|(from, status)| Act::Enact { rule: 0, word: 0, from, status }),
        3 => (rule(), own_status()).prop_map(|(rule, status)| Act::Move { rule, place: 0, status }),
        2 => stay,
        2 => (rule(), 0i64..180).prop_map(|(rule, from)| Act::Reinstate { rule, from }),
        1 => rule().prop_map(|rule| Act::Rename { rule, to: 0 }),
    ]
}

fn sheet() -> impl Strategy<Value = Sheet> {
    (prop_oneof![2 => Just(Status::default()), 6 => status(false), 1 => status(true)], vec(act(), 0..6))
}

fn chains() -> impl Strategy<Value = Chain> {
    let rule = prop_oneof![2 => Just(Status::default()), 2 => status(false), 2 => status(true)];
    let choices = vec((option::of((0usize..8, -7i64..3)), vec(0usize..8, 0..3)), 0..4);
    (vec(rule, 1..5), vec((sheet(), vec(sheet(), 0..4)), 2..=LAWS.len()), choices)
        .prop_map(|(rules, laws, choices)| Draft { rules, laws, choices }.chain())
}

/// A runner that leaves no files behind, for as many chains as are asked for.
fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4000, ..ProptestConfig::default() };
    TestRunner::new(config)
}

#[test]
fn what_is_in_force_is_what_the_documentation_says() {
    let asked = std::env::var("LEXPORT_TIMELINES").ok().and_then(|text| text.parse().ok());
    let (cells, start) = (Cell::new(0), Instant::now());
    let mut runner = runner(asked.unwrap_or(250));
    let result = runner.run(&chains(), |chain| {
        cells.set(cells.get() + compare_all(&chain, None).map_err(TestCaseError::fail)?);
        Ok(())
    });
    match result {
        Ok(()) => println!("{} chains, {} cells, 0 differences, {:.1?}", runner.config().cases, cells.get(), start.elapsed()),
        Err(TestError::Fail(why, chain)) => panic!("{why}\n{chain:?}"),
        Err(other) => panic!("{other}"),
    }
}

/// The test can fail: each mistake in the account is noticed.
#[test]
fn a_wrong_account_is_noticed() {
    let mistakes = [
        Mistake::EndsByTheLetter,
        Mistake::EndsTheLastVersion,
        Mistake::MovedFromComesBack,
        Mistake::MoveForgetsItsEnd,
        Mistake::MoveForgetsItsPauses,
        Mistake::MoveForgetsCompliance,
        Mistake::StaysTheLastVersion,
        Mistake::ReinstatesADayLate,
        Mistake::SunsetOnlyEnforced,
        Mistake::DaysBeforeLaws,
        Mistake::KnownWhenEffective,
    ];
    let mut runner = TestRunner::deterministic();
    let mut next = || chains().new_tree(&mut runner).expect("a chain").current();
    for mistake in mistakes {
        let noticed = (0..400).position(|_| compare_all(&next(), Some(mistake)).is_err());
        println!("{mistake:?}: {noticed:?}");
        assert!(noticed.is_some(), "{mistake:?} is not noticed");
    }
}
