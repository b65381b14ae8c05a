//! Copies of requests -> the shadow version, and how far its outputs are from those of the version that answered.
//!
//! A copy sets out when the answer's body is dropped, which is when it was written. One thread runs them, and few wait: a copy that finds
//! the queue full is dropped and counted. So the primary shares nothing with its shadow but the machine.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};

use tract_onnx::prelude::{DatumType, TValue, TVec, Tensor};

use crate::metrics::Meter;
use crate::model::{NoPlan, Shapes};
use crate::plan::guarded;
use crate::repository::Served;
use crate::result;

/// Copies that may wait.
const MOST_WAITING: usize = 32;

/// The queue; its thread starts with the first copy.
pub struct Shadows {
    queue: OnceLock<Option<SyncSender<Job>>>,
    /// Bytes of the inputs of copies, waiting or held until their answer is written.
    held: Arc<AtomicUsize>,
    /// The most that may be held.
    limit: usize,
}

struct Job {
    shadow: Arc<Served>,
    inputs: TVec<TValue>,
    shapes: Shapes,
    expected: TVec<TValue>,
    _held: Held,
}

/// Memory for a copy, given back when dropped.
struct Held {
    held: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Relaxed);
    }
}

/// A copy whose answer is not made yet.
pub struct Draft {
    shadow: Arc<Served>,
    inputs: TVec<TValue>,
    shapes: Shapes,
    held: Held,
}

/// A copy that sets out when it is dropped.
pub struct Copy {
    shadows: Arc<Shadows>,
    job: Option<Job>,
}

impl Shadows {
    /// `limit`: bytes of inputs that may be held at once.
    pub fn new(limit: usize) -> Shadows {
        Shadows { queue: OnceLock::new(), held: Arc::default(), limit }
    }

    /// Keeps the inputs, if there is room for them. No element is copied.
    pub fn draft(&self, shadow: &Arc<Served>, inputs: &TVec<TValue>, shapes: &Shapes) -> Option<Draft> {
        let bytes = inputs.iter().map(|input| bytes_of(input)).sum();
        let held = Held { held: Arc::clone(&self.held), bytes };
        // When it is too much, the drop takes it back.
        if self.held.fetch_add(bytes, Relaxed).saturating_add(bytes) > self.limit {
            shadow.meter.shadow_dropped();
            return None;
        }
        Some(Draft { shadow: Arc::clone(shadow), inputs: inputs.clone(), shapes: shapes.clone(), held })
    }

    pub fn copy(self: &Arc<Shadows>, draft: Draft, outputs: &TVec<TValue>) -> Copy {
        let Draft { shadow, inputs, shapes, held } = draft;
        let job = Job { shadow, inputs, shapes, expected: outputs.clone(), _held: held };
        Copy { shadows: Arc::clone(self), job: Some(job) }
    }

    fn submit(&self, job: Job) {
        let queue = self.queue.get_or_init(|| {
            let (send, receive) = sync_channel(MOST_WAITING);
            std::thread::Builder::new().name("shadow".into()).spawn(move || work(&receive)).ok().map(|_| send)
        });
        let meter = Arc::clone(&job.shadow.meter);
        if queue.as_ref().is_none_or(|queue| queue.try_send(job).is_err()) {
            meter.shadow_dropped();
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            self.shadows.submit(job);
        }
    }
}

fn work(queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        let Job { shadow, inputs, shapes, expected, _held } = job;
        let outputs = match shadow.engine.plan(&shapes) {
            Ok(plan) => plan.run(inputs),
            Err(NoPlan::TooLarge(bytes)) => Err(format!("it would need {bytes} bytes")),
            Err(NoPlan::Impossible(why)) => Err(why),
        };
        let difference = outputs.and_then(|found| guarded(|| compare(&expected, &found)));
        record(&shadow.meter, difference.ok());
    }
}

fn record(meter: &Meter, difference: Option<Difference>) {
    match difference {
        Some(difference) => meter.shadow(difference.largest, difference.labels, difference.mismatches),
        None => meter.shadow_failed(),
    }
}

/// How two runs differ.
/// In memory; texts lie beside their tensor.
fn bytes_of(tensor: &Tensor) -> usize {
    let beside: usize = match tensor.datum_type() {
        DatumType::String => result::texts(tensor).iter().map(String::len).sum(),
        _ => 0,
    };
    tensor.len().saturating_mul(tensor.datum_type().size_of()).saturating_add(beside)
}

#[derive(Debug, PartialEq)]
struct Difference {
    /// The largest absolute difference between floats; infinite where one is not a number and the other is.
    largest: f64,
    /// Elements that are not floats.
    labels: u64,
    /// Those of them that differ.
    mismatches: u64,
}

