//! Ensembles of decision trees: TreeEnsembleClassifier and TreeEnsembleRegressor.
//!
//! The trees are checked when they are made (every child exists, no path returns to where it was), so a walk ends at a leaf.
//! Features are compared in double precision, in which a comparison of single-precision numbers stays the same. Weights are summed
//! in the precision of the input, as in onnxruntime: the votes of a forest are often equal, and rounding decides between them.

use std::collections::{BTreeMap, BTreeSet};

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

use super::scores::{Labels, Pair, Transform, probit};
use super::{Build, Built, Context, Form, Kernel, built, floats, integers, numbers, shaped, table, texts};

pub const PACK: &[(&str, Build)] = &[("TreeEnsembleClassifier", classifier), ("TreeEnsembleRegressor", regressor)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Leaf,
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
}

/// A branch; or a leaf, whose weights are those from `yes` to `no`.
#[derive(Clone, Copy, Debug)]
struct Node {
    threshold: f64,
    feature: u32,
    yes: u32,
    no: u32,
    mode: Mode,
    missing_is_yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

#[derive(Debug)]
struct Forest {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// What leaves add: target and weight.
    weights: Vec<(u32, f64)>,
    features: usize,
    targets: usize,
    aggregate: Aggregate,
    base: Vec<f64>,
}

/// A number for each node or leaf: the attribute, or the double-precision one that may stand in its place.
fn values(context: &Context, node: &NodeProto, name: &str) -> TractResult<Vec<f64>> {
    if let Some(tensor) = node.get_attr_opt::<&tract_onnx::pb::TensorProto>(&format!("{name}_as_tensor"))? {
        let tensor = context.load_tensor(tensor)?.cast_to::<f64>()?.into_owned();
        return Ok(tensor.try_as_plain_ram()?.as_slice::<f64>()?.to_vec());
    }
    Ok(floats(node, name)?.into_iter().map(f64::from).collect())
}

impl Forest {
    fn new(
        context: &Context,
        node: &NodeProto,
        role: &str,
        targets: usize,
        aggregate: Aggregate,
    ) -> TractResult<Forest> {
        let (tree_ids, node_ids) = (integers(node, "nodes_treeids")?, integers(node, "nodes_nodeids")?);
        let features = integers(node, "nodes_featureids")?;
        let (yes, no) = (integers(node, "nodes_truenodeids")?, integers(node, "nodes_falsenodeids")?);
        let (thresholds, modes) = (values(context, node, "nodes_values")?, texts(node, "nodes_modes")?);
        let missing = integers(node, "nodes_missing_value_tracks_true")?;
        let count = node_ids.len();
        ensure!(count > 0 && u32::try_from(count).is_ok(), "{count} nodes are no forest");
        for length in [tree_ids.len(), features.len(), yes.len(), no.len(), thresholds.len(), modes.len()] {
            ensure!(length == count, "the attributes of nodes are of different lengths");
        }
        ensure!(missing.is_empty() || missing.len() == count, "the attributes of nodes are of different lengths");

        let (mut places, mut trees) = (BTreeMap::new(), BTreeSet::new());
        let mut roots = Vec::new();
        let mut last = None;
        for (index, key) in tree_ids.iter().zip(&node_ids).enumerate() {
            ensure!(
                places.insert(key, index as u32).is_none(),
                "two nodes of tree {} have the number {}",
                key.0,
                key.1
            );
            // The first node of a tree is its root.
            if last != Some(key.0) {
                ensure!(trees.insert(key.0), "the nodes of tree {} do not stand together", key.0);
                roots.push(index as u32);
                last = Some(key.0);
            }
        }
        let attribute = |name: &str| format!("{role}_{name}");
        let (leaf_trees, leaf_nodes) = (integers(node, &attribute("treeids"))?, integers(node, &attribute("nodeids"))?);
        let (leaf_targets, leaf_weights) =
            (integers(node, &attribute("ids"))?, values(context, node, &attribute("weights"))?);
        for length in [leaf_nodes.len(), leaf_targets.len(), leaf_weights.len()] {
            ensure!(length == leaf_trees.len(), "the attributes of leaves are of different lengths");
        }
        let mut of_leaf: Vec<Vec<(u32, f64)>> = vec![Vec::new(); count];
        for (((tree, leaf), target), weight) in leaf_trees.iter().zip(&leaf_nodes).zip(&leaf_targets).zip(&leaf_weights)
        {
            let place = places.get(&(tree, leaf)).with_context(|| format!("tree {tree} has no node {leaf}"))?;
            let known = usize::try_from(*target).is_ok_and(|target| target < targets);
            ensure!(known, "a leaf adds to target {target} of {targets}");
            of_leaf[*place as usize].push((*target as u32, *weight));
        }

        let mut forest = Forest {
            roots,
            nodes: Vec::with_capacity(count),
            weights: Vec::new(),
            features: 0,
            targets,
            aggregate,
            base: Vec::new(),
        };
        for index in 0..count {
            let mode = match modes[index].as_str() {
                "LEAF" => Mode::Leaf,
                "BRANCH_LEQ" => Mode::LessOrEqual,
                "BRANCH_LT" => Mode::Less,
                "BRANCH_GTE" => Mode::GreaterOrEqual,
                "BRANCH_GT" => Mode::Greater,
                "BRANCH_EQ" => Mode::Equal,
                "BRANCH_NEQ" => Mode::NotEqual,
                other => bail!("a node's mode is `{other}`, which is none of the specification's"),
            };
            let (feature, yes, no) = if mode == Mode::Leaf {
                let start = forest.weights.len() as u32;
                forest.weights.append(&mut of_leaf[index]);
                (0, start, u32::try_from(forest.weights.len())?)
            } else {
                let child = |number: &i64| {
                    let place = places.get(&(&tree_ids[index], number)).copied();
                    place.with_context(|| format!("tree {} has no node {number}", tree_ids[index]))
                };
                (u32::try_from(features[index])?, child(&yes[index])?, child(&no[index])?)
            };
            if mode != Mode::Leaf {
                forest.features = forest.features.max(feature as usize + 1);
            }
            let missing_is_yes = missing.get(index).is_some_and(|flag| *flag != 0);
            forest.nodes.push(Node { threshold: thresholds[index], feature, yes, no, mode, missing_is_yes });
        }
        forest.check_ends()?;
        forest.base = values(context, node, "base_values")?;
        Ok(forest)
    }

