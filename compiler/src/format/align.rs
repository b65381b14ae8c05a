//! Where each line begins, and what stands in columns: the `=` of neighbouring attributes, and comments behind them.

use unicode_segmentation::UnicodeSegmentation;

use super::pieces::{Form, Piece};

/// A line that is wider up to its `=`, or up to its comment, is aligned with no other.
pub(super) const WIDEST: usize = 400;

/// A line by the indices of its pieces.
struct Line {
    start: usize,
    /// The `=` of an attribute whose value ends on the line.
    assign: Option<usize>,
    /// A comment behind something else.
    comment: Option<usize>,
    /// The line end.
    end: usize,
}

/// Sets the spaces at the start of each line, and those of its columns.
pub(super) fn align(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    // Comments come second: aligning the `=` moves them.
    columns(pieces, &lines, |line| line.assign);
    columns(pieces, &lines, |line| line.comment);
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (end, piece) in pieces.iter().enumerate() {
        if piece.form == Form::Newline {
            lines.push(line(pieces, start, end));
            start = end + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], start: usize, end: usize) -> Line {
    let comment = end.checked_sub(1).filter(|last| *last > start && pieces[*last].form == Form::LineComment);
    let last = comment.unwrap_or(end);
    let is_assign = |piece: &Piece<'_>| piece.text == "=" && piece.form == Form::Sign;
    let assign = (start + 1..last)
        .find(|at| is_assign(&pieces[*at]))
        // A value that goes on over the line is in no column.
        .filter(|at| pieces[*at..last].iter().map(Piece::opened).sum::<isize>() == 0);
    Line { start, assign, comment, end }
}

/// Two spaces for each line that left brackets open, however many it left.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut open: Vec<isize> = Vec::new();
    for line in lines {
        let mut opened: isize = pieces[line.start..line.end].iter().map(Piece::opened).sum();
        while opened < 0
            && let Some(last) = open.last_mut()
        {
            let closed = (*last).min(-opened);
            *last -= closed;
            opened += closed;
            if *last == 0 {
                open.pop();
            }
        }
        pieces[line.start].spaces = if line.start == line.end { 0 } else { 2 * open.len() };
        if opened > 0 {
            open.push(opened);
        }
    }
}

/// Puts the cells of neighbouring lines below each other.
fn columns(pieces: &mut [Piece<'_>], lines: &[Line], cell: impl Fn(&Line) -> Option<usize>) {
    let mut run: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        let Some(at) = cell(line) else {
            close(pieces, &mut run);
            continue;
        };
        let width = pieces[line.start..at].iter().map(|piece| piece.spaces + width(piece.text)).sum();
        if width > WIDEST {
            close(pieces, &mut run);
            pieces[at].spaces = 1;
        } else {
            run.push((at, width));
        }
    }
    close(pieces, &mut run);
}

fn close(pieces: &mut [Piece<'_>], run: &mut Vec<(usize, usize)>) {
    let widest = run.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for (at, width) in run.drain(..) {
        pieces[at].spaces = widest - width + 1;
    }
}

/// Columns as a reader counts them; CR and LF are one.
fn width(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() }
}
