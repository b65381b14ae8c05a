//! Random expressions that are well typed: every operator, every function that is translated, loops, splats, templates.

use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, For, UnaryOp};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::values::{self, NUMBERS, STRINGS, list, map, optional};

/// A sequence of numbers that depends on the seed alone.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("small")
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn word<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }

    pub fn one_of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

pub fn expr(kind: ExprKind) -> Expr {
    Expr::new(kind, Span::default())
}

fn named(name: &str) -> Spanned<String> {
    Spanned::new(name.to_owned(), Span::default())
}

fn literal(kind: ValueKind) -> Expr {
    expr(ExprKind::Literal(Value::new(kind, Span::default())))
}

pub fn text(text: &str) -> Expr {
    literal(ValueKind::String(text.to_owned()))
}

fn number(x: f64) -> Expr {
    literal(ValueKind::Number(Number::from_f64(x).expect("a finite number")))
}

fn whole(n: i64) -> Expr {
    literal(ValueKind::Number(Number::Int(n)))
}

fn null() -> Expr {
    literal(ValueKind::Null)
}

pub fn stage(name: &str) -> Expr {
    expr(ExprKind::Stage(named(name)))
}

fn field(of: Expr, name: &str) -> Expr {
    expr(ExprKind::Field(Box::new(of), named(name)))
}

fn index(of: Expr, at: Expr) -> Expr {
    expr(ExprKind::Index(Box::new(of), Box::new(at)))
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(op, Box::new(a), Box::new(b)))
}

fn conditional(test: Expr, then: Expr, other: Expr) -> Expr {
    expr(ExprKind::Conditional(Box::new(test), Box::new(then), Box::new(other)))
}

fn call<const N: usize>(name: &str, args: [Expr; N]) -> Expr {
    expr(ExprKind::Call(named(name), args.into()))
}

/// Everything that can be named, with its type.
pub fn variables() -> Vec<(Expr, Type)> {
    let input = || expr(ExprKind::Input);
    let inputs = values::inputs().into_iter().map(|(name, ty)| (field(input(), name), ty));
    let stages = values::stages().into_iter().map(|(name, ty)| (stage(name), ty));
    let strings = Type::Object(vec![("name".into(), Type::String), ("cause".into(), Type::String)]);
    let others = [(expr(ExprKind::Item), values::item()), (expr(ExprKind::Error), strings)];
    inputs.chain(stages).chain(others).collect()
}

pub struct Generator {
    pub random: Random,
    known: Vec<(Expr, Type)>,
    /// The names of the loops' variables so far.
    loops: usize,
}

/// Names of loop variables, some of which something else has, too.
const NAMES: &[&str] = &["v", "x", "sum", "each", "item", "k-1", "one", "pair", "text", "v_", "élan"];

const PATTERNS: &[&str] = &[
    "[a-z]+",
    "a",
    "[^,]",
    ".",
    "\\d+",
    "\\W",
    "(?:a|b)c?",
    "x+?",
    "[0-9]{2,3}",
    "^a",
    "b$",
    "\\.",
    "[/?=&-]",
    "é",
    "日",
];

const GROUPED: &[&str] = &["([a-z]+)([0-9]+)", "([a-z])(.)", "(.)", "(a),(.??)b"];

impl Generator {
    pub fn new(seed: u64) -> Self {
        Generator { random: Random::new(seed), known: variables(), loops: 0 }
    }

    /// An expression of any type.
    pub fn any_type(&mut self) -> Expr {
        let ty = self.ty(2);
        let depth = 1 + self.random.below(4) as u32;
        self.of(&ty, depth)
    }

    fn ty(&mut self, depth: u32) -> Type {
        match self.random.below(if depth == 0 { 4 } else { 11 }) {
            0 => Type::Bool,
            1 => Type::Number,
            2 | 3 => Type::String,
            4..=6 => list(self.ty(depth - 1)),
            7 => map(self.ty(depth - 1)),
            8 => values::order(),
            9 => Type::Any,
            _ => optional(self.ty(0)),
        }
    }

