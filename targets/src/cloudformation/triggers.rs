//! Triggers -> schedules of EventBridge Scheduler and rules of EventBridge, each of which starts the workflow's alias.
//!
//! The input of a rule's target is made by an input transformer: it puts fields of the event where the template names them, and can compute
//! nothing. <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Occasion, Outcome, Plan, Trigger, Workflow};
use windlass_schemas::span::Span;
use windlass_schemas::spec::values::to_json;

use super::{alarm_id, arn};

/// An expression that an input transformer cannot make.
#[derive(Debug)]
pub struct Refusal {
    pub span: Span,
    pub message: String,
    pub help: String,
}

/// The fields of `event`, and where they are in what EventBridge delivers.
fn fields(when: &Occasion) -> &'static [(&'static str, &'static str)] {
    match when {
        Occasion::Schedule { .. } => &[],
        Occasion::Object { .. } => {
            &[("key", "$.detail.object.key"), ("size", "$.detail.object.size"), ("etag", "$.detail.object.etag")]
        }
        Occasion::Finished { .. } => {
            &[("execution", "$.detail.executionArn"), ("status", "$.detail.status"), ("output", "$.detail.output")]
        }
        Occasion::Alert { .. } => &[("reason", "$.detail.state.reason"), ("time", "$.time")],
    }
}

/// The events that a rule waits for; `None` for a schedule.
pub fn pattern(plan: &Plan, when: &Occasion) -> Option<Value> {
    Some(match when {
        Occasion::Schedule { .. } => return None,
        Occasion::Object { bucket, prefix, suffix } => {
            let mut detail = json!({ "bucket": { "name": [plan.bucket(bucket).map_or("", |b| b.bucket.as_str())] } });
            let key = match (prefix, suffix) {
                (None, None) => None,
                (Some(prefix), None) => Some(json!({ "prefix": prefix })),
                (None, Some(suffix)) => Some(json!({ "suffix": suffix })),
                // Two filters of one field would mean either.
                (Some(prefix), Some(suffix)) => {
                    let plain = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
                    Some(json!({ "wildcard": format!("{}*{}", plain(prefix), plain(suffix)) }))
                }
            };
            if let Some(key) = key {
                detail["object"] = json!({ "key": [key] });
            }
            json!({ "source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail })
        }
        Occasion::Finished { workflow, outcome } => {
            let statuses: &[&str] = match outcome {
                Outcome::Succeeded => &["SUCCEEDED"],
                Outcome::Failed => &["ABORTED", "FAILED", "TIMED_OUT"],
                Outcome::Any => &["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"],
            };
            json!({
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": { "stateMachineArn": [arn::state_machine(plan, workflow)], "status": statuses },
            })
        }
        Occasion::Alert { alert } => json!({
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": { "alarmName": [{ "Ref": alarm_id(alert) }], "state": { "value": ["ALARM"] } },
        }),
    })
}

/// The input of what `trigger` starts, as a target takes it: `Input`, a text, or `InputTransformer`.
pub fn input(trigger: &Trigger) -> Result<(&'static str, Value), Refusal> {
    let constant = trigger.constant_input();
    if constant.len() == trigger.input.len() {
        return Ok(("Input", json!(Value::Object(constant).to_string())));
    }
    let mut paths = BTreeMap::new();
    let mut parts = Vec::new();
    for (name, expr) in &trigger.input {
        parts.push(format!("{}: {}", json!(name), value(&trigger.when, expr, &mut paths)?));
    }
    let template = format!("{{{}}}", parts.join(", "));
    Ok(("InputTransformer", json!({ "InputPathsMap": paths, "InputTemplate": template })))
}

/// `expr` as JSON in which `<name>` stands for a field of the event.
fn value(when: &Occasion, expr: &Expr, paths: &mut BTreeMap<&'static str, &'static str>) -> Result<String, Refusal> {
    if let Some(name) = field(when, expr, paths) {
        return Ok(format!("<{name}>"));
    }
    Ok(match &expr.kind {
        ExprKind::Literal(known) => {
            let text = to_json(known).map_err(|_| refused(expr.span))?.to_string();
            plain(expr, text)?
        }
        ExprKind::Template(pieces) => {
            let mut text = String::new();
            for piece in pieces {
                match field(when, piece, paths) {
                    // It is JSON, whose quotes would end the text that it stands in.
                    Some("output") => {
                        return Err(Refusal {
                            span: piece.span,
                            message: "EventBridge cannot put `event.output` into a longer text".to_owned(),
                            help: "pass it as it is, and let a stage of the workflow take it apart with `jsondecode`"
                                .to_owned(),
                        });
                    }
                    Some(name) => text.push_str(&format!("<{name}>")),
                    None => text.push_str(&piece_of(piece)?),
                }
            }
            format!("\"{text}\"")
        }
        ExprKind::List(elements) => {
            let elements = elements.iter().map(|e| value(when, e, paths)).collect::<Result<Vec<String>, Refusal>>()?;
            format!("[{}]", elements.join(", "))
        }
        ExprKind::Object(entries) => {
            let mut parts = Vec::new();
            for (name, expr) in entries {
                parts.push(format!("{}: {}", json!(name.value), value(when, expr, paths)?));
            }
            format!("{{{}}}", parts.join(", "))
        }
        _ => return Err(refused(expr.span)),
    })
}

/// A known piece of a text, escaped as inside a JSON string.
fn piece_of(piece: &Expr) -> Result<String, Refusal> {
    let ExprKind::Literal(known) = &piece.kind else { return Err(refused(piece.span)) };
    let text = match to_json(known).map_err(|_| refused(piece.span))? {
        Value::String(text) => text,
        Value::Array(_) | Value::Object(_) => return Err(refused(piece.span)),
        other => other.to_string(),
    };
    let quoted = json!(text).to_string();
    plain(piece, quoted[1..quoted.len() - 1].to_owned())
}

/// A text that holds nothing which the transformer takes for a field, for it has no way to escape it.
fn plain(expr: &Expr, text: String) -> Result<String, Refusal> {
    if text.contains(['<', '>']) {
        return Err(Refusal {
            span: expr.span,
            message: "EventBridge takes `<` and `>` for the ends of a field's name".to_owned(),
            help: "leave them out, or let a stage of the workflow add them".to_owned(),
        });
    }
    Ok(text)
}

/// The field of the event that `expr` is.
fn field(when: &Occasion, expr: &Expr, paths: &mut BTreeMap<&'static str, &'static str>) -> Option<&'static str> {
    let ExprKind::Field(of, name) = &expr.kind else { return None };
    let ExprKind::Event = of.kind else { return None };
    let (name, path) = fields(when).iter().find(|(known, _)| *known == name.value)?;
    paths.insert(name, path);
    Some(name)
}

fn refused(span: Span) -> Refusal {
    Refusal {
        span,
        message: "EventBridge cannot compute this: it only puts fields of the event into texts, lists and objects"
            .to_owned(),
        help: "pass the field itself, as in `key = event.key`, and compute with it in a stage of the workflow"
            .to_owned(),
    }
}

/// The input, or nothing for a trigger that was not checked.
pub fn checked_input(trigger: &Trigger) -> Map<String, Value> {
    input(trigger).ok().map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// The name of a workflow's trigger: the workflow's own, numbered from the second on.
pub fn name(plan: &Plan, workflow: &Workflow, at: usize) -> String {
    match at {
        0 => plan.qualified(&workflow.name),
        _ => format!("{}-{}", plan.qualified(&workflow.name), at + 1),
    }
}
