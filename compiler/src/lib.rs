//! The compiler: a spec in, artifacts out. [`compile`] is its table of contents.

pub mod check;
pub mod decode;
pub mod engine;
pub mod evaluate;
pub mod files;
pub mod format;
pub mod golden;
pub mod graph;
pub mod lock;
pub mod lower;
pub mod models;
pub mod modules;
pub mod parse;
pub mod proofs;
pub mod quality;
pub mod reference;
pub mod render;
pub mod report;
pub mod run;
pub mod schema;
mod structure;

use windlass_schemas::artifact::{Artifacts, Output};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::moved::Moved;
use windlass_schemas::plan::Plan;
use windlass_schemas::source::Sources;
use windlass_targets::Target;

use engine::Engine;
use evaluate::{Evaluated, Inputs};
use files::Files;

/// A spec that compiles: all that can fail is behind it.
pub struct Compiled<'t> {
    /// The environment that it was compiled for; `None` when the spec has none.
    pub environment: Option<String>,
    /// Blocks that have new names.
    pub moved: Vec<Moved>,
    /// What its models and services take to run.
    pub needs: report::Needs,
    /// `None` when there is nothing to make.
    plan: Option<Plan>,
    targets: &'t [&'t dyn Target],
}

impl Compiled<'_> {
    /// What the spec means; `None` when there is nothing to make.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Makes every file that the spec needs on its targets, and hands one after another to `out`.
    pub fn emit(&self, out: &mut dyn Output) {
        if let Some(plan) = &self.plan {
            self.targets.iter().for_each(|target| target.emit(plan, out));
        }
    }

    /// The same files in memory.
    pub fn artifacts(&self) -> Artifacts {
        let mut artifacts = Artifacts::default();
        self.emit(&mut artifacts);
        artifacts
    }
}

/// Compiles the spec that `sources` holds for these targets. `None` when an error was found; all that were found are in
/// `diags`.
///
/// `files` reads the project's other files; `engine` runs models where golden pairs or a quality gate ask for it;
/// signatures of models are added to `sources`, so that diagnostics can point at them. The result depends on nothing
/// else, and is the same to the byte each time.
pub fn compile<'t>(
    sources: &Sources,
    inputs: &Inputs,
    files: &dyn Files,
    engine: &dyn Engine,
    targets: &'t [&'t dyn Target],
    diags: &mut Diagnostics,
) -> Option<Compiled<'t>> {
    let folders = modules::load(sources, files, diags);
    let mut evaluated = evaluate::evaluate(sources, &folders, inputs, files, diags);
    drop(folders);
    let before = diags.len();
    let compiled = build(sources, &mut evaluated, files, engine, targets, diags);
    evaluated.explain(before, diags);
    compiled
}

/// From evaluated blocks to a plan that every target can express.
fn build<'t>(
    sources: &Sources,
    evaluated: &mut Evaluated,
    files: &dyn Files,
    engine: &dyn Engine,
    targets: &'t [&'t dyn Target],
    diags: &mut Diagnostics,
) -> Option<Compiled<'t>> {
    // A pass's result is dropped as soon as the next one has read it: the memory serves again.
    let blocks = std::mem::take(&mut evaluated.blocks);
    let spec = decode::decode(evaluated.environment.clone(), &blocks, diags);
    drop(blocks);
    let models = models::open(&spec, files, sources, diags);
    let gates = quality::gates(&spec, &models, files, sources, diags);
    let checked = check::check(spec, models, diags)?;
    let plan = lower::lower(&checked);
    if let Some(plan) = &plan {
        targets.iter().for_each(|target| target.check(plan, diags));
    }
    // Running models takes longest, and is for specs that are sound otherwise.
    if !diags.failed() {
        golden::prove(&checked, engine, diags);
        quality::prove(&gates, &checked, engine, diags);
    }
    let needs = report::Needs::of(&checked);
    drop(checked);
    let Evaluated { environment, moved, .. } = evaluated;
    let compiled = Compiled { environment: environment.clone(), moved: moved.clone(), needs, plan, targets };
    (!diags.failed()).then_some(compiled)
}
