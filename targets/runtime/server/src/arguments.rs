//! The command line: words in, a [`Command`] or what is wrong with them out.

use std::path::PathBuf;

use crate::Question;
use crate::metrics::Metric;

pub const HELP: &str = "\
Serves an ONNX model, and tells what it computes

Usage:
  windlass-server serve --config FILE
  windlass-server inspect MODEL.onnx [--json]
  windlass-server check (--model FILE | --config FILE) --golden FILE
  windlass-server score (--model FILE | --config FILE) --dataset FILE
                        (--label COLUMN | --labels FILE.npy) [--output NAME]
                        --metric accuracy|auc|f1|rmse|mae ...

A configuration is JSON with the name of a service, its model (name, inputs, outputs, and
versions: version, file, sha256, traffic, shadow, golden) and settings (environment variables
by name); `-` is standard input. A data set is CSV with a header, or NPY. --golden-sha256, --dataset-sha256 and --labels-sha256
take the digest that the file must have.

Exit codes: 0 all is well, 1 it failed, 2 the command line is wrong, 3 a golden pair does not
hold. Findings are JSON on standard output, a failure is one JSON line with `error` on standard
error.
";

/// Which model.
pub enum Source {
    Model(PathBuf),
    Config(PathBuf),
}

pub enum Command {
    Help,
    Version,
    Serve { config: PathBuf },
    Inspect { model: PathBuf, as_json: bool },
    Check { source: Source, golden: PathBuf, sha256: Option<String> },
    Score(Question),
}

/// Flags that were not asked for yet, with their values.
pub struct Arguments {
    flags: Vec<(String, String)>,
}

impl Arguments {
    pub fn parse(words: Vec<String>) -> Result<Command, String> {
        let (command, words) = words.split_first().ok_or("no command is given; see --help")?;
        if words.iter().any(|word| word == "--help" || word == "-h") {
            return Ok(Command::Help);
        }
        let rest = |words: &[String]| -> Result<Arguments, String> {
            let mut flags = Vec::new();
            let mut words = words.iter();
            while let Some(word) = words.next() {
                let Some(flag) = word.strip_prefix("--") else {
                    return Err(format!("`{word}` is out of place; see --help"));
                };
                let (flag, value) = match flag.split_once('=') {
                    Some((flag, value)) => (flag, Some(value.to_owned())),
                    None => (flag, words.next().cloned()),
                };
                flags.push((flag.to_owned(), value.ok_or_else(|| format!("--{flag} takes a value"))?));
            }
            Ok(Arguments { flags })
        };
        let (command, left) = match command.as_str() {
            "--help" | "-h" | "help" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "serve" => {
                let mut given = rest(words)?;
                (Command::Serve { config: given.needed("config")?.into() }, given)
            }
            "inspect" => {
                let is_json = |word: &String| word == "--json";
                let mut paths = words.iter().filter(|word| !is_json(word));
                let model =
                    paths.next().filter(|word| !word.starts_with("--")).ok_or("inspect takes a model's path")?;
                let given = rest(&paths.cloned().collect::<Vec<_>>())?;
                (Command::Inspect { model: model.into(), as_json: words.iter().any(is_json) }, given)
            }
            "check" => {
                let mut given = rest(words)?;
                let (source, golden) = (given.source()?, given.needed("golden")?.into());
                (Command::Check { source, golden, sha256: given.take("golden-sha256")? }, given)
            }
            "score" => {
                let mut given = rest(words)?;
                let mut metrics = Vec::new();
                while let Some(at) = given.flags.iter().position(|(flag, _)| flag == "metric") {
                    let (_, name) = given.flags.remove(at);
                    let metric = Metric::ALL.into_iter().find(|metric| metric.name() == name);
                    metrics.push(metric.ok_or_else(|| format!("there is no metric `{name}`"))?);
                }
                if metrics.is_empty() {
                    return Err("--metric is missing; see --help".to_owned());
                }
                let question = Question {
                    source: given.source()?,
                    dataset: given.needed("dataset")?.into(),
                    dataset_sha256: given.take("dataset-sha256")?,
                    label: given.take("label")?,
                    labels: given.take("labels")?.map(PathBuf::from),
                    labels_sha256: given.take("labels-sha256")?,
                    output: given.take("output")?,
                    metrics,
                };
                if question.label.is_some() == question.labels.is_some() {
                    return Err("give either --label or --labels".to_owned());
                }
                (Command::Score(question), given)
            }
            other => return Err(format!("there is no command `{other}`; see --help")),
        };
        match left.flags.first() {
            Some((flag, _)) => Err(format!("there is no flag --{flag} here; see --help")),
            None => Ok(command),
        }
    }

    fn take(&mut self, name: &str) -> Result<Option<String>, String> {
        let Some(at) = self.flags.iter().position(|(flag, _)| flag == name) else { return Ok(None) };
        let (_, value) = self.flags.remove(at);
        if self.flags.iter().any(|(flag, _)| flag == name) {
            return Err(format!("--{name} is given twice"));
        }
        Ok(Some(value))
    }

    fn needed(&mut self, name: &str) -> Result<String, String> {
        self.take(name)?.ok_or_else(|| format!("--{name} is missing; see --help"))
    }

    fn source(&mut self) -> Result<Source, String> {
        match (self.take("model")?, self.take("config")?) {
            (Some(model), None) => Ok(Source::Model(model.into())),
            (None, Some(config)) => Ok(Source::Config(config.into())),
            _ => Err("give either --model or --config".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn lines_are_read() {
        assert!(matches!(parse("serve --config=a.json"), Ok(Command::Serve { config }) if config == *"a.json"));
        assert!(
            matches!(parse("inspect --json m.onnx"), Ok(Command::Inspect { model, as_json: true }) if model == *"m.onnx")
        );
        assert!(matches!(parse("check --config - --golden g"), Ok(Command::Check { source: Source::Config(_), .. })));
        let Ok(Command::Score(question)) = parse("score --model m --metric f1 --dataset d --label l --metric auc")
        else {
            panic!("not a question")
        };
        assert_eq!((question.metrics, question.label), (vec![Metric::F1, Metric::Auc], Some("l".to_owned())));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("", "no command"),
            ("sreve", "no command `sreve`"),
            ("serve", "--config is missing"),
            ("serve --config", "--config takes a value"),
            ("serve --config a --config b", "twice"),
            ("serve --config a --port 1", "no flag --port"),
            ("serve a", "`a` is out of place"),
            ("inspect --json", "takes a model's path"),
            ("check --golden g", "either --model or --config"),
            ("score --model m --dataset d --label l", "--metric is missing"),
            ("score --model m --dataset d --label l --metric r2", "no metric `r2`"),
            ("score --model m --dataset d --metric f1", "either --label or --labels"),
        ] {
            let error = parse(line).err().unwrap_or_else(|| panic!("{line}"));
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
