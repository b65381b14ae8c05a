//! The engine alone in a loop: what no server in front of it can exceed.
//!
//!     raw_engine MODEL.onnx 1,16 5
//!
//! runs the model on zeros of that shape for so many seconds, on one thread, and prints the median time of one run in
//! microseconds. Models with one FP32 input only.

use std::time::{Duration, Instant};

use tract_onnx::prelude::*;
// For its allocator.
use windlass_runtime as _;

fn main() -> TractResult<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, shape, seconds] = &arguments[..] else {
        panic!("usage: raw_engine MODEL.onnx 1,16 SECONDS");
    };
    let shape: Vec<usize> = shape.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let limit = Duration::from_secs(seconds.parse()?);
    let plan = tract_onnx::onnx()
        .with_ignore_output_types(true)
        .model_for_path(model)?
        .with_input_fact(0, f32::fact(&shape).into())?
        .into_optimized()?
        .into_runnable()?;
    let input = Tensor::zero::<f32>(&shape)?.into_tvalue();
    let mut state = plan.spawn()?;
    let mut run = || -> TractResult<Duration> {
        let start = Instant::now();
        state.run(tvec!(input.clone()))?;
        Ok(start.elapsed())
    };
    run()?;
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < limit {
        times.push(run()?);
    }
    times.sort_unstable();
    println!("{:.2}", times[times.len() / 2].as_secs_f64() * 1e6);
    Ok(())
}
