//! What a running workflow touches, and what it tells.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::plan::{RowFormat, Stage};
use windlass_schemas::span::Span;
use windlass_schemas::units::Duration;

/// Why a stage or an execution failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The name that Step Functions gives the error.
    pub name: String,
    /// More about it.
    pub cause: String,
    /// Where the spec says what failed.
    pub place: Option<Span>,
    /// Nothing catches it: the execution is over.
    pub fatal: bool,
}

impl Failure {
    /// A failure of this name.
    pub fn new(name: &str, cause: &str) -> Self {
        Failure { name: name.to_owned(), cause: cause.to_owned(), place: None, fatal: false }
    }

    /// An expression that has no value.
    pub fn of_expression(finding: &Diagnostic) -> Self {
        let place = finding.labels.first().map(|label| label.span);
        let cause = match &finding.help {
            Some(help) => format!("{}; {help}", finding.message),
            None => finding.message.clone(),
        };
        Failure { place, ..Failure::new("States.QueryEvaluationError", &cause) }
    }

    /// At this place, unless a closer one is known.
    #[must_use]
    pub fn at(mut self, place: Span) -> Self {
        self.place.get_or_insert(place);
        self
    }

    /// Not to be caught.
    #[must_use]
    pub fn fatal(mut self) -> Self {
        self.fatal = true;
        self
    }
}

/// What somebody answered who was asked to approve.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether they did.
    pub approved: bool,
    /// What they said about it.
    pub comment: Option<String>,
}

/// What is called, with how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// Its name in the spec.
    pub name: &'a str,
    /// The name of the stage that calls it.
    pub stage: &'a str,
    /// The longest that it may take; then it fails with `States.Timeout`.
    pub timeout: Duration,
}

/// What a stage of a running workflow has done.
#[derive(Clone, Debug)]
pub enum Happening<'a> {
    /// It began, with what it was given.
    Began(&'a Json),
    /// Its `when` was false.
    Skipped,
    /// It failed and is tried again after this wait; the attempt that failed, from 1.
    Again(u32, Duration, &'a Failure),
    /// It ended, with these outputs.
    Ended(&'a Json),
    /// It failed for good, and the execution with it unless that is said to be handled.
    Failed(&'a Failure, bool),
}

/// A happening, and whose.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The workflow.
    pub workflow: &'a str,
    /// The stage.
    pub stage: &'a Stage,
    /// Which element it ran for.
    pub element: Option<usize>,
    /// What happened.
    pub happening: Happening<'a>,
}

/// Everything outside of a workflow.
pub trait World: Sync {
    /// The text of an object.
    fn read(&self, bucket: &str, key: &str) -> Result<String, Failure>;
    /// Writes an object; returns its ETag.
    fn write(&self, bucket: &str, key: &str, text: &str) -> Result<String, Failure>;
    /// The objects whose keys begin so, in the order of their keys: `key`, `size`, `etag`.
    fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<Json>, Failure>;
    /// Asks a service, in the Open Inference Protocol's JSON.
    fn infer(&self, called: Called, request: &Json) -> Result<Json, Failure>;
    /// Calls a function.
    fn call(&self, called: Called, payload: &Json) -> Result<Json, Failure>;
    /// Runs a job to completion; returns its name in the cluster.
    fn job(
        &self,
        called: Called,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Result<String, Failure>;
    /// Sends a message; returns its id.
    fn notify(&self, called: Called, subject: Option<&str>, message: &str) -> Result<String, Failure>;
    /// Asks a person.
    fn approve(&self, called: Called, subject: Option<&str>, message: &str) -> Result<Answer, Failure>;
    /// What a stage is said to give instead of doing what it does, when that was recorded: its raw result.
    fn recorded(&self, stage: &str) -> Option<Result<Json, Failure>>;
    /// Lets time pass.
    fn wait(&self, time: Duration);
    /// The time since the execution began.
    fn elapsed(&self) -> Duration;
    /// A number from 0 to 1, for waits that are drawn at random.
    fn chance(&self) -> f64;
    /// Is told what happens.
    fn tell(&self, event: &Event);
}

/// The rows of an object.
pub fn rows(text: &str, format: RowFormat) -> Result<Vec<Json>, String> {
    match format {
        RowFormat::Json => match serde_json::from_str(text) {
            Ok(Json::Array(items)) => Ok(items),
            Ok(_) => Err("it is not a JSON list".to_owned()),
            Err(error) => Err(format!("it is not JSON: {error}")),
        },
        RowFormat::JsonLines => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines
                .map(|line| serde_json::from_str(line).map_err(|error| format!("a line is not JSON: {error}")))
                .collect()
        }
        RowFormat::Csv => {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let header = reader.headers().map_err(|error| format!("it is not CSV: {error}"))?.clone();
            let row = |record: Result<csv::StringRecord, csv::Error>| {
                let record = record.map_err(|error| format!("it is not CSV: {error}"))?;
                let fields = header.iter().zip(&record).map(|(name, field)| (name.to_owned(), Json::from(field)));
                Ok(Json::Object(fields.collect::<Map<_, _>>()))
            };
            reader.records().map(row).collect()
        }
    }
}
