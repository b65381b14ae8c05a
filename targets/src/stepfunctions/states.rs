//! Steps -> states: sequences by `Next`, `when` by a Choice before the stage, `Step::Parallel` by branches, `for_each` by a Map.
//!
//! A variable that a branch assigns ends with the branch. So each branch ends in a state whose output holds the variables that are read
//! outside it, and the Parallel assigns them again.
//!
//! Only Task, Parallel and Map can catch errors; a stage of another kind with `on_error` stands alone in a Parallel.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Each, OnError, Pause, Plan, Stage, Step, Verb, Workflow};
use windlass_schemas::types::Type;

use super::asl::{Catcher, Choice, Fail, Flow, Parallel, Pass, Rule, State, StateMachine, Task, Then, Wait};
use super::jsonata::{Refusal, Term, template, translate};
use super::scope::Scope;
use super::tasks::{Call, call};
use super::{each, input, job};

/// The definition of `workflow`, or everything that cannot be said in it.
pub fn definition(plan: &Plan, workflow: &Workflow) -> Result<StateMachine, Vec<Refusal>> {
    let scope = Scope::new(workflow);
    let mut builder = Builder { plan, flows: 0, refusals: Vec::new() };
    let mut body = Vec::new();
    let entry = builder.sequence(&workflow.body, &scope, "parallel ", END, &mut body);
    let mut start_at = entry;
    let mut all = Vec::new();
    if job::needed(workflow) {
        all.push((job::FIND.to_owned(), job::find(plan, &scope, &start_at)));
        start_at = job::FIND.to_owned();
    }
    match input::validation(workflow, &scope, &start_at) {
        Ok(None) => {}
        Ok(Some(state)) => {
            all.insert(0, (input::VALIDATE.to_owned(), state));
            start_at = input::VALIDATE.to_owned();
        }
        Err(refusals) => builder.refusals.splice(..0, refusals).for_each(drop),
    }
    if !workflow.inputs.is_empty() || !workflow.validations.is_empty() {
        all.splice(..0, input::states(workflow, &start_at)).for_each(drop);
        start_at = input::CHECK.to_owned();
    }
    all.extend(body);
    let output = match &workflow.output {
        Some(output) => builder.keep(template(output, &scope)).unwrap_or_default(),
        None => json!({}),
    };
    all.push((END.to_owned(), State::Pass(Pass { output: Some(output), ..Pass::default() })));
    let environment = plan.environment.as_ref().map(|e| format!(" in {e}")).unwrap_or_default();
    let machine = StateMachine {
        comment: format!("Workflow {} of {}{environment}", workflow.name, plan.project.name),
        query_language: "JSONata",
        timeout_seconds: workflow.timeout.seconds_up(),
        flow: Flow::reachable(start_at, all),
    };
    if builder.refusals.is_empty() { Ok(machine) } else { Err(builder.refusals) }
}

/// With a space, so that no stage has the same name.
const END: &str = "return output";

/// States with their names, in the order in which they run.
pub type Named = Vec<(String, State)>;

pub struct Builder<'a> {
    pub plan: &'a Plan,
    /// Branches that were begun: each is a flow of its own, counted as [`Scope::new`] counts them.
    flows: usize,
    refusals: Vec<Refusal>,
}

/// What happens when a stage fails for good, and the execution goes on.
#[derive(Clone)]
struct Route {
    /// The stage's outputs, null from now on.
    assign: Map<String, Json>,
    /// The variable that holds what it failed with, when somebody reads it.
    error: Option<String>,
    next: String,
}

/// How a stage ends well.
enum End<'a> {
    /// Its outputs are assigned to this variable, when somebody reads them, along with others.
    Assigns { variable: Option<&'a str>, others: Map<String, Json>, next: &'a str },
    /// Its outputs are the output of the flow, which ends; an empty object, when nobody reads them: those of many runs come together.
    Returns { read: bool },
}

/// What a stage does, of any verb.
enum Work {
    Call(Box<Call>),
    Wait(Json),
    Value(Json),
    Fail(Fail),
}

/// The state that a stage begins with.
fn entry_of(stage: &Stage) -> String {
    if stage.when.is_some() { format!("when {}", stage.name) } else { stage.name.clone() }
}

