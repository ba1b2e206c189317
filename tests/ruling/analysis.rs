//! Rule files as operators write them, judged whole: each of `tests/rules/wrong` has one defect, which is found under its code and at its
//! line and nowhere else; those of `tests/rules/right`, and those that ship, have none. And the schema for editors.

mod codes;
mod command;
mod schema;
mod sets;