/// The error is that of outputs which cannot be compared at all.
fn compare(expected: &[TValue], found: &[TValue]) -> tract_onnx::prelude::TractResult<Difference> {
    let mut difference = Difference { largest: 0.0, labels: 0, mismatches: 0 };
    tract_onnx::tract_core::internal::ensure!(expected.len() == found.len(), "another number of outputs");
    for (expected, found) in expected.iter().zip(found) {
        tract_onnx::tract_core::internal::ensure!(expected.shape() == found.shape(), "another shape");
        if expected.datum_type() == DatumType::String {
            let (expected, found) = (result::texts(expected), result::texts(found));
            difference.labels += expected.len() as u64;
            difference.mismatches += expected.iter().zip(&found).filter(|(a, b)| a != b).count() as u64;
        } else if expected.datum_type().is_float() {
            let (expected, found) = (numbers::<f64>(expected)?, numbers::<f64>(found)?);
            for (a, b) in expected.iter().zip(&found) {
                let apart = if a == b || (a.is_nan() && b.is_nan()) { 0.0 } else { (a - b).abs() };
                difference.largest = difference.largest.max(if apart.is_nan() { f64::INFINITY } else { apart });
            }
        } else {
            let (expected, found) = (numbers::<i64>(expected)?, numbers::<i64>(found)?);
            difference.labels += expected.len() as u64;
            difference.mismatches += expected.iter().zip(&found).filter(|(a, b)| a != b).count() as u64;
        }
    }
    Ok(difference)
}

fn numbers<T: tract_onnx::prelude::Datum + std::marker::Copy>(
    tensor: &Tensor,
) -> tract_onnx::prelude::TractResult<Vec<T>> {
    // The engine calls some integers dimensions; U64 past I64 wraps on both sides alike.
    let tensor = match tensor.datum_type() {
        DatumType::Bool => tensor.cast_to::<u8>()?.cast_to_dt(T::datum_type())?.into_owned(),
        _ => tensor.cast_to::<T>()?.into_owned(),
    };
    Ok(tensor.try_as_plain_ram()?.as_slice::<T>()?.to_vec())
}

#[cfg(test)]
mod tests {
    use tract_onnx::prelude::{IntoTValue, tract_ndarray::arr1};

    use super::*;

    fn floats(numbers: &[f32]) -> TValue {
        Tensor::from(arr1(numbers)).into_tvalue()
    }

    #[test]
    fn differences_are_told_by_kind() {
        let labels = |numbers: &[i64]| Tensor::from(arr1(numbers)).into_tvalue();
        let one = [floats(&[1.0, 2.0, f32::NAN]), labels(&[1, 0, 1])];
        let other = [floats(&[1.0, 2.25, f32::NAN]), labels(&[1, 1, 0])];
        assert_eq!(compare(&one, &other).unwrap(), Difference { largest: 0.25, labels: 3, mismatches: 2 });
        assert_eq!(compare(&one, &one).unwrap(), Difference { largest: 0.0, labels: 3, mismatches: 0 });
    }

    #[test]
    fn no_number_is_far_from_any_number() {
        let largest = |a: f32, b: f32| compare(&[floats(&[a])], &[floats(&[b])]).unwrap().largest;
        assert_eq!(largest(f32::NAN, 1.0), f64::INFINITY);
        assert_eq!(largest(f32::INFINITY, f32::INFINITY), 0.0);
        assert_eq!(largest(f32::INFINITY, 1.0), f64::INFINITY);
    }

    #[test]
    fn truths_are_labels() {
        let truths = |truths: &[bool]| Tensor::from(arr1(truths)).into_tvalue();
        let difference = compare(&[truths(&[true, false])], &[truths(&[true, true])]).unwrap();
        assert_eq!((difference.labels, difference.mismatches), (2, 1));
    }

    #[test]
    fn texts_are_labels() {
        let texts = |texts: [&str; 2]| Tensor::from(arr1(&texts.map(str::to_owned))).into_tvalue();
        let difference = compare(&[texts(["a", "b"])], &[texts(["a", "c"])]).unwrap();
        assert_eq!((difference.labels, difference.mismatches), (2, 1));
        assert!(bytes_of(&texts(["aaaa", "bb"])) > bytes_of(&texts(["", ""])));
    }

    #[test]
    fn other_shapes_are_an_error() {
        assert!(compare(&[floats(&[1.0])], &[floats(&[1.0, 2.0])]).is_err());
        assert!(compare(&[floats(&[1.0])], &[]).is_err());
    }
}
