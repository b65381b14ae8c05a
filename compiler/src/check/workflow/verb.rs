//! A stage does exactly one thing, and has what that needs.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Pause, Verb};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::values::{Expression, Expressions};
use windlass_schemas::spec::{Spec, Stage, VERBS, VerbDecl, Workflow};
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::{Site, inferred, object};
use super::types::{check, type_of};
use super::{infer, start, time};
use crate::check::served::Served;

/// Characters of a subject (SNS API reference, Publish).
const LONGEST_SUBJECT: usize = 100;

/// What a stage does, and the outputs of one run.
pub struct Resolved {
    pub verb: Verb,
    pub outputs: Type,
}

/// What the stage does; `None` when something about it was reported.
pub fn resolve(
    stage: &Stage,
    workflow: &Workflow,
    spec: &Spec,
    served: &Served,
    site: &Site,
    diags: &mut Diagnostics,
) -> Option<Resolved> {
    let decl = exactly_one(stage, diags)?;
    let before = diags.len();
    check_attributes(stage, decl, diags);
    check_kind(stage, decl, workflow, diags);
    let outputs = site.scope.stage(&stage.name).map_or(Type::Any, |known| known.outputs.clone());
    let resolving = Resolving { stage, workflow, site, outputs };
    let found = resolving.verb(decl, spec, served, diags);
    found.filter(|_| diags.len() == before)
}

struct Resolving<'a> {
    stage: &'a Stage,
    workflow: &'a Workflow,
    site: &'a Site<'a>,
    outputs: Type,
}

