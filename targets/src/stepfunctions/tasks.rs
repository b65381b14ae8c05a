//! A stage's verb -> what a Task calls, with which arguments, which errors may go away, and what the stage leaves behind.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{ErrorKind, FunctionKind, Plan, Service, Stage, Verb};
use windlass_schemas::span::Spanned;
use windlass_schemas::types::Type;

use super::errors::{self, Transient};
use super::holds::{completed, field, holds};
use super::jsonata::syntax::{self, Binding};
use super::jsonata::{Refusal, Term, quoted, template, translate};
use super::scope::Scope;
use super::{job, tensor};
use crate::cloudformation::arn;

/// What a verb is on Step Functions.
pub struct Call {
    pub resource: &'static str,
    pub arguments: Json,
    /// What the stage leaves behind, over the Task's result.
    pub outputs: Map<String, Json>,
    /// What is looked at after the Task, and not left behind.
    pub seen: Map<String, Json>,
    /// What must be true of both, as the input of the next state.
    pub demands: Vec<Demand>,
    /// Outputs with null for what may be missing in them, over the input of the next state.
    pub completed: Map<String, Json>,
    pub transient: &'static Transient,
}

/// What makes a Task that succeeded a failure.
pub struct Demand {
    /// When this is true.
    pub broken: Json,
    pub error: &'static str,
    pub cause: Json,
}

/// What a stage fails with when something has not the type that was declared for it.
const WRONG_TYPE: &str = "WrongType";

/// The connection's ARN is made by CloudFormation, so a definition names it by this substitution.
pub fn connection_placeholder(service: &str) -> String {
    format!("ConnectionArn{}", arn::logical(service))
}

/// The URL that an `infer` stage posts to; `None` when the service has no public name.
pub fn endpoint(service: &Service) -> Option<String> {
    let host = &service.expose.as_ref()?.host;
    Some(format!("https://{host}/v2/models/{}/infer", service.model.name))
}

fn outputs<const N: usize>(fields: [(&str, Json); N]) -> Map<String, Json> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Call {
    fn new<const N: usize>(
        resource: &'static str,
        arguments: Json,
        fields: [(&str, Json); N],
        transient: &'static Transient,
    ) -> Self {
        Call {
            resource,
            arguments,
            outputs: outputs(fields),
            seen: Map::new(),
            demands: Vec::new(),
            completed: Map::new(),
            transient,
        }
    }

    /// The output `name` must be of the type that `stage` declares for it.
    fn typed(mut self, stage: &Stage, name: &str) -> Self {
        let Type::Object(fields) = &stage.outputs else { return self };
        let Some((_, ty)) = fields.iter().find(|(field, _)| field == name) else { return self };
        if *ty != Type::Any {
            let cause = format!("`{name}` of stage `{}` is not of type {ty}", stage.name);
            let at = field("$states.input", name);
            let broken = Term::call("not", vec![holds(ty, &at)], Type::Bool);
            if let Some(completed) = completed(ty, &at) {
                self.completed.insert(name.to_owned(), json!(format!("{{% {completed} %}}")));
            }
            self.demands.push(Demand { broken: broken.enclosed(), error: WRONG_TYPE, cause: quoted(&cause) });
        }
        self
    }
}

/// Whether a retrier of a stage with this verb, for these kinds of errors, is for the one that Step Functions calls `error`.
pub fn repeats(plan: &Plan, verb: &Verb, on: &[ErrorKind], error: &str) -> bool {
    let transient = match verb {
        Verb::Read { .. } | Verb::Write { .. } => &errors::S3,
        Verb::Infer { .. } => &errors::HTTP,
        Verb::Call { function, .. } => match plan.function(function).map(|function| &function.kind) {
            Some(FunctionKind::Http { .. }) => &errors::HTTP,
            _ => &errors::LAMBDA,
        },
        Verb::Run { .. } => &errors::JOB,
        Verb::Start { .. } => &errors::STATES,
        Verb::Notify { .. } | Verb::Approve { .. } => &errors::SNS,
        Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => return false,
    };
    transient.finds(on, error)
}

