//! What a stage sends to a model is what the model takes.

use std::collections::BTreeMap;

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{InferInput, Verb};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::{Spec, Stage};
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::tensor::{Dim, Shaped, Tensor};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::{Site, served_model};
use super::types::{accepts, article, type_of};
use crate::models::{Models, Opened};

/// The lengths of dimensions that differ from call to call, by the names that the model gives them.
pub type Lengths = BTreeMap<String, u64>;

/// The stage's question to its service, with the lengths of dimensions that it shows; `None` when something about it was
/// reported.
pub fn resolve(
    stage: &Stage,
    spec: &Spec,
    models: &Models,
    site: &Site,
    diags: &mut Diagnostics,
) -> Option<(Verb, Lengths)> {
    let service = stage.infer.as_ref()?;
    let given = &stage.inputs.as_ref()?.value.0;
    let opened = served_model(&service.0, spec, models)?;
    let before = diags.len();
    let declared = &opened.served.signature.inputs;
    // What a misspelt name was meant to be is not missing.
    let mut meant = Vec::new();
    let unknown = || given.iter().map(|(name, _)| name).filter(|name| !declared.iter().any(|t| t.name == name.value));
    let mut missing = declared.iter().filter(|tensor| !given.iter().any(|(name, _)| name.value == tensor.name));
    // Where one is unknown and one is missing, they are the same.
    let only = match (unknown().count(), missing.next(), missing.next()) {
        (1, Some(tensor), None) => Some(tensor.name.as_str()),
        _ => None,
    };
    for name in unknown() {
        meant.extend(only.or_else(|| nearest(name, declared.iter().map(|tensor| tensor.name.as_str()))));
        unknown_input(name, only, opened, diags);
    }
    let mut inputs = Vec::new();
    let mut lengths = Known::default();
    for tensor in declared {
        match given.iter().find(|(name, _)| name.value == tensor.name) {
            Some((_, value)) => {
                let ty = check_fit(value, tensor, opened, site, diags);
                lengths.learn(value, &ty, tensor, opened, diags);
                inputs.push(InferInput { tensor: tensor.clone(), value: value.clone() });
            }
            None if meant.contains(&tensor.name.as_str()) => {}
            None => {
                let message = format!("the model's input `{}` is not given", tensor.name);
                let span = stage.inputs.as_ref().map_or(stage.span, |inputs| inputs.span);
                let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, span, message)
                    .label(opened.place(Some(&tensor.name)), "declared here")
                    .help(format!("add `{} = …`", tensor.name));
                diags.push(diagnostic);
            }
        }
    }
    let outputs = opened.served.signature.outputs.clone();
    let verb = Verb::Infer { service: service.0.clone(), inputs, outputs };
    (diags.len() == before).then(|| (verb, lengths.lengths()))
}

fn unknown_input(name: &Spanned<String>, only: Option<&str>, opened: &Opened, diags: &mut Diagnostics) {
    let declared = opened.served.signature.inputs.iter().map(|tensor| tensor.name.as_str());
    let message = format!("the model `{}` has no input `{}`", opened.served.name, name.value);
    let help = did_you_mean(name, declared.clone())
        .or_else(|| only.map(|only| format!("the input that is missing is called `{only}`")))
        .unwrap_or_else(|| format!("its inputs are `{}`", declared.collect::<Vec<_>>().join("`, `")));
    let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, name.span, message)
        .label(opened.place(None), "the model's inputs")
        .help(help);
    diags.push(diagnostic);
}

/// What the values of a call tell of dimensions whose lengths differ from call to call. A dimension has the same length
/// wherever the model uses its name.
#[derive(Default)]
struct Known(BTreeMap<String, (u64, Span, String)>);

impl Known {
    /// Reads the lengths of lists that are known when compiling. What contradicts an input before is reported.
    fn learn(&mut self, value: &Expr, ty: &Type, tensor: &Tensor, opened: &Opened, diags: &mut Diagnostics) {
        let mut ty = ty;
        for dim in &tensor.shape {
            let Type::List(element, length) = ty else { return };
            if let (Dim::Variable(name), Some(length)) = (dim, length)
                && !name.is_empty()
            {
                match self.0.get(name) {
                    None => drop(self.0.insert(name.clone(), (*length, value.span, tensor.name.clone()))),
                    Some((known, ..)) if known == length => {}
                    Some((known, place, other)) => {
                        let message = format!(
                            "the dimension `{name}` has {} in `{other}`, and {length} in `{}`",
                            counted(*known as usize, "element"),
                            tensor.name
                        );
                        let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, value.span, message)
                            .label(*place, format!("`{other}`"))
                            .label(opened.place(Some(&tensor.name)), "the model uses the name in both")
                            .help("give both as many elements");
                        diags.push(diagnostic);
                    }
                }
            }
            ty = &**element;
        }
    }

    fn lengths(self) -> Lengths {
        self.0.into_iter().map(|(name, (length, ..))| (name, length)).collect()
    }
}

