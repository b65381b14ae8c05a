//! A service as a JSON file describes it -> the [`Service`] that the runtime serves.
//!
//! The facts are those that a generated service has as constants; `settings` are environment variables, by the names of
//! `windlass_runtime::names`, which count where the process's own environment does not set them.

use std::collections::BTreeMap;

use serde::Deserialize;
use windlass_runtime::{DataType, Golden, Model, Service, Settings, Tensor, Version, names};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    name: String,
    model: ModelConfig,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelConfig {
    name: String,
    /// That with the largest share first.
    versions: Vec<VersionConfig>,
    /// Percent; all, when left out.
    shadow_sample: Option<f64>,
    inputs: Vec<TensorConfig>,
    outputs: Vec<TensorConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionConfig {
    version: String,
    /// In the model directory, or absolute.
    file: String,
    sha256: String,
    /// Percent; an only version gets all.
    traffic: Option<f64>,
    #[serde(default)]
    shadow: bool,
    #[serde(default)]
    golden: Option<GoldenConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TensorConfig {
    name: String,
    datatype: String,
    shape: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldenConfig {
    file: String,
    sha256: String,
}

impl Config {
    pub fn parse(text: &str) -> Result<Config, String> {
        let config: Config = serde_json::from_str(text).map_err(|error| format!("the configuration: {error}"))?;
        match config.settings.keys().find(|name| !names::VARIABLES.contains(&name.as_str())) {
            Some(name) => Err(format!("the configuration: there is no setting `{name}`")),
            None => Ok(config),
        }
    }

    /// The service, kept for as long as the process lives: the runtime borrows its constants for ever, and here they come once.
    pub fn service(&self) -> Result<&'static Service, String> {
        let model = &self.model;
        let shadow_sample = model.shadow_sample.map_or(Ok(ALL), |sample| hundredths("shadow_sample", sample))?;
        Ok(Box::leak(Box::new(Service {
            name: keep(&self.name),
            model: Model {
                name: keep(&model.name),
                versions: versions(&model.versions)?,
                shadow_sample,
                inputs: tensors(&model.inputs)?,
                outputs: tensors(&model.outputs)?,
            },
        })))
    }

    pub fn settings(&self, service: &Service) -> Result<Settings, String> {
        Settings::from_lookup(service, |name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(self.settings.get(name).cloned()),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
        })
    }
}

/// All requests, in hundredths of a percent.
const ALL: u32 = 10_000;

fn hundredths(what: &str, percent: f64) -> Result<u32, String> {
    if (0.0..=100.0).contains(&percent) {
        Ok((percent * 100.0).round() as u32)
    } else {
        Err(format!("the configuration: `{what}` is {percent}; write a percentage from 0 to 100"))
    }
}

fn versions(configs: &[VersionConfig]) -> Result<&'static [Version], String> {
    let alone = configs.len() == 1;
    let golden = |golden: &GoldenConfig| Golden { file: keep(&golden.file), sha256: keep(&golden.sha256) };
    let version = |config: &VersionConfig| {
        let all = if alone { ALL } else { 0 };
        let traffic = config.traffic.map_or(Ok(all), |share| hundredths("traffic", share))?;
        Ok(Version {
            traffic,
            shadow: config.shadow,
            golden: config.golden.as_ref().map(golden),
            ..Version::only(keep(&config.version), keep(&config.file), keep(&config.sha256))
        })
    };
    let versions: Vec<Version> = configs.iter().map(version).collect::<Result<_, String>>()?;
    for (at, version) in versions.iter().enumerate() {
        let wrong = |why: &str| Err(format!("the configuration: version `{}` {why}", version.label));
        if version.label.is_empty() || version.label.len() > 128 || version.label.contains('/') {
            return wrong("has no label that a path can carry");
        }
        if versions[..at].iter().any(|known| known.label == version.label) {
            return wrong("is there twice");
        }
        if version.shadow && (version.traffic > 0 || versions[..at].iter().any(|known| known.shadow)) {
            return wrong("is a shadow: there may be one, and it gets no traffic of its own");
        }
    }
    match versions.iter().map(|version| version.traffic).sum::<u32>() {
        ALL => Ok(Box::leak(versions.into_boxed_slice())),
        total => {
            Err(format!("the configuration: the traffic of all versions is {} %, not 100 %", f64::from(total) / 100.0))
        }
    }
}

