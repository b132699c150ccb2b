//! The twelve properties that every regime is asked about, whatever it says: what drafters and lawyers have lost by.

use serde::{Deserialize, Serialize};

macro_rules! standard {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// One of the twelve.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Standard {
            $($(#[$doc])* $variant,)*
        }

        impl Standard {
            /// All, in order.
            pub const ALL: [Standard; 12] = [$(Standard::$variant),*];

            /// As the language has it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Standard::$variant => $name,)*
                }
            }

            /// By its name.
            #[must_use]
            pub fn named(name: &str) -> Option<Standard> {
                Standard::ALL.into_iter().find(|one| one.name() == name)
            }
        }
    };
}

standard! {
    /// Nobody brings a controlled item to a denied end user by steps that are each allowed.
    NoPermittedPath = "no_permitted_path";
    /// What one country bars, no exempt or capable country may freely send.
    NoBackfill = "no_backfill";
    /// More of a capability never loosens treatment; inert additions never do.
    Monotone = "monotone";
    /// No free set of parts makes a controlled whole.
    ClosedUnderAssembly = "closed_under_assembly";
    /// Totals by ultimate parent, over rolling time, never pass the cap.
    CapCannotBeSplit = "cap_cannot_be_split";
    /// Moving the address or the passport changes nothing when the parent is the target.
    ParentBlind = "parent_blind";
    /// A stricter tier is never treated better than a laxer one.
    TierOrder = "tier_order";
    /// An amendment loosens only what it says.
    AmendmentRefines = "amendment_refines";
    /// No day without a rule, no flip that nothing names, no stock beyond a bound before a day of effect.
    NoGapInTime = "no_gap_in_time";
    /// No two results, no dead text.
    ConsistentAndLive = "consistent_and_live";
    /// "Subject to" has an answer and does not depend on price or packaging alone.
    JurisdictionTotal = "jurisdiction_total";
    /// Every live duty has a live authority; no inversion; every trigger leads to a duty or a recorded waiver.
    TariffSane = "tariff_sane";
}
