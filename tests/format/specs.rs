//! Random specs: everything that the grammar has, with white space and comments wherever they may stand.

/// What the layout of a spec may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taste {
    /// Whatever parses.
    Any,
    /// Nothing that `windlass fmt` lays out better than `terraform fmt`, or that only the latter rewrites.
    Terraform,
}

/// The spec of this number; the same each time.
pub fn spec(number: u64, taste: Taste) -> String {
    let mut writer = Writer { text: String::new(), state: number.wrapping_mul(0xd134_2543_de82_ef95), taste };
    writer.body(3);
    if taste == Taste::Any && writer.chance(8) {
        writer.text = writer.text.trim_end().to_owned();
    }
    if writer.chance(8) {
        writer.text = writer.text.replace('\n', "\r\n");
    }
    writer.text
}

struct Writer {
    text: String,
    state: u64,
    taste: Taste,
}

impl Writer {
    // Chance: Steele and Vigna's SplitMix64.

    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    /// Once in so many times.
    fn chance(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one(&mut self, choices: &[&str]) {
        let at = self.below(choices.len());
        self.text.push_str(choices[at]);
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    // White space.

    /// Perhaps some, on this line.
    fn gap(&mut self) {
        self.one(&["", "", "", " ", " ", "  ", "\t", " /* b */ ", "    "]);
    }

    /// At least a space.
    fn space(&mut self) {
        self.one(&[" ", " ", "  ", "\t", " /* c */ ", " /* // # */  "]);
    }

    /// Also over lines, inside of brackets.
    fn wide(&mut self, lines: bool) {
        if lines && self.chance(5) {
            self.gap();
            self.line_end();
            while self.chance(5) {
                self.line_end();
            }
        }
        self.gap();
    }

    fn line_end(&mut self) {
        self.one(&["", "", "", "", "  ", "\t", " # d", "// e", " # \u{e9}\u{1f1ec}\u{1f1e7} f", "# /* g"]);
        if self.taste == Taste::Any {
            self.one(&["", "", "  ", "\t "]);
        }
        self.put("\n");
    }

    // Statements.

    fn body(&mut self, depth: usize) {
        for at in 0..1 + self.below(6) {
            self.gap();
            match self.below(10) {
                0 => {}
                1 => self.put("/* h\n   i */"),
                2 | 3 if depth > 0 => self.block(depth - 1, at),
                _ => {
                    self.one(&["a", "bc", "def-g", "h_i", "j\u{e9}k"]);
                    self.put(&at.to_string());
                    self.gap();
                    self.put("=");
                    self.gap();
                    if self.chance(10) {
                        self.heredoc(depth);
                        self.put("\n");
                        continue;
                    }
                    self.expression(3, false);
                    self.gap();
                }
            }
            self.line_end();
        }
    }

    fn block(&mut self, depth: usize, at: usize) {
        self.one(&["part", "l"]);
        for _ in 0..self.below(3) {
            self.one(&[" ", "  ", "\t"]);
            self.put(&format!("\"m{at}\""));
        }
        self.gap();
        self.put("{");
        match self.below(4) {
            0 => self.gap(),
            1 => {
                self.gap();
                self.put("n");
                self.gap();
                self.put("=");
                self.gap();
                self.expression(1, false);
                self.gap();
            }
            _ => {
                self.line_end();
                self.body(depth);
                self.gap();
            }
        }
        self.put("}");
    }

    fn heredoc(&mut self, depth: usize) {
        self.one(&["<<", "<<-"]);
        self.put("EOT\n");
        for _ in 0..self.below(4) {
            self.one(&["", "  ", "\t", "      "]);
            self.one(&["o = [ {  # p", "\" \\ ", "$${ q }", "", "EOTX", "  "]);
            if self.chance(3) {
                // Over lines, `terraform fmt` counts only the closing bracket.
                match self.taste {
                    Taste::Any => self.template(depth, true),
                    Taste::Terraform => self.template(0, false),
                }
            }
            self.put("\n");
        }
        self.one(&["", "  ", "    "]);
        self.put("EOT");
    }

    // Expressions.

    fn expression(&mut self, depth: usize, lines: bool) {
        self.operand(depth, lines);
        while depth > 0 && self.chance(4) {
            let signs = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"];
            let sign = signs[self.below(signs.len())];
            // After a line end, `terraform fmt` takes any `-` for a sign.
            let lines_here = lines && (sign != "-" || self.taste == Taste::Any);
            self.wide(lines_here);
            self.space();
            self.put(sign);
            self.put(" ");
            self.wide(lines && self.taste == Taste::Any);
            self.space();
            self.operand(depth - 1, lines);
        }
        if depth > 0 && self.chance(12) {
            self.wide(lines);
            self.put("?");
            self.gap();
            self.expression(depth - 1, lines);
            self.wide(lines);
            self.put(":");
            self.gap();
            self.expression(depth - 1, lines);
        }
    }

    fn operand(&mut self, depth: usize, lines: bool) {
        if self.chance(8) {
            let before = self.text.trim_end().chars().next_back();
            let plain = matches!(before, Some('(' | '[' | ',' | '=' | '?' | '+' | '*'));
            let plain = plain && !self.text.ends_with("*/ ") && !self.text.ends_with('\n');
            if self.taste == Taste::Any || plain {
                self.one(&["!", "-"]);
                self.gap();
            }
        }
        if depth == 0 {
            return self.one(&["1", "2.5", "1e3", "true", "null", "var.r", "s", "\"\"", "\"t # u\"", "\"\u{e9}\""]);
        }
        match self.below(12) {
            0 => {
                self.put("(");
                self.wide(true);
                self.expression(depth - 1, true);
                self.wide(true);
                self.put(")");
            }
            1 => self.list(depth - 1, "[", "]"),
            2 => {
                self.one(&["f", "merge", "p::q"]);
                self.gap_before_call();
                self.list(depth - 1, "(", ")");
            }
            3 => self.object(depth - 1),
            4 => self.for_list(depth - 1),
            5 => self.for_object(depth - 1),
            6 => {
                self.put("\"");
                for _ in 0..1 + self.below(3) {
                    self.one(&["v", " w  =  x ", "\\\"", "$${", "{ [", "\u{1f1ec}\u{1f1e7}"]);
                    self.template(depth - 1, lines && self.taste == Taste::Any);
                }
                self.one(&["", " ", "y"]);
                self.put("\"");
            }
            7 => {
                self.one(&["var", "local.z"]);
                // HCL has no `.*` behind another.
                let mut splat = false;
                for _ in 0..1 + self.below(3) {
                    match self.below(5) {
                        0 => {
                            self.put("[");
                            self.gap();
                            // `terraform fmt` loses what is neither number nor string there.
                            match self.taste {
                                Taste::Any => self.expression(depth - 1, true),
                                Taste::Terraform => self.one(&["0", "\"e\"", "local.f"]),
                            }
                            self.gap();
                            self.put("]");
                        }
                        1 if !std::mem::replace(&mut splat, true) => {
                            self.put(if self.taste == Taste::Any { ".*" } else { ".*.a" });
                        }
                        2 => self.put("[*]"),
                        _ => self.one(&[".a", ".in", ".b-c", " . d"]),
                    }
                }
            }
            _ => self.operand(0, lines),
        }
    }

    /// A comment there would no longer be a call to `terraform fmt`.
    fn gap_before_call(&mut self) {
        self.one(&["", "", "", " ", "  "]);
    }

    fn list(&mut self, depth: usize, open: &str, close: &str) {
        self.put(open);
        self.wide(true);
        let elements = self.below(4);
        for at in 0..elements {
            self.expression(depth, true);
            self.wide(true);
            if at + 1 < elements || self.chance(4) {
                self.put(",");
                self.wide(true);
            }
        }
        self.put(close);
    }

    fn object(&mut self, depth: usize) {
        self.put("{");
        let tall = self.chance(2);
        if tall {
            self.line_end()
        } else {
            self.gap()
        }
        let entries = self.below(4);
        for at in 0..entries {
            self.gap();
            match self.below(4) {
                0 => self.put(&format!("\"a b{at}\"")),
                1 => self.put(&format!("(var.c{at})")),
                _ => self.put(&format!("d{at}")),
            }
            self.gap();
            self.one(&["=", "=", "=", ":"]);
            self.gap();
            self.expression(depth, false);
            self.gap();
            if tall {
                self.line_end();
            } else if at + 1 < entries {
                self.put(",");
                self.gap();
            }
        }
        self.put("}");
    }

    fn for_list(&mut self, depth: usize) {
        self.put("[");
        self.wide(true);
        self.one(&["for e in", "for  f,g in", "for\te , f  in"]);
        self.space();
        self.loop_source(depth);
        self.wide(true);
        self.put(":");
        self.gap();
        self.expression(depth, true);
        if self.chance(3) {
            self.one(&[" if ", "  if  "]);
            self.condition(depth);
        }
        self.wide(true);
        self.put("]");
    }

    fn for_object(&mut self, depth: usize) {
        self.put("{");
        self.wide(true);
        self.one(&["for e in", "for  f,g in", "for\te , f  in"]);
        self.space();
        self.loop_source(depth);
        self.wide(true);
        self.put(":");
        self.gap();
        self.operand(0, true);
        self.wide(true);
        self.put("=>");
        self.gap();
        self.expression(depth, true);
        self.one(&["", "", "..."]);
        if self.chance(3) {
            self.one(&[" if ", "  if  "]);
            self.condition(depth);
        }
        self.wide(true);
        self.put("}");
    }

    /// `terraform fmt` takes `in (` and `if (` for calls.
    fn loop_source(&mut self, depth: usize) {
        match self.taste {
            Taste::Any => self.expression(depth, true),
            Taste::Terraform => self.one(&["var.h", "[1,2]", "keys( i )"]),
        }
    }

    fn condition(&mut self, depth: usize) {
        match self.taste {
            Taste::Any => self.expression(depth, true),
            Taste::Terraform => self.one(&["j>1", "! k", "l&&m == \"n\""]),
        }
    }

    /// `${ }` or `%{ }`, which goes on over lines if `lines`.
    fn template(&mut self, depth: usize, lines: bool) {
        match self.below(4) {
            0 => {
                self.one(&["%{if", "%{ if", "%{~  if", "%{ for o,p in"]);
                let end = if self.text.ends_with("if") { "if" } else { "for" };
                self.space();
                if end == "if" {
                    self.condition(depth.saturating_sub(1));
                } else {
                    self.loop_source(depth.saturating_sub(1));
                }
                self.one(&["}", "  }", " ~}"]);
                self.one(&["q", " r "]);
                if end == "if" && self.chance(2) {
                    self.one(&["%{else}", "%{  else  }", "%{~ else ~}"]);
                    self.put("s");
                }
                self.one(&["%{", "%{  ", "%{~ "]);
                self.put("end");
                self.put(end);
                self.one(&["}", "  }", " ~}"]);
            }
            _ => {
                self.one(&["${", "${  ", "${~ "]);
                if self.taste == Taste::Any {
                    self.wide(lines);
                }
                self.expression(depth.saturating_sub(1), lines);
                self.wide(lines);
                self.one(&["}", "  }", "~}", " ~}"]);
            }
        }
    }
}