    /// A type of values that one can compare, or list.
    fn plain(&mut self) -> Type {
        match self.random.below(6) {
            0 => Type::Bool,
            1 | 2 => Type::Number,
            3 | 4 => Type::String,
            _ => list(Type::Number),
        }
    }

    /// Something of this type that has a name.
    fn reference(&mut self, ty: &Type) -> Option<Expr> {
        let mut found: Vec<Expr> = Vec::new();
        for (expr, of) in &self.known {
            if of == ty || matches!((of, ty), (Type::List(a, Some(_)), Type::List(b, None)) if a == b) {
                found.push(expr.clone());
            }
            if let Type::Object(fields) = of {
                found.extend(fields.iter().filter(|(_, of)| of == ty).map(|(name, _)| field(expr.clone(), name)));
            }
        }
        (!found.is_empty()).then(|| self.random.one_of(&found).clone())
    }

    fn constant(&mut self, ty: &Type) -> Expr {
        match ty {
            Type::Bool => literal(ValueKind::Bool(self.random.chance(50))),
            Type::Number => number(*self.random.one_of(NUMBERS)),
            Type::String => text(self.random.word(STRINGS)),
            Type::Optional(inner) => {
                if self.random.chance(30) {
                    null()
                } else {
                    self.constant(inner)
                }
            }
            Type::List(element, length) => {
                let count = length.map_or_else(|| self.random.below(3), |n| n as usize);
                let items = (0..count).map(|_| self.constant(element)).collect();
                joined(items)
            }
            Type::Map(element) => {
                let count = self.random.below(3);
                let entry = |at: usize, this: &mut Self| {
                    (named(&format!("{at}{}", this.random.word(STRINGS))), this.constant(element))
                };
                expr(ExprKind::Object((0..count).map(|at| entry(at, self)).collect()))
            }
            Type::Object(fields) => {
                expr(ExprKind::Object(fields.iter().map(|(name, ty)| (named(name), self.constant(ty))).collect()))
            }
            _ => {
                let ty = self.ty(0);
                self.constant(&ty)
            }
        }
    }

    /// An expression of the type.
    fn of(&mut self, ty: &Type, depth: u32) -> Expr {
        if depth == 0 || self.random.chance(12) {
            if self.random.chance(75)
                && let Some(found) = self.reference(ty)
            {
                return found;
            }
            return self.constant(ty);
        }
        let next = depth - 1;
        match self.random.below(12) {
            0 => {
                let test = self.of(&Type::Bool, next);
                return conditional(test, self.of(ty, next), self.of(ty, next));
            }
            1 => {
                let of = self.of(&list(ty.clone()), next);
                let at = if self.random.chance(80) {
                    whole(self.random.below(2) as i64)
                } else {
                    self.of(&Type::Number, next)
                };
                return index(of, at);
            }
            2 => {
                let of = self.of(&map(ty.clone()), next);
                let key = self.of(&Type::String, 0);
                let default = self.of(ty, next);
                return if self.random.chance(90) { call("lookup", [of, key, default]) } else { index(of, key) };
            }
            3 => {
                let (of, at) = (self.of(&list(ty.clone()), next), whole(self.random.below(5) as i64 - 2));
                return call("element", [of, at]);
            }
            4 if !matches!(ty, Type::Any | Type::Optional(_) | Type::List(..) | Type::Map(_)) => {
                let value = self.of(&optional(ty.clone()), next);
                return call("coalesce", [value, self.of(ty, next)]);
            }
            _ => {}
        }
        match ty {
            Type::Bool => self.bool(next),
            Type::Number => self.number(next),
            Type::String => self.string(next),
            Type::List(element, None) => self.list(&element.clone(), next),
            Type::List(element, Some(length)) => joined((0..*length).map(|_| self.of(element, next)).collect()),
            Type::Map(element) => self.map(&element.clone(), next),
            Type::Object(fields) if self.random.chance(15) => {
                let empty = expr(ExprKind::Object(Vec::new()));
                let whole =
                    expr(ExprKind::Object(fields.iter().map(|(name, ty)| (named(name), self.of(ty, next))).collect()));
                call("merge", [empty, whole])
            }
            Type::Object(fields) => {
                expr(ExprKind::Object(fields.iter().map(|(name, ty)| (named(name), self.of(ty, next))).collect()))
            }
            Type::Optional(inner) => match self.random.below(3) {
                0 => call("one", [self.of(&list((**inner).clone()), next)]),
                1 => self.of(inner, next),
                _ => self.reference(ty).unwrap_or_else(null),
            },
            _ => self.any(next),
        }
    }