    /// Every walk ends: no node can be reached from itself.
    fn check_ends(&self) -> TractResult<()> {
        // Of each node: not seen yet, on the path from the root, or known to end.
        let mut state = vec![0_u8; self.nodes.len()];
        for root in &self.roots {
            let mut path = vec![*root];
            while let Some(&at) = path.last() {
                let node = &self.nodes[at as usize];
                if state[at as usize] == 0 && node.mode != Mode::Leaf {
                    state[at as usize] = 1;
                    for child in [node.yes, node.no] {
                        ensure!(state[child as usize] != 1, "a tree's branch leads back to itself");
                        if state[child as usize] == 0 {
                            path.push(child);
                        }
                    }
                } else {
                    state[at as usize] = 2;
                    path.pop();
                }
            }
        }
        Ok(())
    }

    fn check(&self, inputs: &[Form]) -> TractResult<TDim> {
        let (rows, columns) = table(inputs)?;
        ensure!(columns.is_none_or(|columns| columns >= self.features), "it takes {} columns or more", self.features);
        Ok(rows)
    }

    /// Weights of the leaf that a row comes to.
    fn leaf<T: Copy + Into<f64>>(&self, root: u32, row: &[T]) -> &[(u32, f64)] {
        let mut node = &self.nodes[root as usize];
        loop {
            if node.mode == Mode::Leaf {
                return &self.weights[node.yes as usize..node.no as usize];
            }
            let value: f64 = row[node.feature as usize].into();
            let yes = match node.mode {
                Mode::Leaf => true,
                Mode::LessOrEqual => value <= node.threshold,
                Mode::Less => value < node.threshold,
                Mode::GreaterOrEqual => value >= node.threshold,
                Mode::Greater => value > node.threshold,
                Mode::Equal => value == node.threshold,
                Mode::NotEqual => value != node.threshold,
            };
            let yes = yes || (node.missing_is_yes && value.is_nan());
            node = &self.nodes[if yes { node.yes } else { node.no } as usize];
        }
    }

