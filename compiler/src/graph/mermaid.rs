//! A graph in Mermaid, which GitHub draws in Markdown: <https://mermaid.js.org/syntax/flowchart.html>.

use super::{Graph, Line, Shape};

/// The graph as a flowchart.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TB\n");
    for (at, flow) in graph.flows.iter().enumerate() {
        out.push_str(&format!("  subgraph flow{at} [{}]\n", quoted(std::slice::from_ref(&flow.name))));
        for node in flow.nodes() {
            out.push_str(&format!("    {}\n", declaration(graph, node)));
        }
        out.push_str("  end\n");
    }
    for node in graph.outside() {
        out.push_str(&format!("  {}\n", declaration(graph, node)));
    }
    for edge in &graph.edges {
        let arrow = match edge.line {
            Line::Then => "-->".to_owned(),
            Line::OnError => "-. on error .->".to_owned(),
            Line::Uses(how) => format!("-. {how} .->"),
            Line::Starts => "-- starts -->".to_owned(),
        };
        out.push_str(&format!("  n{} {arrow} n{}\n", edge.from, edge.to));
    }
    out
}

/// Nodes are numbered: names may be words that Mermaid knows, such as `end`.
fn declaration(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    let text = quoted(&node.lines);
    match node.shape {
        Shape::Start => format!("n{at}([{text}])"),
        Shape::Stage => format!("n{at}({text})"),
        Shape::Repeated => format!("n{at}[[{text}]]"),
        Shape::Thing => format!("n{at}[({text})]"),
        Shape::Trigger => format!("n{at}>{text}]"),
    }
}

/// A text in quotes, in which Mermaid takes entities for what it would read otherwise.
fn quoted(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| {
        line.chars().fold(String::new(), |mut text, c| {
            match c {
                '"' | '#' | '&' | '<' | '>' | '`' | ';' => text.push_str(&format!("#{};", u32::from(c))),
                c => text.push(c),
            }
            text
        })
    });
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("<br/>"))
}
