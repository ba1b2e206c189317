//! Rule files as operators write them, judged whole: each of `tests/rules/wrong` has one defect, which is found under its code and at its
//! line and nowhere else; those of `tests/rules/right`, and those that ship, have none. And the schema for editors.
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "a failing test stops here")]

#[path = "analysis/codes.rs"]
mod codes;
#[path = "analysis/command.rs"]
mod command;
#[path = "analysis/schema.rs"]
mod schema;
#[path = "analysis/sets.rs"]
mod sets;
