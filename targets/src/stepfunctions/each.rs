//! `for_each` and `distribute` -> the Map around a stage: where its elements come from, and how the stage in it sees them.
//!
//! An inline Map runs in the execution itself: its states see the variables around it, and the element is their input. A distributed Map runs
//! executions of their own, which see no variables: their input holds the element as `item`, and beside it what the stage reads.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Each, Elements, Plan, RowFormat, Stage, Verb};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, ValueKind};

use super::asl::{Flow, ItemBatcher, ItemProcessor, ItemReader, MapState, ProcessorConfig, ResultWriter, Then};
use super::jsonata::{Refusal, Term, template, translate};
use super::scope::Scope;

/// Characters of a Map's label.
const LABEL: usize = 40;
/// Of so many whole numbers in even steps, the definition says how they are made.
const SEQUENCE: usize = 8;

/// Whether the elements have executions of their own.
pub fn distributed(each: &Each) -> bool {
    each.distributed || !matches!(each.over, Elements::List(_))
}

/// A Map without states, and what these can refer to.
pub struct Around {
    pub map: MapState,
    pub scope: Scope,
}

/// The Map that runs `stage` for what `each` says.
pub fn around(plan: &Plan, stage: &Stage, each: &Each, scope: &Scope) -> Result<Around, Refusal> {
    let bucket = |name: &str| plan.bucket(name).map_or("", |b| b.bucket.as_str());
    let apart = distributed(each);
    let mut map = MapState {
        label: (apart && stage.name.len() <= LABEL).then(|| stage.name.clone()),
        items: None,
        item_reader: None,
        item_selector: None,
        item_batcher: None,
        max_concurrency: each.max_concurrency.as_ref().map(|most| most.value),
        tolerated_failure_percentage: (apart && each.tolerate.0 > 0)
            .then(|| format!("{{% {} %}}", each.tolerate.0 as f64 / 100.0)),
        item_processor: ItemProcessor {
            processor_config: ProcessorConfig {
                mode: if apart { "DISTRIBUTED" } else { "INLINE" },
                // Exactly once, as the stages of the workflow itself.
                execution_type: apart.then_some("STANDARD"),
            },
            flow: Flow::default(),
        },
        result_writer: each.results.as_ref().map(|results| {
            let mut arguments = Map::from_iter([("Bucket".to_owned(), json!(bucket(&results.bucket)))]);
            let prefix = results.prefix.trim_end_matches('/');
            if !prefix.is_empty() {
                arguments.insert("Prefix".to_owned(), json!(prefix));
            }
            ResultWriter { resource: "arn:aws:states:::s3:putObject", arguments: Json::Object(arguments) }
        }),
        catch: Vec::new(),
        assign: Map::new(),
        then: Then::END,
    };
    let value = "$states.context.Map.Item.Value";
    // What an element is, and how it is made of what the Map finds, unless it is the same.
    let (element, made) = match &each.over {
        Elements::List(over) => {
            let (items, element) = items(over, scope)?;
            map.items = Some(items);
            (element, None)
        }
        Elements::Objects { bucket: name, prefix } => {
            let mut arguments = Map::from_iter([("Bucket".to_owned(), json!(bucket(name)))]);
            if let Some(prefix) = prefix {
                arguments.insert("Prefix".to_owned(), template(prefix, scope)?);
            }
            map.item_reader = Some(ItemReader {
                resource: "arn:aws:states:::s3:listObjectsV2",
                reader_config: None,
                arguments: Json::Object(arguments),
            });
            let fields = [("key", "Key", Type::String), ("size", "Size", Type::Number), ("etag", "Etag", Type::String)];
            let made: Map<String, Json> = fields
                .iter()
                .map(|(ours, theirs, _)| ((*ours).to_owned(), json!(format!("{{% {value}.{theirs} %}}"))))
                .collect();
            (Type::Object(fields.map(|(ours, _, ty)| (ours.to_owned(), ty)).into()), Some(json!(made)))
        }
        Elements::Rows { bucket: name, key, format } => {
            let (config, element) = match format {
                RowFormat::Csv => {
                    (json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" }), Type::Map(Box::new(Type::String)))
                }
                RowFormat::Json => (json!({ "InputType": "JSON" }), Type::Any),
                RowFormat::JsonLines => (json!({ "InputType": "JSONL" }), Type::Any),
            };
            map.item_reader = Some(ItemReader {
                resource: "arn:aws:states:::s3:getObject",
                reader_config: Some(config),
                arguments: json!({ "Bucket": bucket(name), "Key": template(key, scope)? }),
            });
            (element, None)
        }
    };
    if !apart {
        let scope = scope.over(Term::atom("$states.input", element));
        return Ok(Around { map, scope });
    }
    let passed = passed(stage, scope);
    if let Some(most) = each.batch {
        map.item_selector = made;
        map.item_batcher = Some(ItemBatcher { max_items_per_batch: most, batch_input: passed });
        let item = Term::atom("$states.input.Items", Type::List(Box::new(element), None));
        return Ok(Around { map, scope: scope.passed("$states.input.BatchInput.").over(item) });
    }
    if passed.is_empty() {
        map.item_selector = made;
        return Ok(Around { map, scope: scope.over(Term::atom("$states.input", element)) });
    }
    let mut selector = Map::from_iter([("item".to_owned(), made.unwrap_or_else(|| json!(format!("{{% {value} %}}"))))]);
    selector.extend(passed);
    map.item_selector = Some(Json::Object(selector));
    let item = Term::atom("$states.input.item", element);
    Ok(Around { map, scope: scope.passed("$states.input.").over(item) })
}

/// Every variable that the verb of `stage` reads, by its name.
fn passed(stage: &Stage, scope: &Scope) -> Map<String, Json> {
    let mut names = BTreeSet::new();
    let mut read = |term: Term| names.extend(term.text.strip_prefix('$').map(str::to_owned));
    for expr in stage.verb.expressions() {
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Input => read(scope.input()),
            ExprKind::Stage(name) => scope.stage(&name.value).into_iter().for_each(&mut read),
            ExprKind::Error => scope.error().into_iter().for_each(&mut read),
            _ => {}
        });
    }
    if matches!(stage.verb, Verb::Run { .. }) {
        read(scope.cluster());
    }
    names.into_iter().map(|name| (name.clone(), json!(format!("{{% ${name} %}}")))).collect()
}

