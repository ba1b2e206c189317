//! The target that `X400_FUZZ` names: all of them in one program, which is built once.
#![no_main]

use std::sync::LazyLock;

static NAME: LazyLock<String> =
    LazyLock::new(|| std::env::var("X400_FUZZ").expect("X400_FUZZ is the name of a target"));

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::run(&NAME, input);
});
