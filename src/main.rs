//! The `x400gw` command.

fn main() {}
