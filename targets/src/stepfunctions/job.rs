//! `run`: a Job of Kubernetes that a Task creates and waits for.
//!
//! Where the cluster is, and whom it trusts, is known to EKS only: a Task in front of all stages asks for both.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Plan, Stage, Verb, Workflow, stages};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

use super::asl::{Retrier, State, Task, Then};
use super::each;
use super::errors;
use super::jsonata::syntax::{self, Binding};
use super::jsonata::{Refusal, Term, template};
use super::scope::Scope;
use super::tasks::Call;
use crate::kubernetes;

/// The state that asks for the cluster; with a space, so that no stage has the same name.
pub const FIND: &str = "find cluster";
/// Seconds that asking may take.
const FIND_SECONDS: u64 = 30;

/// Whether a stage runs a job.
pub fn needed(workflow: &Workflow) -> bool {
    stages(&workflow.body).iter().any(|stage| matches!(stage.verb, Verb::Run { .. }))
}

/// The state [`FIND`].
pub fn find(plan: &Plan, scope: &Scope, next: &str) -> State {
    let found = json!({
        "certificate": "{% $states.result.Cluster.CertificateAuthority.Data %}",
        "endpoint": "{% $states.result.Cluster.Endpoint %}",
    });
    let names = [errors::EKS.throttled, errors::EKS.unavailable].concat();
    State::Task(Box::new(Task {
        resource: "arn:aws:states:::aws-sdk:eks:describeCluster",
        arguments: json!({ "Name": plan.platform.cluster }),
        timeout_seconds: FIND_SECONDS,
        retry: vec![Retrier {
            error_equals: names.into_iter().map(str::to_owned).collect(),
            interval_seconds: 1,
            max_attempts: 4,
            backoff_rate: 2.0,
            max_delay_seconds: Some(10),
            jitter_strategy: "FULL",
        }],
        catch: Vec::new(),
        assign: Map::from_iter([(scope.cluster_variable().to_owned(), found)]),
        output: None,
        then: Then::Next(next.to_owned()),
    }))
}

/// A number or bool as the text of it: Kubernetes takes nothing else.
fn text(expr: &Expr) -> Expr {
    let text = |text: String, value: &Value| {
        let value = Value { kind: ValueKind::String(text), ..value.clone() };
        Expr::new(ExprKind::Literal(value), expr.span)
    };
    match &expr.kind {
        ExprKind::Literal(value) => match &value.kind {
            ValueKind::Number(number) => text(number.to_string(), value),
            ValueKind::Bool(truth) => text(truth.to_string(), value),
            _ => expr.clone(),
        },
        ExprKind::Template(_) => expr.clone(),
        _ => Expr::new(ExprKind::Template(vec![expr.clone()]), expr.span),
    }
}

/// The same of every element of a list that is written out; another list is one of texts.
fn texts(list: &Expr) -> Expr {
    let elements: Vec<Expr> = match &list.kind {
        ExprKind::List(elements) => elements.clone(),
        ExprKind::Literal(Value { kind: ValueKind::List(elements), .. }) => {
            elements.iter().cloned().map(Expr::from).collect()
        }
        _ => return list.clone(),
    };
    Expr::new(ExprKind::List(elements.iter().map(text).collect()), list.span)
}

/// The call of a `run` stage.
pub fn call(
    plan: &Plan,
    stage: &Stage,
    job: &str,
    arguments: Option<&Expr>,
    environment: &[(String, Expr)],
    scope: &Scope,
) -> Result<Call, Refusal> {
    let cluster = scope.cluster().text;
    let name = name(job, stage);
    let mut manifest = plan.job(job).map_or(Json::Null, |job| kubernetes::job_manifest(plan, job));
    manifest["metadata"]["name"] = name.enclosed();
    // Nobody waits longer: the pod ends with the stage.
    manifest["spec"]["activeDeadlineSeconds"] = json!(stage.timeout.seconds_up());
    let container = &mut manifest["spec"]["template"]["spec"]["containers"][0];
    if let Some(arguments) = arguments {
        container["args"] = template(&texts(arguments), scope)?;
    }
    let mut variables = container["env"].as_array().cloned().unwrap_or_default();
    for (name, value) in environment {
        variables.retain(|variable| variable["name"] != name.as_str());
        variables.push(json!({ "name": name, "value": template(&text(value), scope)? }));
    }
    if !variables.is_empty() {
        container["env"] = json!(variables);
    }
    let arguments = json!({
        "ClusterName": plan.platform.cluster,
        "CertificateAuthority": format!("{{% {cluster}.certificate %}}"),
        "Endpoint": format!("{{% {cluster}.endpoint %}}"),
        "Namespace": plan.platform.namespace.as_str(),
        // Logs count against the 256 KiB of a result; they are where the logs of all pods are.
        "LogOptions": { "RetrieveLogs": false },
        "Job": manifest,
    });
    Ok(Call {
        resource: "arn:aws:states:::eks:runJob.sync",
        arguments,
        outputs: Map::from_iter([("job".to_owned(), name.enclosed())]),
        seen: Map::new(),
        demands: Vec::new(),
        completed: Map::new(),
        transient: &errors::JOB,
    })
}

/// Another for each execution, element and attempt, and always the same for one: a finished Job keeps its name for a while.
fn name(job: &str, stage: &Stage) -> Term {
    let text = |text: &str| Term::atom(&syntax::string(text), Type::String);
    let context = |path: &str| Term::atom(&format!("$states.context.{path}"), Type::String);
    let number = |path: &str| Term::call("string", vec![context(path)], Type::String);
    let joined = |a, b| Term::binary(a, "&", b, Binding::Sum, Type::String);
    let mut what = joined(context("Execution.Id"), text(&format!("/{}/", stage.name)));
    what = joined(what, number("State.RetryCount"));
    if stage.each.as_ref().is_some_and(|each| !each::distributed(each)) {
        what = joined(joined(what, text("/")), number("Map.Item.Index"));
    }
    let digest = Term::call("hash", vec![what, text("SHA-256")], Type::String);
    let short = |digest: Term| {
        let number = |n: usize| Term::atom(&n.to_string(), Type::Number);
        Term::call("substring", vec![digest, number(0), number(DIGEST)], Type::String)
    };
    joined(text(&format!("{job}-")), short(digest))
}

/// Digits at the end of a Job's name.
pub const DIGEST: usize = 20;
