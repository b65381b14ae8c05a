//! A spec's text to the same text in the canonical layout, which is that of `terraform fmt`.
//!
//! Only white space changes, and none that means anything: the tokens, the comments and the lines stay as they are and
//! where they are. So a heredoc's text, the characters of a string and the breaks between lines are not touched, and a
//! text with syntax errors is not formatted at all. Line ends stay LF or CRLF, line by line.
//!
//! `terraform fmt` also rewrites: `"${x}"` to `x`, a bare label to a quoted one, old spellings of types. That is left
//! to the author. Where it lays out what it takes for something else, this does better:
//!
//! - a `-` is a sign or a subtraction by what stands before it, also at the start of a line and behind `${` or `=>`;
//! - `in` and `if` are words, not functions: `if (a)`, `in [1]`; and `a.*[0]` holds together;
//! - a template of several lines in a heredoc indents like any bracket;
//! - white space at the end of a comment goes, as does a byte order mark, and the text ends with one line end;
//! - a line of more than [`align::WIDEST`] columns is aligned with no other, so that the result stays in proportion.

mod align;
pub mod diff;
mod pieces;
mod spaces;
#[cfg(test)]
mod tests;

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::span::FileId;

use crate::parse::{parse, scan};

/// Formats a file. `None` when it has syntax errors, which are reported.
pub fn format(sources: &Sources, file: FileId, diags: &mut Diagnostics) -> Option<String> {
    let before = diags.len();
    parse(sources, file, diags);
    if diags.len() > before {
        return None;
    }
    let text = sources.get(file).text.as_str();
    let mut pieces = pieces::pieces(text, &scan::scan(text, file).tokens);
    spaces::space(&mut pieces);
    align::align(&mut pieces);
    Some(written(&pieces))
}

/// The pieces with their spaces, and one line end behind them.
fn written(pieces: &[pieces::Piece<'_>]) -> String {
    let mut text = String::with_capacity(pieces.iter().map(|piece| piece.text.len() + piece.spaces).sum());
    for piece in pieces {
        text.extend(std::iter::repeat_n(' ', piece.spaces));
        text.push_str(piece.text);
    }
    text
}
