//! Where everything stands in the file: the numbers of `docs/targets/binary.md`.

/// The first bytes. (As PNG begins: no text, and destroyed by whatever changes line ends.)
pub const MAGIC: [u8; 8] = *b"\x89LXT\r\n\x1a\n";

/// The version of the layout.
pub const VERSION: u32 = 2;

/// The header in bytes; also an entry of the section table, and what sections are aligned to.
pub(super) const BLOCK: usize = 64;

/// Where the hash stands in the header and in an entry of the section table.
pub(super) const HASH: usize = 32;

/// A section, by its place in the section table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Section {
    Inputs,
    Tests,
    Maps,
    Thresholds,
    Monomials,
    Factors,
    Roots,
    Nodes,
    Outcomes,
    Disagreements,
    Words,
    Carriers,
    About,
    Enums,
    Headings,
    Domains,
    Strings,
    Text,
    Values,
    Vectors,
    Ask,
}

/// By section the bytes of one entry.
pub(super) const WIDTHS: [usize; 21] = [24, 48, 4, 8, 24, 4, 4, 4, 24, 16, 8, 4, 8, 16, 8, 40, 8, 1, 8, 4, 4];

/// How many sections there are.
pub(super) const SECTIONS: usize = WIDTHS.len();

/// The sections that deciding needs: the first so many.
pub(super) const HOT: usize = Section::Carriers as usize + 1;

/// Header and section table in bytes.
pub(super) const FRONT: usize = BLOCK * (SECTIONS + 1);

/// Where the next section begins after one that ends here.
pub(super) fn next(end: usize) -> Option<usize> {
    end.checked_next_multiple_of(BLOCK)
}

/// The hash of the header and of the section table, which hold the hashes of all else.
pub(super) fn front_hash(front: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&front[..HASH]).update(&front[BLOCK..FRONT]);
    hasher.finalize()
}

/// What an input or a decision is.
pub(super) mod domain {
    pub const BOOL: u32 = 0;
    pub const ENUM: u32 = 1;
    pub const SET: u32 = 2;
    pub const NUMBER: u32 = 3;
    pub const DATE: u32 = 4;
}

/// How a class is found.
pub(super) mod test {
    pub const FLAG: u32 = 0;
    pub const MEMBER: u32 = 1;
    pub const INTERVAL: u32 = 2;
    pub const HAS: u32 = 3;
    pub const SAME: u32 = 4;
    pub const AT_LEAST_ZERO: u32 = 5;
}

/// What an answer is.
pub(super) mod answer {
    pub const GAP: u32 = 0;
    pub const CONFLICT: u32 = 1;
    pub const BOOL: u32 = 2;
    pub const MEMBER: u32 = 3;
    pub const SET: u32 = 4;
    pub const INT: u32 = 5;
}
