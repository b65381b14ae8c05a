//! Counts and durations -> the Prometheus text format 0.0.4, and the interval totals that embedded metrics are made of.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::names;
use crate::repository::Table;
use crate::service::Model;

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
#[derive(Default)]
struct Histogram {
    buckets: [AtomicU64; names::DURATION_BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Histogram {
    fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = names::DURATION_BUCKETS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(nanoseconds(duration), Relaxed);
    }

    fn totals(&self) -> (u64, u64) {
        (self.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum(), self.nanoseconds.load(Relaxed))
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let mut total = 0;
        for (bucket, bound) in self.buckets.iter().zip(names::DURATION_BUCKETS) {
            total += bucket.load(Relaxed);
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {total}");
        }
        total += self.buckets[names::DURATION_BUCKETS.len()].load(Relaxed);
        let sum = self.nanoseconds.load(Relaxed) as f64 / 1e9;
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {total}");
        let _ = writeln!(out, "{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {total}");
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Bounds grow by 4 %, so a value taken from the middle of its bucket is off by 2 % at most.
const GROWTH: f64 = 1.04;
/// 10 us to about 100 s.
const FINE_BUCKETS: usize = 412;
const FINE_FLOOR_MS: f64 = 0.01;

/// What happened since the last flush. Behind one lock, so that no request is in one record's count and another's latency.
#[derive(Clone)]
pub struct Interval {
    pub requests: u64,
    pub errors: u64,
    pub client_errors: u64,
    latency: Vec<u64>,
}

impl Default for Interval {
    fn default() -> Interval {
        Interval { requests: 0, errors: 0, client_errors: 0, latency: vec![0; FINE_BUCKETS] }
    }
}

impl Interval {
    pub fn record(&mut self, outcome: Outcome, latency: Duration) {
        self.requests += 1;
        match outcome {
            Outcome::Ok => {}
            Outcome::ClientError => self.client_errors += 1,
            Outcome::ServerError | Outcome::Rejected => self.errors += 1,
        }
        let steps = (latency.as_secs_f64() * 1_000.0 / FINE_FLOOR_MS).ln() / GROWTH.ln();
        // A zero duration gives minus infinity, which the cast saturates to the first bucket.
        self.latency[(steps as usize).min(FINE_BUCKETS - 1)] += 1;
    }

    /// Milliseconds and how many requests took about that long, ascending, without empty entries.
    pub fn latencies(&self) -> Vec<(f64, u64)> {
        let value = |bucket: usize| FINE_FLOOR_MS * GROWTH.powf(bucket as f64 + 0.5);
        let filled = self.latency.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| ((value(bucket) * 10_000.0).round() / 10_000.0, *count)).collect()
    }
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
#[derive(Default)]
pub struct Meter {
    version: String,
    outcomes: [AtomicU64; OUTCOMES.len()],
    /// Of the requests that succeeded.
    success_nanoseconds: AtomicU64,
    rows: AtomicU64,
    last_run: AtomicU64,
    request: Histogram,
    compute: Histogram,
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
    pub fn compute(&self, duration: Duration, rows: usize) {
        self.compute.observe(duration);
        self.rows.fetch_add(rows as u64, Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last_run.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    pub fn totals(&self) -> Totals {
        let (requests, duration) = self.request.totals();
        let succeeded = self.outcomes[Outcome::Ok as usize].load(Relaxed);
        let success_duration = self.success_nanoseconds.load(Relaxed);
        Totals {
            succeeded: (succeeded, success_duration),
            // Read one after another while requests go on: the whole may be behind its part.
            failed: (requests.saturating_sub(succeeded), duration.saturating_sub(success_duration)),
            computed: self.compute.totals(),
            rows: self.rows.load(Relaxed),
            last_run: self.last_run.load(Relaxed),
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
    started: SystemTime,
}

impl Metrics {
    pub fn new(keep_intervals: bool) -> Metrics {
        Metrics {
            meters: Mutex::default(),
            loads: Default::default(),
            in_flight: AtomicUsize::new(0),
            interval: Mutex::default(),
            keep_intervals,
            started: SystemTime::now(),
        }
    }

    /// The counts of a version, which outlive it: a version that comes back counts on.
    pub fn meter(&self, version: &str) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = meters.iter().find(|meter| meter.version == version) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(Meter { version: version.to_owned(), ..Meter::default() });
        meters.push(Arc::clone(&meter));
        meter
    }

    pub fn request(&self, meter: &Meter, outcome: Outcome, duration: Duration) {
        meter.outcomes[outcome as usize].fetch_add(1, Relaxed);
        meter.request.observe(duration);
        if outcome == Outcome::Ok {
            meter.success_nanoseconds.fetch_add(nanoseconds(duration), Relaxed);
        }
        if self.keep_intervals {
            self.interval.lock().unwrap_or_else(PoisonError::into_inner).record(outcome, duration);
        }
    }

    /// The model's versions were loaded, or could not be.
    pub fn loaded(&self, ok: bool) {
        self.loads[usize::from(!ok)].fetch_add(1, Relaxed);
    }

    pub fn take_interval(&self) -> Interval {
        std::mem::take(&mut *self.interval.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body of `GET /metrics`.
    pub fn prometheus(&self, model: &Model, table: &Table) -> String {
        let mut out = String::with_capacity(8 * 1024);
        let of_model = format!("model=\"{}\"", label(model.name));
        let of = |version: &str| format!("{of_model},version=\"{}\"", label(version));
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for entry in &table.entries {
            if !meters.iter().any(|meter| meter.version == entry.declared.label) {
                meters.push(self.meter(&entry.declared.label));
            }
        }
        let head = |out: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        let name = names::REQUESTS_TOTAL;
        head(&mut out, name, "counter", "Inference requests answered, by outcome.");
        for meter in &meters {
            let labels = of(&meter.version);
            for (outcome, text) in OUTCOMES {
                let count = meter.outcomes[outcome as usize].load(Relaxed);
                let _ = writeln!(out, "{name}{{{labels},outcome=\"{text}\"}} {count}");
            }
        }
        head(&mut out, names::REQUEST_DURATION, "histogram", "Seconds from a request's head to its answer.");
        meters.iter().for_each(|meter| meter.request.write(&mut out, names::REQUEST_DURATION, &of(&meter.version)));
        head(&mut out, names::COMPUTE_DURATION, "histogram", "Seconds inside the engine.");
        meters.iter().for_each(|meter| meter.compute.write(&mut out, names::COMPUTE_DURATION, &of(&meter.version)));
        let name = names::MODEL_LOADS_TOTAL;
        head(&mut out, name, "counter", "Loads of the model's versions.");
        for (count, outcome) in self.loads.iter().zip([names::OUTCOME_OK, names::OUTCOME_FAILED]) {
            let _ = writeln!(out, "{name}{{{of_model},outcome=\"{outcome}\"}} {}", count.load(Relaxed));
        }
        let shadows = table.entries.iter().filter(|entry| entry.declared.shadow).map(|entry| &entry.declared.label);
        for shadow in shadows {
            self.meter(shadow).shadow.write(&mut out, &of(shadow));
        }
        let name = names::MODEL_INFO;
        head(&mut out, name, "gauge", "The versions that are served.");
        for entry in &table.entries {
            let labels = of(&entry.declared.label);
            let _ = writeln!(out, "{name}{{{labels},sha256=\"{}\"}} 1", label(&entry.declared.sha256));
        }
        let mut gauge = |name: &str, help: &str, labels: &str, value: f64| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{labels} {value}");
        };
        let in_flight = self.in_flight.load(Relaxed) as f64;
        gauge(names::IN_FLIGHT, "Inference requests in the process now.", &format!("{{{of_model}}}"), in_flight);
        if let Some(bytes) = resident_memory() {
            gauge(names::RESIDENT_MEMORY, "Resident memory size in bytes.", "", bytes as f64);
        }
        let started = self.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        gauge(names::START_TIME, "Start time of the process since the Unix epoch in seconds.", "", started);
        out
    }
}

impl Shadow {
    /// There is one shadow at most, so each name has its head here.
    fn write(&self, out: &mut String, labels: &str) {
        let name = names::SHADOW_REQUESTS_TOTAL;
        let _ = writeln!(out, "# HELP {name} Copies of requests, by outcome.\n# TYPE {name} counter");
        for (outcome, count) in [
            (names::OUTCOME_OK, &self.ok),
            (names::OUTCOME_FAILED, &self.failed),
            (names::OUTCOME_DROPPED, &self.dropped),
        ] {
            let _ = writeln!(out, "{name}{{{labels},outcome=\"{outcome}\"}} {}", count.load(Relaxed));
        }
        let largest = f64::from_bits(self.largest.load(Relaxed));
        let largest = if largest.is_infinite() { "+Inf".to_owned() } else { largest.to_string() };
        for (name, kind, help, value) in [
            (names::SHADOW_MAX_DIFFERENCE, "gauge", "Largest absolute difference between floats.", largest),
            (names::SHADOW_LABELS_TOTAL, "counter", "Other elements compared.", self.labels.load(Relaxed).to_string()),
            (
                names::SHADOW_MISMATCHES_TOTAL,
                "counter",
                "Those that differ.",
                self.mismatches.load(Relaxed).to_string(),
            ),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{{{labels}}} {value}");
        }
    }
}

/// A label value: backslash, quote and newline are what the format escapes.
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Bytes of memory that the process holds; `None` where the kernel has no `/proc`.
pub fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_latencies_are_within_five_percent() {
        for microseconds in [11, 57, 1_000, 12_345, 250_000, 9_999_999, 60_000_000] {
            let mut interval = Interval::default();
            interval.record(Outcome::Ok, Duration::from_micros(microseconds));
            let (value, count) = interval.latencies()[0];
            let truth = microseconds as f64 / 1_000.0;
            assert!((value / truth - 1.0).abs() < 0.025, "{truth} ms became {value} ms");
            assert_eq!(count, 1);
        }
    }

    #[test]
    fn extreme_latencies_stay_inside_the_table() {
        let mut interval = Interval::default();
        interval.record(Outcome::Ok, Duration::ZERO);
        interval.record(Outcome::Rejected, Duration::from_secs(1_000_000));
        assert_eq!(interval.latencies().iter().map(|(_, count)| count).sum::<u64>(), 2);
        assert_eq!((interval.requests, interval.errors), (2, 1));
    }

    #[test]
    fn statuses_have_outcomes() {
        for (status, outcome) in [
            (200, Outcome::Ok),
            (400, Outcome::ClientError),
            (413, Outcome::ClientError),
            (500, Outcome::ServerError),
            (503, Outcome::Rejected),
            (504, Outcome::ServerError),
        ] {
            assert_eq!(Outcome::of(status), outcome);
        }
    }
}
