//! The source of the inference services: one Cargo workspace, with the runtime and a small crate for each service.
//!
//! | plan noun | emitted |
//! |---|---|
//! | the plan | `services/Cargo.toml`, `Cargo.lock`, `Dockerfile`, `.dockerignore`, `runtime/` |
//! | [`Service`] | `services/NAME/Cargo.toml`, `src/main.rs` with the model's facts as constants |
//! | its model | `services/NAME/models/FILE`, which the image carries |
//!
//! The runtime is the crate in `targets/runtime/runtime`, emitted as it stands there. The same sources come out for
//! every environment: what differs between them is set by the environment variables in [`names`].

pub mod config;
mod runtime;

#[path = "../../runtime/runtime/src/names.rs"]
pub mod names;

use std::sync::LazyLock;

use minijinja::value::{Serde, Value as Template};
use minijinja::{Environment, context};
use serde::Serialize;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::{Output, hex};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::tensor::Tensor;

use crate::Target;

/// The Rust that the runtime is built and tested with.
const RUST: &str = "1.95";

/// The source of the inference services.
pub struct Inference;

impl Target for Inference {
    fn name(&self) -> &'static str {
        "services"
    }

    /// Every checked plan can be said: datatypes that the engine lacks were refused when the model was opened.
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}

    fn emit(&self, plan: &Plan, out: &mut dyn Output) {
        if plan.services.is_empty() {
            return;
        }
        let origins: Vec<_> = plan.services.iter().map(|service| service.origin).collect();
        let names: Vec<&str> = plan.services.iter().map(|service| service.name.as_str()).collect();
        let dockerfile = render(
            include_str!("templates/Dockerfile.j2"),
            context! { rust => RUST, services => Template::from(Serde(&names)) },
        );
        let mut add = |path: &str, text: &str| out.text(self.name(), &format!("services/{path}"), text, &origins);
        add("Cargo.toml", &runtime::workspace(&names));
        add("Cargo.lock", &runtime::lock(plan.services.iter().map(package)));
        add("Dockerfile", &dockerfile);
        add(".dockerignore", "target\n");
        for (path, text) in runtime::SOURCES {
            add(&format!("runtime/{path}"), text);
        }
        for service in &plan.services {
            let (folder, origins) = (format!("services/{}", service.name), [service.origin, service.model.origin]);
            out.text(self.name(), &format!("{folder}/Cargo.toml"), &manifest(service), &origins);
            out.text(self.name(), &format!("{folder}/src/main.rs"), &main(service), &origins);
            let (model, path) = (&service.model, format!("{folder}/models/{}", file_name(service)));
            out.copy(self.name(), &path, &model.file, &model.sha256, &origins);
            if let Some(golden) = &model.golden {
                let path = format!("{folder}/models/{}", last_part(&golden.file));
                out.copy(self.name(), &path, &golden.file, &golden.sha256, &[golden.origin]);
            }
        }
    }
}

/// The image that runs a service. Where the spec pins no tag or digest, the tag is the model's version and a digest of
/// everything that goes into the image, so that another content always has another name.
pub fn image(service: &Service) -> String {
    match &service.pin {
        Some(pin) => format!("{}{pin}", service.repository),
        None => format!("{}:{}-{}", service.repository, service.model.version, content_digest(service)),
    }
}

/// Twelve digits of the SHA-256 over the sources, the locked versions, the model and the toolchain of a service.
fn content_digest(service: &Service) -> String {
    // What all services have in common is digested once.
    static COMMON: LazyLock<Sha256> = LazyLock::new(|| {
        let sources = runtime::SOURCES.iter().flat_map(|(path, text)| [*path, *text]);
        digested(Sha256::new(), sources.chain([RUST, &runtime::lock([])]))
    });
    // The digest of golden pairs is a constant of `main`.
    let own = [&manifest(service), &main(service), &service.model.sha256];
    hex(&digested(COMMON.clone(), own.map(String::as_str)).finalize()[..6])
}

/// `digest` after these texts, each with its length before it, so that no two lists of texts are taken for one another.
fn digested<'a>(mut digest: Sha256, texts: impl IntoIterator<Item = &'a str>) -> Sha256 {
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    digest
}

/// Whether the name of the image says which bytes it is.
pub fn is_digest(service: &Service) -> bool {
    service.pin.as_ref().is_some_and(|pin| pin.contains("@sha256:"))
}

/// Where the image carries the model.
pub fn model_path(service: &Service) -> String {
    format!("{}/{}", names::DEFAULT_MODEL_DIRECTORY, file_name(service))
}

/// The last part of the model's path.
fn file_name(service: &Service) -> &str {
    last_part(&service.model.file)
}

