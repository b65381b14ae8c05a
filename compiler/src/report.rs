//! A plan in, what its workflows can come to out: as text for people, or as JSON.
//!
//! The numbers are those of [`windlass_targets::stepfunctions::estimate`]: bounds from what the spec says.

use serde_json::{Value as Json, json};
use windlass_schemas::plan::{Plan, Workflow};
use windlass_schemas::units::Duration;
use windlass_targets::stepfunctions::estimate::{Amount, EVENTS, Estimate, PAYLOAD, estimate};

/// The report for people: a paragraph for each workflow.
pub fn text(plan: &Plan) -> String {
    if plan.workflows.is_empty() {
        return "the spec has no workflow\n".to_owned();
    }
    plan.workflows.iter().map(|workflow| paragraph(workflow, &estimate(workflow))).collect::<Vec<_>>().join("\n")
}

fn paragraph(workflow: &Workflow, estimate: &Estimate) -> String {
    let kind = if workflow.express { "express" } else { "standard" };
    let mut out = format!("workflow {} ({kind})\n", workflow.name);
    let mut line = |name: &str, text: String| out.push_str(&format!("  {name:<12} {text}\n"));
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

/// The report for programs: a list of workflows. Times are milliseconds; `each` counts for an element of the stage's list.
pub fn json(plan: &Plan) -> Json {
    let amount = |amount: &Amount| json!({ "fixed": amount.fixed, "each": amount.each });
    let workflows = plan.workflows.iter().map(|workflow| {
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
    Json::Array(workflows.collect())
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
}
