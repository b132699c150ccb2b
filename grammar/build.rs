//! Build script: the parser from `lexport.lalrpop`, and the refusal to link a Z3 we do not know.
//!
//! In: the grammar beside this file; the features; what `z3-sys` says it found. Out: `OUT_DIR/lexport.rs`, and the link
//! arguments that make our programs find the same libz3 at run time as at link time. Too old a libz3 links, runs, and
//! numbers its enumerations otherwise, so that answers are read wrongly: every doubt here ends the build with a sentence.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The libz3 versions whose enumerations are those of the bindings: from, up to and without. `smt/session.rs` asks again at run time.
const SUPPORTED: ((u32, u32, u32), (u32, u32, u32)) = ((5, 3, 2), (5, 4, 0));

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=grammar");
    match parser().and_then(|()| solver()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Generates the parser.
fn parser() -> Result<(), String> {
    lalrpop::Configuration::new().process_dir("grammar").map_err(|error| format!("the grammar does not compile: {error}"))
}

/// Checks the solver that will be linked and says where to find it at run time.
fn solver() -> Result<(), String> {
    if env::var_os("CARGO_FEATURE_SOLVER").is_none() {
        return Ok(());
    }
    let claimed = claimed_version()?;
    if claimed < SUPPORTED.0 || claimed >= SUPPORTED.1 {
        return Err(format!(
            "Z3 {} was found and Lexport needs {} or later and below {}: run `make solver` and unset Z3_SYS_Z3_VERSION and \
             Z3_LIBRARY_PATH_OVERRIDE, or build with `--features solver-vendored` or `--no-default-features`.",
            dotted(claimed),
            dotted(SUPPORTED.0),
            dotted(SUPPORTED.1)
        ));
    }
    if env::var_os("CARGO_FEATURE_SOLVER_VENDORED").is_some() {
        return Ok(()); // Compiled from source and linked statically.
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let ours = root.join(".solver/lib");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    // Outside the workspace (`cargo install --path`), cargo does not read our `.cargo/config.toml`.
    let lib = env::var_os("Z3_LIBRARY_PATH_OVERRIDE").map_or_else(|| ours.clone(), PathBuf::from);
    let file = lib.join("libz3.so");
    println!("cargo::rerun-if-changed={}", file.display());
    if !file.exists() {
        return Err(format!(
            "there is no {}: run `make solver` (it fetches Z3), or build with `--features solver-vendored` or `--no-default-features`.",
            file.display()
        ));
    }
    if lib != ours && !carries_version(&file, claimed)? {
        return Err(format!(
            "{} is not Z3 {}: set Z3_SYS_Z3_VERSION to its version, or unset Z3_LIBRARY_PATH_OVERRIDE and run `make solver`.",
            file.display(),
            dotted(claimed)
        ));
    }
    // Named here too, so that our directory is searched whatever other build scripts add.
    println!("cargo::rustc-link-search=native={}", lib.display());
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", lib.display());
    Ok(())
}

/// The version that `z3-sys` was built for.
fn claimed_version() -> Result<(u32, u32, u32), String> {
    let part = |name: &str| {
        env::var(format!("DEP_Z3_VERSION_{name}"))
            .ok()
            .and_then(|text| text.parse::<u32>().ok())
            .ok_or_else(|| "z3-sys does not say which Z3 it found: its version changed; see Cargo.toml.".to_owned())
    };
    Ok((part("MAJOR")?, part("MINOR")?, part("PATCH")?))
}

/// Whether the library carries the version as its own text: `z3-sys` believes Z3_SYS_Z3_VERSION, the bytes cannot be told.
fn carries_version(file: &Path, version: (u32, u32, u32)) -> Result<bool, String> {
    let bytes = fs::read(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))?;
    let text = format!("\0{}.", dotted(version));
    Ok(bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn dotted((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
}