    fn any(&mut self, depth: u32) -> Expr {
        match self.random.below(6) {
            0 => {
                let ty = self.ty(1);
                call("jsondecode", [call("jsonencode", [self.of(&ty, depth)])])
            }
            1 => field(self.of(&Type::Any, depth), "id"),
            2 => index(self.of(&Type::Any, depth), whole(self.random.below(2) as i64)),
            3 => index(self.of(&Type::Any, depth), self.of(&Type::Any, 0)),
            4 => call("coalesce", [self.of(&Type::Any, depth), self.of(&Type::Any, depth), text("-")]),
            _ => self.reference(&Type::Any).unwrap_or_else(null),
        }
    }

    fn bool(&mut self, depth: u32) -> Expr {
        use BinaryOp::*;
        match self.random.below(13) {
            0 | 1 => {
                let ty = self.ty(1);
                let other = if self.random.chance(80) { ty.clone() } else { self.ty(1) };
                let op = *self.random.one_of(&[Equal, NotEqual]);
                binary(op, self.of(&ty, depth), self.of(&other, depth))
            }
            2 => {
                let ty = self.ty(1);
                let op = *self.random.one_of(&[Equal, NotEqual]);
                binary(op, self.of(&optional(ty), depth), null())
            }
            3 | 4 => {
                let op = *self.random.one_of(&[Less, LessOrEqual, Greater, GreaterOrEqual]);
                binary(op, self.of(&Type::Number, depth), self.of(&Type::Number, depth))
            }
            5 | 6 => {
                let op = *self.random.one_of(&[And, Or]);
                binary(op, self.of(&Type::Bool, depth), self.of(&Type::Bool, depth))
            }
            7 => expr(ExprKind::Unary(UnaryOp::Not, Box::new(self.of(&Type::Bool, depth)))),
            8 => {
                let ty = self.plain();
                call("contains", [self.of(&list(ty.clone()), depth), self.of(&ty, depth)])
            }
            9 | 10 => {
                let name = self.random.word(&["startswith", "endswith", "strcontains"]);
                let second =
                    if self.random.chance(50) { self.constant(&Type::String) } else { self.of(&Type::String, 0) };
                call(name, [self.of(&Type::String, depth), second])
            }
            11 => {
                let name = self.random.word(&["alltrue", "anytrue"]);
                let ty = if self.random.chance(80) { Type::Bool } else { optional(Type::Bool) };
                call(name, [self.of(&list(ty), depth)])
            }
            _ => {
                let spelled = text(self.random.word(&["true", "false", "1", "0", "yes"]));
                let of = if self.random.chance(50) { spelled } else { self.of(&Type::Bool, depth) };
                call("tobool", [of])
            }
        }
    }

    fn number(&mut self, depth: u32) -> Expr {
        use BinaryOp::*;
        match self.random.below(14) {
            0..=2 => {
                let op = *self.random.one_of(&[Add, Subtract, Multiply, Divide, Modulo]);
                let divisor = if matches!(op, Divide | Modulo) && self.random.chance(70) {
                    whole(3)
                } else {
                    self.of(&Type::Number, depth)
                };
                binary(op, self.of(&Type::Number, depth), divisor)
            }
            3 => expr(ExprKind::Unary(UnaryOp::Negate, Box::new(self.of(&Type::Number, depth)))),
            4 | 5 => {
                let ty = match self.random.below(4) {
                    0 => Type::String,
                    1 => map(Type::Number),
                    2 => Type::Any,
                    _ => list(Type::String),
                };
                call("length", [self.of(&ty, depth)])
            }
            6 => call(self.random.word(&["abs", "ceil", "floor"]), [self.of(&Type::Number, depth)]),
            7 => {
                let name = self.random.word(&["min", "max"]);
                call(name, [self.of(&Type::Number, depth), self.of(&Type::Number, depth)])
            }
            8 => call("sum", [self.of(&list(Type::Number), depth)]),
            9 => {
                let spelled =
                    text(self.random.word(&["12", "-1.5", ".5", "5.", "+1e3", "0x10", "1e-7", "x", " 1", ""]));
                let of = if self.random.chance(70) { spelled } else { self.of(&Type::Any, depth) };
                if self.random.chance(50) { call("tonumber", [of]) } else { binary(Add, of, whole(1)) }
            }
            10 => call("parseint", [text(self.random.word(&["12", "-7", "+3", "007", "1.5", ""])), whole(10)]),
            11 => call("signum", [call("floor", [self.of(&Type::Number, depth)])]),
            12 => {
                let exponent = whole(self.random.below(4) as i64);
                call("pow", [whole(self.random.below(9) as i64 - 3), exponent])
            }
            _ => {
                let ty = self.plain();
                call("index", [self.of(&list(ty.clone()), depth), self.of(&ty, depth)])
            }
        }
    }