/// Reports unless the value can fill the tensor, at the innermost part that can't. Gives the value's type.
fn check_fit(value: &Expr, tensor: &Tensor, opened: &Opened, site: &Site, diags: &mut Diagnostics) -> Type {
    let before = diags.len();
    let ty = type_of(value, site, diags);
    if diags.len() > before {
        return Type::Any;
    }
    if let Some((span, why)) =
        wrong_rank(value, &ty, tensor).or_else(|| misfit(value, &ty, &tensor.shape, tensor, site))
    {
        let wanted = Shaped(tensor.datatype, &tensor.shape);
        let message = format!("this does not fit the model's input `{}`: {why}", tensor.name);
        let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, span, message)
            .label(opened.place(Some(&tensor.name)), format!("the model takes {wanted}"))
            .maybe_help(advice(&ty, tensor));
        diags.push(diagnostic);
        return Type::Any;
    }
    ty
}

/// How deep lists are nested in a type, if that is known.
fn depth(ty: &Type) -> Option<usize> {
    match ty {
        Type::Any => None,
        Type::List(element, _) => depth(element).map(|depth| depth + 1),
        _ => Some(0),
    }
}

fn wrong_rank(value: &Expr, ty: &Type, tensor: &Tensor) -> Option<(Span, String)> {
    let (depth, rank) = (depth(ty)?, tensor.shape.len());
    let nested = match depth {
        0 => format!("this is {}", article(ty)),
        1 => "this is a plain list".to_owned(),
        n => format!("this is a list nested {n} deep"),
    };
    (depth != rank).then(|| (value.span, format!("it has {}, and {nested}", counted(rank, "dimension"))))
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The place and the reason of the first part that does not fit dimensions `dims` of the tensor.
fn misfit(value: &Expr, ty: &Type, dims: &[Dim], tensor: &Tensor, site: &Site) -> Option<(Span, String)> {
    let Some((dim, inner)) = dims.split_first() else { return element_misfit(value, ty, tensor) };
    let (element, length) = match ty {
        Type::Any => return None,
        Type::List(element, length) => (element, length),
        other => return Some((value.span, format!("a list should stand here, and this is {}", article(other)))),
    };
    if let (Dim::Fixed(wanted), Some(length)) = (dim, length)
        && wanted != length
    {
        return Some((
            value.span,
            format!(
                "this dimension has {}, and here {} {length}",
                counted(*wanted as usize, "element"),
                if *length == 1 { "is" } else { "are" }
            ),
        ));
    }
    // A list in brackets has an expression for every element; any other expression has one type for all.
    match &value.kind {
        ExprKind::List(items) => items.iter().find_map(|item| {
            let ty = type_of(item, site, &mut Diagnostics::default());
            misfit(item, &ty, inner, tensor, site)
        }),
        ExprKind::Literal(Value { kind: ValueKind::List(items), .. }) => items.iter().find_map(|item| {
            let item = Expr::from(item.clone());
            let ty = type_of(&item, site, &mut Diagnostics::default());
            misfit(&item, &ty, inner, tensor, site)
        }),
        _ => misfit(value, element, inner, tensor, site),
    }
}

fn element_misfit(value: &Expr, ty: &Type, tensor: &Tensor) -> Option<(Span, String)> {
    if let Type::List(..) = ty {
        return Some((
            value.span,
            format!("it has {}, and this is nested deeper", counted(tensor.shape.len(), "dimension")),
        ));
    }
    let element = Type::of_element(tensor.datatype);
    if !accepts(&element, ty) {
        return Some((value.span, format!("its elements are {}, and this is {}", tensor.datatype, article(ty))));
    }
    match &value.kind {
        ExprKind::Literal(Value { kind: ValueKind::Number(number @ Number::Float(_)), .. })
            if tensor.datatype.is_integer() =>
        {
            Some((value.span, format!("its elements are {}, and {number} is not whole", tensor.datatype)))
        }
        _ => None,
    }
}

/// What helps with the mistake that is made most: one sample where the model takes a batch of them.
fn advice(ty: &Type, tensor: &Tensor) -> Option<String> {
    match (depth(ty), tensor.shape.first()) {
        (Some(depth), Some(Dim::Variable(_))) if depth + 1 == tensor.shape.len() => {
            Some("the first dimension is the batch: put brackets around one sample, as in `[…]`".to_owned())
        }
        _ => None,
    }
}
