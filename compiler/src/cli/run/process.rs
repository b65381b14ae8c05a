//! Commands in place of functions and jobs, each with the time that it may take.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use windlass::run::Failure;

/// What a command printed, and whether it was content.
pub struct Ended {
    pub output: String,
    pub errors: String,
    pub success: bool,
}

/// Runs a command of the shell with these arguments behind it. One that takes too long is ended, and fails with `States.Timeout`.
pub fn run(
    command: &str,
    arguments: &[String],
    environment: &BTreeMap<String, String>,
    input: &str,
    timeout: Duration,
) -> Result<Ended, Failure> {
    let failed = |why: String| Failure::new("States.TaskFailed", &format!("`{command}`: {why}"));
    // `"$@"` hands the arguments over as they are.
    let line = format!("{command} \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line, "sh"]).args(arguments).envs(environment);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().map_err(|error| failed(error.to_string()))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|threads| {
        // A command need not read its input.
        threads.spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let output = threads.spawn(move || read(stdout));
        let errors = threads.spawn(move || read(stderr));
        let until = Instant::now() + timeout;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                _ => break None,
            }
        };
        if status.is_none() {
            // It may have ended just now.
            let _ = child.kill().and_then(|()| child.wait());
        }
        let text = |thread: thread::ScopedJoinHandle<String>| thread.join().unwrap_or_default();
        match status {
            Some(status) => Ok(Ended { output: text(output), errors: text(errors), success: status.success() }),
            None => Err(Failure::new("States.Timeout", &format!("`{command}` took longer than {timeout:?}"))),
        }
    })
}

fn read(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What was read before it failed is all there is.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
