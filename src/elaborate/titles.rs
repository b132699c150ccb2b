//! Titles in other languages: `titles fr { … }`, most often a file that a translator wrote. Each names something that is declared,
//! and shows.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Domain, EnumId, Title, Titled};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::words::Language;

use super::Elaborator;
use super::scope::Meaning;

/// A title that was given: where, in which regime, and whether in the law that the regime amends.
#[derive(Clone, Copy)]
struct Given {
    span: Span,
    regime: usize,
    inherited: bool,
    /// Its place in the policy.
    at: usize,
}

/// What already has a title.
type Known = BTreeMap<(Titled, Language), Given>;

impl Elaborator<'_> {
    /// All titles.
    pub(super) fn titles(&mut self) {
        let mut known = Known::new();
        for regime in 0..self.scopes.len() {
            self.titles_of(regime, &mut known);
        }
    }

    fn titles_of(&mut self, regime: usize, known: &mut Known) {
        let items: Vec<_> = self.items(regime).collect();
        for (item, node) in items {
            let ItemKind::Titles(decl) = &node.kind else { continue };
            let inherited = self.amended.history.get(&item).is_some_and(|history| history.inherited);
            let Some(language) = self.language(&decl.language) else { continue };
            for one in &decl.titles {
                if one.title.node.trim().is_empty() {
                    self.error(Code::MissingValue, "a title without words", one.title.span, "nothing stands here");
                    continue;
                }
                let found = match inherited {
                    // What an amended law called its own name and properties is no longer there.
                    true => self.quietly(|this| this.titled(regime, &one.of)),
                    false => self.titled_in_cut(regime, &one.of),
                };
                for of in found {
                    let given = Given { span: one.of.span, regime, inherited, at: self.policy.titles.len() };
                    self.give(known, (of, language), one, given);
                }
            }
        }
    }

    fn give(&mut self, known: &mut Known, (of, language): (Titled, Language), one: &ast::TitleOf, given: Given) {
        match known.get_mut(&(of, language)) {
            None => {
                known.insert((of, language), given);
                self.policy.titles.push(Title { of, language, text: one.title.node.clone() });
            }
            // Regimes that are compared share inputs and types; what is checked calls them by its own words.
            Some(first) if first.regime != given.regime => {}
            // An amendment may call things by other words.
            Some(first) if first.inherited => {
                self.policy.titles[first.at].text.clone_from(&one.title.node);
                *first = Given { at: first.at, ..given };
            }
            Some(first) => {
                let first = first.span;
                let title = format!("`{}` is given two titles", joined(&one.of));
                self.error(Code::DuplicateName, title, one.of.span, "again here").also(first, "first here");
            }
        }
    }

    fn language(&mut self, name: &ast::Name) -> Option<Language> {
        match Language::of_tag(&name.node) {
            Some(Language::French) if name.node == "fr" => Some(Language::French),
            Some(Language::English) => {
                self.error(Code::UnknownName, "titles in English stand where things are declared", name.span, "not here")
                    .help("titles in French begin with: titles fr");
                None
            }
            _ => {
                let title = format!("no titles can be given in `{}`", name.node);
                self.error(Code::UnknownName, title, name.span, "this version of Lexport knows `fr` only")
                    .help("titles in French begin with: titles fr");
                None
            }
        }
    }

    /// Of a law that is cut, what is gone has no title.
    fn titled_in_cut(&mut self, regime: usize, path: &ast::Path) -> Vec<Titled> {
        if self.sources.regimes[regime].selection == super::Selection::default() {
            return self.titled(regime, path);
        }
        self.quietly(|this| this.titled(regime, path))
    }

    /// What a name in `titles` stands for; several things may bear one name. Empty after an error.
    fn titled(&mut self, regime: usize, path: &ast::Path) -> Vec<Titled> {
        match path.parts.as_slice() {
            [name] => self.titled_by_name(regime, name),
            [of @ .., member] => {
                if let Some(input) = self.input_of(&joined(path)) {
                    return vec![Titled::Input(input)];
                }
                let of = ast::Path { regime: None, parts: of.to_vec(), span: path.span };
                let record = self.scopes[regime].values.get(&of.parts[0].node).map(|declared| declared.meaning);
                if record == Some(Meaning::Input) && self.input_of(&joined(&of)).is_none() {
                    let known = self.policy.inputs.iter().map(|input| input.name.clone()).collect();
                    self.unknown("input", &ast::Name::new(joined(path), path.span), known);
                    return Vec::new();
                }
                let Some(id) = self.enumeration_of(regime, &of) else { return Vec::new() };
                self.member(id, member).map(|member| Titled::Member(id, member)).into_iter().collect()
            }
            [] => Vec::new(),
        }
    }

    fn titled_by_name(&mut self, regime: usize, name: &ast::Name) -> Vec<Titled> {
        let at = regime as u32;
        let mut found = Vec::new();
        let own = self.policy.regimes[regime].name.split('@').next().unwrap_or_default();
        if own == name.node {
            found.push(Titled::Regime(at));
        }
        let scope = &self.scopes[regime];
        found.extend(scope.rules.get(&name.node).into_iter().flatten().map(|(rule, _)| Titled::Rule(*rule)));
        found.extend(scope.decisions.get(&name.node).map(|id| Titled::Decision(*id)));
        found.extend(self.input_of(&name.node).map(Titled::Input));
        let bare = |full: &str| full.rsplit("::").next() == Some(name.node.as_str());
        let caps = self.policy.caps.iter().enumerate();
        found.extend(caps.filter(|(_, cap)| cap.regime == at && bare(&cap.name)).map(|(cap, _)| Titled::Cap(cap as u32)));
        // The properties of a regime that is compared with are not proved, and have no number.
        let proved: Vec<&str> = self.proved(regime).collect();
        if found.is_empty() && proved.contains(&name.node.as_str()) && regime > 0 {
            return found;
        }
        if regime == 0 {
            let properties = self.policy.properties.iter().enumerate();
            found.extend(properties.filter(|(_, one)| one.name == name.node).map(|(one, _)| Titled::Property(one as u32)));
        }
        if !found.is_empty() {
            return found;
        }
        let scope = &self.scopes[regime];
        let kind = match scope.values.get(&name.node).map(|declared| declared.meaning) {
            Some(Meaning::Input) => Some("a record: its fields have titles"),
            Some(meaning) => Some(meaning.name()),
            None if scope.types.contains_key(&name.node) => Some("a type"),
            None => None,
        };
        if let Some(kind) = kind {
            let title = format!("`{}` has no title that is shown", name.node);
            self.error(Code::WrongKind, title, name.span, format!("this is {kind}")).help(
                "titles belong to the regime, its rules, decisions, inputs, properties and caps, and to members of enumerations",
            );
            return Vec::new();
        }
        let mut known: Vec<String> = vec![own.to_owned()];
        known.extend(scope.rules.keys().chain(scope.decisions.keys()).cloned());
        known.extend(self.policy.inputs.iter().map(|input| input.name.clone()));
        known.extend(self.policy.caps.iter().map(|cap| cap.name.clone()));
        known.extend(proved.into_iter().map(str::to_owned));
        known.sort();
        known.dedup();
        self.unknown("rule, decision, input, property or cap", name, known);
        Vec::new()
    }

    /// The names of the properties that a regime claims.
    fn proved(&self, regime: usize) -> impl Iterator<Item = &str> {
        self.items(regime).filter_map(|(_, node)| match &node.kind {
            ItemKind::Prove(decl) => Some(decl.name.node.as_str()),
            ItemKind::ProveCast(decl) => Some(decl.name.node.as_str()),
            _ => None,
        })
    }

    /// The enumeration that a type, a decision or an input has: what stands before the name of a member.
    fn enumeration_of(&mut self, regime: usize, path: &ast::Path) -> Option<EnumId> {
        let name = joined(path);
        let scope = &self.scopes[regime];
        let domain = if let Some(id) = scope.decisions.get(&name) {
            self.policy.decisions[id.index()].domain.clone()
        } else if let Some(input) = self.input_of(&name) {
            self.policy.inputs[input.index()].domain.clone()
        } else if scope.types.contains_key(&name) {
            return self.enum_of(regime, &path.parts[0]);
        } else {
            let mut known: Vec<String> = scope.decisions.keys().chain(scope.types.keys()).cloned().collect();
            known.extend(self.policy.inputs.iter().map(|input| input.name.clone()));
            known.sort();
            let last = path.parts.last().map_or(path.span, |last| last.span);
            let first = path.parts.first().map_or(path.span, |first| first.span);
            self.unknown("type, decision or input", &ast::Name::new(name, first.to(last)), known);
            return None;
        };
        match domain {
            Domain::Enum(id) | Domain::Set(id) => Some(id),
            _ => {
                self.error(Code::WrongKind, format!("`{name}` has no members"), path.span, "a member is named here");
                None
            }
        }
    }
}

/// A dotted name as it is written.
fn joined(path: &ast::Path) -> String {
    path.parts.iter().map(|part| part.node.as_str()).collect::<Vec<_>>().join(".")
}
