//! The bill of materials of a service's image, in CycloneDX 1.6: its crates, its models, and what needs what.
//!
//! The crates are those of the runtime's lock file, from `crates.json` beside this file, which a test keeps fresh.
//! Nothing in it depends on a clock: the same image has the same bill, with the same serial number.

use serde::Serialize;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::plan::Service;
use windlass_schemas::tensor::{Dim, Tensor};

use super::names;

// The text of the `CRATES` that stand in every bill, and of `THEIR_NEEDS`.
include!(concat!(env!("OUT_DIR"), "/crates.rs"));

/// The `bom-ref` of the crate that every service's crate needs.
const RUNTIME: &str = "windlass-runtime";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bill<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: [Dependency; 2],
}

#[derive(Serialize)]
struct Metadata<'a> {
    lifecycles: [Lifecycle; 1],
    tools: Tools<'a>,
    component: Component<'a>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Component<'a>; 1],
}

#[derive(Default, Serialize)]
struct Component<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<[Hash<'a>; 1]>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Option::is_none")]
    external_references: Option<[Reference; 1]>,
    #[serde(rename = "modelCard", skip_serializing_if = "Option::is_none")]
    model_card: Option<ModelCard>,
}

/// Where something that is not in the image comes from.
#[derive(Serialize)]
struct Reference {
    r#type: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct ModelCard {
    #[serde(rename = "modelParameters")]
    model_parameters: ModelParameters,
}

#[derive(Serialize)]
struct ModelParameters {
    inputs: Vec<Format>,
    outputs: Vec<Format>,
}

#[derive(Serialize)]
struct Format {
    format: String,
}

#[derive(Serialize)]
struct Dependency {
    r#ref: String,
    #[serde(rename = "dependsOn")]
    depends_on: Vec<String>,
}

