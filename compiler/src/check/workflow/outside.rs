//! Functions and jobs: what they are is said once, and in full.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::Spanned;
use windlass_schemas::spec::{Function, Job};

/// Reports a function that is nothing, or two things.
pub fn check_function(function: &Function, diags: &mut Diagnostics) {
    match (&function.lambda, &function.url) {
        (None, None) => {
            let message = format!("the function `{}` is nowhere", function.name.value);
            let help = "add `lambda = \"NAME\"`, or `url = \"https://…\"` with a `connection`";
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, function.span, message).help(help));
        }
        (Some(lambda), Some(url)) => {
            let message = format!("the function `{}` is two things: `lambda` and `url`", function.name.value);
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, url.span, message)
                .label(lambda.span, "the first")
                .help("make two functions of it");
            diags.push(diagnostic);
        }
        (Some(_), None) => {
            if let Some(connection) = &function.connection {
                let message = "`connection` means nothing without `url`";
                let help = "a Lambda function is called with the workflow's role; remove it";
                diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, connection.span, message).help(help));
            }
        }
        (None, Some(url)) => {
            if function.connection.is_none() {
                let message = format!("the function `{}` has `url` without `connection`", function.name.value);
                let help = "add `connection = \"arn:aws:events:…\"`: Step Functions posts only through an EventBridge connection, which holds the credentials";
                diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, url.span, message).help(help));
            }
        }
    }
}

/// Reports what a container of a job can't have.
pub fn check_job(job: &Job, diags: &mut Diagnostics) {
    if job.image.pin.is_none() {
        let message = format!("the image `{}` has neither a tag nor a digest", job.image.repository);
        let help = "say which one is meant, as in `…:2.1`: without, each run may get another";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, job.image.span, message).help(help));
    }
    for (name, _) in job.environment.iter().flat_map(|texts| &texts.value.0) {
        environment_name(name, diags);
    }
}

/// Reports a name that no environment variable has (POSIX.1-2017, chapter 8: letters, digits and underscores).
pub fn environment_name(name: &Spanned<String>, diags: &mut Diagnostics) {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.value.is_empty() || name.value.starts_with(|c: char| c.is_ascii_digit()) || !name.value.chars().all(inner) {
        let message = format!("`{}` is no name of an environment variable", name.value);
        let help = "use letters, digits and `_`, and don't begin with a digit";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, name.span, message).help(help));
    }
}
