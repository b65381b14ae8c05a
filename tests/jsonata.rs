//! What is emitted means what HCL means: thousands of random expressions of every type, on random values, each computed by our evaluator and
//! by two engines for JSONata that others wrote, npm's jsonata (whose semantics Step Functions has) and jsonata-python. Values are equal, and
//! where one fails, all do.

mod engines;
mod generate;
mod shown;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;
use windlass::evaluate::run::run;
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::types::Type;
use windlass_targets::stepfunctions::Scope;
use windlass_targets::stepfunctions::jsonata::{Term, translate};

use engines::{Answer, Question};
use generate::Generator;
use values::World;

/// Expressions of one run; `WINDLASS_CASES` asks for more.
const CASES: u64 = 4000;
/// Differences that are told, the shortest first.
const SHOWN: usize = 12;
const SEED: u64 = 20_261_128;

struct Case {
    expr: Expr,
    text: String,
    world: World,
    /// The value, or that there is none.
    expected: Result<Json, String>,
}

fn scope() -> Scope {
    let item = Term::atom("$states.context.Map.Item.Value", values::item());
    Scope::new(&values::workflow()).over(item).handling("load")
}

/// Failures that are said in the reference: what JSONata cannot give exactly is an error there, and not an approximation.
const LIMITS: &[&str] = &[
    "only ASCII is written in base 64 while a workflow runs",
    "only whole numbers are raised while a workflow runs",
    "the number is too large to be exact",
    "a number has too many digits",
];

#[test]
fn random_expressions_mean_the_same() {
    let engines = engines::found();
    let count = std::env::var("WINDLASS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let scope = scope();
    let mut cases = Vec::new();
    let mut used: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut at = 0;
    while cases.len() < usize::try_from(count).expect("a count") {
        at += 1;
        let mut generator = Generator::new(SEED.wrapping_add(at));
        let world = World::random(&mut generator.random);
        let expr = generator.any_type();
        let term = match translate(&expr, &scope) {
            Ok(term) => term,
            Err(refusal) => {
                // Only what depends on a type that is not known.
                assert!(refusal.message.contains("not known, so a conversion"), "{}\n{refusal:?}", shown::hcl(&expr));
                *refused.entry(refusal.message).or_default() += 1;
                continue;
            }
        };
        let Json::String(text) = term.enclosed() else { panic!("an expression is a string") };
        let expected = run(&expr, &world.scope()).map(|value| values::json(&value)).map_err(|finding| finding.message);
        expr.walk(&mut |part| {
            if let ExprKind::Call(name, _) = &part.kind {
                let (all, fine) = used.entry(name.value.clone()).or_default();
                *all += 1;
                *fine += usize::from(expected.is_ok());
            }
        });
        cases.push(Case { expr, text, world, expected });
    }
    let fine = cases.iter().filter(|case| case.expected.is_ok()).count();
    println!("seeds from {SEED}, {} expressions, {fine} with a value, {refused:?} refused", cases.len());
    println!("functions (calls, in expressions with a value): {used:?}");
    assert!(fine * 2 > cases.len(), "most expressions have a value: {fine}");
    let names = windlass_targets::stepfunctions::jsonata::functions::names();
    let unused: Vec<_> = names.iter().filter(|name| used.get(**name).is_none_or(|(_, fine)| *fine == 0)).collect();
    assert!(count < CASES || unused.is_empty(), "never computed: {unused:?}");

    let questions: Vec<Question> = cases.iter().map(|case| (case.text.as_str(), case.world.variables())).collect();
    let mut report = String::new();
    for engine in engines {
        let answers = engine.answers(&questions);
        let mut wrong = Vec::new();
        let mut limits = 0;
        let mut explained: BTreeMap<&str, usize> = BTreeMap::new();
        for (case, answer) in cases.iter().zip(&answers) {
            let agrees = match (&case.expected, answer) {
                (Ok(expected), Answer::Value(value)) => engines::same(expected, value),
                (Err(_), Answer::Failure(_)) => true,
                (Ok(_), Answer::Failure(why)) if LIMITS.iter().any(|limit| why.contains(limit)) => {
                    limits += 1;
                    true
                }
                _ => false,
            };
            if agrees {
                continue;
            }
            match engine.explained(&case.text, &case.expected, answer) {
                Some(reason) => *explained.entry(reason).or_default() += 1,
                None => wrong.push((case, answer)),
            }
        }
        println!("{}: {limits} at a limit, explained {explained:?}", engine.name);
        // The shortest says most.
        wrong.sort_by_key(|(case, _)| case.text.len());
        if !wrong.is_empty() {
            writeln!(report, "{}: {} of {} differ\n", engine.name, wrong.len(), cases.len()).expect("a string");
        }
        for (case, answer) in wrong.iter().take(SHOWN) {
            writeln!(
                report,
                "HCL      {}\nJSONata  {}\nexpected {:?}\ngot      {answer:?}\nvalues   {}\n",
                shown::hcl(&case.expr),
                case.text,
                case.expected,
                case.world.mentioned(&case.expr),
            )
            .expect("a string");
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// What jsonata-python does otherwise than the engine that it ports; an entry that is no longer true must go.
#[test]
fn differences_of_the_port_still_exist() {
    let engines = engines::found();
    let [npm, port] = &engines[..] else { return };
    let questions: Vec<Question> =
        engines::PORT.iter().map(|difference| (difference.example, Json::Object(serde_json::Map::new()))).collect();
    for ((difference, right), wrong) in engines::PORT.iter().zip(npm.answers(&questions)).zip(port.answers(&questions))
    {
        assert!(!right.is(&wrong), "{}: {} gives {right:?} in both", difference.reason, difference.example);
    }
}

/// The types that the generator promises are those that the translation finds.
#[test]
fn every_variable_has_its_type() {
    let scope = scope();
    for (expr, ty) in generate::variables() {
        let term = translate(&expr, &scope).expect("it is known");
        assert!(term.ty == ty || matches!(ty, Type::Any), "{}: {} and not {ty}", shown::hcl(&expr), term.ty);
    }
}
