//! Syntax to model: names, types, units, periods, orders.
//!
//! In: the parsed files of one or more regimes ([`Sources`]). Out: a [`Policy`], or the messages that say why not; as many errors
//! as can honestly be found in one go. Conditions are typed in both directions: an enumeration member is looked up in the
//! enumeration that its place expects (after Pierce and Turner, "Local type inference", TOPLAS 22, 2000).

mod amend;
mod authorities;
mod caps;
mod chains;
mod claims;
mod compare;
mod condition;
mod csv;
mod enums;
mod extended;
mod inputs;
mod message;
mod operand;
mod pattern;
mod processes;
mod products;
mod rules;
mod scenarios;
mod scope;
mod sets;
mod timeline;
mod titles;
mod types;
mod varying;

use rustc_hash::FxHashMap;

pub use pattern::{played, put};

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::ir::{Domain, EnumId, InputId, RuleId};
use crate::model::Policy;
use crate::source::{FileId, Files, Loader, Span};
use crate::syntax::ast;

use scope::Scope;

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its text.
    pub file: FileId,
    /// Its path; files that it names are relative to the folder of it.
    pub path: String,
    /// Its tree.
    pub unit: ast::Unit,
}

/// The files of one regime.
#[derive(Clone, Debug)]
pub struct RegimeFiles {
    /// Empty for the regime that is checked, else the name it is compared under.
    pub prefix: String,
    /// Where the comparison is asked for.
    pub span: Span,
    /// Its files, those that it uses included, as positions in [`Sources::modules`].
    pub modules: Vec<usize>,
    /// The same files by law: first those of the regime that everything amends, last those of the regime itself.
    pub layers: Vec<Vec<usize>>,
    /// Which amendments count.
    pub selection: Selection,
}

/// Which amendments of a regime count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those known on this day (days since 1970-01-01); `None`: all.
    pub amended_to: Option<i64>,
    /// Not these, by name.
    pub without: Vec<String>,
    /// Nor these, which a law leaves out of the one that it amends (`amends "../base@-act"`).
    /// By name, each with the number of layers, from the oldest, that this is about.
    pub without_in_base: Vec<(String, usize)>,
}

/// As it stands behind the path.
impl std::fmt::Display for Selection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(day) = self.amended_to {
            write!(f, "@{}", crate::ir::date_text(day))?;
        }
        self.without.iter().try_for_each(|name| write!(f, "@-{name}"))
    }
}

impl Selection {
    /// Whether a law, by its `regime` line, does not count as an amendment.
    pub fn leaves_out_law(&self, law: &ast::Regime, layer: usize) -> bool {
        law.amends.is_some() && self.leaves_out(&law.name.node, amend::known_from(&law.status), layer)
    }

    /// Whether an amendment, by its line, does not count.
    pub fn leaves_out_act(&self, act: &ast::AmendmentDecl, layer: usize) -> bool {
        self.leaves_out(&act.name.node, amend::known_from(&act.status), layer)
    }

    /// Whether an amendment does not count.
    pub fn leaves_out(&self, name: &str, known_from: Option<i64>, layer: usize) -> bool {
        let later = self.amended_to.zip(known_from).is_some_and(|(day, from)| from > day);
        let below = self.without_in_base.iter().any(|(without, layers)| without == name && layer < *layers);
        later || below || self.without.iter().any(|without| without == name)
    }
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// All files, each once.
    pub modules: Vec<Module>,
    /// The regimes; the first is the one that is checked.
    pub regimes: Vec<RegimeFiles>,
}

