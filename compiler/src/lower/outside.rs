//! Functions and jobs: names become addresses.

use windlass_schemas::plan;
use windlass_schemas::plan::{FunctionKind, Platform};
use windlass_schemas::spec::{Function, Job};
use windlass_schemas::types::Type;

/// A function; a name alone is one in the platform's account and region. `None` cannot happen in a checked spec: it is
/// one or the other.
pub fn function(function: &Function, platform: &Platform) -> Option<plan::Function> {
    let kind = match (&function.lambda, &function.url) {
        (Some(lambda), _) if lambda.starts_with("arn:") => FunctionKind::Lambda { arn: lambda.to_string() },
        (Some(lambda), _) => {
            let Platform { region, account, .. } = platform;
            let partition = platform.partition();
            FunctionKind::Lambda { arn: format!("arn:{partition}:lambda:{region}:{account}:function:{}", lambda.value) }
        }
        (None, url) => {
            FunctionKind::Http { url: url.as_ref()?.to_string(), connection: function.connection.as_ref()?.to_string() }
        }
    };
    Some(plan::Function {
        name: function.name.to_string(),
        kind,
        returns: function.returns.as_ref().map_or(Type::Any, |returns| returns.value.0.clone()),
        origin: function.span,
    })
}

/// A job.
pub fn job(job: &Job) -> plan::Job {
    let environment = job.environment.iter().flat_map(|texts| &texts.value.0);
    plan::Job {
        name: job.name.to_string(),
        image: format!("{}{}", job.image.repository, job.image.pin.as_deref().unwrap_or_default()),
        command: job.command.iter().flat_map(|command| command.value.iter().cloned()).collect(),
        environment: environment.map(|(name, value)| (name.value.clone(), value.value.clone())).collect(),
        resources: plan::Resources { cpu: job.resources.cpu.value, memory: job.resources.memory.value },
        origin: job.span,
    }
}
