//! Writes the rules as an integrator would by hand: a chain of conditions in their order, and a `match` on the item with the conditions of
//! each item inside. For 50, 500 and 5,000 rules.

#[allow(dead_code, reason = "the program uses the rest")]
#[path = "src/rules.rs"]
mod rules;

use std::fmt::Write as _;

use rules::{Regime, Rule};

fn main() {
    println!("cargo:rerun-if-changed=src/rules.rs");
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = std::process::Command::new(std::env::var_os("RUSTC").expect("a compiler")).arg("--version").output();
    println!("cargo:rustc-env=RUSTC_VERSION={}", String::from_utf8_lossy(&rustc.expect("a version").stdout).trim());
    let mut out = String::new();
    for count in [50, 500, 5_000] {
        let regime = Regime::generate(count, 1);
        chain(&regime, &mut out);
        by_item(&regime, &mut out);
    }
    let path = std::path::Path::new(&std::env::var_os("OUT_DIR").expect("a folder of cargo")).join("by_hand.rs");
    std::fs::write(path, out).expect("a file");
}

/// How many rules stand in one function: no compiler is quick with thousands, and nobody would write them so.
const TOGETHER: usize = 100;

/// Keeps functions apart that would become one of thousands of rules again.
fn apart(count: usize) -> &'static str {
    if count > 500 { "#[inline(never)]\n" } else { "" }
}

/// The rules, one behind the other.
fn chain(regime: &Regime, out: &mut String) {
    let count = regime.rules.len();
    let mut parts = String::new();
    for (part, rules) in regime.rules.chunks(TOGETHER).enumerate() {
        let _ = writeln!(out, "{}fn chain_{count}_{part}(s: &Shipment) -> u8 {{", apart(count));
        for rule in rules {
            let (first, last) = rule.items;
            let item = if first == last { format!("s.item == {first}") } else { format!("({first}..={last}).contains(&s.item)") };
            let _ = writeln!(out, "    if {item} && {} {{ return {}; }}", conditions(regime, rule), rule.requires);
        }
        out.push_str("    0\n}\n\n");
        // What requires nothing is what no rule of the part spoke to.
        let _ = writeln!(parts, "    let answer = chain_{count}_{part}(s);\n    if answer != 0 {{ return answer; }}");
    }
    let _ =
        writeln!(out, "/// The rules, one behind the other.\npub fn chain_{count}(s: &Shipment) -> u8 {{\n{parts}    0\n}}\n");
}

/// By item first, a function for each.
fn by_item(regime: &Regime, out: &mut String) {
    let count = regime.rules.len();
    let mut arms = String::new();
    for item in 0..regime.items.len() as u16 {
        let rules: Vec<&Rule> = regime.rules.iter().filter(|rule| (rule.items.0..=rule.items.1).contains(&item)).collect();
        if rules.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}fn item_{count}_{item}(s: &Shipment) -> u8 {{", apart(count));
        for rule in rules {
            let _ = writeln!(out, "    if {} {{ return {}; }}", conditions(regime, rule), rule.requires);
        }
        out.push_str("    0\n}\n\n");
        let _ = writeln!(arms, "        {item} => item_{count}_{item}(s),");
    }
    let _ = writeln!(
        out,
        "/// By item first.\npub fn match_{count}(s: &Shipment) -> u8 {{\n    match s.item {{\n{arms}        _ => 0,\n    }}\n}}\n"
    );
}

/// All that a rule asks but its items. Groups are bit sets, as a careful hand would write them.
fn conditions(regime: &Regime, rule: &Rule) -> String {
    let group = |number: usize| regime.groups[number].iter().fold(0u128, |set, member| set | 1 << member);
    let bits = |all: &[u8]| all.iter().fold(0u32, |set, member| set | 1 << member);
    let mut parts = vec![format!("{:#x}u128 >> s.destination & 1 == 1", group(rule.destination))];
    if !rule.modes.is_empty() {
        parts.push(format!("{:#x}u32 >> s.mode & 1 == 1", bits(&rule.modes)));
    }
    if !rule.purposes.is_empty() {
        parts.push(format!("{:#x}u32 >> s.purpose & 1 == 1", bits(&rule.purposes)));
    }
    parts.extend(rule.datacenter.map(|asked| if asked { "s.datacenter".to_owned() } else { "!s.datacenter".to_owned() }));
    parts.extend(rule.performance.map(|least| format!("s.amounts[0] >= {least}")));
    parts.extend(rule.bandwidth.map(|below| format!("s.amounts[1] < {below}")));
    parts.extend(rule.worth.map(|least| format!("s.amounts[2] >= {least}")));
    parts.extend(rule.from.map(|day| format!("s.date >= {day}")));
    parts.extend(rule.headquarters.map(|number| format!("{:#x}u128 >> s.headquarters & 1 == 1", group(number))));
    parts.join(" && ")
}
