//! What is kept against what is asked: digests that say as much as the interpreter, and answers that do not change.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::cache::{Place, Store};
use crate::ir::{Digests, Domain, InputId, NumberDomain, Slices, Term};

/// A store in a folder of its own, and what stands behind it.
struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Room {
        Room(tempfile::tempdir().expect("a folder"))
    }

    fn open(&self) -> Arc<Store> {
        let place = Place { folder: &self.0.path().join("records"), key: &self.0.path().join("cache.key"), identity: b"test" };
        Arc::new(Store::open(place).expect("a store"))
    }
}

/// Everything that can be asked about rules and decisions of a small program.
fn goals(program: &mut Program) -> Vec<TermId> {
    let mut all = Vec::new();
    for rule in program.rule_ids() {
        let mut build = program.builder();
        all.extend([build.applies(rule), build.effective(rule)]);
    }
    for id in program.decision_ids() {
        let lab = Lab::new(program, &Options::default()).tests(id).unwrap_or_default();
        for test in lab {
            all.push(program.builder().outcome(id, test.clone()));
            for rule in program.rule_ids() {
                all.push(program.builder().outcome_without(id, rule, test.clone()));
            }
        }
    }
    all
}

/// A program with one thing changed.
fn changed(seed: u64, how: u64) -> Program {
    let mut program = random(seed);
    let rules = program.rules.len();
    let rule = (how / 8) as usize % rules.max(1);
    match how % 8 {
        _ if rules == 0 => {}
        0 => program.rules[rule].applies = program.builder().constant(how % 16 < 8),
        1 => {
            // Another term of the program that does not look at rules.
            let plain =
                |term: &Term| matches!(term, Term::Flag(_) | Term::Member { .. } | Term::Within { .. } | Term::Has { .. });
            let terms: Vec<TermId> = program.pool.iter().filter(|(_, term)| plain(term)).map(|(id, _)| id).collect();
            if let Some(term) = terms.get(how as usize % terms.len().max(1)) {
                program.rules[rule].applies = *term;
            }
        }
        2 => program.rules[rule].overridden_by.clear(),
        3 => {
            for (_, value) in &mut program.rules[rule].conclusions {
                match value {
                    Value::Member(member) => *member = (*member + 1) % 3,
                    Value::Bool(value) => *value = !*value,
                    Value::Int(int) => *int += 1,
                    Value::Set(set) => *set = set.complement(),
                }
            }
        }
        4 => {
            for decision in &mut program.decisions {
                decision.default = None;
            }
        }
        5 => {
            for decision in &mut program.decisions {
                decision.rules.reverse();
            }
        }
        6 => {
            for decision in &mut program.decisions {
                if decision.combine != Combine::All && decision.combine != Combine::Sum {
                    decision.combine = [Combine::ExactlyOne, Combine::Strictest, Combine::First][how as usize % 3].clone();
                }
            }
        }
        _ => {
            let Domain::Number(number) = &program.inputs[TPP.index()].domain else { return program };
            program.inputs[TPP.index()].domain = Domain::Number(NumberDomain { hi: number.hi - 1, ..number.clone() });
        }
    }
    program
}

/// In which cases a term holds: in all of them, and in those that every version of the domains has.
fn meaning(program: &Program, goals: &[TermId]) -> Vec<(Vec<bool>, Vec<bool>)> {
    let cases = completions(program, &Case::unknown(program.inputs.len()));
    let mut out = vec![(Vec::new(), Vec::new()); goals.len()];
    for (at, case) in cases.iter().enumerate() {
        let shared = case.get(TPP) == Some(&Value::Int(0));
        if !shared && at % 5 > 0 {
            continue;
        }
        let mut eval = Eval::new(program, case).expect("a good case");
        for (goal, (all, common)) in goals.iter().zip(&mut out) {
            let holds = eval.holds(*goal);
            all.push(holds);
            if shared {
                common.push(holds);
            }
        }
    }
    out
}