    fn string(&mut self, depth: u32) -> Expr {
        match self.random.below(22) {
            0..=3 => {
                let count = 1 + self.random.below(3);
                let parts = (0..count)
                    .map(|_| {
                        let ty = match self.random.below(12) {
                            0..=4 => Type::String,
                            5..=8 => Type::Number,
                            9 | 10 => Type::Bool,
                            _ => Type::Any,
                        };
                        self.of(&ty, depth)
                    })
                    .collect();
                expr(ExprKind::Template(parts))
            }
            4 => call(
                self.random.word(&["upper", "lower", "trimspace", "chomp", "strrev"]),
                [self.of(&Type::String, depth)],
            ),
            5 => {
                let ty = if self.random.chance(70) { Type::String } else { Type::Number };
                let separator = text(self.random.word(&[",", "", ", "]));
                call("join", [separator, self.of(&list(ty), depth)])
            }
            6 => {
                let part = if self.random.chance(70) {
                    text(self.random.word(&["a", ",", "/", "b", "."]))
                } else {
                    self.of(&Type::String, 0)
                };
                let by = if self.random.chance(50) {
                    text(self.random.word(&["", "$1", "x"]))
                } else {
                    self.of(&Type::String, 0)
                };
                if part == text("") {
                    self.of(&Type::String, depth)
                } else {
                    call("replace", [self.of(&Type::String, depth), part, by])
                }
            }
            7 => {
                let pattern = text(&format!("/{}/", self.random.word(PATTERNS)));
                call(
                    "replace",
                    [self.of(&Type::String, depth), pattern, text(self.random.word(&["", "<$0>", "$$", "-"]))],
                )
            }
            8 => {
                let by = text(self.random.word(&["$2$1", "${2}x", "[$1]$2"]));
                call("replace", [self.of(&Type::String, depth), text("/([a-z]+)([0-9]*)[.,]?(c)/"), by])
            }
            9 | 10 => {
                let (from, length) = (whole(self.random.below(7) as i64 - 3), whole(self.random.below(5) as i64 - 1));
                let length = if self.random.chance(80) { length } else { call("length", [self.of(&Type::String, 0)]) };
                call("substr", [self.of(&Type::String, depth), from, length])
            }
            11 => {
                let name = self.random.word(&["trimprefix", "trimsuffix"]);
                call(name, [self.of(&Type::String, depth), self.of(&Type::String, 0)])
            }
            12 => call(
                "trim",
                [self.of(&Type::String, depth), text(self.random.word(&["a", " ", "-]^", "😀", "x\n", "", "é日"]))],
            ),
            13 => {
                let spaces =
                    if self.random.chance(70) { whole(2) } else { call("length", [self.of(&Type::String, 0)]) };
                call("indent", [spaces, self.of(&Type::String, depth)])
            }
            14 => {
                let verbs = self.random.word(&["%s-%s", "%5s|%-4s", "%[2]s%[1]s", "100%% %s%q", "%t%s"]);
                let first =
                    if verbs.contains("%t") { self.of(&Type::Bool, depth) } else { self.of(&Type::String, depth) };
                call("format", [text(verbs), first, self.of(&Type::String, depth)])
            }
            15 => {
                let verb = self.random.word(&["%d", "%03d", "%5d|", "%-5d|"]);
                call("format", [text(verb), call("floor", [self.of(&Type::Number, depth)])])
            }
            16 => {
                let ty = match self.random.below(4) {
                    0 => Type::Any,
                    1 => Type::Bool,
                    _ => Type::Number,
                };
                call("tostring", [self.of(&ty, depth)])
            }
            17 | 18 => {
                let ty = self.ty(2);
                call("jsonencode", [self.of(&ty, depth)])
            }
            19 => call(self.random.word(&["urlencode", "base64encode"]), [self.of(&Type::String, depth)]),
            20 => call("regex", [text(self.random.word(PATTERNS)), self.of(&Type::String, depth)]),
            _ => index(call("regex", [text("([a-z]+)([0-9]+)"), self.of(&Type::String, depth)]), whole(1)),
        }
    }

