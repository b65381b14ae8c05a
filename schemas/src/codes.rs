//! The catalogue of diagnostics: one line a code, one page a code.

use crate::diagnostic::Severity;

/// A kind of finding, with the page that `windlass explain` prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab name, stable over releases.
    pub name: &'static str,
    /// Whether it stops the compilation.
    pub severity: Severity,
    /// Markdown: what is wrong, an example that fails with exactly this code, its cure.
    pub page: &'static str,
}

impl Code {
    /// The first sentence of its page.
    pub fn summary(&self) -> String {
        let paragraph =
            self.page.lines().skip(1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        let paragraph = paragraph.collect::<Vec<_>>().join(" ");
        let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
        paragraph.get(..end).unwrap_or_default().to_owned()
    }
}

macro_rules! codes {
    ($($constant:ident $severity:ident $name:literal)*) => {
        $(
            #[doc = concat!("`", $name, "`: see its page.")]
            pub static $constant: Code =
                Code { name: $name, severity: Severity::$severity, page: include_str!(concat!("codes/", $name, ".md")) };
        )*
        /// Every code, sorted by name.
        pub static CODES: &[&Code] = &[$(&$constant),*];
    };
}

// Sorted by name; a test holds this, and that each page shows a failing and a mended example.
codes! {
    AMBIGUOUS_ENVIRONMENT Error "ambiguous-environment"
    ARITHMETIC Error "arithmetic"
    BELOW_QUALITY Error "below-quality"
    CYCLE Error "cycle"
    DATASET_INVALID Error "dataset-invalid"
    DUPLICATE_NAME Error "duplicate-name"
    EMPTY_SPEC Error "empty-spec"
    ENGINE_MISSING Error "engine-missing"
    FAILED_VALIDATION Error "failed-validation"
    GOLDEN_INVALID Error "golden-invalid"
    GOLDEN_MISMATCH Error "golden-mismatch"
    INVALID_OPERAND Error "invalid-operand"
    INVALID_VALUE Error "invalid-value"
    KNOWN_LATER Error "known-later"
    LIMIT Error "limit"
    MISSING_ATTRIBUTE Error "missing-attribute"
    MISSING_BLOCK Error "missing-block"
    MODEL_INVALID Error "model-invalid"
    MODEL_MEMORY Error "model-memory"
    MODEL_MISMATCH Error "model-mismatch"
    MODEL_SIGNATURES Error "model-signatures"
    MODEL_UNREADABLE Error "model-unreadable"
    MODEL_UNSUPPORTED Error "model-unsupported"
    MODULE_UNREADABLE Error "module-unreadable"
    NOT_PROVEN Warning "not-proven"
    NOT_UTF8 Error "not-utf8"
    OUTPUT Error "output"
    RETRY_STORM Warning "retry-storm"
    SENSITIVE_OUTPUT Warning "sensitive-output"
    SPEC_UNREADABLE Error "spec-unreadable"
    STAGE_OFF Warning "stage-off"
    SYNTAX Error "syntax"
    UNDEFINED_REFERENCE Error "undefined-reference"
    UNKNOWN_ATTRIBUTE Error "unknown-attribute"
    UNKNOWN_BLOCK Error "unknown-block"
    UNKNOWN_FUNCTION Error "unknown-function"
    UNREACHABLE_SERVICE Error "unreachable-service"
    UNREACHABLE_STAGE Error "unreachable-stage"
    UNSUPPORTED_EXPRESSION Error "unsupported-expression"
    WRONG_LABELS Error "wrong-labels"
    WRONG_TYPE Error "wrong-type"
}
