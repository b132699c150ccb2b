//! Evaluates Lexport decision tables: `no_std`, no dependency, no allocation, no unsafe code, no panic.
//!
//! A table is *tests* on inputs and, for each decision, the root of a decision diagram over the tests. A test maps the raw
//! value of its input to a small *class* (which interval, which group of members); a node looks its children up by the
//! class. So a decision costs a few look-ups, whatever the number of rules. (P. Gupta and N. McKeown, "Packet classification
//! on multiple fields", SIGCOMM 1999, for the mapping to classes; R. Bryant, 1986, for the diagrams.)
//!
//! Call [`Table::check`] once: afterwards evaluation fails only for wrong inputs. Even an unchecked table cannot panic or
//! loop: every index is checked, and a walk only ever goes to lower offsets. The format is `docs/tables.md`.
#![no_std]
#![forbid(unsafe_code)]

pub mod bits;
pub mod fused;

/// This file, for programs that carry it with them.
pub const SOURCE: &str = include_str!("lib.rs");

/// The class of a test whose input is not known; as an entry of a map: a value that the table is not good for.
pub const NONE: u32 = u32::MAX;

/// In a word of [`Table::nodes`]: the rest is an outcome, not an offset.
pub const LEAF: u32 = 1 << 31;

/// In a word of [`Table::nodes`]: with [`LEAF`], the first word of a node; the rest is its test.
pub const HEAD: u32 = 3 << 30;

/// The value of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Not known.
    Unknown,
    /// Of a Boolean.
    Bool(bool),
    /// Of an enumeration: the number of the member.
    Member(u32),
    /// Of a set: member `m` is bit `m % 64` of word `m / 64`; missing words are 0.
    Set(&'a [u64]),
    /// Of a number (in steps of its unit) or a date (in days since 1970-01-01).
    Int(i64),
}

/// What an input can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// One of so many members.
    Enum(u32),
    /// A subset of so many members.
    Set(u32),
    /// A whole number from the first to the second, both included.
    Int(i64, i64),
}

/// A run of entries in one of the arrays of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// Where it starts.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// How a class is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Class 1 if the Boolean is true, else 0.
    Flag {
        /// The Boolean.
        input: u32,
    },
    /// The class stands in [`Table::maps`] at the member.
    Member {
        /// The enumeration.
        input: u32,
        /// How many classes there are.
        classes: u32,
        /// In [`Table::maps`]; as many as the enumeration has members.
        map: Span,
    },
    /// The class stands in [`Table::maps`] at the number of thresholds that the value reaches.
    Interval {
        /// The number or date.
        input: u32,
        /// How many classes there are.
        classes: u32,
        /// In [`Table::thresholds`], rising.
        thresholds: Span,
        /// In [`Table::maps`]; one more than there are thresholds.
        map: Span,
    },
    /// Class 1 if the set has the member, else 0.
    Has {
        /// The set.
        input: u32,
        /// The member.
        member: u32,
    },
    /// Class 1 if two enumerations have the same member, else 0.
    Same {
        /// The one.
        a: u32,
        /// The other.
        b: u32,
    },
    /// Class 1 if `constant + Σ monomials` is 0 or more, else 0.
    AtLeastZero {
        /// In [`Table::monomials`].
        monomials: Span,
        /// The constant.
        constant: i128,
    },
}

/// A coefficient times a product of number inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monomial {
    /// The coefficient.
    pub coefficient: i128,
    /// In [`Table::factors`]: the inputs, one more than once for a power.
    pub factors: Span,
}

/// What a decision comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule speaks, and there is no default.
    Gap,
    /// Rules disagree; their values are in [`Table::disagreements`].
    Conflict(Span),
    /// True or false.
    Bool(bool),
    /// A member.
    Member(u32),
    /// A set; its words (as in [`Value::Set`]) are in [`Table::words`].
    Set(Span),
    /// A number, in steps.
    Int(i64),
}

/// An answer and who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The answer.
    pub answer: Answer,
    /// In [`Table::carriers`]: the numbers of the rules that carried it; none for a default or a gap.
    pub rules: Span,
}

