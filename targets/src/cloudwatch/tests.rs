//! Alarms of hand-built alerts.

use serde_json::{Value, json};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{
    Alert, Comparison, Condition, Measure, Quantity, ServiceMeasure as S, Severity, WorkflowMeasure as W,
};
use windlass_schemas::units::{Bytes, Duration};

use super::alarm::alarm;
use super::{CloudWatch, dashboard};
use crate::Target as _;
use crate::fixture::{self as f, compare};

fn service(measure: S, comparison: Comparison, threshold: Quantity) -> Condition {
    compare("risk", Measure::Service(measure), comparison, threshold)
}

fn workflow(measure: W, threshold: Quantity) -> Condition {
    compare("assess", Measure::Workflow(measure), Comparison::Greater, threshold)
}

fn emitted(alert: &Alert) -> Value {
    json!(alarm(&f::plan(), alert))
}

fn of(condition: Condition) -> Value {
    emitted(&f::alert("a", condition))
}

#[test]
fn a_statistic_is_a_metric_alarm() {
    let slow = of(service(S::LatencyQuantile(99), Comparison::Greater, Quantity::Time(Duration(250))));
    assert_eq!((&slow["MetricName"], &slow["ExtendedStatistic"]), (&json!("Latency"), &json!("p99")));
    assert_eq!((&slow["Threshold"], &slow["ComparisonOperator"]), (&json!(250.0), &json!("GreaterThanThreshold")));
    assert_eq!(
        (&slow["Period"], &slow["EvaluationPeriods"], &slow["DatapointsToAlarm"]),
        (&json!(60), &json!(5), &json!(5))
    );
    assert_eq!(slow["Dimensions"][1], json!({ "Name": "Environment", "Value": "prod" }));
    assert_eq!((slow.get("Metrics"), slow.get("Statistic")), (None, None));
    let memory = of(service(S::MemoryUsed, Comparison::GreaterOrEqual, Quantity::Memory(Bytes(1 << 20))));
    assert_eq!((&memory["Statistic"], &memory["Threshold"]), (&json!("Maximum"), &json!(1_048_576.0)));
    let errors = of(service(S::ErrorCount, Comparison::Greater, Quantity::Count(3.0)));
    assert_eq!(errors["Statistic"], "Sum");
    let time = of(workflow(W::DurationQuantile(50), Quantity::Time(Duration(2000))));
    assert_eq!((&time["MetricName"], &time["Threshold"]), (&json!("ExecutionTime"), &json!(2000.0)));
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:fraud-risk-prod-assess";
    assert_eq!(time["Dimensions"], json!([{ "Name": "StateMachineArn", "Value": arn }]));
}

