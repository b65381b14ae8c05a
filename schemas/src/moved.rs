//! Renames that a plan understands: the old address of a block, and the new one.

use std::fmt;

use crate::span::{Span, Spanned};

/// `moved { from = …, to = … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The header of the block.
    pub span: Span,
    /// The address that the block had.
    pub from: Spanned<Address>,
    /// The address that it has now.
    pub to: Spanned<Address>,
    /// The name in that address.
    pub name: Span,
}

/// Where a block is declared, as a user writes it: `module.eu.service.risk["blue"]`. Without a block it is that of a
/// module, with everything in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The modules around it, outermost first.
    pub modules: Vec<Step>,
    /// The block's type and its name.
    pub block: Option<(&'static str, Step)>,
}

/// A name, and the key of the instance where there are several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The label.
    pub name: String,
    /// The key of `for_each`.
    pub key: Option<String>,
}

impl Address {
    /// The name under which the block is emitted: all names and keys with `-` between them. For a module, what the
    /// names of all its blocks begin with.
    pub fn name(&self) -> String {
        let steps = self.modules.iter().chain(self.block.iter().map(|(_, step)| step));
        let parts = steps.flat_map(|step| [Some(step.name.as_str()), step.key.as_deref()]);
        parts.flatten().collect::<Vec<_>>().join("-")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.key.as_ref().map_or(Ok(()), |key| write!(f, "[{key:?}]"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut dot = |f: &mut fmt::Formatter<'_>| if std::mem::take(&mut first) { Ok(()) } else { f.write_str(".") };
        for module in &self.modules {
            dot(f)?;
            write!(f, "module.{module}")?;
        }
        if let Some((kind, step)) = &self.block {
            dot(f)?;
            write!(f, "{kind}.{step}")?;
        }
        Ok(())
    }
}
