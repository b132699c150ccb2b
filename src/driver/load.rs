//! Finds and parses the files of a regime, those that they use, and those of the regimes that it is compared with.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::elaborate::{Module, RegimeFiles, Selection, Sources};
use crate::ir::date_day;
use crate::source::{Files, LoadError, Loader, Span};
use crate::syntax;
use crate::syntax::ast::ItemKind;

use super::literate;

/// Reads a regime, and an old one to compare it with.
pub(super) fn sources(loader: &dyn Loader, files: &mut Files, path: &str, old: Option<&str>) -> (Sources, Vec<Diagnostic>) {
    let mut reader = Reader { loader, files, sources: Sources::default(), messages: Vec::new(), known: BTreeMap::new() };
    reader.regime(path, String::new(), Span::NOWHERE);
    // A law that is amended was compared with what it was compared with for itself.
    let compared: Vec<(String, String, Span)> = reader
        .sources
        .regimes
        .first()
        .map(|regime| reader.own_files(regime))
        .unwrap_or_default()
        .into_iter()
        .flat_map(|module| {
            let module = &reader.sources.modules[module];
            let compares = module.unit.items.iter().filter_map(|item| match &item.kind {
                ItemKind::Compare(compare) => Some(compare),
                _ => None,
            });
            compares
                .map(|compare| (beside(&module.path, &compare.path.node), compare.name.node.clone(), compare.path.span))
                .collect::<Vec<_>>()
        })
        .collect();
    if let Some(old) = old {
        // The regime may itself compare with something that it calls `old`.
        let taken = compared.iter().any(|(_, prefix, _)| prefix == "old");
        reader.regime(old, if taken { "previous" } else { "old" }.to_owned(), Span::NOWHERE);
    }
    for (path, prefix, span) in compared {
        if reader.sources.regimes.iter().any(|regime| regime.prefix == prefix) {
            let title = format!("two regimes are compared as `{prefix}`");
            reader.messages.push(Diagnostic::new(Code::DuplicateName, title, span, "give each a name of its own"));
            continue;
        }
        reader.regime(&path, prefix, span);
    }
    (reader.sources, reader.messages)
}

struct Reader<'a> {
    loader: &'a dyn Loader,
    files: &'a mut Files,
    sources: Sources,
    messages: Vec<Diagnostic>,
    /// Each file once, also if several regimes use it.
    known: BTreeMap<String, Option<usize>>,
}

