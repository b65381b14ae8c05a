//! A checked spec in, the [`Plan`] out. Nothing here can fail: what could was refused by the checks.

mod outside;
mod workflow;

use std::collections::BTreeMap;
use std::sync::Arc;

use windlass_schemas::plan;
use windlass_schemas::plan::Plan;
use windlass_schemas::span::Spanned;
use windlass_schemas::spec;
use windlass_schemas::spec::texts::Package;
use windlass_schemas::units::{Bytes, Percent};

use crate::check::Checked;

/// The plan of a checked spec; `None` when the spec has no platform, so that there is nothing to make.
pub fn lower(checked: &Checked) -> Option<Plan> {
    let spec = &checked.spec;
    let (project, platform) = (spec.projects.first()?, spec.platforms.first()?);
    let made = plan::Platform {
        account: platform.account.to_string(),
        region: platform.region.to_string(),
        cluster: platform.cluster.to_string(),
        namespace: match &platform.namespace {
            Some(namespace) => Spanned::new(namespace.to_string(), namespace.span),
            None => Spanned::new(project.name.to_string(), project.name.span),
        },
        kubernetes: platform.kubernetes.value.0,
        origin: platform.span,
    };
    let mut functions: Vec<_> =
        spec.functions.iter().filter_map(|function| outside::function(function, &made)).collect();
    let mut jobs: Vec<_> = spec.jobs.iter().map(outside::job).collect();
    let mut alerts: Vec<_> =
        spec.alerts.iter().zip(&checked.conditions).map(|(alert, c)| lower_alert(alert, c)).collect();
    let mut workflows: Vec<_> =
        spec.workflows.iter().zip(&checked.flows).map(|(workflow, flow)| workflow::lower(workflow, flow)).collect();
    let models: BTreeMap<&str, &spec::Model> =
        spec.models.iter().map(|model| (model.name.value.0.as_str(), model)).collect();
    let served = |service: &spec::Service| models.get(service.model.value.0.as_str()).copied();
    // A service is large: what is sorted is where each one stands.
    let mut by_name: Vec<&spec::Service> = spec.services.iter().collect();
    by_name.sort_by_key(|service| &*service.name.value);
    let mut services = Vec::with_capacity(spec.services.len());
    services.extend(by_name.into_iter().filter_map(|service| lower_service(service, served(service)?, checked)));
    let mut buckets: Vec<_> = spec.buckets.iter().map(lower_bucket).collect();
    let mut channels: Vec<_> = spec.channels.iter().map(lower_channel).collect();
    // The plan does not depend on the order in which the spec is written: all lists are sorted by name.
    alerts.sort_by(|a, b| a.name.cmp(&b.name));
    workflows.sort_by(|a, b| a.name.cmp(&b.name));
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    channels.sort_by(|a, b| a.name.cmp(&b.name));
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    jobs.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Plan {
        project: plan::Project {
            name: project.name.to_string(),
            owner: project.owner.as_ref().map(|owner| owner.to_string()),
            origin: project.span,
        },
        environment: spec.environment.clone(),
        platform: made,
        buckets,
        channels,
        services,
        functions,
        jobs,
        workflows,
        alerts,
    })
}

fn lower_bucket(bucket: &spec::Bucket) -> plan::Bucket {
    plan::Bucket { name: bucket.label.to_string(), bucket: bucket.name.to_string(), origin: bucket.span }
}

fn lower_channel(channel: &spec::Channel) -> plan::Channel {
    plan::Channel { name: channel.name.to_string(), email: channel.email.to_string(), origin: channel.span }
}

/// All requests.
const ALL: Percent = Percent(10_000);

