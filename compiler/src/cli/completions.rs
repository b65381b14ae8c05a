//! `windlass completions`: a script that completes commands and flags, for a shell.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::Cli;
use super::report::print;

/// Which shell.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum For {
    /// Bourne Again Shell.
    Bash,
    /// Friendly Interactive Shell.
    Fish,
    /// PowerShell.
    Powershell,
    /// Z Shell.
    Zsh,
}

/// Prints the script.
pub fn run(shell: For) {
    let shell = match shell {
        For::Bash => Shell::Bash,
        For::Fish => Shell::Fish,
        For::Powershell => Shell::PowerShell,
        For::Zsh => Shell::Zsh,
    };
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "windlass", &mut script);
    print(&String::from_utf8_lossy(&script));
}