pub fn keep(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

pub fn keep_tensor(name: &str, datatype: DataType, shape: Vec<i64>) -> Tensor {
    Tensor { name: keep(name), datatype, shape: Box::leak(shape.into_boxed_slice()) }
}

fn tensors(configs: &[TensorConfig]) -> Result<&'static [Tensor], String> {
    let tensor = |config: &TensorConfig| {
        let datatype = DataType::ALL.into_iter().find(|known| known.name() == config.datatype);
        let datatype =
            datatype.ok_or_else(|| format!("the configuration: there is no datatype `{}`", config.datatype))?;
        if config.shape.iter().any(|dim| *dim < -1 || *dim == 0) {
            return Err(format!("the configuration: `{}` has the impossible shape {:?}", config.name, config.shape));
        }
        Ok(keep_tensor(&config.name, datatype, config.shape.clone()))
    };
    let tensors: Vec<Tensor> = configs.iter().map(tensor).collect::<Result<_, String>>()?;
    Ok(Box::leak(tensors.into_boxed_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RISK: &str = r#"{
        "name": "risk",
        "model": {
            "name": "m",
            "versions": [
                {"version": "3", "file": "3/m.onnx", "sha256": "ab", "traffic": 87.5, "golden": {"file": "g.json", "sha256": "cd"}},
                {"version": "2", "file": "2/m.onnx", "sha256": "ef", "traffic": 12.5},
                {"version": "4", "file": "4/m.onnx", "sha256": "01", "shadow": true}
            ],
            "shadow_sample": 5,
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
            "outputs": [{"name": "y", "datatype": "INT64", "shape": []}]
        },
        "settings": {"WINDLASS_REQUEST_TIMEOUT": "2s"}
    }"#;

    #[test]
    fn every_fact_arrives() {
        let config = Config::parse(RISK).unwrap();
        let service = config.service().unwrap();
        let model = service.model;
        assert_eq!((service.name, model.name, model.shadow_sample), ("risk", "m", 500));
        let version = |label, file, sha256, traffic| Version { traffic, ..Version::only(label, file, sha256) };
        let first =
            Version { golden: Some(Golden { file: "g.json", sha256: "cd" }), ..version("3", "3/m.onnx", "ab", 8_750) };
        let shadow = Version { shadow: true, ..version("4", "4/m.onnx", "01", 0) };
        let expected = [first, version("2", "2/m.onnx", "ef", 1_250), shadow];
        assert_eq!(format!("{:?}", model.versions), format!("{expected:?}"));
        assert_eq!(
            (model.inputs[0].name, model.inputs[0].datatype, model.inputs[0].shape),
            ("x", DataType::Fp32, &[-1, 4][..])
        );
        assert_eq!(
            (model.outputs[0].name, model.outputs[0].datatype, model.outputs[0].shape.len()),
            ("y", DataType::Int64, 0)
        );
        assert_eq!(config.settings(service).unwrap().request_timeout.as_secs(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, part) in [
            ("WINDLASS_REQUEST_TIMEOUT", "WINDLASS_REQUEST_TIMOUT", "no setting `WINDLASS_REQUEST_TIMOUT`"),
            ("\"version\"", "\"versoin\"", "unknown field `versoin`"),
            ("87.5", "87", "is 99.5 %, not 100 %"),
            ("87.5", "870", "`traffic` is 870"),
            ("\"2\"", "\"3\"", "version `3` is there twice"),
            ("\"2\"", "\"a/b\"", "no label that a path can carry"),
            ("\"shadow\": true", "\"shadow\": true, \"traffic\": 5", "is a shadow"),
            ("\"shadow_sample\": 5", "\"shadow_sample\": -5", "`shadow_sample` is -5"),
            ("\"FP32\"", "\"FLOAT\"", "no datatype `FLOAT`"),
            ("[-1, 4]", "[-2, 4]", "impossible shape"),
        ] {
            let text = RISK.replace(from, to);
            let error = Config::parse(&text).and_then(|config| config.service()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
