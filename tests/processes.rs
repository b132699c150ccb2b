//! What the prover says of processes: against explicit enumeration of every state that can be reached, on random small processes.
//!
//! The account here is made from `docs/language.md` and `docs/semantics.md` alone: it walks the generated process itself, state by
//! state, and knows nothing of terms, worlds or solvers. A path must be found exactly where there is one, with as few steps; a
//! proof must be given only where there is none. What stays undecided is counted and told.
//!
//! `LEXPORT_PROCESSES` sets how many processes are made (`make agree` makes 600). A failure prints the shrunk process as it is written.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use lexport::analysis::{Options, Witness, check};
use lexport::diagnostic::Code;
use lexport::driver::Compilation;
use lexport::source::MemoryLoader;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

const MODES: [&str; 3] = ["export", "reexport", "lease"];
const PARTIES: [&str; 2] = ["alpha", "beta"];
const ANSWERS: [&str; 3] = ["none", "notice", "license"];
const DAYS: [&str; 4] = ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02"];
/// Up to how many steps the shortest path is looked for; beyond, any.
const DEPTH: usize = 5;
const STOCK: i64 = 4;
const AMOUNT: i64 = 3;

/// The inputs of a transaction.
#[derive(Clone, Copy, Debug)]
struct Deal {
    mode: usize,
    amount: i64,
    flag: bool,
    party: usize,
}

/// A test, of which each place allows some.
#[derive(Clone, Debug)]
enum Test {
    Mode(usize),
    Amount(i64),
    Flag,
    Kept(usize),
    Within,
    Answer(usize),
    Held(usize),
    HeldIsMode,
    HeldIsKept,
    Stock(i64),
    StockIsAmount,
    Mark,
    Day(usize),
}

/// All tests hold; each may be negated.
type All = Vec<(bool, Test)>;

#[derive(Clone, Debug)]
enum Hold {
    Member(usize),
    Mode,
    Kept,
}

#[derive(Clone, Debug)]
enum Change {
    Is(i64),
    Adds(i64),
    AddsAmount,
}

#[derive(Clone, Debug)]
enum Marks {
    Is(bool),
    IsFlag,
}

#[derive(Clone, Debug)]
enum Balance {
    Counts,
    Another,
}

#[derive(Clone, Debug)]
struct Step {
    when: All,
    held: Option<Hold>,
    stock: Option<Change>,
    mark: Option<Marks>,
    balance: Option<Balance>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    Ever,
    Year,
    TwoDays,
}

#[derive(Clone, Debug)]
struct Cap {
    limit: i64,
    window: Window,
    per: Per,
}

/// Whose balance it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    /// What is kept: one for all.
    Kept,
    /// A member that each step chooses: each has its own.
    Party,
    /// A record, which does not say who somebody is: until it is another.
    Firm,
}

#[derive(Clone, Debug)]
struct Made {
    rules: Vec<(All, usize)>,
    cap: Cap,
    time: bool,
    start: All,
    steps: Vec<Step>,
    bad: All,
}

fn test_text(test: &(bool, Test)) -> String {
    let text = match &test.1 {
        Test::Mode(mode) => format!("mode is {}", MODES[*mode]),
        Test::Amount(amount) => format!("amount >= {amount}"),
        Test::Flag => "flag".into(),
        Test::Kept(mode) => format!("kept is {}", MODES[*mode]),
        Test::Within => "within cap total".into(),
        Test::Answer(answer) => format!("requirement <= {}", ANSWERS[*answer]),
        Test::Held(mode) => format!("held is {}", MODES[*mode]),
        Test::HeldIsMode => "held is mode".into(),
        Test::HeldIsKept => "held is kept".into(),
        Test::Stock(amount) => format!("stock >= {amount}"),
        Test::StockIsAmount => "stock <= amount".into(),
        Test::Mark => "mark".into(),
        Test::Day(day) => format!("date >= {}", DAYS[*day]),
    };
    if test.0 { text } else { format!("not ({text})") }
}

fn all_text(all: &All) -> String {
    if all.is_empty() { "true".into() } else { all.iter().map(test_text).collect::<Vec<_>>().join(" and ") }
}

