//! Default exports of scikit-learn, XGBoost and LightGBM compute what onnxruntime computes: `fixtures/tabular/make.py` made both.

use std::fs;
use std::path::Path;

use prost::Message;
use serde::Deserialize;
use serde_json::Value;
use tract_onnx::pb;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceFact;
use windlass_runtime::operators;

#[derive(Deserialize)]
struct Case {
    inputs: Vec<Input>,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Input {
    r#type: String,
    shape: Vec<usize>,
    /// Numbers, of which what is missing is NaN, or texts.
    data: Vec<Value>,
}

#[derive(Deserialize)]
struct Output {
    shape: Vec<usize>,
    data: Vec<Value>,
}

fn texts(data: &[Value]) -> Vec<String> {
    data.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

impl Input {
    fn tensor(&self) -> Tensor {
        if self.r#type == "BYTES" {
            return tract_ndarray::ArrayD::from_shape_vec(self.shape.clone(), texts(&self.data)).unwrap().into();
        }
        let numbers = self.data.iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect();
        let array = tract_ndarray::ArrayD::from_shape_vec(self.shape.clone(), numbers).unwrap();
        let datum_type = if self.r#type == "INT64" { DatumType::I64 } else { DatumType::F32 };
        Tensor::from(array).cast_to_dt(datum_type).unwrap().into_owned()
    }
}

fn outputs(proto: &pb::ModelProto, inputs: &[Tensor], symbolic: bool) -> TractResult<TVec<TValue>> {
    let mut model = operators::engine().model_for_proto_model(proto)?;
    let batch = model.symbols.sym("batch");
    for (index, input) in inputs.iter().enumerate() {
        let mut dims: TVec<TDim> = input.shape().iter().map(|dim| dim.to_dim()).collect();
        if symbolic {
            dims[0] = batch.to_dim();
        }
        model.set_input_fact(index, InferenceFact::dt_shape(input.datum_type(), dims))?;
    }
    let plan = model.into_optimized()?.into_runnable()?;
    plan.run(inputs.iter().cloned().map(IntoTValue::into_tvalue).collect())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn compare(name: &str, found: &[TValue], expected: &[Output]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("{name}: {} outputs", found.len()));
    }
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        if found.shape() != expected.shape {
            return Err(format!("{name}: output {index} has shape {:?}, not {:?}", found.shape(), expected.shape));
        }
        if expected.data.first().is_some_and(Value::is_string) {
            let view = found.try_as_plain_ram().map_err(|error| error.to_string())?;
            let found = view.as_slice::<String>().map_err(|error| format!("{name}: {error}"))?;
            if found != texts(&expected.data) {
                return Err(format!("{name}: output {index} is {found:?}, not {:?}", expected.data));
            }
            continue;
        }
        let found = found.cast_to::<f64>().map_err(|error| error.to_string())?;
        let found = found.try_as_plain_ram().unwrap();
        for (found, expected) in found.as_slice::<f64>().unwrap().iter().zip(expected.data.iter().map(number)) {
            if (found - expected).abs() > 1e-5 + 1e-4 * expected.abs() {
                return Err(format!("{name}: output {index} holds {found}, not {expected}"));
            }
        }
    }
    Ok(())
}

#[test]
fn default_exports_compute_what_onnxruntime_computes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tabular");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    files.sort();
    assert!(files.len() >= 50, "{} exports", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let case: Case = serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
        let mut proto = pb::ModelProto::decode(&*fs::read(&file).unwrap()).unwrap();
        operators::prepare(&mut proto);
        let inputs: Vec<Tensor> = case.inputs.iter().map(Input::tensor).collect();
        match outputs(&proto, &inputs, false) {
            Ok(found) => wrong.extend(compare(&name, &found, &case.outputs).err()),
            Err(error) => wrong.push(format!("{name}: {error:#}").replace('\n', " ")),
        }
        // Not every export takes a symbolic batch; one that does must compute the same.
        if let Ok(found) = outputs(&proto, &inputs, true) {
            wrong.extend(compare(&format!("{name}, any rows"), &found, &case.outputs).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
