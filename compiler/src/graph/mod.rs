//! A plan in, a drawing out: the workflows, in the order in which their stages run, and what they touch.
//!
//! Edges are those of the emitted structure, so that a stage which waits for another is seen to wait. [`Graph`] is the same for every
//! language that it is written in: [`mermaid`], [`dot`], and [`svg`], which lays it out itself.

pub mod dot;
pub mod mermaid;
pub mod svg;

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::plan::{Each, Elements, Occasion, OnError, Plan, Stage, Step, Verb, Workflow};

/// Workflows and what they touch.
#[derive(Debug, Default)]
pub struct Graph {
    /// Everything that is drawn as a box.
    pub nodes: Vec<Node>,
    /// What connects them: indexes of `nodes`.
    pub edges: Vec<Edge>,
    /// The workflows, each with its nodes.
    pub flows: Vec<Flow>,
}

/// A box.
#[derive(Debug, PartialEq)]
pub struct Node {
    /// Unique: a kind of block and a name.
    pub id: String,
    /// The lines in it.
    pub lines: Vec<String>,
    /// What it stands for.
    pub shape: Shape,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Where an execution begins.
    Start,
    /// A stage.
    Stage,
    /// A stage that runs for every element of something.
    Repeated,
    /// Something outside of the workflow.
    Thing,
    /// What starts executions.
    Trigger,
}

/// A connection.
#[derive(Debug, PartialEq)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it says.
    pub line: Line,
}

/// What a connection says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// One runs after the other.
    Then,
    /// One runs when the other failed.
    OnError,
    /// One uses the other: this is how.
    Uses(&'static str),
    /// One starts the other.
    Starts,
}

/// One workflow.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub start: usize,
    /// Its stages as they are arranged.
    pub body: Vec<Part>,
}

impl Flow {
    /// All nodes of the workflow, in order.
    pub fn nodes(&self) -> Vec<usize> {
        fn collect(parts: &[Part], found: &mut Vec<usize>) {
            for part in parts {
                match part {
                    Part::Stage(nodes) => found.extend(nodes),
                    Part::Parallel(branches) => branches.iter().for_each(|branch| collect(branch, found)),
                }
            }
        }
        let mut found = vec![self.start];
        collect(&self.body, &mut found);
        found
    }
}

impl Graph {
    /// The nodes that belong to no workflow.
    pub fn outside(&self) -> Vec<usize> {
        let inside: BTreeSet<usize> = self.flows.iter().flat_map(Flow::nodes).collect();
        (0..self.nodes.len()).filter(|node| !inside.contains(node)).collect()
    }
}

/// A part of a workflow's arrangement.
#[derive(Debug)]
pub enum Part {
    /// A stage, and those that handle its errors, each the error of the one before.
    Stage(Vec<usize>),
    /// Sequences that run side by side.
    Parallel(Vec<Vec<Part>>),
}

/// The graph of these workflows of a plan.
pub fn graph(plan: &Plan, wanted: impl Fn(&Workflow) -> bool) -> Graph {
    let mut drawing = Drawing::default();
    let workflows: Vec<&Workflow> = plan.workflows.iter().filter(|workflow| wanted(workflow)).collect();
    // Workflows may start each other.
    let starts: Vec<usize> = workflows.iter().map(|workflow| drawing.start(workflow)).collect();
    workflows.into_iter().zip(starts).for_each(|(workflow, start)| drawing.workflow(workflow, start));
    drawing.graph
}

#[derive(Default)]
struct Drawing {
    graph: Graph,
    things: BTreeMap<String, usize>,
}

impl Drawing {
    fn node(&mut self, id: String, lines: Vec<String>, shape: Shape) -> usize {
        self.graph.nodes.push(Node { id, lines, shape });
        self.graph.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize, line: Line) {
        let edge = Edge { from, to, line };
        if !self.graph.edges.contains(&edge) {
            self.graph.edges.push(edge);
        }
    }

    /// Something outside of workflows; one node each.
    fn thing(&mut self, kind: &str, name: &str) -> usize {
        let id = format!("{kind}.{name}");
        match self.things.get(&id) {
            Some(node) => *node,
            None => {
                let node = self.node(id.clone(), vec![kind.to_owned(), name.to_owned()], Shape::Thing);
                self.things.insert(id, node);
                node
            }
        }
    }

    fn start(&mut self, workflow: &Workflow) -> usize {
        let lines =
            vec![if workflow.express { "express workflow" } else { "workflow" }.to_owned(), workflow.name.clone()];
        let id = format!("workflow.{}", workflow.name);
        let start = self.node(id.clone(), lines, Shape::Start);
        self.things.insert(id, start);
        start
    }

