//! The blocks that evaluation reads itself: variables, local values, environments, modules.
//!
//! Their declarations are tables only; `compiler/src/evaluate` reads them, and asks these tables which names there are.

use crate::declare::{AttributeDecl, BlockDecl, ChildDecl, Occurs, Presence, Shape};

/// What values an attribute takes: for a reader, and for an editor.
type Takes = (&'static str, Shape);

const fn attribute(name: &'static str, (takes, shape): Takes, presence: Presence, doc: &'static str) -> AttributeDecl {
    AttributeDecl { name, takes, shape, presence, doc }
}

const fn block(
    kind: &'static str,
    labels: &'static [&'static str],
    doc: &'static str,
    attributes: &'static [AttributeDecl],
    blocks: &'static [ChildDecl],
) -> BlockDecl {
    BlockDecl { kind, labels, label: Shape::Text, doc, attributes, blocks, repeatable: false, open: false }
}

const BOOL: Takes = ("`true` or `false`", Shape::Bool);
const TEXT: Takes = ("a string", Shape::Text);
const ANY: Takes = ("any value", Shape::Any);
const ADDRESS: Takes = ("the address of a block", Shape::Text);

/// `variable`
pub static VARIABLE: BlockDecl = block(
    "variable",
    &["name"],
    "A value that comes from outside: from the environment, the command line, or, in a module, from its caller.",
    &[
        attribute(
            "type",
            ("a type, such as `string` or `list(number)`", Shape::Text),
            Presence::Optional,
            "What values it takes; any, when left out.",
        ),
        attribute("default", ANY, Presence::Optional, "Its value where none is given. Without it, one must be given."),
        attribute("description", TEXT, Presence::Optional, "What it is for."),
        attribute(
            "sensitive",
            BOOL,
            Presence::Default("false"),
            "Whether its value, and what is made from it, is masked wherever a value is shown.",
        ),
        attribute(
            "nullable",
            BOOL,
            Presence::Default("true"),
            "Whether it may be null. Where it may not, null means the default.",
        ),
    ],
    &[ChildDecl { block: &VALIDATION, occurs: Occurs::Many }],
);

/// `validation` in a `variable`
pub static VALIDATION: BlockDecl = block(
    "validation",
    &[],
    "A condition that the variable's value must meet.",
    &[
        attribute("condition", BOOL, Presence::Required, "Must hold; may refer to `var` and `env`."),
        attribute("error_message", TEXT, Presence::Required, "What to tell when it does not hold."),
    ],
    &[],
);

/// `locals`
pub static LOCALS: BlockDecl = BlockDecl {
    open: true,
    ..block("locals", &[], "Names values: `locals { x = 1 }` makes `local.x`. Takes any attributes.", &[], &[])
};

/// `environment`
pub static ENVIRONMENT: BlockDecl = block(
    "environment",
    &["name"],
    "Something to compile for, chosen with `--env`.",
    &[attribute(
        "variables",
        ("an object of values by variable", Shape::Object),
        Presence::Optional,
        "The values of variables there.",
    )],
    &[],
);

/// `module`
pub static MODULE: BlockDecl = BlockDecl {
    repeatable: true,
    open: true,
    ..block(
        "module",
        &["name"],
        "The blocks of another folder, once more, with `NAME-` before their names. Its other attributes are the values of that folder's variables.",
        &[attribute(
            "source",
            ("a path that begins with `./` or `../`", Shape::Pattern("^\\.\\.?/")),
            Presence::Required,
            "The folder, relative to the one that this block stands in; a literal.",
        )],
        &[],
    )
};

/// `output`
pub static OUTPUT: BlockDecl = block(
    "output",
    &["name"],
    "In a module: a value for its caller, who reads it as `module.MODULE.NAME`.",
    &[
        attribute("value", ANY, Presence::Required, "The value."),
        attribute("description", TEXT, Presence::Optional, "What it is."),
        attribute("sensitive", BOOL, Presence::Default("false"), "Whether it is masked wherever a value is shown."),
    ],
    &[],
);

/// `moved`
pub static MOVED: BlockDecl = block(
    "moved",
    &[],
    "Says that a block has a new name, so that a plan tells a rename from a removal.",
    &[
        attribute(
            "from",
            ADDRESS,
            Presence::Required,
            "The old address, as in `service.old` or `service.risk[\"eu\"]`.",
        ),
        attribute("to", ADDRESS, Presence::Required, "The new address."),
    ],
    &[],
);

/// All of them.
pub static LANGUAGE: &[&BlockDecl] = &[&VARIABLE, &LOCALS, &ENVIRONMENT, &MODULE, &OUTPUT, &MOVED];
