//! The blocks that evaluation reads itself: variables, local values, environments, modules.
//!
//! Their declarations are tables only; `compiler/src/evaluate` reads them, and asks these tables which names there are.

use crate::declare::{AttributeDecl, BlockDecl, ChildDecl, Occurs, Presence};

const fn attribute(name: &'static str, takes: &'static str, presence: Presence, doc: &'static str) -> AttributeDecl {
    AttributeDecl { name, takes, presence, doc }
}

const fn block(
    kind: &'static str,
    labels: &'static [&'static str],
    doc: &'static str,
    attributes: &'static [AttributeDecl],
    blocks: &'static [ChildDecl],
) -> BlockDecl {
    BlockDecl { kind, labels, doc, attributes, blocks, repeatable: false }
}

const BOOL: &str = "true or false";
const TEXT: &str = "a string";
const ANY: &str = "any value";

/// `variable`
pub static VARIABLE: BlockDecl = block(
    "variable",
    &["name"],
    "A value that comes from outside: from the environment, the command line, or, in a module, from its caller.",
    &[
        attribute(
            "type",
            "a type, such as `string` or `list(number)`",
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
pub static LOCALS: BlockDecl =
    block("locals", &[], "Names values: `locals { x = 1 }` makes `local.x`. Takes any attributes.", &[], &[]);

/// `environment`
pub static ENVIRONMENT: BlockDecl = block(
    "environment",
    &["name"],
    "Something to compile for, chosen with `--env`.",
    &[attribute("variables", "an object of values by variable", Presence::Optional, "The values of variables there.")],
    &[],
);

/// `module`
pub static MODULE: BlockDecl = BlockDecl {
    repeatable: true,
    ..block(
        "module",
        &["name"],
        "The blocks of another folder, once more, with `NAME-` before their names. Its other attributes are the values of that folder's variables.",
        &[attribute(
            "source",
            "a path that begins with `./` or `../`",
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
            "the address of a block",
            Presence::Required,
            "The old address, as in `service.old` or `service.risk[\"eu\"]`.",
        ),
        attribute("to", "the address of a block", Presence::Required, "The new address."),
    ],
    &[],
);

/// All of them.
pub static LANGUAGE: &[&BlockDecl] = &[&VARIABLE, &LOCALS, &ENVIRONMENT, &MODULE, &OUTPUT, &MOVED];
