//! Alert -> alarm, as `PutMetricAlarm` and `AWS::CloudWatch::Alarm` both take it.
//!
//! One comparison of one statistic is a metric alarm. Anything else is one metric-math expression: a rate gives its value, and `&&`
//! and `||` give 1 or 0 with a threshold of 1.
//!
//! Missing data counts as what the condition says of a silent subject: counts and rates are 0 then, and a latency or a memory has no
//! value, of which no comparison is true. So `requests.rate < 1` alarms in silence, and `latency.p99 > "250ms"` does not.

use serde::Serialize;
use serde_json::Value;
use windlass_schemas::plan::{Alert, Comparison, Condition, Plan, Quantity};

use super::metrics::{Dimension, PERIOD, Series, reading};
use crate::cloudformation::arn;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    pub alarm_name: String,
    pub alarm_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// A percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_statistic: Option<String>,
    /// Seconds; of each metric instead when there are [`Alarm::metrics`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Query>,
    pub comparison_operator: &'static str,
    pub threshold: f64,
    pub evaluation_periods: u64,
    pub datapoints_to_alarm: u64,
    pub treat_missing_data: &'static str,
    /// ARNs of topics; in a stack, references to them.
    pub alarm_actions: Vec<Value>,
    /// The same: who was told of the trouble is told of its end.
    #[serde(rename = "OKActions")]
    pub ok_actions: Vec<Value>,
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: &'static str,
    pub value: String,
}

