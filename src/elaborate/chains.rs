//! Links between cases, what is carried along them, and the nodes that are declared by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Code;
use crate::ir::{Before, Carried, DecisionId, Domain, InputId, NumberDomain, Source, Step, Value};
use crate::model::{Carry, ChainNode, Cond, CondKind, Input, Link, node};
use crate::source::Span;
use crate::syntax::ast::{self, Carries, ItemKind};

use super::Elaborator;
use super::operand::Env;
use super::scenarios::{Given, dotted, span_of};
use super::types::Ty;

/// What says that nothing stands before a case.
const NOTHING: &str = "nothing";

impl Elaborator<'_> {
    /// The links of the checked regime, what they carry, and its nodes. (Compared regimes are asked about cases alone.)
    pub(super) fn chains(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        for (_, item) in &items {
            if let ItemKind::Link(decl) = &item.kind {
                self.link(decl);
            }
        }
        let mut carrying: BTreeSet<u32> = BTreeSet::new();
        for (_, item) in &items {
            if let ItemKind::Along(decl) = &item.kind {
                carrying.extend(self.along(decl, item.span));
            }
        }
        for (index, link) in self.policy.links.clone().iter().enumerate() {
            if !carrying.contains(&(index as u32)) && !self.sink.has_errors() {
                self.error(
                    Code::BadChain,
                    format!("nothing counts along `{}`", link.name),
                    link.span,
                    "what stands there has no effect",
                )
                .help(format!("say what counts: along {} when … then INPUT includes PATH", link.name));
            }
        }
        self.kept_and_grown();
        let mut nodes = Vec::new();
        for (_, item) in &items {
            let ItemKind::Node(decl) = &item.kind else { continue };
            if decl.name.node == NOTHING {
                let title = format!("`{NOTHING}` says that there is no node");
                self.error(Code::BadChain, title, decl.name.span, "so no node can be called that");
            }
            // A name that is declared twice was reported; both keep their place.
            let title = decl.title.as_ref().map_or(String::new(), |title| title.node.clone());
            let name = decl.name.node.clone();
            self.policy.nodes.push(ChainNode { name, title, given: Vec::new(), before: Vec::new(), span: decl.name.span });
            nodes.push(decl);
        }
        let givens: Vec<Given> = nodes
            .iter()
            .map(|decl| {
                let mut given = Given::default();
                self.assign(&mut given, &decl.given);
                given
            })
            .collect();
        for (index, given) in givens.iter().enumerate() {
            self.policy.nodes[index].given =
                given.values.iter().filter_map(|(input, value)| Some((*input, value.clone()?))).collect();
        }
        for (index, given) in givens.into_iter().enumerate() {
            self.policy.nodes[index].before = self.settled(given).1;
        }
    }

    /// What a link keeps is read before anything follows, so it cannot itself follow.
    fn kept_and_grown(&mut self) {
        for link in self.policy.links.clone() {
            for kept in &link.keeps {
                let Some(carry) = self.policy.carries.iter().find(|carry| carry.target == *kept) else { continue };
                let (name, place) = (self.policy.inputs[kept.index()].name.clone(), carry.span);
                let title = format!("`{name}` is kept along `{}`, and follows from what stands before a case", link.name);
                self.error(Code::BadChain, title, link.span, "kept by this link").also(place, "it grows here");
            }
        }
    }

    fn link(&mut self, decl: &ast::LinkDecl) {
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        let mut fields: Vec<(String, Domain)> = Vec::new();
        for (name, ty) in &decl.fields {
            if fields.iter().any(|(known, _)| *known == name.node) {
                self.error(Code::DuplicateName, format!("`{}` is declared twice", name.node), name.span, "again here");
                continue;
            }
            if self.input_of(&name.node).is_some() {
                let title = format!("`{}` is an input too", name.node);
                self.error(Code::BadChain, title, name.span, "said of the link, or a fact of the earlier case?")
                    .help("give it another name");
                continue;
            }
            match self.ty(0, &name.node, ty, true) {
                Some(Ty::Scalar(domain)) => fields.push((name.node.clone(), domain)),
                Some(_) => {
                    self.error(Code::BadChain, "a link cannot say this", ty.span, "not a single value")
                        .note("A link says single values: a share, an amount. A record belongs to the case at its end.");
                }
                None => {}
            }
        }
        let keeps = decl.keeps.iter().filter_map(|path| self.input(path)).collect();
        let (name, title, cite) = (decl.name.node.clone(), text(&decl.title), text(&decl.cite));
        self.policy.links.push(Link { name, title, cite, fields, keeps, span: decl.name.span });
    }

    /// What is carried along a link; the link, if there is one.
    fn along(&mut self, decl: &ast::AlongDecl, span: Span) -> Option<u32> {
        let Some(link) = self.policy.links.iter().position(|link| link.name == decl.link.node) else {
            let known = self.policy.links.iter().map(|link| link.name.clone()).collect();
            self.unknown("link", &decl.link, known);
            return None;
        };
        let counts = match &decl.when {
            Some(when) => self.counts(link, when),
            None => Some(node(CondKind::Const(true), span)),
        };
        for carried in &decl.then {
            let Some(target) = self.input(&carried.target) else { continue };
            let Some(what) = self.carried(link, target, carried) else { continue };
            if let Some(counts) = &counts {
                let span = carried.target.span;
                self.policy.carries.push(Carry { link: link as u32, counts: counts.clone(), target, what, span });
            }
        }
        Some(link as u32)
    }

    /// Which earlier cases count. What is said of the link can be asked by name, before inputs of that name.
    fn counts(&mut self, link: usize, when: &ast::Expr) -> Option<Cond> {
        let (real, mut env) = (self.policy.inputs.len(), Env::of(0));
        for (index, one) in self.policy.links.clone().iter().enumerate() {
            for (field, domain) in &one.fields {
                self.policy.inputs.push(Input::plain(format!("{}.{field}", one.name), domain.clone(), one.span));
                if index == link {
                    let own = InputId(self.policy.inputs.len() as u32 - 1);
                    env.locals.push((field.clone(), self.input_operand(own, one.span)));
                }
            }
        }
        let counts = self.condition(&env, when);
        self.policy.inputs.truncate(real);
        counts
    }

    fn carried(&mut self, link: usize, target: InputId, carried: &ast::Carried) -> Option<Carried> {
        let name = self.policy.inputs[target.index()].name.clone();
        let domain = self.policy.inputs[target.index()].domain.clone();
        match (&carried.what, &domain) {
            (Carries::Holds, Domain::Bool) => Some(Carried::Holds),
            (Carries::Includes(path), Domain::Set(of)) => {
                let (source, found) = self.chain_source(link, path)?;
                if matches!(&found, Domain::Enum(own) | Domain::Set(own) if own == of) {
                    return Some(Carried::Includes(source));
                }
                let wanted = self.policy.enums[of.index()].name.clone();
                let title = format!("`{name}` cannot include `{}`", dotted(path));
                self.error(Code::BadChain, title, path.span, format!("one {wanted}, or a set of them, is needed"));
                None
            }
            (Carries::Adds(path), Domain::Number(into)) => {
                let (source, found) = self.chain_source(link, path)?;
                let factor = match &found {
                    Domain::Number(from) if from.unit == into.unit => steps(from, into),
                    _ => None,
                };
                let Some(factor) = factor else {
                    let title = format!("`{}` cannot be added to `{name}`", dotted(path));
                    self.error(Code::BadChain, title, path.span, "a number of the same unit, in steps that fit, is needed");
                    return None;
                };
                if matches!(&found, Domain::Number(from) if from.lo < 0) {
                    let title = format!("`{}` can be below 0", dotted(path));
                    self.error(Code::BadChain, title, path.span, "what counts cannot make a total less");
                    return None;
                }
                if into.lo > 0 || into.hi < 0 {
                    let title = format!("`{name}` cannot be 0");
                    self.error(Code::BadChain, title, carried.target.span, "and is 0 where nothing counts")
                        .help("let its range begin at 0");
                    return None;
                }
                Some(Carried::Adds(source, factor))
            }
            (what, _) => {
                let verb = match what {
                    Carries::Holds => "`is true` is for inputs that are true or false",
                    Carries::Includes(_) => "`includes` is for sets",
                    Carries::Adds(_) => "`adds` is for numbers",
                };
                let wanted = self.domain_in_words(&domain);
                self.error(
                    Code::BadChain,
                    format!("`{name}` does not grow like that"),
                    carried.target.span,
                    format!("it is {wanted}"),
                )
                .note(verb);
                None
            }
        }
    }

    /// Where a carried value comes from: what is said of the link, an input or a decision of the earlier case.
    fn chain_source(&mut self, link: usize, path: &ast::Path) -> Option<(Source, Domain)> {
        let name = dotted(path);
        if let Some(at) = self.policy.links[link].fields.iter().position(|(field, _)| *field == name) {
            return Some((Source::Field(at as u32), self.policy.links[link].fields[at].1.clone()));
        }
        if let Some(DecisionId(id)) = self.scopes[0].decisions.get(&name).copied() {
            return Some((Source::Decision(DecisionId(id)), self.policy.decisions[id as usize].domain.clone()));
        }
        let input = self.input(path)?;
        Some((Source::Input(input), self.policy.inputs[input.index()].domain.clone()))
    }

    /// `owner is holding with share 40%`
    pub(super) fn assign_link(
        &mut self,
        given: &mut Given,
        own: &mut BTreeMap<u32, bool>,
        link: usize,
        assignment: &ast::Assignment,
    ) {
        let at = assignment.path.span;
        self.mark_used(0, &self.policy.links[link].name.clone());
        let before = own.get(&(link as u32)).copied();
        let alone = match &assignment.value {
            None => true,
            Some(ast::Value::Set(names, _)) => names.is_empty() || names.iter().any(|name| name.node == NOTHING),
            Some(ast::Value::Path(path)) => path.regime.is_none() && path.parts.len() == 1 && path.parts[0].node == NOTHING,
            Some(_) => false,
        };
        own.insert(link as u32, alone || before.unwrap_or(false));
        let several = matches!(&assignment.value, Some(ast::Value::Set(names, _)) if names.len() > 1);
        if alone && (before.is_some() || several || !assignment.with.is_empty()) || before == Some(true) {
            self.error(Code::BadChain, "something besides nothing, or besides what is not known", at, "one of the two is meant")
                .note(format!("`{NOTHING}` says that no case stands there, `unknown` that it is not known which"));
            return;
        }
        let Some(value) = &assignment.value else {
            given.before.insert(link as u32, None);
            return;
        };
        let names: Vec<ast::Name> = match value {
            ast::Value::Path(path) if path.regime.is_none() && path.parts.len() == 1 => vec![path.parts[0].clone()],
            ast::Value::Set(names, _) => names.clone(),
            _ => {
                let name = self.policy.links[link].name.clone();
                self.error(Code::TypeMismatch, format!("`{name}` is a link"), span_of(value), "a node is needed")
                    .help(format!("name a node, several in braces, or say that there is none: {name} is {NOTHING}"));
                return;
            }
        };
        let Some(with) = self.said_of_link(link, &assignment.with) else { return };
        let mut steps = Vec::new();
        for name in names.iter().filter(|name| name.node != NOTHING) {
            let Some(node) = self.policy.nodes.iter().position(|node| node.name == name.node) else {
                let known = self.policy.nodes.iter().map(|node| node.name.clone()).collect();
                self.unknown("node", name, known);
                continue;
            };
            steps.push(Step { node: node as u32, with: with.clone() });
        }
        let entry = given.before.entry(link as u32).or_insert(None);
        match entry {
            Some((list, _)) if before.is_some() => list.extend(steps),
            _ => *entry = Some((steps, at)),
        }
    }

    /// The values of a link's fields; `None` after an error.
    fn said_of_link(&mut self, link: usize, with: &[(ast::Name, ast::Value)]) -> Option<Vec<Option<Value>>> {
        let fields = self.policy.links[link].fields.clone();
        let mut said: Vec<Option<Value>> = vec![None; fields.len()];
        for (name, value) in with {
            let Some(at) = fields.iter().position(|(field, _)| *field == name.node) else {
                self.unknown("field", name, fields.iter().map(|(field, _)| field.clone()).collect());
                return None;
            };
            if said[at].is_some() {
                let title = format!("`{}` is given twice", name.node);
                self.error(Code::RepeatedAssignment, title, name.span, "again here");
                return None;
            }
            said[at] = Some(self.value(0, value, &fields[at].1)?);
        }
        Some(said)
    }

    /// What is given, checked: a fact that follows from what stands before the case cannot be given too, and one that a link
    /// keeps cannot be given by the earlier case.
    pub(super) fn settled(&mut self, given: Given) -> (Vec<(InputId, Value)>, Vec<Before>) {
        let values: Vec<(InputId, Value)> = given.values.into_iter().filter_map(|(input, value)| Some((input, value?))).collect();
        let mut before = Vec::new();
        for (link, entry) in given.before {
            let Some((steps, at)) = entry else { continue };
            let name = self.policy.links[link as usize].name.clone();
            let twice = self.policy.carries.iter().filter(|carry| carry.link == link).map(|carry| carry.target);
            let twice: BTreeSet<InputId> = twice.filter(|target| values.iter().any(|(input, _)| input == target)).collect();
            for target in twice {
                let input = self.policy.inputs[target.index()].name.clone();
                self.error(Code::BadChain, format!("`{input}` is given, and follows from `{name}`"), at, "from what stands here")
                    .help(format!("take one of the two away: `{input} is unknown` takes away what a base gives"));
            }
            for step in &steps {
                let node = &self.policy.nodes[step.node as usize];
                let kept =
                    self.policy.links[link as usize].keeps.iter().find(|keep| node.given.iter().any(|(input, _)| input == *keep));
                if let Some(kept) = kept {
                    let (input, node_name, place) = (self.policy.inputs[kept.index()].name.clone(), node.name.clone(), node.span);
                    self.error(
                        Code::BadChain,
                        format!("`{input}` is kept along `{name}`"),
                        at,
                        format!("and `{node_name}` gives its own"),
                    )
                    .also(place, "here")
                    .help("take it out of the node: it is that of the case before which the node stands");
                }
            }
            before.push(Before { link, steps });
        }
        (values, before)
    }
}

/// How many steps of one number make up a step of another.
fn steps(from: &NumberDomain, into: &NumberDomain) -> Option<i64> {
    let power = |scale: u32| 10i128.checked_pow(scale);
    let own = i128::from(from.step.mantissa).checked_mul(power(into.step.scale)?)?;
    let other = i128::from(into.step.mantissa).checked_mul(power(from.step.scale)?)?;
    (other != 0 && own % other == 0).then(|| i64::try_from(own / other).ok())?
}
