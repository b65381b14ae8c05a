//! Counts and durations -> what `GET /metrics` answers, and the interval totals that embedded metrics are made of.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::compute::Run;
use crate::exposition::{Buckets, Exemplar, Exposition, Format, Kind as Family};
use crate::log;
use crate::names;
use crate::process::Process;
use crate::refusal::Kind;
use crate::repository::Table;
use crate::service::Model;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
    Grpc,
}

const TRANSPORTS: [(Transport, &str); 2] =
    [(Transport::Http, names::TRANSPORT_HTTP), (Transport::Grpc, names::TRANSPORT_GRPC)];

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
        self.observe(duration.as_secs_f64(), nanoseconds(duration), trace_id);
    }

    fn totals(&self) -> (u64, u64) {
        (self.counts.iter().map(|count| count.load(Relaxed)).sum(), self.sum.load(Relaxed))
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

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
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

/// Totals since the start, as the protocol's statistics name them.
pub struct Totals {
    /// Requests and their nanoseconds.
    pub succeeded: (u64, u64),
    pub failed: (u64, u64),
    /// Runs of the model and their nanoseconds.
    pub computed: (u64, u64),
    pub rows: u64,
    /// Milliseconds since the Unix epoch; 0 for never.
    pub last_run: u64,
}

/// Counts of one version.
pub struct Meter {
    version: String,
    outcomes: [[AtomicU64; OUTCOMES.len()]; TRANSPORTS.len()],
    errors: [[AtomicU64; Kind::ALL.len()]; TRANSPORTS.len()],
    /// Of the requests that succeeded.
    success_nanoseconds: AtomicU64,
    rows: AtomicU64,
    birth: Instant,
    /// Nanoseconds after the birth; 0 for never.
    last_run: AtomicU64,
    request: Histogram,
    queue: Histogram,
    compute: Histogram,
    batch: Histogram,
    shadow: Shadow,
}

/// Counts of a version that gets copies of requests.
#[derive(Default)]
struct Shadow {
    ok: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    labels: AtomicU64,
    mismatches: AtomicU64,
    /// Bits of a float that is not negative; such bits are in the order of the numbers.
    largest: AtomicU64,
}

impl Meter {
    fn new(version: &str) -> Meter {
        Meter {
            version: version.to_owned(),
            outcomes: Default::default(),
            errors: Default::default(),
            success_nanoseconds: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            birth: Instant::now(),
            last_run: AtomicU64::new(0),
            request: Histogram::new(&names::DURATION_BUCKETS),
            queue: Histogram::new(&names::DURATION_BUCKETS),
            compute: Histogram::new(&names::DURATION_BUCKETS),
            batch: Histogram::new(&names::BATCH_BUCKETS),
            shadow: Shadow::default(),
        }
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    fn request(&self, ended: &Ended) {
        let transport = ended.transport as usize;
        self.outcomes[transport][ended.outcome as usize].fetch_add(1, Relaxed);
        if let Some(kind) = ended.kind {
            self.errors[transport][kind as usize].fetch_add(1, Relaxed);
        }
        self.request.duration(ended.took, ended.trace_id);
        if ended.outcome == Outcome::Ok {
            self.success_nanoseconds.fetch_add(nanoseconds(ended.took), Relaxed);
        }
        if let Some(queued) = ended.queued {
            self.queue.duration(queued, None);
        }
    }

    /// One run of the engine, for so many requests and rows.
    pub fn compute(&self, run: Run, requests: u32, rows: usize) {
        self.compute.duration(run.took, None);
        self.batch.observe(f64::from(requests), u64::from(requests) * 1_000_000_000, None);
        self.rows.fetch_add(rows as u64, Relaxed);
        let since_birth = (run.since + run.took).saturating_duration_since(self.birth);
        self.last_run.store(nanoseconds(since_birth).max(1), Relaxed);
    }

    /// Milliseconds since the Unix epoch.
    fn last_run(&self) -> Option<u64> {
        let last_run = Some(self.last_run.load(Relaxed)).filter(|never| *never > 0)?;
        let ago = self.birth.elapsed().saturating_sub(Duration::from_nanos(last_run));
        let then = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(ago);
        u64::try_from(then.as_millis()).ok()
    }

    pub fn totals(&self) -> Totals {
        let (requests, duration) = self.request.totals();
        let succeeded = self.outcomes.iter().map(|counts| counts[Outcome::Ok as usize].load(Relaxed)).sum();
        let success_duration = self.success_nanoseconds.load(Relaxed);
        Totals {
            succeeded: (succeeded, success_duration),
            // Read one after another while requests go on: the whole may be behind its part.
            failed: (requests.saturating_sub(succeeded), duration.saturating_sub(success_duration)),
            computed: self.compute.totals(),
            rows: self.rows.load(Relaxed),
            last_run: self.last_run().unwrap_or_default(),
        }
    }

    /// A copy ran: the largest difference between floats, other elements compared, and how many of those differ.
    pub fn shadow(&self, largest: f64, labels: u64, mismatches: u64) {
        self.shadow.ok.fetch_add(1, Relaxed);
        self.shadow.labels.fetch_add(labels, Relaxed);
        self.shadow.mismatches.fetch_add(mismatches, Relaxed);
        self.shadow.largest.fetch_max(largest.to_bits(), Relaxed);
    }

    pub fn shadow_failed(&self) {
        self.shadow.failed.fetch_add(1, Relaxed);
    }

    pub fn shadow_dropped(&self) {
        self.shadow.dropped.fetch_add(1, Relaxed);
    }
}

pub struct Metrics {
    /// One for each version that there was. Few: their labels come from whoever operates the service.
    meters: Mutex<Vec<Arc<Meter>>>,
    loads: [AtomicU64; 2],
    pub in_flight: AtomicUsize,
    interval: Mutex<Interval>,
    /// Nobody takes intervals when embedded metrics are off.
    keep_intervals: bool,
    started: (SystemTime, Instant),
}

impl Metrics {
    pub fn new(keep_intervals: bool) -> Metrics {
        Metrics {
            meters: Mutex::default(),
            loads: Default::default(),
            in_flight: AtomicUsize::new(0),
            interval: Mutex::default(),
            keep_intervals,
            started: (SystemTime::now(), Instant::now()),
        }
    }

    /// The counts of a version, which outlive it: a version that comes back counts on.
    pub fn meter(&self, version: &str) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = meters.iter().find(|meter| meter.version == version) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(Meter::new(version));
        meters.push(Arc::clone(&meter));
        meter
    }

    pub fn request(&self, meter: &Meter, ended: &Ended) {
        meter.request(ended);
        if self.keep_intervals {
            let mut interval = self.interval.lock().unwrap_or_else(PoisonError::into_inner);
            interval.record(ended.outcome, ended.took, ended.queued);
        }
    }

    /// The model's versions were loaded, or could not be.
    pub fn loaded(&self, ok: bool) {
        self.loads[usize::from(!ok)].fetch_add(1, Relaxed);
    }

    pub fn take_interval(&self) -> Interval {
        std::mem::take(&mut *self.interval.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body of `GET /metrics`. `spans`: how many were exported and how many dropped, where any are.
    pub fn exposition(&self, format: Format, model: &Model, table: &Table, spans: Option<(u64, u64)>) -> String {
        let mut out = Exposition::new(format);
        let of_model = ("model", model.name);
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for entry in &table.entries {
            if !meters.iter().any(|meter| meter.version == entry.declared.label) {
                meters.push(self.meter(&entry.declared.label));
            }
        }
        out.family(names::REQUESTS_TOTAL, Family::Counter, "Inference requests answered, by outcome.");
        for meter in &meters {
            for (transport, name) in TRANSPORTS {
                for (outcome, text) in OUTCOMES {
                    let labels = [of_model, ("version", &meter.version), ("outcome", text), ("transport", name)];
                    let count = &meter.outcomes[transport as usize][outcome as usize];
                    out.sample(names::REQUESTS_TOTAL, &labels, count.load(Relaxed) as f64);
                }
            }
        }
        out.family(names::ERRORS_TOTAL, Family::Counter, "Inference requests without outputs, by what was wrong.");
        for meter in &meters {
            for (transport, name) in TRANSPORTS {
                for kind in Kind::ALL {
                    let labels = [of_model, ("version", &meter.version), ("kind", kind.name()), ("transport", name)];
                    let count = &meter.errors[transport as usize][kind as usize];
                    out.sample(names::ERRORS_TOTAL, &labels, count.load(Relaxed) as f64);
                }
            }
        }
        type Of = fn(&Meter) -> &Histogram;
        let histograms: [(&str, &str, Of); 4] = [
            (names::REQUEST_DURATION, "Seconds from a request's head to its answer.", |meter| &meter.request),
            (names::QUEUE_DURATION, "Seconds from a request's admission to the start of its run.", |meter| {
                &meter.queue
            }),
            (names::COMPUTE_DURATION, "Seconds inside the engine.", |meter| &meter.compute),
            (names::BATCH_SIZE, "Requests that shared one run of the engine.", |meter| &meter.batch),
        ];
        for (name, help, of) in histograms {
            out.family(name, Family::Histogram, help);
            for meter in &meters {
                out.histogram(name, &[of_model, ("version", &meter.version)], &of(meter).buckets());
            }
        }
        out.family(names::MODEL_LOADS_TOTAL, Family::Counter, "Loads of the model's versions.");
        for (count, outcome) in self.loads.iter().zip([names::OUTCOME_OK, names::OUTCOME_FAILED]) {
            out.sample(names::MODEL_LOADS_TOTAL, &[of_model, ("outcome", outcome)], count.load(Relaxed) as f64);
        }
        // There is one shadow at most, so each family has its head here.
        for entry in table.entries.iter().filter(|entry| entry.declared.shadow) {
            let label = &entry.declared.label;
            self.meter(label).shadow.write(&mut out, [of_model, ("version", label)]);
        }
        out.family(names::IN_FLIGHT, Family::Gauge, "Inference requests in the process now.");
        out.sample(names::IN_FLIGHT, &[of_model], self.in_flight.load(Relaxed) as f64);
        out.family(names::MODEL_INFO, Family::Gauge, "The versions that are served.");
        for entry in &table.entries {
            let labels = [of_model, ("version", &entry.declared.label), ("sha256", &entry.declared.sha256)];
            out.sample(names::MODEL_INFO, &labels, 1.0);
        }
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

impl Shadow {
    fn write(&self, out: &mut Exposition, [model, version]: [(&str, &str); 2]) {
        out.family(names::SHADOW_REQUESTS_TOTAL, Family::Counter, "Copies of requests, by outcome.");
        for (outcome, count) in [
            (names::OUTCOME_OK, &self.ok),
            (names::OUTCOME_FAILED, &self.failed),
            (names::OUTCOME_DROPPED, &self.dropped),
        ] {
            let labels = [model, version, ("outcome", outcome)];
            out.sample(names::SHADOW_REQUESTS_TOTAL, &labels, count.load(Relaxed) as f64);
        }
        let largest = f64::from_bits(self.largest.load(Relaxed));
        let (labels, mismatches) = (self.labels.load(Relaxed) as f64, self.mismatches.load(Relaxed) as f64);
        for (name, kind, help, value) in [
            (names::SHADOW_MAX_DIFFERENCE, Family::Gauge, "Largest absolute difference between floats.", largest),
            (names::SHADOW_LABELS_TOTAL, Family::Counter, "Other elements compared.", labels),
            (names::SHADOW_MISMATCHES_TOTAL, Family::Counter, "Those that differ.", mismatches),
        ] {
            out.family(name, kind, help);
            out.sample(name, &[model, version], value);
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
