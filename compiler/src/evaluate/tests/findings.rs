use super::{compile, finds, show};

#[test]
fn operands() {
    for (expression, expected) in [
        ("1 + [2]", "invalid-operand: `+` needs a number, found a list [[2]]"),
        ("\"a\" * 2", "invalid-operand: `*` needs a number, found the string \"a\" [\"a\"]"),
        ("!1", "invalid-operand: `!` needs true or false, found a number [1]"),
        ("null < 1", "invalid-operand: `<` needs a number, found null [null]"),
        ("1 / 0", "arithmetic: division by zero [0]this is zero"),
        ("5 % 0", "arithmetic: division by zero [0]this is zero"),
        (
            "9223372036854775807 + 2",
            "arithmetic: the result 9223372036854775809 is too large to be exact [9223372036854775807 + 2] (whole numbers are exact between -9223372036854775808 and 9223372036854775807)",
        ),
        ("1e308 * 10", "arithmetic: the result is not a finite number [1e308 * 10]"),
        (
            "18446744073709551615",
            "arithmetic: the number `18446744073709551615` cannot be held exactly [18446744073709551615] (whole numbers are exact between -9223372036854775808 and 9223372036854775807)",
        ),
        ("\"x${null}\"", "invalid-operand: a template needs a string, found null [null]"),
        (
            "\"x${[1]}\"",
            "invalid-operand: a template needs a string, found a list [[1]] (join a list with `join(\", \", list)`, or write JSON with `jsonencode`)",
        ),
        ("[1][1]", "invalid-operand: the list has no element `[1]` [1] (the list has one element, `[0]`)"),
        ("[1][-1]", "invalid-operand: the list has no element `[-1]` [-1] (the list has one element, `[0]`)"),
        (
            "[1].name",
            "invalid-operand: a list has no attribute `name` [name] (take it of every element with `[*].name`, or of one with `[0].name`)",
        ),
        ("\"a\".b", "invalid-operand: a string has no attribute `b` [b]"),
        (
            "{ min = 1, max = 2 }.mix",
            "unknown-attribute: the object has no attribute `mix` [mix] (did you mean `min`?)",
        ),
        (
            "{ min = 1 }[\"replicas\"]",
            "unknown-attribute: the object has no attribute `replicas` [\"replicas\"] (it has `min`)",
        ),
        (
            "local.o.maxx",
            "unknown-attribute: the object has no attribute `maxx` [maxx] [{ max = 1 }]it has `max` (did you mean `max`?)",
        ),
        ("[] ? 1 : 2", "invalid-operand: a condition needs true or false, found a list [[]]"),
        ("[for v in 5 : v]", "invalid-operand: a `for` goes over a list or an object, found a number [5]"),
        (
            "{for v in [1, 1] : v => v}",
            "duplicate-name: two elements have the key `1` [v] (write `...` behind the value to group the values of one key in a list)",
        ),
        ("{ a = 1, (\"a\") = 2 }", "duplicate-name: the key `a` is given twice [(\"a\")] [a]given here first"),
        ("uper(\"a\")", "unknown-function: there is no function `uper` [uper] (did you mean `upper`?)"),
        ("upper()", "invalid-operand: `upper` takes 1 argument, found 0 [upper()] (it is called as `upper(string)`)"),
        (
            "range(1, 2, 3, 4)",
            "invalid-operand: `range` takes 1 to 3 arguments, found 4 [range(1, 2, 3, 4)] (it is called as `range(limit_or_start, limit?, step?)`)",
        ),
        ("join(1, 2)", "invalid-operand: `join` needs a list, found a number [2]"),
        ("tonumber(\"x\")", "invalid-operand: `tonumber` needs a number, found the string \"x\" [\"x\"]"),
        (
            "jsondecode(\"{\")",
            "invalid-operand: `jsondecode`: this is not JSON: EOF while parsing an object at line 1 column 1 [\"{\"]",
        ),
        (
            "upper(max([1]...), [2]...)",
            "invalid-operand: `upper` takes 1 argument, found 2 [upper(max([1]...), [2]...)] (it is called as `upper(string)`)",
        ),
        (
            "false || nope",
            "undefined-reference: there is nothing named `nope` [nope] (a string is written in quotes: `\"nope\"`; a reference begins with `var`, `local`, `env`, `path`, `module`, `each`, `input`, `stage`, or a kind of block)",
        ),
    ] {
        finds(&format!("locals {{\n  o = {{ max = 1 }}\n}}\np {{\n  x = {expression}\n}}\n"), &[expected]);
    }
}

