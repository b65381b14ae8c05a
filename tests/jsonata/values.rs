//! A workflow with inputs, stages and items of every type, and random values for them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use windlass::evaluate::run::RuntimeScope;
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Input, Log, OnError, Stage, Step, Verb, Workflow};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::generate::{self, Random};

pub const STRINGS: &[&str] = &[
    "",
    "a",
    "abc",
    "b",
    "A b",
    " x ",
    "é",
    "e\u{301}",
    "日本",
    "😀",
    "a😀c",
    "a,b",
    "a,,b",
    "12",
    "-1.5",
    "true",
    "0",
    "it's",
    "say \"hi\"",
    "x\ny",
    "x\r\n",
    "<&>",
    "${x}",
    "{% y %}",
    "\u{ff5e}",
    "a.b-c",
    "ab12cd345",
    "$1",
    "back\\slash",
    "ß",
    "\u{2028}",
    "1e3",
    "+.5",
    "x/y?z=1",
];

pub const NUMBERS: &[f64] = &[
    0.0,
    1.0,
    2.0,
    3.0,
    5.0,
    -1.0,
    -3.0,
    0.5,
    0.1,
    0.2,
    -2.5,
    10.0,
    100.0,
    1e-7,
    1.25e-9,
    1e6,
    1e15,
    9_007_199_254_740_991.0,
    1e21,
    123_456_789.125,
    0.3333333333333333,
];

pub fn list(element: Type) -> Type {
    Type::List(Box::new(element), None)
}

pub fn map(element: Type) -> Type {
    Type::Map(Box::new(element))
}

pub fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

pub fn order() -> Type {
    Type::Object(vec![
        ("id".into(), Type::String),
        ("amount".into(), Type::Number),
        ("x-y".into(), Type::Bool),
        ("tags".into(), list(Type::String)),
    ])
}

pub fn item() -> Type {
    Type::Object(vec![("id".into(), Type::String), ("n".into(), Type::Number)])
}

pub fn inputs() -> Vec<(&'static str, Type)> {
    vec![
        ("s", Type::String),
        ("t", Type::String),
        ("n", Type::Number),
        ("m", Type::Number),
        ("b", Type::Bool),
        ("ls", list(Type::String)),
        ("ln", list(Type::Number)),
        ("lb", list(Type::Bool)),
        ("lls", list(list(Type::String))),
        ("lln", list(list(Type::Number))),
        ("lo", list(order())),
        ("los", list(optional(Type::String))),
        ("pair", Type::List(Box::new(Type::Number), Some(2))),
        ("mn", map(Type::Number)),
        ("ms", map(Type::String)),
        ("ml", map(list(Type::Number))),
        ("mo", map(order())),
        ("o", order()),
        ("os", optional(Type::String)),
        ("on", optional(Type::Number)),
        ("ol", optional(list(Type::Number))),
        ("oo", optional(order())),
        ("a", Type::Any),
        ("la", list(Type::Any)),
    ]
}

/// Stages, some with names that functions, helpers and loops use, too.
pub fn stages() -> Vec<(&'static str, Type)> {
    let outputs = |ty| Type::Object(vec![("value".into(), ty)]);
    vec![
        ("load", optional(Type::Object(vec![("body".into(), Type::Any), ("count".into(), Type::Number)]))),
        ("v", outputs(list(Type::Number))),
        ("sum", outputs(Type::String)),
        ("pairs", outputs(map(Type::String))),
    ]
}

fn stage(name: &str, outputs: Type) -> Stage {
    Stage {
        name: name.to_owned(),
        when: None,
        each: None,
        verb: Verb::Read { bucket: "data".into(), key: generate::text("k") },
        outputs,
        timeout: Spanned::new(Duration(30_000), Span::default()),
        retries: Vec::new(),
        on_error: None,
        origin: Span::default(),
    }
}

pub fn workflow() -> Workflow {
    let origin = Span::default();
    let input = |(name, ty): (&str, Type)| Input { name: name.to_owned(), ty, default: None, origin };
    let mut all: Vec<Stage> = stages().into_iter().map(|(name, ty)| stage(name, ty.unwrapped().clone())).collect();
    if let Some(load) = all.first_mut() {
        load.on_error = Some(OnError::Handle(Box::new(stage("mend", Type::Object(Vec::new())))));
    }
    let read = stages().into_iter().map(|(name, _)| generate::stage(name)).collect();
    Workflow {
        name: "w".into(),
        express: false,
        inputs: inputs().into_iter().map(input).collect(),
        validations: Vec::new(),
        timeout: Duration(900_000),
        triggers: Vec::new(),
        body: all.into_iter().map(|stage| Step::Stage(Box::new(stage))).collect(),
        // A stage that nobody reads has no variable.
        output: Some(generate::expr(ExprKind::List(read))),
        returns: Type::Any,
        log: Log::Off,
        trace: false,
        shift: None,
        origin,
    }
}

/// Values for all that an expression can name.
#[derive(Clone)]
pub struct World {
    input: Json,
    stages: BTreeMap<&'static str, Json>,
    item: Json,
    error: Json,
}