impl Made {
    /// Who counts toward the cap must be told apart, or else the language refuses the process.
    fn is_accepted(&self) -> bool {
        let any = |wanted: fn(&Balance) -> bool| self.steps.iter().any(|step| step.balance.as_ref().is_some_and(wanted));
        match self.cap.per {
            Per::Firm => any(|one| matches!(one, Balance::Another)) || !any(|one| matches!(one, Balance::Counts)),
            Per::Kept | Per::Party => !any(|one| matches!(one, Balance::Another)),
        }
    }

    /// `without`: the guard of this step is left out.
    fn text(&self, without: Option<usize>) -> String {
        let mut out = String::from("regime small\n\nenum Mode { export, reexport, lease }\nenum Party { alpha, beta }\n\n");
        out += "input mode, kept : Mode\ninput amount : count from 0 to 3\ninput flag : bool\ninput party : Party\n";
        out += "record Firm { local : bool }\ninput firm : Firm\n";
        let _ = writeln!(out, "input date : date from {} to {}\n", DAYS[0], DAYS[3]);
        let key = match self.cap.per {
            Per::Kept => "kept",
            Per::Party => "party",
            Per::Firm => "firm",
        };
        let window = match self.cap.window {
            Window::Ever => "",
            Window::Year => " per calendar year",
            Window::TwoDays => " in any 2 days",
        };
        let _ = writeln!(out, "cap total counts amount per {key}{window} at most {}\n", self.cap.limit);
        out += "decision requirement : ordered { none < notice < license } takes the strictest otherwise none\n";
        for (number, (when, answer)) in self.rules.iter().enumerate() {
            let _ = writeln!(out, "rule r{number} when {} then requirement is {}", all_text(when), ANSWERS[*answer]);
        }
        out += "\nprocess walk\n  keeps kept\n";
        if self.time {
            out += "  time passes\n";
        }
        out += "  state held : Mode\n  state stock : count from 0 to 4\n  state mark : bool\n";
        let _ = writeln!(out, "  start when {}", all_text(&self.start));
        for (number, step) in self.steps.iter().enumerate() {
            let _ = writeln!(out, "  step s{number}");
            if without != Some(number) {
                let _ = writeln!(out, "    when {}", all_text(&step.when));
            }
            let mut then = Vec::new();
            then.extend(step.held.as_ref().map(|hold| match hold {
                Hold::Member(mode) => format!("held is {}", MODES[*mode]),
                Hold::Mode => "held is mode".into(),
                Hold::Kept => "held is kept".into(),
            }));
            then.extend(step.stock.as_ref().map(|change| match change {
                Change::Is(amount) => format!("stock is {amount}"),
                Change::Adds(amount) => format!("stock adds {amount}"),
                Change::AddsAmount => "stock adds amount".into(),
            }));
            then.extend(step.mark.as_ref().map(|mark| match mark {
                Marks::Is(value) => format!("mark is {value}"),
                Marks::IsFlag => "mark is flag".into(),
            }));
            then.extend(step.balance.as_ref().map(|balance| match balance {
                Balance::Counts => "counts toward total".to_owned(),
                Balance::Another => format!("{key} is another"),
            }));
            if then.is_empty() {
                then.push("mark is mark".into());
            }
            let _ = writeln!(out, "    then {}", then.join(", "));
        }
        let _ = writeln!(out, "\nprove never_there : in walk never {}", all_text(&self.bad));
        out
    }
}

// What is so, state by state.

/// A state. What is counted is remembered entry by entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    kept: usize,
    held: usize,
    stock: i64,
    mark: bool,
    day: usize,
    /// What counts, by the day and the party. More than the limit is too much, however much more.
    counted: BTreeMap<(usize, usize), i64>,
}

impl State {
    /// The balance that a deal reads.
    fn used(&self, cap: &Cap, party: usize) -> i64 {
        let own = self.counted.iter().filter(|((_, of), _)| cap.per != Per::Party || *of == party);
        own.map(|(_, amount)| amount).sum()
    }

    fn day_is_in_2026(day: usize) -> bool {
        day >= 2
    }
}