#[test]
fn rates_and_combinations_are_metric_math() {
    let rate = of(service(S::ErrorRate, Comparison::Greater, Quantity::Ratio(0.01)));
    assert_eq!(rate["Metrics"][0]["Expression"], "IF(FILL(requests, 0) > 0, FILL(errors, 0) / requests, 0)");
    assert_eq!((&rate["Threshold"], rate.get("MetricName")), (&json!(0.01), None));
    let both = Condition::All(vec![
        service(S::ErrorRate, Comparison::Greater, Quantity::Ratio(0.01)),
        Condition::Any(vec![
            service(S::RequestRate, Comparison::GreaterOrEqual, Quantity::PerSecond(1.0)),
            service(S::LatencyAverage, Comparison::LessOrEqual, Quantity::Time(Duration(10))),
            service(S::LatencyQuantile(99), Comparison::Greater, Quantity::Time(Duration(20))),
        ]),
    ]);
    let both = of(both);
    assert_eq!(
        both["Metrics"][0]["Expression"],
        "IF((IF(FILL(requests, 0) > 0, FILL(errors, 0) / requests, 0) > 0.01) AND ((FILL(requests, 0) / PERIOD(requests) >= 1) \
         OR (FILL(latency, 11) <= 10) OR (FILL(latency2, 20) > 20)), 1, 0)"
    );
    assert_eq!(
        (&both["Threshold"], &both["ComparisonOperator"]),
        (&json!(1.0), &json!("GreaterThanOrEqualToThreshold"))
    );
    let queries = both["Metrics"].as_array().expect("queries");
    let ids: Vec<&str> = queries.iter().filter_map(|q| q["Id"].as_str()).collect();
    assert_eq!(ids, ["alarm", "errors", "requests", "latency", "latency2"], "one query a metric and statistic");
    assert_eq!(queries.iter().filter(|q| q["ReturnData"] == true).count(), 1);
    let failed = of(workflow(W::FailureRate, Quantity::Ratio(0.1)));
    let names: Vec<&str> = failed["Metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|q| q["MetricStat"]["Metric"]["MetricName"].as_str())
        .collect();
    assert_eq!(names, ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionsSucceeded"]);
}

#[test]
fn silence_is_what_the_condition_says_of_it() {
    let treated = |condition| of(condition)["TreatMissingData"].clone();
    let idle = || service(S::RequestRate, Comparison::Less, Quantity::PerSecond(1.0));
    let slow = || service(S::LatencyAverage, Comparison::Less, Quantity::Time(Duration(1)));
    assert_eq!(treated(idle()), "breaching");
    assert_eq!(treated(slow()), "notBreaching");
    assert_eq!(treated(service(S::ErrorCount, Comparison::GreaterOrEqual, Quantity::Count(0.0))), "breaching");
    assert_eq!(treated(Condition::All(vec![idle(), slow()])), "notBreaching");
    assert_eq!(treated(Condition::Any(vec![idle(), slow()])), "breaching");
}

#[test]
fn each_leaf_matters() {
    let base = f::alert("a", service(S::RequestRate, Comparison::Greater, Quantity::PerSecond(1.0)));
    let before = emitted(&base);
    let rate = |comparison, x| service(S::RequestRate, comparison, Quantity::PerSecond(x));
    for (what, changed) in [
        ("name", Alert { name: "b".into(), ..base.clone() }),
        ("hold", Alert { hold: f::spanned(300_001), ..base.clone() }),
        ("severity", Alert { severity: Severity::Page, ..base.clone() }),
        ("notify", Alert { notify: vec!["other".into()], ..base.clone() }),
        ("description", Alert { description: Some("x".into()), ..base.clone() }),
        ("comparison", Alert { condition: rate(Comparison::Less, 1.0), ..base.clone() }),
        ("threshold", Alert { condition: rate(Comparison::Greater, 2.0), ..base.clone() }),
        (
            "measure",
            Alert { condition: service(S::ErrorCount, Comparison::Greater, Quantity::Count(1.0)), ..base.clone() },
        ),
        (
            "subject",
            Alert {
                condition: compare(
                    "b",
                    Measure::Service(S::RequestRate),
                    Comparison::Greater,
                    Quantity::PerSecond(1.0),
                ),
                ..base.clone()
            },
        ),
    ] {
        assert_ne!(emitted(&changed), before, "{what}");
    }
    assert_eq!(emitted(&Alert { hold: f::spanned(1), ..base })["EvaluationPeriods"], 1);
}

#[test]
fn quotas() {
    let found = |alert: Alert| {
        let mut plan = f::plan();
        plan.alerts = vec![alert];
        let mut diags = Diagnostics::default();
        CloudWatch.check(&plan, &mut diags);
        diags.into_sorted()
    };
    let one = || service(S::LatencyAverage, Comparison::Greater, Quantity::Time(Duration(1)));
    assert_eq!(found(f::alert("a", one())), []);
    assert_eq!(found(Alert { hold: f::spanned(86_400_000), ..f::alert("a", one()) }), []);
    let long = found(Alert { hold: f::spanned(86_400_001), ..f::alert("a", one()) });
    assert_eq!((long[0].code.name, long[0].labels[0].span), ("limit", f::at(40)));
    let eleven =
        (1..=11).map(|q| service(S::LatencyQuantile(q), Comparison::Greater, Quantity::Time(Duration(1)))).collect();
    assert!(found(f::alert("a", Condition::All(eleven)))[0].message.contains("a number of metrics of 11"));
    let many = Alert { notify: vec!["oncall".into(); 6], ..f::alert("a", one()) };
    assert!(found(many)[0].message.contains("channels"));
}

#[test]
fn widgets_stay_on_the_grid() {
    let body = crate::json::tree(&dashboard::body(&f::plan()));
    let widgets = body["widgets"].as_array().expect("widgets");
    assert_eq!(widgets.len(), 1 + 4 + 3);
    let mut taken = std::collections::BTreeSet::new();
    for widget in widgets {
        let number = |key: &str| widget[key].as_u64().expect("a number");
        assert!(number("x") + number("width") <= 24, "{widget}");
        for x in number("x")..number("x") + number("width") {
            for y in number("y")..number("y") + number("height") {
                assert!(taken.insert((x, y)), "{widget} covers another");
            }
        }
    }
    assert!(body.to_string().contains("\"p99\""));
}
