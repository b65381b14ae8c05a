//! Interval totals -> CloudWatch embedded metric format, one JSON line each, on standard output or to a CloudWatch agent over TCP.
//!
//! Runs on a thread of its own with blocking I/O: an agent that hangs or is away costs records, never a request.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::log::{self, Level, Line};
use crate::metrics::{Interval, Metrics};
use crate::names;
use crate::process::resident_memory;
use crate::settings::Emf;

/// The most values that one metric may carry in one record, a limit of the format.
const MOST_VALUES: usize = 100;
/// Characters of a dimension's value, a limit of the metrics that the records become.
const LONGEST_DIMENSION: usize = 1_024;
/// Records kept while the agent is away: five minutes' worth, if latencies are so spread that an interval takes five records.
const MOST_KEPT: usize = 100;
const TCP_TIMEOUT: Duration = Duration::from_secs(1);

/// The dimensions and where the metrics are filed.
#[derive(Clone, Debug)]
pub struct Labels {
    pub project: String,
    pub environment: String,
    pub service: String,
}

impl Labels {
    /// Whether CloudWatch takes these for dimensions. What it does not take it drops without a word.
    pub fn check(&self) -> Result<(), String> {
        let values = [(names::PROJECT, &self.project), (names::ENVIRONMENT, &self.environment)];
        for (name, value) in values.into_iter().chain([("the service's name", &self.service)]) {
            let printable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            let fits = printable && value.len() <= LONGEST_DIMENSION && !value.trim().is_empty();
            if !fits || value.starts_with(':') {
                return Err(format!(
                    "{name} is `{value}`, which CloudWatch does not take for a dimension: write 1 to {LONGEST_DIMENSION} printable ASCII \
                     characters, the first of them no colon"
                ));
            }
        }
        Ok(())
    }
}

/// Lines for one interval. Durations past the format's limit go on in further records that carry nothing else.
fn records(labels: &Labels, interval: &Interval, memory: Option<u64>, at: SystemTime) -> Vec<String> {
    let milliseconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let (latencies, queue_times) = (interval.latency.values(), interval.queue.values());
    let mut latencies = latencies.chunks(MOST_VALUES);
    let mut queue_times = queue_times.chunks(MOST_VALUES);
    let mut lines = Vec::new();
    let mut metrics = vec![
        (names::EMF_REQUESTS, "Count", json!(interval.requests)),
        (names::EMF_ERRORS, "Count", json!(interval.errors)),
        (names::EMF_CLIENT_ERRORS, "Count", json!(interval.client_errors)),
        (names::EMF_REJECTED, "Count", json!(interval.rejected)),
    ];
    if let Some(memory) = memory {
        metrics.push((names::EMF_MEMORY_USED, "Bytes", json!(memory)));
    }
    loop {
        let latency = latencies.next().map(|chunk| (names::EMF_LATENCY, "Milliseconds", distribution(chunk)));
        let queue = queue_times.next().map(|chunk| (names::EMF_QUEUE_TIME, "Milliseconds", distribution(chunk)));
        metrics.extend(latency.into_iter().chain(queue));
        if metrics.is_empty() {
            return lines;
        }
        lines.push(record(labels, milliseconds, &metrics));
        metrics.clear();
    }
}

fn distribution(latencies: &[(f64, u64)]) -> Value {
    let (values, counts): (Vec<f64>, Vec<u64>) = latencies.iter().copied().unzip();
    json!({ "Values": values, "Counts": counts })
}

fn record(labels: &Labels, milliseconds: u64, metrics: &[(&str, &str, Value)]) -> String {
    let definitions: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let mut root = json!({
        "_aws": {
            "Timestamp": milliseconds,
            "LogGroupName": names::log_group(&labels.project, &labels.environment, &labels.service),
            "CloudWatchMetrics": [{
                "Namespace": names::EMF_NAMESPACE,
                "Dimensions": [[names::DIMENSION_PROJECT, names::DIMENSION_ENVIRONMENT, names::DIMENSION_SERVICE]],
                "Metrics": definitions,
            }],
        },
    });
    root[names::DIMENSION_PROJECT] = json!(labels.project);
    root[names::DIMENSION_ENVIRONMENT] = json!(labels.environment);
    root[names::DIMENSION_SERVICE] = json!(labels.service);
    for (name, _, value) in metrics {
        root[*name] = value.clone();
    }
    format!("{root}\n")
}