impl World {
    pub fn random(random: &mut Random) -> Self {
        let input: Map<String, Json> =
            inputs().into_iter().map(|(name, ty)| (name.to_owned(), of_type(&ty, random, 3))).collect();
        let stages = stages().into_iter().map(|(name, ty)| (name, of_type(&ty, random, 3))).collect();
        let error = json!({ "name": of_type(&Type::String, random, 0), "cause": of_type(&Type::String, random, 0) });
        World { input: input.into(), stages, item: of_type(&item(), random, 2), error }
    }

    pub fn scope(&self) -> RuntimeScope {
        RuntimeScope {
            input: Some(value(&self.input)),
            stages: self.stages.iter().map(|(name, outputs)| ((*name).to_owned(), value(outputs))).collect(),
            item: Some(value(&self.item)),
            error: Some(value(&self.error)),
            event: None,
        }
    }

    /// As the state machine has them.
    pub fn variables(&self) -> Json {
        let scope = windlass_targets::stepfunctions::Scope::new(&workflow());
        let mut all = Map::new();
        all.insert("input".to_owned(), self.input.clone());
        for (name, outputs) in &self.stages {
            let variable = scope.stage(name).expect("a stage").text;
            all.insert(variable.trim_start_matches('$').to_owned(), outputs.clone());
        }
        all.insert(scope.error_variable("load").to_owned(), self.error.clone());
        all.insert("states".to_owned(), json!({ "context": { "Map": { "Item": { "Value": self.item } } } }));
        all.into()
    }

    /// The values that an expression reads.
    pub fn mentioned(&self, expr: &Expr) -> String {
        let mut texts: Vec<String> = Vec::new();
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Field(of, name) if of.kind == ExprKind::Input => {
                texts.push(format!("input.{} = {}", name.value, self.input[&name.value]));
            }
            ExprKind::Stage(name) => texts.push(format!("stage.{} = {}", name.value, self.stages[name.value.as_str()])),
            ExprKind::Item => texts.push(format!("item = {}", self.item)),
            ExprKind::Error => texts.push(format!("error = {}", self.error)),
            _ => {}
        });
        texts.sort();
        texts.dedup();
        texts.join("\n         ")
    }
}

/// A random value; lists have 0 to 3 elements.
fn of_type(ty: &Type, random: &mut Random, depth: u32) -> Json {
    let few = |random: &mut Random| random.below(4);
    match ty {
        Type::Null => Json::Null,
        Type::Bool => json!(random.chance(50)),
        Type::Number => number(*random.one_of(NUMBERS)),
        Type::String => json!(random.word(STRINGS)),
        Type::List(element, length) => {
            let count = length.map_or_else(|| few(random), |n| n as usize);
            (0..count).map(|_| of_type(element, random, depth)).collect()
        }
        Type::Map(element) => {
            let count = few(random);
            let entry = |random: &mut Random| (random.word(STRINGS).to_owned(), of_type(element, random, depth));
            Json::Object((0..count).map(|_| entry(random)).collect())
        }
        Type::Object(fields) => {
            Json::Object(fields.iter().map(|(name, ty)| (name.clone(), of_type(ty, random, depth))).collect())
        }
        Type::Optional(inner) => {
            if random.chance(30) {
                Json::Null
            } else {
                of_type(inner, random, depth)
            }
        }
        _ => {
            let kinds = if depth == 0 { 4 } else { 7 };
            match random.below(kinds) {
                0 => Json::Null,
                1 => of_type(&Type::Bool, random, 0),
                2 => of_type(&Type::Number, random, 0),
                3 => of_type(&Type::String, random, 0),
                4 => of_type(&list(Type::Any), random, depth - 1),
                5 => of_type(&map(Type::Any), random, depth - 1),
                _ => of_type(&order(), random, depth - 1),
            }
        }
    }
}

fn number(x: f64) -> Json {
    if x.fract() == 0.0 && x.abs() < 1e16 { json!(x as i64) } else { json!(x) }
}

/// JSON as a value of the language.
pub fn value(json: &Json) -> Value {
    let kind = match json {
        Json::Null => ValueKind::Null,
        Json::Bool(value) => ValueKind::Bool(*value),
        Json::Number(number) => ValueKind::Number(number.as_f64().and_then(Number::from_f64).expect("a finite number")),
        Json::String(text) => ValueKind::String(text.clone()),
        Json::Array(items) => ValueKind::List(items.iter().map(value).collect()),
        Json::Object(entries) => ValueKind::Object(
            entries.iter().map(|(key, item)| (Spanned::new(key.clone(), Span::default()), value(item))).collect(),
        ),
    };
    Value::new(kind, Span::default())
}

/// A value of the language as JSON.
pub fn json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Null => Json::Null,
        ValueKind::Bool(value) => json!(value),
        ValueKind::Number(Number::Int(n)) => json!(n),
        ValueKind::Number(Number::Float(x)) => json!(x),
        ValueKind::String(text) => json!(text),
        ValueKind::List(items) => items.iter().map(json).collect(),
        ValueKind::Object(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.value.clone(), json(value))).collect())
        }
        other => panic!("{other:?} is no value of a running workflow"),
    }
}
