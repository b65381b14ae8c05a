//! `windlass run`: executes a workflow on this machine.

mod machine;
mod process;
mod progress;
mod recorded;
mod services;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value as Json;
use windlass::run::{Failure, execute};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Plan, Verb, Workflow, stages};
use windlass_schemas::suggest::did_you_mean;
use windlass_targets::TARGETS;

use super::report::{Color, print, report};
use super::{Job, Spec, work};
use machine::Machine;
use progress::Progress;
use recorded::Recorded;
use services::Services;

#[derive(clap::Args)]
pub struct Run {
    /// The workflow, as in `workflow "NAME"`.
    workflow: String,
    #[command(flatten)]
    spec: Spec,
    /// The input, a JSON file; `-` is standard input [default: {}].
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Shows the input and the output of every stage.
    #[arg(long)]
    trace: bool,
    /// A folder for a bucket of the spec; may be given several times [default: DIR/buckets/NAME].
    #[arg(long = "bucket", value_name = "NAME=FOLDER", value_parser = pair)]
    buckets: Vec<(String, String)>,
    /// A command for a function of the spec: it gets the payload on standard input, and prints the result as JSON; may be given several times.
    #[arg(long = "function", value_name = "NAME=COMMAND", value_parser = pair)]
    functions: Vec<(String, String)>,
    /// A command for a job of the spec: it gets the arguments behind it, and its environment; may be given several times.
    #[arg(long = "job", value_name = "NAME=COMMAND", value_parser = pair)]
    jobs: Vec<(String, String)>,
    /// The address of a service that runs already, as in `risk=http://127.0.0.1:8080`; may be given several times.
    #[arg(long = "service", value_name = "NAME=URL", value_parser = pair)]
    services: Vec<(String, String)>,
    /// Recorded results, in the format of Step Functions Local's mocked service integrations.
    #[arg(long, value_name = "FILE")]
    recorded: Option<PathBuf>,
    /// The test case of `--recorded` to use [default: its only one].
    #[arg(long, value_name = "NAME", requires = "recorded")]
    case: Option<String>,
    /// Answers every `approve` so, instead of asking on the terminal.
    #[arg(long, value_name = "ANSWER", value_parser = ["yes", "no"])]
    approve: Option<String>,
    /// Waits as long as stages and retriers say, instead of going on at once.
    #[arg(long)]
    real_time: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

impl Run {
    /// Prints the output; exits with 1 when the spec does not compile or the execution failed.
    pub fn run(self, color: Color) -> ExitCode {
        let Job { sources, mut diags, compiled, .. } = work(&self.spec, TARGETS, false);
        let output = compiled.filter(|_| !self.spec.reporting.stops(&diags)).and_then(|compiled| {
            let plan = compiled.plan()?;
            self.execute(plan, &mut diags).map_err(|finding| diags.push(*finding)).ok()
        });
        if report(diags, &sources, &self.spec.dir, &self.spec.reporting, color).is_none() {
            return ExitCode::FAILURE;
        }
        match output {
            Some(output) => {
                print(&format!("{output:#}\n"));
                ExitCode::SUCCESS
            }
            None => ExitCode::FAILURE,
        }
    }

