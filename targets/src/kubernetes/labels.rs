//! Names, labels and selectors that every object of a service shares.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use windlass_schemas::plan::{Plan, Service};

/// The label that selects the pods of a service.
pub const NAME: &str = "app.kubernetes.io/name";
/// The label that says whom to ask about an object.
pub const OWNER: &str = "owner";

/// Labels by key.
pub type Labels = BTreeMap<String, String>;

/// A map from pairs.
pub fn map<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// Of an object that belongs to the project, not to one service.
pub fn project(plan: &Plan) -> Labels {
    let mut labels = map([
        ("app.kubernetes.io/instance", &plan.stem()),
        ("app.kubernetes.io/managed-by", "windlass"),
        ("app.kubernetes.io/part-of", &plan.project.name),
    ]);
    if let Some(owner) = &plan.project.owner {
        labels.insert(OWNER.to_owned(), owner.clone());
    }
    labels
}

/// Of an object of a service.
pub fn service(plan: &Plan, service: &Service) -> Labels {
    let mut labels = project(plan);
    labels.insert(NAME.to_owned(), service.name.clone());
    labels.insert("app.kubernetes.io/component".to_owned(), "inference".to_owned());
    labels
}

/// Selects the pods of a service, by the one label that never changes: a Deployment's selector is immutable.
pub fn selector(service: &Service) -> Labels {
    map([(NAME, &service.name)])
}

/// The same where a selector has more than labels.
pub fn label_selector(service: &Service) -> LabelSelector {
    LabelSelector { match_labels: Some(selector(service)), ..Default::default() }
}

/// Metadata of an object of a service with its name.
pub fn metadata(plan: &Plan, of: &Service) -> ObjectMeta {
    ObjectMeta {
        name: Some(of.name.clone()),
        namespace: Some(plan.platform.namespace.to_string()),
        labels: Some(service(plan, of)),
        ..Default::default()
    }
}
