//! What holds for every spec.

mod misspelt;
mod random;
mod syntax;
mod trees;

use std::fs;

use windlass_schemas::source::Sources;

use crate::examples::EXAMPLES;
use crate::support::{Outcome, compile, root};

fn example(name: &str, environment: &str, change: impl Fn(String) -> String) -> Outcome {
    let folder = root().join("examples").join(name);
    let spec = fs::read_to_string(folder.join("windlass.hcl")).expect("a spec");
    compile(&[("windlass.hcl", &change(spec))], Some(environment), &folder)
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    for (name, environment) in EXAMPLES {
        let first = example(name, environment, |spec| spec);
        assert!(first.found.is_empty(), "{}", first.drawn());
        assert_eq!(first.texts(), example(name, environment, |spec| spec).texts());
    }
}

/// Cuts a spec at its top-level blocks.
fn blocks(spec: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for line in spec.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_lowercase());
        match blocks.last_mut() {
            Some(block) if !begins => *block += &format!("{line}\n"),
            _ => blocks.push(format!("{line}\n")),
        }
    }
    blocks
}

#[test]
fn the_order_of_blocks_means_nothing() {
    for (name, environment) in EXAMPLES {
        let reversed = example(name, environment, |spec| blocks(&spec).into_iter().rev().collect());
        assert!(reversed.found.is_empty(), "{}", reversed.drawn());
        assert_eq!(example(name, environment, |spec| spec).texts(), reversed.texts());
    }
}

#[test]
fn files_of_a_spec_are_one() {
    for (name, environment) in EXAMPLES {
        let folder = root().join("examples").join(name);
        let spec = fs::read_to_string(folder.join("windlass.hcl")).expect("a spec");
        let blocks = blocks(&spec);
        let (one, two) = blocks.split_at(blocks.len() / 2);
        let split = compile(&[("a.hcl", &one.concat()), ("b.hcl", &two.concat())], Some(environment), &folder);
        assert_eq!(example(name, environment, |spec| spec).texts(), split.texts());
    }
}

#[test]
fn places_are_those_of_the_text() {
    let sources = Sources::default();
    let file = sources.add("a.hcl", "ä = 1\nb = 2\n");
    assert_eq!(sources.position(file, 7), (2, 1));
    assert_eq!(sources.position(file, 2), (1, 2));
    assert_eq!(sources.position(file, 1), (1, 1), "inside of a character is at its start");
}
