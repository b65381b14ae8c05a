//! A model without a server, for tools that ask what it computes.

use std::time::{Duration, Instant};

use tract_onnx::prelude::{IntoTValue, TVec, Tensor, tract_ndarray};

use crate::golden;
use crate::model::{Engine, NoPlan, check_output, datum_type};
use crate::plan::guarded;
use crate::service::{DataType, Model, Service};
use crate::settings::Settings;
use crate::source::{Problem, obtain};
use crate::versions::wanted;

/// A loaded model.
pub struct Offline {
    engine: Engine,
    model: &'static Model,
}

/// Numbers in row-major order, none where the elements are texts. Integers beyond 2^53 are not exact.
pub struct Array {
    pub shape: Vec<usize>,
    pub numbers: Vec<f64>,
}

impl Offline {
    /// Loads the bytes of an ONNX file; the error says what does not fit.
    pub fn load(bytes: Vec<u8>, model: &'static Model) -> Result<Offline, String> {
        Ok(Offline { engine: Engine::load(bytes, model, 1)?, model })
    }

    /// Loads the first version that a service serves, from where it would take it.
    pub fn open(service: &'static Service, settings: &Settings) -> Result<Offline, String> {
        let versions = wanted(&service.model, settings)?.versions;
        let first = versions.first().ok_or("the service has no version")?;
        let bytes = obtain(&first.source, &first.label, &first.sha256, settings).map_err(Problem::into_text)?;
        Offline::load(bytes, &service.model)
    }

    /// Holds golden pairs against the model.
    pub fn golden(&self, text: &str) -> Result<golden::Outcome, String> {
        golden::check(&self.engine, self.model, text)
    }

    /// One inference: an array for every input, in the model's order, gives one for every output.
    pub fn run(&self, inputs: Vec<Array>) -> Result<Vec<Array>, String> {
        let shapes = inputs.iter().map(|input| input.shape.clone()).collect();
        let mut tensors = TVec::new();
        for (declared, Array { shape, numbers }) in self.model.inputs.iter().zip(inputs) {
            if declared.datatype == DataType::Bytes {
                return Err(format!("input `{}` is BYTES, and rows are numbers", declared.name));
            }
            let float = matches!(declared.datatype, DataType::Fp16 | DataType::Fp32 | DataType::Fp64);
            if let Some(number) = numbers.iter().find(|number| !float && number.fract() != 0.0) {
                return Err(format!("input `{}` is {}, and {number} is not", declared.name, declared.datatype.name()));
            }
            let array = tract_ndarray::ArrayD::from_shape_vec(shape, numbers).map_err(|error| error.to_string())?;
            let tensor = Tensor::from(array).cast_to_dt(datum_type(declared.datatype)).map(|cast| cast.into_owned());
            tensors.push(tensor.map_err(|error| error.to_string())?.into_tvalue());
        }
        let plan = self.engine.plan(&shapes).map_err(|problem| match problem {
            NoPlan::TooLarge(bytes) => format!("it would need more than {bytes} bytes of memory"),
            NoPlan::Impossible(why) => format!("the model cannot take these shapes: {why}"),
        })?;
        let outputs = plan.run(tensors).map_err(|why| format!("inference failed: {why}"))?;
        let read = |(declared, found): (_, &tract_onnx::prelude::TValue)| {
            check_output(declared, found)?;
            if declared.datatype == DataType::Bytes {
                return Ok(Array { shape: found.shape().to_vec(), numbers: Vec::new() });
            }
            guarded(|| {
                let cast = found.cast_to::<f64>()?;
                let view = cast.try_as_plain_ram()?;
                Ok(Array { shape: found.shape().to_vec(), numbers: view.as_slice::<f64>()?.to_vec() })
            })
        };
        self.model.outputs.iter().zip(&outputs).map(read).collect()
    }

    /// The median time of one inference of one row, over runs that take about `budget` together, and how many runs there were.
    pub fn time(&self, budget: Duration) -> Result<(Duration, usize), String> {
        let mut times = Vec::new();
        let begun = Instant::now();
        while times.is_empty() || begun.elapsed() < budget {
            times.push(self.engine.time_one()?);
        }
        times.sort_unstable();
        Ok((times[times.len() / 2], times.len()))
    }

    /// Which plans there are.
    pub fn plans(&self) -> &'static str {
        self.engine.describe()
    }
}
