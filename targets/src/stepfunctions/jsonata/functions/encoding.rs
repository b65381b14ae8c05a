//! JSON, base 64 and addresses.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::{Function, Term, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64encode", 1, 1, |mut c| Ok(Term::helped(Helper::Base64, vec![c.text(0)], Type::String))),
    function("jsondecode", 1, 1, |mut c| Ok(Term::call("parse", vec![c.text(0)], Type::Any).failing())),
    function("jsonencode", 1, 1, |mut c| {
        let value = c.take(0);
        Ok(match value.ty {
            Type::String => Term::call("quoted", vec![value], Type::String).using(Helper::Quoted),
            Type::Number | Type::Bool => value.text_of(),
            _ => Term::call("encoded", vec![value], Type::String).using(Helper::Encoded),
        })
    }),
    function("urlencode", 1, 1, |mut c| {
        let encoded = Term::call("encodeUrlComponent", vec![c.text(0)], Type::String);
        // JavaScript leaves these as they are.
        let others = [("%20", "+"), ("!", "%21"), ("'", "%27"), ("(", "%28"), (")", "%29"), ("*", "%2A")];
        Ok(others.into_iter().fold(encoded, |text, (part, by)| {
            Term::call("replace", vec![text, Term::text(part), Term::text(by)], Type::String)
        }))
    }),
];
