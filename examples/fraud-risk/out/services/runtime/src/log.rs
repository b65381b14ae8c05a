//! Events -> JSON lines on standard output.
//!
//! Serving threads append to a buffer in memory and never wait for the pipe: one writer thread empties the buffer. If whoever reads
//! the pipe stalls, lines past the buffer's limit are dropped and their number is logged once it moves again.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    pub fn parse(text: &str) -> Option<Level> {
        Some(match text {
            "error" => Level::Error,
            "warn" => Level::Warn,
            "info" => Level::Info,
            "debug" => Level::Debug,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

/// The least severe level that is written.
static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);

pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Relaxed);
}

pub fn enabled(level: Level) -> bool {
    level as u8 <= LEVEL.load(Relaxed)
}

/// One JSON line under construction.
pub struct Line(String, Level);

impl Line {
    pub fn new(level: Level, message: &str) -> Line {
        let mut text = String::with_capacity(256);
        text.push_str("{\"timestamp\":\"");
        push_timestamp(&mut text, SystemTime::now());
        text.push_str("\",\"level\":\"");
        text.push_str(level.name());
        text.push_str("\",\"message\":");
        push_json_string(&mut text, message);
        Line(text, level)
    }

    pub fn text(mut self, key: &str, value: &str) -> Line {
        self.key(key);
        push_json_string(&mut self.0, value);
        self
    }

    pub fn number(mut self, key: &str, value: u64) -> Line {
        self.key(key);
        let _ = write!(self.0, "{value}");
        self
    }

    pub fn milliseconds(mut self, key: &str, value: Duration) -> Line {
        self.key(key);
        let _ = write!(self.0, "{:.3}", value.as_secs_f64() * 1_000.0);
        self
    }

    /// `json` is a whole JSON value on one line.
    pub fn raw(mut self, key: &str, json: &str) -> Line {
        self.key(key);
        self.0.push_str(json);
        self
    }

    fn key(&mut self, key: &str) {
        self.0.push_str(",\"");
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    pub fn finish(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }

    /// Hands the line to the writer thread, if its level is wanted.
    pub fn log(self) {
        if enabled(self.1) {
            write(&self.finish());
        }
    }
}

/// What waits for the writer thread; past this, lines are dropped.
const BUFFER_LIMIT: usize = 4 * 1024 * 1024;
/// How long lines may gather before they are written.
const WRITE_EVERY: Duration = Duration::from_millis(50);

static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Lines that were dropped since the process began.
pub fn dropped() -> u64 {
    DROPPED.load(Relaxed)
}

#[derive(Default)]
struct Buffer {
    pending: Vec<u8>,
    dropped: u64,
    writing: bool,
}

struct Writer {
    buffer: Mutex<Buffer>,
    changed: Condvar,
}

fn writer() -> &'static Writer {
    static WRITER: OnceLock<Writer> = OnceLock::new();
    static THREAD: std::sync::Once = std::sync::Once::new();
    let writer = WRITER.get_or_init(|| Writer { buffer: Mutex::default(), changed: Condvar::new() });
    THREAD.call_once(|| {
        // Without a thread of its own the log would be silent; then each line is written by `flush` at the end.
        let _ =
            std::thread::Builder::new().name("log".into()).stack_size(128 * 1024).spawn(move || write_forever(writer));
    });
    writer
}

fn lock(writer: &Writer) -> MutexGuard<'_, Buffer> {
    writer.buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_forever(writer: &'static Writer) {
    let mut out = Vec::new();
    loop {
        let mut buffer = lock(writer);
        while buffer.pending.is_empty() {
            buffer = writer.changed.wait(buffer).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut out, &mut buffer.pending);
        let dropped = std::mem::take(&mut buffer.dropped);
        buffer.writing = true;
        drop(buffer);
        if dropped > 0 {
            let line = Line::new(Level::Warn, "log lines were dropped because standard output stalled");
            out.extend_from_slice(line.number("dropped", dropped).finish().as_bytes());
        }
        // A closed pipe is no reason to stop serving.
        let _ = std::io::stdout().lock().write_all(&out);
        out.clear();
        out.shrink_to(64 * 1024);
        lock(writer).writing = false;
        writer.changed.notify_all();
        std::thread::sleep(WRITE_EVERY);
    }
}

/// Hands one whole line to the writer thread, whatever the level.
pub fn write(line: &str) {
    let writer = writer();
    let mut buffer = lock(writer);
    if buffer.pending.len() + line.len() > BUFFER_LIMIT {
        buffer.dropped += 1;
        DROPPED.fetch_add(1, Relaxed);
        return;
    }
    let was_empty = buffer.pending.is_empty();
    buffer.pending.extend_from_slice(line.as_bytes());
    drop(buffer);
    if was_empty {
        writer.changed.notify_all();
    }
}

/// Waits until all lines have been written, at most for `limit`.
pub fn flush(limit: Duration) {
    let writer = writer();
    let buffer = lock(writer);
    let _ = writer.changed.wait_timeout_while(buffer, limit, |b| !b.pending.is_empty() || b.writing);
}

/// Writes `2026-01-31T12:00:00.123Z`.
/// As the lines of the log have it: `2026-01-31T12:34:56.789Z`.
pub fn timestamp(now: SystemTime) -> String {
    let mut text = String::with_capacity(24);
    push_timestamp(&mut text, now);
    text
}

fn push_timestamp(out: &mut String, now: SystemTime) {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    let mut digits = |number: u64, width: u32, after: char| {
        for place in (0..width).rev() {
            out.push(char::from(b'0' + (number / 10_u64.pow(place) % 10) as u8));
        }
        out.push(after);
    };
    digits(year, 4, '-');
    digits(month, 2, '-');
    digits(day, 2, 'T');
    digits(seconds / 3_600, 2, ':');
    digits(seconds / 60 % 60, 2, ':');
    digits(seconds % 60, 2, '.');
    digits(u64::from(since.subsec_millis()), 3, 'Z');
}

/// Days since 1970-01-01 -> year, month, day in the Gregorian calendar, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

pub(crate) fn push_json_string(out: &mut String, value: &str) {
    out.push('"');
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            byte => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
        // All of these are single bytes, so what follows begins a character.
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_json_whatever_the_values() {
        let nasty = "a\"b\\c\nd\u{1}é\u{2028}";
        let line = Line::new(Level::Info, nasty).text("path", nasty).number("n", 7).finish();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["message"], nasty);
        assert_eq!(value["path"], nasty);
        assert_eq!(value["n"], 7);
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn timestamps_are_rfc_3339() {
        let mut out = String::new();
        push_timestamp(&mut out, UNIX_EPOCH + Duration::from_millis(1_772_366_405_007));
        assert_eq!(out, "2026-03-01T12:00:05.007Z");
    }

    #[test]
    fn dates_are_gregorian() {
        for (days, date) in [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_513, (2026, 3, 1))] {
            assert_eq!(civil(days), date);
        }
    }
}
