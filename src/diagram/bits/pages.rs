//! Large bit sets in large pages. A decision reads a dozen places of them at random: of more pages than the processor remembers, each is looked for in the
//! page tables first, which takes longer than reading it (P. Weisberg and Y. Wiseman, "Using 4KB page size for virtual memory is obsolete", IRI 2009).

use std::sync::Arc;

use lexport_runtime::bits::Bits;
use memmap2::MmapMut;
use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::OwnedBits;

/// A large page, in bytes; where they are of another size, this is as good a border as any.
const PAGE: usize = 2 << 20;
/// Smaller arrays than this lie in as few pages as a processor remembers.
const LARGE: usize = 512 << 10;

/// What of bit sets is read at random places: pairs, outcomes, displacements, sets, one behind the other.
#[derive(Clone)]
pub struct Pages {
    map: Arc<MmapMut>,
    /// Where in the map each array begins, and where the last ends.
    at: [usize; 5],
}

impl Pages {
    /// Moves the arrays out of bit sets if they are large; nothing if they stay, or there is no memory of that kind.
    pub fn of(bits: &mut OwnedBits) -> Option<Pages> {
        let lengths = [size_of_val(&*bits.pairs), size_of_val(&*bits.slots), size_of_val(&*bits.seeds), size_of_val(&*bits.sets)];
        let total: usize = lengths.iter().sum();
        if total < LARGE {
            return None;
        }
        let mut map = MmapMut::map_anon(total.next_multiple_of(PAGE) + PAGE).ok()?;
        // A request: with small pages all is as it was.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        let first = map.as_ptr().align_offset(PAGE);
        let mut at = [first; 5];
        for (index, length) in lengths.iter().enumerate() {
            at[index + 1] = at[index] + length;
        }
        let arrays = [bits.pairs.as_bytes(), bits.slots.as_bytes(), bits.seeds.as_bytes(), bits.sets.as_bytes()];
        for (index, bytes) in arrays.into_iter().enumerate() {
            map.get_mut(at[index]..at[index + 1])?.copy_from_slice(bytes);
        }
        (bits.pairs, bits.slots, bits.seeds, bits.sets) = Default::default();
        Some(Pages { map: Arc::new(map), at })
    }

    /// The bit sets with the arrays that were moved.
    pub fn with<'a>(&'a self, bits: Bits<'a>) -> Bits<'a> {
        Bits { pairs: self.array(0), slots: self.array(1), seeds: self.array(2), sets: self.array(3), ..bits }
    }

    fn array<T: FromBytes + Immutable>(&self, index: usize) -> &[T] {
        // The first begins with a page, and those of words of 32 bits come before those of 16.
        let bytes = self.map.get(self.at[index]..self.at[index + 1]).unwrap_or(&[]);
        <[T]>::ref_from_bytes(bytes).unwrap_or(&[])
    }

    /// How many bytes the arrays have.
    pub fn bytes(&self) -> usize {
        self.at[4] - self.at[0]
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pages({} bytes)", self.bytes())
    }
}

impl PartialEq for Pages {
    fn eq(&self, other: &Pages) -> bool {
        (0..4).all(|at| self.array::<u8>(at) == other.array::<u8>(at))
    }
}

impl Eq for Pages {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_moved_is_the_same_afterwards() {
        let small = OwnedBits { pairs: vec![1; 1000], ..OwnedBits::default() };
        assert_eq!(Pages::of(&mut small.clone()), None);
        let large = OwnedBits {
            pairs: (0..300_000).collect(),
            slots: (7..50_007).collect(),
            seeds: vec![9, 8, 7],
            sets: (0..u16::MAX).cycle().take(600_001).collect(),
            ..OwnedBits::default()
        };
        let mut rest = large.clone();
        let pages = Pages::of(&mut rest).expect("large");
        assert_eq!((rest.bytes(), pages.bytes()), (0, large.bytes()));
        assert_eq!(pages.with(rest.as_bits()), large.as_bits());
        assert_eq!(pages.clone(), pages);
    }
}