impl Made {
    fn holds(&self, all: &All, state: &State, deal: &Deal) -> bool {
        all.iter().all(|(wanted, test)| {
            let is = match test {
                Test::Mode(mode) => deal.mode == *mode,
                Test::Amount(amount) => deal.amount >= *amount,
                Test::Flag => deal.flag,
                Test::Kept(mode) => state.kept == *mode,
                Test::Within => state.used(&self.cap, deal.party) + deal.amount <= self.cap.limit,
                Test::Answer(answer) => self.answer(state, deal) <= *answer,
                Test::Held(mode) => state.held == *mode,
                Test::HeldIsMode => state.held == deal.mode,
                Test::HeldIsKept => state.held == state.kept,
                Test::Stock(amount) => state.stock >= *amount,
                Test::StockIsAmount => state.stock <= deal.amount,
                Test::Mark => state.mark,
                Test::Day(day) => state.day >= *day,
            };
            is == *wanted
        })
    }

    fn answer(&self, state: &State, deal: &Deal) -> usize {
        let said = self.rules.iter().filter(|(when, _)| self.holds(when, state, deal)).map(|(_, answer)| *answer);
        said.max().unwrap_or(0)
    }

    fn deals() -> impl Iterator<Item = Deal> {
        (0..MODES.len()).flat_map(|mode| {
            (0..=AMOUNT).flat_map(move |amount| {
                [false, true]
                    .into_iter()
                    .flat_map(move |flag| (0..PARTIES.len()).map(move |party| Deal { mode, amount, flag, party }))
            })
        })
    }

    fn states(&self) -> Vec<State> {
        let nothing = Deal { mode: 0, amount: 0, flag: false, party: 0 };
        let mut out = Vec::new();
        for kept in 0..MODES.len() {
            for held in 0..MODES.len() {
                for stock in 0..=STOCK {
                    for mark in [false, true] {
                        for day in 0..DAYS.len() {
                            let state = State { kept, held, stock, mark, day, counted: BTreeMap::new() };
                            if self.holds(&self.start, &state, &nothing) {
                                out.push(state);
                            }
                        }
                    }
                }
            }
        }
        out
    }

    fn after(&self, step: &Step, state: &State, deal: &Deal) -> Option<State> {
        if !self.holds(&step.when, state, deal) {
            return None;
        }
        let mut next = state.clone();
        match step.held {
            Some(Hold::Member(mode)) => next.held = mode,
            Some(Hold::Mode) => next.held = deal.mode,
            Some(Hold::Kept) => next.held = state.kept,
            None => {}
        }
        match step.stock {
            Some(Change::Is(amount)) => next.stock = amount,
            Some(Change::Adds(amount)) => next.stock = (state.stock + amount).clamp(0, STOCK),
            Some(Change::AddsAmount) => next.stock = (state.stock + deal.amount).clamp(0, STOCK),
            None => {}
        }
        match step.mark {
            Some(Marks::Is(value)) => next.mark = value,
            Some(Marks::IsFlag) => next.mark = deal.flag,
            None => {}
        }
        match step.balance {
            Some(Balance::Counts) => {
                let party = if self.cap.per == Per::Party { deal.party } else { 0 };
                let day = if self.cap.window == Window::TwoDays { state.day } else { 0 };
                if deal.amount > 0 {
                    let amount = next.counted.entry((day, party)).or_insert(0);
                    *amount = (*amount + deal.amount).min(self.cap.limit + 1);
                }
            }
            Some(Balance::Another) => next.counted.clear(),
            None => {}
        }
        Some(next)
    }

    /// The fewest steps into what must never be.
    fn shortest(&self) -> Option<usize> {
        self.first(|state| Self::deals().any(|deal| self.holds(&self.bad, state, &deal)))
    }

    /// Whether no step ever changes anything but the day.
    fn is_stuck(&self) -> bool {
        let is = |a: &State, b: &State| (a.held, a.stock, a.mark, &a.counted) == (b.held, b.stock, b.mark, &b.counted);
        self.first(|state| {
            Self::deals()
                .any(|deal| self.steps.iter().filter_map(|step| self.after(step, state, &deal)).any(|next| !is(state, &next)))
        })
        .is_none()
    }

