//! A plan in, what its models take to run and its workflows can come to out: as text for people, or as JSON.
//!
//! The numbers of workflows are those of [`windlass_targets::stepfunctions::estimate`]: bounds from what the spec says. Those of models
//! are read from their files, and no artifact depends on them, so the plan does not have them.

use serde_json::{Value as Json, json};
use windlass_schemas::plan::{Plan, Workflow};
use windlass_schemas::tensor::Cost;
use windlass_schemas::units::{Bytes, Duration};
use windlass_targets::stepfunctions::estimate::{Amount, EVENTS, Estimate, PAYLOAD, estimate};

use crate::check::Checked;
use crate::check::capacity::{Need, mebibytes};
use crate::check::service::served;

/// What the models of a spec, and the services that have them, take to run.
#[derive(Debug, Default)]
pub struct Needs {
    /// Name, version and cost, in the order of names and labels.
    models: Vec<(String, String, Cost)>,
    /// Name, the least memory that a replica can do with, and what it has, in the order of names.
    services: Vec<(String, u64, Bytes)>,
}

impl Needs {
    pub(crate) fn of(checked: &Checked) -> Needs {
        let spec = &checked.spec;
        let mut models = Vec::new();
        for model in &spec.models {
            for version in &model.versions {
                let opened = checked.models.get(&model.name, &version.label);
                models.extend(opened.map(|opened| (model.name.to_string(), version.label.to_string(), opened.cost)));
            }
        }
        models.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        let mut services = Vec::new();
        for service in &spec.services {
            let model = spec.models.iter().find(|model| model.name.value.0 == service.model.value.0);
            services.extend(model.map(|model| {
                let need = Need::of(service, &served(service, model, &checked.models));
                (service.name.to_string(), need.bytes(), service.resources.memory.value)
            }));
        }
        services.sort_by(|a, b| a.0.cmp(&b.0));
        Needs { models, services }
    }
}

/// The report for people: a paragraph for each model, service and workflow.
pub fn text(plan: Option<&Plan>, needs: &Needs) -> String {
    let mut paragraphs = Vec::new();
    for versions in needs.models.chunk_by(|a, b| a.0 == b.0) {
        let name = versions.first().map_or("", |(name, ..)| name);
        let lines = versions.iter().map(|(_, version, cost)| line(&format!("version {version}"), &of_a_row(cost)));
        paragraphs.push(format!("model {name}\n{}", lines.collect::<String>()));
    }
    for (name, least, memory) in &needs.services {
        let memory = line("memory", &format!("at least {}, of {memory}", mebibytes(*least)));
        paragraphs.push(format!("service {name}\n{memory}"));
    }
    paragraphs.extend(workflows(plan).map(|workflow| paragraph(workflow, &estimate(workflow))));
    if paragraphs.is_empty() { "the spec has no model and no workflow\n".to_owned() } else { paragraphs.join("\n") }
}

/// None of a spec without a platform, which has no plan.
fn workflows(plan: Option<&Plan>) -> impl Iterator<Item = &Workflow> {
    plan.into_iter().flat_map(|plan| &plan.workflows)
}

fn line(name: &str, text: &str) -> String {
    format!("  {name:<12} {text}\n")
}

/// `42Ki of weights; 2Ki of tensors and 5.31 kFLOP for a row`.
fn of_a_row(cost: &Cost) -> String {
    let tensors = cost.activations.map(|bytes| format!("{} of tensors", size(bytes)));
    let operations = cost.flops.map(operations);
    let known: Vec<String> = tensors.into_iter().chain(operations).collect();
    let row = if known.is_empty() {
        "a row takes what the file does not tell".to_owned()
    } else {
        format!("{} for a row", known.join(" and "))
    };
    format!("{} of weights; {row}", size(cost.parameters))
}

/// Rounded up to a whole unit.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..0x10_0000 => format!("{}Ki", bytes.div_ceil(1 << 10)),
        _ => mebibytes(bytes),
    }
}

/// With three digits, as in `8.18 GFLOP`.
fn operations(number: u64) -> String {
    const PREFIXES: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    let (mut scaled, mut prefix) = (number as f64, 0);
    // What would be shown as 1000 is shown in the next unit.
    while scaled >= 999.5 {
        scaled /= 1_000.0;
        prefix += 1;
    }
    let digits = if prefix == 0 || scaled >= 99.95 {
        0
    } else if scaled >= 9.995 {
        1
    } else {
        2
    };
    format!("{scaled:.digits$} {}FLOP", PREFIXES.get(prefix).copied().unwrap_or_default())
}

