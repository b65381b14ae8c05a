//! One stage: whether it runs, for what, how often, and what becomes of its failure.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::Expr;
use windlass_schemas::plan::{Each, Elements, OnError, Pause, Retry, Stage, Verb};
use windlass_schemas::span::Span;
use windlass_schemas::units::Duration;
use windlass_schemas::value::{Number, Value, ValueKind};
use windlass_targets::stepfunctions::{filled, repeats};

use super::conform::conforms;
use super::world::{Called, Event, Failure, Happening, rows};
use super::{DEEPEST, Execution, json, tensors, value};
use crate::evaluate::run::{RuntimeScope, run};

/// Elements that run at the same time, at most: this is one machine.
const AT_ONCE: usize = 8;

impl Execution<'_> {
    /// Runs a stage, and what handles its errors; keeps their outputs in the scope.
    pub(super) fn stage(&self, stage: &Stage, scope: &mut RuntimeScope) -> Result<(), Failure> {
        for stage in stage.with_handlers() {
            scope.stages.insert(stage.name.clone(), Value::new(ValueKind::Null, stage.origin));
        }
        if let Some(when) = &stage.when {
            let holds = run(when, scope)
                .map_err(|finding| self.failed(stage, None, Failure::of_expression(&finding), false))?;
            if holds.kind != ValueKind::Bool(true) {
                self.tell(stage, None, Happening::Skipped);
                return Ok(());
            }
        }
        let done = match &stage.each {
            None => self.attempts(stage, scope, None),
            Some(each) => self.each(stage, each, scope),
        };
        let failure = match done {
            Ok(outputs) => {
                scope.stages.insert(stage.name.clone(), value(&outputs, stage.origin));
                return Ok(());
            }
            Err(failure) => failure.at(stage.origin),
        };
        let handled = stage.on_error.is_some() && !failure.fatal;
        let failure = self.failed(stage, None, failure, handled);
        match &stage.on_error {
            Some(OnError::Continue) if handled => Ok(()),
            Some(OnError::Handle(handler)) if handled => {
                let error = json!({ "name": failure.name, "cause": failure.cause });
                let mut inner = RuntimeScope { error: Some(value(&error, stage.origin)), ..scope.clone() };
                self.stage(handler, &mut inner)?;
                scope.stages = inner.stages;
                Ok(())
            }
            _ => Err(failure),
        }
    }

    fn tell(&self, stage: &Stage, element: Option<usize>, happening: Happening) {
        self.world.tell(&Event { workflow: &self.workflow.name, stage, element, happening });
    }

    fn failed(&self, stage: &Stage, element: Option<usize>, failure: Failure, handled: bool) -> Failure {
        let failure = failure.at(stage.origin);
        self.tell(stage, element, Happening::Failed(&failure, handled));
        failure
    }

    /// The verb, for every element: the list of outputs.
    fn each(&self, stage: &Stage, each: &Each, scope: &RuntimeScope) -> Result<Json, Failure> {
        let elements = self.elements(&each.over, scope)?;
        let items: Vec<Json> = match each.batch {
            Some(size) => elements.chunks(size.max(1) as usize).map(|batch| Json::Array(batch.to_vec())).collect(),
            None => elements,
        };
        let most = each.max_concurrency.as_ref().map_or(AT_ONCE, |most| most.value as usize).clamp(1, AT_ONCE);
        let next = AtomicUsize::new(0);
        let results: Mutex<BTreeMap<usize, Result<Json, Failure>>> = Mutex::default();
        let allowed = each.tolerate.0 as usize * items.len() / 10_000;
        let failures = AtomicUsize::new(0);
        thread::scope(|threads| {
            for _ in 0..most.min(items.len()) {
                threads.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(at) else { return };
                        // After a failure that is not tolerated, nothing new begins.
                        if failures.load(Ordering::Relaxed) > allowed {
                            return;
                        }
                        let scope = RuntimeScope { item: Some(value(item, stage.origin)), ..scope.clone() };
                        let done = self.attempts(stage, &scope, Some(at));
                        if let Err(failure) = &done {
                            let tolerated = failures.fetch_add(1, Ordering::Relaxed) < allowed;
                            self.failed(stage, Some(at), failure.clone(), tolerated);
                        }
                        results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(at, done);
                    }
                });
            }
        });
        let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.into_inner() > allowed {
            let first = results.into_values().find_map(Result::err);
            return Err(match (first, each.distributed) {
                (Some(failure), false) => failure,
                (first, _) => {
                    let cause = first.map_or(String::new(), |failure| format!("{}: {}", failure.name, failure.cause));
                    Failure::new("States.ExceedToleratedFailureThreshold", &cause)
                }
            });
        }
        let outputs: Vec<Json> = results.into_values().map(|done| done.unwrap_or(Json::Null)).collect();
        match &each.results {
            None => Ok(Json::Array(outputs)),
            Some(results) => {
                let key = format!("{}{}.json", results.prefix, stage.name);
                self.world.write(&results.bucket, &key, &Json::Array(outputs).to_string())?;
                Ok(Json::Array(Vec::new()))
            }
        }
    }

    fn elements(&self, over: &Elements, scope: &RuntimeScope) -> Result<Vec<Json>, Failure> {
        match over {
            Elements::List(list) => match self.json(list, scope)? {
                Json::Array(items) => Ok(items),
                _ => Err(wrong(list.span, "`for_each` goes over a list, and this is none")),
            },
            Elements::Objects { bucket, prefix } => {
                let prefix = prefix.as_ref().map_or(Ok(String::new()), |prefix| self.text(prefix, scope))?;
                self.world.list(bucket, &prefix)
            }
            Elements::Rows { bucket, key, format } => {
                let name = self.text(key, scope)?;
                let failed =
                    |why: &str| Failure::new("States.ItemReaderFailed", &format!("`{name}`: {why}")).at(key.span);
                let text = self.world.read(bucket, &name).map_err(|failure| failed(&failure.cause))?;
                rows(&text, *format).map_err(|why| failed(&why))
            }
        }
    }

    /// The verb, as often as its retriers allow.
    fn attempts(&self, stage: &Stage, scope: &RuntimeScope, element: Option<usize>) -> Result<Json, Failure> {
        let mut used = vec![0_u32; stage.retries.len()];
        loop {
            let failure = match self.once(stage, scope, element) {
                Ok(outputs) if conforms(&outputs, &stage.outputs) => {
                    let outputs = filled(&stage.outputs, &outputs);
                    self.tell(stage, element, Happening::Ended(&outputs));
                    return Ok(outputs);
                }
                // The call has succeeded: it is not repeated.
                Ok(_) => {
                    let why = format!("what came back is not of type {}", stage.outputs);
                    return Err(Failure::new("WrongType", &why).at(stage.origin));
                }
                Err(failure) => failure,
            };
            let matching = stage
                .retries
                .iter()
                .position(|retry| !failure.fatal && repeats(self.plan, &stage.verb, &retry.on, &failure.name));
            let Some(at) = matching.filter(|at| used[*at] < stage.retries[*at].attempts) else { return Err(failure) };
            let wait = self.pause(&stage.retries[at], used[at]);
            used[at] += 1;
            self.tell(stage, element, Happening::Again(used.iter().sum(), wait, &failure));
            self.world.wait(wait);
        }
    }

    /// The wait after the attempt number `before`, from 0.
    fn pause(&self, retry: &Retry, before: u32) -> Duration {
        let grown = retry.backoff.value.0 as f64 * retry.factor.powi(before.min(1_000) as i32);
        let most = grown.min(retry.max_backoff.value.0 as f64);
        let drawn = if retry.jitter { most * self.world.chance() } else { most };
        Duration(drawn as u64)
    }

    fn once(&self, stage: &Stage, scope: &RuntimeScope, element: Option<usize>) -> Result<Json, Failure> {
        let given = self.given(stage, scope)?;
        self.tell(stage, element, Happening::Began(&given));
        match self.world.recorded(&stage.name) {
            Some(raw) => from_raw(&stage.verb, &raw?),
            None => self.act(stage, &given),
        }
    }

    /// What the verb is given, every expression evaluated.
    fn given(&self, stage: &Stage, scope: &RuntimeScope) -> Result<Json, Failure> {
        let optional =
            |expr: &Option<Expr>| expr.as_ref().map_or(Ok(Json::Null), |expr| self.text(expr, scope).map(Json::from));
        let object = |entries: &[(String, Expr)]| {
            let entries = entries.iter().map(|(name, expr)| Ok((name.clone(), self.json(expr, scope)?)));
            entries.collect::<Result<Map<_, _>, Failure>>().map(Json::Object)
        };
        Ok(match &stage.verb {
            Verb::Read { bucket, key } => json!({ "bucket": bucket, "key": self.text(key, scope)? }),
            Verb::Write { bucket, key, body } => {
                json!({ "bucket": bucket, "key": self.text(key, scope)?, "body": self.json(body, scope)? })
            }
            Verb::Infer { service, inputs, .. } => {
                let tensors =
                    inputs.iter().map(|input| Ok(tensors::request(&input.tensor, &self.json(&input.value, scope)?)));
                json!({ "service": service, "request": { "inputs": tensors.collect::<Result<Vec<_>, Failure>>()? } })
            }
            Verb::Call { function, payload } => json!({ "function": function, "payload": self.json(payload, scope)? }),
            Verb::Run { job, arguments, environment } => {
                let arguments = arguments.as_ref().map_or(Ok(json!([])), |list| self.json(list, scope))?;
                json!({ "job": job, "arguments": arguments, "environment": object(environment)? })
            }
            Verb::Start { workflow, input } => json!({ "workflow": workflow, "input": object(input)? }),
            Verb::Notify { channel, subject, message } | Verb::Approve { channel, subject, message } => {
                json!({ "channel": channel, "subject": optional(subject)?, "message": self.text(message, scope)? })
            }
            Verb::Wait(Pause::For(time)) => json!({ "seconds": time.0 as f64 / 1000.0 }),
            Verb::Wait(Pause::Seconds(seconds)) => json!({ "seconds": self.json(seconds, scope)? }),
            Verb::Value(expr) => json!({ "value": self.json(expr, scope)? }),
            Verb::Fail { error, cause } => json!({ "error": error, "cause": self.text(cause, scope)? }),
        })
    }

    /// Does what the verb says; `given` is what [`Execution::given`] made.
    fn act(&self, stage: &Stage, given: &Json) -> Result<Json, Failure> {
        let text = |name: &str| given[name].as_str().unwrap_or_default();
        let called = |name| Called { name, stage: &stage.name, timeout: stage.timeout.value };
        Ok(match &stage.verb {
            Verb::Read { bucket, .. } => {
                let body = self.world.read(bucket, text("key"))?;
                let body: Json = serde_json::from_str(&body).map_err(|error| {
                    Failure::new("States.QueryEvaluationError", &format!("`{}` is not JSON: {error}", text("key")))
                })?;
                json!({ "body": body })
            }
            Verb::Write { bucket, .. } => {
                let etag = self.world.write(bucket, text("key"), &given["body"].to_string())?;
                json!({ "key": text("key"), "etag": etag })
            }
            Verb::Infer { service, outputs, .. } => {
                let answer = self.world.infer(called(service), &given["request"])?;
                let lists = outputs.iter().map(|tensor| Ok((tensor.name.clone(), tensors::response(tensor, &answer)?)));
                json!({ "outputs": lists.collect::<Result<Map<_, _>, Failure>>()? })
            }
            Verb::Call { function, .. } => json!({ "result": self.world.call(called(function), &given["payload"])? }),
            Verb::Run { job, .. } => {
                let string = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let arguments: Vec<String> = given["arguments"].as_array().into_iter().flatten().map(string).collect();
                let environment = given["environment"].as_object().into_iter().flatten();
                let environment = environment.map(|(name, value)| (name.clone(), string(value))).collect();
                json!({ "job": self.world.job(called(job), &arguments, &environment)? })
            }
            Verb::Start { workflow, .. } => {
                let started = self.plan.workflow(workflow).filter(|_| self.depth < DEEPEST);
                let started =
                    started.ok_or_else(|| Failure::new("StepFunctions.StateMachineDoesNotExist", workflow))?;
                let inner = Execution { workflow: started, depth: self.depth + 1, ..*self };
                // What a started execution failed with is told in the cause.
                let output = inner.whole(&given["input"]).map_err(|failure| {
                    let cause = json!({ "Error": failure.name, "Cause": failure.cause, "Status": "FAILED" });
                    Failure { place: failure.place, ..Failure::new("States.TaskFailed", &cause.to_string()) }
                })?;
                json!({ "execution": format!("local:{workflow}"), "output": output })
            }
            Verb::Notify { channel, .. } => {
                let id = self.world.notify(called(channel), given["subject"].as_str(), text("message"))?;
                json!({ "message_id": id })
            }
            Verb::Approve { channel, .. } => {
                let answer = self.world.approve(called(channel), given["subject"].as_str(), text("message"))?;
                json!({ "approved": answer.approved, "comment": answer.comment })
            }
            Verb::Wait(_) => {
                let seconds = given["seconds"].as_f64().filter(|seconds| (0.0..=99_999_999.0).contains(seconds));
                let seconds = seconds.ok_or_else(|| {
                    Failure::new("States.QueryEvaluationError", "a wait is a number of seconds from 0 to 99999999")
                })?;
                self.world.wait(Duration((seconds * 1000.0) as u64));
                json!({})
            }
            Verb::Value(_) => given.clone(),
            Verb::Fail { error, .. } => return Err(Failure::new(error, text("cause")).at(stage.origin).fatal()),
        })
    }

    fn json(&self, expr: &Expr, scope: &RuntimeScope) -> Result<Json, Failure> {
        json(&run(expr, scope).map_err(|finding| Failure::of_expression(&finding))?, expr.span)
    }

    fn text(&self, expr: &Expr, scope: &RuntimeScope) -> Result<String, Failure> {
        match run(expr, scope).map_err(|finding| Failure::of_expression(&finding))?.kind {
            ValueKind::String(text) => Ok(text),
            ValueKind::Number(number) => Ok(Number::to_string(&number)),
            ValueKind::Bool(truth) => Ok(truth.to_string()),
            _ => Err(wrong(expr.span, "a string was expected")),
        }
    }
}

