//! Bounds on what an expression may make: a spec is small, and a mistake in it must not eat the machine.

use std::cell::Cell;

use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::value::{Value, ValueKind};

/// Lists in lists in objects.
pub(super) const MAX_DEPTH: usize = 256;
/// Bytes of one string.
pub(super) const MAX_STRING: usize = 16 << 20;
/// Steps of loops and elements made or copied, in one attribute.
pub(super) const MAX_ELEMENTS: u64 = 1_000_000;
/// The same in the whole spec.
pub(super) const MAX_TOTAL: u64 = 10_000_000;
/// Bytes of text that count as one element.
const BYTES_PER_ELEMENT: u64 = 64;

/// Elements that may be looked at for the price of making one.
pub(super) const LOOKS_PER_ELEMENT: u64 = 8;

/// What has been made so far.
#[derive(Default)]
pub(super) struct Budget {
    here: Cell<u64>,
    total: Cell<u64>,
}

impl Budget {
    /// Another attribute begins.
    pub(super) fn begin(&self) {
        self.here.set(0);
    }

    /// Takes `elements` out of the budget; false when it is spent.
    pub(super) fn spend(&self, elements: u64) -> bool {
        self.here.set(self.here.get().saturating_add(elements));
        self.total.set(self.total.get().saturating_add(elements));
        self.here.get() <= MAX_ELEMENTS && self.total.get() <= MAX_TOTAL
    }

    /// Whether the budget is spent, so that nobody needs to go on.
    pub(super) fn spent(&self) -> bool {
        self.here.get() > MAX_ELEMENTS || self.total.get() > MAX_TOTAL
    }
}

/// How much a value holds and how deep.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) elements: u64,
    pub(super) depth: usize,
}

impl Size {
    fn text(text: &str) -> Self {
        Size { elements: 1 + text.len() as u64 / BYTES_PER_ELEMENT, depth: 0 }
    }

    fn around(parts: impl Iterator<Item = Size>) -> Self {
        let inner = parts.fold(Size::default(), |a, b| Size {
            elements: a.elements.saturating_add(b.elements),
            depth: a.depth.max(b.depth),
        });
        Size { elements: inner.elements.saturating_add(1), depth: inner.depth + 1 }
    }
}

/// The size of a value, deferred expressions included.
pub(super) fn size(value: &Value) -> Size {
    match &value.kind {
        ValueKind::String(text) => Size::text(text),
        ValueKind::List(items) => Size::around(items.iter().map(size)),
        ValueKind::Object(entries) => Size::around(entries.iter().map(|(_, value)| size(value))),
        ValueKind::Deferred(expr) => expr_size(expr),
        _ => Size { elements: 1, depth: 0 },
    }
}

fn expr_size(expr: &Expr) -> Size {
    match &expr.kind {
        ExprKind::Literal(value) => size(value),
        _ => Size::around(expr.parts().into_iter().map(expr_size)),
    }
}
