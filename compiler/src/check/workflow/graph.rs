//! What waits for what: a stage and those that handle its errors are one node, since they end together.

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::values::Fallback;
use windlass_schemas::spec::{Stage, Workflow};
use windlass_schemas::suggest::did_you_mean;

/// The order that a workflow's stages demand.
#[derive(Debug, Default)]
pub struct Graph {
    /// For each node, the stage, the one that handles its errors, the one that handles those, and so on: indexes in
    /// the order written.
    pub nodes: Vec<Vec<usize>>,
    /// For each node, the nodes that must have ended before.
    pub needs: Vec<BTreeSet<usize>>,
    /// For each stage that handles another, that one and the place that says so.
    handles: BTreeMap<usize, (usize, Span)>,
}

/// Why one stage waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Reads,
    After,
    Handles,
    /// What this stage reads, which handles its errors.
    Through(usize),
}

impl Graph {
    /// Reads the graph of `workflow`; what is wrong in it is reported.
    pub fn of(workflow: &Workflow, diags: &mut Diagnostics) -> Self {
        let names = Names::of(workflow);
        let handles = handlers(workflow, &names, diags);
        let mut edges: Vec<BTreeMap<usize, Why>> = Vec::with_capacity(workflow.stages.len());
        for (at, stage) in workflow.stages.iter().enumerate() {
            let mut found = BTreeMap::new();
            for after in stage.after.iter().flat_map(|after| &after.value.0) {
                if let Some(other) = names.find(after, diags) {
                    after_sound(workflow, at, other, after.span, &handles, diags);
                    found.insert(other, Why::After);
                }
            }
            for expr in expressions(stage) {
                for name in read(expr) {
                    if let Some(other) = names.find(name, diags) {
                        found.insert(other, Why::Reads);
                    }
                }
            }
            edges.push(found);
        }
        for expr in workflow.output.iter().map(|output| &output.value.0) {
            for name in read(expr) {
                names.find(name, diags);
            }
        }
        let graph = contract(&edges, handles);
        graph.find_circle(workflow, &edges, diags);
        graph
    }

    /// The place that makes a stage the handler of another.
    pub fn handled_by(&self, stage: usize) -> Option<Span> {
        self.handles.get(&stage).map(|(_, span)| *span)
    }

    /// The stages in an order in which each comes after those that it needs, those on circles last.
    pub fn order(&self) -> Vec<usize> {
        let mut open: Vec<usize> = self.needs.iter().map(BTreeSet::len).collect();
        let mut behind: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (node, needs) in self.needs.iter().enumerate() {
            needs.iter().for_each(|need| behind[*need].push(node));
        }
        let mut ready: BTreeSet<usize> = (0..open.len()).filter(|node| open[*node] == 0).collect();
        let mut order = Vec::with_capacity(open.len());
        while let Some(node) = ready.pop_first() {
            order.push(node);
            for next in &behind[node] {
                open[*next] -= 1;
                if open[*next] == 0 {
                    ready.insert(*next);
                }
            }
        }
        let done: BTreeSet<usize> = order.iter().copied().collect();
        order.extend((0..open.len()).filter(|node| !done.contains(node)));
        order.iter().flat_map(|node| self.nodes[*node].iter().copied()).collect()
    }

    /// Reports a circle of stages that wait for each other, with the path of their names.
    fn find_circle(&self, workflow: &Workflow, edges: &[BTreeMap<usize, Why>], diags: &mut Diagnostics) {
        // Between stages, a handler waits for what it handles, and what waits for a stage waits for its handlers, too.
        let mut all: Vec<BTreeMap<usize, Why>> = edges.to_vec();
        for (handler, (of, _)) in &self.handles {
            all[*handler].insert(*of, Why::Handles);
        }
        for node in self.nodes.iter().filter(|node| node.len() > 1) {
            // What a handler reads, the stage that it handles waits for.
            for handler in &node[1..] {
                for need in edges[*handler].keys().filter(|need| !node.contains(need)) {
                    all[node[0]].entry(*need).or_insert(Why::Through(*handler));
                }
            }
        }
        let Some(circle) = circle(&all) else { return };
        let name = |at: usize| workflow.stages[at].name.value.as_ref();
        let names: Vec<&str> = circle.iter().chain(circle.first()).map(|&at| name(at)).collect();
        let message = match circle.as_slice() {
            [_] => format!("the stage `{}` waits for itself", names[0]),
            _ => format!("stages wait for each other: {}", names.join(" -> ")),
        };
        let mut diagnostic = Diagnostic::at(&codes::CYCLE, workflow.stages[circle[0]].name.span, message)
            .help("take one of the references out");
        for (at, next) in circle.iter().zip(circle.iter().skip(1).chain(circle.first())) {
            let text = match all[*at].get(next) {
                Some(Why::After) => format!("`{}` comes after `{}`", name(*at), name(*next)),
                Some(Why::Handles) => format!("`{}` runs when `{}` fails", name(*at), name(*next)),
                Some(Why::Through(handler)) => {
                    format!("`{}`, which handles its errors, waits for `{}`", name(*handler), name(*next))
                }
                Some(Why::Reads) | None => format!("`{}` reads `stage.{}`", name(*at), name(*next)),
            };
            let span = workflow.stages[*at].name.span;
            diagnostic = match diagnostic.labels.iter_mut().find(|label| label.span == span) {
                Some(label) => {
                    label.text = text;
                    diagnostic
                }
                None => diagnostic.label(span, text),
            };
        }
        diags.push(diagnostic);
    }
}

