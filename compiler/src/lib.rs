//! The compiler: reads a spec and drives the passes.