impl Reader<'_> {
    fn regime(&mut self, path: &str, prefix: String, span: Span) {
        let Some((path, mut selection)) = self.selected(path, span) else { return };
        let mut layers: Vec<Vec<usize>> = Vec::new();
        // What a law leaves out of those that it amends: its cut, where it is asked for, and how many layers are above them.
        let mut cuts: Vec<(Selection, Span, usize)> = Vec::new();
        let mut names = Vec::new();
        let mut next = Some((normal(&path), span));
        while let Some((path, asked)) = next.take() {
            if names.contains(&path) {
                let circle: Vec<String> = names.iter().chain([&path]).map(|path| format!("`{path}`")).collect();
                let title = "regimes that amend each other in a circle";
                self.messages.push(
                    Diagnostic::new(Code::CyclicImport, title, asked, "this closes the circle")
                        .note(format!("the circle: {}", circle.join(" → "))),
                );
                break;
            }
            names.push(path.clone());
            // Without the law that it amends, every message would only say so in other words.
            let Some(modules) = self.files_of(&path, asked) else { return };
            let base = modules.iter().find_map(|module| {
                let module = &self.sources.modules[*module];
                module.unit.items.iter().find_map(|item| match &item.kind {
                    ItemKind::Regime(regime) => regime.amends.as_ref().map(|base| (beside(&module.path, &base.node), base.span)),
                    _ => None,
                })
            });
            layers.insert(0, modules);
            if let Some((base, asked)) = base {
                let Some((base, cut)) = self.selected(&base, asked) else { return };
                if cut != Selection::default() {
                    cuts.push((cut, asked, layers.len()));
                }
                next = Some((self.amended(base), asked));
            }
        }
        if layers.is_empty() {
            return;
        }
        let mut modules: Vec<usize> = Vec::new();
        for module in layers.iter().rev().flatten() {
            if !modules.contains(module) {
                modules.push(*module);
            }
        }
        for (cut, asked, above) in cuts {
            let below = &layers[..layers.len() - above];
            self.known_amendments(below, &cut, asked);
            let items = below.iter().flatten().flat_map(|module| &self.sources.modules[*module].unit.items);
            selection.without_in_base.extend(items.filter_map(|item| match &item.kind {
                ItemKind::Amendment(decl) => cut.leaves_out_act(decl, 0).then(|| (decl.name.node.clone(), below.len())),
                ItemKind::Regime(decl) => cut.leaves_out_law(decl, 0).then(|| (decl.name.node.clone(), below.len())),
                _ => None,
            }));
        }
        self.known_amendments(&layers, &selection, span);
        self.sources.regimes.push(RegimeFiles { prefix, span, modules, layers, selection });
    }

    /// A path, and which amendments count; `None` after an error.
    fn selected(&mut self, path: &str, span: Span) -> Option<(String, Selection)> {
        match selected(self.loader, path) {
            Ok(selected) => Some(selected),
            Err(words) => {
                let title = format!("`{path}` does not say which amendments count");
                self.messages.push(Diagnostic::new(Code::BadArgument, title, span, words).help(
                    "PATH@2025-05-01 is the law as amended to that day, PATH@-NAME the law without the amendment of that name",
                ));
                None
            }
        }
    }

    /// The regime that another amends: a folder, or a file, whose ending may be left out as in `use`.
    fn amended(&self, path: String) -> String {
        let found = self.loader.list(&path).is_ok_and(|listed| listed.is_some()) || self.loader.load(&path).is_ok();
        let with_ending = format!("{path}.lxp");
        if !found && self.loader.load(&with_ending).is_ok() { with_ending } else { path }
    }

    /// The files of the last law that counts.
    fn own_files(&self, regime: &RegimeFiles) -> Vec<usize> {
        let counts = |(number, layer): &(usize, &Vec<usize>)| {
            let mut items = layer.iter().flat_map(|module| &self.sources.modules[*module].unit.items);
            !items.any(|item| matches!(&item.kind, ItemKind::Regime(decl) if regime.selection.leaves_out_law(decl, *number)))
        };
        let last = regime.layers.iter().enumerate().rev().find(counts).map(|(_, layer)| layer).or(regime.layers.first());
        last.cloned().unwrap_or_default()
    }

    /// An amendment that is left out must exist.
    fn known_amendments(&mut self, layers: &[Vec<usize>], selection: &Selection, span: Span) {
        let items = layers.iter().flatten().flat_map(|module| &self.sources.modules[*module].unit.items);
        let mut known: Vec<String> = items
            .filter_map(|item| match &item.kind {
                ItemKind::Amendment(decl) => Some(decl.name.node.clone()),
                ItemKind::Regime(regime) if regime.amends.is_some() => Some(regime.name.node.clone()),
                _ => None,
            })
            .collect();
        known.sort();
        known.dedup();
        for name in selection.without.iter().filter(|name| !known.contains(name)) {
            let title = format!("there is no amendment `{name}` to leave out");
            let note = match known.as_slice() {
                [] => "this regime has no amendments".to_owned(),
                known => format!("its amendments: {}", known.join(", ")),
            };
            self.messages.push(Diagnostic::new(Code::UnknownName, title, span, "behind the path").note(note));
        }
    }

    /// The files of one folder, or one file, and what they use.
    fn files_of(&mut self, path: &str, span: Span) -> Option<Vec<usize>> {
        let mut roots = match self.loader.list(path) {
            Ok(Some(listed)) => listed.into_iter().filter(|file| is_source(file)).collect(),
            Ok(None) => vec![path.to_owned()],
            Err(error) => {
                self.missing(path, span, &error);
                return None;
            }
        };
        if roots.is_empty() {
            self.messages.push(
                Diagnostic::new(Code::NoRegime, format!("`{path}` has no .lxp files"), span, "this folder")
                    .help("a regime is a folder with .lxp files, one of which has a `regime` line; `lexport new DIR` makes one"),
            );
            return None;
        }
        // Where a file of the regime is named without its ending, or by the folder of its parent.
        roots.sort();
        let mut modules = Vec::new();
        for root in roots {
            self.module(&root, span, &mut modules, &mut Vec::new());
        }
        Some(modules)
    }

    fn missing(&mut self, path: &str, span: Span, error: &LoadError) {
        let (code, label) = match error {
            LoadError::Missing => (Code::MissingFile, "there is no such file or folder".to_owned()),
            LoadError::TooLarge(bytes) => (Code::TooLarge, format!("it has {bytes} bytes; the limit is 64 MiB")),
            LoadError::NotUtf8(at) => (Code::NotUtf8, format!("byte {at} is not UTF-8")),
            LoadError::Io(words) => (Code::MissingFile, words.clone()),
        };
        let title = format!("cannot read `{path}`");
        let mut message = Diagnostic::new(code, title, span, label.clone());
        if span == Span::NOWHERE {
            message = message.note(label);
        }
        if code == Code::NotUtf8 {
            message = message.help("save it as UTF-8 text");
        }
        self.messages.push(message);
    }

    /// Reads a file and what it uses; adds them to the modules of a regime, each once.
    fn module(&mut self, path: &str, asked: Span, modules: &mut Vec<usize>, above: &mut Vec<String>) {
        if let Some(start) = above.iter().position(|other| other == path) {
            let mut circle: Vec<String> = above[start..].iter().map(|path| format!("`{path}`")).collect();
            circle.push(format!("`{path}`"));
            let title = "files that use each other in a circle";
            self.messages.push(
                Diagnostic::new(Code::CyclicImport, title, asked, "this closes the circle")
                    .note(format!("the circle: {}", circle.join(" → ")))
                    .help("move what both need into a third file"),
            );
            return;
        }
        let index = match self.known.get(path) {
            Some(known) => *known,
            None => {
                let found = self.read(path, asked);
                self.known.insert(path.to_owned(), found);
                found
            }
        };
        let Some(index) = index else { return };
        let first = !modules.contains(&index);
        if first {
            modules.push(index);
        }
        let uses: Vec<(String, Span)> = self.sources.modules[index]
            .unit
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Use(one) => Some((one.quoted, one.path.node.clone(), one.path.span)),
                _ => None,
            })
            .map(|(quoted, name, span)| {
                let file = if name.ends_with(".lxp") || name.ends_with(".md") { name } else { format!("{name}.lxp") };
                (if quoted { beside(path, &file) } else { file }, span)
            })
            .collect();
        if !first && above.is_empty() {
            return;
        }
        above.push(path.to_owned());
        if above.len() > 100 {
            self.messages.push(Diagnostic::new(Code::TooDeep, "files that use each other too deeply", asked, "more than 100"));
        } else {
            for (path, span) in uses {
                // A file that was read before can only close a circle; its own uses are known.
                if first || above.contains(&path) {
                    self.module(&path, span, modules, above);
                }
            }
        }
        above.pop();
    }

    fn read(&mut self, path: &str, asked: Span) -> Option<usize> {
        let text = match self.loader.load(path) {
            Ok(text) => text,
            Err(error) => {
                self.missing(path, asked, &error);
                if error == LoadError::Missing && path.starts_with("std/") {
                    let names: Vec<String> = super::library_files()
                        .into_iter()
                        .filter_map(|(name, _)| Some(format!("`{}`", name.strip_suffix(".lxp")?)))
                        .collect();
                    if let Some(last) = self.messages.last_mut() {
                        last.notes.push(format!("the standard library has {}", names.join(", ")));
                    }
                }
                return None;
            }
        };
        let literate = path.ends_with(".md");
        let Ok(file) = self.files.add(path, &text) else {
            self.missing(path, asked, &LoadError::TooLarge(text.len() as u64));
            return None;
        };
        let (unit, messages) = if literate { syntax::parse(file, &literate::blank(&text)) } else { syntax::parse(file, &text) };
        let readable = messages.is_empty();
        self.messages.extend(messages);
        if literate && readable {
            self.messages.extend(literate::unencoded(file, &text, &unit));
        }
        self.sources.modules.push(Module { file, path: path.to_owned(), unit });
        Some(self.sources.modules.len() - 1)
    }
}

