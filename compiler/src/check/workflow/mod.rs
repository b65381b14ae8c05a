//! A workflow's stages can run: each reads only what is there when it runs, of the type that it needs.

mod each;
mod graph;
mod infer;
pub mod outside;
mod scope;
mod start;
mod time;
mod trigger;
mod types;
mod verb;

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Each, Shift, Trigger, Validation, Verb};
use windlass_schemas::spec::{Spec, Stage, Workflow};
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;
use windlass_schemas::value::{Value, ValueKind};

use crate::models::Models;
use graph::Graph;
use scope::{Place, Scope, Site};
pub use time::of_workflow;
use types::{check, known_if, type_of};

/// What executions of workflows return, by the workflow's name, as far as that is known.
type Returns = BTreeMap<String, Type>;

/// What the checks found out about a workflow.
#[derive(Debug)]
pub(crate) struct Flow {
    /// One for each stage, in the order written.
    pub stages: Vec<Resolved>,
    /// A stage, the one that handles its errors, the one that handles those, and so on: indexes of stages.
    pub nodes: Vec<Vec<usize>>,
    /// For each node, the nodes that must have ended before.
    pub needs: Vec<BTreeSet<usize>>,
    /// What an execution returns.
    pub returns: Type,
    /// What must be true of the input.
    pub validations: Vec<Validation>,
    /// What starts an execution.
    pub triggers: Vec<Trigger>,
    /// How executions move to a new version.
    pub shift: Option<Shift>,
}

/// What a stage does.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub verb: Verb,
    /// The outputs of one run.
    pub outputs: Type,
    /// What it runs for, once each.
    pub each: Option<Each>,
    /// Of one attempt, where the spec does not say.
    pub timeout: Duration,
}

/// Checks all workflows. What they are is in the order of the spec; `None` for one about which something was reported.
pub(crate) fn check_all(spec: &Spec, models: &Models, diags: &mut Diagnostics) -> Vec<Option<Flow>> {
    let mut returns = Returns::new();
    let mut flows: Vec<Option<Flow>> = spec.workflows.iter().map(|_| None).collect();
    for at in start::order(spec, diags) {
        let workflow = &spec.workflows[at];
        flows[at] = check_workflow(workflow, spec, models, &returns, diags);
        if let Some(flow) = &flows[at] {
            returns.insert(workflow.name.to_string(), flow.returns.clone());
        }
    }
    flows
}

fn check_workflow(
    workflow: &Workflow,
    spec: &Spec,
    models: &Models,
    returns: &Returns,
    diags: &mut Diagnostics,
) -> Option<Flow> {
    let before = diags.len();
    if workflow.stages.is_empty() {
        let message = format!("the workflow `{}` has no stage", workflow.name.value);
        diags.push(Diagnostic::at(&codes::MISSING_BLOCK, workflow.span, message).help("add `stage \"NAME\" { … }`"));
    }
    time::check_workflow(workflow, diags);
    let graph = Graph::of(workflow, diags);
    let mut scope = Scope::of(workflow, spec, models, &graph, returns);
    let validations = trigger::inputs(workflow, &scope, diags);
    let triggers = workflow.triggers.iter().filter_map(|given| trigger::resolve(given, workflow, &scope, diags));
    let triggers = triggers.collect();
    let shift = workflow.rollout.as_ref().and_then(|rollout| trigger::shift(rollout, diags));

    let chains: BTreeMap<usize, (&[usize], usize)> = graph
        .nodes
        .iter()
        .flat_map(|node| node.iter().enumerate().map(move |(at, stage)| (*stage, (&node[..], at))))
        .collect();
    let mut stages: Vec<Option<Resolved>> = workflow.stages.iter().map(|_| None).collect();
    // In the order in which they run: what a stage returns may depend on what it is given.
    for at in graph.order() {
        let (chain, position) = chains.get(&at).copied().unwrap_or((&[], 0));
        let led_here: Vec<&Stage> = chain[..position].iter().map(|at| &workflow.stages[*at]).collect();
        stages[at] = check_stage(at, &led_here, workflow, spec, models, &mut scope, diags);
    }
    let mut returned = Type::Object(Vec::new());
    if let Some(output) = &workflow.output {
        returned = type_of(&output.value.0, &Site::new(&scope, Place::Output), diags);
    }
    let stages = stages.into_iter().collect::<Option<Vec<_>>>()?;
    let Graph { nodes, needs, .. } = graph;
    (!failed_since(before, diags)).then_some(Flow {
        stages,
        nodes,
        needs,
        returns: returned,
        validations,
        triggers,
        shift,
    })
}