    fn workflow(&mut self, workflow: &Workflow, start: usize) {
        let name = &workflow.name;
        for (at, trigger) in workflow.triggers.iter().enumerate() {
            let cause = match &trigger.when {
                Occasion::Schedule { expression, timezone } => {
                    let zone = if timezone == "UTC" { String::new() } else { format!(" {timezone}") };
                    let lines = vec![format!("{expression}{zone}")];
                    self.node(format!("trigger.{name}.{}", at + 1), lines, Shape::Trigger)
                }
                Occasion::Object { bucket, .. } => self.thing("bucket", bucket),
                Occasion::Finished { workflow, .. } => self.thing("workflow", workflow),
                Occasion::Alert { alert } => self.thing("alert", alert),
            };
            self.edge(cause, start, Line::Starts);
        }
        let (body, _) = self.sequence(name, &workflow.body, vec![start]);
        self.graph.flows.push(Flow { name: name.clone(), start, body });
    }

    /// The parts of a sequence, and the nodes that end it; `from` are those that end before it.
    fn sequence(&mut self, workflow: &str, steps: &[Step], from: Vec<usize>) -> (Vec<Part>, Vec<usize>) {
        let mut last = from;
        let mut parts = Vec::new();
        for step in steps {
            match step {
                Step::Stage(stage) => {
                    let (nodes, ends) = self.stage(workflow, stage, &last);
                    parts.push(Part::Stage(nodes));
                    last = ends;
                }
                Step::Parallel(branches) => {
                    let (mut inner, mut ends) = (Vec::new(), Vec::new());
                    for branch in branches {
                        let (branch, end) = self.sequence(workflow, branch, last.clone());
                        inner.push(branch);
                        ends.extend(end);
                    }
                    parts.push(Part::Parallel(inner));
                    last = ends;
                }
            }
        }
        (parts, last)
    }

    /// The nodes of a stage and its handlers, and those of them after which the workflow goes on.
    fn stage(&mut self, workflow: &str, stage: &Stage, from: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut nodes: Vec<usize> = Vec::new();
        let mut ends = Vec::new();
        for stage in stage.with_handlers() {
            let node = self.node(format!("stage.{workflow}.{}", stage.name), lines(stage), shape(stage));
            match nodes.last() {
                Some(failed) => self.edge(*failed, node, Line::OnError),
                None => from.iter().for_each(|&before| self.edge(before, node, Line::Then)),
            }
            self.touches(stage, node);
            nodes.push(node);
            if !matches!(stage.verb, Verb::Fail { .. }) {
                ends.push(node);
            }
        }
        (nodes, ends)
    }

    fn touches(&mut self, stage: &Stage, node: usize) {
        let each = match &stage.each {
            Some(Each { over: Elements::Objects { bucket, .. }, .. }) => Some((bucket, "lists")),
            Some(Each { over: Elements::Rows { bucket, .. }, .. }) => Some((bucket, "reads rows")),
            _ => None,
        };
        let results = stage.each.as_ref().and_then(|each| each.results.as_ref());
        let results = results.map(|results| (&results.bucket, "writes results"));
        for (bucket, how) in each.into_iter().chain(results) {
            let thing = self.thing("bucket", bucket);
            self.edge(node, thing, Line::Uses(how));
        }
        let (kind, name, how) = match &stage.verb {
            Verb::Read { bucket, .. } => ("bucket", bucket, "reads"),
            Verb::Write { bucket, .. } => ("bucket", bucket, "writes"),
            Verb::Infer { service, .. } => ("service", service, "asks"),
            Verb::Call { function, .. } => ("function", function, "calls"),
            Verb::Run { job, .. } => ("job", job, "runs"),
            Verb::Notify { channel, .. } => ("channel", channel, "notifies"),
            Verb::Approve { channel, .. } => ("channel", channel, "asks"),
            Verb::Start { workflow, .. } => ("workflow", workflow, "starts"),
            Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => return,
        };
        let thing = self.thing(kind, name);
        self.edge(node, thing, Line::Uses(how));
    }
}

fn shape(stage: &Stage) -> Shape {
    if stage.each.is_some() { Shape::Repeated } else { Shape::Stage }
}

fn lines(stage: &Stage) -> Vec<String> {
    let verb = match &stage.verb {
        Verb::Read { .. } => "read",
        Verb::Write { .. } => "write",
        Verb::Infer { .. } => "infer",
        Verb::Call { .. } => "call",
        Verb::Run { .. } => "run",
        Verb::Start { .. } => "start",
        Verb::Notify { .. } => "notify",
        Verb::Approve { .. } => "approve",
        Verb::Wait(_) => "wait",
        Verb::Value(_) => "value",
        Verb::Fail { .. } => "fail",
    };
    let around = [
        stage.when.as_ref().map(|_| "when"),
        stage.each.as_ref().map(|each| if each.distributed { "distributed" } else { "for each" }),
        (stage.on_error == Some(OnError::Continue)).then_some("continues on error"),
    ];
    let around: Vec<&str> = around.into_iter().flatten().collect();
    let doing = if around.is_empty() { verb.to_owned() } else { format!("{verb}, {}", around.join(", ")) };
    vec![stage.name.clone(), doing]
}
