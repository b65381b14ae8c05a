//! Names that AWS knows things by, computed alike by every AWS target.

use sha2::{Digest, Sha256};
use windlass_schemas::plan::Plan;

/// The alias of every state machine: what starts executions starts those of the version that it leads to.
pub const ALIAS: &str = "live";

fn arn(plan: &Plan, service: &str, resource: &str) -> String {
    let platform = &plan.platform;
    format!("arn:{}:{service}:{}:{}:{resource}", platform.partition(), platform.region, platform.account)
}

/// The topic of a channel.
pub fn topic(plan: &Plan, channel: &str) -> String {
    arn(plan, "sns", &plan.qualified(channel))
}

/// The state machine of a workflow.
pub fn state_machine(plan: &Plan, workflow: &str) -> String {
    arn(plan, "states", &format!("stateMachine:{}", plan.qualified(workflow)))
}

/// The alias by which a workflow is started.
pub fn alias(plan: &Plan, workflow: &str) -> String {
    format!("{}:{ALIAS}", state_machine(plan, workflow))
}

/// Every execution of a workflow.
pub fn executions(plan: &Plan, workflow: &str) -> String {
    arn(plan, "states", &format!("execution:{}:*", plan.qualified(workflow)))
}

/// Every execution of the distributed Maps of a workflow.
pub fn map_executions(plan: &Plan, workflow: &str) -> String {
    arn(plan, "states", &format!("execution:{}/*", plan.qualified(workflow)))
}

/// The secret in which EventBridge keeps what a connection sends, given the connection's own ARN.
pub fn connection_secret(connection: &str) -> String {
    let parts: Vec<&str> = connection.splitn(6, ':').collect();
    let [arn, partition, _, region, account, name] = parts.as_slice() else { return String::new() };
    let name = name.trim_start_matches("connection/").split('/').next().unwrap_or_default();
    format!("{arn}:{partition}:secretsmanager:{region}:{account}:secret:events!connection/{name}/*")
}

/// Every alarm of the plan.
pub fn alarms(plan: &Plan) -> String {
    arn(plan, "cloudwatch", &format!("alarm:{}-*", plan.stem()))
}

/// One alarm.
pub fn alarm(plan: &Plan, alert: &str) -> String {
    arn(plan, "cloudwatch", &format!("alarm:{}", plan.qualified(alert)))
}

/// The rule by which Step Functions hears of the end of executions that it waits for.
pub fn execution_events(plan: &Plan) -> String {
    arn(plan, "events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
}

/// The EKS cluster.
pub fn cluster(plan: &Plan) -> String {
    arn(plan, "eks", &format!("cluster/{}", plan.platform.cluster))
}

/// A bucket.
pub fn bucket(plan: &Plan, bucket: &str) -> String {
    format!("arn:{}:s3:::{bucket}", plan.platform.partition())
}

/// Objects of a bucket whose keys match a pattern of IAM.
pub fn objects(plan: &Plan, bucket: &str, pattern: &str) -> String {
    format!("arn:{}:s3:::{bucket}/{pattern}", plan.platform.partition())
}

/// `name` in the letters and digits that CloudFormation allows for logical ids: `fraud-risk` is `FraudRisk`. Names that would meet others
/// this way (`a_b`, `a-1`, `A`) carry a piece of their digest.
pub fn logical(name: &str) -> String {
    let pieces: Vec<&str> = name.split('-').collect();
    let plain = pieces.iter().all(|piece| {
        piece.starts_with(|c: char| c.is_ascii_lowercase())
            && piece.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    });
    let mut out = String::new();
    for piece in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = piece.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars);
    }
    if !plain {
        let digest = Sha256::digest(name.as_bytes());
        out.extend(digest.iter().take(4).map(|byte| format!("{byte:02x}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_names_have_different_logical_ids() {
        assert_eq!(logical("fraud-risk"), "FraudRisk");
        let names = ["a-b", "ab", "a_b", "aB", "AB", "a-1", "a1", "A1"];
        let ids: std::collections::BTreeSet<String> = names.iter().map(|n| logical(n)).collect();
        assert_eq!(ids.len(), names.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_alphanumeric())));
    }
}
