//! The third stage, compute: a call that fits -> the engine's outputs, and the threads for calls that would hold up a connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use tract_onnx::prelude::{TValue, TVec};

use crate::model::{Engine, NoPlan};
use crate::protocol::Call;
use crate::refusal::{Kind, Refusal};

/// Runs the model. Takes the inputs out of the call.
pub fn run(engine: &Engine, call: &mut Call) -> Result<(TVec<TValue>, Duration), Refusal> {
    let plan = engine.plan(&call.shapes).map_err(|problem| match problem {
        NoPlan::TooLarge(bytes) => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("{} rows at once would need more than {bytes} bytes of memory; send fewer", call.rows()),
        ),
        NoPlan::Impossible(why) => {
            Refusal::invalid(format!("the model cannot take these shapes: {why}")).about(Kind::Shape)
        }
    })?;
    let inputs = std::mem::take(&mut call.inputs);
    let start = Instant::now();
    let outputs = plan.run(inputs).map_err(|why| Refusal::internal(format!("inference failed: {why}")))?;
    Ok((outputs, start.elapsed()))
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads beside those that serve connections. A call that is short runs on its connection's own thread, since handing it over
/// costs more than it takes; a long one here, where it does not hold up other connections and can be given up on.
pub struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    pub fn new(threads: usize) -> std::io::Result<Pool> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("compute-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Pool { jobs })
    }

    /// Never blocks. The queue is as long as the limit on requests in flight lets it become.
    pub fn submit(&self, job: impl FnOnce() + Send + 'static) {
        // The receiving end lives as long as the threads, and they as long as this end.
        let _ = self.jobs.send(Box::new(job));
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job answers for its own panics; this keeps the thread if that very answer fails.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
