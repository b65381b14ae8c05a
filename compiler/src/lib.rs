//! The compiler: a spec in, artifacts out. [`compile`] is its table of contents.

pub mod check;
pub mod decode;
pub mod evaluate;
pub mod files;
pub mod lock;
pub mod lower;
pub mod models;
pub mod parse;
pub mod reference;
pub mod render;
pub mod schema;

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_targets::TARGETS;

use evaluate::Inputs;
use files::Files;

/// A spec that was compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The environment that it was compiled for; `None` when the spec has none.
    pub environment: Option<String>,
    /// What it needs.
    pub artifacts: Artifacts,
}

/// Compiles the spec that `sources` holds. `None` when an error was found; all that were found are in `diags`.
///
/// `files` reads the project's other files; signatures of models are added to `sources`, so that diagnostics can point
/// at them. The result depends on nothing else, and is the same to the byte each time.
pub fn compile(sources: &Sources, inputs: &Inputs, files: &dyn Files, diags: &mut Diagnostics) -> Option<Compiled> {
    let bodies = parse::parse_all(sources, diags);
    let evaluated = evaluate::evaluate(sources, &bodies, inputs, files, diags);
    let environment = evaluated.environment.clone();
    let spec = decode::decode(evaluated.environment, &evaluated.blocks, diags);
    let models = models::open(&spec, files, sources, diags);
    let checked = check::check(spec, models, diags)?;
    let mut artifacts = Artifacts::default();
    let Some(plan) = lower::lower(&checked) else { return Some(Compiled { environment, artifacts }) };
    for target in TARGETS {
        target.check(&plan, diags);
    }
    if diags.failed() {
        return None;
    }
    for target in TARGETS {
        target.emit(&plan, &mut artifacts);
    }
    Some(Compiled { environment, artifacts })
}