/// What `stage` calls; `None` when its verb is no call.
pub fn call(plan: &Plan, stage: &Stage, scope: &Scope) -> Result<Option<Call>, Refusal> {
    let bucket = |name: &str| plan.bucket(name).map_or("", |b| b.bucket.as_str());
    Ok(Some(match &stage.verb {
        Verb::Read { bucket: name, key } => Call::new(
            "arn:aws:states:::aws-sdk:s3:getObject",
            json!({ "Bucket": bucket(name), "Key": template(key, scope)? }),
            [("body", json!("{% $parse($states.result.Body) %}"))],
            &errors::S3,
        )
        .typed(stage, "body"),
        Verb::Write { bucket: name, key, body } => Call::new(
            "arn:aws:states:::aws-sdk:s3:putObject",
            json!({
                "Bucket": bucket(name),
                "Key": template(key, scope)?,
                "ContentType": "application/json",
                // The SDK integration writes whatever stands here as JSON, also a string.
                "Body": template(body, scope)?,
            }),
            [("key", template(key, scope)?), ("etag", json!("{% $states.result.ETag %}"))],
            &errors::S3,
        ),
        Verb::Infer { service: name, inputs, outputs } => {
            let lengths = scope.lengths(inputs);
            let tensors = inputs.iter().map(|i| tensor::request(i, scope)).collect::<Result<Vec<Json>, Refusal>>()?;
            let lists: Map<String, Json> =
                outputs.iter().map(|t| (t.name.clone(), tensor::response(t, &lengths))).collect();
            let url = plan.service(name).and_then(endpoint).unwrap_or_default();
            let connection = format!("${{{}}}", connection_placeholder(name));
            let body = Some(json!({ "inputs": tensors }));
            Call::new(HTTP, post(&url, &connection, body), [("outputs", json!(lists))], &errors::HTTP)
        }
        Verb::Call { function, payload } => {
            let payload = Some(template(payload, scope)?).filter(|payload| !payload.is_null());
            match plan.function(function).map(|function| &function.kind) {
                Some(FunctionKind::Http { url, connection }) => {
                    let result = "{% $exists($states.result.ResponseBody) ? $states.result.ResponseBody : null %}";
                    Call::new(HTTP, post(url, connection, payload), [("result", json!(result))], &errors::HTTP)
                }
                kind => {
                    let arn = if let Some(FunctionKind::Lambda { arn }) = kind { arn.as_str() } else { "" };
                    let mut arguments = Map::from_iter([("FunctionName".to_owned(), json!(arn))]);
                    arguments.extend(payload.map(|payload| ("Payload".to_owned(), payload)));
                    let result = "{% $exists($states.result.Payload) ? $states.result.Payload : null %}";
                    let resource = "arn:aws:states:::lambda:invoke";
                    Call::new(resource, Json::Object(arguments), [("result", json!(result))], &errors::LAMBDA)
                }
            }
            .typed(stage, "result")
        }
        Verb::Run { job: name, arguments, environment } => {
            job::call(plan, stage, name, arguments.as_ref(), environment, scope)?
        }
        Verb::Start { workflow, input } => start(plan, stage, workflow, input, scope)?,
        Verb::Notify { channel, subject, message } => {
            let arguments = publish(plan, channel, subject.as_ref(), template(message, scope)?, scope)?;
            let resource = "arn:aws:states:::sns:publish";
            Call::new(resource, arguments, [("message_id", json!("{% $states.result.MessageId %}"))], &errors::SNS)
        }
        Verb::Approve { channel, subject, message } => {
            let message = question(plan, message, scope)?.enclosed();
            let arguments = publish(plan, channel, subject.as_ref(), message, scope)?;
            let answer = |name: &str| {
                let at = format!("$states.result.{name}");
                (name.to_owned(), json!(format!("{{% $exists({at}) ? {at} : null %}}")))
            };
            Call {
                outputs: Map::from_iter([answer("approved"), answer("comment")]),
                ..Call::new("arn:aws:states:::sns:publish.waitForTaskToken", arguments, [], &errors::SNS)
            }
            .typed(stage, "approved")
            .typed(stage, "comment")
        }
        Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => return Ok(None),
    }))
}

const HTTP: &str = "arn:aws:states:::http:invoke";

fn post(url: &str, connection: &str, body: Option<Json>) -> Json {
    let mut arguments = json!({
        "ApiEndpoint": url,
        "Method": "POST",
        "Authentication": { "ConnectionArn": connection },
    });
    if let Some(body) = body {
        arguments["RequestBody"] = body;
    }
    arguments
}