/// An element of `Metrics`; exactly one of an alarm's has `ReturnData: true`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Query {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_stat: Option<MetricStat>,
    pub return_data: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricStat {
    pub metric: MetricName,
    pub period: u64,
    pub stat: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricName {
    pub namespace: &'static str,
    pub metric_name: &'static str,
    pub dimensions: Vec<Dimension>,
}

/// The alarm of `alert`.
pub fn alarm(plan: &Plan, alert: &Alert) -> Alarm {
    let periods = alert.hold.seconds_up().div_ceil(PERIOD).max(1);
    let topics: Vec<Value> = alert.notify.iter().map(|channel| Value::from(arn::topic(plan, channel))).collect();
    let silent = holds_in_silence(plan, &alert.condition);
    let common = Alarm {
        alarm_name: plan.qualified(&alert.name),
        alarm_description: description(alert),
        evaluation_periods: periods,
        datapoints_to_alarm: periods,
        treat_missing_data: if silent { "breaching" } else { "notBreaching" },
        alarm_actions: topics.clone(),
        ok_actions: topics,
        tags: tags(plan, alert),
        ..Alarm::default()
    };
    if let Condition::Compare { metric, comparison, threshold } = &alert.condition {
        let reading = reading(plan, metric);
        let bound = Alarm { comparison_operator: operator(*comparison), threshold: amount(*threshold), ..common };
        return match (reading.formula, reading.series.into_iter().next()) {
            (None, Some((_, series))) => plain(bound, series),
            _ => math(bound, plan, &alert.condition),
        };
    }
    math(
        Alarm { comparison_operator: operator(Comparison::GreaterOrEqual), threshold: 1.0, ..common },
        plan,
        &alert.condition,
    )
}

fn plain(alarm: Alarm, series: Series) -> Alarm {
    let percentile = series.statistic.starts_with('p');
    let (statistic, extended) =
        if percentile { (None, Some(series.statistic)) } else { (Some(series.statistic), None) };
    Alarm {
        namespace: Some(series.namespace),
        metric_name: Some(series.name),
        dimensions: series.dimensions,
        statistic,
        extended_statistic: extended,
        period: Some(PERIOD),
        ..alarm
    }
}

fn math(alarm: Alarm, plan: &Plan, condition: &Condition) -> Alarm {
    let mut series = Vec::new();
    let (expression, label) = match condition {
        Condition::Compare { metric, .. } => (value(plan, metric, &mut series), "value"),
        _ => (format!("IF({}, 1, 0)", truth(plan, condition, &mut series)), "condition"),
    };
    let mut metrics = vec![Query {
        id: "alarm".to_owned(),
        expression: Some(expression),
        label: Some(label),
        metric_stat: None,
        return_data: true,
    }];
    metrics.extend(series.into_iter().map(|(id, series)| Query {
        id,
        expression: None,
        label: None,
        metric_stat: Some(MetricStat {
            metric: MetricName { namespace: series.namespace, metric_name: series.name, dimensions: series.dimensions },
            period: PERIOD,
            stat: series.statistic,
        }),
        return_data: false,
    }));
    Alarm { metrics, ..alarm }
}

/// The metrics of an expression with their ids.
type Named = Vec<(String, Series)>;

/// The id of `series`: one that it has, or the word with the next free number.
fn id(word: &str, series: Series, named: &mut Named) -> String {
    if let Some((id, _)) = named.iter().find(|(_, known)| *known == series) {
        return id.clone();
    }
    let alike = named.iter().filter(|(id, _)| id.trim_end_matches(|c: char| c.is_ascii_digit()) == word).count();
    let id = if alike == 0 { word.to_owned() } else { format!("{word}{}", alike + 1) };
    named.push((id.clone(), series));
    id
}

/// The value of a measure in metric math.
fn value(plan: &Plan, metric: &windlass_schemas::plan::Metric, named: &mut Named) -> String {
    let reading = reading(plan, metric);
    let mut formula = match (reading.formula, reading.series.first()) {
        (Some(formula), _) => formula.to_owned(),
        (None, Some((word, _))) => format!("{{{word}}}"),
        (None, None) => String::new(),
    };
    for (word, series) in reading.series {
        formula = formula.replace(&format!("{{{word}}}"), &id(word, series, named));
    }
    formula
}

/// A condition in metric math, which is 1 or 0 at every datapoint.
fn truth(plan: &Plan, condition: &Condition, named: &mut Named) -> String {
    let all = |parts: &[Condition], word: &str, named: &mut Named| {
        let parts: Vec<String> = parts.iter().map(|part| format!("({})", truth(plan, part, named))).collect();
        parts.join(word)
    };
    match condition {
        Condition::All(parts) => all(parts, " AND ", named),
        Condition::Any(parts) => all(parts, " OR ", named),
        Condition::Compare { metric, comparison, threshold } => {
            let bound = amount(*threshold);
            let plain = reading(plan, metric).formula.is_none();
            let mut left = value(plan, metric, named);
            if plain {
                // A value that makes the comparison false, or 0 for a count: a gap in one metric must not blank the others.
                let gap = match (reading(plan, metric).zero_when_silent, comparison) {
                    (true, _) => 0.0,
                    (false, Comparison::Greater | Comparison::Less) => bound,
                    (false, Comparison::GreaterOrEqual) => bound - 1.0,
                    (false, Comparison::LessOrEqual) => bound + 1.0,
                };
                left = format!("FILL({left}, {gap})");
            }
            format!("{left} {} {bound}", comparison.symbol())
        }
    }
}

/// Whether the condition is true of a subject of which nothing is heard.
fn holds_in_silence(plan: &Plan, condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds_in_silence(plan, part)),
        Condition::Any(parts) => parts.iter().any(|part| holds_in_silence(plan, part)),
        Condition::Compare { metric, comparison, threshold } => {
            let bound = amount(*threshold);
            reading(plan, metric).zero_when_silent
                && match comparison {
                    Comparison::Greater => 0.0 > bound,
                    Comparison::GreaterOrEqual => 0.0 >= bound,
                    Comparison::Less => 0.0 < bound,
                    Comparison::LessOrEqual => 0.0 <= bound,
                }
        }
    }
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => "GreaterThanThreshold",
        Comparison::GreaterOrEqual => "GreaterThanOrEqualToThreshold",
        Comparison::Less => "LessThanThreshold",
        Comparison::LessOrEqual => "LessThanOrEqualToThreshold",
    }
}

/// A threshold in the unit of its metric: times are in milliseconds, for services and for state machines alike.
fn amount(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Time(duration) => duration.0 as f64,
        Quantity::Ratio(x) | Quantity::PerSecond(x) | Quantity::Count(x) => x,
        Quantity::Memory(bytes) => bytes.0 as f64,
    }
}

/// What the mail says: the words of the spec, and what is wrong when it comes.
fn description(alert: &Alert) -> String {
    let when = format!("[{}] {} for {}", alert.severity.name(), alert.condition, alert.hold);
    match &alert.description {
        Some(text) => format!("{text} {when}"),
        None => when,
    }
}

fn tags(plan: &Plan, alert: &Alert) -> Vec<Tag> {
    let mut tags = vec![Tag { key: "project", value: plan.project.name.clone() }];
    tags.extend(plan.environment.clone().map(|value| Tag { key: "environment", value }));
    tags.extend(plan.project.owner.clone().map(|value| Tag { key: "owner", value }));
    tags.push(Tag { key: "severity", value: alert.severity.name().to_owned() });
    tags
}
