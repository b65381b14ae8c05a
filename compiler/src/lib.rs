//! The compiler: a spec in, artifacts out. [`compile`] is its table of contents.

pub mod check;
pub mod decode;
pub mod evaluate;
pub mod files;
pub mod lock;
pub mod lower;
pub mod models;
pub mod modules;
pub mod parse;
pub mod reference;
pub mod render;

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::moved::Moved;
use windlass_schemas::source::Sources;
use windlass_targets::Target;

use evaluate::{Evaluated, Inputs};
use files::Files;

/// A spec that was compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The environment that it was compiled for; `None` when the spec has none.
    pub environment: Option<String>,
    /// Blocks that have new names.
    pub moved: Vec<Moved>,
    /// What it needs.
    pub artifacts: Artifacts,
}

/// Compiles the spec that `sources` holds for these targets. `None` when an error was found; all that were found are in
/// `diags`.
///
/// `files` reads the project's other files; signatures of models are added to `sources`, so that diagnostics can point
/// at them. The result depends on nothing else, and is the same to the byte each time.
pub fn compile(
    sources: &Sources,
    inputs: &Inputs,
    files: &dyn Files,
    targets: &[&dyn Target],
    diags: &mut Diagnostics,
) -> Option<Compiled> {
    let folders = modules::load(sources, files, diags);
    let evaluated = evaluate::evaluate(sources, &folders, inputs, files, diags);
    drop(folders);
    let before = diags.len();
    let compiled = build(sources, &evaluated, files, targets, diags);
    evaluated.explain(before, diags);
    compiled
}

/// From evaluated blocks to artifacts.
fn build(
    sources: &Sources,
    evaluated: &Evaluated,
    files: &dyn Files,
    targets: &[&dyn Target],
    diags: &mut Diagnostics,
) -> Option<Compiled> {
    let spec = decode::decode(evaluated.environment.clone(), &evaluated.blocks, diags);
    let models = models::open(&spec, files, sources, diags);
    let checked = check::check(spec, models, diags)?;
    let mut compiled = Compiled {
        environment: evaluated.environment.clone(),
        moved: evaluated.moved.clone(),
        artifacts: Artifacts::default(),
    };
    let Some(plan) = lower::lower(&checked) else { return Some(compiled) };
    for target in targets {
        target.check(&plan, diags);
    }
    if diags.failed() {
        return None;
    }
    for target in targets {
        target.emit(&plan, &mut compiled.artifacts);
    }
    Some(compiled)
}
