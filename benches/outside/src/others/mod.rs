//! The same rules in other engines, each as it wants them: whatever an engine can prepare is prepared before a request is timed, the
//! requests too.

mod cedar;
mod duckdb;
mod regorus;
mod zen;

pub use cedar::Cedar;
pub use duckdb::{DuckDb, Query, ask, case};
pub use regorus::Regorus;
pub use zen::Zen;

use crate::rules::{Regime, Shipment};

/// An engine that has read the rules and holds the requests.
pub trait Engine: Sized {
    /// Its name, and what of it is used.
    const NAME: &'static str;
    /// The crate that is asked, for the version.
    const PACKAGE: &'static str;

    /// Reads the rules.
    ///
    /// # Errors
    /// Why it cannot, in its words.
    fn read(regime: &Regime) -> Result<Self, String>;
    /// Holds the requests in its own form.
    fn hold(&mut self, regime: &Regime, shipments: &[Shipment]);
    /// What a request requires: a number of [`crate::rules::VALUES`].
    fn decide(&mut self, request: usize) -> u8;
}