    /// The fewest steps to a state of some kind.
    fn first(&self, is: impl Fn(&State) -> bool) -> Option<usize> {
        let mut seen: BTreeSet<State> = BTreeSet::new();
        let mut queue: VecDeque<(State, usize)> = VecDeque::new();
        for state in self.states() {
            seen.insert(state.clone());
            queue.push_back((state, 0));
        }
        while let Some((state, steps)) = queue.pop_front() {
            if is(&state) {
                return Some(steps);
            }
            for state in self.next(&state) {
                if seen.insert(state.clone()) {
                    queue.push_back((state, steps + 1));
                }
            }
        }
        None
    }

    /// All states one step later.
    fn next(&self, state: &State) -> Vec<State> {
        let mut next: Vec<State> = Vec::new();
        for deal in Self::deals() {
            next.extend(self.steps.iter().filter_map(|step| self.after(step, state, &deal)));
        }
        if self.time {
            for day in state.day + 1..DAYS.len() {
                let mut later = State { day, ..state.clone() };
                match self.cap.window {
                    Window::Ever => {}
                    Window::Year if State::day_is_in_2026(day) != State::day_is_in_2026(state.day) => later.counted.clear(),
                    Window::Year => {}
                    Window::TwoDays => later.counted.retain(|(counted, _), _| day - counted < 2),
                }
                next.push(later);
            }
        }
        next
    }

    /// Of all runs of exactly so many steps into what must never be: the most stock, and the fewest days.
    fn sizes(&self, steps: usize) -> Option<(i64, usize)> {
        let mut at: BTreeSet<(State, usize)> = self.states().into_iter().map(|state| (state.clone(), state.day)).collect();
        for _ in 0..steps {
            let later =
                |(state, first): &(State, usize)| self.next(state).into_iter().map(|state| (state, *first)).collect::<Vec<_>>();
            at = at.iter().flat_map(later).collect();
        }
        let bad: Vec<(State, usize)> =
            at.into_iter().filter(|(state, _)| Self::deals().any(|deal| self.holds(&self.bad, state, &deal))).collect();
        let most = bad.iter().map(|(state, _)| state.stock).max()?;
        Some((most, bad.iter().map(|(state, first)| state.day - first).min()?))
    }

    fn is_there_at_once(&self) -> bool {
        self.states().iter().any(|state| Self::deals().any(|deal| self.holds(&self.bad, state, &deal)))
    }

    /// Whether there is a state at all where the process begins, and one that must never be, reached or not.
    fn says_something(&self) -> bool {
        let begins = !self.states().is_empty();
        let anywhere = Made { start: Vec::new(), ..self.clone() };
        let reaches = |state: &State| {
            (0..=2 * self.cap.limit).any(|used| {
                let state = State { counted: BTreeMap::from([((state.day, 0), used)]), ..state.clone() };
                Self::deals().any(|deal| self.holds(&self.bad, &state, &deal))
            })
        };
        begins && anywhere.states().iter().any(reaches)
    }
}

// What is generated.

fn negated(test: impl Strategy<Value = Test>) -> impl Strategy<Value = (bool, Test)> {
    (prop::bool::weighted(0.75), test)
}

fn of_rule() -> impl Strategy<Value = All> {
    let test = prop_oneof![
        3 => (0..MODES.len()).prop_map(Test::Mode),
        2 => (1..=AMOUNT).prop_map(Test::Amount),
        2 => Just(Test::Flag),
        1 => (0..MODES.len()).prop_map(Test::Kept),
        3 => Just(Test::Within),
        1 => (1..DAYS.len()).prop_map(Test::Day),
    ];
    vec(negated(test), 1..4)
}

fn of_state() -> impl Strategy<Value = Test> {
    prop_oneof![
        3 => (0..MODES.len()).prop_map(Test::Held),
        1 => Just(Test::HeldIsKept),
        3 => (1..=STOCK).prop_map(Test::Stock),
        2 => Just(Test::Mark),
        1 => (1..DAYS.len()).prop_map(Test::Day),
        1 => (0..MODES.len()).prop_map(Test::Kept),
    ]
}

