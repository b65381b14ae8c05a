//! Regular expressions in RE2's syntax -> JSONata's, as far as both match the same.
//!
//! JSONata's are JavaScript's without the flag `u`: they see halves of characters beyond U+FFFF, `$` and `\s` mean something else in some
//! engines, a group in a repetition forgets, and a match of nothing is an error. So `.` and negated classes take whole characters, ends and
//! classes are spelled out, and the rest is refused.

/// A pattern.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    /// The groups that capture, with their names.
    pub groups: Vec<Option<String>>,
    /// A group may take no part in a match.
    unsure: bool,
}

/// A part of what a match is replaced by.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Text(String),
    /// What a group matched; 0 is the whole match.
    Group(usize),
}

/// A part of a pattern.
struct Node {
    text: String,
    /// It matches the empty string, too.
    empty: bool,
    /// It is a place and not a text.
    place: bool,
    /// A group that captures is in it.
    captures: bool,
}

impl Node {
    fn one(text: String) -> Self {
        Node { text, empty: false, place: false, captures: false }
    }
}

struct Reader {
    rest: std::vec::IntoIter<char>,
    groups: Vec<Option<String>>,
    unsure: bool,
}

/// The pattern, or why it is none that means the same in JSONata.
pub fn read(pattern: &str) -> Result<Pattern, String> {
    let mut reader =
        Reader { rest: pattern.chars().collect::<Vec<_>>().into_iter(), groups: Vec::new(), unsure: false };
    let node = reader.alternatives()?;
    if reader.peek().is_some() {
        return Err("a `)` closes nothing".to_owned());
    }
    if node.empty {
        return Err("it matches the empty string, too".to_owned());
    }
    let named = reader.groups.iter().flatten().count();
    if named > 0 && named < reader.groups.len() {
        return Err("either all groups have names or none has".to_owned());
    }
    Ok(Pattern { text: node.text, groups: reader.groups, unsure: reader.unsure })
}

/// Any one of the characters.
pub fn any_of(characters: &str) -> String {
    let class: String = characters.chars().filter(|c| *c <= '\u{ffff}').map(|c| escaped(c, true)).collect();
    let mut parts: Vec<String> = characters.chars().filter(|c| *c > '\u{ffff}').map(String::from).collect();
    if !class.is_empty() {
        parts.push(format!("[{class}]"));
    }
    match &parts[..] {
        [one] if !class.is_empty() => one.clone(),
        parts => format!("(?:{})", parts.join("|")),
    }
}

impl Pattern {
    /// `/…/`
    pub fn literal(&self) -> String {
        format!("/{}/", self.text)
    }

