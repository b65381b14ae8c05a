//! Commands in place of functions and jobs, each with the time that it may take.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use windlass::run::Failure;

/// What a command printed, and whether it was content.
pub struct Ended {
    pub output: String,
    pub errors: String,
    pub success: bool,
}

/// Runs a command of the shell with these arguments behind it. One whose output has not ended by then is killed, and fails with
/// `States.Timeout`.
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
    let until = Instant::now() + timeout;
    let mut child = shell.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut pipe) = child.stdin.take() {
        let input = input.to_owned();
        // A command need not read its input.
        thread::spawn(move || pipe.write_all(input.as_bytes()));
    }
    let (output, errors) = (read(child.stdout.take()), read(child.stderr.take()));
    // What the shell started may hold the pipes when the shell itself is gone; nobody waits for that longer than for the shell.
    let left = || until.saturating_duration_since(Instant::now());
    if let (Ok(output), Ok(errors)) = (output.recv_timeout(left()), errors.recv_timeout(left())) {
        loop {
            match child.try_wait().map_err(|error| failed(error.to_string()))? {
                Some(status) => return Ok(Ended { output, errors, success: status.success() }),
                None if left().is_zero() => break,
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
    // It may have ended just now.
    let _ = child.kill().and_then(|()| child.wait());
    Err(Failure::new("States.Timeout", &format!("`{command}` took longer than {timeout:?}")))
}

/// What comes out of a pipe until all who write to it are done.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before it failed is all there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // After the timeout nobody listens.
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}
