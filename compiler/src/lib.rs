//! The compiler: a spec in, artifacts out. [`compile`] is its table of contents.

pub mod check;
pub mod decode;
pub mod evaluate;
pub mod lock;
pub mod lower;
pub mod models;
pub mod parse;
pub mod reference;
pub mod render;

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_targets::TARGETS;

use evaluate::Inputs;
use models::Files;

/// Compiles the spec that `sources` holds. `None` when an error was found; all that were found are in `diags`.
///
/// `files` reads the project's other files; signatures of models are added to `sources`, so that diagnostics can point
/// at them. The result depends on nothing else, and is the same to the byte each time.
pub fn compile(
    sources: &mut Sources,
    inputs: &Inputs,
    files: &dyn Files,
    diags: &mut Diagnostics,
) -> Option<Artifacts> {
    let bodies = parse::parse_all(sources, diags);
    let evaluated = evaluate::evaluate(sources, &bodies, inputs, diags);
    let spec = decode::decode(evaluated.environment, &evaluated.blocks, diags);
    let models = models::open(&spec, files, sources, diags);
    let checked = check::check(spec, models, diags)?;
    let Some(plan) = lower::lower(&checked) else { return Some(Artifacts::default()) };
    for target in TARGETS {
        target.check(&plan, diags);
    }
    if diags.failed() {
        return None;
    }
    let mut artifacts = Artifacts::default();
    for target in TARGETS {
        target.emit(&plan, &mut artifacts);
    }
    Some(artifacts)
}