    fn list(&mut self, element: &Type, depth: u32) -> Expr {
        let ty = list(element.clone());
        match self.random.below(16) {
            0 | 1 => {
                let count = self.random.below(4);
                joined((0..count).map(|_| self.of(element, depth)).collect())
            }
            2..=5 => self.each(element, None, depth),
            6 => {
                if let Some(splat) = self.splat(element, depth) {
                    return splat;
                }
                self.each(element, None, depth)
            }
            7 => call("concat", [self.of(&ty, depth), self.of(&ty, depth)]),
            8 => call(self.random.word(&["reverse", "distinct", "tolist"]), [self.of(&ty, depth)]),
            9 => {
                let (from, to) = (self.random.below(2) as i64, self.random.below(3) as i64);
                call("slice", [self.of(&ty, depth), whole(from), whole(from.max(to))])
            }
            10 if !matches!(element, Type::List(..) | Type::Any | Type::Optional(_)) => {
                let deep = if self.random.chance(50) { list(list(ty)) } else { list(ty) };
                call("flatten", [self.of(&deep, depth)])
            }
            11 => call("values", [self.of(&map(element.clone()), depth)]),
            12 => call("coalescelist", [self.of(&ty, depth), self.of(&optional(ty.clone()), depth)]),
            13 => {
                // What it goes over twice, a list in a list.
                let of = self.of(&ty, depth);
                index(joined(vec![of, self.of(&ty, depth)]), whole(self.random.below(2) as i64))
            }
            _ => match element {
                Type::String => match self.random.below(6) {
                    0 => call("sort", [self.of(&ty, depth)]),
                    1 => call("keys", [self.of(&map(Type::Number), depth)]),
                    2 => call("split", [text(self.random.word(&[",", "", "a", ".."])), self.of(&Type::String, depth)]),
                    3 => call("compact", [self.of(&list(optional(Type::String)), depth)]),
                    4 => call("split", [self.of(&Type::String, 0), self.of(&Type::String, depth)]),
                    _ => call("regexall", [text(self.random.word(PATTERNS)), self.of(&Type::String, depth)]),
                },
                Type::Number => {
                    let (from, to) =
                        (whole(self.random.below(5) as i64 - 2), call("length", [self.of(&Type::String, depth)]));
                    match self.random.below(3) {
                        0 => call("range", [to]),
                        1 => call("range", [from, to]),
                        _ => call("range", [from, to, number(*self.random.one_of(&[1.0, 2.0, 0.5, -1.0]))]),
                    }
                }
                Type::List(inner, None) if **inner == Type::String && self.random.chance(50) => {
                    call("regexall", [text(self.random.word(GROUPED)), self.of(&Type::String, depth)])
                }
                Type::List(inner, None) => {
                    call("chunklist", [self.of(&list((**inner).clone()), depth), whole(self.random.below(4) as i64)])
                }
                _ => self.each(element, None, depth),
            },
        }
    }