impl Resolving<'_> {
    fn verb(self, decl: &VerbDecl, spec: &Spec, served: &Served, diags: &mut Diagnostics) -> Option<Resolved> {
        let stage = self.stage;
        let mut outputs = self.outputs.clone();
        let verb = match decl.name {
            "read" => {
                let key = self.key(diags);
                Verb::Read { bucket: stage.read.as_ref()?.0.clone(), key: key? }
            }
            "write" => {
                let (key, body) = (self.key(diags), self.expr(&stage.body, "body", &Type::Any, diags));
                Verb::Write { bucket: stage.write.as_ref()?.0.clone(), key: key?, body: body? }
            }
            "infer" => {
                let (verb, lengths) = infer::resolve(stage, served, self.site, diags)?;
                if let Some(model) = self.site.scope.stage(&stage.name).and_then(|stage| stage.model) {
                    outputs = inferred(model, &lengths);
                }
                verb
            }
            "call" => {
                let call = stage.call.as_ref()?;
                let nothing = || Expr::new(ExprKind::Literal(Value::new(ValueKind::Null, call.span)), call.span);
                let payload = self.expr(&stage.payload, "payload", &Type::Any, diags).unwrap_or_else(nothing);
                Verb::Call { function: call.0.clone(), payload }
            }
            "run" => self.run(spec, diags)?,
            "start" => {
                let workflow = stage.start.as_ref()?;
                let input = start::input(stage, workflow, spec, self.site, diags);
                Verb::Start { workflow: workflow.0.clone(), input }
            }
            "notify" => {
                let (subject, message) = self.message(diags);
                Verb::Notify { channel: stage.notify.as_ref()?.0.clone(), subject, message: message? }
            }
            "approve" => {
                let (subject, message) = self.message(diags);
                Verb::Approve { channel: stage.approve.as_ref()?.0.clone(), subject, message: message? }
            }
            "wait" => Verb::Wait(self.pause(diags)?),
            "value" => {
                let expr = &stage.value.as_ref()?.value.0;
                outputs = object(&[("value", type_of(expr, self.site, diags))]);
                Verb::Value(expr.clone())
            }
            "fail" => {
                let cause = self.expr(&stage.fail, "fail", &Type::String, diags)?;
                Verb::Fail { error: self.error(diags), cause }
            }
            _ => return None,
        };
        Some(Resolved { verb, outputs })
    }

    fn expr(
        &self,
        given: &Option<Spanned<Expression>>,
        what: &str,
        wanted: &Type,
        diags: &mut Diagnostics,
    ) -> Option<Expr> {
        let expr = &given.as_ref()?.value.0;
        check(expr, wanted, what, self.site, diags);
        Some(expr.clone())
    }

    /// A key that is known when compiling is one that S3 takes: 1 to 1024 bytes (S3 User Guide, "Naming Amazon S3 objects").
    fn key(&self, diags: &mut Diagnostics) -> Option<Expr> {
        let key = self.expr(&self.stage.key, "key", &Type::String, diags)?;
        if let Some(text) = literal(&key)
            && !(1..=1024).contains(&text.len())
        {
            let message = format!("a key of {} bytes names no object", text.len());
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, key.span, message).help("write 1 to 1024 bytes"));
        }
        Some(key)
    }

    fn message(&self, diags: &mut Diagnostics) -> (Option<Expr>, Option<Expr>) {
        let subject = self.expr(&self.stage.subject, "subject", &Type::String, diags);
        let message = self.expr(&self.stage.message, "message", &Type::String, diags);
        if let Some((text, span)) = subject.as_ref().and_then(|subject| Some((literal(subject)?, subject.span))) {
            let count = text.chars().count();
            if !(1..=LONGEST_SUBJECT).contains(&count) {
                let message = format!("a subject of {count} characters can't be sent");
                let help = format!("write 1 to {LONGEST_SUBJECT}, and the rest in `message`");
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
            } else if !text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) || text.starts_with(' ') {
                let message = "a subject is one line of plain letters, digits and punctuation";
                let help = "write the rest in `message`, which may hold any text";
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
            }
        }
        if let Some(message) = &message
            && literal(message) == Some("")
        {
            let help = "say what the reader needs to know";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, message.span, "the message is empty").help(help));
        }
        (subject, message)
    }

    fn run(&self, spec: &Spec, diags: &mut Diagnostics) -> Option<Verb> {
        let stage = self.stage;
        let job = stage.run.as_ref()?;
        let texts = Type::List(Box::new(Type::String), None);
        let arguments = self.expr(&stage.arguments, "arguments", &texts, diags);
        let declared = spec.jobs.iter().find(|known| *known.name.value.0 == *job.0);
        let of_job = || declared.iter().flat_map(|job| &job.environment).flat_map(|texts| &texts.value.0);
        let mut environment = Vec::new();
        for (name, value) in entries(&stage.environment) {
            super::outside::environment_name(name, diags);
            if let Some((first, _)) = of_job().find(|(known, _)| known.value == name.value) {
                let message = format!("the job `{}` sets `{}` already", job.0, name.value);
                let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, name.span, message)
                    .label(first.span, "given here first")
                    .help("keep one of them");
                diags.push(diagnostic);
            }
            check(value, &Type::String, &name.value, self.site, diags);
            environment.push((name.value.clone(), value.clone()));
        }
        Some(Verb::Run { job: job.0.clone(), arguments, environment })
    }

    fn pause(&self, diags: &mut Diagnostics) -> Option<Pause> {
        const HELP: &str = "write whole seconds, from \"1s\" to \"365d\", or a number of seconds";
        let expr = &self.stage.wait.as_ref()?.value.0;
        let refuse = |message: String| Diagnostic::at(&codes::INVALID_VALUE, expr.span, message).help(HELP);
        let duration = match &expr.kind {
            ExprKind::Literal(Value { kind: ValueKind::String(text), .. }) => text.parse::<Duration>(),
            ExprKind::Literal(Value { kind: ValueKind::Number(number), .. }) => match number {
                Number::Int(seconds) => u64::try_from(*seconds)
                    .ok()
                    .filter(|seconds| *seconds <= time::LONGEST.seconds_up())
                    .map(Duration::from_seconds)
                    .ok_or_else(|| format!("{seconds} seconds is no time to wait")),
                Number::Float(seconds) => Err(format!("{seconds} is no number of whole seconds")),
            },
            _ => {
                check(expr, &Type::Number, "wait", self.site, diags);
                return Some(Pause::Seconds(expr.clone()));
            }
        };
        match duration {
            Ok(duration) if time::is_whole(duration) => {
                time::check_wait(duration, expr.span, self.workflow, diags);
                Some(Pause::For(duration))
            }
            Ok(duration) => {
                diags.push(refuse(format!("`{duration}` is no time that a stage can wait")));
                None
            }
            Err(message) => {
                diags.push(refuse(message));
                None
            }
        }
    }

    /// The name of the error that the execution fails with.
    fn error(&self, diags: &mut Diagnostics) -> String {
        let Some(error) = &self.stage.error else { return "WorkflowFailed".to_owned() };
        if error.value.0.starts_with("States.") {
            let message = format!("`{}` is a name of Step Functions' own", error.value);
            let help = "choose one that says what is wrong, such as `AmountTooLarge`";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, error.span, message).help(help));
        }
        error.value.0.clone()
    }
}

/// The names and expressions of an object, if there is one.
fn entries(given: &Option<Spanned<Expressions>>) -> impl Iterator<Item = &(Spanned<String>, Expr)> {
    given.iter().flat_map(|given| &given.value.0)
}

/// The text of an expression that is known when compiling.
fn literal(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Value { kind: ValueKind::String(text), .. }) => Some(text),
        _ => None,
    }
}

/// The place of every attribute that depends on the verb, and of the verbs themselves.
fn places(stage: &Stage) -> Vec<(&'static str, Option<Span>)> {
    macro_rules! places {
        ($($name:ident)+) => { vec![$((stringify!($name), stage.$name.as_ref().map(|given| given.span))),+] };
    }
    places! {
        read write infer call run start notify approve wait value fail
        key body inputs payload arguments environment input subject message error returns timeout
    }
}