fn publish(plan: &Plan, channel: &str, subject: Option<&Expr>, message: Json, scope: &Scope) -> Result<Json, Refusal> {
    let mut arguments = Map::from_iter([("TopicArn".to_owned(), json!(arn::topic(plan, channel)))]);
    if let Some(subject) = subject {
        arguments.insert("Subject".to_owned(), template(subject, scope)?);
    }
    arguments.insert("Message".to_owned(), message);
    Ok(Json::Object(arguments))
}

/// The message with the commands that answer it below.
fn question(plan: &Plan, message: &Expr, scope: &Scope) -> Result<Term, Refusal> {
    let text = |text: &str| Term::atom(&syntax::string(text), Type::String);
    let token = || Term::atom("$states.context.Task.Token", Type::String);
    let region = &plan.platform.region;
    let success = format!("aws stepfunctions send-task-success --region {region}");
    let failure = format!("aws stepfunctions send-task-failure --region {region}");
    // The token comes last: it is long, and what decides is read first.
    let commands = [
        ("To approve", format!("{success} --task-output '{{\"approved\": true}}' --task-token ")),
        (
            "To decline",
            format!("{success} --task-output '{{\"approved\": false, \"comment\": \"why\"}}' --task-token "),
        ),
        ("To make the stage fail", format!("{failure} --error Rejected --cause \"why\" --task-token ")),
    ];
    let whole = Expr::new(ExprKind::Template(vec![message.clone()]), message.span);
    let mut term = translate(&whole, scope)?;
    for (what, command) in commands {
        let joined = |a, b| Term::binary(a, "&", b, Binding::Sum, Type::String);
        term = joined(joined(term, text(&format!("\n\n{what}:\n{command}"))), token());
    }
    Ok(term)
}

/// Starts the alias of another workflow and waits. Executions of an express workflow are waited for by another call, which also succeeds when
/// they failed.
fn start(plan: &Plan, stage: &Stage, workflow: &str, input: &[(String, Expr)], scope: &Scope) -> Result<Call, Refusal> {
    let target = plan.workflow(workflow);
    let machine = arn::alias(plan, workflow);
    let call = if target.is_some_and(|target| target.express) {
        let entries = input.iter().map(|(k, e)| (Spanned::new(k.clone(), e.span), e.clone())).collect();
        let input = Expr::new(ExprKind::Object(entries), stage.origin);
        let name = Spanned::new("jsonencode".to_owned(), stage.origin);
        let encoded = Expr::new(ExprKind::Call(name, vec![input]), stage.origin);
        let arguments = json!({ "StateMachineArn": machine, "Input": translate(&encoded, scope)?.enclosed() });
        let result = |name: &str, otherwise: &str| {
            json!(format!("{{% $exists($states.result.{name}) ? $states.result.{name} : {otherwise} %}}"))
        };
        let output = json!("{% $exists($states.result.Output) ? $parse($states.result.Output) : null %}");
        Call {
            seen: outputs([("status", result("Status", "''")), ("cause", result("Cause", "''"))]),
            demands: vec![Demand {
                broken: json!("{% $states.input.status != 'SUCCEEDED' %}"),
                // As it is called where a standard execution fails that was waited for.
                error: "States.TaskFailed",
                cause: json!(
                    "{% $states.input.execution & ' ended as ' & $states.input.status & ': ' & $states.input.cause %}"
                ),
            }],
            ..Call::new(
                "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
                arguments,
                [("execution", json!("{% $states.result.ExecutionArn %}")), ("output", output)],
                &errors::SFN,
            )
        }
    } else {
        let mut fields = Map::new();
        for (name, expr) in input {
            fields.insert(name.clone(), template(expr, scope)?);
        }
        // By this field the console leads from one execution to the other.
        let started_by = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID".to_owned();
        fields.insert(started_by, json!("{% $states.context.Execution.Id %}"));
        Call::new(
            "arn:aws:states:::states:startExecution.sync:2",
            json!({ "StateMachineArn": machine, "Input": fields }),
            [
                ("execution", json!("{% $states.result.ExecutionArn %}")),
                ("output", json!("{% $exists($states.result.Output) ? $states.result.Output : null %}")),
            ],
            &errors::STATES,
        )
    };
    // What the other workflow is compiled to return need not be looked at.
    let output = Type::Object(target.map(|target| ("output".to_owned(), target.returns.clone())).into_iter().collect());
    let declared = match (&stage.outputs, &output) {
        (Type::Object(all), Type::Object(known)) => all.iter().find(|(name, _)| name == "output") != known.first(),
        _ => true,
    };
    Ok(if declared { call.typed(stage, "output") } else { call })
}