#[test]
fn names() {
    let spec = "variable \"registry\" {\n  default = \"r\"\n}\nlocals {\n  replicas = 3\n}\nmodel \"risk\" {\n  serve = \"3\"\n}\nbucket \"data\" {\n  name = \"b\"\n}\nservice \"risk\" {}\n";
    for (expression, expected) in [
        ("var.regisrty", "undefined-reference: there is no variable `regisrty` [regisrty] (did you mean `registry`?)"),
        ("var.zone", "undefined-reference: there is no variable `zone` [zone] (declared: `registry`)"),
        (
            "local.replica",
            "undefined-reference: there is no local value `replica` [replica] (did you mean `replicas`?)",
        ),
        (
            "replicas",
            "undefined-reference: there is nothing named `replicas` [replicas] (did you mean `local.replicas`?)",
        ),
        (
            "registry",
            "undefined-reference: there is nothing named `registry` [registry] (did you mean `var.registry`?)",
        ),
        ("locl.replicas", "undefined-reference: there is nothing named `locl` [locl] (did you mean `local`?)"),
        ("model.rsk", "undefined-reference: there is no model `rsk` [rsk] (did you mean `risk`?)"),
        ("model.fraud", "undefined-reference: there is no model `fraud` [fraud] (declared: `risk`)"),
        (
            "channel.oncall",
            "undefined-reference: there is no channel `oncall` [oncall] (declare it: `channel \"oncall\" { … }`)",
        ),
        ("model", "undefined-reference: `model` alone is not a value [model] (name one, as in `model.risk`)"),
        ("model[0]", "undefined-reference: `model` takes a name, as in `model.risk` [0]"),
        ("env.nam", "unknown-attribute: `env` has no attribute `nam` [nam] (did you mean `name`?)"),
        (
            "model.risk.server",
            "unknown-attribute: `model.risk` has no property `server` [server] [model \"risk\"]declared here (did you mean `serve`?)",
        ),
        (
            "bucket.data.url",
            "unknown-attribute: `bucket.data` has no property `url` [url] [bucket \"data\"]declared here (did you mean `uri`?)",
        ),
        (
            "input.a",
            "undefined-reference: `input` exists only inside a workflow [input] (its value is known when the workflow runs; move the expression into a `workflow` block)",
        ),
        (
            "stage.a.b",
            "undefined-reference: `stage` exists only inside a workflow [stage] (its value is known when the workflow runs; move the expression into a `workflow` block)",
        ),
        (
            "\"${model.risk}-x\"",
            "invalid-operand: a template needs a string, found a reference to a block [model.risk] (take a property of the block, as in `bucket.data.uri`)",
        ),
    ] {
        finds(&format!("{spec}p {{\n  x = {expression}\n}}\n"), &[expected]);
    }
}

#[test]
fn cycles() {
    finds(
        "locals {\n  a = local.b + 1\n  b = [local.c]\n  c = true ? 1 : local.a\n  d = local.a\n}\np {\n  x = local.d\n}\n",
        &[
            "cycle: the value of `local.a` depends on itself: `local.a` -> `local.b` -> `local.c` -> `local.a` [local.b]`local.a` refers to `local.b` [local.c]`local.b` refers to `local.c` [local.a]`local.c` refers to `local.a` (give one of them a value of its own)",
        ],
    );
    finds(
        "locals {\n  a = local.a\n}\n",
        &[
            "cycle: the value of `local.a` depends on itself: `local.a` -> `local.a` [local.a]`local.a` refers to `local.a` (give one of them a value of its own)",
        ],
    );
    finds(
        "bucket \"a\" {\n  name = bucket.b.uri\n}\nbucket \"b\" {\n  name = bucket.a.name\n}\n",
        &[
            "cycle: the value of `bucket.a.name` depends on itself: `bucket.a.name` -> `bucket.b.name` -> `bucket.a.name` [bucket.b.uri]`bucket.a.name` refers to `bucket.b.name` [bucket.a.name]`bucket.b.name` refers to `bucket.a.name` (give one of them a value of its own)",
        ],
    );
    // Naming the block alone makes no cycle, taking its attribute does.
    finds(
        "bucket \"a\" {\n  name = [bucket.b, bucket.b.name][1]\n}\nbucket \"b\" {\n  name = bucket.a.name\n}\n",
        &[
            "cycle: the value of `bucket.a.name` depends on itself: `bucket.a.name` -> `bucket.b.name` -> `bucket.a.name` [bucket.b.name]`bucket.a.name` refers to `bucket.b.name` [bucket.a.name]`bucket.b.name` refers to `bucket.a.name` (give one of them a value of its own)",
        ],
    );
    finds("bucket \"a\" {\n  next = bucket.b\n}\nbucket \"b\" {\n  next = bucket.a\n}\n", &[]);
    // No text shows this one: the block comes out of a list.
    finds(
        "bucket \"a\" {\n  name = [for b in [bucket.a] : b.name][0]\n}\n",
        &["cycle: the value of `bucket.a.name` depends on itself [b.name]"],
    );
}