/// A decision table, borrowed or constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// The inputs, in the order of the values.
    pub inputs: &'a [Kind],
    /// The tests; a node's test stands before those of its children.
    pub tests: &'a [Test],
    /// Classes, by member or interval.
    pub maps: &'a [u32],
    /// Thresholds of intervals.
    pub thresholds: &'a [i64],
    /// Monomials of polynomials.
    pub monomials: &'a [Monomial],
    /// Inputs of monomials.
    pub factors: &'a [u32],
    /// For each decision where it starts: an offset into `nodes`, or [`LEAF`] with an outcome.
    pub roots: &'a [u32],
    /// Nodes: [`HEAD`] with the test, then for each class the child: a lower offset, or [`LEAF`] with an outcome.
    pub nodes: &'a [u32],
    /// The outcomes.
    pub outcomes: &'a [Outcome],
    /// Values of conflicts; none of them a conflict.
    pub disagreements: &'a [Answer],
    /// Words of sets.
    pub words: &'a [u64],
    /// Rules of outcomes.
    pub carriers: &'a [u32],
}

/// Why a table or a question to it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// The table is malformed at this test.
    Test(u32),
    /// The table is malformed at this offset of its nodes, or at a root.
    Node(u32),
    /// The table is malformed at this outcome.
    Outcome(u32),
    /// There are not as many values as inputs.
    Inputs,
    /// The value of this input is of another kind, outside its domain, or not what the table was specialised to.
    Input(u32),
    /// The polynomial of this test leaves 128 bits.
    Overflow(u32),
    /// There is no such decision.
    Decision(u32),
    /// The scratch space is too small.
    Scratch,
}

/// What unknown inputs leave open; see [`Table::open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// How many outcomes are still possible (their bits are in the scratch space).
    pub possible: u32,
    /// The input to ask for first: of all that the answer may hang on, the one that is tested first.
    pub ask: Option<u32>,
    /// Whether each of them is reached in some case. Otherwise the set is too large rather than too small: arithmetic or
    /// same-member tests of unknown inputs were taken to be free.
    pub exact: bool,
}

#[inline]
fn part<T>(all: &[T], span: Span) -> Option<&[T]> {
    let first = span.first as usize;
    all.get(first..first.checked_add(span.count as usize)?)
}

/// How many thresholds the value reaches: binary search with a fixed number of steps and no branch on the data.
#[inline]
fn rank(thresholds: &[i64], value: i64) -> usize {
    let (mut base, mut size) = (0usize, thresholds.len());
    while size > 1 {
        let half = size / 2;
        base += half * usize::from(thresholds.get(base + half - 1).is_some_and(|at| *at <= value));
        size -= half;
    }
    base + usize::from(size == 1 && thresholds.get(base).is_some_and(|at| *at <= value))
}

impl<'a> Table<'a> {
    /// Length of the scratch space of [`Table::classify`], in words.
    pub const fn classes_len(&self) -> usize {
        self.tests.len()
    }

    /// Length of the scratch space of [`Table::open`], in words: first the bits of the outcomes, then those of the inputs
    /// to ask for, then a workspace.
    pub const fn marks_len(&self) -> usize {
        self.outcomes.len().div_ceil(64) + self.inputs.len().div_ceil(64) + self.nodes.len().div_ceil(64)
    }

    /// How many classes a test has.
    const fn classes(test: Test) -> u32 {
        match test {
            Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
            _ => 2,
        }
    }

    fn kind(&self, input: u32) -> Option<Kind> {
        self.inputs.get(input as usize).copied()
    }

    /// Whether the table is well-formed: afterwards no evaluation fails but for wrong inputs.
    ///
    /// # Errors
    /// The first place that is not.
    pub fn check(&self) -> Result<(), TableError> {
        for (number, test) in self.tests.iter().enumerate() {
            if !self.check_test(*test) {
                return Err(TableError::Test(number as u32));
            }
        }
        let mut at = 0;
        while let Some(head) = self.nodes.get(at) {
            let here = TableError::Node(at as u32);
            let number = head & !HEAD;
            let test = *self.tests.get(number as usize).filter(|_| head & HEAD == HEAD).ok_or(here)?;
            let children = Span { first: at as u32 + 1, count: Self::classes(test) };
            for child in part(self.nodes, children).ok_or(here)? {
                let below = *child < at as u32
                    && self.nodes.get(*child as usize).is_some_and(|head| head & HEAD == HEAD && head & !HEAD > number);
                if !below && !self.is_leaf(*child) {
                    return Err(here);
                }
            }
            at += 1 + children.count as usize;
        }
        for root in self.roots {
            let node = self.nodes.get(*root as usize).is_some_and(|head| head & HEAD == HEAD);
            if !node && !self.is_leaf(*root) {
                return Err(TableError::Node(*root));
            }
        }
        for (number, outcome) in self.outcomes.iter().enumerate() {
            let answer = match outcome.answer {
                Answer::Conflict(span) => part(self.disagreements, span)
                    .is_some_and(|all| all.iter().all(|one| !matches!(one, Answer::Conflict(_)) && self.has_words(*one))),
                answer => self.has_words(answer),
            };
            if !answer || part(self.carriers, outcome.rules).is_none() {
                return Err(TableError::Outcome(number as u32));
            }
        }
        Ok(())
    }

