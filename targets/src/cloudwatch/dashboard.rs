//! One dashboard for the plan: its alarms, a row for each service, a row for each workflow.
//!
//! The body's format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.

use serde::ser::{Serialize, SerializeSeq as _, Serializer};
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
#[derive(serde::Serialize)]
pub struct Body<'a> {
    widgets: Vec<Widget<'a>>,
}

#[derive(serde::Serialize)]
struct Widget<'a> {
    r#type: &'static str,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    properties: Properties<'a>,
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Properties<'a> {
    Alarms { title: String, alarms: Vec<String> },
    Chart { title: String, region: &'a str, view: &'static str, period: u64, metrics: Vec<Line> },
}

/// `["windlass", "Latency", "Project", "…", …, { "stat": "p99" }]`
struct Line(Series);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Drawn<'a> {
            stat: &'a str,
            label: String,
        }
        let Line(Series { namespace, name, dimensions, statistic }) = self;
        let mut line = serializer.serialize_seq(None)?;
        line.serialize_element(namespace)?;
        line.serialize_element(name)?;
        for dimension in dimensions {
            line.serialize_element(dimension.name)?;
            line.serialize_element(&dimension.value)?;
        }
        line.serialize_element(&Drawn { stat: statistic, label: format!("{name} {statistic}") })?;
        line.end()
    }
}

/// The body of the plan's dashboard.
pub fn body(plan: &Plan) -> Body<'_> {
    let mut widgets = Vec::new();
    let mut top = 0;
    if !plan.alerts.is_empty() {
        let alarms: Vec<String> = plan.alerts.iter().map(|alert| arn::alarm(plan, &alert.name)).collect();
        // Four alarms stand beside each other under the title.
        let height = 2 + alarms.len().div_ceil(4);
        let properties = Properties::Alarms { title: format!("{} alarms", plan.stem()), alarms };
        widgets.push(Widget { r#type: "alarm", x: 0, y: top, width: COLUMNS, height, properties });
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
        row(plan, &service.name, charts, &mut top, &mut widgets);
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
        row(plan, &workflow.name, charts, &mut top, &mut widgets);
    }
    Body { widgets }
}

/// Charts beside each other, all of the same width.
fn row<'a, const N: usize>(
    plan: &'a Plan,
    subject: &str,
    charts: [(&str, Vec<Series>); N],
    top: &mut usize,
    widgets: &mut Vec<Widget<'a>>,
) {
    let width = COLUMNS / N.max(1);
    for (at, (title, series)) in charts.into_iter().enumerate() {
        let properties = Properties::Chart {
            title: format!("{subject}: {title}"),
            region: &plan.platform.region,
            view: "timeSeries",
            period: PERIOD,
            metrics: series.into_iter().map(Line).collect(),
        };
        widgets.push(Widget { r#type: "metric", x: at * width, y: *top, width, height: HEIGHT, properties });
    }
    *top += HEIGHT;
}
