//! What holds for every spec.

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

/// The place of every attribute's name: (line, start, end).
fn attributes(spec: &str) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for (number, line) in spec.lines().enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        let mut from = 0;
        // Also those in a block on one line: `version "2" { file = "…" }`.
        while let Some(equals) = code[from..].find(" = ").map(|at| at + from) {
            let name = code[..equals].trim_end();
            let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            if start < name.len() {
                found.push((number, start, name.len()));
            }
            from = equals + 3;
            if code[from..].trim_start().starts_with('{') || code[from..].contains(", ") {
                break; // keys of an object belong to the user
            }
        }
    }
    found
}

#[test]
fn every_misspelt_attribute_is_reported_where_it_stands() {
    for (name, environment) in EXAMPLES {
        let folder = root().join("examples").join(name);
        let spec = fs::read_to_string(folder.join("windlass.hcl")).expect("a spec");
        let lines: Vec<&str> = spec.lines().collect();
        let mut looked_at = 0;
        for (number, start, end) in attributes(&spec) {
            let (line, word) = (lines[number], &lines[number][start..end]);
            // Names that the user chose: locals and variables of an environment.
            if word == "replicas" {
                continue;
            }
            let misspelt = format!("{}x{}", &word[..word.len() - 1], &word[word.len() - 1..]);
            let changed = format!("{}{misspelt}{}", &line[..start], &line[end..]);
            let text: String = lines
                .iter()
                .enumerate()
                .map(|(at, line)| if at == number { changed.clone() } else { (*line).to_owned() } + "\n")
                .collect();
            let outcome = compile(&[("windlass.hcl", &text)], Some(environment), &folder);
            let reported = outcome.found.iter().find(|found| {
                let label = found.labels.first();
                found.code.name == "unknown-attribute"
                    && label.is_some_and(|label| outcome.sources.slice(label.span) == misspelt)
            });
            let reported = reported.unwrap_or_else(|| panic!("`{misspelt}`, line {}\n{}", number + 1, outcome.drawn()));
            let help = reported.help.clone().unwrap_or_default();
            assert!(help.contains(&format!("`{word}`")), "`{misspelt}` suggests: {help}");
            looked_at += 1;
        }
        assert!(looked_at > 30, "{looked_at} attributes were found in {name}");
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
