//! Authorities: what a duty may rest on, with the greatest rate and the longest time that it allows.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Domain;
use crate::model::{ALWAYS, Authority, NumKind, Rational};
use crate::syntax::ast::{self, ItemKind, OverrideKind};

use super::Elaborator;
use super::operand::Env;

impl Elaborator<'_> {
    /// The authorities of the checked regime, with the rules that rest on each.
    pub(super) fn authorities(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        let mut known: Vec<(String, Authority)> = Vec::new();
        for (_, item) in &items {
            let ItemKind::Authority(decl) = &item.kind else { continue };
            if let Some((_, first)) = known.iter().find(|(name, _)| *name == decl.name.node) {
                let first = first.span;
                self.error(
                    Code::DuplicateName,
                    format!("the authority `{}` is declared twice", decl.name.node),
                    decl.name.span,
                    "again here",
                )
                .also(first, "first here");
                continue;
            }
            if let Some(authority) = self.authority(decl) {
                known.push((decl.name.node.clone(), authority));
            }
        }
        for (item, node) in &items {
            let ItemKind::Rule(decl) = &node.kind else { continue };
            for name in decl.overrides.iter().filter(|clause| clause.kind == OverrideKind::Under).flat_map(|clause| &clause.rules)
            {
                let Some((_, authority)) = known.iter_mut().find(|(own, _)| *own == name.node) else {
                    let names = known.iter().map(|(name, _)| name.clone()).collect();
                    self.unknown("authority", name, names);
                    continue;
                };
                let ids = self.rule_items.get(&(0, *item)).cloned().unwrap_or_default();
                let mut rated = false;
                for id in ids {
                    let rule = &self.policy.rules[id.index()];
                    rated |= rule.conclusions.iter().any(|(of, _)| percent(&self.policy.decisions[of.index()].domain));
                    authority.rules.push(id);
                }
                let without_start = authority.rules.iter().any(|id| self.policy.rules[id.index()].since.is_none());
                if authority.days.is_some() && without_start {
                    self.error(
                        Code::MissingValue,
                        format!("`{}` does not say when it begins", decl.name.node),
                        name.span,
                        "this authority allows a measure for some days only",
                    )
                    .help("give the rule a status: status effective from D");
                }
                if !rated {
                    self.error(
                        Code::WrongKind,
                        format!("`{}` sets no rate", decl.name.node),
                        name.span,
                        "so no authority is asked for one",
                    )
                    .help("`under` belongs to rules that conclude a percentage");
                }
            }
        }
        for (name, authority) in &known {
            if authority.rules.is_empty() {
                let title = format!("nothing rests on the authority `{name}`");
                self.sink.push(Diagnostic::new(Code::Dangling, title, authority.span, "no rule is `under` it"));
            }
        }
        self.policy.authorities = known.into_iter().map(|(_, authority)| authority).collect();
    }

    fn authority(&mut self, decl: &ast::AuthorityDecl) -> Option<Authority> {
        let mut limits: Vec<(i64, Rational)> = Vec::new();
        for limit in &decl.limits {
            let (value, dims) = self.number_operand(&Env::of(0), &limit.most)?;
            let NumKind::Const(most) = &value.kind else {
                self.error(Code::NotConstant, "a limit that varies", limit.most.span, "an authority allows a fixed rate");
                return None;
            };
            if !dims.is_percent() {
                self.error(Code::UnitMismatch, format!("a rate in {dims}"), limit.most.span, "a percentage is needed");
                return None;
            }
            let from = match &limit.from {
                Some(day) => self.day(day)?,
                None => ALWAYS.0,
            };
            if limits.last().is_some_and(|(before, _)| *before >= from) {
                self.error(Code::BadPeriod, "the steps of a limit do not follow each other", limit.most.span, "this one")
                    .help("write: at most 100%, 0% from 2026-02-20");
                return None;
            }
            limits.push((from, *most));
        }
        let days = match &decl.days {
            None => None,
            Some(days) => match (days.unit.as_deref(), days.digits.replace('_', "").parse::<u32>()) {
                (Some("days"), Ok(count)) if !days.negative => Some(count),
                _ => {
                    self.error(Code::BadPeriod, "a time that is not a number of days", days.span, "this")
                        .help("write: for 150 days");
                    return None;
                }
            },
        };
        let what = format!("authority {}", decl.name.node);
        let timeline = self.timeline(0, &what, &decl.status, &[])?;
        let dated = limits.iter().any(|(from, _)| *from > ALWAYS.0) || days.is_some() || !decl.status.is_empty();
        if dated && self.policy.date.is_none() {
            self.error(
                Code::NoDateInput,
                "an authority with days in a regime without a date",
                decl.name.span,
                "nothing says which day it is",
            )
            .help("declare: input date : date from 2022-10-07 to 2027-12-31");
            return None;
        }
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        let (cite, title) = (text(&decl.cite), text(&decl.title));
        Some(Authority {
            name: decl.name.node.clone(),
            cite,
            title,
            limits,
            days,
            timeline,
            rules: Vec::new(),
            span: decl.name.span,
        })
    }
}

fn percent(domain: &Domain) -> bool {
    matches!(domain, Domain::Number(number) if number.unit == "%")
}
