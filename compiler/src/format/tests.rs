//! Before and after, by rule.

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;

use super::format;

fn formatted(text: &str) -> Option<String> {
    let sources = Sources::default();
    let file = sources.add("spec.hcl", text);
    format(&sources, file, &mut Diagnostics::default())
}

/// Formats `before` and compares; what is formatted must stay so.
#[track_caller]
fn gives(before: &str, after: &str) {
    assert_eq!(formatted(before).as_deref(), Some(after));
    assert_eq!(formatted(after).as_deref(), Some(after), "twice");
}

/// The value of an attribute, before and after.
#[track_caller]
fn value(before: &str, after: &str) {
    gives(&format!("a = {before}\n"), &format!("a = {after}\n"));
}

#[test]
fn operators_stand_apart() {
    value("1+2*3/4%5-6", "1 + 2 * 3 / 4 % 5 - 6");
    value("b==c&&d!=e||f<=g", "b == c && d != e || f <= g");
    value("b?c:d", "b ? c : d");
    value("! b", "!b");
    value("! ! b", "!!b");
}

#[test]
fn a_minus_is_a_sign_or_a_subtraction_by_what_stands_before() {
    value("- 1", "-1");
    value("b-1", "b-1");
    value("b -1", "b - 1");
    value("2-1", "2 - 1");
    value("1 - - 1", "1 - -1");
    value("b ? - 1 : - 2", "b ? -1 : -2");
    value("f(- 1,- 2)", "f(-1, -2)");
    value("b[0]-1", "b[0] - 1");
    value("f()-1", "f() - 1");
    value("\"${ - b }\"", "\"${-b}\"");
    value("{ for x in b: x => - x if - x>1 }", "{ for x in b : x => -x if -x > 1 }");
    value("(\nb\n-c\n)", "(\n  b\n  - c\n)");
    value("(\n- b\n)", "(\n  -b\n)");
    value("b.*.c -1", "b.*.c - 1");
    value("b.* -1", "b.* - 1");
    value("b*-1", "b * -1");
}

#[test]
fn brackets_hold_tight_and_braces_have_room() {
    value("[ 1,2 ,3 ]", "[1, 2, 3]");
    value("[ ]", "[]");
    value("{ }", "{}");
    value("{b=1,c=2}", "{ b = 1, c = 2 }");
    value("{b:1,(c):2,\"d\"=3}", "{ b : 1, (c) : 2, \"d\" = 3 }");
    value("[ [ ], { } ]", "[[], {}]");
    value("( b+1 )", "(b + 1)");
    value("f ( b , c... )", "f(b, c...)");
    value("p :: f( b )", "p::f(b)");
    value("b . c [ 0 ] . d", "b.c[0].d");
    value("b [ * ] . c", "b[*].c");
    value("b . * . c", "b.*.c");
    value("b.*[ 0 ]", "b.*[0]");
    value("f()[ 0 ][ 1 ]", "f()[0][1]");
    value("[for x in[1]:x if(x>0)]", "[for x in [1] : x if (x > 0)]");
    value("[for x in(b):x if[x]==b]", "[for x in (b) : x if [x] == b]");
    value("{for k,v in b:k=>v... if k!=c}", "{ for k, v in b : k => v... if k != c }");
    value("b.in [0]", "b.in[0]");
}

#[test]
fn numbers_do_not_join() {
    value("b[ 0 ] . 1", "b[0].1");
    // Twice a step into a list, and not a step by 0.1.
    value("b.0  .1", "b.0 .1");
}

#[test]
fn strings_keep_their_characters() {
    value("\"  b  =  [ 1,2 ]  # no comment \"", "\"  b  =  [ 1,2 ]  # no comment \"");
    value("\"b ${ c+1 } d ${e} $${ f }\"", "\"b ${c + 1} d ${e} $${ f }\"");
    value("\"${b}${ c }\"", "\"${b}${c}\"");
    value("\"${ b }\"", "\"${b}\"");
    value("\"${~ b ~}  \"", "\"${~b~}  \"");
    value("\"%{ if b }x%{ else }y%{ endif }\"", "\"%{if b}x%{else}y%{endif}\"");
    value("\"%{for x in[1]}${x}%{endfor}\"", "\"%{for x in [1]}${x}%{endfor}\"");
    value("\"${{b=1}}\"", "\"${ { b = 1 } }\"");
    value("\"${\"${ b }\"}\"", "\"${\"${b}\"}\"");
    value("\"${\nb\n}\"", "\"${\n  b\n}\"");
}

#[test]
fn heredocs_keep_their_text() {
    gives("a=<<EOT\n   x  \n\n\t${ b }\n  EOT\nb=1\n", "a = <<EOT\n   x  \n\n\t${b}\n  EOT\nb = 1\n");
    gives("x {\na=<<-EOT\n    b\n  EOT\nbcd=1\n}\n", "x {\n  a   = <<-EOT\n    b\n  EOT\n  bcd = 1\n}\n");
    gives("a=f(<<EOT\nx\nEOT\n,1)\n", "a = f(<<EOT\nx\nEOT\n, 1)\n");
    gives("x {\na = <<EOT\n${\nb\n}\nEOT\nc = 1\n}\n", "x {\n  a = <<EOT\n${\n    b\n  }\nEOT\n  c = 1\n}\n");
}

