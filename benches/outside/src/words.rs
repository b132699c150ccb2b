//! The rules in Lexport's words.

use std::fmt::Write as _;

use crate::rules::{COUNTRIES, MODES, Regime, Rule, USES, VALUES};

/// A day as ISO 8601 writes it.
pub fn day_text(day: i64) -> String {
    lexport::ir::date_text(day)
}

impl Regime {
    /// The names of the items of a rule.
    pub fn items_of(&self, rule: &Rule) -> Vec<&str> {
        (rule.items.0..=rule.items.1).map(|item| self.items[usize::from(item)].as_str()).collect()
    }

    /// The name of the family of an item.
    pub fn family_of(&self, item: u16) -> &str {
        self.items[usize::from(item)].rsplit_once('.').map_or("", |(family, _)| family)
    }

    /// The names of the members of a group.
    pub fn group(&self, number: usize) -> Vec<&'static str> {
        self.groups[number].iter().map(|member| COUNTRIES[usize::from(*member)]).collect()
    }
}

/// The names of members.
pub fn names(all: &[u8], of: &[&'static str]) -> Vec<&'static str> {
    all.iter().map(|it| of[usize::from(*it)]).collect()
}

/// In Lexport's own words.
pub fn lexport(regime: &Regime) -> String {
    let mut out = String::from("regime generated \"Generated\"\n\nuse std/units\n\n");
    let _ = writeln!(out, "enum Country {{ {} }}", COUNTRIES.join(", "));
    let _ = writeln!(out, "enum Mode {{ {} }}\nenum Use {{ {} }}", MODES.join(", "), USES.join(", "));
    out.push_str("enum Item {\n");
    for family in regime.items.chunks(4) {
        let head = family[0].trim_end_matches(".a");
        let _ = writeln!(out, "  {head} {{ {} }},", family.join(", "));
    }
    out.push_str("}\n\ninput item : Item\ninput destination, headquarters : Country\ninput mode : Mode\ninput use_of_it : Use\n");
    out.push_str("input datacenter : bool\ninput performance : number of TPP from 0 to 1_000_000\n");
    out.push_str("input bandwidth : number of GB/s from 0 to 10_000\ninput worth : money from 0 to 1_000_000_000\n");
    out.push_str("input date : date from 2022-01-01 to 2027-12-31\n\n");
    for number in 0..regime.groups.len() {
        let _ = writeln!(out, "group g{number} of Country = {{ {} }}", regime.group(number).join(", "));
    }
    out.push_str("\ndecision requirement : ordered { none < notice < license } takes the strictest otherwise none\n\n");
    for (number, rule) in regime.rules.iter().enumerate() {
        let mut parts = vec![format!("item in {{ {} }}", regime.items_of(rule).join(", "))];
        parts.push(format!("destination in g{}", rule.destination));
        parts.extend(rule.headquarters.map(|group| format!("headquarters in g{group}")));
        if !rule.modes.is_empty() {
            parts.push(format!("mode in {{ {} }}", names(&rule.modes, &MODES).join(", ")));
        }
        if !rule.purposes.is_empty() {
            parts.push(format!("use_of_it in {{ {} }}", names(&rule.purposes, &USES).join(", ")));
        }
        parts.extend(rule.datacenter.map(|asked| if asked { "datacenter".to_owned() } else { "not datacenter".to_owned() }));
        parts.extend(rule.performance.map(|least| format!("performance >= {least} TPP")));
        parts.extend(rule.bandwidth.map(|below| format!("bandwidth < {below} GB/s")));
        parts.extend(rule.worth.map(|least| format!("worth >= {least} USD")));
        parts.extend(rule.from.map(|day| format!("date >= {}", day_text(day))));
        let value = VALUES[usize::from(rule.requires)];
        let cite = number % 774;
        let _ = writeln!(out, "rule r{number} \"part {cite}\" when {} then requirement is {value}", parts.join(" and "));
    }
    out
}
