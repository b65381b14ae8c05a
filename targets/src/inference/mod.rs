//! The source of the inference services: one Cargo workspace, with the runtime and a small crate for each service.
//!
//! | plan noun | emitted |
//! |---|---|
//! | the plan | `services/Cargo.toml`, `Cargo.lock`, `Dockerfile`, `.dockerignore`, `runtime/` |
//! | [`Service`] | `services/NAME/Cargo.toml`, `src/main.rs` with the model's facts as constants, `openapi.json`, `sbom.cdx.json` |
//! | a service that is prebuilt | `services/NAME/Dockerfile`, `service.json` with the same facts for `windlass-server`, and those two |
//! | its model | `services/NAME/models/FILE`, which the image carries, and golden pairs beside it; several versions are `models/VERSION/FILE` |
//! | a model with a store | `services/NAME/store/VERSION/SHA256.onnx`, to be uploaded as it lies there; the image carries golden pairs only |
//!
//! The runtime is the crate in `targets/runtime/runtime`, emitted as it stands there. The same sources come out for
//! every environment: what differs between them is set by the environment variables in [`names`].

pub mod config;
mod runtime;
mod sbom;

#[path = "../../runtime/runtime/src/names.rs"]
pub mod names;
#[path = "../../runtime/runtime/src/openapi.rs"]
mod openapi;

use std::sync::LazyLock;

use minijinja::value::{Serde, Value as Template};
use minijinja::{Environment, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use windlass_schemas::artifact::{Output, hex};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Golden, Plan, Service};
use windlass_schemas::span::Span;
use windlass_schemas::tensor::{Dim, Tensor};

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
        out.text(self.name(), "services/.dockerignore", "target\n*/store\n", &origins);
        let built: Vec<&Service> = plan.services.iter().filter(|service| !service.prebuilt).collect();
        if !built.is_empty() {
            self.emit_workspace(&built, out);
        }
        for service in &plan.services {
            let (folder, origins) = (format!("services/{}", service.name), [service.origin, service.model.origin]);
            let own = own_files(service);
            for (path, text) in &own {
                out.text(self.name(), &format!("{folder}/{path}"), text, &origins);
            }
            out.text(self.name(), &format!("{folder}/openapi.json"), &openapi(service), &origins);
            let bill = sbom::document(service, &content_digest(service, &own));
            out.text(self.name(), &format!("{folder}/sbom.cdx.json"), &bill, &origins);
            for version in versions(service) {
                let path = match &service.store {
                    Some(_) => format!("{folder}/store/{}", names::stored(version.label, version.sha256)),
                    None => format!("{folder}/models/{}", version.file),
                };
                out.copy(self.name(), &path, version.source, version.sha256, &[service.origin, version.origin]);
                if let Some(golden) = &version.golden {
                    let path = format!("{folder}/models/{}", golden.file);
                    out.copy(self.name(), &path, golden.source, golden.sha256, &[golden.origin]);
                }
            }
        }
    }
}

impl Inference {
    /// The workspace of the services that are built from source.
    fn emit_workspace(&self, services: &[&Service], out: &mut dyn Output) {
        let origins: Vec<_> = services.iter().map(|service| service.origin).collect();
        let names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
        let stored: Vec<Stored> = services.iter().copied().flat_map(stored).collect();
        let bare = services.iter().copied().any(carries_nothing);
        let dockerfile = render(
            &DOCKERFILE,
            context! { rust => RUST, services => Template::from(Serde(&names)), stored => Template::from(Serde(&stored)), bare },
        );
        let mut add = |path: &str, text: &str| out.text(self.name(), &format!("services/{path}"), text, &origins);
        add("Cargo.toml", &runtime::workspace(&names));
        add("Cargo.lock", &runtime::lock(services.iter().copied().map(package).collect()));
        add("Dockerfile", &dockerfile);
        for runtime::Source { path, text, sha256 } in runtime::SOURCES {
            out.known(self.name(), &format!("services/runtime/{path}"), text, sha256, &origins);
        }
    }
}

