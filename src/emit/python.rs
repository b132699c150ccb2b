//! The table as a Python wheel: a package that holds the table, its fused steps and the runtime of `src/runtime/python`, unchanged.
//!
//! In: a table. Out: `NAME-VERSION-py3-none-any.whl`, a zip in the form of the "Binary distribution format" (PEP 427; core metadata 2.1),
//! written without any Python. The same table gives the same bytes: files in a fixed order, with one fixed time. What stands in the
//! package's data is tied to it by SHA-256, which Python has everywhere (it has no BLAKE3), and the package refuses anything else.

mod names;

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::artifact::{Artifact, EmitError};
use super::json::json;
use crate::diagram::{Costs, FuseError, OwnedTable, fuse};
use crate::ir::date_text;

/// The runtime, file by file, as it stands in `src/runtime/python`.
const RUNTIME: [(&str, &str); 18] = [
    ("__init__.py", include_str!("../runtime/python/__init__.py")),
    ("__main__.py", include_str!("../runtime/python/__main__.py")),
    ("_answers.py", include_str!("../runtime/python/_answers.py")),
    ("_batch.py", include_str!("../runtime/python/_batch.py")),
    ("_columns.py", include_str!("../runtime/python/_columns.py")),
    ("_diagram.py", include_str!("../runtime/python/_diagram.py")),
    ("_errors.py", include_str!("../runtime/python/_errors.py")),
    ("_frames.py", include_str!("../runtime/python/_frames.py")),
    ("_numbers.py", include_str!("../runtime/python/_numbers.py")),
    ("_reading.py", include_str!("../runtime/python/_reading.py")),
    ("_schema.py", include_str!("../runtime/python/_schema.py")),
    ("_self_test.py", include_str!("../runtime/python/_self_test.py")),
    ("_sources.py", include_str!("../runtime/python/_sources.py")),
    ("_table.py", include_str!("../runtime/python/_table.py")),
    ("_telling.py", include_str!("../runtime/python/_telling.py")),
    ("_unknown.py", include_str!("../runtime/python/_unknown.py")),
    ("_wide.py", include_str!("../runtime/python/_wide.py")),
    ("py.typed", ""),
];

/// The licence of the runtime, which must go with it.
const LICENCE: &str = include_str!("../../LICENSE-MIT");

/// A decision as fused steps, as `_batch.py` reads them.
#[derive(Serialize)]
struct Decision {
    outcome: u32,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    parts: Vec<(u32, u32)>,
    columns: Vec<u32>,
    next: Vec<u32>,
}

/// One wheel.
///
/// # Errors
/// If the table is malformed.
pub fn python(table: &OwnedTable) -> Result<Artifact, EmitError> {
    let module = names::module(&table.regime);
    let document = json(table).map_err(EmitError::Malformed)?.bytes;
    let steps = steps(table)?;
    let digest = hex(&Sha256::digest(&document));
    // Of a table for one reading there may be another for the next: so it is the table that is named, not its program.
    let version = format!("{}+t{}", env!("CARGO_PKG_VERSION"), &digest[..12]);
    let information = format!("{module}-{version}.dist-info");
    let mut files: Vec<(String, Vec<u8>)> = vec![(format!("{module}/_built.py"), built(&version, &digest, &steps).into_bytes())];
    files.extend(RUNTIME.iter().map(|(name, text)| (format!("{module}/{name}"), text.as_bytes().to_vec())));
    files.push((format!("{module}/table.json"), document));
    files.push((format!("{module}/steps.json"), steps));
    files.sort();
    files.push((format!("{information}/METADATA"), metadata(table, &module, &version).into_bytes()));
    files.push((format!("{information}/WHEEL"), wheel().into_bytes()));
    files.push((format!("{information}/licenses/LICENSE-MIT"), LICENCE.as_bytes().to_vec()));
    let record = record(&files, &information);
    files.push((format!("{information}/RECORD"), record.into_bytes()));
    let bytes = archive(&files).map_err(|error| EmitError::Malformed(error.to_string()))?;
    Ok(Artifact { path: format!("{module}-{version}-py3-none-any.whl"), bytes })
}

/// The fused steps as JSON; `null` where the levels are too wide: the package then follows the diagram.
fn steps(table: &OwnedTable) -> Result<Vec<u8>, EmitError> {
    let decisions: Option<Vec<Decision>> = match fuse(table, &Costs::default()) {
        Ok(fused) => Some(
            fused
                .decisions
                .into_iter()
                .map(|of| Decision {
                    outcome: of.outcome,
                    steps: of
                        .steps
                        .into_iter()
                        .map(|step| Step { parts: step.parts, columns: step.columns, next: step.next })
                        .collect(),
                })
                .collect(),
        ),
        Err(FuseError::TooLarge | FuseError::TooLong) => None,
        Err(error @ FuseError::Malformed) => return Err(EmitError::Malformed(error.to_string())),
    };
    serde_json::to_vec(&decisions).map_err(|error| EmitError::Malformed(error.to_string()))
}