/// The last part of the path of its golden pairs.
fn golden_name(service: &Service) -> Option<&str> {
    service.model.golden.as_ref().map(|golden| last_part(&golden.file))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a service's package: no crate of the registry that the runtime uses begins like this.
fn package(service: &Service) -> String {
    format!("service-{}", service.name)
}

fn manifest(service: &Service) -> String {
    render(
        include_str!("templates/Cargo.toml.j2"),
        context! { service => Template::from(Serde(service)), package => package(service) },
    )
}

fn main(service: &Service) -> String {
    /// A tensor as the runtime's constants spell it.
    #[derive(Serialize)]
    struct Constant {
        name: String,
        datatype: String,
        shape: Vec<i64>,
    }
    let constants = |tensors: &[Tensor]| {
        let constant = |tensor: &Tensor| Constant {
            name: tensor.name.clone(),
            datatype: format!("{:?}", tensor.datatype),
            shape: config::shape(tensor),
        };
        Template::from(Serde(tensors.iter().map(constant).collect::<Vec<_>>()))
    };
    let signature = &service.model.signature;
    let (inputs, outputs) = (constants(&signature.inputs), constants(&signature.outputs));
    render(
        include_str!("templates/main.rs.j2"),
        context! { service => Template::from(Serde(service)), file => file_name(service), golden => golden_name(service), inputs, outputs },
    )
}

/// Fills a template of this target.
///
/// # Panics
/// When the template is broken, which the tests of this target would have shown.
fn render(template: &str, values: Template) -> String {
    let mut environment = Environment::new();
    environment.add_filter("rust", |text: String| format!("{text:?}"));
    match environment.render_str(template, values) {
        // The last newline of a template is not kept.
        Ok(text) => text + "\n",
        Err(error) => panic!("a template of the services is broken: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use windlass_schemas::artifact::{Artifacts, Content};
    use windlass_schemas::span::Span;
    use windlass_schemas::tensor::{DataType, Dim};

    use super::*;
    use crate::kubernetes::fixture::plan;

    fn files(plan: &Plan) -> Vec<(String, Content)> {
        let mut out = Artifacts::default();
        Inference.emit(plan, &mut out);
        out.iter().map(|(path, artifact)| (path.to_owned(), artifact.content.clone())).collect()
    }

    fn main_of(plan: &Plan, service: &str) -> String {
        let path = format!("services/{service}/src/main.rs");
        match files(plan).into_iter().find(|(p, _)| *p == path) {
            Some((_, Content::Text(text))) => text,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn the_image_follows_the_content_unless_it_is_pinned() {
        let mut service = plan().services.remove(1);
        let before = image(&service);
        let (repository, tag) = before.rsplit_once(':').unwrap();
        assert_eq!((repository, tag.len()), ("registry.example.com/risk", "3-".len() + 12));
        service.scaling.max = 40;
        service.port = 9000;
        assert_eq!(image(&service), before);
        service.model.sha256 = "6f".repeat(32);
        assert_ne!(image(&service), before);
        service.pin = Some(":v1".to_owned());
        assert_eq!(image(&service), "registry.example.com/risk:v1");
    }

    #[test]
    fn the_facts_of_the_model_are_constants() {
        let mut plan = plan();
        let model = &mut plan.services[1].model;
        model.signature.inputs = vec![Tensor {
            name: "a \"b\" {{ c }}\n".to_owned(),
            datatype: DataType::Uint8,
            shape: vec![Dim::Variable("N".to_owned()), Dim::Fixed(3)],
        }];
        let text = main_of(&plan, "risk");
        let tensor = r#"Tensor { name: "a \"b\" {{ c }}\n", datatype: DataType::Uint8, shape: &[-1, 3] },"#;
        assert!(text.contains(tensor), "{text}");
        assert!(text.contains(&format!("sha256: \"{}\"", plan.services[1].model.sha256)), "{text}");
    }

    #[test]
    fn every_fact_of_a_model_reaches_the_service() {
        let before = main_of(&plan(), "risk");
        let golden = |sha256: &str, file: &str| {
            Some(windlass_schemas::plan::Golden {
                file: file.to_owned(),
                sha256: sha256.to_owned(),
                origin: Span::default(),
            })
        };
        let changes: [&dyn Fn(&mut Service); 9] = [
            &|s| s.name = "risk-2".to_owned(),
            &|s| s.model.name = "other".to_owned(),
            &|s| s.model.version = "4".to_owned(),
            &|s| s.model.file = "other.onnx".to_owned(),
            &|s| s.model.sha256 = "6f".repeat(32),
            &|s| s.model.signature.inputs[0].name = "other".to_owned(),
            &|s| s.model.signature.outputs[0].shape = vec![Dim::Fixed(9)],
            &|s| s.model.golden = golden("ab", "models/g.json"),
            &|s| s.model.golden = golden("cd", "models/g.json"),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut plan = plan();
            change(&mut plan.services[1]);
            let name = plan.services[1].name.clone();
            assert_ne!(main_of(&plan, &name), before, "change {number} is dropped");
        }
    }

    #[test]
    fn the_workspace_is_whole() {
        let plan = plan();
        let files = files(&plan);
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        for path in ["Cargo.toml", "Cargo.lock", "Dockerfile", "runtime/Cargo.toml", "runtime/src/lib.rs"] {
            assert!(paths.contains(&format!("services/{path}").as_str()), "{path}");
        }
        for service in &plan.services {
            for path in ["Cargo.toml", "src/main.rs", "models/risk-3.onnx"] {
                assert!(paths.contains(&format!("services/{}/{path}", service.name).as_str()), "{path}");
            }
        }
        for (path, content) in files {
            if let Content::Text(text) = content {
                assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
            }
        }
    }
}
