//! Which service serves which model.

use std::collections::BTreeMap;

use windlass_schemas::spec::{Model, Service, Spec};

use crate::models::{Models, Opened};

/// What serves what, by name; of several with one name, the first.
pub struct Served<'a> {
    services: BTreeMap<&'a str, &'a Service>,
    models: BTreeMap<&'a str, &'a Model>,
    opened: &'a Models,
}

impl<'a> Served<'a> {
    /// The services and models of a spec. Services are known by name only where a workflow may ask for one.
    pub fn of(spec: &'a Spec, opened: &'a Models) -> Self {
        let asked = spec.services.iter().filter(|_| !spec.workflows.is_empty());
        Served {
            services: asked.rev().map(|service| (&*service.name.value, service)).collect(),
            models: spec.models.iter().rev().map(|model| (model.name.value.0.as_str(), model)).collect(),
            opened,
        }
    }

    /// The model that a service names; `None` when it was refused.
    pub fn model_of(&self, service: &Service) -> Option<&'a Model> {
        self.models.get(service.model.value.0.as_str()).copied()
    }

    /// The model file that a service serves; `None` when it was refused.
    pub fn by(&self, service: &str) -> Option<&'a Opened> {
        let model = self.model_of(self.services.get(service)?)?;
        self.opened.get(&model.name, &model.serve)
    }
}
