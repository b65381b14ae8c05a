//! Recorded results of stages, in the format of Step Functions Local's mocked service integrations
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html>): `Return` and `Throw` by the number of the attempt.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value as Json;
use windlass::run::Failure;

/// What stages are said to give, and how often each was asked.
#[derive(Default)]
pub struct Recorded {
    stages: BTreeMap<String, BTreeMap<u64, Result<Json, Failure>>>,
    asked: Mutex<BTreeMap<String, u64>>,
}

impl Recorded {
    /// Reads the results of one test case of a state machine, which goes by its full name or by that in the spec.
    pub fn read(file: &Path, case: Option<&str>, machine: &str, workflow: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("`{}`: {error}", file.display()))?;
        let all: Json =
            serde_json::from_str(&text).map_err(|error| format!("`{}` is not JSON: {error}", file.display()))?;
        let machines = &all["StateMachines"];
        let cases = [machine, workflow].iter().find_map(|name| machines[name]["TestCases"].as_object());
        let cases = cases.ok_or_else(|| format!("it has no test cases for `{workflow}` under `StateMachines`"))?;
        let names = || cases.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let case = match case {
            Some(name) => cases.get(name).ok_or_else(|| format!("it has no test case `{name}`, only {}", names()))?,
            None if cases.len() == 1 => cases.values().next().unwrap_or(&Json::Null),
            None => return Err(format!("say which with `--case`: it has {}", names())),
        };
        let mut stages = BTreeMap::new();
        for (stage, response) in case.as_object().into_iter().flatten() {
            let name = response.as_str().unwrap_or_default();
            let attempts = all["MockedResponses"][name].as_object();
            let attempts = attempts.ok_or_else(|| format!("`MockedResponses` has no `{name}`"))?;
            let mut results = BTreeMap::new();
            for (range, result) in attempts {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let bounds =
                    first.parse::<u64>().ok().zip(last.parse::<u64>().ok()).filter(|(first, last)| first <= last);
                let (first, last) = bounds
                    .filter(|(first, last)| last - first < 10_000)
                    .ok_or_else(|| format!("`{range}` in `{name}` is neither a number nor a range of numbers"))?;
                for at in first..=last {
                    results.insert(
                        at,
                        of(result).ok_or_else(|| format!("`{range}` in `{name}` has neither `Return` nor `Throw`"))?,
                    );
                }
            }
            stages.insert(stage.clone(), results);
        }
        Ok(Recorded { stages, asked: Mutex::default() })
    }

    /// The next result of a stage; `None` when it has none recorded.
    pub fn next(&self, stage: &str) -> Option<Result<Json, Failure>> {
        let results = self.stages.get(stage)?;
        let mut asked = self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let at = asked.entry(stage.to_owned()).or_default();
        let result = results.get(at).cloned();
        *at += 1;
        Some(result.unwrap_or_else(|| {
            let why = format!("no result is recorded for attempt {} of `{stage}`", *at - 1);
            Err(Failure::new("NothingRecorded", &why).fatal())
        }))
    }
}

fn of(result: &Json) -> Option<Result<Json, Failure>> {
    if let Some(value) = result.get("Return") {
        return Some(Ok(value.clone()));
    }
    let error = result.get("Throw")?;
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    Some(Err(Failure::new(text("Error"), text("Cause"))))
}
