//! Counts and durations -> what `GET /metrics` answers, and the interval totals that embedded metrics are made of.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::exposition::{Buckets, Exemplar, Exposition, Format, Kind as Family};
use crate::log;
use crate::names;
use crate::process::Process;
use crate::refusal::Kind;
use crate::service::Model;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
}

const TRANSPORTS: [(Transport, &str); 1] = [(Transport::Http, names::TRANSPORT_HTTP)];

/// What became of an inference request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    ClientError,
    ServerError,
    Rejected,
}

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Ok, names::OUTCOME_OK),
    (Outcome::ClientError, names::OUTCOME_CLIENT_ERROR),
    (Outcome::ServerError, names::OUTCOME_SERVER_ERROR),
    (Outcome::Rejected, names::OUTCOME_REJECTED),
];

impl Outcome {
    pub fn of(status: u16) -> Outcome {
        match status {
            503 => Outcome::Rejected,
            500.. => Outcome::ServerError,
            400.. => Outcome::ClientError,
            _ => Outcome::Ok,
        }
    }
}

/// Counts by bucket, not cumulated; the last one has no upper bound.
struct Histogram {
    bounds: &'static [f64],
    counts: Box<[AtomicU64]>,
    /// The last request of each bucket that is in a trace.
    exemplars: Box<[Mutex<Option<Exemplar>>]>,
    /// In billionths: nanoseconds, where the unit is seconds.
    sum: AtomicU64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Histogram {
        Histogram {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            exemplars: (0..=bounds.len()).map(|_| Mutex::new(None)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    fn observe(&self, value: f64, billionths: u64, trace_id: Option<&str>) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Relaxed);
        self.sum.fetch_add(billionths, Relaxed);
        // Whoever finds the place taken goes on: another exemplar is being put there.
        if let Some(trace_id) = trace_id
            && let Ok(mut exemplar) = self.exemplars[bucket].try_lock()
        {
            *exemplar = Some(Exemplar { trace_id: trace_id.to_owned(), value, at: epoch_seconds(SystemTime::now()) });
        }
    }

    fn duration(&self, duration: Duration, trace_id: Option<&str>) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.observe(duration.as_secs_f64(), nanoseconds, trace_id);
    }

    fn buckets(&self) -> Buckets<'_> {
        let exemplar = |place: &Mutex<Option<Exemplar>>| place.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Buckets {
            bounds: self.bounds,
            counts: self.counts.iter().map(|count| count.load(Relaxed)).collect(),
            exemplars: self.exemplars.iter().map(exemplar).collect(),
            sum: self.sum.load(Relaxed) as f64 / 1e9,
        }
    }
}

fn epoch_seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Bounds grow by 4 %, so a value taken from the middle of its bucket is off by 2 % at most.
const GROWTH: f64 = 1.04;
/// 10 us to about 100 s.
const FINE_BUCKETS: usize = 412;
const FINE_FLOOR_MS: f64 = 0.01;

/// Durations by fine buckets.
#[derive(Clone)]
pub struct Fine(Vec<u64>);

impl Default for Fine {
    fn default() -> Fine {
        Fine(vec![0; FINE_BUCKETS])
    }
}

impl Fine {
    fn record(&mut self, duration: Duration) {
        let steps = (duration.as_secs_f64() * 1_000.0 / FINE_FLOOR_MS).ln() / GROWTH.ln();
        // A zero duration gives minus infinity, which the cast saturates to the first bucket.
        self.0[(steps as usize).min(FINE_BUCKETS - 1)] += 1;
    }

    /// Milliseconds and how many took about that long, ascending, without empty entries.
    pub fn values(&self) -> Vec<(f64, u64)> {
        let value = |bucket: usize| FINE_FLOOR_MS * GROWTH.powf(bucket as f64 + 0.5);
        let filled = self.0.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| ((value(bucket) * 10_000.0).round() / 10_000.0, *count)).collect()
    }
}

/// What happened since the last flush. Behind one lock, so that no request is in one record's count and another's latency.
#[derive(Clone, Default)]
pub struct Interval {
    pub requests: u64,
    pub errors: u64,
    pub client_errors: u64,
    pub rejected: u64,
    pub latency: Fine,
    pub queue: Fine,
}