/// A file that was given by itself though it belongs to a folder.
pub(super) struct Alone {
    file: String,
    /// The folder that is the regime.
    folder: String,
    /// How many files of it were not read.
    others: usize,
    /// Whether no file that was read has a `regime` line.
    pub(super) no_regime: bool,
}

impl Alone {
    /// What there is to say: an error without a `regime` line, else only worth knowing.
    pub(super) fn message(&self, sources: &Sources) -> Diagnostic {
        let place = sources.modules.first().map_or(Span::NOWHERE, |module| Span::new(module.file, 0, 0));
        let (title, label) = match self.no_regime {
            true => (format!("`{}` is one file of a regime, not a whole one", self.file), "no `regime` line here".to_owned()),
            false => {
                (format!("`{}` was read alone", self.file), format!("{} other files of its folder were not read", self.others))
            }
        };
        let mut message =
            Diagnostic::new(Code::NoRegime, title, place, label).help(format!("give the folder: `{}`", self.folder));
        if !self.no_regime {
            message.severity = crate::diagnostic::Severity::Note;
        }
        message
    }
}

/// Whether a path is one file of a folder that is a regime.
pub(super) fn read_alone(loader: &dyn Loader, sources: &Sources, path: &str) -> Option<Alone> {
    let path = normal(&selected(loader, path).ok()?.0);
    if !path.ends_with(".lxp") || sources.modules.is_empty() {
        return None;
    }
    let is_regime = |text: &str| text.lines().any(|line| line.split_whitespace().next() == Some("regime"));
    let own = &sources.regimes.first()?.modules;
    let no_regime =
        !own.iter().any(|module| sources.modules[*module].unit.items.iter().any(|item| matches!(item.kind, ItemKind::Regime(_))));
    // A part stands in the folder of its regime or below it.
    let mut folder = path.as_str();
    for _ in 0..3 {
        folder = folder.rsplit_once('/')?.0;
        let Ok(Some(listed)) = loader.list(folder) else { continue };
        let files: Vec<&String> = listed.iter().filter(|file| file.ends_with(".lxp")).collect();
        let with_line: Vec<&&String> = files.iter().filter(|file| loader.load(file).is_ok_and(|text| is_regime(&text))).collect();
        let others = files.iter().filter(|file| !own.iter().any(|module| sources.modules[*module].path == ***file)).count();
        // Of a folder with several regimes nobody can say which it belongs to.
        match with_line.as_slice() {
            [] => continue,
            [one] if others > 0 && (no_regime || ***one == path) => {
                return Some(Alone { file: path.clone(), folder: folder.to_owned(), others, no_regime });
            }
            _ => return None,
        }
    }
    None
}

