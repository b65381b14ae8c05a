//! Which versions to serve: the service's constants, or a small JSON file -> [`Wanted`].
//!
//! The file is what changes while the process runs, so whoever writes it may be in the middle of writing: it is taken whole or not at all.
//!
//! ```json
//! { "versions": [ { "version": "3", "source": "/models/risk-3.onnx", "sha256": "6f…", "traffic": 90 },
//!                 { "version": "4", "source": "/models/risk-4.onnx", "sha256": "9a…", "traffic": 10 },
//!                 { "version": "5", "source": "/models/risk-5.onnx", "sha256": "c0…", "shadow": true } ],
//!   "shadow_sample": 5 }
//! ```

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::names;
use crate::service::{ALL, Golden, Model, Version};
use crate::settings::Settings;

/// A list of versions is small; what is longer is another file.
const LONGEST_FILE: u64 = 1 << 20;
/// Each version takes memory for its weights.
const MOST_VERSIONS: usize = 64;

/// One version that is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub label: String,
    /// A file, a folder, or an address.
    pub source: String,
    pub sha256: String,
    /// Hundredths of a percent.
    pub traffic: u32,
    pub shadow: bool,
    pub golden: Option<Golden>,
}

impl Declared {
    /// Whether both stand for the same bytes under the same label, held against the same pairs; shares may differ.
    pub fn same_model(&self, other: &Declared) -> bool {
        self.label == other.label && self.sha256 == other.sha256 && self.golden == other.golden
    }
}

/// All versions that are to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub versions: Vec<Declared>,
    /// Hundredths of a percent.
    pub shadow_sample: u32,
}

/// From the file that the settings name, else from the constants. The error says what is wrong with the file.
pub fn wanted(model: &Model, settings: &Settings) -> Result<Wanted, String> {
    match &settings.model_config {
        Some(path) => {
            let place = |why| format!("the model list `{}` {why}", path.display());
            read(path).and_then(|text| parse(&text, model)).map_err(place)
        }
        None => Ok(declared(model, settings)),
    }
}

fn declared(model: &Model, settings: &Settings) -> Wanted {
    let alone = model.versions.len() == 1;
    let inside = |folder: &Path, file: &str| {
        let path = folder.join(file);
        // A folder that somebody else filled has names of its own.
        let path = if folder.is_dir() && !path.exists() { folder.to_owned() } else { path };
        path.to_string_lossy().into_owned()
    };
    let source = |version: &Version| match (&settings.model_store, &settings.model_path) {
        (Some(store), _) => {
            format!("{}/{}", store.trim_end_matches('/'), names::stored(version.label, version.sha256))
        }
        (None, Some(path)) if alone && !path.is_dir() => path.to_string_lossy().into_owned(),
        (None, Some(folder)) => inside(folder, version.file),
        (None, None) => inside(Path::new(names::DEFAULT_MODEL_DIRECTORY), version.file),
    };
    let versions = model.versions.iter().map(|version| Declared {
        label: version.label.to_owned(),
        source: source(version),
        sha256: version.sha256.to_owned(),
        traffic: version.traffic,
        shadow: version.shadow,
        golden: version.golden,
    });
    Wanted { versions: versions.collect(), shadow_sample: model.shadow_sample }
}

fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(LONGEST_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(format!("is longer than {LONGEST_FILE} bytes"));
    }
    Ok(text)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    versions: Vec<Item>,
    /// Percent.
    shadow_sample: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    version: String,
    source: String,
    sha256: String,
    /// Percent.
    traffic: Option<f64>,
    #[serde(default)]
    shadow: bool,
}

