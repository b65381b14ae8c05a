//! A graph in DOT, the language of Graphviz: <https://graphviz.org/doc/info/lang.html>.

use super::{Graph, Line, Shape};

/// The graph as a `digraph`.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph windlass {\n  rankdir=TB\n  node [fontname=\"sans-serif\", fontsize=11]\n");
    out.push_str("  edge [fontname=\"sans-serif\", fontsize=9]\n");
    for flow in &graph.flows {
        out.push_str(&format!(
            "  subgraph {} {{\n    label={}\n",
            quoted(&format!("cluster_{}", flow.name)),
            quoted(&flow.name)
        ));
        for node in flow.nodes() {
            out.push_str(&format!("    {}", declaration(graph, node)));
        }
        out.push_str("  }\n");
    }
    for node in graph.outside() {
        out.push_str(&format!("  {}", declaration(graph, node)));
    }
    for edge in &graph.edges {
        let attributes = match edge.line {
            Line::Then => String::new(),
            Line::OnError => " [label=\"on error\", style=dashed, color=\"#b3261e\", fontcolor=\"#b3261e\"]".to_owned(),
            Line::Uses(how) => format!(" [label={}, style=dotted, arrowhead=open, constraint=false]", quoted(how)),
            Line::Starts => " [label=\"starts\", arrowhead=open]".to_owned(),
        };
        let (from, to) = (quoted(&graph.nodes[edge.from].id), quoted(&graph.nodes[edge.to].id));
        out.push_str(&format!("  {from} -> {to}{attributes}\n"));
    }
    out.push_str("}\n");
    out
}

fn declaration(graph: &Graph, node: usize) -> String {
    let node = &graph.nodes[node];
    let shape = match node.shape {
        Shape::Start => "shape=oval",
        Shape::Stage => "shape=box, style=rounded",
        Shape::Repeated => "shape=box, style=rounded, peripheries=2",
        Shape::Thing => "shape=cylinder",
        Shape::Trigger => "shape=cds",
    };
    format!("{} [label={}, {shape}]\n", quoted(&node.id), quoted(&node.lines.join("\n")))
}

/// A string of DOT: only `"` and `\` have a meaning in it, and line ends are written `\n`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
