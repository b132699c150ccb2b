//! From the domains of the IR to the sorts of Z3.
//!
//! Two ways, never mixed in one question, so that the logic named to Z3 always covers the sorts it gets (it is believed,
//! not checked): *bits*, where everything is a Boolean or a bit-vector (`QF_FD`), and *whole*, where everything is a
//! Boolean or an integer (`QF_LIA`, `QF_NIA`). A member of an enumeration is its code: members that the program's sets
//! do not tell apart get neighbouring codes, so that a set of fifty countries is a handful of comparisons.

use z3::ast::{BV, Bool, Int};

use crate::ir::{Domain, EnumId, MemberSet, OutcomeTest, Program, Ranges, Term};

/// Which sorts a question is encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sorts {
    /// Booleans and bit-vectors.
    Bits,
    /// Booleans and integers.
    Whole,
}

/// A number between bounds, as a term of Z3. Bits hold `k - lo`, without sign; whole numbers hold `k`.
#[derive(Clone, Debug)]
pub(super) struct Number {
    word: Word,
    pub lo: i64,
    pub hi: i64,
}

#[derive(Clone, Debug)]
enum Word {
    Bits(BV, u32),
    Whole(Int),
}

/// How many bits hold `0..=most`; at least one.
fn bits_for(most: u128) -> u32 {
    (128 - most.leading_zeros()).max(1)
}

impl Number {
    /// A fresh constant of that name for a number from `lo` to `hi`, of which there is at least one.
    pub fn new(sorts: Sorts, name: &str, lo: i64, hi: i64) -> Self {
        let word = match sorts {
            Sorts::Bits => {
                let width = bits_for((i128::from(hi) - i128::from(lo)) as u128);
                Word::Bits(BV::new_const(name, width), width)
            }
            Sorts::Whole => Word::Whole(Int::new_const(name)),
        };
        Number { word, lo, hi }
    }

    fn bits(&self, k: i64, width: u32) -> BV {
        BV::from_u64((i128::from(k) - i128::from(self.lo)) as u64, width)
    }

    /// It is `k`, which is within the bounds.
    pub fn is(&self, k: i64) -> Bool {
        match &self.word {
            Word::Bits(bits, width) => bits.eq(self.bits(k, *width)),
            Word::Whole(int) => int.eq(Int::from_i64(k)),
        }
    }

    fn at_least(&self, k: i64) -> Bool {
        match &self.word {
            Word::Bits(bits, width) => bits.bvuge(self.bits(k, *width)),
            Word::Whole(int) => int.ge(Int::from_i64(k)),
        }
    }

    fn at_most(&self, k: i64) -> Bool {
        match &self.word {
            Word::Bits(bits, width) => bits.bvule(self.bits(k, *width)),
            Word::Whole(int) => int.le(Int::from_i64(k)),
        }
    }

    /// It is within its bounds.
    pub fn in_domain(&self) -> Bool {
        match &self.word {
            Word::Bits(_, width) if (i128::from(self.hi) - i128::from(self.lo) + 1) == 1 << *width => Bool::from_bool(true),
            Word::Bits(..) => self.at_most(self.hi),
            Word::Whole(_) => Bool::and(&[self.at_least(self.lo), self.at_most(self.hi)]),
        }
    }

    /// It lies in ranges; in as few comparisons as these or their complement need.
    pub fn within(&self, ranges: &Ranges) -> Bool {
        let ranges = ranges.intersection(&Ranges::closed(self.lo, self.hi));
        let others = ranges.complement_in(self.lo, self.hi);
        if others.pairs().len() < ranges.pairs().len() { self.one_of(&others).not() } else { self.one_of(&ranges) }
    }

    fn one_of(&self, ranges: &Ranges) -> Bool {
        let tests: Vec<Bool> = ranges
            .pairs()
            .iter()
            .map(|(from, to)| match (*from == self.lo, *to == self.hi) {
                _ if from == to => self.is(*from),
                (true, true) => Bool::from_bool(true),
                (true, false) => self.at_most(*to),
                (false, true) => self.at_least(*from),
                (false, false) => Bool::and(&[self.at_least(*from), self.at_most(*to)]),
            })
            .collect();
        match tests.as_slice() {
            [only] => only.clone(),
            _ => Bool::or(&tests),
        }
    }

