//! What running several rows at once gains in the engine alone.
//!
//!     batches MODEL.onnx 64 1,2,4,8,16,32
//!
//! prints, for each number of rows of that shape, the microseconds that one row takes in a plan for just so many rows, and in one for any
//! number of rows. Models with one FP32 input only.

use std::time::{Duration, Instant};

use tract_onnx::prelude::*;

fn main() -> TractResult<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, row, rows] = &arguments[..] else {
        panic!("usage: batches MODEL.onnx ROW-SHAPE ROWS,ROWS,…");
    };
    let numbers = |text: &str| text.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>();
    let row = numbers(row)?;
    let source = tract_onnx::onnx().with_ignore_output_types(true).model_for_path(model)?;
    let batch = source.symbols.sym("rows");
    let free: TVec<TDim> = [batch.to_dim()].into_iter().chain(row.iter().map(ToDim::to_dim)).collect();
    let plan = |shape: TVec<TDim>| {
        source.clone().with_input_fact(0, f32::fact(&shape).into())?.into_optimized()?.into_runnable()
    };
    let any = plan(free)?;
    for rows in numbers(rows)? {
        let shape: Vec<usize> = [rows].into_iter().chain(row.iter().copied()).collect();
        let just = plan(shape.iter().map(ToDim::to_dim).collect())?;
        let input = Tensor::zero::<f32>(&shape)?.into_tvalue();
        let time = |plan: &std::sync::Arc<TypedRunnableModel>| -> TractResult<f64> {
            let mut state = plan.spawn()?;
            state.run(tvec!(input.clone()))?;
            let (begun, mut times) = (Instant::now(), Vec::new());
            while times.len() < 3 || begun.elapsed() < Duration::from_millis(400) {
                let start = Instant::now();
                state.run(tvec!(input.clone()))?;
                times.push(start.elapsed());
            }
            // What else the machine does only makes them longer.
            let shortest = times.into_iter().min().unwrap_or_default();
            Ok(shortest.as_secs_f64() * 1e6 / rows as f64)
        };
        println!("{rows:4} rows: {:9.1} us a row, {:9.1} in a plan for any", time(&just)?, time(&any)?);
    }
    Ok(())
}
