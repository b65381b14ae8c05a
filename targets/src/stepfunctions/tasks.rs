//! A stage's verb -> what a Task calls, with which arguments, which errors are worth another attempt, and what the stage leaves behind.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::plan::{Plan, Retry, Service, Stage, Verb};

use super::asl::{Retrier, Task};
use super::jsonata::{Refusal, template};
use super::scope::Scope;
use super::tensor;
use crate::cloudformation::arn;

/// What a verb is on Step Functions.
struct Call {
    resource: &'static str,
    arguments: Json,
    /// What the stage's variable holds.
    outputs: Json,
    /// Errors that may go away. A bad request, a missing object or a missing permission comes back the same.
    transient: &'static [&'static str],
}

/// The connection's ARN is made by CloudFormation, so a definition names it by this substitution.
pub fn connection_placeholder(service: &str) -> String {
    format!("ConnectionArn{}", arn::logical(service))
}

/// The URL that an `infer` stage posts to; `None` when the service has no public name.
pub fn endpoint(service: &Service) -> Option<String> {
    let host = &service.expose.as_ref()?.host;
    Some(format!("https://{host}/v2/models/{}/infer", service.model.name))
}

/// The Task of `stage`. Its variable is assigned only when `read` says that somebody reads it.
pub fn task(plan: &Plan, stage: &Stage, scope: &Scope, read: bool, next: &str) -> Result<Task, Refusal> {
    let call = call(plan, stage, scope)?;
    let mut assign = Map::new();
    if read {
        assign.insert(scope.variable(&stage.name).to_owned(), call.outputs);
    }
    Ok(Task {
        resource: call.resource,
        arguments: call.arguments,
        timeout_seconds: stage.timeout.seconds_up(),
        retry: stage.retries.iter().filter(|r| r.attempts > 0).map(|r| retrier(r, call.transient)).collect(),
        assign,
        next: next.to_owned(),
    })
}

fn call(plan: &Plan, stage: &Stage, scope: &Scope) -> Result<Call, Refusal> {
    let bucket = |name: &str| plan.bucket(name).map_or("", |b| b.bucket.as_str());
    Ok(match &stage.verb {
        Verb::Read { bucket: name, key } => Call {
            resource: "arn:aws:states:::aws-sdk:s3:getObject",
            arguments: json!({ "Bucket": bucket(name), "Key": template(key, scope)? }),
            outputs: json!({ "body": "{% $parse($states.result.Body) %}" }),
            transient: &["S3.S3Exception", "S3.SdkClientException", "States.Timeout"],
        },
        Verb::Write { bucket: name, key, body } => Call {
            resource: "arn:aws:states:::aws-sdk:s3:putObject",
            arguments: json!({
                "Bucket": bucket(name),
                "Key": template(key, scope)?,
                "ContentType": "application/json",
                // The SDK integration writes whatever stands here as JSON, also a string.
                "Body": template(body, scope)?,
            }),
            outputs: json!({ "key": template(key, scope)?, "etag": "{% $states.result.ETag %}" }),
            transient: &["S3.S3Exception", "S3.SdkClientException", "States.Timeout"],
        },
        Verb::Infer { service: name, inputs, outputs } => {
            let lengths = scope.lengths(inputs);
            let tensors = inputs.iter().map(|i| tensor::request(i, scope)).collect::<Result<Vec<Json>, Refusal>>()?;
            let lists: Map<String, Json> =
                outputs.iter().map(|t| (t.name.clone(), tensor::response(t, &lengths))).collect();
            Call {
                resource: "arn:aws:states:::http:invoke",
                arguments: json!({
                    "ApiEndpoint": plan.service(name).and_then(endpoint).unwrap_or_default(),
                    "Method": "POST",
                    "Authentication": { "ConnectionArn": format!("${{{}}}", connection_placeholder(name)) },
                    "RequestBody": { "inputs": tensors },
                }),
                outputs: json!({ "outputs": lists }),
                transient: &[
                    "States.Http.StatusCode.429",
                    "States.Http.StatusCode.502",
                    "States.Http.StatusCode.503",
                    "States.Http.StatusCode.504",
                    "States.Http.Socket",
                    "States.Timeout",
                ],
            }
        }
        Verb::Call { .. }
        | Verb::Run { .. }
        | Verb::Start { .. }
        | Verb::Approve { .. }
        | Verb::Wait(_)
        | Verb::Value(_)
        | Verb::Fail { .. } => {
            return Err(Refusal {
                span: stage.origin,
                message: "this verb is not emitted".to_owned(),
                help: "use another".to_owned(),
            });
        }
        Verb::Notify { channel, subject, message } => {
            let mut arguments = Map::from_iter([("TopicArn".to_owned(), json!(arn::topic(plan, channel)))]);
            if let Some(subject) = subject {
                arguments.insert("Subject".to_owned(), template(subject, scope)?);
            }
            arguments.insert("Message".to_owned(), template(message, scope)?);
            Call {
                resource: "arn:aws:states:::sns:publish",
                arguments: Json::Object(arguments),
                outputs: json!({ "message_id": "{% $states.result.MessageId %}" }),
                transient: &[
                    "SNS.InternalErrorException",
                    "SNS.ThrottledException",
                    "SNS.KMSThrottlingException",
                    "SNS.SdkClientException",
                    "States.Timeout",
                ],
            }
        }
    })
}

fn retrier(retry: &Retry, transient: &'static [&'static str]) -> Retrier {
    let interval = retry.backoff.seconds_up().max(1);
    let most = retry.max_backoff.seconds_up();
    // `MaxDelaySeconds` must be greater than `IntervalSeconds`: waits that may not grow have a rate of 1.
    let grows = most > interval && retry.factor > 1.0;
    Retrier {
        error_equals: transient.to_vec(),
        interval_seconds: interval,
        max_attempts: retry.attempts,
        backoff_rate: if grows { retry.factor } else { 1.0 },
        max_delay_seconds: grows.then_some(most),
        jitter_strategy: if retry.jitter { "FULL" } else { "NONE" },
    }
}
