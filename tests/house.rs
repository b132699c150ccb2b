//! The two tables of `docs/architecture.md`, held against every `use` in `src`. Document and code cannot part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table below a heading, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = read(&root().join("docs/architecture.md"));
    let (_, below) = page.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = below.split("\n## ").next().unwrap_or(below);
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("|---"))
        .skip(1)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn names(cell: &str) -> BTreeSet<String> {
    cell.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "–").map(str::to_owned).collect()
}

/// Room → (floor, rooms that it may use).
fn rooms() -> BTreeMap<String, (u32, BTreeSet<String>)> {
    table("Who may use whom")
        .into_iter()
        .map(|row| (row[0].clone(), (row[1].parse().expect("a floor is a number"), names(&row[2]))))
        .collect()
}

/// Every Rust file of `src` outside of the runtime, as (room, path, text).
fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(root().join("src")).expect("below src").to_owned();
            let room = relative.components().next().expect("a room").as_os_str().to_string_lossy().into_owned();
            let text = read(&path);
            (room, relative, text)
        })
        .collect()
}

/// Whether a file is compiled for tests only: it, or a folder above it, is declared under `#[cfg(test)]`. A room's tests may use
/// what they like.
fn is_test(path: &Path) -> bool {
    path.ancestors().take_while(|part| part.components().count() > 1).any(|part| {
        let name = part.file_stem().expect("a name").to_string_lossy().into_owned();
        let folder = root().join("src").join(part.parent().expect("a folder"));
        [folder.join("mod.rs"), folder.with_extension("rs")].iter().filter_map(|door| std::fs::read_to_string(door).ok()).any(
            |text| {
                text.split("#[cfg(test)]").skip(1).any(|after| {
                    let mut after = after.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("#["));
                    after.next().is_some_and(|line| line.trim_start_matches("pub(crate) ") == format!("mod {name};"))
                })
            },
        )
    })
}

/// The words after each `prefix` in code (comments and texts are passed over roughly: by line).
fn after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(move |line| {
        line.match_indices(prefix).filter_map(move |(at, _)| {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                return None;
            }
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            Some(&rest[..end])
        })
    })
}

#[test]
fn arrows_run_as_the_page_says() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        let Some((_, may)) = rooms.get(&room) else {
            if !["lib.rs", "main.rs", "std"].contains(&room.as_str()) {
                wrong.push(format!("{}: the room `{room}` is not on the page", path.display()));
            }
            continue;
        };
        if is_test(&path) {
            continue;
        }
        for used in after(&text, "crate::") {
            let known = rooms.contains_key(used);
            if known && used != room && !may.contains(used) {
                wrong.push(format!("{}: {room} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_arrow_runs_up() {
    let rooms = rooms();
    for (room, (floor, may)) in &rooms {
        for used in may {
            let (below, _) = rooms.get(used).unwrap_or_else(|| panic!("{room} may use {used}, which is no room"));
            let nouns = *floor == 2 && *below == 2;
            assert!(below < floor || nouns, "{room} (floor {floor}) may use {used} (floor {below})");
        }
    }
}

#[test]
fn every_foreign_crate_keeps_to_its_rooms() {
    let embassies: BTreeMap<String, BTreeSet<String>> =
        table("Foreign crates").into_iter().map(|row| (row[0].clone(), names(&row[1]))).collect();
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        if room == "runtime" || is_test(&path) {
            continue;
        }
        for (name, rooms) in &embassies {
            let found = text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
                line.match_indices(&format!("{name}::")).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '"' || c == '`')
                })
            });
            // Our own modules have names too: `csv::` may be `emit::csv`.
            let own = text.contains(&format!("mod {name};"));
            if found && !own && !rooms.contains(&room) {
                wrong.push(format!("{}: {room} uses the crate {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_on_the_page() {
    let manifest = read(&root().join("Cargo.toml"));
    let (_, below) = manifest.split_once("[dependencies]\n").expect("dependencies");
    let section = below.split("\n[").next().expect("a section");
    let page = read(&root().join("docs/architecture.md"));
    for line in section.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
        let name = line.split('=').next().expect("a name").trim().replace('-', "_");
        assert!(page.contains(&name), "docs/architecture.md says nothing of the crate {name}");
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (_, path, text) in sources() {
        assert!(text.starts_with("//!"), "{} does not open with `//!`", path.display());
    }
}

#[test]
fn the_module_list_is_in_floor_order() {
    let rooms = rooms();
    let text = read(&root().join("src/lib.rs"));
    let modules: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let floors: Vec<u32> =
        modules.iter().map(|name| rooms.get(*name).unwrap_or_else(|| panic!("{name} is not on the page")).0).collect();
    assert!(floors.is_sorted(), "{modules:?} stand on the floors {floors:?}");
    for (room, _) in rooms {
        assert!(room == "runtime" || modules.contains(&room.as_str()), "lib.rs does not list {room}");
    }
}

#[test]
fn no_room_has_a_name_that_says_nothing() {
    for (_, path, _) in sources() {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "common", "types_", "helpers", "helper", "misc"].contains(&name.as_str()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn the_page_names_what_is_there() {
    let page = read(&root().join("docs/architecture.md"));
    for (room, _) in rooms() {
        assert!(page.contains(&format!("`src/{room}")), "the page does not introduce src/{room}");
    }
}