/// What makes the image of one service, by path in its folder.
fn own_files(service: &Service) -> [(&'static str, String); 2] {
    if service.prebuilt {
        let (fetched, bare) = (stored(service).collect::<Vec<_>>(), carries_nothing(service));
        let dockerfile = render(
            &PREBUILT,
            context! { service => Template::from(Serde(service)), stored => Template::from(Serde(&fetched)), bare },
        );
        [("Dockerfile", dockerfile), ("service.json", format!("{:#}\n", config::in_image(service)))]
    } else {
        [("Cargo.toml", manifest(service)), ("src/main.rs", main(service))]
    }
}

/// The image that runs a service. Where the spec pins no tag or digest, the tag is the model's version and a digest of
/// everything that goes into the image, so that another content always has another name.
pub fn image(service: &Service) -> String {
    let content_digest = service.pin.is_none().then(|| content_digest(service, &own_files(service)));
    image_of(service, &content_digest.unwrap_or_default())
}

/// The same, of content that has this digest.
fn image_of(service: &Service, content_digest: &str) -> String {
    match &service.pin {
        Some(pin) => [service.repository.as_str(), pin].concat(),
        None => format!("{}:{}-{content_digest}", service.repository, service.model.version),
    }
}

/// Twelve digits of the SHA-256 over the sources, the locked versions, the model and the toolchain of a service with these files.
fn content_digest(service: &Service, own: &[(&str, String)]) -> String {
    // What all services have in common is digested once.
    static COMMON: LazyLock<Sha256> =
        LazyLock::new(|| digested(Sha256::new(), [runtime::DIGEST, RUST, &runtime::lock(Vec::new())]));
    // The digests of models and of golden pairs are in these. The program of a prebuilt one is built from the same sources.
    let own = own.iter().map(|(_, text)| text.as_str());
    // The same sources are another image where the models are not in it.
    let fetched = service.store.is_some().then_some("fetched");
    hex(&digested(COMMON.clone(), own.chain(fetched)).finalize()[..6])
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
    service.pin.as_ref().is_some_and(|pin| pin.contains('@'))
}

/// Where the image carries the model: its file or, with several versions, the folder that holds theirs.
pub fn model_path(service: &Service) -> String {
    match &versions(service)[..] {
        [only] => [names::DEFAULT_MODEL_DIRECTORY, "/", &only.file].concat(),
        _ => names::DEFAULT_MODEL_DIRECTORY.to_owned(),
    }
}

/// A version that no image carries.
#[derive(Serialize)]
struct Stored<'a> {
    service: &'a str,
    version: &'a str,
    sha256: &'a str,
}

/// The versions that a service fetches.
fn stored(service: &Service) -> impl Iterator<Item = Stored<'_>> {
    let fetched = service.store.iter().flat_map(|_| versions(service));
    fetched.map(|version| Stored { service: &service.name, version: version.label, sha256: version.sha256 })
}

/// Whether the image has neither models nor golden pairs.
fn carries_nothing(service: &Service) -> bool {
    service.store.is_some() && versions(service).iter().all(|version| version.golden.is_none())
}

/// A version as the runtime's constants spell it.
#[derive(Serialize)]
struct VersionConstant<'a> {
    label: &'a str,
    /// Where the image carries it, under the folder of models.
    file: String,
    sha256: &'a str,
    /// Hundredths of a percent.
    traffic: u64,
    shadow: bool,
    golden: Option<GoldenConstant<'a>>,
    /// Where the project has it.
    #[serde(skip)]
    source: &'a str,
    #[serde(skip)]
    origin: Span,
}

/// A version's golden pairs, likewise.
#[derive(Serialize)]
struct GoldenConstant<'a> {
    file: String,
    sha256: &'a str,
    #[serde(skip)]
    source: &'a str,
    #[serde(skip)]
    origin: Span,
}

fn golden(golden: &Option<Golden>) -> Option<GoldenConstant<'_>> {
    golden.as_ref().map(|golden| GoldenConstant {
        file: String::new(),
        sha256: &golden.sha256,
        source: &golden.file,
        origin: golden.origin,
    })
}

