//! Binary tables that somebody made to deceive: one number is not what it should be, and every hash fits.

use lexport::emit::{ReadError, read_binary};

use super::{binary, table};

const WIDTHS: [usize; 21] = [24, 48, 4, 8, 24, 4, 4, 4, 24, 16, 8, 4, 8, 16, 8, 40, 8, 1, 8, 4, 4];

fn word(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
}

/// Where a section begins, by its number on the page.
fn section(bytes: &[u8], number: usize) -> usize {
    word(bytes, 64 * number + 8)
}

/// Makes all hashes fit: those of sections that lie in the file, then that of the front.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    for (number, width) in (1..).zip(WIDTHS) {
        let (first, count) = (section(&bytes, number), word(&bytes, 64 * number + 16));
        let end = count.checked_mul(width).and_then(|length| length.checked_add(first));
        if let Some(content) = end.and_then(|end| bytes.get(first..end)) {
            let hash = *blake3::hash(content).as_bytes();
            bytes[64 * number + 32..64 * number + 64].copy_from_slice(&hash);
        }
    }
    let hash = *blake3::hash(&[&bytes[..32], &bytes[64..64 * 22]].concat()).as_bytes();
    bytes[32..64].copy_from_slice(&hash);
    bytes
}

/// With other bytes at a place, and hashes that fit.
fn with(at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = binary();
    bytes[at..at + new.len()].copy_from_slice(new);
    sealed(bytes)
}

