//! More members and fields: `extend enum`, `extend decision`, `extend record`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, Extension, ItemKind};

use super::Office;

impl Office<'_> {
    pub(super) fn extend(&mut self, decl: &ast::ExtendDecl) {
        let modules: Vec<usize> = self.kept.iter().map(|kept| kept.module).collect();
        let (mut ordered, mut found, mut kind) = (false, false, "enumeration");
        for module in modules {
            // The library is everybody's: an extension of it would reach other regimes.
            let shared = self.out.sources.modules[module].path.starts_with("std/");
            if shared && !self.declares(module, decl) {
                continue;
            }
            let module = if shared { self.own_copy(module) } else { module };
            for item in &mut self.out.sources.modules[module].unit.items {
                match (&mut item.kind, &decl.by) {
                    (ItemKind::Enum(of), Extension::Enum(more)) if of.name.node == decl.name.node => {
                        found = true;
                        match &mut of.body {
                            ast::EnumBody::Listed { ordered: false, members } => members.extend(more.iter().cloned()),
                            _ => ordered = true,
                        }
                    }
                    (ItemKind::Decision(of), Extension::Decision(more)) if of.name.node == decl.name.node => {
                        found = true;
                        match inline(&mut of.ty) {
                            Some(members) => members.extend(more.iter().cloned()),
                            None => ordered = true,
                        }
                    }
                    (ItemKind::Record(of), Extension::Record(more)) if of.name.node == decl.name.node => {
                        found = true;
                        of.fields.extend(more.iter().cloned());
                    }
                    (_, Extension::Decision(_)) => kind = "decision",
                    (_, Extension::Record(_)) => kind = "record",
                    _ => {}
                }
            }
        }
        if ordered {
            self.say(
                &decl.name,
                format!("`{}` cannot be extended", decl.name.node),
                "its members have an order, or stand in a file",
            )
            .help_last("where a new member would stand in an order only its declaration can say");
        } else if !found {
            let title = format!("there is no {kind} `{}` to extend", decl.name.node);
            self.out.messages.push(Diagnostic::new(Code::UnknownName, title, decl.name.span, "nothing has this name"));
        }
    }

    pub(super) fn declares(&self, module: usize, decl: &ast::ExtendDecl) -> bool {
        self.out.sources.modules[module].unit.items.iter().any(|item| match (&item.kind, &decl.by) {
            (ItemKind::Enum(of), Extension::Enum(_)) => of.name.node == decl.name.node,
            (ItemKind::Record(of), Extension::Record(_)) => of.name.node == decl.name.node,
            _ => false,
        })
    }

    /// A copy of a file of the library for this regime alone.
    pub(super) fn own_copy(&mut self, module: usize) -> usize {
        let copy = self.out.sources.modules[module].clone();
        let place = self.out.sources.modules.len();
        self.out.sources.modules.push(copy);
        for kept in self.kept.iter_mut().filter(|kept| kept.module == module) {
            kept.module = place;
        }
        self.out.sources.regimes[self.regime].modules = self.kept.iter().map(|kept| kept.module).collect();
        place
    }
}

fn inline(ty: &mut ast::Type) -> Option<&mut Vec<ast::MemberDecl>> {
    match &mut ty.kind {
        ast::TypeKind::Inline { ordered: false, members } => Some(members),
        ast::TypeKind::Set(of) => inline(of),
        _ => None,
    }
}