/// The elements of a list, and the type of one.
fn items(over: &Expr, scope: &Scope) -> Result<(Json, Type), Refusal> {
    if let Some(numbers) = sequence(over) {
        return Ok((json!(numbers), Type::Number));
    }
    let list = translate(over, scope)?.array();
    let element = match &list.ty {
        Type::List(element, _) => (**element).clone(),
        _ => Type::Any,
    };
    let visible = match &over.kind {
        ExprKind::List(_) => true,
        ExprKind::Literal(value) => matches!(value.kind, ValueKind::List(_)),
        _ => false,
    };
    Ok((if visible { template(over, scope)? } else { list.enclosed() }, element))
}

/// Whole numbers in even steps, such as those of `range(10000)`, as an expression that makes them.
fn sequence(over: &Expr) -> Option<String> {
    let ExprKind::Literal(value) = &over.kind else { return None };
    let ValueKind::List(elements) = &value.kind else { return None };
    let number = |value: &windlass_schemas::value::Value| match value.kind {
        ValueKind::Number(Number::Int(n)) if n.unsigned_abs() < 1 << 50 => Some(n),
        _ => None,
    };
    let numbers: Vec<i64> = elements.iter().map(number).collect::<Option<_>>()?;
    let [first, second, .., last] = numbers.as_slice() else { return None };
    let step = second - first;
    let even = numbers.windows(2).all(|pair| matches!(pair, [a, b] if b - a == step));
    if numbers.len() < SEQUENCE || !even || step == 0 {
        return None;
    }
    if step == 1 {
        return Some(format!("{{% [{first}..{last}] %}}"));
    }
    let steps = numbers.len() - 1;
    Some(format!("{{% $map([0..{steps}], function($at) {{ {first} + $at * {step} }}) %}}"))
}
