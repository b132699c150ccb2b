//! Values put into a process: it says in every case what it said where the inputs have these values.

use crate::eval::sample::{self, AREA, DATE, FLAG, HQ, PLACE, TPP};
use crate::eval::{Eval, same};
use crate::ir::{Case, Goal, InputId, OriginId, Process, ProcessStep, Program, Value};

fn process(world: Program) -> Process {
    let any = world.pool.iter().map(|(id, _)| id).max().expect("a term");
    let origin = OriginId::NOWHERE;
    let step = ProcessStep {
        name: "step".into(),
        title: String::new(),
        cite: String::new(),
        guard: any,
        counts: Vec::new(),
        renews: Vec::new(),
        entries: Vec::new(),
        relation: any,
        origin,
    };
    let goal = Goal { name: "never".into(), cite: String::new(), shows: None, bad: any, origin };
    let rigid = world.input_ids().collect();
    let (name, title, cite) = ("walk".into(), String::new(), String::new());
    let (variables, balances) = (Vec::new(), Vec::new());
    Process { name, title, cite, world, rigid, variables, balances, start: any, steps: vec![step], goals: vec![goal], origin }
}

#[test]
fn a_process_says_the_same_with_values_put_in() {
    let sets: [&[(InputId, Value)]; 4] = [
        &[(DATE, Value::Int(1))],
        &[(TPP, Value::Int(3)), (AREA, Value::Int(2))],
        &[(PLACE, Value::Member(1)), (HQ, Value::Member(1)), (FLAG, Value::Bool(true))],
        &[(PLACE, Value::Member(2)), (TPP, Value::Int(0)), (FLAG, Value::Bool(false)), (DATE, Value::Int(2))],
    ];
    for seed in 0..40 {
        let process = process(sample::random(seed));
        for values in sets {
            let put = process.with(values).expect("values of the inputs");
            for case in sample::completions(&process.world, &Case::unknown(process.world.inputs.len())).iter().step_by(53) {
                let mut with = case.clone();
                for (input, value) in values {
                    with.set(*input, value.clone());
                }
                let (mut old, mut new) =
                    (Eval::new(&process.world, &with).expect("good"), Eval::new(&put.world, case).expect("good"));
                let (step, after) = (&process.steps[0], &put.steps[0]);
                assert_eq!(old.holds(step.relation), new.holds(after.relation), "seed {seed}");
                assert_eq!(old.holds(process.goals[0].bad), new.holds(put.goals[0].bad), "seed {seed}");
                for id in process.world.decision_ids() {
                    assert!(same(&old.decide(id).outcome, &new.decide(id).outcome), "seed {seed}");
                }
            }
        }
    }
}

#[test]
fn what_the_start_pins_is_one_value_of_what_is_kept() {
    let mut world = sample::random(1);
    let mut build = world.builder();
    let (flag, day) = (build.flag(FLAG).expect("a flag"), build.within(DATE, crate::ir::Ranges::closed(2, 2)).expect("a day"));
    let not = build.not(flag);
    let some = build.within(TPP, crate::ir::Ranges::closed(1, 2)).expect("a range");
    let either = build.or([flag, some]);
    let start = build.and([not, day, either]);
    let mut process = process(world);
    process.start = start;
    let mut pinned = process.pinned();
    pinned.sort_by_key(|(input, _)| *input);
    assert_eq!(pinned, [(FLAG, Value::Bool(false)), (DATE, Value::Int(2))]);
    // What is not the same in every step is not known by how it begins.
    process.rigid.retain(|input| *input != DATE);
    assert_eq!(process.pinned(), [(FLAG, Value::Bool(false))]);
}