/// Makes a policy of parsed files. CSV files that they name are read through the loader and added to the files.
pub fn elaborate(sources: &Sources, files: &mut Files, loader: &dyn Loader) -> (Option<Policy>, Vec<Diagnostic>) {
    let amended = amend::amend(sources);
    let mut sink = Sink::default();
    sink.extend(amended.messages.iter().cloned());
    let mut elaborator = Elaborator {
        amended: &amended,
        sources: &amended.sources,
        files,
        loader,
        sink,
        policy: Policy::default(),
        scopes: Vec::new(),
        enums: FxHashMap::default(),
        csv: FxHashMap::default(),
        groups: FxHashMap::default(),
        records: Vec::new(),
        record_ids: FxHashMap::default(),
        constants: Vec::new(),
        expanding: Vec::new(),
        expanded: FxHashMap::default(),
        rule_items: FxHashMap::default(),
        instances: varying::Instances::new(),
        versions: std::collections::BTreeSet::new(),
        unreadable: false,
        counting: false,
        playing: None,
        used: std::collections::BTreeSet::new(),
    };
    elaborator.run();
    let failed = elaborator.sink.has_errors();
    let policy = elaborator.policy;
    ((!failed).then_some(policy), elaborator.sink.into_sorted())
}

/// A declaration: which file, which item of it.
type ItemRef = (usize, usize);

struct Elaborator<'a> {
    amended: &'a amend::Amended,
    sources: &'a Sources,
    files: &'a mut Files,
    loader: &'a dyn Loader,
    sink: Sink,
    policy: Policy,
    scopes: Vec<Scope>,
    /// Each declared enumeration once, also if several regimes use its file.
    enums: FxHashMap<ItemRef, EnumId>,
    csv: FxHashMap<String, Option<std::rc::Rc<csv::Table>>>,
    groups: FxHashMap<(usize, String), sets::GroupState>,
    records: Vec<types::Record>,
    record_ids: FxHashMap<(usize, String), Option<types::RecordId>>,
    constants: Vec<types::Constant>,
    /// Definitions that are being expanded, to find circles.
    expanding: Vec<(usize, String)>,
    expanded: FxHashMap<operand::CallKey, Option<operand::Operand>>,
    /// The number of each rule, by regime: two may share a file.
    rule_items: FxHashMap<(usize, ItemRef), Vec<RuleId>>,
    /// What rules with a varying value stand for.
    instances: varying::Instances,
    /// Versions of rules that are not the last.
    versions: std::collections::BTreeSet<RuleId>,
    /// Whether a part could not be read at all, which was said before.
    unreadable: bool,
    /// Whether what a cap counts is being read: it cannot ask about caps.
    counting: bool,
    /// While a pattern is read: its file, and the words of who plays each role.
    playing: Option<(crate::source::FileId, Vec<(String, String)>)>,
    /// Names that something refers to: (regime, name).
    used: std::collections::BTreeSet<(usize, String)>,
}

impl<'a> Elaborator<'a> {
    fn run(&mut self) {
        for regime in 0..self.sources.regimes.len() {
            let scope = self.declare(regime);
            self.scopes.push(scope);
        }
        for regime in 0..self.scopes.len() {
            self.enumerations(regime);
        }
        for regime in 0..self.scopes.len() {
            self.attributes(regime);
            self.all_records(regime);
        }
        for regime in 0..self.scopes.len() {
            self.inputs(regime);
            self.all_constants(regime);
        }
        if self.policy.inputs.is_empty() && !self.sink.has_errors() {
            let span = self.policy.regimes.first().map_or(Span::NOWHERE, |regime| regime.span);
            self.error(Code::MissingValue, "a regime without inputs", span, "nothing can be decided about nothing")
                .help("declare what a case consists of, for example `input destination : Country`");
        }
        self.policy.date = self.input_of("date");
        self.policy.reading = self.input_of("reading");
        self.special_inputs();
        for regime in 0..self.scopes.len() {
            self.all_groups(regime);
        }
        for regime in 0..self.scopes.len() {
            self.decisions(regime);
        }
        self.decisions_on_one_side();
        self.extended_decisions();
        self.chains_on_one_side();
        for regime in 0..self.scopes.len() {
            self.all_caps(regime);
        }
        for regime in 0..self.scopes.len() {
            self.rule_names(regime);
        }
        for regime in 0..self.scopes.len() {
            self.rules(regime);
        }
        self.authorities();
        self.unused_definitions();
        self.properties();
        self.chains();
        self.processes();
        self.all_scenarios();
        self.acceptances();
        self.titles();
        self.order();
        self.unused_caps();
        self.unused();
    }

