//! A name with one slip of the keyboard in it is found where it stands, and the right one is suggested.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use hcl::edit::Span;
use hcl::edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl::edit::structure::{Attribute, Block, Body};
use hcl::edit::visit::{self, Visit};
use windlass_schemas::diagnostic::Diagnostic;

use super::random::Random;
use crate::examples::EXAMPLES;
use crate::support::{Outcome, compile, root};

/// The names of a spec that somebody looks up, with what they are.
#[derive(Default)]
struct Names {
    found: Vec<(Range<usize>, &'static str)>,
    /// Every word of the spec: a slip that makes one of them is no misspelling.
    words: BTreeSet<String>,
    in_locals: bool,
}

impl Names {
    fn keep(&mut self, span: Option<Range<usize>>, name: &str, what: &'static str) {
        self.words.insert(name.to_owned());
        self.found.extend(span.map(|span| (span, what)));
    }
}

impl Visit for Names {
    fn visit_block(&mut self, node: &Block) {
        self.keep(node.ident.span(), node.ident.as_str(), "block type");
        self.words.extend(node.labels.iter().map(|label| label.as_str().to_owned()));
        self.in_locals = node.ident.as_str() == "locals";
        visit::visit_block(self, node);
        self.in_locals = false;
    }

    fn visit_attr(&mut self, node: &Attribute) {
        match self.in_locals {
            true => self.words.extend([node.key.as_str().to_owned()]),
            false => self.keep(node.key.span(), node.key.as_str(), "attribute"),
        }
        visit::visit_attr(self, node);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        self.keep(node.name.name.span(), node.name.name.as_str(), "function");
        visit::visit_func_call(self, node);
    }

    fn visit_object_key(&mut self, node: &ObjectKey) {
        // A bare word is a key that the user chose.
        match node {
            ObjectKey::Ident(name) => self.words.extend([name.as_str().to_owned()]),
            ObjectKey::Expression(expr) => self.visit_expr(expr),
        }
    }

    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Variable(name) = node {
            self.keep(name.span(), name.as_str(), "bare name");
        }
        visit::visit_expr(self, node);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        if let Expression::Variable(name) = &node.expr {
            self.keep(name.span(), name.as_str(), "root of a reference");
        } else {
            self.visit_expr(&node.expr);
        }
        for operator in &node.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => self.keep(name.span(), name.as_str(), "part of a reference"),
                TraversalOperator::Index(expr) => self.visit_expr(expr),
                _ => {}
            }
        }
    }
}

/// One slip: a letter left out, put in, replaced, or two swapped. `None` where it makes no other name.
fn slip(name: &str, kind: usize, random: &mut Random) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let letter = char::from(b'a' + random.below(26) as u8);
    let at = random.below(letters.len());
    match kind {
        0 => drop(letters.remove(at)),
        1 => letters.insert(random.below(letters.len() + 1), letter),
        2 => letters[at] = letter,
        _ => {
            let at = random.below(letters.len().checked_sub(1).filter(|pairs| *pairs > 0)?);
            letters.swap(at, at + 1);
        }
    }
    let slipped: String = letters.into_iter().collect();
    let is_name = slipped.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_name && slipped != name).then_some(slipped)
}

/// The first name that a finding suggests.
fn suggested(found: &Diagnostic) -> Option<&str> {
    let (_, quoted) = found.help.as_deref()?.split_once("did you mean ")?;
    let name = quoted.split('`').nth(1)?.split([' ', '(']).next()?;
    name.rsplit('.').next()
}

#[derive(Default)]
struct Figures {
    looked_at: usize,
    legal: usize,
    other_name: usize,
    found: usize,
    suggested: usize,
    alone: usize,
}

fn examples() -> impl Iterator<Item = (String, Option<&'static str>, PathBuf)> {
    let examples = EXAMPLES.iter().map(|(name, environment)| {
        let folder = root().join("examples").join(name);
        (fs::read_to_string(folder.join("windlass.hcl")).expect("a spec"), Some(*environment), folder)
    });
    let own = ["names", "expressions", "workflows", "stages", "structure"].into_iter().map(|name| {
        let path = root().join(format!("tests/laws/specs/{name}.hcl"));
        (fs::read_to_string(path).expect("a spec"), None, root().join("tests/ui"))
    });
    examples.chain(own)
}

#[test]
fn one_slip_is_found_and_mended() {
    let mut random = Random(7);
    let mut figures: BTreeMap<&str, Figures> = BTreeMap::new();
    let mut unlike = String::new();
    for (spec, environment, files) in examples() {
        let run = |spec: &str| -> Outcome { compile(&[("windlass.hcl", spec)], environment, &files) };
        let sound = run(&spec);
        assert!(sound.found.is_empty(), "{}", sound.drawn());
        let body: Body = hcl::edit::parser::parse_body(&spec).expect("HCL");
        let mut names = Names::default();
        names.visit_body(&body);
        for (span, what) in &names.found {
            let name = &spec[span.clone()];
            for kind in 0..4 {
                let Some(slipped) = slip(name, kind, &mut random) else { continue };
                let figures = figures.entry(what).or_default();
                if names.words.contains(&slipped) {
                    figures.other_name += 1;
                    continue;
                }
                let outcome = run(&[&spec[..span.start], &slipped, &spec[span.end..]].concat());
                if outcome.found.is_empty() {
                    figures.legal += 1;
                    continue;
                }
                figures.looked_at += 1;
                figures.alone += usize::from(outcome.found.len() == 1);
                let here = span.start as u32;
                let reported = outcome.found.iter().find(|found| {
                    let place = found.labels.first().map(|label| label.span);
                    place.is_some_and(|place| place.start == here && outcome.sources.slice(place) == slipped)
                });
                figures.found += usize::from(reported.is_some());
                let right = reported.is_some_and(|found| suggested(found) == Some(name));
                figures.suggested += usize::from(right);
                if !right || outcome.found.len() != 1 {
                    unlike += &format!("{what} `{name}` as `{slipped}`:\n{}\n", outcome.drawn());
                }
            }
        }
    }
    let total = |count: fn(&Figures) -> usize| figures.values().map(count).sum::<usize>();
    for (what, f) in &figures {
        println!(
            "{what}: {} slips, {} found, {} suggested, {} with one finding; not looked at: {} legal, {} another name",
            f.looked_at, f.found, f.suggested, f.alone, f.legal, f.other_name
        );
    }
    let (looked_at, found, suggested) = (total(|f| f.looked_at), total(|f| f.found), total(|f| f.suggested));
    println!("all: {looked_at} slips, {found} found, {suggested} suggested, {} with one finding", total(|f| f.alone));
    if std::env::var_os("SHOW").is_some() {
        println!("{unlike}");
    }
    assert!(looked_at > 1500, "{looked_at} slips were looked at");
    assert_eq!(found, looked_at, "not every slip is found where it stands\n{unlike}");
    assert!(total(|f| f.alone) * 100 >= looked_at * 99, "one slip has several findings\n{unlike}");
    assert!(suggested * 100 >= looked_at * 95, "{suggested} of {looked_at} are suggested\n{unlike}");
}