    fn is_leaf(&self, word: u32) -> bool {
        word & HEAD == LEAF && ((word & !HEAD) as usize) < self.outcomes.len()
    }

    fn has_words(&self, answer: Answer) -> bool {
        !matches!(answer, Answer::Set(span) if part(self.words, span).is_none())
    }

    fn check_test(&self, test: Test) -> bool {
        let maps = |map: Span, count: u32, classes: u32| {
            map.count == count
                && classes > 0
                && part(self.maps, map).is_some_and(|map| map.iter().all(|class| *class < classes || *class == NONE))
        };
        match test {
            Test::Flag { input } => self.kind(input) == Some(Kind::Bool),
            Test::Member { input, classes, map } => match self.kind(input) {
                Some(Kind::Enum(size)) => maps(map, size, classes),
                _ => false,
            },
            Test::Interval { input, classes, thresholds, map } => {
                matches!(self.kind(input), Some(Kind::Int(..)))
                    && part(self.thresholds, thresholds)
                        .is_some_and(|all| all.iter().zip(all.iter().skip(1)).all(|(one, next)| one < next))
                    && thresholds.count < NONE
                    && maps(map, thresholds.count + 1, classes)
            }
            Test::Has { input, member } => matches!(self.kind(input), Some(Kind::Set(size)) if member < size),
            Test::Same { a, b } => match (self.kind(a), self.kind(b)) {
                (Some(Kind::Enum(a)), Some(Kind::Enum(b))) => a == b,
                _ => false,
            },
            Test::AtLeastZero { monomials, .. } => part(self.monomials, monomials).is_some_and(|all| {
                all.iter().all(|one| {
                    part(self.factors, one.factors)
                        .is_some_and(|all| all.iter().all(|input| matches!(self.kind(*input), Some(Kind::Int(..)))))
                })
            }),
        }
    }

