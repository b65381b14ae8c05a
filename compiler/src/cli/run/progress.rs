//! What happens while a workflow runs, a line at a time, on standard error.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::Value as Json;
use windlass::run::{Event, Happening};

/// Tells what happens.
pub struct Progress {
    /// With inputs and outputs.
    trace: bool,
    /// When each began that has not ended.
    began: Mutex<BTreeMap<String, Instant>>,
}

impl Progress {
    pub fn new(trace: bool) -> Self {
        Progress { trace, began: Mutex::default() }
    }

    pub fn tell(&self, event: &Event) {
        let name = match event.element {
            Some(at) => format!("{}.{}[{at}]", event.workflow, event.stage.name),
            None => format!("{}.{}", event.workflow, event.stage.name),
        };
        let mut began = self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut took = || match began.remove(&name) {
            Some(start) => format!(" after {} ms", start.elapsed().as_millis()),
            None => String::new(),
        };
        let line = match &event.happening {
            Happening::Began(given) => {
                began.insert(name.clone(), Instant::now());
                format!("{name}: began{}", self.shown("with", given))
            }
            Happening::Skipped => format!("{name}: skipped"),
            Happening::Again(attempt, wait, failure) => {
                format!("{name}: attempt {attempt} failed with {}: {}; again after {wait}", failure.name, failure.cause)
            }
            Happening::Ended(outputs) => format!("{name}: ended{}{}", took(), self.shown("and gave", outputs)),
            Happening::Failed(failure, handled) => {
                let handled = if *handled { ", which is handled" } else { "" };
                format!("{name}: failed{} with {}: {}{handled}", took(), failure.name, failure.cause)
            }
        };
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// A message that would be sent.
    pub fn message(&self, channel: &str, subject: Option<&str>, message: &str) {
        let subject = subject.map(|subject| format!(" [{subject}]")).unwrap_or_default();
        let _ = writeln!(std::io::stderr().lock(), "channel.{channel}:{subject} {message}");
    }

    fn shown(&self, word: &str, json: &Json) -> String {
        if self.trace { format!(" {word} {json:#}") } else { String::new() }
    }
}