    fn execute(&self, plan: &Plan, diags: &mut Diagnostics) -> Result<Json, Box<Diagnostic>> {
        let workflow = plan.workflow(&self.workflow).ok_or_else(|| {
            let names = || plan.workflows.iter().map(|workflow| workflow.name.as_str());
            unknown("workflow", &self.workflow, names().collect())
        })?;
        self.known(plan)?;
        let input = self.read_input()?;
        let recorded = match &self.recorded {
            Some(file) => Recorded::read(file, self.case.as_deref(), &plan.qualified(&self.workflow), &self.workflow),
            None => Ok(Recorded::default()),
        };
        let recorded = recorded.map_err(|why| nowhere(format!("the recorded results can't be used: {why}")))?;
        let given = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        let services = Services::start(plan, &asked(plan, workflow), given(&self.services), &self.spec.dir, diags)?;
        let mut buckets: BTreeMap<String, PathBuf> = plan
            .buckets
            .iter()
            .map(|bucket| (bucket.name.clone(), self.spec.dir.join("buckets").join(&bucket.name)))
            .collect();
        buckets.extend(self.buckets.iter().map(|(name, folder)| (name.clone(), PathBuf::from(folder))));
        let machine = Machine::new(
            machine::Means {
                buckets,
                functions: given(&self.functions),
                jobs: given(&self.jobs),
                services,
                recorded,
                approve: self.approve.as_deref().map(|answer| answer == "yes"),
                real_time: self.real_time,
            },
            Progress::new(self.trace),
        );
        execute(plan, workflow, &input, &machine).map_err(|failure| Box::new(told(&failure)))
    }

    fn read_input(&self) -> Result<Json, Box<Diagnostic>> {
        let Some(file) = &self.input else { return Ok(Json::Object(serde_json::Map::new())) };
        let text = match file.as_os_str() == "-" {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(file),
        };
        let text = text.map_err(|error| nowhere(format!("the input `{}` can't be read: {error}", file.display())))?;
        serde_json::from_str(&text)
            .map_err(|error| nowhere(format!("the input `{}` is not JSON: {error}", file.display())))
    }

    /// What the flags name is in the spec.
    fn known(&self, plan: &Plan) -> Result<(), Box<Diagnostic>> {
        let known = |kind: &str, given: &[(String, String)], names: Vec<&str>| match given
            .iter()
            .find(|(name, _)| !names.contains(&name.as_str()))
        {
            Some((name, _)) => Err(unknown(kind, name, names)),
            None => Ok(()),
        };
        known("bucket", &self.buckets, plan.buckets.iter().map(|bucket| bucket.name.as_str()).collect())?;
        known("function", &self.functions, plan.functions.iter().map(|function| function.name.as_str()).collect())?;
        known("job", &self.jobs, plan.jobs.iter().map(|job| job.name.as_str()).collect())?;
        known("service", &self.services, plan.services.iter().map(|service| service.name.as_str()).collect())
    }
}

/// The services that a workflow asks, and those that it starts.
fn asked<'p>(plan: &'p Plan, workflow: &'p Workflow) -> Vec<&'p str> {
    let (mut services, mut seen, mut open) = (Vec::new(), Vec::new(), vec![workflow]);
    while let Some(workflow) = open.pop() {
        if seen.contains(&workflow.name) {
            continue;
        }
        seen.push(workflow.name.clone());
        for stage in stages(&workflow.body) {
            match &stage.verb {
                Verb::Infer { service, .. } => services.push(service.as_str()),
                Verb::Start { workflow, .. } => open.extend(plan.workflow(workflow)),
                _ => {}
            }
        }
    }
    services.sort_unstable();
    services.dedup();
    services
}

fn nowhere(message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::nowhere(&codes::NOT_RUN, message))
}

fn unknown(kind: &str, name: &str, known: Vec<&str>) -> Box<Diagnostic> {
    let help = did_you_mean(name, known.iter().copied())
        .or_else(|| (!known.is_empty()).then(|| format!("there are `{}`", known.join("`, `"))));
    let message = format!("there is no {kind} `{name}`");
    Box::new(Diagnostic::nowhere(&codes::UNDEFINED_REFERENCE, message).maybe_help(help))
}

/// A failed execution as a finding at the line of the spec.
fn told(failure: &Failure) -> Diagnostic {
    let message = format!("the execution failed with `{}`", failure.name);
    let finding = match failure.place {
        Some(place) => Diagnostic::at(&codes::EXECUTION_FAILED, place, message),
        None => Diagnostic::nowhere(&codes::EXECUTION_FAILED, message),
    };
    if failure.cause.is_empty() { finding } else { finding.help(failure.cause.clone()) }
}