fn built(version: &str, document: &str, steps: &[u8]) -> String {
    let steps = hex(&Sha256::digest(steps));
    format!(
        "\"\"\"What Lexport wrote beside this file: SHA-256 of each. Do not edit: build it anew.\"\"\"\n\n\
         VERSION = \"{version}\"\n\
         DIGESTS = {{\n    \"table.json\": \"{document}\",\n    \"steps.json\": \"{steps}\",\n}}\n"
    )
}

fn metadata(table: &OwnedTable, module: &str, version: &str) -> String {
    let title = if table.title.is_empty() { &table.regime } else { &table.title };
    let mut out = format!(
        "Metadata-Version: 2.1\nName: {module}\nVersion: {version}\nSummary: {}\nRequires-Python: >=3.9\n",
        one_line(&format!("Decision table: {title}"))
    );
    for (extra, needs) in [
        ("numpy", "numpy>=1.23"),
        ("pandas", "numpy>=1.23,pandas>=2"),
        ("polars", "numpy>=1.23,polars>=1"),
        ("pyarrow", "numpy>=1.23,pyarrow>=14"),
    ] {
        out += &format!("Provides-Extra: {extra}\n");
        for need in needs.split(",") {
            out += &format!("Requires-Dist: {need} ; extra == \"{extra}\"\n");
        }
    }
    out += "License-File: LICENSE-MIT\nDescription-Content-Type: text/markdown\n\n";
    out += &format!("# {}\n\nDecision table of the regime `{module}`, made by Lexport.\n\n", one_line(title));
    if !table.readings.is_empty() {
        out += &format!("- Readings: {}\n", one_line(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!("- Dates: {} to {}\n", date_text(lo), date_text(hi));
    }
    out += &format!("- Source: `{}` (BLAKE3 of the program)\n\n", one_line(&table.source));
    out += &format!(
        "`import {module}`, then `{module}.decide(case)` for one case, `{module}.decide_batch(frame)` for a pandas or polars DataFrame, a \
         pyarrow Table, or a dict of arrays.\n\nThe runtime inside is part of Lexport, under MIT OR Apache-2.0.\n"
    );
    out
}

/// A header is one line: line ends would end it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

fn wheel() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("Wheel-Version: 1.0\nGenerator: lexport ({version})\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
}

fn record(files: &[(String, Vec<u8>)], information: &str) -> String {
    let mut out = String::new();
    for (path, bytes) in files {
        out += &format!("{path},sha256={},{}\n", URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)), bytes.len());
    }
    out + &format!("{information}/RECORD,,\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn archive(files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(path.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::testing::random_program;
    use crate::diagram::{Options, Specialise, build_table};
    use std::io::Read as _;

    fn read(zip: &mut zip::ZipArchive<Cursor<Vec<u8>>>, path: &str) -> String {
        let mut text = String::new();
        zip.by_name(path).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_wheel_lists_what_it_has() {
        let mut table = build_table(&random_program(3), &Specialise::default(), &Options::default()).unwrap();
        table.title = "two\nlines".into();
        let wheel = python(&table).unwrap();
        assert_eq!(wheel, python(&table).unwrap(), "the same table, the same bytes");
        let mut zip = zip::ZipArchive::new(Cursor::new(wheel.bytes)).unwrap();
        let stem = wheel.path.strip_suffix("-py3-none-any.whl").unwrap();
        let record = read(&mut zip, &format!("{stem}.dist-info/RECORD"));
        assert_eq!(record.lines().count(), zip.len());
        for line in record.lines() {
            let [path, digest, size] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            let text = read(&mut zip, path);
            if digest.is_empty() {
                assert!(path.ends_with("RECORD"));
                continue;
            }
            assert_eq!(size, text.len().to_string(), "{path}");
            assert_eq!(digest, format!("sha256={}", URL_SAFE_NO_PAD.encode(Sha256::digest(&text))), "{path}");
        }
        let metadata = read(&mut zip, &format!("{stem}.dist-info/METADATA"));
        assert!(metadata.contains("\nSummary: Decision table: two lines\n"), "{metadata}");
    }

    #[test]
    fn every_file_of_the_runtime_is_in_it() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/runtime/python");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".py"))
            .collect();
        files.sort();
        let listed: Vec<&str> = RUNTIME.iter().map(|(name, _)| *name).filter(|name| name.ends_with(".py")).collect();
        assert_eq!(files, listed);
    }
}