impl Interval {
    /// `queued`: how long the request waited for its run, if it came to one.
    pub fn record(&mut self, outcome: Outcome, latency: Duration, queued: Option<Duration>) {
        self.requests += 1;
        match outcome {
            Outcome::Ok => {}
            Outcome::ClientError => self.client_errors += 1,
            Outcome::ServerError => self.errors += 1,
            Outcome::Rejected => {
                self.errors += 1;
                self.rejected += 1;
            }
        }
        self.latency.record(latency);
        if let Some(queued) = queued {
            self.queue.record(queued);
        }
    }
}

/// An inference request and what became of it.
pub struct Ended<'a> {
    pub transport: Transport,
    pub outcome: Outcome,
    /// Why there were no outputs.
    pub kind: Option<Kind>,
    pub took: Duration,
    pub queued: Option<Duration>,
    /// Of a trace that is recorded.
    pub trace_id: Option<&'a str>,
}

pub struct Metrics {
    outcomes: [[AtomicU64; OUTCOMES.len()]; TRANSPORTS.len()],
    errors: [[AtomicU64; Kind::ALL.len()]; TRANSPORTS.len()],
    request: Histogram,
    queue: Histogram,
    compute: Histogram,
    batch: Histogram,
    pub in_flight: AtomicUsize,
    interval: Mutex<Interval>,
    /// Nobody takes intervals when embedded metrics are off.
    keep_intervals: bool,
    started: (SystemTime, Instant),
}

impl Metrics {
    pub fn new(keep_intervals: bool) -> Metrics {
        Metrics {
            outcomes: Default::default(),
            errors: Default::default(),
            request: Histogram::new(&names::DURATION_BUCKETS),
            queue: Histogram::new(&names::DURATION_BUCKETS),
            compute: Histogram::new(&names::DURATION_BUCKETS),
            batch: Histogram::new(&names::BATCH_BUCKETS),
            in_flight: AtomicUsize::new(0),
            interval: Mutex::default(),
            keep_intervals,
            started: (SystemTime::now(), Instant::now()),
        }
    }

    pub fn request(&self, ended: &Ended) {
        let transport = ended.transport as usize;
        self.outcomes[transport][ended.outcome as usize].fetch_add(1, Relaxed);
        if let Some(kind) = ended.kind {
            self.errors[transport][kind as usize].fetch_add(1, Relaxed);
        }
        self.request.duration(ended.took, ended.trace_id);
        if let Some(queued) = ended.queued {
            self.queue.duration(queued, None);
        }
        if self.keep_intervals {
            let mut interval = self.interval.lock().unwrap_or_else(PoisonError::into_inner);
            interval.record(ended.outcome, ended.took, ended.queued);
        }
    }

    /// One run of the engine, for so many requests.
    pub fn compute(&self, duration: Duration, requests: u32) {
        self.compute.duration(duration, None);
        self.batch.observe(f64::from(requests), u64::from(requests) * 1_000_000_000, None);
    }