#[test]
fn two_questions_with_one_digest_mean_the_same() {
    type Seen = (Vec<bool>, Vec<bool>, i64, (u64, u64));
    let mut seen: HashMap<[u8; 32], Seen> = HashMap::new();
    let mut shared = 0;
    for seed in 0..4 {
        for how in 0..32 {
            let mut program = changed(seed, how);
            let most = program.input(TPP).domain.bounds().expect("a number").1;
            let goals = goals(&mut program);
            let meanings = meaning(&program, &goals);
            let mut digests = Digests::new(&program);
            for (goal, (all, common)) in goals.iter().zip(meanings) {
                let Some(digest) = digests.question(*goal, None, &[]) else { continue };
                let Some((known, known_common, known_most, other)) = seen.get(&digest) else {
                    seen.insert(digest, (all, common, most, (seed, how)));
                    continue;
                };
                shared += 1;
                // What does not read an input has one digest whatever its domain is; then the other cases say nothing new.
                let alike = if *known_most == most { *known == all } else { *known_common == common };
                assert!(alike, "seed and change {:?} and {other:?}: {:?}", (seed, how), program.pool.get(*goal));
            }
        }
    }
    assert!(shared > 600, "a change leaves most digests as they were: {shared} of {}", seen.len());
}

#[test]
fn a_change_that_matters_changes_the_digest_of_the_question() {
    // The other direction of the same thing, one construct at a time.
    let build = |default: u32, hi: i64, second: Value, over: bool, combine: Combine| {
        let mut small = Small::new();
        let d = small.levels("need", combine, Some(default));
        let (some, aa) = (small.between(TPP, 1, hi), small.in_place(&[0]));
        small.rule("a", some, &[(d, level(NOTICE))]);
        small.rule("b", aa, &[(d, second)]);
        if over {
            small.overrides(RuleId(1), RuleId(0));
        }
        let goal = small.build().outcome(d, OutcomeTest::Members(MemberSet::of(3, [1])));
        let without = small.build().outcome_without(d, RuleId(0), OutcomeTest::Members(MemberSet::of(3, [1])));
        let mut digests = Digests::new(&small.program);
        let slices = Slices::new(&small.program);
        let one = digests.question(goal, None, &[]).expect("a digest");
        let fixed = [(FLAG, Value::Bool(true))];
        vec![
            one,
            digests.question(without, None, &[]).expect("a digest"),
            digests.question(goal, Some(TPP), &[]).expect("a digest"),
            digests.question(goal, Some(FLAG), &[]).expect("a digest"),
            digests.question(goal, None, &fixed).expect("a digest"),
            slices.digest(&[(goal, None)], &[]).expect("a digest"),
            slices.digest(&[(without, None)], &[]).expect("a digest"),
            slices.digest(&[(goal, Some(TPP))], &[]).expect("a digest"),
            slices.digest(&[(goal, None)], &fixed).expect("a digest"),
        ]
    };
    let mut all: Vec<[u8; 32]> = [
        build(NONE, 2, level(LICENSE), false, Combine::Strictest),
        build(NOTICE, 2, level(LICENSE), false, Combine::Strictest),
        build(NONE, 1, level(LICENSE), false, Combine::Strictest),
        build(NONE, 2, level(NONE), false, Combine::Strictest),
        build(NONE, 2, level(LICENSE), true, Combine::Strictest),
        build(NONE, 2, level(LICENSE), false, Combine::First),
    ]
    .concat();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    // Without the overridden rule it is the same whether it would have been overridden.
    assert!(all.len() >= count - 3, "{} of {count}", all.len());
    let again = build(NONE, 2, level(LICENSE), false, Combine::Strictest);
    assert!(again.iter().all(|digest| all.binary_search(digest).is_ok()), "the same twice");
}

#[test]
fn which_of_two_alike_rules_is_left_out_matters() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (flag, aa, bb) = (small.flag(), small.in_place(&[0]), small.in_place(&[1]));
    let (one, two) = (small.rule("one", flag, &[]), small.rule("two", flag, &[]));
    let (x, y) = (small.rule("x", aa, &[(d, level(NOTICE))]), small.rule("y", bb, &[(d, level(NOTICE))]));
    small.overrides(one, x);
    small.overrides(two, y);
    let test = OutcomeTest::Members(MemberSet::of(3, [NOTICE]));
    let (a, b) = (small.build().outcome_without(d, one, test.clone()), small.build().outcome_without(d, two, test));
    let mut digests = Digests::new(&small.program);
    assert_ne!(digests.question(a, None, &[]), digests.question(b, None, &[]));
    let slices = Slices::new(&small.program);
    assert_ne!(slices.digest(&[(a, None)], &[]), slices.digest(&[(b, None)], &[]));
}

