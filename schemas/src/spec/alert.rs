//! `alert` and `channel`

use super::texts::{Email, Name, Urgency};
use super::values::{ChannelRef, Condition};
use crate::declare::block;
use crate::units::Duration;

block! {
    /// Tells channels when a measurement is out of bounds.
    Alert = "alert" (name: Name) [for_each]
    required {
        /// What is wrong when it is true: measurements of services and workflows compared with thresholds, joined by
        /// `&&` and `||`, as in `service.risk.latency.p99 > "250ms"`.
        when: Condition,
        /// The channels to tell.
        notify: Vec<ChannelRef>,
    }
    optional {
        /// What a person should know who is told.
        description: String,
    }
    default {
        /// How long it must be true without a break: whole minutes.
        r#for: Duration = "5m",
        /// How urgent: `page` wakes somebody, `ticket` waits for the morning.
        severity: Urgency = "ticket",
    }
}

block! {
    /// Where messages go: an SNS topic with a subscriber.
    Channel = "channel" (name: Name) [for_each]
    required {
        /// The address that gets every message.
        email: Email,
    }
}
