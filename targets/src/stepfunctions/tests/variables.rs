//! Variables are read where they are seen, and no branch assigns what a flow around it assigns: over made-up nests of branches.

use std::collections::BTreeSet;

use serde_json::Value;
use windlass_schemas::plan::*;

use super::{emitted, with};
use crate::fixture as f;

/// The names of variables that any state of this flow itself assigns.
fn assigned(flow: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for state in flow["States"].as_object().expect("states").values() {
        let rules = ["Choices", "Catch"].iter().flat_map(|list| state[list].as_array().into_iter().flatten());
        for holder in rules.chain([state]) {
            found.extend(holder["Assign"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        }
    }
    found
}

/// Every flow in this one, and its own.
fn walk(flow: &Value, around: &BTreeSet<String>, all: &BTreeSet<String>) {
    let own = assigned(flow);
    assert_eq!(own.intersection(around).collect::<Vec<_>>(), [""; 0], "assigned inside and around");
    let seen: BTreeSet<String> = own.union(around).cloned().collect();
    for (name, state) in flow["States"].as_object().expect("states") {
        let mut state = state.clone();
        for branch in state["Branches"].as_array_mut().map(std::mem::take).into_iter().flatten() {
            walk(&branch, &seen, all);
        }
        let text = state.to_string();
        for variable in all.difference(&seen) {
            let read = text.match_indices(&format!("${variable}")).any(|(at, found)| {
                !text[at + found.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            });
            assert!(!read, "{name} reads ${variable}, which it does not see: {text}");
        }
    }
}

fn everywhere(flow: &Value) -> BTreeSet<String> {
    let mut all = assigned(flow);
    for state in flow["States"].as_object().expect("states").values() {
        state["Branches"].as_array().into_iter().flatten().for_each(|branch| all.extend(everywhere(branch)));
    }
    all
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Steps whose stages read some of those that have ended before, which are `before` and then also the new ones.
fn steps(numbers: &mut Numbers, depth: usize, before: &mut Vec<String>, count: &mut usize) -> Vec<Step> {
    let mut made = Vec::new();
    for _ in 0..=numbers.below(3) {
        if depth > 0 && numbers.below(2) == 0 {
            let (mut branches, mut ended) = (Vec::new(), before.clone());
            for _ in 0..2 + numbers.below(2) {
                let mut inside = before.clone();
                branches.push(steps(numbers, depth - 1, &mut inside, count));
                ended.extend(inside.split_off(before.len()));
            }
            made.push(Step::Parallel(branches));
            *before = ended;
            continue;
        }
        let reads: Vec<_> = (0..numbers.below(3))
            .filter_map(|_| before.get(numbers.below(before.len().max(1))))
            .map(|name| f::stage_ref(name))
            .collect();
        *count += 1;
        let name = format!("s{count}");
        let key = f::template(vec![f::text("k"), f::call("jsonencode", vec![f::list(reads)])]);
        let mut stage = f::stage(&name, Verb::Read { bucket: "data".into(), key });
        if numbers.below(4) == 0 {
            *count += 1;
            let handler = f::reading(&format!("s{count}"));
            before.push(handler.name.clone());
            stage.on_error = Some(OnError::Handle(Box::new(handler)));
        }
        made.push(f::step(stage));
        before.push(name);
    }
    made
}

#[test]
fn variables_are_read_where_they_are_seen() {
    let mut deepest = 0;
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let (mut names, mut count) = (Vec::new(), 0);
        let plan = with(|w| {
            w.body = steps(&mut numbers, 3, &mut names, &mut count);
            w.output = Some(f::list(names.iter().filter(|_| numbers.below(2) == 0).map(|n| f::stage_ref(n)).collect()));
        });
        let machine = emitted(&plan);
        let all = everywhere(&machine);
        walk(&machine, &BTreeSet::new(), &all);
        deepest = deepest.max(all.iter().filter(|name| name.contains("_in_2")).count());
    }
    assert!(deepest > 0, "some stage leaves two branches");
}