#[test]
fn variables_and_environments() {
    finds(
        "variable \"a\" {}\np {\n  x = var.a + 1\n}\n",
        &[
            "missing-attribute: the variable `a` has no value [variable \"a\"] (give it a `default`, or a value from outside: `--var a=…`)",
        ],
    );
    finds(
        "variable \"a\" {}\nenvironment \"e\" {}\n",
        &[
            "missing-attribute: the variable `a` has no value [variable \"a\"] (give it a `default`, a value in `environment \"e\"`: `variables = { a = … }`, or one from outside: `--var a=…`)",
        ],
    );
    finds(
        "variable \"a\" {\n  type = number\n  default = \"x\"\n}\n",
        &["wrong-type: the variable `a` is of the type `number`, found a string [\"x\"]"],
    );
    finds(
        "variable \"a\" {\n  type = list(number)\n  default = [1, true]\n}\n",
        &["wrong-type: an element of the variable `a` is of the type `number`, found a bool [true]"],
    );
    finds(
        "variable \"a\" {\n  type = object({ min = number })\n  default = { mn = 1 }\n}\n",
        &["unknown-attribute: the variable `a` has no attribute `mn` [mn] (did you mean `min`?)"],
    );
    finds(
        "variable \"a\" {\n  type = object({ min = number })\n  default = {}\n}\n",
        &[
            "missing-attribute: the variable `a` lacks the attribute `min` [{}] (its type is `object({ min = number })`)",
        ],
    );
    finds(
        "variable \"a\" {\n  type = strng\n  default = 1\n}\nvariable \"b\" {\n  type = \"string\"\n  default = 1\n}\nvariable \"c\" {\n  type = list\n  default = 1\n}\nvariable \"d\" {\n  type = list(string, 1)\n  defalt = 1\n  default = 2\n}\n",
        &[
            "invalid-value: there is no type `strng` [strng] (did you mean `string`?)",
            "invalid-value: a type is written without quotes: `string` [\"string\"]",
            "invalid-value: there is no type `list` [list] (say of what: `list(string)`)",
            "invalid-value: `list(string, 1)` is not a type [list(string, 1)] (the types with parts are `list(string)`, `set(string)`, `map(string)`, `tuple([string, number])`, `object({ name = string })` and, for a field, `optional(string)`)",
            "unknown-attribute: `variable` has no attribute `defalt` [defalt] (did you mean `default`?)",
        ],
    );
    finds(
        "variable \"a\" {\n  default = local.b\n}\nlocals {\n  b = 1\n}\n",
        &[
            "undefined-reference: `local` cannot be used here [local] (the default of a variable and the values of an environment are plain values; use `locals` to combine them)",
        ],
    );
    finds(
        "variable \"size\" {\n  type = number\n  default = 1\n}\nenvironment \"e\" {\n  variables = { sise = 1, size = [2] }\n}\n",
        &[
            "undefined-reference: there is no variable `sise` [sise] (did you mean `size`?)",
            "wrong-type: the variable `size` is of the type `number`, found a list [[2]]",
        ],
    );
    finds(
        "environment \"a\" {}\nenvironment \"b\" {}\nvariable \"v\" {}\np {\n  x = \"${env.name}${var.v}\"\n}\n",
        &[
            "ambiguous-environment: the spec has 2 environments, and none is chosen [environment \"a\"] [environment \"b\"] (choose one with `--env`: `a`, `b`)",
        ],
    );
    let (_, found, sources) = compile(&["environment \"prod\" {}\nenvironment \"staging\" {}\n"], Some("prd"));
    let found: Vec<_> = found.iter().map(|f| show(f, &sources)).collect();
    assert_eq!(found, ["undefined-reference: there is no environment `prd` (did you mean `prod`?)"]);
}

