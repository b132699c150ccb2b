//! Regimes of any size, as text: rules over twelve attributes that overlap as rarely as real ones do.
//!
//! A rule names a few items of a control list, a group of destinations, and some of: mode, end use, a performance threshold,
//! a value, the consignee's headquarters, a period. Exceptions belong to a rule and narrow it. Deterministic in the seed.

use std::fmt::Write as _;

#[path = "../tests/agree/numbers.rs"]
mod numbers;

use numbers::Numbers;

const COUNTRIES: &[&str] = &[
    "AE", "AR", "AT", "AU", "BE", "BR", "BY", "CA", "CH", "CL", "CN", "CO", "CU", "CZ", "DE", "DK", "EG", "ES", "FI", "FR", "GB",
    "GR", "HK", "HU", "ID", "IE", "IL", "IN", "IQ", "IR", "IT", "JO", "JP", "KE", "KH", "KP", "KR", "KW", "KZ", "LA", "LB", "LY",
    "MA", "MM", "MO", "MX", "MY", "NG", "NL", "NO", "NZ", "OM", "PE", "PH", "PK", "PL", "PT", "QA", "RO", "RS", "RU", "SA", "SE",
    "SG", "SY", "TH", "TN", "TR", "TW", "UA", "UZ", "VE", "VN", "YE", "ZA", "ZW",
];

/// The text of a regime with so many rules.
pub fn regime(rules: usize, seed: u64) -> String {
    let mut numbers = Numbers::new(seed);
    let families = (rules / 12).clamp(8, 900);
    let mut out = String::from("regime generated \"Generated\"\n\nuse std/countries\nuse std/units\n\n");
    out.push_str("enum Item {\n");
    for family in 0..families {
        let code = code(family);
        let _ = writeln!(out, "  {code} {{ {code}.a, {code}.b, {code}.c, {code}.d }},");
    }
    out.push_str("  EAR99\n}\n\nenum Mode { export, reexport, transfer, deemed, remote }\n");
    out.push_str(
        "enum Use { civil, military, nuclear, missile, space, research, medical, telecom, energy, police, academic, other }\n\n",
    );
    out.push_str(
        "input date : date from 2022-01-01 to 2027-12-31\ninput item : Item\ninput origin, destination, headquarters : Country\n",
    );
    out.push_str("input mode : Mode\ninput use_of_it : Use\ninput datacenter : bool\n");
    out.push_str("input performance : number of TPP from 0 to 1_000_000\ninput bandwidth : number of GB/s from 0 to 10_000\n");
    out.push_str("input worth : money from 0 to 1_000_000_000\ninput quantity : count from 1 to 1_000_000\n\n");
    let groups = 40;
    for group in 0..groups {
        let size = 2 + numbers.below(18);
        let mut members: Vec<&str> = (0..size).map(|_| COUNTRIES[numbers.below(COUNTRIES.len() as u64) as usize]).collect();
        members.sort_unstable();
        members.dedup();
        let _ = writeln!(out, "group g{group} of Country = {{ {} }}", members.join(", "));
    }
    out.push_str(
        "\ndecision requirement : ordered { none < exception < notice < license }\n  takes the strictest\n  otherwise none\n\n",
    );
    out.push_str("decision desk : { north, south, east, west }\n  takes exactly one\n  otherwise north\n\n");
    let mut last_item = String::new();
    for rule in 0..rules {
        let exception = rule > 0 && numbers.chance(15);
        let family = numbers.below(families as u64) as usize;
        let item = match numbers.below(4) {
            0 => format!("item in {}", code(family)),
            1 => format!("item in {{ {0}.a, {0}.b }}", code(family)),
            _ => format!("item is {}.{}", code(family), ["a", "b", "c", "d"][numbers.below(4) as usize]),
        };
        // An exception narrows the rule before it: it may repeat its item and says nothing new of the destination.
        let item = if exception { last_item.clone() } else { item };
        last_item.clone_from(&item);
        let mut parts = vec![item];
        if !exception {
            parts.push(format!("destination in g{}", numbers.below(groups)));
        }
        if numbers.chance(50) {
            parts.push(
                ["mode is export", "mode in { export, reexport }", "mode is transfer", "mode not in { deemed, remote }"]
                    [numbers.below(4) as usize]
                    .to_owned(),
            );
        }
        if numbers.chance(35) {
            parts.push(
                [
                    "use_of_it is military",
                    "use_of_it in { nuclear, missile }",
                    "use_of_it is research",
                    "use_of_it in { police, space }",
                ][numbers.below(4) as usize]
                    .to_owned(),
            );
        }
        if numbers.chance(35) {
            parts.push(format!("performance >= {} TPP", 100 * (1 + numbers.below(80))));
        }
        if numbers.chance(15) {
            parts.push(format!("bandwidth < {} GB/s", 100 * (1 + numbers.below(60))));
        }
        if numbers.chance(20) {
            parts.push(format!("worth > {} USD", 1000 * (1 + numbers.below(50))));
        }
        if numbers.chance(25) {
            parts.push(format!("headquarters in g{}", numbers.below(groups)));
        }
        if numbers.chance(15) {
            parts.push(["datacenter", "not datacenter"][numbers.below(2) as usize].to_owned());
        }
        if exception {
            let _ = writeln!(out, "exception r{rule} \"part {}\" to r{}\n  when {}", rule % 774, rule - 1, parts.join(" and "));
            let _ = writeln!(out, "  then requirement is {}", ["exception", "notice"][numbers.below(2) as usize]);
        } else {
            let _ = writeln!(out, "rule r{rule} \"part {}\"\n  when {}", rule % 774, parts.join(" and "));
            let value = ["notice", "license", "license"][numbers.below(3) as usize];
            let _ = write!(out, "  then requirement is {value}");
            // The desk follows the family, so that rules agree, except where one in two hundred was written carelessly.
            if numbers.chance(30) {
                let desk = if rule % 200 == 199 { family + 1 } else { family };
                let _ = write!(out, ", desk is {}", ["north", "south", "east", "west"][desk % 4]);
            }
            out.push('\n');
        }
        if numbers.chance(15) {
            let year = 2022 + numbers.below(3);
            let _ = writeln!(out, "  status effective from {year}-0{}-01", 1 + numbers.below(9));
        }
        out.push('\n');
    }
    out
}

fn code(family: usize) -> String {
    let letter = [b'A', b'B', b'C', b'D', b'E'][family / 100 % 5] as char;
    format!("{}{letter}{:03}", family / 500, family % 100 + 1)
}