/// The stages of a workflow by name.
struct Names<'a> {
    workflow: &'a Workflow,
    index: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn of(workflow: &'a Workflow) -> Self {
        let index = workflow.stages.iter().enumerate().map(|(at, stage)| (&**stage.name, at));
        Names { workflow, index: index.collect() }
    }

    /// The stage of this name; that there is none is reported.
    fn find(&self, name: &Spanned<String>, diags: &mut Diagnostics) -> Option<usize> {
        let found = self.index.get(name.value.as_str()).copied();
        if found.is_none() {
            let names = || self.workflow.stages.iter().map(|stage| &**stage.name);
            let help = did_you_mean(name, names()).unwrap_or_else(|| {
                let names: Vec<&str> = names().collect();
                format!("there are `{}`", names.join("`, `"))
            });
            let message = format!("the workflow `{}` has no stage `{}`", self.workflow.name.value, name.value);
            diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, message).help(help));
        }
        found
    }
}

/// Which stage handles which, where that is sound.
fn handlers(workflow: &Workflow, names: &Names, diags: &mut Diagnostics) -> BTreeMap<usize, (usize, Span)> {
    let mut handles: BTreeMap<usize, (usize, Span)> = BTreeMap::new();
    for (at, stage) in workflow.stages.iter().enumerate() {
        let Some(Fallback::Stage(name)) = stage.on_error.as_ref().map(|on_error| &on_error.value) else { continue };
        let Some(handler) = names.find(name, diags) else { continue };
        if handler == at {
            let message = format!("the stage `{}` can't handle its own error", name.value);
            let help = "to try it again, give it a `retry` block; to go on without it, write `on_error = \"continue\"`";
            diags.push(Diagnostic::at(&codes::CYCLE, name.span, message).help(help));
        } else if let Some((first, place)) = handles.get(&handler) {
            let first = &workflow.stages[*first].name.value;
            let message = format!("`{}` handles the errors of `{first}` already", name.value);
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, name.span, message)
                .label(*place, "the first")
                .help("a stage handles the errors of one; write another with another name");
            diags.push(diagnostic);
        } else {
            handles.insert(handler, (at, name.span));
        }
    }
    // Stages that handle each other would never begin.
    for start in handles.keys().copied().collect::<Vec<_>>() {
        let mut path = vec![start];
        while let Some((of, _)) = path.last().and_then(|at| handles.get(at)) {
            if *of == start {
                let shown: Vec<&str> =
                    path.iter().chain([&start]).rev().map(|at| &*workflow.stages[*at].name.value).collect();
                let message = format!("stages handle each other's errors: {}", shown.join(" -> "));
                let span = handles.get(&start).map_or(workflow.span, |(_, span)| *span);
                let help = "each runs only when the other has failed, so none would begin; take one `on_error` out";
                diags.push(Diagnostic::at(&codes::CYCLE, span, message).help(help));
                for at in &path {
                    handles.remove(at);
                }
                break;
            }
            if path.contains(of) {
                break;
            }
            path.push(*of);
        }
    }
    handles
}

/// Reports an `after` that says nothing, or that nothing comes after.
fn after_sound(
    workflow: &Workflow,
    at: usize,
    other: usize,
    span: Span,
    handles: &BTreeMap<usize, (usize, Span)>,
    diags: &mut Diagnostics,
) {
    let ends = &workflow.stages[other];
    if ends.fail.is_some() && ends.when.is_none() && !handles.contains_key(&other) {
        let message =
            format!("the stage `{}` never runs: `{}` ends the execution", name(workflow, at), name(workflow, other));
        let diagnostic = Diagnostic::at(&codes::UNREACHABLE_STAGE, span, message)
            .label(ends.name.span, "it always fails")
            .help(format!("give `{}` a `when`, or take one of the two out", name(workflow, other)));
        diags.push(diagnostic);
    }
}