/// Lets the thread end early, with one last flush.
#[derive(Default)]
pub struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// True once stopped, false when the time is over.
    fn wait(&self, limit: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(stopped, limit, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Flushes until stopped; returns after the last flush.
pub fn flush_until_stopped(target: &Emf, labels: &Labels, metrics: &Metrics, stop: &Stop, every: Duration) {
    let mut agent = match target {
        Emf::Off => return,
        Emf::Stdout => None,
        Emf::Tcp(address) => Some(Agent::new(address)),
    };
    loop {
        let last = stop.wait(every);
        let lines = records(labels, &metrics.take_interval(), resident_memory(), SystemTime::now());
        match &mut agent {
            None => lines.iter().for_each(|line| log::write(line)),
            Some(agent) => agent.send(lines),
        }
        if last {
            return;
        }
    }
}

/// A connection to a CloudWatch agent that is made anew whenever it breaks.
struct Agent {
    address: String,
    stream: Option<TcpStream>,
    kept: VecDeque<String>,
    away: bool,
}

impl Agent {
    fn new(address: &str) -> Agent {
        Agent { address: address.to_owned(), stream: None, kept: VecDeque::new(), away: false }
    }

    fn send(&mut self, lines: Vec<String>) {
        self.kept.extend(lines);
        let surplus = self.kept.len().saturating_sub(MOST_KEPT);
        self.kept.drain(..surplus);
        // The second attempt is for a connection that breaks under the first.
        let outcome = self.drain().or_else(|_| self.drain());
        if let Err(error) = &outcome
            && !self.away
        {
            let line = Line::new(Level::Warn, "the CloudWatch agent is away, metrics are kept and sent later");
            line.text("agent", &self.address).text("error", &error.to_string()).log();
        }
        self.away = outcome.is_err();
    }

    fn drain(&mut self) -> std::io::Result<()> {
        let deadline = Instant::now() + TCP_TIMEOUT;
        let mut stream = match self.stream.take().filter(is_open) {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        while let Some(line) = self.kept.front() {
            if Instant::now() > deadline {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            stream.write_all(line.as_bytes())?;
            self.kept.pop_front();
        }
        self.stream = Some(stream);
        Ok(())
    }
}

/// Whether the agent still holds its end. The first write after it left would succeed all the same, and the record be lost.
fn is_open(stream: &TcpStream) -> bool {
    let looked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    let open = match looked {
        Ok(bytes) => bytes > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    };
    open && stream.set_nonblocking(false).is_ok()
}

fn connect(address: &str) -> std::io::Result<TcpStream> {
    let mut outcome = Err(std::io::ErrorKind::NotFound.into());
    for candidate in address.to_socket_addrs()? {
        outcome = TcpStream::connect_timeout(&candidate, TCP_TIMEOUT);
        if outcome.is_ok() {
            break;
        }
    }
    let stream = outcome?;
    stream.set_write_timeout(Some(TCP_TIMEOUT))?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;
    use crate::metrics::Outcome;

    fn labels() -> Labels {
        Labels { project: "fraud".into(), environment: "prod".into(), service: "risk".into() }
    }

    #[test]
    fn a_record_has_the_shape_of_the_format() {
        let mut interval = Interval::default();
        interval.record(Outcome::Ok, Duration::from_millis(10), Some(Duration::from_millis(1)));
        interval.record(Outcome::ServerError, Duration::from_millis(20), None);
        interval.record(Outcome::ClientError, Duration::from_millis(20), None);
        let lines = records(&labels(), &interval, Some(1 << 20), UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        assert_eq!(lines.len(), 1);
        let value: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(value["_aws"]["Timestamp"], 1_700_000_000_000_u64);
        assert_eq!(value["_aws"]["LogGroupName"], "/windlass/fraud/prod/risk");
        keeps_the_rules(&value);
        let directive = &value["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "windlass");
        assert_eq!(directive["Dimensions"], json!([["Project", "Environment", "Service"]]));
        for definition in directive["Metrics"].as_array().unwrap() {
            assert!(!value[definition["Name"].as_str().unwrap()].is_null(), "{definition} has no value");
        }
        assert_eq!((&value["Requests"], &value["Errors"], &value["ClientErrors"]), (&json!(3), &json!(1), &json!(1)));
        assert_eq!((&value["Latency"]["Counts"], &value["QueueTime"]["Counts"]), (&json!([1, 2]), &json!([1])));
        assert_eq!(value["Rejected"], 0);
        assert_eq!(value["Service"], "risk");
    }

    #[test]
    fn no_record_carries_more_values_than_the_format_allows() {
        let mut interval = Interval::default();
        for step in 0..400 {
            let duration = Duration::from_secs_f64(1e-5 * 1.04_f64.powi(step));
            interval.record(Outcome::Ok, duration, (step < 150).then_some(duration));
        }
        let lines = records(&labels(), &interval, None, UNIX_EPOCH);
        let (mut latencies, mut queued) = (0, 0);
        for line in &lines {
            let value: Value = serde_json::from_str(line).unwrap();
            keeps_the_rules(&value);
            let count = |name: &str| -> u64 {
                value[name]["Counts"].as_array().map_or(0, |n| n.iter().map(|n| n.as_u64().unwrap()).sum())
            };
            latencies += count("Latency");
            queued += count("QueueTime");
        }
        assert_eq!((latencies, queued), (400, 150));
        assert!(lines.len() > 1);
    }

    /// What the format's specification asks of a record, and CloudWatch of the metrics in it; it drops silently what breaks a rule.
    fn keeps_the_rules(record: &Value) {
        let text_of = |value: &Value, most: usize| {
            let text = value.as_str().expect("a text");
            assert!((1..=most).contains(&text.len()) && text.is_ascii(), "{text}");
            text.to_owned()
        };
        assert!(record.to_string().len() < 1 << 20, "an event of CloudWatch Logs holds 1 MB");
        assert!(record["_aws"]["Timestamp"].is_u64());
        text_of(&record["_aws"]["LogGroupName"], 512);
        let directives = record["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
        assert_eq!(directives.len(), 1);
        for directive in directives {
            assert!(!text_of(&directive["Namespace"], 1_024).starts_with("AWS/"));
            for set in directive["Dimensions"].as_array().expect("sets of dimensions") {
                let set = set.as_array().expect("a set");
                assert!((1..=30).contains(&set.len()));
                for dimension in set {
                    text_of(&record[text_of(dimension, 250)], LONGEST_DIMENSION);
                }
            }
            let metrics = directive["Metrics"].as_array().expect("metrics");
            assert!((1..=100).contains(&metrics.len()));
            for metric in metrics {
                let name = text_of(&metric["Name"], 1_024);
                assert!(["Count", "Milliseconds", "Bytes"].contains(&metric["Unit"].as_str().expect("a unit")));
                let value = &record[&name];
                match value["Values"].as_array() {
                    Some(values) => {
                        assert!((1..=MOST_VALUES).contains(&values.len()) && values.iter().all(Value::is_number));
                        assert_eq!(value["Counts"].as_array().map(Vec::len), Some(values.len()));
                    }
                    None => assert!(value.is_number(), "{name} is {value}"),
                }
            }
        }
    }

    #[test]
    fn what_cloudwatch_would_drop_is_refused() {
        let project = |project: &str| Labels { project: project.into(), ..labels() }.check();
        assert!(project("fraud risk").is_ok() && project(&"x".repeat(1_024)).is_ok());
        for wrong in ["", " ", ":a", "é", "a\nb", &"x".repeat(1_025)] {
            assert!(project(wrong).is_err_and(|why| why.contains("WINDLASS_PROJECT")), "{wrong:?}");
        }
    }

    #[test]
    fn records_survive_an_agent_that_comes_late() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let mut agent = Agent::new(&address.to_string());
        agent.send(vec!["1\n".into()]);
        assert!(agent.away);
        let listener = TcpListener::bind(address).unwrap();
        agent.send(vec!["2\n".into()]);
        assert!(!agent.away);
        let mut lines = BufReader::new(listener.accept().unwrap().0).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "1");
        assert_eq!(lines.next().unwrap().unwrap(), "2");
    }

    /// The agent restarts between two flushes: the first write into the old connection would succeed, and be lost.
    #[test]
    fn records_are_not_written_to_an_agent_that_has_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut agent = Agent::new(&listener.local_addr().unwrap().to_string());
        agent.send(vec!["1\n".into()]);
        let mut first = BufReader::new(listener.accept().unwrap().0);
        first.read_line(&mut String::new()).unwrap();
        drop(first);
        std::thread::sleep(Duration::from_millis(50));
        agent.send(vec!["2\n".into()]);
        listener.set_nonblocking(true).unwrap();
        let (stream, _) = listener.accept().expect("no new connection was made");
        stream.set_nonblocking(false).unwrap();
        assert_eq!(BufReader::new(stream).lines().next().unwrap().unwrap(), "2");
    }

    /// An agent that takes connections and reads nothing costs seconds at most, and what is kept for it has a limit.
    #[test]
    fn an_agent_that_hangs_holds_up_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut agent = Agent::new(&listener.local_addr().unwrap().to_string());
        let line = "x".repeat(1 << 20);
        let begun = Instant::now();
        agent.send((0..200).map(|_| line.clone()).collect());
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
        assert!(agent.away && agent.kept.len() <= MOST_KEPT);
    }
}
