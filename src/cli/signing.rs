//! `keygen`, `sign` and `verify`: who made a table.

use std::path::Path;

use crate::signing::{PrivateKey, beside, public_beside};
use crate::words::{Sentence, say};

use super::args::{KeygenArguments, SignArguments, VerifyArguments};
use super::output::{self, Exit, Outcome, stop, write};
use super::table::{Given, bad_key, public_key};

fn told(sentences: &[Sentence]) {
    let lines: String = sentences.iter().map(|said| said.in_language(output::language()) + "\n").collect();
    output::say(&lines);
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Makes a pair of keys.
pub fn keygen(arguments: &KeygenArguments) -> Outcome {
    output::stage("making a key");
    let path = &arguments.file;
    let made = PrivateKey::generate().and_then(|key| key.save(path).map(|()| key));
    let key = made.map_err(|error| stop(bad_key(path, &error)))?;
    told(&[
        say!("wrote {path}: the private key, to be kept secret", path = shown(path)),
        say!("wrote {path}: the public key, {name}", path = shown(&public_beside(path)), name = key.public().name()),
    ]);
    Ok(Exit::Fine)
}

/// Signs a table that can be trusted as it is.
pub fn sign(arguments: &SignArguments) -> Outcome {
    output::stage("signing");
    let key = PrivateKey::load(&arguments.key).map_err(|error| stop(bad_key(&arguments.key, &error)))?;
    let given = Given::open(&arguments.table, true)?;
    let table = given.table()?;
    let path = arguments.output.clone().unwrap_or_else(|| beside(&given.path));
    let reads = [&given.path, &arguments.key, &public_beside(&arguments.key)];
    write(&path, &key.sign(&given.bytes), &reads)?;
    told(&[
        say!(
            "{path}: the table of {regime}, from the program {source}",
            path = shown(&given.path),
            regime = table.regime,
            source = table.source
        ),
        say!("wrote {path}: its signature by {name}", path = shown(&path), name = key.public().name()),
    ]);
    Ok(Exit::Fine)
}

/// Checks a signature; what is in an unsigned file is not even looked at.
pub fn verify(arguments: &VerifyArguments) -> Outcome {
    output::stage("checking a signature");
    let key = public_key(&arguments.key)?;
    let given = Given::open(&arguments.table, true)?;
    given.signed_by(&key, arguments.signature.as_deref())?;
    let table = given.table()?;
    told(&[
        say!(
            "{path}: the table of {regime}, from the program {source}",
            path = shown(&given.path),
            regime = table.regime,
            source = table.source
        ),
        say!("signed by {name}", name = key.name()),
    ]);
    Ok(Exit::Fine)
}
