//! Alarms and dashboards for Amazon CloudWatch.
//!
//! | plan | file |
//! |---|---|
//! | `Alert` | an element of `cloudwatch/alarms.json`, as `PutMetricAlarm` takes it |
//! | `Service`, `Workflow` | a row of `cloudwatch/dashboards/<project>-<environment>.json`, as `PutDashboard` takes it |
//! | `Service` | `cloudwatch/agent.json`: values of the CloudWatch Observability add-on with which its agent accepts embedded metrics |
//!
//! The CloudFormation stack holds the same alarms and the same dashboard; use the files where there is no stack:
//!
//! ```sh
//! jq -c '.[]' alarms.json | while read -r alarm; do aws cloudwatch put-metric-alarm --cli-input-json "$alarm"; done
//! aws cloudwatch put-dashboard --dashboard-name fraud-risk-prod --dashboard-body file://dashboards/fraud-risk-prod.json
//! ```
//!
//! What it cannot say: a hold of a part of a minute (it is rounded up) or of more than a day, more than ten metrics in one alert.

pub mod alarm;
mod check;
pub mod dashboard;
mod metrics;
#[cfg(test)]
mod tests;

pub use metrics::environment;

use serde_json::json;
use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;
use windlass_schemas::span::Span;

use crate::{Target, json as text};

/// Alarms and dashboards for Amazon CloudWatch.
pub struct CloudWatch;

impl Target for CloudWatch {
    fn name(&self) -> &'static str {
        "cloudwatch"
    }

    fn check(&self, plan: &Plan, diags: &mut Diagnostics) {
        check::check(plan, diags);
    }

    fn emit(&self, plan: &Plan, out: &mut dyn Output) {
        let services: Vec<Span> = plan.services.iter().map(|s| s.origin).collect();
        let alerts: Vec<Span> = plan.alerts.iter().map(|a| a.origin).collect();
        if !plan.alerts.is_empty() {
            let alarms: Vec<alarm::Alarm> = plan.alerts.iter().map(|alert| alarm::alarm(plan, alert)).collect();
            out.text(self.name(), "cloudwatch/alarms.json", &text::pretty(&alarms), &alerts);
        }
        if has_dashboard(plan) {
            let path = format!("cloudwatch/dashboards/{}.json", dashboard::name(plan));
            let workflows = plan.workflows.iter().map(|w| w.origin);
            let origins: Vec<Span> = services.iter().copied().chain(workflows).chain(alerts).collect();
            out.text(self.name(), &path, &text::pretty(&dashboard::body(plan)), &origins);
        }
        if !plan.services.is_empty() {
            let agent = json!({ "agent": { "config": { "logs": { "metrics_collected": {
                "emf": {},
                "kubernetes": { "enhanced_container_insights": true },
            } } } } });
            out.text(self.name(), "cloudwatch/agent.json", &text::pretty(&agent), &services);
        }
    }
}

/// Whether there is anything to show.
pub fn has_dashboard(plan: &Plan) -> bool {
    !(plan.services.is_empty() && plan.workflows.is_empty() && plan.alerts.is_empty())
}