/// The bill of materials of this service's image, whose content has this digest.
pub fn document(service: &Service, content_digest: &str) -> String {
    let image = super::image_of(service, content_digest);
    // What follows the name: a tag, or a digest after `@`.
    let (_, tag) = image.split_at(service.repository.len());
    let tag = tag.trim_start_matches([':', '@']);
    let package = if service.prebuilt { "windlass-server".to_owned() } else { super::package(service) };
    let versions = super::versions(service);
    let models: Vec<String> = versions.iter().map(|version| format!("model-{}", version.label)).collect();
    let signature = &service.model.signature;
    let card = |own: bool| {
        let formats = |tensors: &[Tensor]| tensors.iter().map(format).collect();
        own.then(|| ModelCard {
            model_parameters: ModelParameters {
                inputs: formats(&signature.inputs),
                outputs: formats(&signature.outputs),
            },
        })
    };
    let program = Component {
        r#type: "application",
        bom_ref: package.clone(),
        name: &package,
        version: "0.1.0",
        ..Component::default()
    };
    let served = versions.iter().zip(&models).map(|(version, model)| Component {
        r#type: "machine-learning-model",
        bom_ref: model.clone(),
        name: &service.model.name,
        version: version.label,
        hashes: Some([Hash { alg: "SHA-256", content: version.sha256 }]),
        external_references: service.store.as_ref().map(|store| {
            let file = names::stored(version.label, version.sha256);
            [Reference { r#type: "distribution", url: format!("{}/{file}", store.address) }]
        }),
        // The signature that the plan knows is that of the version with the largest share.
        model_card: card(version.label == service.model.version),
    });
    let needs = |of: &str, needs: Vec<String>| Dependency { r#ref: of.to_owned(), depends_on: needs };
    let content: Vec<String> = [&package].into_iter().chain(&models).cloned().collect();
    let bill = Bill {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(&image, content_digest),
        version: 1,
        metadata: Metadata {
            lifecycles: [Lifecycle { phase: "pre-build" }],
            tools: Tools {
                components: [Component {
                    r#type: "application",
                    bom_ref: "windlass".to_owned(),
                    name: "windlass",
                    version: env!("CARGO_PKG_VERSION"),
                    ..Component::default()
                }],
            },
            component: Component {
                r#type: "container",
                bom_ref: "image".to_owned(),
                name: &service.repository,
                version: tag,
                ..Component::default()
            },
        },
        components: [program].into_iter().chain(served).collect(),
        dependencies: [needs("image", content), needs(&package, vec![RUNTIME.to_owned()])],
    };
    with_crates(&serde_json::to_string_pretty(&bill).expect("texts and numbers always serialize"))
}

/// The bill with the crates behind what the service has of its own.
fn with_crates(own: &str) -> String {
    const BETWEEN: &str = "\n  ],\n  \"dependencies\": [";
    const END: &str = "\n  ]\n}";
    let lists = own.strip_suffix(END).and_then(|own| own.split_once(BETWEEN));
    let (components, needs) = lists.expect("its last fields are these two lists, and no text has a line break");
    [components, ",", CRATES, BETWEEN, needs, ",", THEIR_NEEDS, END, "\n"].concat()
}

/// A tensor as its metadata in the Open Inference Protocol has it: `probabilities: FP32 [-1, 2]`.
fn format(tensor: &Tensor) -> Format {
    let size = |dim: &Dim| if let Dim::Fixed(size) = dim { size.to_string() } else { "-1".to_owned() };
    let shape = tensor.shape.iter().map(size).collect::<Vec<_>>().join(", ");
    Format { format: format!("{}: {} [{shape}]", tensor.name, tensor.datatype.name()) }
}

/// A UUID of the eighth kind (RFC 9562, section 5.8), which leaves all bits but version and variant to its maker: those of
/// a digest.
fn serial_number(image: &str, content: &str) -> String {
    let digest = Sha256::digest([image, " ", content].concat());
    let mut bytes: Vec<u8> = digest.iter().copied().take(16).collect();
    if let [_, _, _, _, _, _, version, _, variant, ..] = bytes.as_mut_slice() {
        *version = 0x80 | (*version & 0x0F);
        *variant = 0x80 | (*variant & 0x3F);
    }
    let digits = hex(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::inference::{content_digest, image, own_files};
    use crate::kubernetes::fixture::plan;

    fn document(service: &Service) -> String {
        super::document(service, &content_digest(service, &own_files(service)))
    }

    #[test]
    fn it_names_the_image_its_models_and_its_crates() {
        let mut service = plan().services.remove(1);
        let bill: Value = serde_json::from_str(&document(&service)).unwrap();
        let component = &bill["metadata"]["component"];
        assert_eq!(
            format!("{}:{}", component["name"].as_str().unwrap(), component["version"].as_str().unwrap()),
            image(&service)
        );
        let model = &bill["components"][1];
        assert_eq!((&model["type"], &model["version"]), (&"machine-learning-model".into(), &"3".into()));
        assert_eq!(model["hashes"][0]["content"], service.model.sha256);
        let names: Vec<&str> =
            bill["components"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        for name in ["service-risk", "windlass-runtime", "tract-onnx", "rustls"] {
            assert!(names.contains(&name), "{name}");
        }
        let serial = bill["serialNumber"].clone();
        service.model_mut().sha256 = "6f".repeat(32);
        let other: Value = serde_json::from_str(&document(&service)).unwrap();
        assert_ne!(other["serialNumber"], serial);
        service.pin = Some(format!("@sha256:{}", "ab".repeat(32)));
        let pinned: Value = serde_json::from_str(&document(&service)).unwrap();
        assert_eq!(pinned["metadata"]["component"]["version"], format!("sha256:{}", "ab".repeat(32)));
    }

    #[test]
    fn everything_that_is_needed_is_a_component() {
        let bill: Value = serde_json::from_str(&document(&plan().services[1])).unwrap();
        let array = |name: &str| bill[name].as_array().unwrap().clone();
        let mut known: Vec<Value> = array("components").iter().map(|c| c["bom-ref"].clone()).collect();
        known.push("image".into());
        let all = known.len();
        known.sort_by_key(Value::to_string);
        known.dedup();
        assert_eq!(known.len(), all, "two components have one name");
        for dependency in array("dependencies") {
            let needs = dependency["dependsOn"].as_array().unwrap().clone();
            for name in needs.iter().chain([&dependency["ref"]]) {
                assert!(known.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn a_serial_number_is_a_uuid_of_the_eighth_kind() {
        let serial = serial_number("a", "b");
        assert_eq!((serial.len(), serial.as_bytes()[23]), (45, b'8'));
        assert!(matches!(serial.as_bytes()[28], b'8' | b'9' | b'a' | b'b'), "{serial}");
        assert_ne!(serial, serial_number("a", "c"));
    }
}