fn of_guard() -> impl Strategy<Value = All> {
    let test = prop_oneof![
        5 => (0..2usize).prop_map(Test::Answer),
        1 => (0..MODES.len()).prop_map(Test::Mode),
        1 => (1..=AMOUNT).prop_map(Test::Amount),
        1 => Just(Test::HeldIsMode),
        1 => Just(Test::StockIsAmount),
        4 => of_state(),
    ];
    vec(negated(test), 0..3)
}

fn of_bad() -> impl Strategy<Value = All> {
    let far = prop_oneof![
        3 => (2..=STOCK).prop_map(Test::Stock),
        2 => (1..MODES.len()).prop_map(Test::Held),
        2 => Just(Test::Mark),
        1 => (1..DAYS.len()).prop_map(Test::Day),
        1 => Just(Test::HeldIsKept),
        1 => (0..2usize).prop_map(Test::Answer),
    ];
    // Mostly a place that takes some steps to come to.
    prop_oneof![1 => vec(negated(of_state()), 1..4), 4 => vec(far.prop_map(|test| (true, test)), 2..5)]
}

fn step() -> impl Strategy<Value = Step> {
    let hold = prop_oneof![(0..MODES.len()).prop_map(Hold::Member), Just(Hold::Mode), Just(Hold::Kept)];
    let change = prop_oneof![
        1 => (0..=STOCK).prop_map(Change::Is),
        2 => prop_oneof![Just(1i64), Just(-1i64), Just(2i64)].prop_map(Change::Adds),
        2 => Just(Change::AddsAmount),
    ];
    let marks = prop_oneof![any::<bool>().prop_map(Marks::Is), Just(Marks::IsFlag)];
    let balance = prop_oneof![3 => Just(Balance::Counts), 1 => Just(Balance::Another)];
    (of_guard(), option::of(hold), option::of(change), option::weighted(0.4, marks), option::of(balance))
        .prop_map(|(when, held, stock, mark, balance)| Step { when, held, stock, mark, balance })
}

fn made() -> impl Strategy<Value = Made> {
    let window = prop_oneof![Just(Window::Ever), Just(Window::Year), Just(Window::TwoDays)];
    let per = prop_oneof![Just(Per::Kept), Just(Per::Party), Just(Per::Firm)];
    let cap = (1..=4i64, window, per).prop_map(|(limit, window, per)| Cap { limit, window, per });
    let first = vec![(true, Test::Held(0)), (false, Test::Stock(1)), (false, Test::Mark), (false, Test::Day(1))];
    let start = prop_oneof![1 => vec(negated(of_state()), 1..4), 4 => Just(first)];
    let rules = vec((of_rule(), 1..ANSWERS.len()), 1..4);
    (rules, cap, any::<bool>(), start, vec(step(), 1..4), of_bad())
        .prop_map(|(rules, cap, time, start, mut steps, bad)| {
            // Only of a record it can be said that it is another.
            for step in steps.iter_mut().filter(|_| cap.per != Per::Firm) {
                step.balance = step.balance.take().map(|_| Balance::Counts);
            }
            Made { rules, cap, time, start, steps, bad }
        })
        .prop_filter("nothing says whose balance it is", Made::is_accepted)
        .prop_filter("it says nothing", Made::says_something)
        // Of what is so at the start already a few are enough.
        .prop_flat_map(|made| (Just(made), prop::bool::weighted(0.03)))
        .prop_filter_map("it is there at once", |(made, anyway)| (anyway || !made.is_there_at_once()).then_some(made))
}

// What the prover says.

/// The most stock, by the number of steps; the fewest days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sizes {
    most: Vec<(usize, i64)>,
    days: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// So many steps; and whether it says that none has fewer; how large it is said to be.
    Path(usize, bool, Sizes),
    Proved,
    /// No step can change anything whatever the rules say, so it says nothing.
    Stuck,
    Open(String),
    /// Something else: the words.
    Wrong(String),
}

