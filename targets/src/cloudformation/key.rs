//! The stack's own encryption key.
//!
//! It is there for the topics: CloudWatch cannot publish to a topic that is encrypted with the key which AWS manages for SNS, because
//! nobody can change that key's policy. Log groups, secrets and schedules use it as well.

use serde_json::{Value, json};
use windlass_schemas::plan::Plan;

use super::arn;

/// Who may use the key: the account by its own policies, CloudWatch to publish alarms, CloudWatch Logs to write logs.
pub fn policy(plan: &Plan) -> Value {
    let platform = &plan.platform;
    let partition = platform.partition();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountAdministers",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:{partition}:iam::{}:root", platform.account) },
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "AlarmsPublish",
                "Effect": "Allow",
                "Principal": { "Service": "cloudwatch.amazonaws.com" },
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {
                    "StringEquals": { "aws:SourceAccount": platform.account },
                    "ArnLike": { "aws:SourceArn": arn::alarms(plan) },
                },
            },
            {
                "Sid": "LogsAreWritten",
                "Effect": "Allow",
                "Principal": { "Service": format!("logs.{}.amazonaws.com", platform.region) },
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                "Resource": "*",
                "Condition": { "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn":
                        format!("arn:{partition}:logs:{}:{}:log-group:*", platform.region, platform.account),
                } },
            },
        ],
    })
}
