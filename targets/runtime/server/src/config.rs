//! A service as a JSON file describes it -> the [`Service`] that the runtime serves.
//!
//! The facts are those that a generated service has as constants; `settings` are environment variables, by the names of
//! `windlass_runtime::names`, which count where the process's own environment does not set them.

use std::collections::BTreeMap;

use serde::Deserialize;
use windlass_runtime::{DataType, Golden, Model, Service, Settings, Tensor, names};

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
    version: String,
    file: String,
    sha256: String,
    inputs: Vec<TensorConfig>,
    outputs: Vec<TensorConfig>,
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
        let golden =
            model.golden.as_ref().map(|golden| Golden { file: keep(&golden.file), sha256: keep(&golden.sha256) });
        Ok(Box::leak(Box::new(Service {
            name: keep(&self.name),
            model: Model {
                name: keep(&model.name),
                version: keep(&model.version),
                file: keep(&model.file),
                sha256: keep(&model.sha256),
                inputs: tensors(&model.inputs)?,
                outputs: tensors(&model.outputs)?,
                golden,
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
            "name": "m", "version": "3", "file": "m.onnx", "sha256": "ab",
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
            "outputs": [{"name": "y", "datatype": "INT64", "shape": []}],
            "golden": {"file": "g.json", "sha256": "cd"}
        },
        "settings": {"WINDLASS_REQUEST_TIMEOUT": "2s"}
    }"#;

    #[test]
    fn every_fact_arrives() {
        let config = Config::parse(RISK).unwrap();
        let service = config.service().unwrap();
        let model = service.model;
        assert_eq!(
            (service.name, model.name, model.version, model.file, model.sha256),
            ("risk", "m", "3", "m.onnx", "ab")
        );
        assert_eq!(
            (model.inputs[0].name, model.inputs[0].datatype, model.inputs[0].shape),
            ("x", DataType::Fp32, &[-1, 4][..])
        );
        assert_eq!(
            (model.outputs[0].name, model.outputs[0].datatype, model.outputs[0].shape.len()),
            ("y", DataType::Int64, 0)
        );
        assert_eq!(model.golden.map(|golden| (golden.file, golden.sha256)), Some(("g.json", "cd")));
        assert_eq!(config.settings(service).unwrap().request_timeout.as_secs(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, part) in [
            ("WINDLASS_REQUEST_TIMEOUT", "WINDLASS_REQUEST_TIMOUT", "no setting `WINDLASS_REQUEST_TIMOUT`"),
            ("\"version\"", "\"versoin\"", "unknown field `versoin`"),
            ("\"FP32\"", "\"FLOAT\"", "no datatype `FLOAT`"),
            ("[-1, 4]", "[-2, 4]", "impossible shape"),
        ] {
            let text = RISK.replace(from, to);
            let error = Config::parse(&text).and_then(|config| config.service()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