    /// It equals another number of the same bounds and sorts.
    pub fn same(&self, other: &Number) -> Bool {
        match (&self.word, &other.word) {
            (Word::Bits(a, _), Word::Bits(b, _)) => a.eq(b),
            (Word::Whole(a), Word::Whole(b)) => a.eq(b),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    /// It is less than another number of the same bounds and sorts.
    pub fn less(&self, other: &Number) -> Bool {
        match (&self.word, &other.word) {
            (Word::Bits(a, _), Word::Bits(b, _)) => a.bvult(b),
            (Word::Whole(a), Word::Whole(b)) => a.lt(b),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    /// Its value in a model, if that is a number at all. The bounds are not checked here.
    pub fn read(&self, model: &z3::Model) -> Option<i64> {
        match &self.word {
            Word::Bits(bits, _) => {
                let offset = model.eval(bits, true)?.as_u64()?;
                i64::try_from(i128::from(self.lo) + i128::from(offset)).ok()
            }
            Word::Whole(int) => model.eval(int, true)?.as_i64(),
        }
    }

    /// The constant itself, where it is a whole number.
    pub fn term(&self) -> Option<z3::ast::Dynamic> {
        match &self.word {
            Word::Whole(int) => Some(z3::ast::Dynamic::from(int.clone())),
            Word::Bits(..) => None,
        }
    }

    /// As an amount of at least the given width, for arithmetic.
    pub fn amount(&self, width: u32) -> Amount {
        match &self.word {
            Word::Bits(bits, own) => {
                let value = if width > *own { bits.zero_ext(width - own) } else { bits.clone() };
                let Amount::Bits(lo, _) = Amount::constant(Sorts::Bits, i128::from(self.lo), width) else {
                    unreachable!("an amount of bits is of bits")
                };
                Amount::Bits(value.bvadd(lo), width)
            }
            Word::Whole(int) => Amount::Whole(int.clone()),
        }
    }

    /// Bits it takes by itself.
    pub fn width(&self) -> u32 {
        bits_for((i128::from(self.hi) - i128::from(self.lo)) as u128)
    }
}

/// An intermediate result. Bits are two's complement: arithmetic modulo `2^width` is exact whenever the *result* fits,
/// however large the parts were.
#[derive(Clone, Debug)]
pub(super) enum Amount {
    Bits(BV, u32),
    Whole(Int),
}

/// Bits that hold every number from `lo` to `hi` with a sign.
pub(super) fn signed_width(lo: i128, hi: i128) -> u32 {
    let most = hi.max(0).unsigned_abs().max(lo.min(0).unsigned_abs());
    bits_for(most) + 1
}

impl Amount {
    pub fn constant(sorts: Sorts, k: i128, width: u32) -> Self {
        match sorts {
            Sorts::Bits => {
                // Width may exceed 64: the bits are given one by one, the sign repeated.
                let bits: Vec<bool> = (0..width).map(|bit| k >> bit.min(127) & 1 == 1).collect();
                Amount::Bits(BV::from_bits(&bits).expect("a width is at least one"), width)
            }
            Sorts::Whole => Amount::Whole(Int::from_i128(k)),
        }
    }

    pub fn plus(&self, other: &Amount) -> Amount {
        match (self, other) {
            (Amount::Bits(a, width), Amount::Bits(b, _)) => Amount::Bits(a.bvadd(b), *width),
            (Amount::Whole(a), Amount::Whole(b)) => Amount::Whole(Int::add(&[a.clone(), b.clone()])),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    pub fn times(&self, other: &Amount) -> Amount {
        match (self, other) {
            (Amount::Bits(a, width), Amount::Bits(b, _)) => Amount::Bits(a.bvmul(b), *width),
            (Amount::Whole(a), Amount::Whole(b)) => Amount::Whole(Int::mul(&[a.clone(), b.clone()])),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    pub fn at_least(&self, other: &Amount) -> Bool {
        match (self, other) {
            (Amount::Bits(a, _), Amount::Bits(b, _)) => a.bvsge(b),
            (Amount::Whole(a), Amount::Whole(b)) => a.ge(b),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    pub fn same(&self, other: &Amount) -> Bool {
        match (self, other) {
            (Amount::Bits(a, _), Amount::Bits(b, _)) => a.eq(b),
            (Amount::Whole(a), Amount::Whole(b)) => a.eq(b),
            _ => unreachable!("one question is encoded in one way"),
        }
    }

    /// `this` where the condition holds, else `other`. Both have one sort here, so Z3 has nothing to coerce.
    pub fn choose(condition: &Bool, this: &Amount, other: &Amount) -> Amount {
        match (this, other) {
            (Amount::Bits(a, width), Amount::Bits(b, _)) => Amount::Bits(condition.ite(a, b), *width),
            (Amount::Whole(a), Amount::Whole(b)) => Amount::Whole(condition.ite(a, b)),
            _ => unreachable!("one question is encoded in one way"),
        }
    }
}

/// The codes of the members of each enumeration.
pub(super) struct Codes {
    /// By enumeration: the code of each member.
    code: Vec<Vec<u32>>,
    /// By enumeration: the member of each code.
    member: Vec<Vec<u32>>,
}

impl Codes {
    /// Orders members by which of the program's sets they are in, so that sets become runs of codes.
    pub fn new(program: &Program) -> Self {
        let mut sets: Vec<Vec<&MemberSet>> = vec![Vec::new(); program.enums.len()];
        for (_, term) in program.pool.iter() {
            match term {
                Term::Member { of, set } => {
                    if let Domain::Enum(id) = program.input(*of).domain {
                        sets[id.index()].push(set);
                    }
                }
                Term::Outcome { test: OutcomeTest::Members(_), .. } => {} // About decisions: not encoded as words.
                _ => {}
            }
        }
        let (mut code, mut member) = (Vec::new(), Vec::new());
        for (index, mut sets) in sets.into_iter().enumerate() {
            let size = program.enums[index].size();
            // Large sets decide first: small ones then are runs within few of their blocks.
            sets.sort_by_key(|set| (std::cmp::Reverse(set.len()), (*set).clone()));
            sets.dedup();
            let mut order: Vec<u32> = (0..size).collect();
            order.sort_by_cached_key(|m| (sets.iter().map(|set| !set.contains(*m)).collect::<Vec<bool>>(), *m));
            let mut codes = vec![0; size as usize];
            for (position, m) in order.iter().enumerate() {
                codes[*m as usize] = position as u32;
            }
            code.push(codes);
            member.push(order);
        }
        Codes { code, member }
    }

    /// The code of a member.
    pub fn code(&self, of: EnumId, member: u32) -> i64 {
        i64::from(self.code[of.index()][member as usize])
    }

    /// The member of a code, if there is one.
    pub fn member(&self, of: EnumId, code: i64) -> Option<u32> {
        self.member[of.index()].get(usize::try_from(code).ok()?).copied()
    }

    /// The codes of a set.
    pub fn ranges(&self, of: EnumId, members: impl IntoIterator<Item = u32>) -> Ranges {
        Ranges::from_pairs(members.into_iter().map(|member| {
            let code = self.code(of, member);
            (code, code)
        }))
    }
}