/// All versions of a service, the one with the largest share first.
fn versions(service: &Service) -> Vec<VersionConstant<'_>> {
    let model = &service.model;
    let rest = service.others.iter().fold(10_000, |rest: u64, other| rest.saturating_sub(other.traffic.0));
    let first = VersionConstant {
        label: &model.version,
        file: String::new(),
        sha256: &model.sha256,
        traffic: rest,
        shadow: false,
        golden: golden(&model.golden),
        source: &model.file,
        origin: model.origin,
    };
    let others = service.others.iter().map(|other| VersionConstant {
        label: &other.version,
        file: String::new(),
        sha256: &other.sha256,
        traffic: other.traffic.0,
        shadow: other.shadow,
        golden: golden(&other.golden),
        source: &other.file,
        origin: other.origin,
    });
    let mut versions: Vec<VersionConstant> = [first].into_iter().chain(others).collect();
    let alone = versions.len() == 1;
    for version in &mut versions {
        // Files of several versions may have one name.
        let place = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            if alone { name.to_owned() } else { format!("{}/{name}", version.label) }
        };
        version.file = place(version.source);
        if let Some(golden) = &mut version.golden {
            golden.file = place(golden.source);
        }
    }
    versions
}

/// The name of a service's package: no crate of the registry that the runtime uses begins like this.
fn package(service: &Service) -> String {
    format!("service-{}", service.name)
}

fn manifest(service: &Service) -> String {
    render(&MANIFEST, context! { service => Template::from(Serde(service)), package => package(service) })
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
            shape: shape(tensor),
        };
        Template::from(Serde(tensors.iter().map(constant).collect::<Vec<_>>()))
    };
    let signature = &service.model.signature;
    let (inputs, outputs) = (constants(&signature.inputs), constants(&signature.outputs));
    let versions = versions(service);
    let has_golden = versions.iter().any(|version| version.golden.is_some());
    render(
        &MAIN,
        context! { service => Template::from(Serde(service)), versions => Template::from(Serde(&versions)), has_golden, inputs, outputs },
    )
}

/// The document that the running service answers, to the byte: both come from one generator.
fn openapi(service: &Service) -> String {
    let shapes = |tensors: &[Tensor]| tensors.iter().map(shape).collect::<Vec<_>>();
    let signature = &service.model.signature;
    let (input_shapes, output_shapes) = (shapes(&signature.inputs), shapes(&signature.outputs));
    let model = &service.model;
    let versions: Vec<&str> = versions(service).iter().map(|version| version.label).collect();
    openapi::document(&openapi::Api {
        service: &service.name,
        model: &model.name,
        versions: &versions,
        inputs: &api_tensors(&signature.inputs, &input_shapes),
        outputs: &api_tensors(&signature.outputs, &output_shapes),
        // The very condition under which the settings name a file with the key.
        api_key: service.expose.is_some(),
        repository: false,
    })
}

fn api_tensors<'a>(tensors: &'a [Tensor], shapes: &'a [Vec<i64>]) -> Vec<openapi::Tensor<'a>> {
    let one = |(tensor, shape): (&'a Tensor, &'a Vec<i64>)| openapi::Tensor {
        name: &tensor.name,
        datatype: tensor.datatype.name(),
        shape,
    };
    tensors.iter().zip(shapes).map(one).collect()
}

/// A dimension of any size is -1, as in the metadata of the Open Inference Protocol.
pub fn shape(tensor: &Tensor) -> Vec<i64> {
    tensor.shape.iter().map(|dim| if let Dim::Fixed(size) = dim { *size as i64 } else { -1 }).collect()
}

/// A template of this target, read when it is first filled.
type Read = LazyLock<minijinja::Template<'static, 'static>>;

static DOCKERFILE: Read = LazyLock::new(|| read(include_str!("templates/Dockerfile.j2")));
static PREBUILT: Read = LazyLock::new(|| read(include_str!("templates/prebuilt.Dockerfile.j2")));
static MANIFEST: Read = LazyLock::new(|| read(include_str!("templates/Cargo.toml.j2")));
static MAIN: Read = LazyLock::new(|| read(include_str!("templates/main.rs.j2")));

/// # Panics
/// When the template is broken, which the tests of this target would have shown; so does [`render`].
fn read(template: &'static str) -> minijinja::Template<'static, 'static> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        // Without the many filters that they don't use.
        let mut environment = Environment::empty();
        environment.add_filter("join", minijinja::filters::join);
        environment.add_filter("rust", |text: String| format!("{text:?}"));
        environment
    });
    ENVIRONMENT.template_from_str(template).unwrap_or_else(|error| broken(&error))
}

/// Fills a template.
fn render(template: &Read, values: Template) -> String {
    // The last newline of a template is not kept.
    template.render(values).unwrap_or_else(|error| broken(&error)) + "\n"
}

