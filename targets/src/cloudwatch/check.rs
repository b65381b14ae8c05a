//! What CloudWatch does not take.
//!
//! Quotas: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Alert, Plan};

use super::alarm::alarm;

/// Milliseconds that `Period` times `EvaluationPeriods` may be, with a period under an hour.
const LONGEST_HOLD: u64 = 86_400_000;
/// Metrics in the expression of an alarm.
const METRICS: usize = 10;
/// Characters of an expression.
const EXPRESSION: usize = 2048;
/// Characters of an alarm's name, and of its description.
const NAME: usize = 255;
const DESCRIPTION: usize = 1024;
/// Actions for one state of an alarm.
const ACTIONS: usize = 5;

pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    for alert in &plan.alerts {
        for (problem, help) in problems(plan, alert) {
            diags.push(Diagnostic::at(&codes::LIMIT, alert.origin, problem).help(help));
        }
        if alert.hold.0 > LONGEST_HOLD {
            let message = format!("alert `{}` must hold for `{}`; CloudWatch looks back a day", alert.name, alert.hold);
            diags.push(Diagnostic::at(&codes::LIMIT, alert.hold.span, message).help("use at most \"24h\""));
        }
    }
}

fn problems(plan: &Plan, alert: &Alert) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut exceeds = |what: &str, is: usize, may: usize, help: &str| {
        if is > may {
            found
                .push((format!("alert `{}` has {what} of {is}; CloudWatch allows {may}", alert.name), help.to_owned()));
        }
    };
    let alarm = alarm(plan, alert);
    exceeds("a name with a length", alarm.alarm_name.chars().count(), NAME, "shorten its name");
    exceeds(
        "a description with a length",
        alarm.alarm_description.chars().count(),
        DESCRIPTION,
        "shorten its `description`",
    );
    exceeds("a number of channels", alert.notify.len(), ACTIONS, "subscribe several addresses to one channel");
    let metrics = alarm.metrics.iter().filter(|query| query.metric_stat.is_some()).count();
    exceeds("a number of metrics", metrics, METRICS, "split it into several alerts");
    let expression = alarm.metrics.iter().filter_map(|query| query.expression.as_ref()).map(String::len).max();
    exceeds("an expression with a length", expression.unwrap_or(0), EXPRESSION, "split it into several alerts");
    found
}