/// Whether a file of a folder is part of the regime: `.lxp`, or literate `.lxp.md`. (Other Markdown is about it.)
fn is_source(file: &str) -> bool {
    file.ends_with(".lxp") || file.ends_with(".lxp.md")
}

/// A path without what stands behind it: `PATH@2025-05-01`, `PATH@-NAME`, both also together. A file of that very name is
/// meant first.
fn selected(loader: &dyn Loader, path: &str) -> Result<(String, Selection), String> {
    let mut selection = Selection::default();
    let literal = path.contains('@')
        && (loader.list(&normal(path)).is_ok_and(|listed| listed.is_some()) || loader.load(&normal(path)).is_ok());
    let Some((plain, behind)) = path.split_once('@').filter(|_| !literal) else {
        return Ok((path.to_owned(), selection));
    };
    for part in behind.split('@') {
        match part.strip_prefix('-') {
            Some(name) if !name.is_empty() => selection.without.push(name.to_owned()),
            _ => match date_day(part) {
                Some(day) if selection.amended_to.is_none() => selection.amended_to = Some(day),
                Some(_) => return Err("two days behind the path".to_owned()),
                None => return Err(format!("`@{part}` is neither a day nor an amendment to leave out")),
            },
        }
    }
    Ok((plain.to_owned(), selection))
}

/// A path relative to the folder of a file.
fn beside(file: &str, path: &str) -> String {
    match file.rsplit_once('/') {
        _ if path.starts_with('/') => normal(path),
        Some((folder, _)) => normal(&format!("{folder}/{path}")),
        None => normal(path),
    }
}

/// A path without `.` and `..` where they can be taken away, and without a slash at its end.
fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_normal() {
        for (path, expected) in [("./a/../b/", "b"), ("../x", "../x"), ("/a//b", "/a/b"), (".", "."), ("a/..", ".")] {
            assert_eq!(normal(path), expected);
        }
        assert_eq!(beside("policies/new/regime.lxp", "../old"), "policies/old");
    }
}
