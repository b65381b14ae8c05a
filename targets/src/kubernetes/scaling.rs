//! How many pods there are, and how many may be missing.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscalerBehavior,
    HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget, ResourceMetricSource,
};
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use windlass_schemas::plan::Service;

use super::labels;

pub const WHY_AUTOSCALER: &str =
    comment!["Up at once, by as many pods as there are; down slowly, after five quiet minutes."];

/// Why the budget is as it is, which depends on how few pods there may be.
pub fn why_budget(service: &Service) -> &'static str {
    match service.scaling.min {
        1 => comment![
            "One pod at a time, and a broken pod at any time. With a minimum of one replica, draining its node interrupts",
            "the service until the next pod is ready: a budget that forbade it would block the drain for good.",
        ],
        _ => comment![
            "One pod at a time may be evicted, and a broken pod at any time: neither holds up the drain of a node.",
        ],
    }
}

/// The HorizontalPodAutoscaler: it owns the number of replicas.
pub fn autoscaler(service: &Service) -> HorizontalPodAutoscalerSpec {
    let policy =
        |type_: &str, value, period_seconds| HPAScalingPolicy { type_: type_.to_owned(), value, period_seconds };
    let rules = |window, policies| HPAScalingRules {
        policies: Some(policies),
        select_policy: Some("Max".to_owned()),
        stabilization_window_seconds: Some(window),
        ..Default::default()
    };
    let cpu = ResourceMetricSource {
        name: "cpu".to_owned(),
        target: MetricTarget {
            type_: "Utilization".to_owned(),
            average_utilization: Some(utilization(service)),
            ..Default::default()
        },
    };
    HorizontalPodAutoscalerSpec {
        behavior: Some(HorizontalPodAutoscalerBehavior {
            scale_down: Some(rules(300, vec![policy("Percent", 25, 60), policy("Pods", 1, 60)])),
            scale_up: Some(rules(0, vec![policy("Percent", 100, 15), policy("Pods", 4, 15)])),
        }),
        max_replicas: most(service),
        metrics: Some(vec![MetricSpec { type_: "Resource".to_owned(), resource: Some(cpu), ..Default::default() }]),
        min_replicas: Some(fewest(service)),
        scale_target_ref: CrossVersionObjectReference {
            api_version: Some("apps/v1".to_owned()),
            kind: "Deployment".to_owned(),
            name: service.name.clone(),
        },
    }
}

/// The PodDisruptionBudget.
pub fn disruption_budget(service: &Service) -> PodDisruptionBudgetSpec {
    PodDisruptionBudgetSpec {
        max_unavailable: Some(IntOrString::Int(1)),
        selector: Some(labels::label_selector(service)),
        unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
        ..Default::default()
    }
}

/// Of replicas.
pub fn fewest(service: &Service) -> i32 {
    saturate(service.scaling.min.into())
}

/// Of replicas.
pub fn most(service: &Service) -> i32 {
    saturate(service.scaling.max.into())
}

/// The average use of CPU to steer for, in percent of the request.
pub fn utilization(service: &Service) -> i32 {
    saturate(service.scaling.cpu.whole())
}

/// The API counts in `i32`; the check has refused what does not fit.
fn saturate(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
