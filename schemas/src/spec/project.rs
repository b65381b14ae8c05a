//! `project`

use super::texts::{Label, ProjectName};
use crate::declare::block;

block! {
    /// Names what is built here. Every spec has exactly one.
    Project = "project" (name: ProjectName)
    optional {
        /// The team that answers for it; becomes a label of every Kubernetes object and a tag of every alarm.
        owner: Label,
    }
}
