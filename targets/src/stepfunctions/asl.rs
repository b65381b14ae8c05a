//! The Amazon States Language, as far as it is emitted. Fields stand in the order in which people expect to read them.

use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    Map(Box<MapState>),
    Pass(Pass),
    Wait(Wait),
    Fail(Fail),
}

/// What comes after a state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Then {
    Next(String),
    /// Always true.
    End(bool),
}

impl Then {
    pub const END: Then = Then::End(true);
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
    pub resource: &'static str,
    pub arguments: Value,
    pub timeout_seconds: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retry: Vec<Retrier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Catcher>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    #[serde(flatten)]
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Retrier {
    pub error_equals: Vec<String>,
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
pub struct Catcher {
    pub error_equals: Vec<&'static str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    pub next: String,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Catcher>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    #[serde(flatten)]
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MapState {
    /// Names the runs; a distributed Map only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_reader: Option<ItemReader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_selector: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_batcher: Option<ItemBatcher>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// An expression: of numbers, some validators take only those with a point, and some only those without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerated_failure_percentage: Option<String>,
    pub item_processor: ItemProcessor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_writer: Option<ResultWriter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Catcher>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    #[serde(flatten)]
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemReader {
    pub resource: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_config: Option<Value>,
    pub arguments: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemBatcher {
    pub max_items_per_batch: u32,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub batch_input: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultWriter {
    pub resource: &'static str,
    pub arguments: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemProcessor {
    pub processor_config: ProcessorConfig,
    #[serde(flatten)]
    pub flow: Flow,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessorConfig {
    pub mode: &'static str,
    /// Of the executions of a distributed Map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_type: Option<&'static str>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Pass {
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    #[serde(flatten)]
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Wait {
    /// A number, or an expression that gives one.
    pub seconds: Value,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub assign: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    #[serde(flatten)]
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Fail {
    pub error: String,
    pub cause: Value,
}

impl Default for Then {
    fn default() -> Self {
        Then::END
    }
}

impl State {
    /// The states that may come after this one in its flow.
    pub fn successors(&self) -> Vec<&str> {
        let (then, catch): (&Then, &[Catcher]) = match self {
            State::Task(task) => (&task.then, &task.catch),
            State::Parallel(parallel) => (&parallel.then, &parallel.catch),
            State::Map(map) => (&map.then, &map.catch),
            State::Pass(pass) => (&pass.then, &[]),
            State::Wait(wait) => (&wait.then, &[]),
            State::Choice(choice) => {
                let rules = choice.choices.iter().map(|rule| rule.next.as_str());
                return rules.chain([choice.default.as_str()]).collect();
            }
            State::Fail(_) => return Vec::new(),
        };
        let next = match then {
            Then::Next(next) => Some(next.as_str()),
            Then::End(_) => None,
        };
        next.into_iter().chain(catch.iter().map(|catcher| catcher.next.as_str())).collect()
    }
}

impl Flow {
    /// The states that can be reached from the first, in the order given: Step Functions refuses a definition with others.
    pub fn reachable(start_at: String, states: Vec<(String, State)>) -> Flow {
        let by_name: BTreeMap<&str, &State> = states.iter().map(|(name, state)| (name.as_str(), state)).collect();
        let mut found = BTreeSet::new();
        let mut open = vec![start_at.as_str()];
        while let Some(name) = open.pop() {
            if let Some((name, state)) = by_name.get_key_value(name)
                && found.insert((*name).to_owned())
            {
                open.extend(state.successors());
            }
        }
        let states = states.into_iter().filter(|(name, _)| found.contains(name)).collect();
        Flow { start_at, states: States(states) }
    }
}