fn refused(what: &str, bytes: &[u8], says: &str) {
    let read = read_binary(bytes);
    match &read {
        Err(ReadError::Malformed(why)) => assert!(why.contains(says), "{what}: {why}"),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn the_section_table_is_not_believed() {
    assert_eq!(read_binary(&sealed(binary())).as_ref(), Ok(table()));
    for number in 1..=21 {
        let entry = 64 * number;
        for count in [u64::MAX, u64::MAX / 40, 1 << 62, 1 << 32, 1 << 40, 1_000_000] {
            refused("a huge count", &with(entry + 16, &count.to_le_bytes()), "section table");
        }
        for offset in [u64::MAX, u64::MAX - 63, 0, 64, 1 << 40] {
            refused("an offset", &with(entry + 8, &offset.to_le_bytes()), "section table");
        }
        refused("a width", &with(entry + 4, &1024u32.to_le_bytes()), "section table");
        refused("a number", &with(entry, &(number as u32 % 21 + 1).to_le_bytes()), "section table");
        refused("reserved", &with(entry + 24, &1u64.to_le_bytes()), "section table");
    }
    // Two sections in one place.
    let first = section(&binary(), 3) as u64;
    refused("overlapping", &with(64 * 4 + 8, &first.to_le_bytes()), "section table");
    refused("more sections", &with(12, &22u32.to_le_bytes()), "the header");
    refused("reserved", &with(24, &1u64.to_le_bytes()), "the header");
}

#[test]
fn numbers_of_the_content_are_not_believed() {
    let bytes = binary();
    let at = |number: usize, entry: usize, field: usize| section(&bytes, number) + WIDTHS[number - 1] * entry + field;
    let four_billion = u32::MAX.to_le_bytes();
    let huge = i64::MAX.to_le_bytes();
    // Inputs: date, a, b, goods, quantity, price, police.
    refused("an enumeration of four billion", &with(at(1, 1, 4), &four_billion), "Test(");
    refused("a set of four billion", &with(at(1, 3, 4), &four_billion), "check vectors");
    refused("bounds that cross", &with(at(1, 4, 8), &huge), "an input");
    refused("a kind", &with(at(1, 0, 0), &5u32.to_le_bytes()), "an input");
    for test in 0..table().tests.len() {
        refused("classes", &with(at(2, test, 12), &four_billion), "");
        refused("an input", &with(at(2, test, 4), &four_billion), "");
        refused("a run", &with(at(2, test, 16), &four_billion), "");
        refused("a map", &with(at(2, test, 28), &four_billion), "");
        refused("a kind", &with(at(2, test, 0), &6u32.to_le_bytes()), "its kind");
    }
    refused("a factor", &with(at(6, 0, 0), &four_billion), "Test(");
    refused("a root", &with(at(7, 0, 0), &0x3fff_ffffu32.to_le_bytes()), "Node(");
    for node in 0..table().nodes.len() {
        refused("a node above itself", &with(at(8, node, 0), &(table().nodes.len() as u32).to_le_bytes()), "Node(");
        refused("a test that is not there", &with(at(8, node, 0), &four_billion), "Node(");
    }
    refused("rules", &with(at(9, 0, 20), &four_billion), "carriers");
    refused("a rule", &with(at(12, 0, 0), &four_billion), "a rule that is not there");
    for (what, field) in [("readings", 24), ("rules", 32)] {
        refused(what, &with(at(13, 0, field), &huge), "more names than there are strings");
        refused(what, &with(at(13, 0, field), &(-1i64).to_le_bytes()), "more names than there are strings");
    }
    for count in [huge, (-1i64).to_le_bytes(), 0i64.to_le_bytes()] {
        refused("vectors", &with(at(13, 0, 40), &count), "check vectors");
    }
    refused("members", &with(at(14, 0, 0), &four_billion), "more names");
    refused("headings", &with(at(14, 0, 8), &four_billion), "more names");
    refused("an enumeration", &with(at(16, 1, 4), &four_billion), "an enumeration that is not there");
    refused("a scale", &with(at(16, 4, 32), &four_billion), "the domain of quantity");
    refused("a step of nothing", &with(at(16, 4, 24), &0i64.to_le_bytes()), "the domain of quantity");
    refused("other bounds than those of the input", &with(at(16, 4, 16), &huge), "the domain of quantity");
    refused("a string that ends far away", &with(at(17, 0, 0), &huge), "a string that is not there");
    refused("a string that ends before it begins", &with(at(17, 1, 0), &0i64.to_le_bytes()), "a string that is not there");
    refused("text", &with(at(18, 0, 0), b"\xff"), "UTF-8");
    refused("more to ask for than there is", &with(at(21, 0, 0), &four_billion), "what to ask for");
    refused("less to ask for than there is", &with(at(21, 0, 0), &0u32.to_le_bytes()), "");
    refused("an input to ask for", &with(at(21, 1, 0), &four_billion), "asks for an input that is not there");
    let first = table().decisions[0].ask[0].to_le_bytes();
    refused("an input to ask for twice", &with(at(21, 2, 0), &first), "twice");
    refused("a vector", &with(at(20, 0, 0), &four_billion), "check vector 0: it is no case");
    refused("a member", &with(at(19, 1, 0), &huge), "a check vector");
    refused("a set with more than all", &with(at(19, 3, 0), &4i64.to_le_bytes()), "a check vector");
}

/// The same in JSON: a table whose hash fits asks for inputs that are there, each once.
#[test]
fn what_to_ask_for_is_not_believed() {
    for (ask, says) in
        [(vec![7], "licence asks for an input that is not there"), (vec![1, 2, 1], "licence asks for the input 1 twice")]
    {
        let mut forged = table().clone();
        forged.decisions[0].ask = ask;
        for read in [
            lexport::emit::read_json(&lexport::emit::json(&forged).unwrap().bytes),
            read_binary(&lexport::emit::binary(&forged).unwrap().bytes),
        ] {
            assert!(matches!(&read, Err(ReadError::Malformed(why)) if why.contains(says)), "{read:?}");
        }
    }
}

/// An answer of another kind than its decision would be told in words that are not there.
#[test]
fn answers_are_of_the_kind_of_their_decision() {
    let bytes = binary();
    for outcome in 0..table().outcomes.len() {
        let at = section(&bytes, 9) + 24 * outcome;
        let mut forged = bytes.clone();
        forged[at..at + 16].copy_from_slice(&[3u32.to_le_bytes(), [0; 4], 77u32.to_le_bytes(), [0; 4]].concat());
        let read = read_binary(&sealed(forged));
        assert!(matches!(&read, Err(ReadError::Malformed(_))), "{outcome}: {read:?}");
    }
    let mut swapped = table().clone();
    swapped.roots.swap(0, 1);
    let read = read_binary(&lexport::emit::binary(&swapped).unwrap().bytes);
    assert!(read.as_ref().is_err_and(|error| error.to_string().contains("not of the kind of a decision")), "{read:?}");
}

/// Spans that share what they name would make a small file stand for a large table.
#[test]
fn spans_follow_one_another() {
    let bytes = binary();
    for test in 0..table().tests.len() {
        let at = section(&bytes, 2) + 48 * test;
        if word(&bytes, at + 24) != 0 {
            for first in [0u32, 1, 7] {
                if bytes[at + 24..at + 28] != first.to_le_bytes() {
                    refused(
                        "maps",
                        &with(at + 24, &first.to_le_bytes()),
                        "a span of maps that does not follow the one before it",
                    );
                }
            }
        }
    }
    let carriers = section(&bytes, 9) + 24 * (table().outcomes.len() - 1) + 16;
    refused("carriers", &with(carriers, &0u64.to_le_bytes()), "carriers");
}