fn name(workflow: &Workflow, at: usize) -> &str {
    &workflow.stages[at].name.value
}

/// Every expression of a stage.
pub fn expressions(stage: &Stage) -> Vec<&Expr> {
    let single = [
        &stage.key,
        &stage.body,
        &stage.subject,
        &stage.message,
        &stage.when,
        &stage.wait,
        &stage.value,
        &stage.fail,
        &stage.payload,
        &stage.arguments,
        &stage.for_each,
    ];
    let several = [&stage.inputs, &stage.input, &stage.environment];
    let distribute = stage.distribute.iter().flat_map(|distribute| [&distribute.prefix, &distribute.key]);
    single
        .into_iter()
        .chain(distribute)
        .flatten()
        .map(|expression| &expression.value.0)
        .chain(several.into_iter().flatten().flat_map(|entries| entries.value.0.iter().map(|(_, expr)| expr)))
        .collect()
}

/// The stages that an expression reads, in the order written.
fn read(expr: &Expr) -> Vec<&Spanned<String>> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let ExprKind::Stage(name) = &part.kind {
            found.push(name);
        }
    });
    found
}

/// One node for each stage that handles no other.
fn contract(edges: &[BTreeMap<usize, Why>], handles: BTreeMap<usize, (usize, Span)>) -> Graph {
    let by: BTreeMap<usize, usize> = handles.iter().map(|(handler, (of, _))| (*of, *handler)).collect();
    let chain = |first: usize| std::iter::successors(Some(first), |at| by.get(at).copied()).collect::<Vec<_>>();
    let nodes: Vec<Vec<usize>> = (0..edges.len()).filter(|at| !handles.contains_key(at)).map(chain).collect();
    let node_of: BTreeMap<usize, usize> =
        nodes.iter().enumerate().flat_map(|(node, stages)| stages.iter().map(move |at| (*at, node))).collect();
    let needs = nodes.iter().enumerate().map(|(node, stages)| {
        let needs = stages.iter().flat_map(|at| edges[*at].keys()).filter_map(|need| node_of.get(need).copied());
        needs.filter(|need| *need != node).collect()
    });
    let needs = needs.collect();
    Graph { nodes, needs, handles }
}

/// A shortest way from some stage back to itself.
fn circle(edges: &[BTreeMap<usize, Why>]) -> Option<Vec<usize>> {
    // Stages that can run are taken away until none is left, or only those on circles and behind them.
    let mut open: Vec<usize> = edges.iter().map(BTreeMap::len).collect();
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (at, needs) in edges.iter().enumerate() {
        needs.keys().for_each(|need| behind[*need].push(at));
    }
    let mut ready: Vec<usize> = (0..open.len()).filter(|at| open[*at] == 0).collect();
    let mut waiting: BTreeSet<usize> = (0..open.len()).collect();
    while let Some(at) = ready.pop() {
        waiting.remove(&at);
        for next in &behind[at] {
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    // From any stage that waits, going to what it waits for leads into a circle.
    let mut path = vec![*waiting.first()?];
    loop {
        let next = path.last().and_then(|at| edges[*at].keys().copied().find(|need| waiting.contains(need)))?;
        match path.iter().position(|&seen| seen == next) {
            Some(start) => return Some(path.split_off(start)),
            None => path.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(needs: &[&[usize]]) -> Vec<BTreeMap<usize, Why>> {
        needs.iter().map(|needs| needs.iter().map(|need| (*need, Why::Reads)).collect()).collect()
    }

    #[test]
    fn a_stage_and_its_handlers_are_one_node() {
        let span = Span::default();
        // 1 handles 0, 2 handles 1; 3 reads 2; 1 reads 4.
        let handles = BTreeMap::from([(1, (0, span)), (2, (1, span))]);
        let graph = contract(&edges(&[&[], &[4], &[], &[2], &[]]), handles);
        assert_eq!(graph.nodes, [vec![0, 1, 2], vec![3], vec![4]]);
        assert_eq!(graph.needs, [BTreeSet::from([2]), BTreeSet::from([0]), BTreeSet::new()]);
        assert_eq!(graph.order(), [4, 0, 1, 2, 3]);
    }

    #[test]
    fn circles() {
        assert_eq!(circle(&edges(&[&[], &[0], &[1, 0]])), None);
        assert_eq!(circle(&edges(&[&[0]])), Some(vec![0]));
        // 3 waits for a circle and is on none.
        assert_eq!(circle(&edges(&[&[2], &[0], &[1], &[0]])), Some(vec![0, 2, 1]));
    }
}
