//! Steps -> states: sequences by `Next`, `when` by a Choice before the stage, `Step::Parallel` by branches.
//!
//! A variable that a branch assigns ends with the branch. So each branch ends in a state whose output holds the variables that are read
//! outside it, and the Parallel assigns them again.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Plan, Stage, Step, Workflow, stages};

use super::asl::{Choice, Flow, Parallel, Pass, Rule, State, StateMachine, States};
use super::jsonata::{Refusal, template, translate};
use super::scope::Scope;
use super::{input, tasks};

/// The definition of `workflow`, or everything that cannot be said in it.
pub fn definition(plan: &Plan, workflow: &Workflow) -> Result<StateMachine, Vec<Refusal>> {
    let mut builder = Builder { plan, workflow, scope: Scope::new(workflow), refusals: Vec::new() };
    let body = builder.sequence(&workflow.body, "parallel ", END);
    let entry = workflow.body.first().map_or(END.to_owned(), |step| entry(step, "parallel 1"));
    let (start_at, mut all) = if workflow.inputs.is_empty() {
        (entry, Vec::new())
    } else {
        (input::CHECK.to_owned(), input::states(workflow, &entry))
    };
    all.extend(body);
    let output = match &workflow.output {
        Some(output) => builder.keep(|scope| template(output, scope)).unwrap_or_default(),
        None => json!({}),
    };
    all.push((END.to_owned(), State::Pass(Pass { output, end: true })));
    let environment = plan.environment.as_ref().map(|e| format!(" in {e}")).unwrap_or_default();
    let machine = StateMachine {
        comment: format!("Workflow {} of {}{environment}", workflow.name, plan.project.name),
        query_language: "JSONata",
        timeout_seconds: workflow.timeout.seconds_up(),
        flow: Flow { start_at, states: States(all) },
    };
    if builder.refusals.is_empty() { Ok(machine) } else { Err(builder.refusals) }
}

/// With a space, so that no stage has the same name.
const END: &str = "return output";

struct Builder<'a> {
    plan: &'a Plan,
    workflow: &'a Workflow,
    scope: Scope,
    refusals: Vec<Refusal>,
}

/// The state that a step begins with; `parallel` is the name it has if it is a parallel step.
fn entry(step: &Step, parallel: &str) -> String {
    match step {
        Step::Stage(stage) if stage.when.is_some() => format!("when {}", stage.name),
        Step::Stage(stage) => stage.name.clone(),
        Step::Parallel(_) => parallel.to_owned(),
    }
}

impl Builder<'_> {
    /// A result, or its refusal noted.
    fn keep<T>(&mut self, make: impl FnOnce(&Scope) -> Result<T, Refusal>) -> Option<T> {
        make(&self.scope).map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    /// The states of `steps`, the last of which goes on to `after`. The n-th parallel step is called `prefix` and n.
    fn sequence(&mut self, steps: &[Step], prefix: &str, after: &str) -> Vec<(String, State)> {
        let mut names = Vec::new();
        let mut parallels = 0;
        for step in steps {
            parallels += usize::from(matches!(step, Step::Parallel(_)));
            names.push(entry(step, &format!("{prefix}{parallels}")));
        }
        names.push(after.to_owned());
        let mut states = Vec::new();
        for (step, pair) in steps.iter().zip(names.windows(2)) {
            let [name, next] = pair else { continue };
            match step {
                Step::Stage(stage) => self.stage(stage, next, &mut states),
                Step::Parallel(branches) => {
                    let parallel = self.parallel(branches, name, next);
                    states.push((name.clone(), State::Parallel(parallel)));
                }
            }
        }
        states
    }

    fn stage(&mut self, stage: &Stage, next: &str, states: &mut Vec<(String, State)>) {
        let read = read_by(stages(&self.workflow.body), self.workflow.output.as_ref()).contains(stage.name.as_str());
        if let Some(when) = &stage.when {
            let condition = self.keep(|scope| Ok(translate(when, scope)?.boolean().enclosed())).unwrap_or_default();
            let rule = Rule { condition, assign: Map::new(), next: stage.name.clone() };
            let mut skipped = Map::new();
            if read {
                skipped.insert(self.scope.variable(&stage.name).to_owned(), Json::Null);
            }
            let choice = Choice { choices: vec![rule], assign: skipped, default: next.to_owned() };
            states.push((format!("when {}", stage.name), State::Choice(choice)));
        }
        let plan = self.plan;
        if let Some(task) = self.keep(|scope| tasks::task(plan, stage, scope, read, next)) {
            states.push((stage.name.clone(), State::Task(Box::new(task))));
        }
    }

    fn parallel(&mut self, branches: &[Vec<Step>], name: &str, next: &str) -> Parallel {
        let mut flows = Vec::new();
        let mut assign = Map::new();
        for (at, branch) in branches.iter().enumerate() {
            let inside: Vec<&Stage> = stages(branch);
            let outside: Vec<&Stage> =
                stages(&self.workflow.body).into_iter().filter(|s| inside.iter().all(|i| i.name != s.name)).collect();
            let read = read_by(outside, self.workflow.output.as_ref());
            let mut output = Map::new();
            for stage in inside.iter().filter(|s| read.contains(s.name.as_str())) {
                let variable = self.scope.variable(&stage.name).to_owned();
                output.insert(variable.clone(), json!(format!("{{% ${variable} %}}")));
                assign.insert(variable.clone(), json!(format!("{{% $states.result[{at}].{variable} %}}")));
            }
            let end = format!("end of {name}.{}", at + 1);
            let start_at = branch.first().map_or(end.clone(), |step| entry(step, &format!("{name}.{}.1", at + 1)));
            let mut states = self.sequence(branch, &format!("{name}.{}.", at + 1), &end);
            states.push((end, State::Pass(Pass { output: json!(output), end: true })));
            flows.push(Flow { start_at, states: States(states) });
        }
        Parallel { branches: flows, assign, next: next.to_owned() }
    }
}

/// The names of the stages whose outputs these stages, or the output, read.
fn read_by<'a>(stages: Vec<&'a Stage>, output: Option<&'a Expr>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for expr in stages.into_iter().flat_map(Stage::expressions).chain(output) {
        expr.walk(&mut |part| {
            if let ExprKind::Stage(name) = &part.kind {
                names.insert(name.value.as_str());
            }
        });
    }
    names
}
