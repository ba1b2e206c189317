//! smtp
pub mod command;
pub mod data;
pub mod dialogue;
pub mod listener;
pub mod reply;
