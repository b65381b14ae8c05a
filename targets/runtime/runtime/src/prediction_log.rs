//! A sample of the answered inference requests -> log lines with inputs and outputs, so that what the model sees can be studied later.
//!
//! The sample depends on nothing but the request's id, so that whoever logs the same id elsewhere has the same sample. Of tensors that are
//! named as private only a digest is written, keyed with bytes that no one outside the process knows: what was sent can be compared, and not
//! be guessed. What is too long for a line is left out; the line says so.

use std::io::Read;

use sha2::{Digest, Sha256};
use tract_onnx::prelude::TValue;

use crate::access::Notes;
use crate::log::{Level, Line, push_json_string};
use crate::result;
use crate::service::{self, Model, Service};
use crate::trace::digits;

/// Characters of one tensor's data, at most.
const LONGEST_DATA: u64 = 16 * 1024;
/// Characters of all data in one line, at most.
const LONGEST_LINE: u64 = 64 * 1024;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// From 0 to 1.
    pub sample: f64,
    pub redact: Vec<String>,
}

impl Choice {
    /// A name that is none would leave in the open what was to be hidden.
    pub fn check(&self, service: &Service) -> Result<(), String> {
        let model = &service.model;
        let known = |name: &str| model.inputs.iter().chain(model.outputs).any(|tensor| tensor.name == name);
        match self.redact.iter().find(|name| !known(name)) {
            Some(name) => Err(format!("there is no input or output `{name}` to redact in the prediction log")),
            None => Ok(()),
        }
    }
}

pub struct PredictionLog {
    choice: Choice,
    key: [u8; 32],
}

impl PredictionLog {
    /// `None` where nothing is to be logged. The error is that of the source of random bytes.
    pub fn new(choice: &Choice) -> std::io::Result<Option<PredictionLog>> {
        if choice.sample <= 0.0 {
            return Ok(None);
        }
        let mut key = [0; 32];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(Some(PredictionLog { choice: choice.clone(), key }))
    }

    pub fn samples(&self, request_id: &str) -> bool {
        let digest = Sha256::digest(request_id);
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(digest);
        // 53 bits are what a float holds exactly.
        let point = (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 11) as f64 / (1_u64 << 53) as f64;
        point < self.choice.sample
    }

    /// The inputs as JSON, to be taken before a run, which consumes them.
    pub fn tensors<'a>(&self, declared: &[service::Tensor], values: impl IntoIterator<Item = &'a TValue>) -> Tensors {
        let mut tensors = Tensors { json: String::from("["), left: LONGEST_LINE / 2 };
        for (tensor, value) in declared.iter().zip(values) {
            self.push(&mut tensors, tensor, value);
        }
        tensors.json.push(']');
        tensors
    }

    fn push(&self, tensors: &mut Tensors, declared: &service::Tensor, value: &TValue) {
        let out = &mut tensors.json;
        out.push_str(if out.len() == 1 { "{\"name\":" } else { ",{\"name\":" });
        push_json_string(out, declared.name);
        out.push_str(&format!(",\"datatype\":\"{}\",\"shape\":{:?}", declared.datatype.name(), value.shape()));
        let longest = result::most_text(declared.datatype, value);
        if self.choice.redact.iter().any(|name| name == declared.name) {
            let bytes = result::little_endian(declared.datatype, value);
            let digest = Sha256::new().chain_update(self.key).chain_update(bytes).finalize();
            out.push_str(&format!(",\"redacted\":\"{}\"}}", digits(&digest[..8])));
            return;
        }
        if longest > LONGEST_DATA.min(tensors.left) {
            out.push_str(",\"omitted\":\"too long\"}");
            return;
        }
        let mut data = Vec::new();
        let written = result::as_declared(value).and_then(|value| result::data(&mut data, declared, &value));
        match written.map(|()| String::from_utf8(data)) {
            Ok(Ok(data)) => {
                tensors.left -= longest;
                out.push_str(",\"data\":");
                out.push_str(&data);
            }
            // NaN and infinity, for which JSON has no word.
            _ => out.push_str(",\"omitted\":\"not finite\""),
        }
        out.push('}');
    }

    pub fn write(&self, notes: &Notes, model: &Model, version: &str, inputs: &Tensors, outputs: &Tensors) {
        let mut line = Line::new(Level::Info, "prediction").text("request_id", &notes.request_id);
        if let Some(trace_id) = notes.trace_id() {
            line = line.text("trace_id", trace_id);
        }
        let line = line.text("model", model.name).text("version", version);
        crate::log::write(&line.raw("inputs", &inputs.json).raw("outputs", &outputs.json).finish());
    }
}