    /// The value of an input, if it is of the right kind and in its domain.
    #[inline]
    fn value<'v>(&self, input: u32, values: &[Value<'v>]) -> Result<Value<'v>, TableError> {
        let value = *values.get(input as usize).ok_or(TableError::Inputs)?;
        let good = match (self.kind(input), value) {
            (_, Value::Unknown) | (Some(Kind::Bool), Value::Bool(_)) => true,
            (Some(Kind::Enum(size)), Value::Member(member)) => member < size,
            (Some(Kind::Int(lo, hi)), Value::Int(int)) => lo <= int && int <= hi,
            (Some(Kind::Set(size)), Value::Set(words)) => words.iter().enumerate().all(|(index, word)| {
                let before = (index as u64).saturating_mul(64);
                *word == 0 || before + u64::from(63 - word.leading_zeros()) < u64::from(size)
            }),
            _ => false,
        };
        if good { Ok(value) } else { Err(TableError::Input(input)) }
    }

    /// The class of a test, or [`NONE`] if it hangs on an unknown input. `CHECK`: the values are not validated yet.
    #[inline]
    fn class<const CHECK: bool>(&self, number: u32, values: &[Value<'_>]) -> Result<u32, TableError> {
        let fetch = |input: u32| {
            if CHECK { self.value(input, values) } else { values.get(input as usize).copied().ok_or(TableError::Inputs) }
        };
        let malformed = TableError::Test(number);
        let (input, class) = match *self.tests.get(number as usize).ok_or(malformed)? {
            Test::Flag { input } => match fetch(input)? {
                Value::Bool(value) => (input, u32::from(value)),
                _ => return Ok(NONE),
            },
            Test::Member { input, map, classes } => match fetch(input)? {
                // A guard refuses other values; there is only one thing that the input can be.
                Value::Unknown if classes == 1 => return Ok(0),
                Value::Member(member) => {
                    let map = part(self.maps, map).ok_or(malformed)?;
                    (input, *map.get(member as usize).ok_or(malformed)?)
                }
                _ => return Ok(NONE),
            },
            Test::Interval { input, thresholds, map, .. } => match fetch(input)? {
                Value::Int(int) => {
                    let at = rank(part(self.thresholds, thresholds).ok_or(malformed)?, int);
                    (input, *part(self.maps, map).and_then(|map| map.get(at)).ok_or(malformed)?)
                }
                _ => return Ok(NONE),
            },
            Test::Has { input, member } => match fetch(input)? {
                Value::Set(words) => {
                    let word = words.get(member as usize / 64).copied().unwrap_or(0);
                    (input, (word >> (member % 64)) as u32 & 1)
                }
                _ => return Ok(NONE),
            },
            Test::Same { a, b } => match (fetch(a)?, fetch(b)?) {
                (Value::Member(one), Value::Member(other)) => (a, u32::from(one == other)),
                _ => return Ok(NONE),
            },
            Test::AtLeastZero { monomials, constant } => return self.sign(number, monomials, constant, values),
        };
        if class == NONE { Err(TableError::Input(input)) } else { Ok(class) }
    }

    /// The sign of a polynomial, from the range that it has while unknown inputs range over their domains.
    fn sign(&self, number: u32, all: Span, constant: i128, values: &[Value<'_>]) -> Result<u32, TableError> {
        let (malformed, overflow) = (TableError::Test(number), TableError::Overflow(number));
        let (mut least, mut most) = (constant, constant);
        for monomial in part(self.monomials, all).ok_or(malformed)? {
            let (mut lo, mut hi) = (monomial.coefficient, monomial.coefficient);
            for input in part(self.factors, monomial.factors).ok_or(malformed)? {
                let (a, b) = match (self.value(*input, values)?, self.kind(*input)) {
                    (Value::Int(int), _) => (i128::from(int), i128::from(int)),
                    (_, Some(Kind::Int(a, b))) => (i128::from(a), i128::from(b)),
                    _ => return Err(malformed),
                };
                if a == b && lo == hi {
                    lo = lo.checked_mul(a).ok_or(overflow)?;
                    hi = lo;
                    continue;
                }
                let (mut low, mut high) = (i128::MAX, i128::MIN);
                for (x, y) in [(lo, a), (lo, b), (hi, a), (hi, b)] {
                    let corner = x.checked_mul(y).ok_or(overflow)?;
                    low = low.min(corner);
                    high = high.max(corner);
                }
                (lo, hi) = (low, high);
            }
            least = least.checked_add(lo).ok_or(overflow)?;
            most = most.checked_add(hi).ok_or(overflow)?;
        }
        Ok(if least >= 0 {
            1
        } else if most < 0 {
            0
        } else {
            NONE
        })
    }

    /// Finds the class of every test ([`NONE`] where it hangs on an unknown input), for any number of decisions. It also
    /// validates every value.
    ///
    /// # Errors
    /// For a wrong value, or if `classes` is shorter than [`Table::classes_len`].
    pub fn classify(&self, values: &[Value<'_>], classes: &mut [u32]) -> Result<(), TableError> {
        if values.len() != self.inputs.len() {
            return Err(TableError::Inputs);
        }
        for input in 0..self.inputs.len() as u32 {
            self.value(input, values)?;
        }
        let classes = classes.get_mut(..self.tests.len()).ok_or(TableError::Scratch)?;
        for (number, class) in classes.iter_mut().enumerate() {
            *class = self.class::<false>(number as u32, values)?;
        }
        Ok(())
    }

    #[inline]
    fn root(&self, decision: u32) -> Result<u32, TableError> {
        self.roots.get(decision as usize).copied().ok_or(TableError::Decision(decision))
    }

    /// Follows the diagram; `class_of` gives the class of a test. `None` if it comes to a test without one.
    #[inline]
    fn walk(&self, decision: u32, mut class_of: impl FnMut(u32) -> Result<u32, TableError>) -> Result<Option<u32>, TableError> {
        let mut at = self.root(decision)?;
        while at & LEAF == 0 {
            let head = *self.nodes.get(at as usize).ok_or(TableError::Node(at))?;
            let class = class_of(head & !HEAD)?;
            if class == NONE {
                return Ok(None);
            }
            let child = *self.nodes.get(at as usize + 1 + class as usize).ok_or(TableError::Node(at))?;
            if child & LEAF == 0 && child >= at {
                return Err(TableError::Node(at));
            }
            at = child;
        }
        Ok(Some(at & !HEAD))
    }

    /// The outcome (a number in [`Table::outcomes`]) of a decision, after [`Table::classify`]. `None`: it comes to a test
    /// of an unknown input; ask [`Table::open`].
    ///
    /// # Errors
    /// For a decision that is not there, or a malformed table.
    pub fn decide(&self, decision: u32, classes: &[u32]) -> Result<Option<u32>, TableError> {
        self.walk(decision, |test| classes.get(test as usize).copied().ok_or(TableError::Scratch))
    }

    /// As [`Table::decide`], looking only at the inputs that matter: faster for one decision.
    ///
    /// # Errors
    /// For a wrong value of an input that matters, and as [`Table::decide`].
    pub fn look_up(&self, decision: u32, values: &[Value<'_>]) -> Result<Option<u32>, TableError> {
        if values.len() != self.inputs.len() {
            return Err(TableError::Inputs);
        }
        self.walk(decision, |test| self.class::<true>(test, values))
    }

    /// All outcomes that are still possible while inputs are unknown, and what to ask for; one pass over the table.
    /// `classes` is what [`Table::classify`] made of `values`. Afterwards bit `o` of `marks` says that outcome `o` is
    /// possible, and bit `i` of the words after ⌈outcomes / 64⌉ that the answer may hang on the unknown input `i`.
    ///
    /// # Errors
    /// As [`Table::decide`], or if `marks` is shorter than [`Table::marks_len`].
    pub fn open(&self, decision: u32, values: &[Value<'_>], classes: &[u32], marks: &mut [u64]) -> Result<Open, TableError> {
        let marks = marks.get_mut(..self.marks_len()).ok_or(TableError::Scratch)?;
        marks.fill(0);
        let (possible, rest) = marks.split_at_mut(self.outcomes.len().div_ceil(64));
        let (asked, seen) = rest.split_at_mut(self.inputs.len().div_ceil(64));
        let mut exact = true;
        let mut ask: Option<(u32, u32)> = None;
        let mut mark = |seen: &mut [u64], word: u32, at: u32| {
            let (bits, index) = if word & LEAF == 0 { (seen, word) } else { (&mut *possible, word & !HEAD) };
            let slot = bits.get_mut(index as usize / 64).ok_or(TableError::Node(at))?;
            *slot |= 1 << (index % 64);
            Ok(())
        };
        let root = self.root(decision)?;
        mark(seen, root, root)?;
        // Children stand at lower offsets, so one pass downwards meets every node after all its parents.
        for word in (0..seen.len()).rev() {
            while let Some(bits) = seen.get(word).copied().filter(|bits| *bits != 0) {
                let bit = 63 - bits.leading_zeros();
                let at = word as u32 * 64 + bit;
                if let Some(slot) = seen.get_mut(word) {
                    *slot &= !(1 << bit);
                }
                let malformed = TableError::Node(at);
                let number = self.nodes.get(at as usize).ok_or(malformed)? & !HEAD;
                let test = *self.tests.get(number as usize).ok_or(malformed)?;
                let class = *classes.get(number as usize).ok_or(TableError::Scratch)?;
                let children = if class == NONE {
                    Span { first: at + 1, count: Self::classes(test) }
                } else {
                    Span { first: at.saturating_add(1).saturating_add(class), count: 1 }
                };
                for child in part(self.nodes, children).ok_or(malformed)? {
                    if child & LEAF == 0 && *child >= at {
                        return Err(malformed);
                    }
                    mark(seen, *child, at)?;
                }
                if class == NONE {
                    exact &= !matches!(test, Test::Same { .. } | Test::AtLeastZero { .. });
                    let first = self.note_unknown(test, values, asked);
                    if ask.is_none_or(|(before, _)| number < before)
                        && let Some(first) = first
                    {
                        ask = Some((number, first));
                    }
                }
            }
        }
        let possible = possible.iter().map(|word| word.count_ones()).sum();
        Ok(Open { possible, ask: ask.map(|(_, input)| input), exact })
    }

    /// Marks the unknown inputs of a test; the first of them.
    fn note_unknown(&self, test: Test, values: &[Value<'_>], asked: &mut [u64]) -> Option<u32> {
        let mut first = None;
        let mut note = |input: u32| {
            if values.get(input as usize) == Some(&Value::Unknown)
                && let Some(slot) = asked.get_mut(input as usize / 64)
            {
                *slot |= 1 << (input % 64);
                first = first.or(Some(input));
            }
        };
        match test {
            Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => {
                note(input);
            }
            Test::Same { a, b } => {
                note(a);
                note(b);
            }
            Test::AtLeastZero { monomials, .. } => {
                for monomial in part(self.monomials, monomials).unwrap_or(&[]) {
                    part(self.factors, monomial.factors).unwrap_or(&[]).iter().for_each(|input| note(*input));
                }
            }
        }
        first
    }

    /// The words of a set answer.
    pub fn set_words(&self, span: Span) -> &'a [u64] {
        part(self.words, span).unwrap_or(&[])
    }

    /// The values of a conflict.
    pub fn conflict_values(&self, span: Span) -> &'a [Answer] {
        part(self.disagreements, span).unwrap_or(&[])
    }

    /// The numbers of the rules that carried an outcome.
    pub fn rules(&self, outcome: Outcome) -> &'a [u32] {
        part(self.carriers, outcome.rules).unwrap_or(&[])
    }
}