#[test]
fn names_and_the_order_of_the_source_are_no_part_of_a_question() {
    for seed in 0..20 {
        let mut program = random(seed);
        let goals = goals(&mut program);
        let before: Vec<_> = {
            let mut digests = Digests::new(&program);
            goals.iter().map(|goal| digests.question(*goal, None, &[])).collect()
        };
        for (number, rule) in program.rules.iter_mut().enumerate() {
            (rule.name, rule.title, rule.cite) = (format!("r{number}"), "renamed".into(), "elsewhere".into());
            rule.overridden_by.reverse();
        }
        for decision in program.decisions.iter_mut().filter(|decision| decision.combine != Combine::First) {
            decision.rules.reverse();
        }
        let mut digests = Digests::new(&program);
        let after: Vec<_> = goals.iter().map(|goal| digests.question(*goal, None, &[])).collect();
        assert_eq!(before, after, "seed {seed}");
    }
}

/// A method that counts what it is asked.
struct Counting {
    inner: Arc<dyn Method>,
    asked: Arc<AtomicUsize>,
}

impl Method for Counting {
    fn by(&self) -> By {
        self.inner.by()
    }
    fn ask_together(&self, program: &Program, piece: &[Question], options: &Options) -> Vec<Verdict> {
        self.asked.fetch_add(piece.len(), Ordering::Relaxed);
        self.inner.ask_together(program, piece, options)
    }
    fn pieces(&self, questions: &[Question]) -> Vec<std::ops::Range<usize>> {
        self.inner.pieces(questions)
    }
    fn kept(&self) -> Keeping {
        self.inner.kept()
    }
}

/// The report of a check, and how many questions were asked for it.
fn counted(program: &Program, cache: Option<Arc<Store>>, direct: usize) -> (String, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = |inner| -> Arc<dyn Method> { Arc::new(Counting { inner, asked: Arc::clone(&asked) }) };
    let options = Options { cache, direct, methods: methods().into_iter().map(count).collect(), ..Options::default() };
    let report = format!("{:#?}", check(program, &options));
    (report, asked.load(Ordering::Relaxed))
}

#[test]
fn a_check_says_the_same_cold_and_warm_and_without() {
    for seed in 0..12 {
        for direct in [200, 0] {
            let (program, room) = (random(seed), Room::new());
            let (plain, asked) = counted(&program, None, direct);
            let (cold, _) = counted(&program, Some(room.open()), direct);
            let (warm, anew) = counted(&program, Some(room.open()), direct);
            assert_eq!(plain, cold, "seed {seed}, direct {direct}");
            assert_eq!(plain, warm, "seed {seed}, direct {direct}");
            assert!(anew * 10 <= asked, "seed {seed}, direct {direct}: {anew} of {asked} asked anew");
        }
    }
}

#[test]
fn what_other_programs_have_left_does_not_change_what_a_check_says() {
    // One store for many programs that differ little: whatever is shared must be right.
    let room = Room::new();
    for seed in 0..4 {
        for how in 0..16 {
            let program = changed(seed, how);
            let (plain, _) = counted(&program, None, 200);
            let (kept, _) = counted(&program, Some(room.open()), 200);
            assert_eq!(plain, kept, "seed {seed} changed {how}");
        }
    }
}

#[test]
fn a_method_that_nobody_knows_keeps_nothing() {
    let (small, _) = clash();
    let room = Room::new();
    let liar: Vec<Arc<dyn Method>> = vec![Arc::new(Liar(Verdict::No))];
    let options = Options { cache: Some(room.open()), methods: liar, ..Options::default() };
    assert!(of_code(&check(&small.program, &options), Code::Conflict).is_empty(), "it says that there is none");
    drop(options);
    let honest = Options { cache: Some(room.open()), ..Options::default() };
    assert_eq!(of_code(&check(&small.program, &honest), Code::Conflict).len(), 1, "its word was not kept");
}

#[test]
fn the_limits_are_part_of_the_question() {
    let (small, _) = clash();
    let room = Room::new();
    let check_with = |nodes: usize, cache: Option<Arc<Store>>| {
        format!("{:#?}", check(&small.program, &Options { nodes, cache, ..Options::default() }))
    };
    check_with(1 << 24, Some(room.open()));
    assert_eq!(check_with(1, Some(room.open())), check_with(1, None));
    assert_eq!(check_with(1, Some(room.open())), check_with(1, None));
}

