//! Which neighbours on a line are set apart by a space.

use super::pieces::{Form, Piece};

/// Sets the spaces before each piece that is not the first of its line.
pub(super) fn space(pieces: &mut [Piece<'_>]) {
    let mut reader = Reader::default();
    for at in 1..pieces.len() {
        let [left, right] = [pieces[at - 1], pieces[at]];
        let role = reader.read(left);
        let apart = apart(left, role, right) || would_join(left, right, pieces.get(at + 1));
        pieces[at].spaces = usize::from(apart);
    }
}

/// What only the pieces before one tell about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `in` or `if`.
    Keyword,
    /// A `-` that negates what follows.
    Negation,
    /// The `*` that takes all elements.
    Splat,
    Other,
}

/// Reads pieces in order, and knows whether the last one ended an operand.
#[derive(Default)]
struct Reader {
    operand: bool,
    dot: bool,
    directive: bool,
}

impl Reader {
    fn read(&mut self, piece: Piece<'_>) -> Role {
        let role = match (piece.form, piece.text) {
            // Two operands in a row make no expression, so the second is a word of `for` or of a condition.
            (Form::Ident, "in") if self.operand && !self.dot => Role::Keyword,
            (Form::Ident, "if") if (self.operand || self.directive) && !self.dot => Role::Keyword,
            (Form::Sign, "-") if !self.operand => Role::Negation,
            (Form::Sign, "*") if self.dot || !self.operand => Role::Splat,
            _ => Role::Other,
        };
        match piece.form {
            Form::Newline | Form::Comment | Form::LineComment => return role,
            Form::Ident => self.operand = role != Role::Keyword,
            Form::Sign => self.operand = role == Role::Splat,
            Form::Number | Form::Text | Form::TemplateClose | Form::Close => self.operand = true,
            Form::Literal | Form::TemplateOpen | Form::SequenceOpen | Form::SequenceEnd | Form::Open => {
                self.operand = false;
            }
        }
        self.dot = piece.text == "." && piece.form == Form::Sign;
        self.directive = piece.form == Form::SequenceOpen && piece.text.starts_with('%');
        role
    }
}

/// Whether a space belongs between two neighbours. The order of the rules decides.
fn apart(left: Piece<'_>, role: Role, right: Piece<'_>) -> bool {
    use Form::{Close, Ident, Literal, Newline, Number, Open, SequenceEnd, SequenceOpen, TemplateClose, TemplateOpen};
    let sign = |piece: Piece<'_>, text: &str| piece.text == text && piece.form == Form::Sign;
    match (left.form, right.form) {
        (_, Newline) => false,
        _ if role == Role::Keyword => true,
        (Ident, Open) if right.text == "(" => false,
        (Ident, _) if sign(right, "::") => false,
        (_, Ident) if sign(left, "::") => false,
        _ if sign(left, ".") || sign(right, ".") => false,
        _ if sign(right, ",") || sign(right, "...") => false,
        _ if sign(left, ",") => true,
        (Literal | TemplateOpen, _) | (_, Literal | TemplateClose) => false,
        (Ident | Number | Close, Open) if right.text == "[" => false,
        (_, Open) if right.text == "[" && role == Role::Splat => false,
        _ if sign(left, "!") => false,
        _ if sign(left, "-") => role != Role::Negation,
        // Braces have room inside, empty ones have none.
        (Open, Close) if left.text == "{" => false,
        (Open, _) if left.text == "{" => true,
        (_, Close) if right.text == "}" => true,
        // Braces of an object and of a template are told apart.
        (SequenceOpen, Open) if right.text == "{" => true,
        (Close, SequenceEnd) if left.text == "}" => true,
        (SequenceEnd, SequenceOpen) => false,
        (Open | SequenceOpen, _) => false,
        (_, Close | SequenceEnd) => false,
        _ => true,
    }
}

/// `1 .5` has three tokens, `1.5` one.
fn would_join(left: Piece<'_>, right: Piece<'_>, next: Option<&Piece<'_>>) -> bool {
    left.form == Form::Number
        && right.text == "."
        && right.form == Form::Sign
        && next.is_some_and(|next| next.form == Form::Number)
}