    /// Calls with the aggregated score of each target, `None` where nothing adds to it.
    fn each_row(&self, input: &Tensor, mut visit: impl FnMut(&mut [Option<f64>])) -> TractResult<usize> {
        match input.datum_type() {
            DatumType::F64 => self.walk(&numbers::<f64>(input)?, |a, b| a + b, &mut visit),
            _ => self.walk(&numbers::<f32>(input)?, |a, b| f64::from(a as f32 + b as f32), &mut visit),
        }
    }

    fn walk<T: Copy + Into<f64>>(
        &self,
        (numbers, columns): &(std::borrow::Cow<'_, [T]>, usize),
        sum: impl Fn(f64, f64) -> f64,
        visit: &mut impl FnMut(&mut [Option<f64>]),
    ) -> TractResult<usize>
    where
        [T]: ToOwned,
    {
        ensure!(*columns >= self.features, "it takes {} columns or more, not {columns}", self.features);
        let mut scores: Vec<Option<f64>> = vec![None; self.targets];
        for row in numbers.chunks_exact((*columns).max(1)) {
            scores.fill(None);
            for root in &self.roots {
                for (target, weight) in self.leaf(*root, row) {
                    let score = &mut scores[*target as usize];
                    *score = Some(match (*score, self.aggregate) {
                        (None, _) => *weight,
                        (Some(score), Aggregate::Sum | Aggregate::Average) => sum(score, *weight),
                        (Some(score), Aggregate::Min) => score.min(*weight),
                        (Some(score), Aggregate::Max) => score.max(*weight),
                    });
                }
            }
            if self.aggregate == Aggregate::Average {
                let trees = self.roots.len() as f64;
                scores.iter_mut().flatten().for_each(|score| *score /= trees);
            }
            for (score, base) in scores.iter_mut().zip(&self.base) {
                *score = Some(sum(score.unwrap_or(0.0), *base));
            }
            visit(&mut scores);
        }
        Ok(numbers.len() / (*columns).max(1))
    }
}

#[derive(Debug)]
struct Classifier {
    forest: Forest,
    labels: Labels,
    transform: Transform,
    /// The only class of two that leaves add to, if there is such a one.
    single: Option<u32>,
    all_positive: bool,
}

fn classifier(context: &Context, node: &NodeProto) -> Built {
    let labels = Labels::of(node, "classlabels_int64s")?;
    ensure!(labels.len() >= 2, "it has one class");
    let forest = Forest::new(context, node, "class", labels.len(), Aggregate::Sum)?;
    let transform = Transform::of(node)?;
    let mut classes = forest.weights.iter().map(|(class, _)| *class);
    let first = classes.next();
    let single = first.filter(|first| labels.len() == 2 && classes.all(|class| class == *first));
    // Elsewhere onnxruntime and the specification say different things, or nothing.
    match (labels.len(), single, forest.base.len()) {
        (_, _, 0) | (2, Some(0), 1) => {}
        (classes, _, base) if classes > 2 && base == classes => {}
        (classes, _, base) => bail!("{base} base values for {classes} classes are not supported"),
    }
    ensure!(single.is_none() || transform != Transform::Probit, "PROBIT of a single score is not supported");
    let all_positive = forest.weights.iter().all(|(_, weight)| *weight >= 0.0);
    built(Classifier { forest, labels, transform, single, all_positive })
}

impl Classifier {
    /// One row's scores in their final form, and the winner.
    fn finish(&self, scores: &[Option<f64>], out: &mut Vec<f32>) -> usize {
        let start = out.len();
        if self.single == Some(0) {
            // The one score is that of the second class, whatever number the leaves give it.
            let score = scores[0].unwrap_or(0.0);
            let pair = match self.transform {
                Transform::Logistic => Pair::Opposite,
                _ if self.all_positive => Pair::Complement,
                _ => Pair::Opposite,
            };
            out.extend(pair.of(score as f32, self.transform));
            return usize::from(score > self.bar());
        }
        let mut winner: Option<(usize, f64)> = None;
        for (class, score) in scores.iter().enumerate() {
            if let Some(score) = *score
                && winner.is_none_or(|(_, best)| score > best)
            {
                winner = Some((class, score));
            }
            out.push(score.unwrap_or(0.0) as f32);
        }
        self.transform.apply(&mut out[start..]);
        match self.single {
            Some(_) => usize::from(scores[1].unwrap_or(0.0) > self.bar()),
            None => winner.map_or(0, |(class, _)| class),
        }
    }