/// A list names no golden pairs; those that were compiled in for the very bytes of a version hold for it under any label.
pub fn parse(text: &str, model: &Model) -> Result<Wanted, String> {
    let file: File = serde_json::from_str(text).map_err(|error| format!("is wrong: {error}"))?;
    if file.versions.is_empty() || file.versions.len() > MOST_VERSIONS {
        return Err(format!("lists {} versions; list 1 to {MOST_VERSIONS}", file.versions.len()));
    }
    let mut versions: Vec<Declared> = Vec::with_capacity(file.versions.len());
    for item in file.versions {
        let wrong = |why: &str| format!("is wrong: version `{}` {why}", item.version);
        if item.version.is_empty() || item.version.len() > 128 || item.version.contains('/') {
            return Err(wrong("has no label that a path can carry"));
        }
        if versions.iter().any(|known| known.label == item.version) {
            return Err(wrong("is listed twice"));
        }
        if item.sha256.len() != 64 || !item.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong("needs a sha256 of 64 lower-case hexadecimal digits"));
        }
        let traffic =
            item.traffic.map(hundredths).transpose().map_err(|why| wrong(&format!("has a `traffic` {why}")))?;
        if item.shadow && traffic.is_some() {
            return Err(wrong("is a shadow, and so gets no traffic of its own"));
        }
        if item.shadow && versions.iter().any(|known| known.shadow) {
            return Err(wrong("is a second shadow; there may be one"));
        }
        let compiled = model.versions.iter().find(|version| version.sha256 == item.sha256);
        versions.push(Declared {
            label: item.version,
            source: item.source,
            sha256: item.sha256,
            traffic: traffic.unwrap_or(0),
            shadow: item.shadow,
            golden: compiled.and_then(|version| version.golden),
        });
    }
    let total: u32 = versions.iter().map(|version| version.traffic).sum();
    if total != ALL {
        let total = f64::from(total) / 100.0;
        return Err(format!("is wrong: the traffic of all versions is {total} %, not 100 %"));
    }
    let sample = file.shadow_sample.map(hundredths).transpose();
    let sample = sample.map_err(|why| format!("is wrong: it has a `shadow_sample` {why}"))?;
    Ok(Wanted { versions, shadow_sample: sample.unwrap_or(ALL) })
}

/// A percentage as hundredths of a percent.
fn hundredths(percent: f64) -> Result<u32, String> {
    if (0.0..=100.0).contains(&percent) {
        Ok((percent * 100.0).round() as u32)
    } else {
        Err(format!("of {percent}; write a percentage from 0 to 100"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: Golden = Golden { file: "golden.json", sha256: "" };
    const MODEL: Model = Model {
        name: "m",
        versions: &[Version {
            golden: Some(GOLDEN),
            ..Version::only("3", "m", "abababababababababababababababababababababababababababababababab")
        }],
        shadow_sample: 0,
        inputs: &[],
        outputs: &[],
    };

    fn item(rest: &str) -> String {
        format!(r#"{{"source": "/m", "sha256": "{}", {rest}}}"#, "ab".repeat(32))
    }

    fn list(items: &[&str]) -> Result<Wanted, String> {
        let items: Vec<String> = items.iter().map(|rest| item(rest)).collect();
        parse(&format!(r#"{{"versions": [{}], "shadow_sample": 12.5}}"#, items.join(",")), &MODEL)
    }

    #[test]
    fn percentages_become_hundredths() {
        let wanted = list(&[
            r#""version": "3", "traffic": 87.5"#,
            r#""version": "4", "traffic": 12.5"#,
            r#""version": "5", "shadow": true"#,
        ])
        .unwrap();
        let shares: Vec<_> = wanted.versions.iter().map(|version| (version.traffic, version.shadow)).collect();
        assert_eq!(shares, [(8_750, false), (1_250, false), (0, true)]);
        assert_eq!(wanted.shadow_sample, 1_250);
    }

    #[test]
    fn golden_pairs_follow_the_bytes() {
        let wanted = |text: &str| parse(text, &MODEL).unwrap().versions;
        let text = format!(r#"{{"versions": [{}]}}"#, item(r#""version": "renamed", "traffic": 100"#));
        assert_eq!(wanted(&text)[0].golden, Some(GOLDEN));
        let (other, known) = (wanted(&text.replace("ab", "cd")), wanted(&text));
        assert_eq!(other[0].golden, None);
        let without = Declared { golden: None, ..known[0].clone() };
        assert!(known[0].same_model(&known[0].clone()) && !known[0].same_model(&without));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (items, part) in [
            (&[][..], "lists 0 versions"),
            (&[r#""version": "3", "traffic": 99"#], "is 99 %, not 100 %"),
            (&[r#""version": "3", "traffic": 101"#], "write a percentage"),
            (&[r#""version": "3", "traffic": -1"#], "write a percentage"),
            (&[r#""version": "a/b", "traffic": 100"#], "no label"),
            (&[r#""version": "3", "traffic": 100"#, r#""version": "3""#], "listed twice"),
            (&[r#""version": "3", "traffic": 100, "shadow": true"#], "is a shadow"),
            (&[r#""version": "3", "shadow": true"#, r#""version": "4", "shadow": true"#], "a second shadow"),
            (&[r#""version": "3", "traffic": 100, "weight": 1"#], "unknown field `weight`"),
        ] {
            let why = list(items).expect_err(part);
            assert!(why.contains(part), "{why}");
        }
        assert!(
            parse(r#"{"versions": [{"version": "3", "source": "/m", "sha256": "AB"}]}"#, &MODEL)
                .unwrap_err()
                .contains("64")
        );
        assert!(parse("{", &MODEL).unwrap_err().contains("is wrong"));
    }
}