    /// Why the groups of a match cannot be a list.
    pub fn unsure_groups(&self) -> Option<&'static str> {
        self.unsure.then_some("a group of the pattern may take no part in a match")
    }

    /// A replacement in which `$1` and `${name}` stand for groups, and `$$` for a dollar.
    pub fn replacement(&self, text: &str) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (name, behind) = if let Some(after) = after.strip_prefix('$') {
                plain.push('$');
                rest = after;
                continue;
            } else if let Some((name, behind)) = after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
                (name, behind)
            } else {
                after.split_at(after.find(|c| !word(c)).unwrap_or(after.len()))
            };
            if name.is_empty() || !name.chars().all(word) {
                plain.push('$');
                rest = after;
                continue;
            }
            let by_name = || self.groups.iter().position(|group| group.as_deref() == Some(name)).map(|at| at + 1);
            let group = name.parse().ok().filter(|at| *at <= self.groups.len()).or_else(by_name);
            let Some(group) = group else { return Err(format!("the pattern has no group `{name}`")) };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Group(group));
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(pieces)
    }
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.as_slice().first().copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let there = text.chars().eq(self.rest.as_slice().iter().copied().take(text.chars().count()));
        if there {
            self.rest.by_ref().take(text.chars().count()).for_each(drop);
        }
        there
    }

    fn alternatives(&mut self) -> Result<Node, String> {
        let mut all = self.sequence()?;
        let mut several = false;
        while self.eat("|") {
            several = true;
            let next = self.sequence()?;
            all.text.push('|');
            all.text.push_str(&next.text);
            all.empty |= next.empty;
            all.captures |= next.captures;
        }
        self.unsure |= several && all.captures;
        Ok(all)
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut all = Node { text: String::new(), empty: true, place: false, captures: false };
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            self.rest.next();
            let atom = self.atom(c)?;
            let next = self.repeated(atom)?;
            all.text.push_str(&next.text);
            all.empty &= next.empty;
            all.captures |= next.captures;
        }
        Ok(all)
    }

    /// The atom with the repetition that follows it.
    fn repeated(&mut self, atom: Node) -> Result<Node, String> {
        let (text, least, many) = match self.peek() {
            Some('*') => ("*".to_owned(), 0, true),
            Some('+') => ("+".to_owned(), 1, true),
            Some('?') => ("?".to_owned(), 0, false),
            Some('{') => {
                let inside: String = self.rest.as_slice().iter().skip(1).take_while(|c| **c != '}').collect();
                let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
                let bound = |text: &str| {
                    text.parse::<u32>().ok().filter(|n| *n <= 255 && text.bytes().all(|b| b.is_ascii_digit()))
                };
                let closed = self.rest.as_slice().get(inside.chars().count() + 1) == Some(&'}');
                let Some(fewest) = bound(least).filter(|_| closed) else {
                    return Err("a `{` is not a repetition".to_owned());
                };
                if !most.is_empty() && bound(most).is_none_or(|most| most < fewest) {
                    return Err("a repetition has no such bounds".to_owned());
                }
                self.rest.by_ref().take(inside.chars().count() + 1).for_each(drop);
                (format!("{{{inside}}}"), fewest, true)
            }
            _ => return Ok(atom),
        };
        self.rest.next();
        if atom.place {
            return Err("a place is repeated".to_owned());
        }
        if atom.captures && many {
            return Err("a group that captures is repeated".to_owned());
        }
        if atom.empty {
            return Err("what may be empty is repeated".to_owned());
        }
        self.unsure |= atom.captures;
        let lazy = if self.eat("?") { "?" } else { "" };
        if matches!(self.peek(), Some('*' | '+' | '?' | '{')) {
            return Err("a repetition is repeated".to_owned());
        }
        Ok(Node { text: format!("{}{text}{lazy}", atom.text), empty: least == 0, ..atom })
    }

    fn atom(&mut self, c: char) -> Result<Node, String> {
        Ok(match c {
            '(' => self.group()?,
            '[' => Node::one(self.class()?),
            '.' => Node::one(all_but("\\n")),
            '^' => Node { empty: true, place: true, ..Node::one("^".to_owned()) },
            '$' => Node { empty: true, place: true, ..Node::one("(?![\\s\\S])".to_owned()) },
            '\\' => match self.rest.next() {
                Some(letter @ ('d' | 'w' | 's')) => Node::one(format!("[{}]", ascii_class(letter))),
                Some(letter @ ('D' | 'W' | 'S')) => Node::one(all_but(ascii_class(letter.to_ascii_lowercase()))),
                Some(escape) => Node::one(escaped(unescaped(escape)?, false)),
                None => return Err("it ends in a backslash".to_owned()),
            },
            '*' | '+' | '?' => return Err(format!("there is nothing before `{c}`")),
            '{' => return Err("a `{` is not a repetition".to_owned()),
            c => Node::one(escaped(c, false)),
        })
    }

    fn group(&mut self) -> Result<Node, String> {
        let captures = !self.eat("?:");
        if captures {
            let named = self.eat("?P<") || self.eat("?<");
            if self.peek() == Some('?') || named && matches!(self.peek(), Some('=' | '!')) {
                return Err("it looks around, or has flags".to_owned());
            }
            let name = named.then(|| self.rest.by_ref().take_while(|c| *c != '>').collect());
            self.groups.push(name);
        }
        let inside = self.alternatives()?;
        if !self.eat(")") {
            return Err("a `(` is not closed".to_owned());
        }
        let open = if captures { "(" } else { "(?:" };
        Ok(Node { text: format!("{open}{})", inside.text), captures: captures || inside.captures, ..inside })
    }

    /// Behind `[`.
    fn class(&mut self) -> Result<String, String> {
        let negated = self.eat("^");
        let mut inside = String::new();
        let mut first = true;
        loop {
            let start = match self.rest.next() {
                None => return Err("a `[` is not closed".to_owned()),
                Some(']') if !first => break,
                Some('[') if self.peek() == Some(':') => return Err("a class has a name".to_owned()),
                Some('\\') => match self.rest.next() {
                    Some(letter @ ('d' | 'w' | 's')) => {
                        inside.push_str(ascii_class(letter));
                        first = false;
                        continue;
                    }
                    Some(escape) => unescaped(escape)?,
                    None => return Err("it ends in a backslash".to_owned()),
                },
                Some(c) => c,
            };
            first = false;
            if start > '\u{ffff}' {
                return Err(format!("`{start}` stands in a class"));
            }
            inside.push_str(&escaped(start, true));
            let range = matches!(self.rest.as_slice(), ['-', end, ..] if *end != ']');
            if range {
                self.rest.next();
                let end = match self.rest.next() {
                    Some('\\') => unescaped(self.rest.next().unwrap_or('d'))?,
                    Some(c) => c,
                    None => return Err("a `[` is not closed".to_owned()),
                };
                if end < start || end > '\u{ffff}' || (u32::from(start) < 0xd800 && u32::from(end) > 0xdfff) {
                    return Err(format!("`{start}-{end}` is no range of characters up to U+FFFF"));
                }
                inside.push('-');
                inside.push_str(&escaped(end, true));
            }
        }
        Ok(if negated { all_but(&inside) } else { format!("[{inside}]") })
    }
}

/// One whole character that is not in the class.
fn all_but(class: &str) -> String {
    format!("(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^{class}\\ud800-\\udfff])")
}

fn ascii_class(letter: char) -> &'static str {
    match letter {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        _ => "\\t\\n\\f\\r ",
    }
}

/// The character that stands behind a backslash.
fn unescaped(escape: char) -> Result<char, String> {
    match escape {
        'n' => Ok('\n'),
        't' => Ok('\t'),
        'r' => Ok('\r'),
        'f' => Ok('\u{c}'),
        'v' => Ok('\u{b}'),
        c if c.is_ascii_punctuation() => Ok(c),
        other => Err(format!("`\\{other}` does not mean the same everywhere")),
    }
}

/// A character that stands for itself. JSONata finds the end of a pattern by counting brackets that have no backslash before them.
fn escaped(c: char, in_class: bool) -> String {
    match c {
        '/' => "\\/".to_owned(),
        '(' | ')' | '[' | ']' | '{' | '}' | '^' => format!("\\{c}"),
        '.' | '*' | '+' | '?' | '|' if !in_class => format!("\\{c}"),
        '-' if in_class => "\\-".to_owned(),
        '\\' | '$' | '%' | '&' | '`' => format!("\\x{:02x}", u32::from(c)),
        c if c.is_control() && c <= '\u{ff}' => format!("\\x{:02x}", u32::from(c)),
        '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(c)),
        c if c > '\u{ffff}' => format!("(?:{c})"),
        c => c.to_string(),
    }
}
