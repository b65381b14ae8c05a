//! Values of variables on the command line and in the environment.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use windlass::evaluate::Given;
use windlass::modules::LARGEST_SPEC;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;

/// What the name of an environment variable begins with.
const PREFIX: &str = "WINDLASS_VAR_";

/// `--var` and `--var-file`, in the order given.
#[derive(Clone, Debug)]
pub struct Variables {
    options: Vec<Choice>,
}

#[derive(Clone, Debug)]
enum Choice {
    Value(String, String),
    File(PathBuf),
}

impl FromArgMatches for Variables {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let at = |name: &str| matches.indices_of(name).into_iter().flatten();
        let values = matches.get_many::<(String, String)>("var").into_iter().flatten();
        let values = at("var").zip(values.map(|(name, value)| Choice::Value(name.clone(), value.clone())));
        let files = matches.get_many::<PathBuf>("var-file").into_iter().flatten();
        let files = at("var-file").zip(files.map(|path| Choice::File(path.clone())));
        let mut options: Vec<(usize, Choice)> = values.chain(files).collect();
        options.sort_by_key(|(at, _)| *at);
        Ok(Variables { options: options.into_iter().map(|(_, option)| option).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Variables {
    fn augment_args(command: Command) -> Command {
        let value = Arg::new("var")
            .long("var")
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .value_parser(assignment)
            .help(
                "Gives a variable a value; stronger than `--env`, `WINDLASS_VAR_NAME`, and what stands before it here",
            );
        let file = Arg::new("var-file")
            .long("var-file")
            .value_name("FILE")
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf))
            .help("Gives variables the values of a file of lines `name = value`, as strong as `--var`");
        command.arg(value).arg(file)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write `NAME=VALUE`")?;
    if name.trim().is_empty() {
        return Err("there is no name before `=`".to_owned());
    }
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Variables {
    /// All values: those of the environment first, then those of the command line.
    pub fn given(&self) -> Result<Vec<Given>, Diagnostic> {
        let mut given = Vec::new();
        let mut environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        environment.sort();
        for (name, value) in environment {
            let Some(variable) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            let origin = format!("{PREFIX}{variable}");
            let Ok(value) = value.into_string() else {
                let message = format!("the environment variable `{origin}` is not UTF-8");
                return Err(Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help("give it a value in UTF-8"));
            };
            given.push(Given::Text { name: variable.to_owned(), value, origin });
        }
        for option in &self.options {
            given.push(match option {
                Choice::Value(name, value) => {
                    let origin = format!("--var {name}");
                    Given::Text { name: name.clone(), value: value.clone(), origin }
                }
                Choice::File(path) => Given::File { name: path.display().to_string(), text: read(path)? },
            });
        }
        Ok(given)
    }
}

fn read(path: &Path) -> Result<String, Diagnostic> {
    let failed = |reason: String| {
        let message = format!("the file of values `{}` can't be read", path.display());
        Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(reason)
    };
    let length = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > LARGEST_SPEC {
        return Err(failed(format!("it has {length} bytes; at most {LARGEST_SPEC} are read")));
    }
    let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