#[test]
fn pairs_are_kept_too() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let some = small.between(TPP, 1, 2);
    small.rule("a", some, &[(d, level(NOTICE))]);
    let scope = small.always();
    for (name, input) in [("blind", FLAG), ("seeing", TPP)] {
        small.program.properties.push(Property {
            name: name.into(),
            cite: String::new(),
            shows: None,
            kind: PropertyKind::Blind { decision: d, input: InputId(input.0) },
            scope,
            origin: OriginId::NOWHERE,
        });
    }
    let room = Room::new();
    let (plain, _) = counted(&small.program, None, 200);
    counted(&small.program, Some(room.open()), 200);
    let (warm, anew) = counted(&small.program, Some(room.open()), 200);
    assert_eq!((plain, 0), (warm, anew));
}

/// The interpreter as a method over all cases; or one that denies what it is told to deny.
struct Honest {
    denies: bool,
}

impl Method for Honest {
    fn by(&self) -> By {
        By::Diagram
    }
    fn ask_together(&self, program: &Program, piece: &[Question], _: &Options) -> Vec<Verdict> {
        let cases = completions(program, &Case::unknown(program.inputs.len()));
        let holds = |question: &Question| {
            cases.iter().find(|case| Eval::new(program, case).is_ok_and(|mut eval| eval.holds(question.goal)))
        };
        let answer = |question| match holds(question) {
            Some(case) if !self.denies => Verdict::Yes(Witness::Case(case.clone())),
            _ => Verdict::No,
        };
        piece.iter().map(answer).collect()
    }
    fn kept(&self) -> Keeping {
        Keeping::Noes("the same name")
    }
}

#[test]
fn a_kept_answer_that_is_seen_to_be_wrong_is_an_error_and_is_put_right() {
    let mut program = random(3);
    let mut build = program.builder();
    let (flag, never) = (build.flag(FLAG).expect("a flag"), build.constant(false));
    let (some, none) = (Question::one(flag, 0), Question::one(never, 1));
    let room = Room::new();
    let ask = |denies, questions: &[Question]| {
        let methods: Vec<Arc<dyn Method>> = vec![Arc::new(Honest { denies })];
        let options = Options { cache: Some(room.open()), methods, ..Options::default() };
        method::settle(&program, questions, &options)
    };
    assert_eq!(ask(true, &[some])[0].answer, Verdict::No);
    let settled = ask(false, &[some, none]);
    assert!(matches!(settled[0].answer, Verdict::Yes(_)), "{:?}", settled[0].answer);
    assert_eq!((settled[0].faults.len(), settled[1].faults.len()), (1, 0));
    let settled = ask(false, &[some, none]);
    assert!(matches!(settled[0].answer, Verdict::Yes(_)) && settled[0].faults.is_empty());
}

#[cfg(feature = "solver")]
#[test]
fn what_a_limit_has_ended_is_not_settled() {
    use crate::ir::{Fact, InputId, Process};
    use crate::smt::worker::{Done, Engine, Task, is_settled};
    use crate::smt::{Measured, Reason};
    let compiled = crate::driver::Compilation::load(
        &crate::source::MemoryLoader { files: [("it.lxp".to_owned(), WALK.to_owned())].into() },
        "it.lxp",
    );
    let process: Process = compiled.program.expect("it compiles").processes.remove(0);
    let now: InputId = process.variables[0].now;
    let task = |engine| Task { process: process.clone(), goal: 0, fixed: Vec::new(), time: 1, work: 1, engine };
    let search = task(Engine::Search { from: 0, to: 3 });
    let limit = || Reason::Limit("the time is up".into());
    assert!(is_settled(&search, &Done::NoPath { upto: Some(3), why: None }));
    assert!(!is_settled(&search, &Done::NoPath { upto: Some(2), why: Some(limit()) }));
    assert!(!is_settled(&search, &Done::NoPath { upto: None, why: None }));
    let induction = task(Engine::Induction);
    assert!(is_settled(&induction, &Done::Invariant(Fact::Constant(true))) && is_settled(&induction, &Done::Reachable));
    assert!(!is_settled(&induction, &Done::Unknown(limit())));
    let measure = task(Engine::Measure { length: 1, numbers: vec![now] });
    let measured = |most| Done::Measured(Measured { most, days: None });
    assert!(is_settled(&measure, &measured(vec![(now, 3)])) && !is_settled(&measure, &measured(Vec::new())));
}

#[cfg(feature = "solver")]
const WALK: &str = "regime walk
input kind : { a, b }
decision requirement : ordered { none < license } takes the strictest otherwise none
rule r when kind is a then requirement is license
process walk
  state held : count from 0 to 3
  start when held is 0
  step s when requirement is none then held adds 1
prove never_full : in walk never held is 3
";
