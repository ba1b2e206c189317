#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::run("stack-initiator-x410-1988", input);
});
