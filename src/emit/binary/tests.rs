//! The binary form on random tables: read back as it was, and refused once anything of it was changed.

use proptest::prelude::*;

use super::layout::{BLOCK, FRONT, HASH, WIDTHS, front_hash};
use super::*;
use crate::diagram::testing::random_program;
use crate::diagram::{Options, OwnedTable, Specialise, build_table, prove_equal};
use crate::emit::ReadError;

fn table(seed: u64) -> (crate::ir::Program, OwnedTable) {
    let program = random_program(seed);
    let table = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
    (program, table)
}

/// Makes all hashes fit again: what somebody does who wants to deceive.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    for (at, width) in WIDTHS.into_iter().enumerate() {
        let entry = BLOCK * (at + 1);
        let number = |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let (first, count) = (number(&bytes, entry + 8), number(&bytes, entry + 16));
        let end = count.checked_mul(width).and_then(|length| first.checked_add(length));
        if let Some(section) = end.and_then(|end| bytes.get(first..end)) {
            let hash = blake3::hash(section);
            bytes[entry + HASH..entry + BLOCK].copy_from_slice(hash.as_bytes());
        }
    }
    let hash = front_hash(&bytes[..FRONT]);
    bytes[HASH..BLOCK].copy_from_slice(hash.as_bytes());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_written_is_read_back(seed in any::<u64>(), at in any::<usize>(), bit in 0u8..8) {
        let (program, table) = table(seed);
        let bytes = binary(&table).unwrap().bytes;
        let back = read_binary(&bytes).unwrap();
        prop_assert_eq!(&back, &table);
        prop_assert_eq!(prove_equal(&program, &back, &Options::default()), Ok(()));
        prop_assert_eq!(crate::emit::read_json(&crate::emit::json(&back).unwrap().bytes).unwrap(), table);
        prop_assert!(View::open(&bytes).unwrap().hot().unwrap().table() == back.as_table());
        let mut altered = bytes.clone();
        let at = at % bytes.len();
        altered[at] ^= 1 << bit;
        prop_assert!(read_binary(&altered).is_err());
        prop_assert!(matches!(read_binary(&bytes[..at]), Err(ReadError::Cut(_) | ReadError::Shape(_))));
        prop_assert_eq!(is_binary(&bytes[..at]), at > 0);
    }

    /// Words overwritten with what is likely to do harm, and all hashes made to fit: refused, or a sound table; never a panic.
    #[test]
    fn hostile_content_with_fitting_hashes(seed in 0u64..40, changes in proptest::collection::vec((any::<usize>(), 0usize..9, any::<u32>()), 1..4)) {
        let (_, table) = table(seed);
        let mut bytes = binary(&table).unwrap().bytes;
        for (at, what, any) in changes {
            let words = bytes.len() / 4;
            let at = at % words * 4;
            let word = [0, 1, u32::MAX, 1 << 31, 3 << 30, 1 << 30, any, any % 64, any % 4096][what];
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        if let Ok(read) = read_binary(&sealed(bytes.clone())) {
            prop_assert_eq!(read.as_table().check(), Ok(()));
            let again = binary(&read).unwrap().bytes;
            prop_assert_eq!(read_binary(&again).unwrap(), read);
        }
        if let Ok(hot) = View::open(&sealed(bytes)).and_then(|view| view.hot()) {
            prop_assert_eq!(hot.table().check(), Ok(()));
        }
    }

    #[test]
    fn any_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..4000), begins in any::<bool>()) {
        if begins {
            let front = bytes.len().min(16);
            let good = [&MAGIC[..], &VERSION.to_le_bytes(), &21u32.to_le_bytes()].concat();
            bytes[..front].copy_from_slice(&good[..front]);
        }
        prop_assert!(read_binary(&bytes).is_err());
        if bytes.len() >= FRONT {
            prop_assert!(read_binary(&sealed(bytes)).is_err());
        }
    }
}

/// There is one file only for a table: whatever is read is written again byte for byte.
#[test]
fn sealed_changes_are_no_second_form() {
    let (_, table) = table(3);
    let bytes = binary(&table).unwrap().bytes;
    assert_eq!(sealed(bytes.clone()), bytes);
    let mut accepted = 0;
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = sealed(changed);
        if let Ok(read) = read_binary(&changed) {
            accepted += 1;
            assert_eq!(binary(&read).unwrap().bytes, changed, "byte {at}");
        }
    }
    assert!(accepted > 0, "names can be changed, for example");
}

#[test]
fn the_arrays_lie_where_the_bytes_are() {
    let (_, table) = table(5);
    let bytes = binary(&table).unwrap().bytes;
    // As mapped memory is: aligned to 8 and more.
    let mut words = vec![0u64; bytes.len().div_ceil(8) + 1];
    let all: &mut [u8] = zerocopy::IntoBytes::as_mut_bytes(words.as_mut_slice());
    all[..bytes.len()].copy_from_slice(&bytes);
    let hot = View::open(&all[..bytes.len()]).unwrap().hot().unwrap();
    assert_eq!(hot.lies_in_place(), cfg!(target_endian = "little"));
    assert!(hot.table() == table.as_table());
    // Askew they are copied, and say the same.
    let all: &mut [u8] = zerocopy::IntoBytes::as_mut_bytes(words.as_mut_slice());
    all[1..=bytes.len()].copy_from_slice(&bytes);
    let hot = View::open(&all[1..=bytes.len()]).unwrap().hot().unwrap();
    assert!(!hot.lies_in_place() && hot.table() == table.as_table());
}