impl Route {
    fn taken(&self, name: Json, cause: Json) -> Map<String, Json> {
        let mut assign = self.assign.clone();
        if let Some(variable) = &self.error {
            assign.insert(variable.clone(), json!({ "name": name, "cause": cause }));
        }
        assign
    }

    fn catcher(&self) -> Catcher {
        let cause = "{% $type($states.errorOutput.Cause) = 'string' ? $states.errorOutput.Cause : '' %}";
        Catcher {
            error_equals: vec!["States.ALL"],
            assign: self.taken(json!("{% $states.errorOutput.Error %}"), json!(cause)),
            next: self.next.clone(),
        }
    }
}

fn catch(route: Option<&Route>) -> Vec<Catcher> {
    route.map(Route::catcher).into_iter().collect()
}

impl<'a> Builder<'a> {
    /// A result, or its refusal noted.
    pub fn keep<T>(&mut self, made: Result<T, Refusal>) -> Option<T> {
        made.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    /// Adds the states of `steps`, the last of which goes on to `after`, and gives the name of the first. The n-th parallel step is called
    /// `prefix` and n.
    fn sequence(&mut self, steps: &[Step], scope: &Scope, prefix: &str, after: &str, states: &mut Named) -> String {
        let mut names = Vec::new();
        let mut parallels = 0;
        for step in steps {
            names.push(match step {
                Step::Stage(stage) => entry_of(stage),
                Step::Parallel(_) => {
                    parallels += 1;
                    format!("{prefix}{parallels}")
                }
            });
        }
        names.push(after.to_owned());
        for (step, pair) in steps.iter().zip(names.windows(2)) {
            let [name, next] = pair else { continue };
            match step {
                Step::Stage(stage) => self.stage(stage, scope, next, states),
                Step::Parallel(branches) => {
                    let parallel = self.parallel(branches, scope, name, next);
                    states.push((name.clone(), State::Parallel(parallel)));
                }
            }
        }
        names.swap_remove(0)
    }

    fn parallel(&mut self, branches: &[Vec<Step>], scope: &Scope, name: &str, next: &str) -> Parallel {
        let mut flows = Vec::new();
        let mut assign = Map::new();
        for (at, branch) in branches.iter().enumerate() {
            self.flows += 1;
            let scope = scope.within(self.flows);
            let mut output = Map::new();
            for (inside, outside) in scope.leaving() {
                output.insert(outside.to_owned(), json!(format!("{{% ${inside} %}}")));
                assign.insert(outside.to_owned(), json!(format!("{{% $states.result[{at}].{outside} %}}")));
            }
            let end = format!("end of {name}.{}", at + 1);
            let mut states = Vec::new();
            let start_at = self.sequence(branch, &scope, &format!("{name}.{}.", at + 1), &end, &mut states);
            states.push((end, State::Pass(Pass { output: Some(json!(output)), ..Pass::default() })));
            flows.push(Flow::reachable(start_at, states));
        }
        Parallel { branches: flows, catch: Vec::new(), assign, then: Then::Next(next.to_owned()) }
    }

    /// Adds the states of a stage, and of those that handle its errors.
    fn stage(&mut self, stage: &Stage, scope: &Scope, next: &str, states: &mut Named) {
        let nulls = |stages: &mut dyn Iterator<Item = &Stage>| -> Map<String, Json> {
            stages.filter_map(|stage| Some((scope.assigned(&stage.name)?.to_owned(), Json::Null))).collect()
        };
        if let Some(when) = &stage.when {
            let condition = self.keep(translate(when, scope).map(|term| term.boolean().enclosed())).unwrap_or_default();
            let rule = Rule { condition, assign: Map::new(), next: stage.name.clone() };
            let assign = nulls(&mut stage.with_handlers());
            let choice = Choice { choices: vec![rule], assign, default: next.to_owned() };
            states.push((format!("when {}", stage.name), State::Choice(choice)));
        }
        let route = stage.on_error.as_ref().map(|on_error| Route {
            assign: nulls(&mut std::iter::once(stage)),
            error: stage
                .handler()
                .filter(|handler| reads_error(handler))
                .map(|_| scope.error_variable(&stage.name).to_owned()),
            next: match on_error {
                OnError::Continue => next.to_owned(),
                OnError::Handle(handler) => entry_of(handler),
            },
        });
        let end = End::Assigns {
            variable: scope.assigned(&stage.name),
            others: nulls(&mut stage.with_handlers().skip(1)),
            next,
        };
        match &stage.each {
            Some(each) => self.map(stage, each, scope, end, route.as_ref(), states),
            None => {
                let work = self.work(stage, scope);
                if let Some(work) = self.keep(work) {
                    place(stage, work, end, route.as_ref(), &stage.name, states);
                }
            }
        }
        if let OnError::Handle(handler) = stage.on_error.as_ref().unwrap_or(&OnError::Continue) {
            self.stage(handler, &scope.handling(&stage.name), next, states);
        }
    }

    fn map(&mut self, stage: &Stage, over: &Each, scope: &Scope, end: End, route: Option<&Route>, states: &mut Named) {
        let End::Assigns { variable, others, next } = end else { return };
        let made = each::around(self.plan, stage, over, scope);
        let Some(around) = self.keep(made) else { return };
        let work = self.work(stage, &around.scope);
        let Some(work) = self.keep(work) else { return };
        let mut inner = Vec::new();
        let name = format!("{} item", stage.name);
        let read = variable.is_some() || over.results.is_some();
        place(stage, work, End::Returns { read }, None, &name, &mut inner);
        let mut assign = others;
        if let Some(variable) = variable {
            // What is written to a bucket instead is no output.
            let outputs = if over.results.is_some() { json!({}) } else { json!("{% $states.result %}") };
            assign.insert(variable.to_owned(), outputs);
        }
        let mut map = around.map;
        map.item_processor.flow = Flow::reachable(name, inner);
        (map.catch, map.assign, map.then) = (catch(route), assign, Then::Next(next.to_owned()));
        states.push((stage.name.clone(), State::Map(Box::new(map))));
    }

    fn work(&self, stage: &Stage, scope: &Scope) -> Result<Work, Refusal> {
        if let Some(call) = call(self.plan, stage, scope)? {
            return Ok(Work::Call(Box::new(call)));
        }
        Ok(match &stage.verb {
            Verb::Wait(Pause::For(duration)) => Work::Wait(json!(duration.seconds_up())),
            Verb::Wait(Pause::Seconds(expr)) => {
                let seconds = translate(expr, scope)?.number();
                Work::Wait(match seconds.text.parse::<u64>() {
                    Ok(whole) => json!(whole),
                    Err(_) => Term::call("ceil", vec![seconds], Type::Number).enclosed(),
                })
            }
            Verb::Fail { error, cause } => Work::Fail(Fail { error: error.clone(), cause: template(cause, scope)? }),
            Verb::Value(expr) => Work::Value(template(expr, scope)?),
            // All others are calls.
            _ => Work::Value(Json::Null),
        })
    }
}

/// Adds the states of one run of a stage, the first of which is called `name`.
fn place(stage: &Stage, work: Work, end: End, route: Option<&Route>, name: &str, states: &mut Named) {
    let mut add = |name: String, state| states.push((name, state));
    match (work, end) {
        (Work::Call(call), end) => place_call(stage, *call, end, route, name, states),
        (Work::Fail(fail), End::Returns { .. }) => add(name.to_owned(), State::Fail(fail)),
        (Work::Fail(fail), End::Assigns { .. }) if route.is_none() => add(name.to_owned(), State::Fail(fail)),
        (Work::Wait(seconds), End::Returns { .. }) => {
            let wait = Wait { seconds, assign: Map::new(), output: Some(json!({})), then: Then::END };
            add(name.to_owned(), State::Wait(wait));
        }
        (Work::Value(value), End::Returns { .. }) => {
            let output = Some(json!({ "value": value }));
            add(name.to_owned(), State::Pass(Pass { output, ..Pass::default() }));
        }
        (work, End::Assigns { variable, others: mut assign, next }) => {
            let then = Then::Next(next.to_owned());
            let mut assigned = |value: Json| assign.extend(variable.map(|variable| (variable.to_owned(), value)));
            let state = match (work, route) {
                (work, Some(route)) => {
                    assigned(json!("{% $states.result[0] %}"));
                    let inner = format!("{name} itself");
                    let mut flow = Vec::new();
                    place(stage, work, End::Returns { read: true }, None, &inner, &mut flow);
                    let branches = vec![Flow::reachable(inner, flow)];
                    State::Parallel(Parallel { branches, catch: vec![route.catcher()], assign, then })
                }
                (Work::Wait(seconds), None) => {
                    assigned(json!({}));
                    State::Wait(Wait { seconds, assign, output: None, then })
                }
                (Work::Value(value), None) => {
                    assigned(json!({ "value": value }));
                    // Computed also when nobody reads it: it may fail.
                    let output = variable.is_none().then(|| json!({ "value": value }));
                    State::Pass(Pass { assign, output, then })
                }
                (Work::Fail(fail), None) => State::Fail(fail),
                (Work::Call(_), None) => return,
            };
            add(name.to_owned(), state);
        }
    }
}

/// A Task, and, when something is demanded of what it gives, a Choice behind it.
fn place_call(stage: &Stage, call: Call, end: End, route: Option<&Route>, name: &str, states: &mut Named) {
    let mut task = Task {
        resource: call.resource,
        arguments: call.arguments,
        timeout_seconds: stage.timeout.seconds_up(),
        retry: call.transient.retriers(&stage.retries),
        catch: catch(route),
        assign: Map::new(),
        output: None,
        then: Then::END,
    };
    if call.demands.is_empty() {
        match end {
            End::Returns { read } => task.output = Some(if read { json!(call.outputs) } else { json!({}) }),
            End::Assigns { variable, others, next } => {
                task.assign = others;
                task.assign.extend(variable.map(|variable| (variable.to_owned(), json!(call.outputs))));
                task.then = Then::Next(next.to_owned());
            }
        }
        states.push((name.to_owned(), State::Task(Box::new(task))));
        return;
    }
    let kept = if call.seen.is_empty() && call.completed.is_empty() {
        json!("{% $states.input %}")
    } else {
        let plain = |name: &String| json!(format!("{{% $states.input.{name} %}}"));
        let field = |name: &String| (name.clone(), call.completed.get(name).cloned().unwrap_or_else(|| plain(name)));
        json!(call.outputs.keys().map(field).collect::<Map<String, Json>>())
    };
    let mut output = call.outputs;
    output.extend(call.seen);
    task.output = Some(json!(output));
    let (check, refuse) = (format!("check result of {}", stage.name), format!("refuse result of {}", stage.name));
    task.then = Then::Next(check.clone());
    states.push((name.to_owned(), State::Task(Box::new(task))));

    let mut rules = Vec::new();
    let mut failures = Vec::new();
    for (at, demand) in call.demands.into_iter().enumerate() {
        let (assign, next) = match route {
            Some(route) => (route.taken(json!(demand.error), demand.cause), route.next.clone()),
            None => {
                let name = if at == 0 { refuse.clone() } else { format!("{refuse} {}", at + 1) };
                let fail = Fail { error: demand.error.to_owned(), cause: demand.cause };
                failures.push((name.clone(), State::Fail(fail)));
                (Map::new(), name)
            }
        };
        rules.push(Rule { condition: demand.broken, assign, next });
    }
    let mut choice = Choice { choices: rules, assign: Map::new(), default: String::new() };
    let mut last = None;
    match end {
        End::Returns { read } => {
            choice.default = format!("end of {}", stage.name);
            let output = Some(if read { kept } else { json!({}) });
            last = Some((choice.default.clone(), State::Pass(Pass { output, ..Pass::default() })));
        }
        End::Assigns { variable, others, next } => {
            choice.assign = others;
            choice.assign.extend(variable.map(|variable| (variable.to_owned(), kept)));
            choice.default = next.to_owned();
        }
    }
    states.push((check, State::Choice(choice)));
    states.extend(failures);
    states.extend(last);
}

fn reads_error(handler: &Stage) -> bool {
    let mut found = false;
    for expr in handler.expressions() {
        expr.walk(&mut |part| found |= matches!(part.kind, ExprKind::Error));
    }
    found
}