fn paragraph(workflow: &Workflow, estimate: &Estimate) -> String {
    let kind = if workflow.express { "express" } else { "standard" };
    let mut out = format!("workflow {} ({kind})\n", workflow.name);
    let mut line = |name: &str, text: String| out.push_str(&line(name, &text));
    let waits = match estimate.waits.as_slice() {
        [] => String::new(),
        waits => format!(", and what `{}` waits", waits.join("`, `")),
    };
    let longest = counted(&estimate.longest, |time| clock(Duration(time)));
    line("longest", format!("{longest}{waits}; it may take {}", clock(workflow.timeout)));
    line("transitions", format!("at most {}", counted(&estimate.transitions, |number| number.to_string())));
    if !workflow.express {
        line("events", format!("at most {} of {EVENTS}", counted(&estimate.events, |number| number.to_string())));
    }
    if estimate.executions != Amount::default() {
        line("executions", format!("starts {} more", counted(&estimate.executions, |number| number.to_string())));
    }
    for (stage, sent, got) in &estimate.bytes {
        line("payload", format!("`{stage}` sends {sent} bytes and gets {got}, of {PAYLOAD}"));
    }
    for (thing, amount) in &estimate.calls {
        line("calls", format!("{thing}: at most {}", counted(amount, |number| number.to_string())));
    }
    out
}

/// `12 and 3 for each element of \`score\``.
fn counted(amount: &Amount, show: impl Fn(u64) -> String) -> String {
    let fixed = (amount.fixed > 0 || amount.each.is_empty()).then(|| show(amount.fixed));
    let each = amount.each.iter().map(|(stage, number)| format!("{} for each element of `{stage}`", show(*number)));
    fixed.into_iter().chain(each).collect::<Vec<_>>().join(" and ")
}

/// A length of time in its largest two units.
fn clock(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut seconds = time.seconds_up();
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        if seconds >= size && parts.len() < 2 {
            parts.push(format!("{} {unit}", seconds / size));
            seconds %= size;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// The report for programs. Times are milliseconds, memory is bytes, what models take is for one row; `each` counts for an element of the
/// stage's list.
pub fn json(plan: Option<&Plan>, needs: &Needs) -> Json {
    let model = |(name, version, Cost { parameters, activations, flops }): &(String, String, Cost)| json!({ "name": name, "version": version, "weights": parameters, "tensors": activations, "flop": flops });
    let service = |(name, least, memory): &(String, u64, Bytes)| json!({ "name": name, "least_memory": least, "memory": memory.0 });
    let amount = |amount: &Amount| json!({ "fixed": amount.fixed, "each": amount.each });
    let workflows = workflows(plan).map(|workflow| {
        let Estimate { longest, waits, transitions, events, executions, calls, bytes } = &estimate(workflow);
        json!({
            "name": workflow.name,
            "type": if workflow.express { "express" } else { "standard" },
            "timeout_ms": workflow.timeout.0,
            "longest_ms": amount(longest),
            "waits_besides": waits,
            "transitions": amount(transitions),
            "events": amount(events),
            "executions": amount(executions),
            "calls": calls.iter().map(|(thing, calls)| (thing.clone(), amount(calls))).collect::<serde_json::Map<_, _>>(),
            "payload": bytes.iter().map(|(stage, sent, got)| json!({ "stage": stage, "sent": sent, "got": got })).collect::<Vec<_>>(),
        })
    });
    json!({
        "models": needs.models.iter().map(model).collect::<Vec<_>>(),
        "services": needs.services.iter().map(service).collect::<Vec<_>>(),
        "workflows": workflows.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units() {
        let shown = |seconds| clock(Duration::from_seconds(seconds));
        assert_eq!(
            [shown(0), shown(59), shown(61), shown(3_600), shown(90_061)],
            ["0 s", "59 s", "1 min 1 s", "1 h", "1 d 1 h"]
        );
    }

    #[test]
    fn numbers_have_three_digits() {
        let shown = [0, 8, 999, 1_000, 9_994, 9_995, 99_950, 999_499, 999_500, 8_178_000_000, u64::MAX].map(operations);
        let expected =
            ["0 FLOP", "8 FLOP", "999 FLOP", "1.00 kFLOP", "9.99 kFLOP", "10.0 kFLOP", "100 kFLOP", "999 kFLOP"];
        assert_eq!(shown[..8], expected);
        assert_eq!(shown[8..], ["1.00 MFLOP", "8.18 GFLOP", "18.4 EFLOP"]);
        assert_eq!([1_023, 1_024, 1_025, 1 << 20].map(size), ["1023 bytes", "1Ki", "2Ki", "1Mi"]);
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let cost = Cost { parameters: 20, activations: None, flops: Some(8) };
        assert_eq!(of_a_row(&cost), "20 bytes of weights; 8 FLOP for a row");
        let cost = Cost { flops: None, ..cost };
        assert_eq!(of_a_row(&cost), "20 bytes of weights; a row takes what the file does not tell");
    }
}