fn said(text: &str) -> Said {
    let files = [("small.lxp".to_owned(), text.to_owned())].into();
    let compilation = Compilation::load(&MemoryLoader { files }, "small.lxp");
    let Some(program) = compilation.program.as_ref().filter(|_| !compilation.failed()) else {
        return Said::Wrong(format!("it does not compile: {:?}", compilation.messages.first().map(|message| &message.title)));
    };
    let options = Options { work: 1_000_000, seconds: 120, depth: DEPTH, ..Options::default() };
    let report = check(program, &options);
    if let Some(bug) = report.findings.iter().find(|finding| finding.code == Code::Internal) {
        return Said::Wrong(bug.title.to_string());
    }
    let found = report.findings.iter().find(|finding| finding.code == Code::Loophole);
    let proved = report.proved.iter().any(|proof| proof.invariant.is_some());
    let open = report.undecided.iter().find(|one| one.question.to_string().contains("never_there"));
    match (found, proved, open) {
        (Some(finding), false, None) => match &finding.witness {
            Some(Witness::Trace(trace)) => {
                let longer = finding.notes.iter().any(|note| note.to_string().starts_with("there may be a shorter way"));
                let world = &program.processes[trace.process].world;
                let stock = trace.size.most.iter().filter(|(input, _, _)| world.input(*input).name == "stock");
                let most = stock.map(|(_, steps, most)| (*steps, *most)).collect();
                Said::Path(trace.taken.len(), !longer, Sizes { most, days: trace.size.days })
            }
            _ => Said::Wrong("a loophole without a path".into()),
        },
        (None, true, None) => Said::Proved,
        (None, false, None)
            if report.findings.iter().any(|one| {
                one.code == Code::Vacuous && one.notes.iter().any(|note| note.to_string().starts_with("no step of"))
            }) =>
        {
            Said::Stuck
        }
        (None, false, Some(open)) => Said::Open(open.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        several => Said::Wrong(format!("{several:?}")),
    }
}

/// How often which of the answers came.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// By the number of steps.
    found: [usize; 16],
    proved: usize,
    open: usize,
    sizes: usize,
}

/// The longest runs that are listed one by one.
const LISTED: usize = 3;

fn agree(made: &Made, tally: &mut Tally) -> Result<(), String> {
    let (text, is) = (made.text(None), made.shortest());
    // Beyond the depth a longer one may come first; then it is said.
    let may_be_missed = |shortest: usize| shortest > DEPTH;
    let wrong = |said: &Said| Err(format!("enumeration: {is:?}; the prover: {said:?}\n\n{text}"));
    match (said(&text), is) {
        (Said::Path(steps, sure, sizes), Some(shortest))
            if steps == shortest || (!sure && steps > shortest && may_be_missed(shortest)) =>
        {
            tally.found[steps.min(15)] += 1;
            // Longer runs are too many to be listed.
            let listed = sizes.most.iter().filter(|(steps, _)| *steps <= LISTED);
            for (steps, most) in listed {
                tally.sizes += 1;
                if made.sizes(*steps).map(|(most, _)| most) != Some(*most) {
                    return wrong(&Said::Path(*steps, sure, sizes.clone()));
                }
            }
            if let Some(days) = sizes.days.filter(|_| steps <= LISTED) {
                tally.sizes += 1;
                if made.sizes(steps).map(|(_, days)| days as i64) != Some(days) {
                    return wrong(&Said::Path(steps, sure, sizes));
                }
            }
        }
        (Said::Proved, None) => tally.proved += 1,
        (Said::Stuck, None) if made.is_stuck() => tally.proved += 1,
        (Said::Open(why), is) => {
            let none = why.strip_prefix("no path of up to ").and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
            if is.zip(none).is_some_and(|(shortest, none)| shortest <= none) {
                return wrong(&Said::Open(why));
            }
            tally.open += 1;
        }
        (said, _) => return wrong(&said),
    }
    Ok(())
}

#[test]
fn a_path_is_found_exactly_where_there_is_one() {
    let count: u32 = std::env::var("LEXPORT_PROCESSES").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    let mut runner = TestRunner::new(ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() });
    let tally = std::cell::Cell::new(Tally::default());
    let result = runner.run(&made(), |made| {
        let mut so_far = tally.get();
        let agreed = agree(&made, &mut so_far);
        tally.set(so_far);
        agreed.map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, _)) = &result {
        panic!("{why}");
    }
    result.expect("processes are made");
    let Tally { found, proved, open, sizes } = tally.get();
    let paths: usize = found.iter().sum();
    println!(
        "{count} processes: {paths} paths, {proved} proofs, {open} undecided; {sizes} sizes; no disagreement; paths by steps: {found:?}"
    );
    assert!(
        proved * 8 >= count as usize && found[2..].iter().sum::<usize>() * 40 >= count as usize,
        "one kind of answer hardly came"
    );
    assert!(open * 10 <= count as usize, "too much stays undecided: {open} of {count}");
}

