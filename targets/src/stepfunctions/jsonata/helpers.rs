//! Functions in JSONata that an expression brings along, where JSONata's own operators are more lenient than HCL.

use std::collections::BTreeSet;

macro_rules! helpers {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal [$($need:ident)*] $definition:literal;)*) => {
        /// A function defined in front of the expression that needs it. A definition uses only itself and those that stand before it here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Helper {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Helper {
            /// Every helper, for the table of names that a stage's variable must not take.
            pub const ALL: &[Helper] = &[$(Helper::$variant),*];

            /// The variable that holds it.
            pub fn name(self) -> &'static str {
                match self { $(Helper::$variant => $name,)* }
            }

            fn needs(self) -> &'static [Helper] {
                match self { $(Helper::$variant => &[$(Helper::$need),*],)* }
            }

            fn definition(self) -> &'static str {
                match self { $(Helper::$variant => $definition,)* }
            }
        }
    };
}

helpers! {
    /// JSONata gives nothing for a missing field and maps over a list; both are errors in HCL.
    Field "field" []
        "function($of, $name) { $type($of) = 'object' and $name in $keys($of) ? $lookup($of, $name) : \
         $error('there is no field ' & $name) }";
    /// JSONata gives nothing past the end, counts from the end below 0 and takes a scalar for a list.
    At "at" []
        "function($of, $n) { $type($of) = 'array' and $n = $floor($n) and $n >= 0 and $n < $count($of) ? $of[$n] : \
         $error('there is no element ' & $n) }";
    /// A list with one element; `[x]` would splice a list.
    Cell "cell" []
        "function($x) { $type($x) = 'array' ? [[$x]] : [$x] }";
    /// The text of a number without an exponent; JSONata rounds whole numbers, too, to 15 digits.
    Digits "digits" []
        "function($n) { $n = $floor($n) and $abs($n) < 1e21 ? $formatNumber($n, '0') : ($t := $string($n); $contains($t, 'e') ? \
         ($p := $split($t, 'e'); $m := $replace($replace($p[0], '-', ''), '.', ''); $e := $number($replace($p[1], '+', '')); \
         ($n < 0 ? '-' : '') & ($e < 0 ? '0.' & $pad('', -$e - 1, '0') & $m : $pad($m, $e + 1, '0'))) : $t) }";
    /// A string, number or bool as a string.
    Text "text" [Digits]
        "function($x) { $type($x) = 'string' ? $x : $type($x) = 'number' ? $digits($x) : $type($x) = 'boolean' ? $string($x) : \
         $error('a string was expected, not ' & $type($x)) }";
    /// A number, or a string that spells one in decimals; `$number` knows other spellings, and rounds.
    Numeric "numeric" []
        "function($x) { $type($x) = 'number' ? $x : $type($x) = 'string' and \
         $contains($x, /^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?(?![\\s\\S])/) ? \
         ($n := $number($replace($replace($replace($x, '+', ''), /\\.(?![0-9])/, ''), /^-?\\./, function($m) { $replace($m.match, '.', '0.') })); \
         $abs($n) >= 9007199254740992 and $not($contains($x, /[.eE]/)) ? $error('a number has too many digits: ' & $x) : $n) : \
         $error('a number was expected, not ' & $type($x)) }";
    /// True or false, or a string that spells one.
    Truth "truth" []
        "function($x) { $type($x) = 'boolean' ? $x : $x = 'true' or $x = '1' ? true : $x = 'false' or $x = '0' ? false : \
         $error('true or false was expected, not ' & $type($x)) }";
    /// By name or by position, as `of` has it.
    Pick "pick" [Field At Text Numeric]
        "function($of, $key) { $type($of) = 'array' ? $at($of, $numeric($key)) : $field($of, $text($key)) }";
    /// The value when it has this type.
    Expect "expect" []
        "function($x, $of) { $type($x) = $of ? $x : $error('an ' & $of & ' was expected, not ' & $type($x)) }";
    /// The number unless it is 0, where JSONata would go on with an infinity.
    Divisor "divisor" []
        "function($n) { $n = 0 ? $error('division by zero') : $n }";
    /// The number when it is whole, for a text.
    Integer "integer" []
        "function($n) { $n = $floor($n) and $abs($n) < 1e38 ? $n : $error('a whole number was expected, not ' & $n) }";
    /// The number when it is whole and exact.
    Whole "whole" []
        "function($n) { $n = $floor($n) and $abs($n) <= 9007199254740992 ? $n : $error('a whole number was expected, not ' & $n) }";
    /// The number when it is whole and not below 0.
    Natural "natural" []
        "function($n) { $n = $floor($n) and $n >= 0 and $n <= 9007199254740992 ? $n : $error('a whole number from 0 was expected, not ' & $n) }";
    /// The number of characters, elements or fields.
    Size "size" []
        "function($x) { $type($x) = 'string' ? $length($x) : $type($x) = 'array' ? $count($x) : \
         $type($x) = 'object' ? $count($keys($x)) : $error('this has no length: ' & $type($x)) }";
    /// Strings in the order of their code points; JSONata's is that of UTF-16.
    Sorted "sorted" []
        "function($x) { [$sort($x, function($a, $b) { $replace($a, /[\\ud800-\\udbff]/, function($m) { '\\uffff' & $m.match }) > \
         $replace($b, /[\\ud800-\\udbff]/, function($m) { '\\uffff' & $m.match }) })[]] }";
    /// A string in quotes, as Terraform writes it in JSON.
    Quoted "quoted" []
        "function($s) { ($t := $string([$s]); $replace($replace($replace($replace($replace($substring($t, 1, $length($t) - 2), \
         '<', '\\\\u003c'), '>', '\\\\u003e'), '&', '\\\\u0026'), '\\u2028', '\\\\u2028'), '\\u2029', '\\\\u2029')) }";
    /// The text of any value in JSON, keys sorted; `$string` leaves a string unquoted and rounds whole numbers.
    Encoded "encoded" [Digits Sorted Quoted]
        "function($x) { $type($x) = 'object' ? '{' & $join([$map($sorted($keys($x)), function($k) { $quoted($k) & ':' & \
         $encoded($lookup($x, $k)) })[]], ',') & '}' : $type($x) = 'array' ? '[' & $join([$map($x, function($v) { $encoded($v) })[]], ',') & ']' : \
         $type($x) = 'number' ? $digits($x) : $type($x) = 'string' ? $quoted($x) : $string($x) }";
    /// Every `size` elements as a list of their own.
    Rows "rows" [Cell]
        "function($flat, $size) { $reduce($flat, function($to, $x) { $count($to.row) + 1 < $size ? \
         {'rows': $to.rows, 'row': $append($to.row, $cell($x))} : \
         {'rows': $append($to.rows, [[$append($to.row, $cell($x))]]), 'row': []} }, {'rows': [], 'row': []}).rows }";
    /// The keys and values that HCL goes over, as objects: indexes of a list, names of an object in their order.
    Pairs "pairs" [Sorted]
        "function($x) { $type($x) = 'array' ? [$map($x, function($v, $i) { {'key': $i, 'value': $v} })[]] : $type($x) = 'object' ? \
         [$map($sorted($keys($x)), function($k) { {'key': $k, 'value': $lookup($x, $k)} })[]] : \
         $error('a list or an object was expected, not ' & $type($x)) }";
    /// What a splat goes over.
    Elements "elements" []
        "function($x) { $type($x) = 'array' ? $x : $x = null ? [] : [$x] }";
    /// Objects of one entry as one; no key may come twice.
    United "united" []
        "function($x) { ($all := $merge($x); $count($keys($all)) = $count($x) ? $all : $error('two elements have the same key')) }";
    /// Objects of `key` and `value` as one object, with a list of the values of each key.
    Grouped "grouped" []
        "function($x) { $merge([$map([$distinct([$map($x, function($p) { $p.key })[]])[]], function($k) { \
         {$k: [$map($filter($x, function($p) { $p.key = $k })[], function($p) { $p.value })[]]} })[]]) }";
    /// The values of an object in the order of its keys.
    Values "valuesof" [Sorted]
        "function($x) { [$map($sorted($keys($x)), function($k) { $lookup($x, $k) })[]] }";
    /// The value of a key, or a default.
    Entry "entry" []
        "function($x, $k, $default) { $k in $keys($x) ? $lookup($x, $k) : $default }";
    /// The object of keys in one list and values in another.
    Zipped "zipped" []
        "function($k, $v) { $count($k) = $count($v) ? $merge([$map($k, function($x, $i) { {$x: $v[$i]} })[]]) : \
         $error('there are not as many keys as values') }";
    /// Elements from one index up to another.
    Part "part" []
        "function($x, $from, $to) { $from <= $to and $to <= $count($x) ? [$filter($x, function($v, $i) { $i >= $from and $i < $to })[]] : \
         $error('the list has no elements from ' & $from & ' to ' & $to) }";
    /// Lists of at most `size` elements.
    Chunks "chunks" []
        "function($x, $size) { ($n := $size = 0 ? $max([$count($x), 1]) : $size; [$map([0..$ceil($count($x) / $n) - 1], function($c) { \
         [$filter($x, function($v, $i) { $i >= $c * $n and $i < ($c + 1) * $n })[]] })[]]) }";
    /// The element at an index that goes around.
    Around "around" []
        "function($x, $at) { ($n := $count($x); $n = 0 ? $error('the list is empty') : $x[(($at % $n) + $n) % $n]) }";
    /// The index of the first element that is equal to a value.
    Position "position" []
        "function($x, $v) { ($found := [$map($x, function($e, $i) { $e = $v ? $i })[]]; $count($found) > 0 ? $found[0] : \
         $error('the list has no such element')) }";
    /// The only element, or null.
    Only "only" []
        "function($x) { $count($x) = 0 ? null : $count($x) = 1 ? $x[0] : $error('the list has more than one element') }";
    /// The elements of lists in lists.
    Flat "flat" []
        "function($x) { $reduce($x, function($to, $v) { $append($to, $type($v) = 'array' ? $flat($v) : [$v]) }, []) }";
    /// The numbers from a start up to a limit.
    Numbers "numbers" []
        "function($from, $to, $by) { ($n := ($to - $from) / $by; $by = 0 or $n < 0 or $n > 1000000 ? $error('this is no range') : \
         [$map([0..$ceil($n) - 1], function($i) { $from + $i * $by })[]]) }";
    /// The sum of at least one number.
    Total "total" []
        "function($x) { $count($x) = 0 ? $error('the list is empty, and has no sum') : $sum($x) }";
    /// The first value that is neither null nor an empty string.
    First "first" []
        "function($x) { ($found := [$filter($x, function($v) { $v != null and $v != '' })[]]; $count($found) > 0 ? $found[0] : \
         $error('every value is null or an empty string')) }";
    /// The first list that is neither null nor empty.
    Filled "filled" []
        "function($x) { ($found := [$filter($x, function($v) { $v != null and $count($v) > 0 })[]]; $count($found) > 0 ? $found[0] : \
         $error('every list is null or empty')) }";
    /// Whether a string begins with another.
    Starts "starts" []
        "function($s, $x) { $substring($s, 0, $length($x)) = $x }";
    /// Whether a string ends with another.
    Ends "ends" []
        "function($s, $x) { $x = '' or $substring($s, -$length($x)) = $x }";
    /// A string without a prefix.
    WithoutPrefix "withoutprefix" [Starts]
        "function($s, $x) { $starts($s, $x) ? $substring($s, $length($x)) : $s }";
    /// A string without a suffix.
    WithoutSuffix "withoutsuffix" [Ends]
        "function($s, $x) { $x != '' and $ends($s, $x) ? $substring($s, 0, $length($s) - $length($x)) : $s }";
    /// The characters of a string.
    Letters "letters" []
        "function($s) { [$map([0..$length($s) - 1], function($i) { $substring($s, $i, 1) })[]] }";
    /// The parts of a string between separators; `$split` would cut characters in half.
    Pieces "pieces" [Letters]
        "function($s, $by) { $by = '' ? $letters($s) : $split($s, $by) }";
    /// A string with another in place of a part.
    Changed "changed" []
        "function($s, $part, $by) { $part = '' or $contains($part, /^\\/[\\s\\S]*\\/(?![\\s\\S])/) ? \
         $error('a part to replace is known when compiling when it is empty or a pattern') : $replace($s, $part, $by) }";
    /// Some characters of a string, from an offset on.
    Cut "cut" []
        "function($s, $from, $length) { $length < 0 ? $substring($s, $from) : $substring($s, $from, $length) }";
    /// A whole number in so many digits, with zeros in front.
    Padded "padded" [Digits]
        "function($n, $width) { $n < 0 ? '-' & $pad($digits(-$n), 1 - $width, '0') : $pad($digits($n), -$width, '0') }";
    /// The match of a pattern.
    Match "matched" []
        "function($m) { $exists($m) ? $m : $error('the pattern matches nothing in the string') }";
    /// A string in base 64; JSONata encodes other characters than ASCII in a way of its own.
    Base64 "base64" []
        "function($s) { $contains($s, /[^\\x00-\\x7f]/) ? $error('only ASCII is written in base 64 while a workflow runs') : $base64encode($s) }";
    /// A number raised to a whole power, as long as that is exact.
    Raised "raised" []
        "function($n, $e) { ($p := $power($n, $e); $n = $floor($n) and $e = $floor($e) and $e >= 0 and $abs($p) <= 9007199254740992 ? $p : \
         $error('only whole numbers are raised while a workflow runs')) }";
    /// -1, 0 or 1.
    Sign "sign" [Whole]
        "function($n) { ($n := $whole($n); $n > 0 ? 1 : $n < 0 ? -1 : 0) }";
    /// A whole number in decimals.
    Decimal "decimal" []
        "function($s) { $contains($s, /^[-+]?[0-9]+(?![\\s\\S])/) ? ($n := $number($replace($s, '+', '')); $abs($n) <= 9007199254740992 ? $n : \
         $error('the number is too large to be exact')) : $error('this is no whole number: ' & $s) }";
}

/// `body` with the definitions of `helpers`, and of those that they use, in front.
pub fn with(helpers: &BTreeSet<Helper>, body: &str) -> String {
    let mut all = BTreeSet::new();
    let mut open: Vec<Helper> = helpers.iter().copied().collect();
    while let Some(helper) = open.pop() {
        if all.insert(helper) {
            open.extend(helper.needs());
        }
    }
    if all.is_empty() {
        return body.to_owned();
    }
    let definitions: Vec<String> = all.iter().map(|h| format!("${} := {}", h.name(), h.definition())).collect();
    format!("({}; {body})", definitions.join("; "))
}