    pub fn take_interval(&self) -> Interval {
        std::mem::take(&mut *self.interval.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body of `GET /metrics`. `spans`: how many were exported and how many dropped, where any are.
    pub fn exposition(&self, format: Format, model: &Model, spans: Option<(u64, u64)>) -> String {
        let mut out = Exposition::new(format);
        let served = [("model", model.name), ("version", model.version)];
        let with = |more: [(&'static str, &'static str); 2]| [served[0], served[1], more[0], more[1]];
        out.family(names::REQUESTS_TOTAL, Family::Counter, "Inference requests answered, by outcome.");
        for (transport, counts) in TRANSPORTS.iter().zip(&self.outcomes) {
            for (outcome, text) in OUTCOMES {
                let labels = with([("outcome", text), ("transport", transport.1)]);
                out.sample(names::REQUESTS_TOTAL, &labels, counts[outcome as usize].load(Relaxed) as f64);
            }
        }
        out.family(names::ERRORS_TOTAL, Family::Counter, "Inference requests without outputs, by what was wrong.");
        for (transport, counts) in TRANSPORTS.iter().zip(&self.errors) {
            for kind in Kind::ALL {
                let labels = with([("kind", kind.name()), ("transport", transport.1)]);
                out.sample(names::ERRORS_TOTAL, &labels, counts[kind as usize].load(Relaxed) as f64);
            }
        }
        for (name, help, histogram) in [
            (names::REQUEST_DURATION, "Seconds from a request's head to its answer.", &self.request),
            (names::QUEUE_DURATION, "Seconds from a request's admission to the start of its run.", &self.queue),
            (names::COMPUTE_DURATION, "Seconds inside the engine.", &self.compute),
            (names::BATCH_SIZE, "Requests that shared one run of the engine.", &self.batch),
        ] {
            out.family(name, Family::Histogram, help);
            out.histogram(name, &served, &histogram.buckets());
        }
        out.family(names::IN_FLIGHT, Family::Gauge, "Inference requests in the process now.");
        out.sample(names::IN_FLIGHT, &served, self.in_flight.load(Relaxed) as f64);
        out.family(names::MODEL_INFO, Family::Gauge, "The model that is served.");
        out.sample(names::MODEL_INFO, &[served[0], served[1], ("sha256", model.sha256)], 1.0);
        if let Some((exported, dropped)) = spans {
            out.family(names::SPANS_TOTAL, Family::Counter, "Spans, by whether the collector got them.");
            for (outcome, count) in [(names::OUTCOME_OK, exported), (names::SPANS_DROPPED, dropped)] {
                out.sample(names::SPANS_TOTAL, &[("outcome", outcome)], count as f64);
            }
        }
        out.family(names::LOG_DROPPED_TOTAL, Family::Counter, "Log lines dropped because standard output stalled.");
        out.sample(names::LOG_DROPPED_TOTAL, &[], log::dropped() as f64);
        self.process(&mut out);
        out.finish()
    }

    fn process(&self, out: &mut Exposition) {
        let process = Process::read();
        let number = |number: Option<u64>| number.map(|number| number as f64);
        let (began, since) = self.started;
        for (name, kind, help, value) in [
            (names::UPTIME, Family::Gauge, "Seconds since the service started.", Some(since.elapsed().as_secs_f64())),
            (names::START_TIME, Family::Gauge, "Start time of the process since the Unix epoch in seconds.", {
                Some(epoch_seconds(began))
            }),
            (names::CPU_SECONDS, Family::Counter, "User and system CPU time in seconds.", process.cpu_seconds),
            (names::RESIDENT_MEMORY, Family::Gauge, "Resident memory size in bytes.", number(process.resident_bytes)),
            (names::VIRTUAL_MEMORY, Family::Gauge, "Virtual memory size in bytes.", number(process.virtual_bytes)),
            (names::OPEN_FILES, Family::Gauge, "Open file descriptors.", number(process.open_files)),
            (names::MOST_FILES, Family::Gauge, "The most open file descriptors.", number(process.most_files)),
            (names::PROCESS_THREADS, Family::Gauge, "Threads of the process.", number(process.threads)),
        ] {
            if let Some(value) = value {
                out.family(name, kind, help);
                out.sample(name, &[], value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_latencies_are_within_five_percent() {
        for microseconds in [11, 57, 1_000, 12_345, 250_000, 9_999_999, 60_000_000] {
            let mut interval = Interval::default();
            interval.record(Outcome::Ok, Duration::from_micros(microseconds), None);
            let (value, count) = interval.latency.values()[0];
            let truth = microseconds as f64 / 1_000.0;
            assert!((value / truth - 1.0).abs() < 0.025, "{truth} ms became {value} ms");
            assert_eq!(count, 1);
        }
    }

    #[test]
    fn extreme_latencies_stay_inside_the_table() {
        let mut interval = Interval::default();
        interval.record(Outcome::Ok, Duration::ZERO, None);
        interval.record(Outcome::Rejected, Duration::from_secs(1_000_000), None);
        assert_eq!(interval.latency.values().iter().map(|(_, count)| count).sum::<u64>(), 2);
        assert_eq!((interval.requests, interval.errors, interval.rejected), (2, 1, 1));
        assert!(interval.queue.values().is_empty());
    }

    #[test]
    fn statuses_have_outcomes() {
        for (status, outcome) in [
            (200, Outcome::Ok),
            (400, Outcome::ClientError),
            (413, Outcome::ClientError),
            (422, Outcome::ClientError),
            (500, Outcome::ServerError),
            (503, Outcome::Rejected),
            (504, Outcome::ServerError),
        ] {
            assert_eq!(Outcome::of(status), outcome);
        }
    }
}
