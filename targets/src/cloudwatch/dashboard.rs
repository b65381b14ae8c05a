//! One dashboard for the plan: its alarms, a row for each service, a row for each workflow.
//!
//! The body's format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.

use serde_json::{Value, json};
use windlass_schemas::plan::Plan;

use super::metrics::{PERIOD, Series, of_service, of_workflow};
use crate::cloudformation::arn;
use crate::inference::names;

/// Columns of the grid.
const COLUMNS: usize = 24;
const HEIGHT: usize = 6;

/// The dashboard's name, unique in an account.
pub fn name(plan: &Plan) -> String {
    plan.stem()
}

/// The body that `PutDashboard` takes.
pub fn body(plan: &Plan) -> Value {
    let mut widgets = Vec::new();
    let mut top = 0;
    if !plan.alerts.is_empty() {
        let alarms: Vec<String> = plan.alerts.iter().map(|alert| arn::alarm(plan, &alert.name)).collect();
        // Four alarms stand beside each other under the title.
        let height = 2 + alarms.len().div_ceil(4);
        widgets.push(json!({
            "type": "alarm", "x": 0, "y": top, "width": COLUMNS, "height": height,
            "properties": { "title": format!("{} alarms", plan.stem()), "alarms": alarms },
        }));
        top += height;
    }
    for service in &plan.services {
        let series = |name, statistic: &str| of_service(plan, &service.name, name, statistic);
        let charts = [
            ("requests", vec![series(names::EMF_REQUESTS, "Sum")]),
            ("errors", vec![series(names::EMF_ERRORS, "Sum"), series(names::EMF_CLIENT_ERRORS, "Sum")]),
            ("latency (ms)", vec![series(names::EMF_LATENCY, "p50"), series(names::EMF_LATENCY, "p99")]),
            (
                "memory (bytes)",
                vec![series(names::EMF_MEMORY_USED, "Average"), series(names::EMF_MEMORY_USED, "Maximum")],
            ),
        ];
        row(plan, &service.name, &charts, &mut top, &mut widgets);
    }
    for workflow in &plan.workflows {
        let series = |name, statistic: &str| of_workflow(plan, &workflow.name, name, statistic);
        let charts = [
            ("started", vec![series("ExecutionsStarted", "Sum"), series("ExecutionsSucceeded", "Sum")]),
            (
                "failed",
                vec![
                    series("ExecutionsFailed", "Sum"),
                    series("ExecutionsTimedOut", "Sum"),
                    series("ExecutionsAborted", "Sum"),
                ],
            ),
            ("time (ms)", vec![series("ExecutionTime", "p50"), series("ExecutionTime", "p99")]),
        ];
        row(plan, &workflow.name, &charts, &mut top, &mut widgets);
    }
    json!({ "widgets": widgets })
}

/// Charts beside each other, all of the same width.
fn row(plan: &Plan, subject: &str, charts: &[(&str, Vec<Series>)], top: &mut usize, widgets: &mut Vec<Value>) {
    let width = COLUMNS / charts.len().max(1);
    for (at, (title, series)) in charts.iter().enumerate() {
        widgets.push(json!({
            "type": "metric", "x": at * width, "y": *top, "width": width, "height": HEIGHT,
            "properties": {
                "title": format!("{subject}: {title}"),
                "region": plan.platform.region,
                "view": "timeSeries",
                "period": PERIOD,
                "metrics": series.iter().map(line).collect::<Vec<Value>>(),
            },
        }));
    }
    *top += HEIGHT;
}

/// `["windlass", "Latency", "Project", "…", …, { "stat": "p99" }]`
fn line(series: &Series) -> Value {
    let mut line = vec![json!(series.namespace), json!(series.name)];
    for dimension in &series.dimensions {
        line.extend([json!(dimension.name), json!(dimension.value)]);
    }
    line.push(json!({ "stat": series.statistic, "label": format!("{} {}", series.name, series.statistic) }));
    Value::Array(line)
}
