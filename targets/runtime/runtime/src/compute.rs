//! The third stage, compute: a call that fits -> the engine's outputs, and the threads for calls that would hold up a connection.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use tract_onnx::prelude::{TValue, TVec};

use crate::model::{Engine, NoPlan};
use crate::protocol::Call;
use crate::refusal::{Kind, Refusal};

/// When the engine ran, and for how long.
#[derive(Clone, Copy)]
pub struct Run {
    pub since: Instant,
    pub took: Duration,
}

impl Run {
    /// Up to now.
    pub fn since(since: Instant) -> Run {
        Run { since, took: since.elapsed() }
    }
}

/// Runs the model. Takes the inputs out of the call.
pub fn run(engine: &Engine, call: &mut Call) -> Result<(TVec<TValue>, Run), Refusal> {
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
    Ok((outputs, Run::since(start)))
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads beside those that serve connections. A call that is short runs on its connection's own thread, since handing it over
/// costs more than it takes; a long one here, where it does not hold up other connections and can be given up on.
pub struct Pool(Arc<Jobs>);

#[derive(Default)]
struct Jobs {
    lists: Mutex<Lists>,
    /// Told of every new job, and of the end.
    changed: Condvar,
}

#[derive(Default)]
struct Lists {
    ready: VecDeque<Job>,
    /// Few: those that wait for a time of theirs.
    later: Vec<(Instant, Job)>,
    is_closed: bool,
}

impl Pool {
    pub fn new(threads: usize) -> std::io::Result<Pool> {
        let jobs = Arc::<Jobs>::default();
        for number in 0..threads {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new().name(format!("compute-{number}")).spawn(move || work(&jobs))?;
        }
        Ok(Pool(jobs))
    }

    /// Never blocks. The queue is as long as the limit on requests in flight lets it become.
    pub fn submit(&self, job: impl FnOnce() + Send + 'static) {
        self.0.lists().ready.push_back(Box::new(job));
        self.0.changed.notify_one();
    }

    /// As [`Pool::submit`], but not before that time.
    pub fn submit_at(&self, time: Instant, job: impl FnOnce() + Send + 'static) {
        self.0.lists().later.push((time, Box::new(job)));
        self.0.changed.notify_one();
    }
}

/// The threads end when they have done what was submitted.
impl Drop for Pool {
    fn drop(&mut self) {
        self.0.lists().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Jobs {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a job; `None` at the end.
    fn next(&self) -> Option<Job> {
        let mut lists = self.lists();
        loop {
            let first = (0..lists.later.len()).min_by_key(|at| lists.later[*at].0);
            let now = Instant::now();
            if let Some(at) = first.filter(|at| lists.later[*at].0 <= now || lists.is_closed) {
                return Some(lists.later.swap_remove(at).1);
            }
            if let Some(job) = lists.ready.pop_front() {
                return Some(job);
            }
            if lists.is_closed {
                return None;
            }
            lists = match first {
                Some(at) => {
                    let wait = lists.later[at].0 - now;
                    self.changed.wait_timeout(lists, wait).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(lists).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

fn work(jobs: &Jobs) {
    while let Some(job) = jobs.next() {
        // A job answers for its own panics; this keeps the thread if that very answer fails.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn jobs_come_in_turn_and_at_their_time() {
        let pool = Pool::new(1).unwrap();
        let (send, receive) = channel();
        let told = |what: &'static str| {
            let send = send.clone();
            move || send.send((what, Instant::now())).unwrap()
        };
        pool.submit(|| panic!("a job that panics costs no thread"));
        pool.submit(told("at once"));
        assert_eq!(receive.recv().unwrap().0, "at once");
        let time = Instant::now() + Duration::from_millis(30);
        pool.submit_at(time, told("later"));
        pool.submit_at(time - Duration::from_millis(20), told("sooner"));
        let came: Vec<_> = (0..2).map(|_| receive.recv().unwrap()).collect();
        assert_eq!(came.iter().map(|(what, _)| *what).collect::<Vec<_>>(), ["sooner", "later"]);
        assert!(came[1].1 >= time);
        pool.submit_at(Instant::now() + Duration::from_secs(3_600), told("at the end"));
        drop(pool);
        assert_eq!(receive.recv().unwrap().0, "at the end");
    }
}