/// Tensors as a JSON array.
pub struct Tensors {
    json: String,
    /// Characters that data may still take.
    left: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tract_onnx::prelude::{IntoTValue, tensor1};

    use super::*;
    use crate::service::DataType;

    fn log(sample: f64, redact: &[&str]) -> PredictionLog {
        let redact = redact.iter().map(|name| (*name).to_owned()).collect();
        PredictionLog::new(&Choice { sample, redact }).unwrap().unwrap()
    }

    fn floats(name: &'static str, data: &[f32]) -> (service::Tensor, TValue) {
        (service::Tensor { name, datatype: DataType::Fp32, shape: &[-1] }, tensor1(data).into_tvalue())
    }

    fn written(log: &PredictionLog, (declared, value): (service::Tensor, TValue)) -> Value {
        serde_json::from_str::<Value>(&log.tensors(&[declared], [&value]).json).unwrap()[0].take()
    }

    #[test]
    fn the_sample_depends_on_the_id_alone() {
        let ids: Vec<String> = (0..20_000).map(|n| format!("request-{n}")).collect();
        let taken = |log: PredictionLog| ids.iter().filter(|id| log.samples(id)).collect::<Vec<_>>();
        let (small, again, large) = (taken(log(0.01, &[])), taken(log(0.01, &["x"])), taken(log(0.1, &[])));
        assert!((130..270).contains(&small.len()), "{}", small.len());
        assert_eq!(small, again);
        assert!(small.iter().all(|id| large.contains(id)) && (1_800..2_200).contains(&large.len()));
        assert_eq!(taken(log(1.0, &[])).len(), ids.len());
        assert!(PredictionLog::new(&Choice::default()).unwrap().is_none());
    }

    #[test]
    fn private_tensors_leave_a_digest_that_only_this_process_can_make() {
        let (one, other) = (log(1.0, &["x"]), log(1.0, &["x"]));
        let digest = |log: &PredictionLog, data: &[f32]| {
            let value = written(log, floats("x", data));
            assert!(value["data"].is_null() && value["shape"] == serde_json::json!([data.len()]), "{value}");
            value["redacted"].as_str().unwrap().to_owned()
        };
        assert_eq!(digest(&one, &[1.0, 2.0]), digest(&one, &[1.0, 2.0]));
        assert_ne!(digest(&one, &[1.0, 2.0]), digest(&one, &[1.0, 3.0]));
        assert_ne!(digest(&one, &[1.0, 2.0]), digest(&other, &[1.0, 2.0]));
        assert_eq!(written(&one, floats("y", &[1.5]))["data"], serde_json::json!([1.5]));
    }

    #[test]
    fn lines_stay_short_and_are_json() {
        let log = log(1.0, &[]);
        assert_eq!(written(&log, floats("x", &[0.0; 2_000]))["omitted"], "too long");
        assert_eq!(written(&log, floats("x", &[1.0, f32::NAN]))["omitted"], "not finite");
        assert_eq!(written(&log, floats("a\"\\\n", &[1.0]))["name"], "a\"\\\n");
        let (declared, value) = floats("x", &[0.0; 1_000]);
        let text = log.tensors(&[declared; 40], std::iter::repeat_n(&value, 40)).json;
        assert!((text.len() as u64) < LONGEST_LINE && text.matches("too long").count() == 38, "{}", text.len());
    }
}
