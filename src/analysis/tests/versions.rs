//! What changes between two regimes, two days, a regime and its copy: against the interpreter over every case.

use super::*;

/// Two regimes in one program: the second licenses one place more.
fn two_regimes() -> Small {
    let mut small = Small::new();
    let mut second = small.program.regimes[0].clone();
    second.name = "after".into();
    small.program.regimes.push(second);
    let (a, b) =
        (small.levels("need", Combine::Strictest, Some(NONE)), small.levels("after::need", Combine::Strictest, Some(NONE)));
    small.program.decisions[b.index()].regime = 1;
    let (aa, both) = (small.in_place(&[0]), small.in_place(&[0, 1]));
    small.rule("old", aa, &[(a, level(LICENSE))]);
    let new = small.rule("new", both, &[(b, level(LICENSE))]);
    small.program.rules[new.index()].regime = 1;
    small
}

#[test]
fn the_impact_of_a_change_is_its_classes_with_counts() {
    let small = two_regimes();
    let report = diff(&small.program, 0, 1, &Options::default());
    assert_eq!(report.findings.len(), 1);
    let finding = &report.findings[0];
    assert_eq!(finding.title, "`need` changes from none to license");
    assert_eq!(finding.count, count(864)); // BB
    assert_eq!(finding.rules, [RuleId(1)]);
    assert_eq!(finding.shift.as_ref().map(|shift| shift.gain), Some(Gain::Stricter));
    // The other way round it is a relief.
    let back = diff(&small.program, 1, 0, &Options::default());
    assert_eq!(back.findings[0].shift.as_ref().map(|shift| shift.gain), Some(Gain::Looser));
    // And what is only context is not checked.
    assert!(check(&small.program, &Options::default()).findings.iter().all(|f| !f.rules.contains(&RuleId(1))));
}

#[test]
fn impact_agrees_with_every_case() {
    let mut compared = 0;
    for seed in 0..100 {
        let mut program = random(seed);
        let (a, b) = (DecisionId(0), DecisionId(1));
        if program.decision(a).domain != program.decision(b).domain {
            continue;
        }
        compared += 1;
        let mut regime = program.regimes[0].clone();
        regime.name = "other".into();
        program.regimes.push(regime);
        program.decisions[1].regime = 1;
        program.decisions[1].name = "other::d0".into();
        let is_set = matches!(program.decision(a).domain, crate::ir::Domain::Set(_));
        let mut expected: BTreeMap<(Outcome, Outcome), u64> = BTreeMap::new();
        for case in completions(&program, &Case::unknown(program.inputs.len())) {
            let mut eval = Eval::new(&program, &case).expect("a good case");
            let plain = |outcome: Outcome| if let Outcome::Conflict(_) = outcome { Outcome::Conflict(vec![]) } else { outcome };
            let (old, new) = (plain(eval.decide(a).outcome.clone()), plain(eval.decide(b).outcome.clone()));
            if old != new {
                *expected.entry((old, new)).or_insert(0) += 1;
            }
        }
        let plain =
            |outcome: &Outcome| if let Outcome::Conflict(_) = outcome { Outcome::Conflict(vec![]) } else { outcome.clone() };
        for options in ways() {
            let report = diff(&program, 0, 1, &options);
            assert_eq!(report.findings.is_empty(), expected.is_empty(), "seed {seed}");
            if is_set {
                continue;
            }
            let mut found: BTreeMap<(Outcome, Outcome), u64> = BTreeMap::new();
            for finding in &report.findings {
                let shift = finding.shift.as_ref().expect("a shift");
                let count: u64 = finding.count.clone().and_then(|n| n.try_into().ok()).expect("counted");
                // The parts of a change do not meet, so their counts add up.
                *found.entry((plain(&shift.old.outcome), plain(&shift.new.outcome))).or_insert(0) += count;
            }
            assert_eq!(found, expected, "seed {seed}");
        }
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn an_amendment_is_compared_where_it_touches() {
    // A regime beside a copy in which one rule is gone, one concludes something else, or one override is lifted.
    for seed in 0..36u64 {
        let program = random(seed);
        let half = program.rules.len();
        let Some(twice) = specialise::twice(&program, DATE, &Value::Int(1), &Value::Int(1)) else { panic!("a date") };
        let mut both = twice.program.clone();
        let at = half + seed as usize % half;
        match seed % 3 {
            0 => {
                let never = both.builder().constant(false);
                both.rules[at].applies = never;
            }
            1 => {
                if let Some((id, Value::Member(member))) = both.rules[at].conclusions.first().cloned() {
                    both.rules[at].conclusions[0] = (id, Value::Member((member + 1) % 3));
                }
            }
            _ => both.rules[at].overridden_by.clear(),
        }
        let differing = amended::amended(&both, 0, twice.copy);
        let mut changes: BTreeSet<DecisionId> = BTreeSet::new();
        for case in completions(&both, &Case::unknown(both.inputs.len())) {
            let mut eval = Eval::new(&both, &case).expect("a good case");
            let touched = differing.rules.iter().any(|rule| eval.applies(*rule));
            for id in program.decision_ids() {
                let copy = DecisionId(id.0 + program.decisions.len() as u32);
                let old = eval.decide(id).outcome.clone();
                if !same(&old, &eval.decide(copy).outcome) {
                    assert!(touched, "seed {seed}: a change where nothing differs");
                    changes.insert(id);
                }
            }
        }
        for options in ways() {
            let report = diff(&both, 0, twice.copy, &options);
            let found: BTreeSet<DecisionId> = report.findings.iter().map(|finding| finding.decisions[0]).collect();
            assert_eq!(found, changes, "seed {seed}");
        }
    }
}

#[test]
fn two_days_are_compared_like_two_regimes() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (later, aa) = (small.between(DATE, 1, 2), small.in_place(&[0]));
    small.rule_in("later", later, aa, &[(d, level(LICENSE))]);
    let report = diff_between(&small.program, DATE, &Value::Int(0), &Value::Int(2), &Options::default());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].title, "`need` changes from none to license");
    assert_eq!(report.findings[0].count, count(288)); // AA, one day: 2,592 / 9
    assert_eq!(report.findings[0].shift.as_ref().map(|shift| shift.gain), Some(Gain::Stricter));
    let back = diff_between(&small.program, DATE, &Value::Int(2), &Value::Int(0), &Options::default());
    assert_eq!(back.findings[0].title, "`need` changes from license to none");
    assert_eq!(back.findings[0].shift.as_ref().map(|shift| shift.gain), Some(Gain::Looser));
    let same_state = diff_between(&small.program, DATE, &Value::Int(1), &Value::Int(2), &Options::default());
    assert!(same_state.findings.is_empty() && same_state.proved.len() == 1);
}