/// A checker that forgets a guard would be caught: where that makes a difference, the enumeration says so.
#[test]
fn a_dropped_guard_is_noticed() {
    let mut runner = TestRunner::deterministic();
    let mut noticed = 0;
    for _ in 0..400 {
        let made = made().new_tree(&mut runner).expect("a process").current();
        for step in 0..made.steps.len() {
            let mut without = made.clone();
            without.steps[step].when.clear();
            let (is, otherwise) = (made.shortest(), without.shortest());
            if is == otherwise {
                continue;
            }
            let said = said(&made.text(Some(step)));
            let fits = matches!((&said, is), (Said::Path(steps, _, _), Some(shortest)) if *steps == shortest)
                || (said == Said::Proved && is.is_none());
            assert!(!fits, "a guard was dropped and nobody noticed:\n{}", made.text(Some(step)));
            noticed += 1;
        }
        if noticed >= 5 {
            return;
        }
    }
    panic!("guards hardly ever make a difference: {noticed}");
}

/// Two parties, each with a balance of its own: who is asked about one is not told of the other.
const TWO: &str = "regime two
enum Country { MY, TH }
input destination : Country
input amount : count from 1 to 60
cap allocation counts amount per destination at most 50
decision licence : bool takes exactly one otherwise false
rule above when not within cap allocation then licence is true
process ship
  state there : count from 0 to 200
  start when there = 0
  step export when not licence then there adds amount, counts toward allocation
prove not_over_50 : in ship never there > 50
prove not_over_100 : in ship never there > 100
";

fn report(text: &str, options: &Options) -> lexport::analysis::Report {
    let files = [("small.lxp".to_owned(), text.to_owned())].into();
    let compilation = Compilation::load(&MemoryLoader { files }, "small.lxp");
    check(&compilation.program.expect("a program"), options)
}

/// In two steps the stock is full, and the balance of the cap too.
#[test]
fn a_path_through_a_full_balance_is_told_exactly() {
    let text = "regime small

enum Mode { export, reexport, lease }
input kept : Mode
input amount : count from 0 to 3
input date : date from 2025-12-30 to 2026-01-02

cap total counts amount per kept in any 2 days at most 2

decision requirement : ordered { none < notice } takes the strictest otherwise none

process walk
  keeps kept
  time passes
  state stock : count from 0 to 4
  start when not (stock >= 1) and not (date >= 2025-12-31)
  step s0 then stock adds amount, counts toward total

prove never_there : in walk never stock >= 4
";
    assert_eq!(said(text), Said::Path(2, true, Sizes { most: vec![(2, 4), (4, 4)], days: Some(0) }));
}

#[test]
fn every_member_has_a_balance_of_its_own() {
    let report = report(TWO, &Options::default());
    let found: Vec<&String> =
        report.findings.iter().filter(|one| one.code == Code::Loophole).flat_map(|one| &one.about).collect();
    assert_eq!(found, ["not_over_50"]);
    let proved = report.proved.iter().filter(|proof| proof.invariant.is_some());
    assert_eq!(proved.map(|proof| proof.property.to_string()).collect::<Vec<_>>().len(), 1);
}

/// A child that crashes or says nothing is an answer, and never a pass.
#[test]
fn a_worker_that_fails_leaves_it_undecided() {
    for program in ["/bin/false", "/bin/true", "/nowhere/at/all"] {
        let report = report(TWO, &Options { worker: Some(program.into()), ..Options::default() });
        let named = |one: &lexport::analysis::Undecided| one.question.to_string().contains("not_over_50");
        let open = report.undecided.iter().find(|one| named(one)).unwrap_or_else(|| panic!("{program}: decided"));
        assert!(open.reasons.iter().any(|reason| reason.to_string().contains("child process")), "{program}: {:?}", open.reasons);
        assert!(report.proved.iter().all(|proof| proof.invariant.is_none()), "{program}");
    }
}

