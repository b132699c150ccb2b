//! Tables that must not be trusted: cut, altered, of another version, or hostile with hashes that fit. Each is refused in the right words, without a panic, in
//! time and memory in proportion to its length. And signatures: who made a table.

mod support;

#[path = "trust/damaged.rs"]
mod damaged;
#[path = "trust/forged.rs"]
mod forged;
#[path = "trust/hostile.rs"]
mod hostile;
#[path = "trust/signed.rs"]
mod signed;

use std::sync::OnceLock;

use lexport::diagram::{Options, OwnedTable, Specialise, build_table};
use lexport::driver::Compilation;
use lexport::source::MemoryLoader;
use support::Ran;

/// Every kind of input, test and answer, and no more than that.
const REGIME: &str = "regime demo\nenum Country { CN, DE, US }\ninput date : date from 2024-01-01 to 2025-12-31\n\
    input a, b : Country\ninput goods : set of { X, Y }\ninput quantity : count from 1 to 100\ninput price : money from 1 to 1000\n\
    input police : bool\ndecision licence : bool takes exactly one\ndecision kinds : set of { A, B } takes all\n\
    decision fee : count from 0 to 20 takes the sum otherwise 0\n\
    rule worth \"§ 1 «é»\" when quantity * price > 5_000 USD and a is not b then licence is true, kinds includes A, fee is 3\n\
    rule police when police and a is not DE then licence is false, fee is 5\nrule x when goods has X and date >= 2025-01-13 then licence is true\n";

fn table() -> &'static OwnedTable {
    static TABLE: OnceLock<OwnedTable> = OnceLock::new();
    TABLE.get_or_init(|| {
        let loader = MemoryLoader { files: [("demo.lxp".to_owned(), REGIME.to_owned())].into() };
        let compilation = Compilation::load(&loader, "demo.lxp");
        let program = compilation.program.unwrap_or_else(|| panic!("{:#?}", compilation.messages));
        build_table(&program, &Specialise::default(), &Options::default()).expect("a table")
    })
}

fn json() -> Vec<u8> {
    lexport::emit::json(table()).expect("a document").bytes
}

fn binary() -> Vec<u8> {
    lexport::emit::binary(table()).expect("a file").bytes
}

/// The command fails as it should, and says this.
fn told(ran: &Ran, says: &[&str]) {
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(!ran.err.contains("mistake of Lexport") && !ran.err.contains("panicked"), "{}", ran.all());
    // Lines are broken where they are full.
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in says {
        assert!(said.contains(words), "it does not say {words:?}:\n{}", ran.all());
    }
    assert!(ran.err.len() < 5_000, "{} bytes of messages", ran.err.len());
}