/// `None` cannot happen in a checked spec: its models were opened.
fn lower_service(service: &spec::Service, model: &spec::Model, checked: &Checked) -> Option<plan::Service> {
    let file = |version: &str| checked.models.get(&model.name, version).map(|opened| &opened.served);
    let served = vec![(model.serve.value.as_str(), ALL)];
    let mut shares: Vec<(&str, Percent)> = match &service.traffic {
        Some(traffic) => traffic.value.0.iter().map(|(label, share)| (label.value.as_str(), share.value)).collect(),
        None => served,
    };
    // The largest first; equal ones, and so the output, in the order of their labels.
    shares.sort_by(|(a, share_a), (b, share_b)| share_b.cmp(share_a).then_with(|| a.cmp(b)));
    let (first, others) = shares.split_first()?;
    let shadow = service.shadow.as_ref().map(|shadow| (shadow.value.as_str(), Percent(0), true));
    let others = others.iter().map(|(label, share)| (*label, *share, false)).chain(shadow);
    let other = |(label, traffic, shadow)| {
        let plan::ServedModel { version, file, sha256, golden, origin, .. } = plan::ServedModel::clone(file(label)?);
        Some(plan::OtherVersion { version, file, sha256, traffic, shadow, golden, origin })
    };
    let store = model.store.as_ref().map(|store| {
        let labels =
            shares.iter().map(|(label, _)| *label).chain(service.shadow.as_ref().map(|label| label.value.as_str()));
        let sizes = labels.filter_map(|label| Some(checked.models.get(&model.name, label)?.bytes));
        let (all, largest) =
            sizes.fold((0_u64, 0), |(all, largest), size| (all.saturating_add(size), size.max(largest)));
        let mut versions: Vec<String> = model.versions.iter().map(|version| version.label.to_string()).collect();
        versions.sort();
        let kept = Bytes(all.saturating_add(largest));
        plan::Store { address: store.to_string(), versions, kept, origin: store.span }
    });
    Some(plan::Service {
        name: service.name.to_string(),
        model: Arc::clone(file(first.0)?),
        others: others.map(other).collect::<Option<_>>()?,
        store,
        shadow_sample: if service.shadow.is_some() { service.shadow_sample.value } else { Percent(0) },
        repository: service.image.repository.clone(),
        pin: service.image.pin.clone(),
        prebuilt: service.package.value == Package::Prebuilt,
        port: service.port.value.0,
        resources: plan::Resources { cpu: service.resources.cpu.value, memory: service.resources.memory.value },
        batching: service.batching.as_ref().map(|batching| plan::Batching {
            max_size: batching.max_size.value.0,
            max_delay: batching.max_delay.value,
        }),
        scaling: match &service.scaling {
            Some(scaling) => plan::Scaling {
                min: scaling.min.value.0,
                max: scaling.max.value.0,
                cpu: scaling.target.utilization.clone(),
                origin: scaling.span,
            },
            None => {
                plan::Scaling { min: 1, max: 1, cpu: Spanned::new(Percent(8_000), service.span), origin: service.span }
            }
        },
        expose: service
            .expose
            .as_ref()
            .map(|expose| plan::Expose { host: expose.host.to_string(), origin: expose.host.span }),
        observe: service.observe.as_ref().map(lower_observe),
        timeout: service.timeout.value,
        drain_delay: service.drain_delay.value,
        origin: service.span,
    })
}

fn lower_observe(observe: &spec::Observe) -> plan::Observe {
    plan::Observe {
        access_log: observe.access_log.to_string(),
        slow_request: observe.slow_request.value,
        prediction_log: observe.prediction_log.as_ref().map(|log| plan::PredictionLog {
            sample: log.sample.value,
            redact: log.redact.iter().flat_map(|names| names.value.iter().cloned()).collect(),
        }),
        traces: observe.traces.as_ref().map(|traces| plan::Traces {
            endpoint: traces.endpoint.to_string(),
            port: traces.endpoint.port(),
            sample: traces.sample.value,
        }),
    }
}

fn lower_alert(alert: &spec::Alert, condition: &plan::Condition) -> plan::Alert {
    plan::Alert {
        name: alert.name.to_string(),
        condition: condition.clone(),
        hold: alert.r#for.clone(),
        severity: alert.severity.value.0,
        notify: alert.notify.iter().map(|channel| channel.0.clone()).collect(),
        description: alert.description.as_ref().map(|description| description.value.clone()),
        origin: alert.span,
    }
}