    fn map(&mut self, element: &Type, depth: u32) -> Expr {
        match self.random.below(7) {
            0..=2 => {
                let key = Some(if self.random.chance(70) { Type::String } else { Type::Number });
                self.each(element, key, depth)
            }
            3 => call("merge", [self.of(&map(element.clone()), depth), self.of(&map(element.clone()), depth)]),
            4 => {
                let keys = call("keys", [self.of(&map(element.clone()), depth)]);
                call("zipmap", [keys, self.of(&list(element.clone()), depth)])
            }
            5 => call("tomap", [self.of(&map(element.clone()), depth)]),
            _ => {
                let count = self.random.below(3);
                let entry = |at: usize, this: &mut Self| {
                    (named(&format!("{at}{}", this.random.word(STRINGS))), this.of(element, depth))
                };
                expr(ExprKind::Object((0..count).map(|at| entry(at, self)).collect()))
            }
        }
    }

    /// A loop that makes a list, or an object with keys of a type.
    fn each(&mut self, element: &Type, key: Option<Type>, depth: u32) -> Expr {
        let inner = match self.random.below(4) {
            0 => values::order(),
            1 => self.ty(1),
            _ => self.ty(0),
        };
        let (over, key_type, inner) = match self.random.below(10) {
            0..=5 => (self.of(&list(inner.clone()), depth), Type::Number, inner),
            6 | 7 => (self.of(&map(inner.clone()), depth), Type::String, inner),
            8 => (self.of(&values::order(), depth), Type::String, Type::Any),
            _ => (self.of(&Type::Any, depth), Type::Any, Type::Any),
        };
        self.loops += 1;
        let name = format!(
            "{}{}",
            self.random.word(NAMES),
            if self.random.chance(60) { String::new() } else { self.loops.to_string() }
        );
        let key_name = format!("{name}_key");
        let keyed = self.random.chance(50);
        // An outer variable of this name is hidden.
        let outer = self.known.clone();
        let hidden = |expr: &Expr| matches!(&expr.kind, ExprKind::Variable(known) if known.value == name || keyed && known.value == key_name);
        self.known.retain(|(expr, _)| !hidden(expr));
        self.known.push((expr(ExprKind::Variable(named(&name))), inner));
        if keyed {
            self.known.push((expr(ExprKind::Variable(named(&key_name))), key_type));
        }
        let condition = self.random.chance(35).then(|| self.of(&Type::Bool, depth.min(2)));
        let mut groups = false;
        let mut element = element.clone();
        let key = key.map(|ty| {
            if let Type::List(inner, None) = &element
                && self.random.chance(60)
            {
                groups = true;
                element = (**inner).clone();
            }
            // Mostly of the element, so that there are several keys, and some twice.
            match self.random.chance(60) {
                true => expr(ExprKind::Template(vec![expr(ExprKind::Variable(named(&name)))])),
                false => self.of(&ty, depth.min(1)),
            }
        });
        let value = self.of(&element, depth);
        self.known = outer;
        let key_variable = keyed.then_some(key_name);
        expr(ExprKind::For(Box::new(For { key_variable, variable: name, over, condition, key, value, groups })))
    }

    /// `list[*].field`, also of null and of one object.
    fn splat(&mut self, element: &Type, depth: u32) -> Option<Expr> {
        let Type::Object(fields) = values::order() else { return None };
        let names: Vec<&String> = fields.iter().filter(|(_, ty)| ty == element).map(|(name, _)| name).collect();
        let name = (!names.is_empty()).then(|| (*self.random.one_of(&names)).clone())?;
        let of = match self.random.below(4) {
            0 => optional(values::order()),
            1 => optional(list(values::order())),
            _ => list(values::order()),
        };
        let over = expr(ExprKind::Elements(Box::new(self.of(&of, depth))));
        let variable = "each".to_owned();
        let value = field(expr(ExprKind::Variable(named(&variable))), &name);
        Some(expr(ExprKind::For(Box::new(For {
            key_variable: None,
            variable,
            over,
            condition: None,
            key: None,
            value,
            groups: false,
        }))))
    }
}

/// A list, folded when all of it is known.
fn joined(items: Vec<Expr>) -> Expr {
    let known: Option<Vec<Value>> = items
        .iter()
        .map(|item| match &item.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    match known {
        Some(items) => literal(ValueKind::List(items)),
        None => expr(ExprKind::List(items)),
    }
}
