# `just` lists these.

# Everything that continuous integration runs.
test:
    tests/run

# The tests that need no foreign program and no engine.
quick:
    tests/run --quick

# Writes the verdicts of tests/ui and the output of the examples anew; read the difference before you commit it.
bless:
    BLESS=1 cargo test --workspace

# Compiles the first example.
example:
    cargo run --release -- compile examples/fraud-risk --env prod --out build/prod

# The program as it is released: one file without libraries beside it, the quickest for small specs and for large ones. On Linux it
# stands at a fixed address, as Go's programs do: moving it to another one at each start takes longer than a small spec. The allocator
# looks for no settings of its own in the environment, and leaves it to the system to take the memory back in the end.
release:
    CFLAGS="-DMI_NO_GETENV=1 -DMI_SKIP_COLLECT_ON_EXIT=1" cargo rustc --release --locked --package windlass --bin windlass --features mimalloc -- -C target-feature=+crt-static {{ if os() == "linux" { "-C relocation-model=static" } else { "" } }}

# How fast the compiler is, beside other programs.
bench:
    tests/bench/run
