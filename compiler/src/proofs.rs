//! `windlass.proofs.json`: what the engine said about the models of a project, kept beside the spec, so that whoever lacks the engine can compile
//! what was proven elsewhere, and a review sees what changed.
//!
//! An answer counts for the very question, files by their digests, and for the windlass that wrote it: another one emits another engine.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Engine, Question, Silence};
use crate::files::Files;

/// The name of the file, in the folder of the spec.
pub const FILE: &str = "windlass.proofs.json";

/// Questions with their answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proofs {
    /// The version of windlass that they are of.
    windlass: String,
    proofs: Vec<Proof>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    model: String,
    version: String,
    /// The environments of the spec in which it is asked.
    environments: Vec<String>,
    question: Value,
    answer: Value,
}

impl Proofs {
    /// Those of a project. A file that is not there, is broken or of another windlass proves nothing.
    pub fn read(files: &dyn Files) -> Proofs {
        let read = files.read(FILE).ok().and_then(|bytes| serde_json::from_slice::<Proofs>(&bytes).ok());
        read.filter(|proofs| proofs.windlass == env!("CARGO_PKG_VERSION")).unwrap_or_default()
    }

    /// With what was told in this environment; what was asked there before and no longer is goes.
    pub fn with(mut self, environment: &str, told: &Told) -> Proofs {
        for proof in &mut self.proofs {
            proof.environments.retain(|known| known != environment);
        }
        for new in told.0.borrow().iter() {
            let known = self.proofs.iter_mut().find(|known| known.about() == new.about());
            match known {
                Some(known) => known.answer = new.answer.clone(),
                None => self.proofs.push(new.clone()),
            }
            if let Some(proof) = self.proofs.iter_mut().find(|known| known.about() == new.about()) {
                proof.environments.push(environment.to_owned());
                proof.environments.sort();
                proof.environments.dedup();
            }
        }
        self.proofs.retain(|proof| !proof.environments.is_empty());
        self.proofs.sort_by_key(|proof| (proof.model.clone(), proof.version.clone(), proof.question.to_string()));
        Proofs { windlass: env!("CARGO_PKG_VERSION").to_owned(), ..self }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.proofs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.proofs.is_empty()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // Texts and JSON always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Proof {
    fn about(&self) -> (&str, &str, &Value) {
        (&self.model, &self.version, &self.question)
    }
}

/// What an engine told in one compilation.
#[derive(Default)]
pub struct Told(RefCell<Vec<Proof>>);

/// Answers from proofs, and asks the engine for what they lack.
pub struct Recalling<'e> {
    pub proofs: &'e Proofs,
    pub engine: &'e dyn Engine,
    pub told: &'e Told,
}

impl Engine for Recalling<'_> {
    fn ask(&self, question: &Question<'_>) -> Result<Value, Silence> {
        let (model, facts) = (question.model(), question.facts());
        let answer = match self.proofs.proofs.iter().find(|proof| proof.question == facts) {
            Some(proof) => proof.answer.clone(),
            None => self.engine.ask(question)?,
        };
        self.told.0.borrow_mut().push(Proof {
            model: model.name.clone(),
            version: model.version.clone(),
            environments: Vec::new(),
            question: facts,
            answer: answer.clone(),
        });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use windlass_schemas::plan::{Golden, ServedModel};
    use windlass_schemas::span::Span;

    use super::*;
    use crate::engine::NoEngine;

    struct Says(u64);

    impl Engine for Says {
        fn ask(&self, _: &Question<'_>) -> Result<Value, Silence> {
            Ok(json!({ "says": self.0 }))
        }
    }

    fn ask(proofs: &Proofs, engine: &dyn Engine, sha256: &str) -> (Option<Value>, Told) {
        let model = ServedModel {
            name: "risk".to_owned(),
            version: "3".to_owned(),
            file: "risk.onnx".to_owned(),
            sha256: sha256.to_owned(),
            signature: Default::default(),
            golden: None,
            origin: Span::default(),
        };
        let golden = Golden { file: "g.json".to_owned(), sha256: "ab".to_owned(), origin: Span::default() };
        let told = Told::default();
        let answer = Recalling { proofs, engine, told: &told }.ask(&Question::Golden(&model, &golden));
        (answer.ok(), told)
    }

    fn kept(proofs: &Proofs) -> Proofs {
        Proofs::read(&BTreeMap::from([(FILE.to_owned(), proofs.text().into_bytes())]))
    }

    #[test]
    fn what_was_told_is_recalled_for_the_same_bytes() {
        let (answer, told) = ask(&Proofs::default(), &Says(1), "aa");
        assert_eq!(answer, Some(json!({ "says": 1 })));
        let proofs = kept(&Proofs::default().with("prod", &told));
        assert_eq!(ask(&proofs, &NoEngine, "aa").0, Some(json!({ "says": 1 })));
        assert_eq!(ask(&proofs, &NoEngine, "bb").0, None);
        assert_eq!(ask(&proofs, &Says(2), "bb").0, Some(json!({ "says": 2 })));
    }

    #[test]
    fn environments_share_and_forget() {
        let (_, told) = ask(&Proofs::default(), &Says(1), "aa");
        let proofs = Proofs::default().with("prod", &told).with("dev", &told).with("dev", &told);
        assert_eq!(
            (proofs.len(), proofs.proofs[0].environments.clone()),
            (1, vec!["dev".to_owned(), "prod".to_owned()])
        );
        let (_, other) = ask(&proofs, &Says(2), "bb");
        let proofs = proofs.with("dev", &other);
        assert_eq!((proofs.len(), proofs.proofs[0].environments.clone()), (2, vec!["prod".to_owned()]));
        assert_eq!(proofs.clone().with("prod", &other).len(), 1);
        assert!(proofs.with("prod", &Told::default()).with("dev", &Told::default()).is_empty());
    }

    #[test]
    fn what_is_broken_or_of_another_windlass_proves_nothing() {
        let (_, told) = ask(&Proofs::default(), &Says(1), "aa");
        let text = Proofs::default().with("prod", &told).text();
        let read = |text: String| Proofs::read(&BTreeMap::from([(FILE.to_owned(), text.into_bytes())]));
        assert_eq!(read(text.clone()).len(), 1);
        let other =
            text.replace(&format!("\"windlass\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"windlass\": \"0.0.1\"");
        assert!(read(other).is_empty() && read("<<<<<<<".to_owned()).is_empty());
    }
}