/// A cap of a compared regime has a balance that no process follows: nothing is claimed.
#[test]
fn a_compared_cap_is_left_undecided() {
    let old = "regime old
input amount : count from 1 to 60
cap yearly counts amount at most 20
decision licence : bool takes exactly one otherwise false
rule above when not within cap yearly then licence is true
";
    let new = "regime new
compare with \"./old.lxp\" as old
input amount : count from 1 to 60
decision licence : bool takes exactly one otherwise false
rule above when amount > 50 then licence is true
process ship
  state there : count from 0 to 200
  start when there = 0
  step export when not licence and old::licence is false then there adds amount
prove not_over_50 : in ship never there > 50
";
    let files = [("old.lxp".to_owned(), old.to_owned()), ("new.lxp".to_owned(), new.to_owned())].into();
    let compilation = Compilation::load(&MemoryLoader { files }, "new.lxp");
    let program = compilation.program.unwrap_or_else(|| panic!("{:#?}", compilation.messages));
    let report = check(&program, &Options::default());
    assert_eq!(report.undecided.len(), 1, "{:#?}", report.undecided);
    assert!(report.findings.iter().all(|finding| finding.code != Code::Loophole));
}

/// A limit of nothing is passed by the first that is counted, and a full balance stays full.
#[test]
fn a_limit_of_nothing_holds_nothing() {
    let head = "regime small\ninput amount : count from 0 to 3\ninput date : date from 2025-12-30 to 2026-01-02\n\
                decision requirement : ordered { none < license } takes the strictest otherwise none\n";
    let text = |window: &str| {
        format!(
            "{head}cap total counts amount {window} at most 0\n\
             rule r when not within cap total then requirement is license\n\
             process walk\n  time passes\n  state stock : count from 0 to 100\n  state bought : bool\n\
             start when stock = 0 and not bought and date is 2025-12-30\n\
             step any when amount >= 1 then bought is true, counts toward total\n\
             step free when requirement is none and amount = 0 and bought then stock is 5\n\
             prove never_there : in walk never stock >= 4\n"
        )
    };
    // One is counted, and one and nothing is more than nothing.
    assert_eq!(said(&text("")), Said::Proved);
    // In two days it has left the window: buy, wait, go.
    assert!(matches!(said(&text("in any 2 days")), Said::Path(3, true, _)), "{:?}", said(&text("in any 2 days")));
}

/// Nobody says who the buyer is: two keys, and only one of them is said to be another.
#[test]
fn each_key_of_a_balance_is_somebodys() {
    let text = |keys: &str, another: &str| {
        format!(
            "regime small\nrecord Firm {{ local : bool }}\ninput firm, buyer : Firm\ninput amount : count from 1 to 10\n\
             decision requirement : ordered {{ none < license }} takes the strictest otherwise none\n\
             cap total counts amount per {keys} at most 10\n\
             rule r when not within cap total then requirement is license\n\
             process walk\n  state got : count from 0 to 100\n  start when got = 0\n\
             step order when requirement is none then got adds amount, counts toward total\n\
             step shell then {another}\n\
             prove never_there : in walk never got > 10\n"
        )
    };
    let Said::Wrong(refused) = said(&text("firm, buyer", "firm is another")) else { panic!("nobody says who buys") };
    assert!(refused.contains("counts per buyer, and nothing says whose balance it is"), "{refused}");
    assert!(matches!(said(&text("firm, buyer", "firm is another, buyer is another")), Said::Path(3, true, _)));
    assert!(matches!(said(&text("firm", "firm is another")), Said::Path(3, true, _)));
    // In one step a balance is counted or begins anew, and not both, in whatever order that is said.
    for both in ["firm is another, counts toward total", "counts toward total, firm is another"] {
        let Said::Wrong(refused) = said(&text("firm", both)) else { panic!("{both}") };
        assert!(refused.contains("one step says twice what `total.used` becomes"), "{refused}");
    }
}