fn exactly_one(stage: &Stage, diags: &mut Diagnostics) -> Option<&'static VerbDecl> {
    let given: Vec<(&VerbDecl, Span)> = places(stage)
        .into_iter()
        .filter_map(|(name, span)| Some((VERBS.iter().find(|verb| verb.name == name)?, span?)))
        .collect();
    match given.as_slice() {
        [] => {
            let names = VERBS.iter().map(|verb| format!("`{}`", verb.name)).collect::<Vec<_>>().join(", ");
            let message = format!("the stage `{}` does nothing", stage.name.value);
            let help = format!("give it one of {names}");
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, stage.span, message).help(help));
            None
        }
        [(verb, _)] => Some(verb),
        [(first, at), (second, span), ..] => {
            let message =
                format!("the stage `{}` does two things: `{}` and `{}`", stage.name.value, first.name, second.name);
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, *span, message)
                .label(*at, "the first")
                .help("make two stages of it");
            diags.push(diagnostic);
            None
        }
    }
}

/// Verbs that do something outside of the workflow, which takes time and may fail.
fn is_task(verb: &VerbDecl) -> bool {
    !matches!(verb.name, "wait" | "value" | "fail")
}

/// Reports attributes that the verb lacks, and those that mean nothing with it.
fn check_attributes(stage: &Stage, verb: &VerbDecl, diags: &mut Diagnostics) {
    for (name, span) in places(stage) {
        match span {
            None if verb.needs.contains(&name) => {
                let message = format!("the stage `{}` has `{}` without `{name}`", stage.name.value, verb.name);
                let help = match (verb.name, name) {
                    ("run", "timeout") => "say how long the job may take: `timeout = \"1h\"`".to_owned(),
                    ("approve", "timeout") => "say how long the answer may take: `timeout = \"2d\"`".to_owned(),
                    _ => format!("add `{name} = …`"),
                };
                diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, stage.span, message).help(help));
            }
            Some(_) if name == "timeout" && is_task(verb) => {}
            Some(span) if name == "timeout" => {
                let help = match verb.name {
                    "wait" => "`wait` itself says how long; remove it",
                    _ => "it takes no time; remove it",
                };
                nothing_to(name, help, span, verb, diags);
            }
            Some(span) if name != verb.name && !verb.needs.contains(&name) && !verb.takes.contains(&name) => {
                let owners = VERBS.iter().filter(|other| other.needs.contains(&name) || other.takes.contains(&name));
                let owners = owners.map(|owner| format!("`{}`", owner.name)).collect::<Vec<_>>().join(", ");
                nothing_to(name, &format!("it belongs to {owners}; remove it"), span, verb, diags);
            }
            _ => {}
        }
    }
    let runs_many = stage.for_each.is_some() || stage.distribute.is_some();
    if !is_task(verb) {
        for retry in &stage.retries {
            nothing_to("retry", "it would fail again in the same way; remove it", retry.span, verb, diags);
        }
        if let Some(on_error) = &stage.on_error
            && !runs_many
        {
            let help = match verb.name {
                "fail" => "it ends the execution, which is what it is for; remove it",
                _ => "nothing that it does can fail for a reason that passes; remove it",
            };
            nothing_to("on_error", help, on_error.span, verb, diags);
        }
    }
    if verb.name == "fail" {
        let help = "it ends the execution, which can be done once; give it a `when`";
        for (name, span) in [
            ("for_each", stage.for_each.as_ref().map(|given| given.span)),
            ("distribute", stage.distribute.as_ref().map(|given| given.span)),
        ] {
            if let Some(span) = span {
                nothing_to(name, help, span, verb, diags);
            }
        }
    }
}

fn nothing_to(name: &str, help: &str, span: Span, verb: &VerbDecl, diags: &mut Diagnostics) {
    let message = format!("`{name}` means nothing in a stage with `{}`", verb.name);
    diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, span, message).help(help));
}

/// An express workflow waits for nothing that takes long (Step Functions Developer Guide, "Service integration patterns").
fn check_kind(stage: &Stage, verb: &VerbDecl, workflow: &Workflow, diags: &mut Diagnostics) {
    let what = match verb.name {
        "run" => "the end of a job",
        "start" => "the end of another execution",
        "approve" => "the answer of a person",
        _ => return,
    };
    if !workflow.r#type.value.0 {
        return;
    }
    let span = places(stage).into_iter().find(|(name, _)| *name == verb.name).and_then(|(_, span)| span);
    let message = format!("an express workflow can't wait for {what}");
    let diagnostic = Diagnostic::at(&codes::LIMIT, span.unwrap_or(stage.span), message)
        .label(workflow.r#type.span, "it is one")
        .help("make it a standard workflow: leave `type` out");
    diags.push(diagnostic);
}