/// Whether an error, not only a warning, was found since then.
fn failed_since(before: usize, diags: &Diagnostics) -> bool {
    use windlass_schemas::diagnostic::Severity;
    diags.iter().skip(before).any(|found| found.code.severity == Severity::Error)
}

/// Checks one stage, and tells the scope what was found out about its outputs. `led_here` are the stages whose failure
/// leads to it, in the order in which they fail.
fn check_stage(
    at: usize,
    led_here: &[&Stage],
    workflow: &Workflow,
    spec: &Spec,
    models: &Models,
    scope: &mut Scope,
    diags: &mut Diagnostics,
) -> Option<Resolved> {
    let stage = &workflow.stages[at];
    let before = diags.len();
    let usual = usual_timeout(stage, spec);
    time::check_stage(stage, usual, workflow, diags);
    let (resolved, each) = {
        let mut site = Site::new(scope, Place::Stage(stage.name.to_string()));
        site.failed = led_here.iter().rev().map(|stage| &**stage.name).collect();
        // A handler runs only where the stage ran that it handles.
        for earlier in led_here.iter().filter_map(|stage| stage.when.as_ref()) {
            site.known.extend(known_if(&earlier.value.0, true));
        }
        if let Some(when) = &stage.when {
            check(&when.value.0, &Type::Bool, "when", &site, diags);
            never_runs(stage, diags);
            site.known.extend(known_if(&when.value.0, true));
        }
        let each = each::resolve(stage, workflow, &site, diags);
        let runs_many = stage.for_each.is_some() || stage.distribute.is_some();
        // Where something was wrong with the elements, what they are is not known.
        site.item = each.as_ref().map(|(_, item, _)| item.clone()).or(runs_many.then_some(Type::Any));
        (verb::resolve(stage, workflow, spec, models, &site, diags), each)
    };
    let length = each.as_ref().and_then(|(_, _, length)| *length);
    if let Some(known) = scope.stages.get_mut(at) {
        if let Some(resolved) = &resolved {
            known.outputs = resolved.outputs.clone();
        }
        known.each = known.each.map(|runs| scope::Runs { length, ..runs });
    }
    let verb::Resolved { verb, outputs } = resolved?;
    let each = each.map(|(each, ..)| {
        let express = workflow.r#type.value.0;
        let distributed = each::needs_executions(&each, &verb, time::attempts(stage), length, express);
        Each { distributed, ..each }
    });
    (!failed_since(before, diags)).then_some(Resolved { verb, outputs, each, timeout: usual })
}

/// A condition that is false whatever happens.
fn never_runs(stage: &Stage, diags: &mut Diagnostics) {
    if let Some(when) = &stage.when
        && let ExprKind::Literal(Value { kind: ValueKind::Bool(false), .. }) = &when.value.0.kind
    {
        let message = format!("the stage `{}` never runs: its `when` is false, whatever happens", stage.name.value);
        let help = "write a condition about `input` or another stage, or take the stage out";
        diags.push(Diagnostic::at(&codes::STAGE_OFF, when.span, message).help(help));
    }
}

/// How long one attempt of a stage may take that does not say: one that starts a workflow waits for its end.
fn usual_timeout(stage: &Stage, spec: &Spec) -> Duration {
    let started = stage.start.as_ref().and_then(|start| spec.workflows.iter().find(|w| *w.name.value.0 == *start.0));
    match started {
        Some(workflow) => Duration(of_workflow(workflow).0 + 60_000),
        None => time::USUAL,
    }
}
