//! The Amazon States Language, as far as it is emitted. Fields stand in the order in which people expect to read them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A whole definition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StateMachine {
    pub comment: String,
    pub query_language: &'static str,
    pub timeout_seconds: u64,
    #[serde(flatten)]
    pub flow: Flow,
}

/// States with an entry: a state machine, or a branch of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Flow {
    pub start_at: String,
    pub states: States,
}

/// States in the order in which they run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct States(pub Vec<(String, State)>);

impl Serialize for States {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, state) in &self.0 {
            map.serialize_entry(name, state)?;
        }
        map.end()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "Type")]
pub enum State {
    Task(Box<Task>),
    Choice(Choice),
    Parallel(Parallel),
    Pass(Pass),
    Fail(Fail),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
    pub resource: &'static str,
    pub arguments: Value,
    pub timeout_seconds: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retry: Vec<Retrier>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    pub next: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Retrier {
    pub error_equals: Vec<&'static str>,
    pub interval_seconds: u64,
    pub max_attempts: u32,
    /// A float, so that it prints as `2.0`: some validators refuse `2`.
    pub backoff_rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay_seconds: Option<u64>,
    pub jitter_strategy: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Choice {
    pub choices: Vec<Rule>,
    /// Assigned when no rule applies.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    pub default: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    pub condition: Value,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    pub next: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parallel {
    pub branches: Vec<Flow>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    pub next: String,
}

/// The last state of a flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Pass {
    pub output: Value,
    pub end: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Fail {
    pub error: &'static str,
    pub cause: Value,
}