    /// `date` and `reading` mean something to Lexport, so they must be what it takes them for.
    fn special_inputs(&mut self) {
        if let Some(date) = self.policy.date {
            let input = &self.policy.inputs[date.index()];
            if !matches!(input.domain, Domain::Date { .. }) {
                let span = input.span;
                self.error(Code::TypeMismatch, "the input `date` is not a date", span, "periods are counted by it")
                    .help("declare: input date : date from 2022-10-07 to 2027-12-31, or give this input another name");
                self.policy.date = None;
            }
        }
        if let Some(reading) = self.policy.reading {
            let input = &self.policy.inputs[reading.index()];
            let good = match &input.domain {
                Domain::Enum(of) => {
                    let def = &self.policy.enums[of.index()];
                    def.member("letter").is_some() && def.member("enforced").is_some()
                }
                _ => false,
            };
            if !good {
                let span = input.span;
                self.error(
                    Code::TypeMismatch,
                    "the input `reading` has no members `letter` and `enforced`",
                    span,
                    "it chooses how the law is read",
                )
                .help("use std/trade, and declare: input reading : Reading; or give this input another name");
                self.policy.reading = None;
            }
        }
    }

    /// Reports an error; the result can be given notes and help.
    fn error(&mut self, code: Code, title: impl Into<String>, span: Span, label: impl Into<String>) -> Reported<'_> {
        Reported { sink: &mut self.sink, message: Some(Diagnostic::new(code, title, span, label)) }
    }

    /// Does something whose errors will be said when it is done again.
    fn quietly<T>(&mut self, with: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.sink);
        let done = with(self);
        let hushed = std::mem::replace(&mut self.sink, before);
        if hushed.has_errors() {
            // A definition that failed is expanded again, and its error said then.
            self.expanded.retain(|_, body| body.is_some());
        }
        done
    }

    fn input_of(&self, name: &str) -> Option<InputId> {
        let index = self.policy.inputs.iter().position(|input| input.name == name)?;
        Some(InputId(index as u32))
    }

    /// The items of a regime: those of all its files.
    fn items(&self, regime: usize) -> impl Iterator<Item = (ItemRef, &'a ast::Item)> + use<'a> {
        let (sources, amended) = (self.sources, self.amended);
        sources.regimes[regime].modules.iter().flat_map(move |module| {
            let items = sources.modules[*module].unit.items.iter().enumerate();
            items.map(move |(index, item)| ((*module, index), item)).filter(move |(item, _)| amended.stands(*item))
        })
    }

    fn item(&self, (module, index): ItemRef) -> &'a ast::Item {
        &self.sources.modules[module].unit.items[index]
    }

    /// The path of a file that a module names.
    fn beside(&self, module: usize, path: &str) -> String {
        let own = &self.sources.modules[module].path;
        match own.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        }
    }
}

/// An error on its way to the sink: it arrives there when this is dropped.
struct Reported<'s> {
    sink: &'s mut Sink,
    message: Option<Diagnostic>,
}

impl Reported<'_> {
    fn map(mut self, with: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        self.message = self.message.take().map(with);
        self
    }
    fn also(self, span: Span, label: impl Into<String>) -> Self {
        self.map(|message| message.also(span, label))
    }
    fn note(self, note: impl Into<String>) -> Self {
        self.map(|message| message.note(note))
    }
    fn help(self, help: impl Into<String>) -> Self {
        self.map(|message| message.help(help))
    }
    fn replace(self, message: impl Into<String>, span: Span, with: impl Into<String>) -> Self {
        self.map(|diagnostic| diagnostic.replace(message, span, with))
    }
}

impl Drop for Reported<'_> {
    fn drop(&mut self) {
        self.sink.extend(self.message.take());
    }
}
