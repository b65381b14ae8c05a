//! Functions in JSONata that an expression brings along, where JSONata's own operators are more lenient than HCL.

use std::collections::BTreeSet;

/// A function defined in front of the expression that needs it. A definition uses only those that stand before it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    /// `$field(of, name)`: JSONata gives nothing for a missing field and maps over a list; both are errors in HCL.
    Field,
    /// `$item(of, at)`: JSONata gives nothing past the end, counts from the end below 0 and takes a scalar for a list.
    Item,
    /// `$pick(of, at)`: by name or by position, whichever `at` is.
    Pick,
    /// `$cell(x)`: a list with one element; `[x]` would splice a list.
    Cell,
    /// `$digits(n)`: JSONata rounds whole numbers, too, to 15 digits.
    Digits,
    /// `$text(x)`: a string, number or bool as a string.
    Text,
    /// `$numeric(x)`: a number, or a string that spells one.
    Numeric,
    /// `$expect(x, type)`: `x` when it has this type.
    Expect,
    /// `$divisor(n)`: `n` unless it is 0, where JSONata would go on with an infinity.
    Divisor,
    /// `$size(x)`: the number of characters, elements or fields.
    Size,
    /// `$json(x)`: the text of any value; `$string` leaves a string unquoted.
    Json,
    /// `$rows(flat, size)`: every `size` elements as a list of their own.
    Rows,
}

impl Helper {
    /// The variable that holds it.
    pub fn name(self) -> &'static str {
        match self {
            Helper::Field => "field",
            Helper::Item => "item",
            Helper::Pick => "pick",
            Helper::Cell => "cell",
            Helper::Digits => "digits",
            Helper::Text => "text",
            Helper::Numeric => "numeric",
            Helper::Expect => "expect",
            Helper::Divisor => "divisor",
            Helper::Size => "size",
            Helper::Json => "json",
            Helper::Rows => "rows",
        }
    }

    /// Every helper, for the table of names that a stage's variable must not take.
    pub const ALL: [Helper; 12] = [
        Helper::Field,
        Helper::Item,
        Helper::Pick,
        Helper::Cell,
        Helper::Digits,
        Helper::Text,
        Helper::Numeric,
        Helper::Expect,
        Helper::Divisor,
        Helper::Size,
        Helper::Json,
        Helper::Rows,
    ];

    fn needs(self) -> &'static [Helper] {
        match self {
            Helper::Pick => &[Helper::Field, Helper::Item],
            Helper::Text => &[Helper::Digits],
            Helper::Rows => &[Helper::Cell],
            _ => &[],
        }
    }

    fn definition(self) -> &'static str {
        match self {
            Helper::Field => {
                "function($of, $name) { $type($of) = 'object' and $name in $keys($of) ? $lookup($of, $name) : \
                 $error('there is no field ' & $name) }"
            }
            Helper::Item => {
                "function($of, $at) { $type($of) = 'array' and $at = $floor($at) and $at >= 0 and $at < $count($of) ? \
                 $of[$at] : $error('there is no element ' & $at) }"
            }
            Helper::Pick => "function($of, $at) { $type($at) = 'string' ? $field($of, $at) : $item($of, $at) }",
            Helper::Cell => "function($x) { $type($x) = 'array' ? [[$x]] : [$x] }",
            Helper::Digits => {
                "function($n) { $n = $floor($n) and $abs($n) < 1e21 ? $formatNumber($n, '0') : $string($n) }"
            }
            Helper::Text => {
                "function($x) { $type($x) = 'string' ? $x : $type($x) = 'number' ? $digits($x) : $type($x) = 'boolean' ? \
                 $string($x) : $error('a string was expected, not ' & $type($x)) }"
            }
            Helper::Numeric => {
                "function($x) { $type($x) = 'number' ? $x : $type($x) = 'string' ? $number($x) : \
                 $error('a number was expected, not ' & $type($x)) }"
            }
            Helper::Expect => {
                "function($x, $of) { $type($x) = $of ? $x : $error('an ' & $of & ' was expected, not ' & $type($x)) }"
            }
            Helper::Divisor => "function($n) { $n = 0 ? $error('division by zero') : $n }",
            Helper::Size => {
                "function($x) { $type($x) = 'string' ? $length($x) : $type($x) = 'array' ? $count($x) : \
                 $type($x) = 'object' ? $count($keys($x)) : $error('this has no length: ' & $type($x)) }"
            }
            Helper::Json => "function($x) { ($text := $string({'x': $x}); $substring($text, 5, $length($text) - 6)) }",
            Helper::Rows => {
                "function($flat, $size) { $reduce($flat, function($to, $x) { $count($to.row) + 1 < $size ? \
                 {'rows': $to.rows, 'row': $append($to.row, $cell($x))} : \
                 {'rows': $append($to.rows, [[$append($to.row, $cell($x))]]), 'row': []} }, {'rows': [], 'row': []}).rows }"
            }
        }
    }
}

/// `body` with the definitions of `helpers`, and of those that they use, in front.
pub fn with(helpers: &BTreeSet<Helper>, body: &str) -> String {
    let mut all = helpers.clone();
    for helper in helpers {
        all.extend(helper.needs());
    }
    if all.is_empty() {
        return body.to_owned();
    }
    let definitions: Vec<String> = all.iter().map(|h| format!("${} := {}", h.name(), h.definition())).collect();
    format!("({}; {body})", definitions.join("; "))
}