#[test]
fn duplicates_and_shapes() {
    finds(
        "service \"a\" {}\nservice \"b\" {}\nservice a {}\n",
        &[
            "duplicate-name: `service \"a\"` is declared twice [service a] [service \"a\"]declared here first (rename one of them, or merge the two)",
        ],
    );
    finds(
        "variable \"a\" {\n  default = 1\n}\nvariable \"a\" {\n  default = 1\n}\n",
        &[
            "duplicate-name: `variable \"a\"` is declared twice [variable \"a\"] [variable \"a\"]declared here first (rename one of them, or merge the two)",
        ],
    );
    finds(
        "workflow \"w\" {\n  stage \"load\" {}\n  stage \"load\" {}\n  stage \"x\" {}\n  retry {}\n  retry {}\n}\n",
        &[
            "duplicate-name: `stage \"load\"` is declared twice [stage \"load\"] [stage \"load\"]declared here first (rename one of them, or merge the two)",
        ],
    );
    finds(
        "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n",
        &["duplicate-name: the local value `a` is given twice [a] [a]given here first (rename one of them)"],
    );
    finds(
        "locals \"x\" {}\nvariable {}\nenvironment \"a\" \"b\" {}\n",
        &[
            "wrong-labels: `locals` takes no label [locals \"x\"] (write it as `locals { … }`)",
            "wrong-labels: `variable` takes one label [variable] (write it as `variable \"name\" { … }`)",
            "wrong-labels: `environment` takes one label [environment \"a\" \"b\"] (write it as `environment \"name\" { … }`)",
        ],
    );
    finds(
        "locals {\n  a {\n  }\n}\nvariable \"v\" {\n  default = 1\n  b {\n  }\n}\nx = 1\n",
        &[
            "unknown-block: `locals` holds attributes only [a] (an object is written with `=`: `a = { … }`)",
            "unknown-block: `variable` has no block `b` [b] (it has `validation`)",
            "unknown-block: the attribute `x` stands outside of every block [x] (name a value with `locals { x = … }`, or move it into a block)",
        ],
    );
    let (_, found, sources) = compile(&["service \"a\" {}\n", "service \"a\" {}\n"], None);
    assert_eq!(found[0].labels[0].span.file.0, 1, "{}", show(&found[0], &sources));
}

#[test]
fn one_mistake_is_one_error_and_all_are_told() {
    finds(
        "locals {\n  a = nope\n  b = [local.a, 1]\n  c = \"${local.b[0]}x\"\n  d = { for v in local.b : v => v }\n}\np {\n  x = local.a + 1\n  y = upper(local.a)\n  z = 1 / 0\n  w = local.b[1] + true\n}\n",
        &[
            "undefined-reference: there is nothing named `nope` [nope] (a string is written in quotes: `\"nope\"`; a reference begins with `var`, `local`, `env`, `path`, `module`, `each`, `input`, `stage`, or a kind of block)",
            "arithmetic: division by zero [0]this is zero",
            "invalid-operand: `+` needs a number, found a bool [true]",
        ],
    );
}

#[test]
fn what_could_not_be_parsed_is_not_missed_again() {
    // The name is known, its attribute is not; `nope` is a mistake of its own.
    finds(
        "bucket \"data\" {\n  name =\n}\nlocals {\n  a = 1\n}\np {\n  x = bucket.data.uri\n  y = bucket.data.name\n  z = bucket.data\n  w = bucket.nope\n}\n",
        &[
            "syntax: expected a value after `=` [=]",
            "undefined-reference: there is no bucket `nope` [nope] (declared: `data`)",
        ],
    );
    // What a broken `locals` or header would have declared cannot be told.
    finds(
        "locals {\n  a = [\n}\nservice \"b {\n}\np {\n  x = [local.a, service.b]\n  y = 1 / 0\n}\n",
        &[
            "syntax: this `[` is never closed [[] [}]expected `]` before this",
            "syntax: this string is never closed [\"] (a quoted string ends on its own line; for several lines use a heredoc: `<<-EOT`)",
            "arithmetic: division by zero [0]this is zero",
        ],
    );
    let (evaluated, ..) = compile(&["service \"a\" {\n  model =\n}\nservice \"b\" {}\n"], None);
    assert_eq!(evaluated.blocks.len(), 1);
}
