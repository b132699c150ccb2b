//! What it ran on, and which versions.

use std::fs::read_to_string;

use crate::timing::PLACED;

/// A line for the machine, one for the versions.
pub fn described(duckdb: &str) -> String {
    let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| cpu.lines().find_map(|line| line.strip_prefix(name)?.split_once(':').map(|(_, value)| value.trim()));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let caches: Vec<String> = (0..8)
        .filter_map(|index| {
            let at = |what: &str| read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{what}")).ok();
            let (level, kind, size) = (at("level")?, at("type")?, at("size")?);
            (kind.trim() != "Instruction").then(|| format!("level {} {}", level.trim(), size.trim()))
        })
        .collect();
    let memory = read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) >> 20;
    let system = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!(
        "Times are medians, in brackets the middle half. Lexport's are those of {PLACED} placements in memory: where pages come to lie changes them.\n\
         Machine: {} (family {}, model {}), {cores} processors, caches {}, {memory} GiB of memory, Linux {}; load when it began {load}.\n\
         Versions: {}, {}, DuckDB {duckdb}; {}.",
        field("model name").unwrap_or("unknown"),
        field("cpu family").unwrap_or("?"),
        field("model\t").unwrap_or("?"),
        if caches.is_empty() { "unknown".to_owned() } else { caches.join(", ") },
        system.trim(),
        ["cedar-policy", "regorus", "zen-engine"].map(|name| format!("{name} {}", version(name))).join(", "),
        format_args!("Lexport {}", version("lexport")),
        env!("RUSTC_VERSION"),
    )
}

/// The clock of the processor, as Linux tells it; 1 if it does not, so that cycles stand for nanoseconds.
pub fn gigahertz() -> f64 {
    let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = cpu.lines().find_map(|line| line.strip_prefix("cpu MHz")?.split_once(':'));
    line.and_then(|(_, value)| value.trim().parse::<f64>().ok()).map_or(1.0, |mega| mega / 1e3)
}

/// The version of a package in the lock file.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let after = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or("?")
}
