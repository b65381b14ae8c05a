//! Functions of objects, and those that take a list, an object or a string alike.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::strings::texts;
use super::{ANY, Call, Function, Spelled, Term, function, list_of, types};

pub(super) const FUNCTIONS: &[Function] = &[
    function("keys", 1, 1, |mut c| {
        let keys = Term::call("keys", vec![c.object(0)], Type::Any);
        Ok(Term::call("sorted", vec![keys], list_of(Type::String)).using(Helper::Sorted))
    }),
    function("length", 1, 1, |mut c| {
        let of = c.take(0);
        Ok(match of.ty {
            Type::String => Term::call("length", vec![of], Type::Number),
            Type::List(..) | Type::Tuple(_) | Type::Set(_) => Term::call("count", vec![of], Type::Number),
            _ => Term::helped(Helper::Size, vec![of], Type::Number),
        })
    }),
    function("lookup", 2, 3, |mut c| {
        let (of, key) = (c.object(0), c.text(1));
        let element = types::element(&of.ty);
        Ok(match c.terms.len() {
            2 => Term::helped(Helper::Field, vec![of, key], element),
            _ => {
                let default = c.take(2);
                let ty = types::joined(&element, &default.ty);
                Term::call("entry", vec![of, key, default], ty).using(Helper::Entry)
            }
        })
    }),
    function("merge", 0, ANY, merge),
    function("tomap", 1, 1, |mut c| {
        let of = c.object(0);
        let element = types::element(&of.ty);
        match types::is_uniform(&element) {
            true => Ok(Term { ty: Type::Map(Box::new(element)), ..of }),
            false => Err(c.refused(
                0,
                "the type of the values is not known, so a conversion to one type cannot be ruled out",
                "say the type of what the stage returns",
            )),
        }
    }),
    function("values", 1, 1, |mut c| {
        let of = c.object(0);
        let ty = list_of(types::element(&of.ty));
        Ok(Term::call("valuesof", vec![of], ty).using(Helper::Values))
    }),
    function("zipmap", 2, 2, |mut c| {
        let (keys, values) = (texts(c.list(0)), c.list(1));
        let ty = Type::Map(Box::new(types::element(&values.ty)));
        Ok(Term::helped(Helper::Zipped, vec![keys, values], ty))
    }),
];

fn merge(mut call: Call) -> Spelled {
    let mut fields: Option<Vec<(String, Type)>> = Some(Vec::new());
    let mut elements: Vec<Type> = Vec::new();
    let mut objects = Vec::new();
    for at in 0..call.terms.len() {
        let term = call.take(at);
        let object = match term.ty {
            Type::Null => continue,
            // null is like an object without entries.
            Type::Any | Type::Optional(_) => term.once(|term| {
                let test = Term::equals(term.clone(), Term::null());
                let empty = Term::atom("{}", Type::Object(Vec::new()));
                let object = term.present().object();
                let ty = Type::Map(Box::new(types::element(&object.ty)));
                Term { ty, ..Term::conditional(test, empty, object) }
            }),
            _ => term.object(),
        };
        elements.push(types::element(&object.ty));
        match (&mut fields, &object.ty) {
            (Some(fields), Type::Object(more)) => {
                for (name, ty) in more {
                    fields.retain(|(known, _)| known != name);
                    fields.push((name.clone(), ty.clone()));
                }
            }
            _ => fields = None,
        }
        objects.push(object);
    }
    let element = elements.into_iter().reduce(|a, b| types::joined(&a, &b)).unwrap_or(Type::Any);
    let ty = fields.map_or_else(|| Type::Map(Box::new(element)), Type::Object);
    Ok(Term::call("merge", vec![Term::list(objects)], ty))
}