    /// Above which a single score speaks for the second class.
    fn bar(&self) -> f64 {
        if self.all_positive { 0.5 } else { 0.0 }
    }
}

impl Kernel for Classifier {
    fn name(&self) -> &'static str {
        "TreeEnsembleClassifier"
    }

    fn count(&self) -> usize {
        2
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let rows = self.forest.check(inputs)?;
        let labels = (self.labels.datum_type(), tvec!(rows.clone()));
        Ok(tvec!(labels, (DatumType::F32, tvec!(rows, self.labels.len().to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let (mut winners, mut scores) = (Vec::new(), Vec::new());
        self.forest.each_row(inputs[0], |row| winners.push(self.finish(row, &mut scores)))?;
        let width = self.labels.len();
        Ok(tvec!(self.labels.chosen(&winners)?, shaped(&[winners.len(), width], scores)?))
    }
}

#[derive(Debug)]
struct Regressor {
    forest: Forest,
    transform: Transform,
}

fn regressor(context: &Context, node: &NodeProto) -> Built {
    let targets = node.get_attr_opt::<usize>("n_targets")?.unwrap_or(1);
    ensure!((1..1 << 20).contains(&targets), "{targets} targets are too many");
    let aggregate = match node.get_attr_opt::<&str>("aggregate_function")? {
        None | Some("SUM") => Aggregate::Sum,
        Some("AVERAGE") => Aggregate::Average,
        Some("MIN") => Aggregate::Min,
        Some("MAX") => Aggregate::Max,
        Some(other) => bail!("aggregate_function is `{other}`, which is none of the specification's"),
    };
    let forest = Forest::new(context, node, "target", targets, aggregate)?;
    ensure!([0, targets].contains(&forest.base.len()), "{} base values for {targets} targets", forest.base.len());
    built(Regressor { forest, transform: Transform::of(node)? })
}

impl Kernel for Regressor {
    fn name(&self) -> &'static str {
        "TreeEnsembleRegressor"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        Ok(tvec!((DatumType::F32, tvec!(self.forest.check(inputs)?, self.forest.targets.to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let mut scores = Vec::new();
        let rows = self.forest.each_row(inputs[0], |row| {
            let start = scores.len();
            scores.extend(row.iter().map(|score| score.unwrap_or(0.0) as f32));
            match self.transform {
                // onnxruntime transforms a single target by PROBIT alone.
                Transform::Probit => scores[start..].iter_mut().for_each(|score| *score = probit(*score)),
                _ if self.forest.targets == 1 => {}
                transform => transform.apply(&mut scores[start..]),
            }
        })?;
        Ok(tvec!(shaped(&[rows, self.forest.targets], scores)?))
    }
}