#[test]
fn lines_indent_by_the_brackets_that_are_open() {
    gives("x \"y\" {\nz {\na=1\n}\n}\n", "x \"y\" {\n  z {\n    a = 1\n  }\n}\n");
    gives("      a = [\n1,\n      2,\n  ]\n", "a = [\n  1,\n  2,\n]\n");
    gives("a=f({\nb=1\n})\n", "a = f({\n  b = 1\n})\n");
    gives("a=[[\n1\n],[\n2\n]]\n", "a = [[\n  1\n  ], [\n  2\n]]\n");
    gives("a=[[\n[\n1\n]]\n]\n", "a = [[\n  [\n    1\n  ]]\n]\n");
    gives("a = b ? c : (\nd\n)\n", "a = b ? c : (\n  d\n)\n");
    gives("x{\n\ta=1\n\t}\n", "x {\n  a = 1\n}\n");
}

#[test]
fn equals_signs_stand_below_each_other() {
    gives("a=1\nbcd=2\n\nefghi=3\n", "a   = 1\nbcd = 2\n\nefghi = 3\n");
    gives("a=1\n# why\nbcd=2\n", "a = 1\n# why\nbcd = 2\n");
    gives("a=1\nbcd=[\n1,\n]\nefghi=2\nj=3\n", "a = 1\nbcd = [\n  1,\n]\nefghi = 2\nj     = 3\n");
    gives("a=1\nx {}\nbcd=2\n", "a = 1\nx {}\nbcd = 2\n");
    gives("x {\na=1\nbcd=2\n}\n", "x {\n  a   = 1\n  bcd = 2\n}\n");
    gives("a={\nb=1\n\"cd\"=2\n(e)=3\n}\n", "a = {\n  b    = 1\n  \"cd\" = 2\n  (e)  = 3\n}\n");
    gives("a={\nb:1\ncde:2\n}\n", "a = {\n  b : 1\n  cde : 2\n}\n");
    gives("x { a = 1 }\nxyz { b = 2 }\n", "x { a = 1 }\nxyz { b = 2 }\n");
    gives("\u{e9}=1\nbcd=2\n", "\u{e9}   = 1\nbcd = 2\n");
    gives("a=1 /* b */\ncde=2\n", "a   = 1 /* b */\ncde = 2\n");
}

#[test]
fn comments_stand_below_each_other() {
    gives("a=1#b\ncde=23 # f\n", "a   = 1  #b\ncde = 23 # f\n");
    gives("a=1   // b\n\nc=234 # d\n", "a = 1 // b\n\nc = 234 # d\n");
    gives("x {} # y\nabc=\"d\" # e\n", "x {}      # y\nabc = \"d\" # e\n");
    gives("a=\"e\u{301}\" # b\nc=\"de\" # f\n", "a = \"e\u{301}\"  # b\nc = \"de\" # f\n");
    gives("a=[# b\n1,#c\n23 # d\n]# e\n", "a = [ # b\n  1,  #c\n  23  # d\n]     # e\n");
    gives("x {\n# a\n      # b  \n}\n", "x {\n  # a\n  # b\n}\n");
    gives("/* a\n   b */ c=1\n", "/* a\n   b */ c = 1\n");
    gives("a=/* b */1\n", "a = /* b */ 1\n");
    gives("/* a\r\nb */#c\r\nde=1# f\r\n", "/* a\r\nb */ #c\r\nde = 1    # f\r\n");
    gives("a=1 /*/ b */ # c\n", "a = 1 /*/ b */ # c\n");
    gives("a = f(/* b */ c/* d */)\n", "a = f(/* b */ c /* d */)\n");
}

#[test]
fn white_space_at_the_ends_goes() {
    gives("", "");
    gives("\n\n", "");
    gives("a=1", "a = 1\n");
    gives("a=1  \n\n  \n\n", "a = 1\n");
    gives("a=1\n \t \n\nb=2\n", "a = 1\n\n\nb = 2\n");
    gives("# a  ", "# a\n");
    gives("a=<<E\nx\nE", "a = <<E\nx\nE\n");
}

#[test]
fn line_ends_keep_their_kind() {
    gives("a=1\r\n", "a = 1\r\n");
    gives("a=1 # b  \r\ncd=2\n", "a  = 1 # b\r\ncd = 2\n");
    gives("a=<<E\r\n  x \r\nE\r\n", "a = <<E\r\n  x \r\nE\r\n");
}

#[test]
fn a_text_with_syntax_errors_is_left_alone() {
    for text in ["a = ", "a = [1", "x {", "a = \"b", "a = 1 2", "a = 1\na = 2", "a = <<E\n"] {
        assert_eq!(formatted(text), None, "{text}");
    }
}

#[test]
fn padding_stays_in_proportion() {
    let long = "k".repeat(super::align::WIDEST);
    let lines = format!("a = 1\n{long}l = 2\nb = 3\n");
    gives(&lines, &lines);
    gives(&format!("a = 1\n{long} = 2\n"), &format!("a{} = 1\n{long} = 2\n", " ".repeat(long.len() - 1)));
    let text = "a = 1\n".repeat(2) + &format!("b = \"{long}\" # c\nd = 1 # e\n");
    assert_eq!(formatted(&text.replacen("a = 1\na = 1\n", "", 1)), Some(text[12..].to_owned()));
}
