//! A text and the same formatted to a unified diff.
//!
//! Formatting keeps every line where it is, and at most drops empty ones at the end. So there is nothing to search: line
//! is held against line, in linear time.

use std::fmt::Write;
use std::ops::Range;

/// Lines shown around a change.
const AROUND: usize = 3;

/// What `diff -u` says; empty when the texts are the same.
pub fn unified(name: &str, before: &str, after: &str) -> String {
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let all = before.len().max(after.len());
    let changed = |line: &usize| before.get(*line) != after.get(*line);
    let mut text = String::new();
    let mut hunk: Option<Range<usize>> = None;
    for line in (0..all).filter(changed) {
        match &mut hunk {
            Some(hunk) if line <= hunk.end + AROUND => hunk.end = line + 1 + AROUND,
            _ => {
                write_hunk(&mut text, hunk.take(), &before, &after);
                hunk = Some(line.saturating_sub(AROUND)..line + 1 + AROUND);
            }
        }
    }
    write_hunk(&mut text, hunk, &before, &after);
    if text.is_empty() { text } else { format!("--- old/{name}\n+++ new/{name}\n{text}") }
}

fn write_hunk(text: &mut String, hunk: Option<Range<usize>>, before: &[&str], after: &[&str]) {
    let Some(hunk) = hunk else { return };
    let part = |lines: &[&str]| {
        let end = hunk.end.min(lines.len());
        // Nothing is placed behind the line before it.
        let start = if hunk.start < end { hunk.start + 1 } else { end };
        (start, end.saturating_sub(hunk.start))
    };
    let ((old, olds), (new, news)) = (part(before), part(after));
    // Writing to a string does not fail.
    let _ = writeln!(text, "@@ -{old},{olds} +{new},{news} @@");
    let mut added: Vec<&str> = Vec::new();
    for line in hunk {
        match (before.get(line), after.get(line)) {
            (Some(old), Some(new)) if old == new => {
                added.drain(..).for_each(|line| write_line(text, '+', line));
                write_line(text, ' ', old);
            }
            (old, new) => {
                if let Some(old) = old {
                    write_line(text, '-', old);
                }
                added.extend(new);
            }
        }
    }
    added.into_iter().for_each(|line| write_line(text, '+', line));
}

fn write_line(text: &mut String, sign: char, line: &str) {
    text.push(sign);
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str("\n\\ No newline at end of file\n");
    }
}