fn broken(error: &minijinja::Error) -> ! {
    panic!("a template of the services is broken: {error}")
}

#[cfg(test)]
mod tests {
    use windlass_schemas::artifact::{Artifacts, Content};
    use windlass_schemas::plan::OtherVersion;
    use windlass_schemas::tensor::DataType;
    use windlass_schemas::units::Percent;

    use super::*;
    use crate::kubernetes::fixture::{plan, stored};

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
        service.model_mut().sha256 = "6f".repeat(32);
        assert_ne!(image(&service), before);
        service.pin = Some(":v1".to_owned());
        assert_eq!(image(&service), "registry.example.com/risk:v1");
    }

    #[test]
    fn the_facts_of_the_model_are_constants() {
        let mut plan = plan();
        let model = plan.services[1].model_mut();
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
            Some(Golden { file: file.to_owned(), sha256: sha256.to_owned(), origin: Span::default() })
        };
        let changes: [&dyn Fn(&mut Service); 9] = [
            &|s| s.name = "risk-2".to_owned(),
            &|s| s.model_mut().name = "other".to_owned(),
            &|s| s.model_mut().version = "4".to_owned(),
            &|s| s.model_mut().file = "other.onnx".to_owned(),
            &|s| s.model_mut().sha256 = "6f".repeat(32),
            &|s| s.model_mut().signature.inputs[0].name = "other".to_owned(),
            &|s| s.model_mut().signature.outputs[0].shape = vec![Dim::Fixed(9)],
            &|s| s.model_mut().golden = golden("ab", "models/g.json"),
            &|s| s.model_mut().golden = golden("cd", "models/g.json"),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut plan = plan();
            change(&mut plan.services[1]);
            let name = plan.services[1].name.clone();
            assert_ne!(main_of(&plan, &name), before, "change {number} is dropped");
        }
    }

    #[test]
    fn several_versions_are_side_by_side() {
        let mut plan = plan();
        let other = |version: &str, traffic, shadow| OtherVersion {
            version: version.to_owned(),
            file: format!("v{version}/risk-3.onnx"),
            sha256: "6f".repeat(32),
            traffic: Percent(traffic),
            shadow,
            golden: Some(Golden {
                file: format!("models/golden-{version}.json"),
                sha256: "ab".repeat(32),
                origin: Span::default(),
            }),
            origin: Span::default(),
        };
        let alone = image(&plan.services[1]);
        plan.services[1].others = vec![other("2", 1_250, false), other("4", 0, true)];
        plan.services[1].shadow_sample = Percent(500);
        assert_ne!(image(&plan.services[1]), alone);
        assert_eq!(model_path(&plan.services[1]), "/models");
        let text = main_of(&plan, "risk");
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let zeros = "6f".repeat(32);
        for part in [
            "label: \"3\", file: \"3/risk-3.onnx\",".to_owned(),
            "traffic: 8750, shadow: false,".to_owned(),
            format!("label: \"2\", file: \"2/risk-3.onnx\", sha256: \"{zeros}\", traffic: 1250, shadow: false,"),
            format!("golden: Some(Golden {{ file: \"4/golden-4.json\", sha256: \"{}\" }}),", "ab".repeat(32)),
            format!("label: \"4\", file: \"4/risk-3.onnx\", sha256: \"{zeros}\", traffic: 0, shadow: true,"),
            "shadow_sample: 500,".to_owned(),
        ] {
            assert!(words.contains(&part), "{part}: {text}");
        }
        let files = files(&plan);
        for version in ["3", "2", "4"] {
            let path = format!("services/risk/models/{version}/risk-3.onnx");
            assert!(files.iter().any(|(known, _)| *known == path), "{path}");
        }
        for version in ["2", "4"] {
            let path = format!("services/risk/models/{version}/golden-{version}.json");
            assert!(files.iter().any(|(known, _)| *known == path), "{path}");
        }
    }

    #[test]
    fn a_prebuilt_service_is_a_configuration() {
        let mut plan = plan();
        let before = image(&plan.services[1]);
        let prebuilt: Vec<String> = plan.services.iter().skip(1).map(|service| service.name.clone()).collect();
        plan.services.iter_mut().skip(1).for_each(|service| service.prebuilt = true);
        assert_ne!(image(&plan.services[1]), before);
        let text = |path: &str| match files(&plan).into_iter().find(|(known, _)| known == path) {
            Some((_, Content::Text(text))) => Some(text),
            _ => None,
        };
        for name in &prebuilt {
            let dockerfile = text(&format!("services/{name}/Dockerfile")).expect("a Dockerfile");
            assert!(dockerfile.contains(&format!("COPY {name}/service.json /service.json\n")), "{dockerfile}");
            assert!(text(&format!("services/{name}/src/main.rs")).is_none());
        }
        // The others are members of the workspace, and there is none without others.
        let (first, second) = (&plan.services[0].name, &plan.services[1].name);
        let manifest = text("services/Cargo.toml").expect("a workspace");
        assert!(manifest.contains(first.as_str()) && !manifest.contains(second.as_str()), "{manifest}");
        plan.services.remove(0);
        let paths: Vec<String> = files(&plan).into_iter().map(|(path, _)| path).collect();
        assert!(!paths.iter().any(|path| path.ends_with("Cargo.toml") || path.starts_with("services/runtime")));
        let json: serde_json::Value =
            serde_json::from_str(&format!("{:#}", config::in_image(&plan.services[0]))).expect("JSON");
        assert_eq!(json["model"]["versions"][0]["file"], "risk-3.onnx");
    }

    #[test]
    fn a_model_with_a_store_is_not_in_the_image() {
        let carried = image(&plan().services[1]);
        let mut plan = stored();
        assert_ne!(image(&plan.services[1]), carried);
        let digest = plan.services[1].model.sha256.clone();
        let uploaded = format!("services/risk/store/3/{digest}.onnx");
        let text = |plan: &Plan, path: &str| match files(plan).into_iter().find(|(known, _)| known == path) {
            Some((_, Content::Text(text))) => text,
            other => panic!("{path}: {other:?}"),
        };
        let in_image = |plan: &Plan| -> Vec<String> {
            files(plan)
                .into_iter()
                .map(|(path, _)| path)
                .filter(|path| path.starts_with("services/risk/models"))
                .collect()
        };
        let copied = files(&plan).into_iter().find(|(path, _)| *path == uploaded).expect("what is to be uploaded");
        assert_eq!(copied.1, Content::Copy { from: "models/risk-3.onnx".to_owned(), sha256: digest.clone() });
        assert!(text(&plan, "services/.dockerignore").contains("*/store\n"));
        let dockerfile = text(&plan, "services/Dockerfile");
        assert!(dockerfile.contains(&format!("#   risk, version 3: sha256 {digest}\n")), "{dockerfile}");
        // A folder that is copied has to be there.
        assert_eq!((in_image(&plan).len(), dockerfile.contains("mkdir -p \"$SERVICE/models\"")), (0, true));
        let bill: serde_json::Value = serde_json::from_str(&text(&plan, "services/risk/sbom.cdx.json")).expect("JSON");
        let reference = &bill["components"][1]["externalReferences"][0];
        assert_eq!(reference["url"], format!("s3://my-bucket/models/risk/3/{digest}.onnx"));

        plan.services[1].model_mut().golden =
            Some(Golden { file: "g/pairs.json".to_owned(), sha256: "ab".repeat(32), origin: Span::default() });
        assert_eq!(in_image(&plan), ["services/risk/models/pairs.json"]);
        assert!(!text(&plan, "services/Dockerfile").contains("mkdir -p \"$SERVICE/models\""));
        plan.services[1].prebuilt = true;
        let dockerfile = text(&plan, "services/risk/Dockerfile");
        assert!(dockerfile.contains(&digest) && dockerfile.contains("COPY risk/models /models\n"), "{dockerfile}");
        plan.services[1].model_mut().golden = None;
        assert!(!text(&plan, "services/risk/Dockerfile").contains("/models\n"));
    }

    #[test]
    fn the_document_asks_for_a_key_where_the_settings_name_one() {
        let mut service = plan().services.remove(1);
        assert!(service.expose.is_some() && openapi(&service).contains("\"securitySchemes\""));
        service.expose = None;
        assert!(!openapi(&service).contains("\"securitySchemes\""));
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
            for path in ["Cargo.toml", "src/main.rs", "openapi.json", "models/risk-3.onnx"] {
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
