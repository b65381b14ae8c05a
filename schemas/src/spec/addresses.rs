//! Names and addresses of what exists outside of a spec, and is only used by it.

use std::fmt;

use serde::Serialize;

use super::texts::{is_host, read_text, rule, text};
use crate::declare::{FromText, FromValue, Refusal, Shape};
use crate::value::Value;

text! {
    /// A Lambda function by name or ARN, with or without an alias or version (Lambda API reference, FunctionName).
    LambdaName takes "the name or ARN of a Lambda function" like
        Shape::Pattern("^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?$"), if |text| {
        let parts: Vec<&str> = text.split(':').collect();
        let name = match parts.as_slice() {
            [arn, partition, service, region, account, function, rest @ ..] if *arn == "arn" => {
                let account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
                let sound = partition.starts_with("aws") && *service == "lambda" && !region.is_empty() && *function == "function";
                if account && sound { rest } else { &[] }
            }
            other => other,
        };
        let word = |word: &str, most: usize| {
            (1..=most).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        let sound = match name {
            [name] => word(name, 64),
            [name, alias] => word(name, 64) && (*alias == "$LATEST" || word(alias, 128)),
            _ => false,
        };
        rule(sound, text, "is no Lambda function; write its name, as in `enrich` or `enrich:live`, or its ARN")
    }
}

text! {
    /// An HTTPS endpoint with a public name (Step Functions Developer Guide, "Call HTTPS APIs").
    FunctionUrl takes "an address such as `https://api.example.com/enrich`" like Shape::Pattern("^https://[a-z0-9.-]+(:[0-9]{1,5})?(/.*)?$"), if |text| {
        let rest = text.strip_prefix("https://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let path = rest.chars().all(|c| c.is_ascii_graphic() && !"\"<>`{}|\\^#".contains(c));
        rule(
            is_host(name) && port.parse::<u16>().is_ok_and(|port| port > 0) && path,
            text,
            "is no address that a workflow can post to; write one such as `https://api.example.com/enrich`",
        )
    }
}

text! {
    /// An EventBridge connection (EventBridge API reference, ConnectionArn).
    ConnectionArn takes "the ARN of an EventBridge connection" like
        Shape::Pattern("^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:connection/[.A-Za-z0-9_-]+/[0-9a-f-]+$"), if |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let sound = matches!(parts.as_slice(), ["arn", partition, "events", region, account, rest]
            if partition.starts_with("aws") && !region.is_empty() && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && rest.strip_prefix("connection/").is_some_and(|rest| rest.split('/').count() == 2 && !rest.contains(' ')));
        rule(sound, text, "is no ARN of a connection; `aws events describe-connection --name NAME` tells it")
    }
}

text! {
    /// The name of an error: what a workflow fails with, and what retriers look for.
    ErrorName takes "the name of an error" like Shape::Pattern("^[A-Za-z][A-Za-z0-9._-]{0,254}$"), if |text| {
        let inner = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        rule(
            text.len() <= 255 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(inner),
            text,
            "is no name of an error: use at most 255 letters, digits, `.`, `_` and `-`, beginning with a letter",
        )
    }
}