fn wrong(place: Span, why: &str) -> Failure {
    Failure::new("States.QueryEvaluationError", why).at(place)
}

/// The outputs of a stage, from what the service behind its verb answers.
fn from_raw(verb: &Verb, raw: &Json) -> Result<Json, Failure> {
    let parsed = |text: &Json| match text {
        Json::String(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str())),
        other => other.clone(),
    };
    Ok(match verb {
        Verb::Read { .. } => json!({ "body": parsed(&raw["Body"]) }),
        Verb::Write { .. } => json!({ "key": raw["Key"].as_str().unwrap_or_default(), "etag": raw["ETag"] }),
        Verb::Infer { outputs, .. } => {
            let lists = outputs
                .iter()
                .map(|tensor| Ok((tensor.name.clone(), tensors::response(tensor, &raw["ResponseBody"])?)));
            json!({ "outputs": lists.collect::<Result<Map<_, _>, Failure>>()? })
        }
        Verb::Call { .. } if raw.get("ResponseBody").is_some() => json!({ "result": parsed(&raw["ResponseBody"]) }),
        Verb::Call { .. } => json!({ "result": raw["Payload"] }),
        Verb::Run { .. } => json!({ "job": raw["metadata"]["name"].as_str().unwrap_or_default() }),
        Verb::Start { .. } => json!({ "execution": raw["ExecutionArn"], "output": parsed(&raw["Output"]) }),
        Verb::Notify { .. } => json!({ "message_id": raw["MessageId"] }),
        Verb::Approve { .. } => json!({ "approved": raw["approved"] == true, "comment": raw["comment"] }),
        Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => raw.clone(),
    })
}
