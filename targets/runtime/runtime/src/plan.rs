//! One model at one set of input shapes, ready to run: tensors in -> tensors out, with the engine's panics turned into errors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tract_onnx::prelude::*;
use tract_onnx::tract_core::model::{TypedRunnableModel, TypedSimpleState};

use crate::line::Line;

pub enum Plan {
    Engine(Runnable),
    /// For one row, without the engine.
    Line(Line),
}

/// Where the engine may write; what it read back after an error or a panic is not trusted, so such a state is dropped.
pub struct Runnable {
    runnable: Arc<TypedRunnableModel>,
    idle: Mutex<Vec<TypedSimpleState>>,
}

impl Plan {
    pub fn new(model: TypedModel) -> Result<Plan, String> {
        let runnable = model.into_runnable().map_err(|error| chain(&error))?;
        Ok(Plan::Engine(Runnable { runnable, idle: Mutex::default() }))
    }

    pub fn run(&self, inputs: TVec<TValue>) -> Result<TVec<TValue>, String> {
        match self {
            Plan::Engine(runnable) => runnable.run(inputs),
            Plan::Line(line) => guarded(|| line.run(&inputs)),
        }
    }

    /// Bytes of the largest set of tensors that one node touches, a lower bound of what a run needs; `None` where shapes depend on data.
    pub fn working_set(&self, shapes: &[Vec<usize>]) -> Option<u64> {
        match self {
            Plan::Engine(runnable) => runnable.working_set(shapes),
            Plan::Line(line) => Some(line.bytes()),
        }
    }
}

impl Runnable {
    fn run(&self, inputs: TVec<TValue>) -> Result<TVec<TValue>, String> {
        let state = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (outcome, state) = guarded(|| {
            let mut state = match state {
                Some(state) => state,
                None => self.runnable.spawn()?,
            };
            let outputs = state.run(inputs)?;
            Ok((outputs, state))
        })?;
        // As many states wait here as there were runs at once, which the number of threads bounds.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        Ok(outcome)
    }

    fn working_set(&self, shapes: &[Vec<usize>]) -> Option<u64> {
        let model = self.runnable.model();
        let mut symbols = SymbolValues::default();
        for (outlet, shape) in model.inputs.iter().zip(shapes) {
            let fact = model.outlet_fact(*outlet).ok()?;
            for (dim, size) in fact.shape.iter().zip(shape) {
                if let TDim::Sym(symbol) = dim {
                    symbols.set(symbol, i64::try_from(*size).ok()?);
                }
            }
        }
        let bytes = |fact: &TypedFact| -> Option<u64> {
            let shape = fact.shape.eval_to_usize(&symbols).ok()?;
            shape.iter().try_fold(fact.datum_type.size_of() as u64, |bytes, dim| bytes.checked_mul(*dim as u64))
        };
        let mut most = 0;
        for node in model.nodes() {
            let (inputs, outputs) = model.node_facts(node.id).ok()?;
            let total = inputs.into_iter().chain(outputs).map(bytes).try_fold(0_u64, |sum, n| sum.checked_add(n?));
            most = most.max(total?);
        }
        Some(most)
    }
}

/// Runs a piece of the engine; an error or a panic becomes a sentence.
pub fn guarded<T>(run: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(chain(&error)),
        Err(panic) => Err(format!("the engine panicked: {}", panic_text(&*panic))),
    }
}

pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// An error and its causes in one line of bounded length.
fn chain(error: &TractError) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let text = causes.join(": ").replace('\n', " ");
    text.char_indices().nth(600).map_or(text.clone(), |(end, _)| format!("{}…", &text[..end]))
}
