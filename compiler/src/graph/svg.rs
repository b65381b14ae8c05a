//! A graph as a picture that a browser draws, laid out by the structure: sequences downwards, branches side by side, what handles an
//! error to the right, and what is touched in a column of its own.

use super::{Flow, Graph, Line, Node, Part, Shape};

/// Height of a box.
const HEIGHT: f64 = 42.0;
/// Between one box and the next, downwards.
const DOWN: f64 = 34.0;
/// Between one box and the next, sidewards.
const SIDE: f64 = 26.0;
/// Between stages with handlers, which an arrow with words connects.
const HANDLER: f64 = 74.0;
/// Between the workflows and the column of what they touch.
const COLUMN: f64 = 130.0;
/// Around everything.
const MARGIN: f64 = 24.0;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}.sub{font-size:10px;fill:#59636e}\
.on{font-size:10px;fill:#b3261e}.box{fill:#fff;stroke:#59636e;stroke-width:1.2}.start{fill:#ddf4ff;stroke:#0969da}\
.thing{fill:#fff8c5;stroke:#9a6700}.trigger{fill:#dafbe1;stroke:#1a7f37}.then{fill:none;stroke:#59636e;stroke-width:1.2}\
.error{fill:none;stroke:#b3261e;stroke-dasharray:5 3}.uses{fill:none;stroke:#9a6700;stroke-dasharray:2 3}\
.starts{fill:none;stroke:#1a7f37}.head{fill:#59636e}.flow{fill:#f6f8fa;stroke:#d1d9e0}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.sub{fill:#9198a1}.box{fill:#0d1117;stroke:#9198a1}.start{fill:#0c2d6b}\
.thing{fill:#341a00}.trigger{fill:#04260f}.flow{fill:#151b23;stroke:#3d444d}.then{stroke:#9198a1}.head{fill:#9198a1}}";

/// Where a box lies: its centre and its width.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
}

/// The graph as an SVG document.
pub fn svg(graph: &Graph) -> String {
    let mut layout = Layout { graph, places: vec![Place::default(); graph.nodes.len()], frames: Vec::new() };
    let (width, height) = layout.all();
    layout.draw(width, height)
}

struct Layout<'a> {
    graph: &'a Graph,
    places: Vec<Place>,
    /// Around each workflow: left, top, width, height.
    frames: Vec<(f64, f64, f64, f64)>,
}

/// The width that the lines of a box take, by an average width of letters.
fn width(node: &Node) -> f64 {
    let longest = node.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    (longest as f64 * 7.2 + 24.0).max(96.0)
}

impl Layout<'_> {
    /// Gives every node its place; the size of the whole.
    fn all(&mut self) -> (f64, f64) {
        let graph = self.graph;
        let widest = graph.flows.iter().map(|flow| self.flow_width(flow)).fold(0.0, f64::max);
        let mut y = MARGIN;
        for flow in &graph.flows {
            y = self.flow(flow, widest, y) + MARGIN;
        }
        let outside = graph.outside();
        let (triggers, things): (Vec<usize>, Vec<usize>) =
            outside.into_iter().partition(|node| graph.nodes[*node].shape == Shape::Trigger);
        for node in triggers {
            // To the left of what it starts, one below the other.
            let start = graph.edges.iter().find(|edge| edge.from == node).map_or(node, |edge| edge.to);
            let above = graph
                .edges
                .iter()
                .filter(|edge| edge.to == start && edge.from < node && edge.line == Line::Starts)
                .count();
            let place = self.places[start];
            let x = MARGIN + width(&graph.nodes[node]) / 2.0;
            self.places[node] =
                Place { x, y: place.y + above as f64 * (HEIGHT + 8.0), width: width(&graph.nodes[node]) };
        }
        let column = self.left() + widest + COLUMN;
        let wide = things.iter().map(|node| width(&graph.nodes[*node])).fold(0.0, f64::max);
        // Each as near as it can be to what uses it first.
        let user = |node: usize| {
            let edges = graph.edges.iter().filter(|edge| edge.from == node || edge.to == node);
            edges
                .map(|edge| self.places[if edge.from == node { edge.to } else { edge.from }].y)
                .fold(f64::INFINITY, f64::min)
        };
        let mut order: Vec<(usize, f64)> = things.iter().map(|node| (*node, user(*node))).collect();
        order.sort_by(|(a, x), (b, y)| x.total_cmp(y).then(a.cmp(b)));
        let mut free = MARGIN + HEIGHT / 2.0;
        for (node, near) in order {
            let at = near.max(free);
            self.places[node] = Place { x: column + wide / 2.0, y: at, width: wide };
            free = at + HEIGHT + 14.0;
        }
        let right = if things.is_empty() { self.left() + widest } else { column + wide };
        (right + MARGIN, y.max(free))
    }

    /// Where workflows begin: there is room for triggers before.
    fn left(&self) -> f64 {
        let triggers =
            self.graph.nodes.iter().filter(|node| node.shape == Shape::Trigger).map(width).fold(0.0, f64::max);
        MARGIN + if triggers > 0.0 { triggers + 50.0 } else { 0.0 }
    }

    fn flow_width(&self, flow: &Flow) -> f64 {
        self.sequence_width(&flow.body).max(width(&self.graph.nodes[flow.start])) + 2.0 * SIDE
    }

    /// Places a workflow below `top`; where it ends.
    fn flow(&mut self, flow: &Flow, widest: f64, top: f64) -> f64 {
        let (left, wide) = (self.left(), widest);
        let x = left + wide / 2.0;
        let y = top + SIDE + HEIGHT / 2.0;
        self.places[flow.start] = Place { x, y, width: width(&self.graph.nodes[flow.start]) };
        let bottom = self.sequence(&flow.body, x, y + HEIGHT / 2.0 + DOWN) - DOWN + SIDE;
        self.frames.push((left, top, wide, bottom - top));
        bottom
    }

    fn sequence_width(&self, parts: &[Part]) -> f64 {
        parts.iter().map(|part| self.part_width(part)).fold(0.0, f64::max)
    }

    fn part_width(&self, part: &Part) -> f64 {
        match part {
            Part::Stage(nodes) => {
                nodes.iter().map(|node| width(&self.graph.nodes[*node])).sum::<f64>()
                    + HANDLER * (nodes.len() - 1) as f64
            }
            Part::Parallel(branches) => {
                branches.iter().map(|branch| self.sequence_width(branch)).sum::<f64>()
                    + SIDE * (branches.len() - 1) as f64
            }
        }
    }

    /// Places a sequence around `x`, from `top` on; where the next may begin.
    fn sequence(&mut self, parts: &[Part], x: f64, top: f64) -> f64 {
        let mut y = top;
        for part in parts {
            let mut left = x - self.part_width(part) / 2.0;
            match part {
                Part::Stage(nodes) => {
                    for node in nodes {
                        let width = width(&self.graph.nodes[*node]);
                        self.places[*node] = Place { x: left + width / 2.0, y: y + HEIGHT / 2.0, width };
                        left += width + HANDLER;
                    }
                    y += HEIGHT + DOWN;
                }
                Part::Parallel(branches) => {
                    let mut bottom = y;
                    for branch in branches {
                        let width = self.sequence_width(branch);
                        bottom = bottom.max(self.sequence(branch, left + width / 2.0, y));
                        left += width + SIDE;
                    }
                    y = bottom;
                }
            }
        }
        y
    }

    fn draw(&self, width: f64, height: f64) -> String {
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
             <style>{STYLE}</style>\n\
             <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
             <path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n"
        );
        for (x, y, width, height) in &self.frames {
            out.push_str(&format!(
                "<rect class=\"flow\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\"/>\n"
            ));
        }
        for edge in &self.graph.edges {
            self.line(edge.from, edge.to, edge.line, &mut out);
        }
        for (node, place) in self.graph.nodes.iter().zip(&self.places) {
            boxed(node, *place, &mut out);
        }
        out.push_str("</svg>\n");
        out
    }

    fn line(&self, from: usize, to: usize, line: Line, out: &mut String) {
        let (a, b) = (self.places[from], self.places[to]);
        let half = HEIGHT / 2.0;
        let sideways = |a: Place, b: Place| {
            let way: f64 = if a.x < b.x { 1.0 } else { -1.0 };
            let (x, end) = (a.x + way * a.width / 2.0, b.x - way * b.width / 2.0);
            let bend = ((end - x).abs() / 2.0).min(60.0) * way;
            format!("M{x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {end:.1} {:.1}", a.y, x + bend, a.y, end - bend, b.y, b.y)
        };
        let (class, path, words) = match line {
            Line::Then => {
                let (y, end) = (a.y + half, b.y - half);
                let middle = f64::midpoint(y, end);
                (
                    "then",
                    format!("M{:.1} {y:.1}C{:.1} {middle:.1} {:.1} {middle:.1} {:.1} {end:.1}", a.x, a.x, b.x, b.x),
                    None,
                )
            }
            Line::OnError => {
                let middle = f64::midpoint(a.x + a.width / 2.0, b.x - b.width / 2.0);
                ("error", sideways(a, b), Some(("on error", middle, a.y, "on")))
            }
            Line::Uses(how) => {
                let way = if a.x < b.x { 1.0 } else { -1.0 };
                ("uses", sideways(a, b), Some((how, a.x + way * (a.width / 2.0 + 28.0), a.y, "sub")))
            }
            Line::Starts => ("starts", sideways(a, b), None),
        };
        out.push_str(&format!("<path class=\"{class}\" d=\"{path}\" marker-end=\"url(#head)\"/>\n"));
        if let Some((words, x, y, class)) = words {
            out.push_str(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\">{words}</text>\n", y - 5.0));
        }
    }
}

fn boxed(node: &Node, place: Place, out: &mut String) {
    let (class, radius) = match node.shape {
        Shape::Start => ("box start", HEIGHT / 2.0),
        Shape::Stage | Shape::Repeated => ("box", 6.0),
        Shape::Thing => ("box thing", 0.0),
        Shape::Trigger => ("box trigger", HEIGHT / 2.0),
    };
    let mut rect = |by: f64| {
        let (x, y) = (place.x - place.width / 2.0 + by, place.y - HEIGHT / 2.0 + by);
        out.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{HEIGHT:.1}\" rx=\"{radius}\"/>\n",
            place.width
        ));
    };
    if node.shape == Shape::Repeated {
        // A second box behind it: there are many.
        rect(4.0);
    }
    rect(0.0);
    for (at, line) in node.lines.iter().enumerate() {
        let y = if node.lines.len() == 1 { place.y + 4.0 } else { place.y - 3.0 + 15.0 * at as f64 };
        let small = (at == 1) != (node.shape == Shape::Thing || node.shape == Shape::Start) && node.lines.len() > 1;
        let class = if small { " class=\"sub\"" } else { "" };
        out.push_str(&format!("<text{class} x=\"{:.1}\" y=\"{y:.1}\">{}</text>\n", place.x, escaped(line)));
    }
}

/// Text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
