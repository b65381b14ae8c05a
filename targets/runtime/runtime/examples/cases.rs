//! Runs models on given tensors with the service's engine, for the conformance scripts: lines of standard input in, files and
//! lines of standard output out.
//!
//! A line is `MODEL⇥PREFIX⇥INPUT,INPUT,…`: paths of an ONNX file and of one TensorProto an input, in the model's order. The outputs
//! go to `PREFIX0.pb`, `PREFIX1.pb` and so on; the line printed is `ok COUNT`, or `error WHY`. A symbolic batch is tried, too, when
//! the inputs allow it: its outputs go to `PREFIXs0.pb` and so on, and the line ends in ` symbolic`.

use std::fs;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use prost::Message;
use tract_onnx::data_resolver::MmapDataResolver;
use tract_onnx::pb;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact};
use windlass_runtime::operators;

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = std::io::stdout().lock();
    if std::env::args().nth(1).as_deref() == Some("--operators") {
        let engine = operators::engine();
        let mut names: Vec<&String> = engine.op_register.0.keys().collect();
        names.sort();
        names.iter().for_each(|name| writeln!(out, "{name}").unwrap());
        return;
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let said = match catch_unwind(AssertUnwindSafe(|| run(&line))) {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => format!("error {error:#}"),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                format!("error panicked: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message"))
            }
        };
        writeln!(out, "{}", said.replace('\n', " ")).unwrap();
        out.flush().unwrap();
    }
}

fn run(line: &str) -> TractResult<String> {
    let mut parts = line.split('\t');
    let mut part = || parts.next().ok_or_else(|| format_err!("a line has three parts"));
    let (model, prefix, inputs) = (part()?, part()?, part()?);
    let mut proto = pb::ModelProto::decode(&*fs::read(model)?)?;
    operators::prepare(&mut proto);
    let inputs: Vec<Tensor> =
        inputs.split(',').filter(|path| !path.is_empty()).map(tensor).collect::<TractResult<_>>()?;
    // The same attempts as the service makes.
    let mut problem = None;
    for (shapes, types) in [(false, false), (true, false), (true, true)] {
        let framework = operators::engine().with_ignore_value_info(shapes).with_ignore_output_types(types);
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let source = framework.model_for_proto_model(&proto)?;
            let outputs = infer(&source, &inputs, false)?;
            Ok::<_, TractError>((source, outputs))
        }));
        match attempt.unwrap_or_else(|_| Err(format_err!("the engine panicked"))) {
            Ok((source, outputs)) => {
                write(prefix, &outputs)?;
                let symbolic = catch_unwind(AssertUnwindSafe(|| infer(&source, &inputs, true)));
                let said = match symbolic {
                    Ok(Ok(outputs)) => {
                        write(&format!("{prefix}s"), &outputs)?;
                        " symbolic"
                    }
                    _ => "",
                };
                return Ok(format!("ok {}{said}", outputs.len()));
            }
            Err(error) => problem = Some(error),
        }
    }
    Err(problem.unwrap_or_else(|| format_err!("there was no attempt")))
}

fn tensor(path: &str) -> TractResult<Tensor> {
    let proto = pb::TensorProto::decode(&*fs::read(path)?)?;
    tract_onnx::tensor::load_tensor(&MmapDataResolver, &proto, None)
}

fn infer(source: &InferenceModel, inputs: &[Tensor], symbolic: bool) -> TractResult<TVec<TValue>> {
    let mut model = source.clone();
    let batch = model.symbols.sym("batch");
    for (index, input) in inputs.iter().enumerate() {
        let mut dims: TVec<TDim> = input.shape().iter().map(|dim| dim.to_dim()).collect();
        let open = |fact: &InferenceFact| fact.shape.dims().next().is_none_or(|dim| dim.concretize().is_none());
        if symbolic && !dims.is_empty() && open(model.input_fact(index)?) {
            dims[0] = batch.to_dim();
        }
        model.set_input_fact(index, InferenceFact::dt_shape(input.datum_type(), dims))?;
    }
    let plan = model.into_optimized()?.into_runnable()?;
    plan.run(inputs.iter().cloned().map(IntoTValue::into_tvalue).collect())
}

fn write(prefix: &str, outputs: &[TValue]) -> TractResult<()> {
    use pb::tensor_proto::DataType;
    for (index, output) in outputs.iter().enumerate() {
        let output = if output.datum_type() == DatumType::TDim {
            output.cast_to::<i64>()?.into_owned()
        } else {
            (**output).clone()
        };
        let mut proto =
            pb::TensorProto { dims: output.shape().iter().map(|dim| *dim as i64).collect(), ..Default::default() };
        let kind = match output.datum_type().unquantized() {
            DatumType::Bool => DataType::Bool,
            DatumType::U8 => DataType::Uint8,
            DatumType::U16 => DataType::Uint16,
            DatumType::U32 => DataType::Uint32,
            DatumType::U64 => DataType::Uint64,
            DatumType::I8 => DataType::Int8,
            DatumType::I16 => DataType::Int16,
            DatumType::I32 => DataType::Int32,
            DatumType::I64 => DataType::Int64,
            DatumType::F16 => DataType::Float16,
            DatumType::F32 => DataType::Float,
            DatumType::F64 => DataType::Double,
            DatumType::String => DataType::String,
            other => bail!("output {index} is {other:?}"),
        };
        proto.data_type = kind as i32;
        if kind == DataType::String {
            let view = output.try_as_plain_ram()?;
            proto.string_data = view.as_slice::<String>()?.iter().map(|text| text.as_bytes().to_vec()).collect();
        } else {
            proto.raw_data = output.try_as_plain_ram()?.as_bytes().to_vec();
        }
        fs::write(format!("{prefix}{index}.pb"), proto.encode_to_vec())?;
    }
    Ok(())
}
