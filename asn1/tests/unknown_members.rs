//! Members that nobody knows are kept up to a limit; beyond it they are refused as soon as they are met.

#![allow(clippy::unwrap_used)]

use rasn_x400::ber::{self, Error, MAXIMUM_UNKNOWN_MEMBERS};
use rasn_x400::x420::heading::Heading;

/// A heading with an identifier and so many NULLs.
fn heading(unknown: usize) -> Vec<u8> {
    let members = [&b"\x6b\x06\x13\x04ipm1"[..], &b"\x05\x00".repeat(unknown)].concat();
    let length = u16::try_from(members.len()).unwrap().to_be_bytes();
    [&[0x31, 0x82], &length[..], &members].concat()
}

#[test]
fn unknown_members_are_kept_up_to_the_limit() {
    for count in [0, 1, MAXIMUM_UNKNOWN_MEMBERS] {
        let heading: Heading = ber::decode(&heading(count), usize::MAX).unwrap();
        assert_eq!(heading.unknown.len(), count);
    }
    for count in [MAXIMUM_UNKNOWN_MEMBERS + 1, 20_000] {
        let error = ber::decode::<Heading>(&heading(count), usize::MAX).unwrap_err();
        let Error::Malformed { problem, .. } = &error else { panic!("{error}") };
        assert!(problem.contains("too many unknown members"), "{error}");
    }
}

/// What follows the limit is not even read: here it is no BER.
#[test]
fn reading_stops_at_the_limit() {
    let mut octets = heading(MAXIMUM_UNKNOWN_MEMBERS + 2);
    octets.splice(octets.len() - 2.., [0x05, 0x7f]).for_each(drop);
    let error = ber::decode::<Heading>(&octets, usize::MAX).unwrap_err();
    assert!(error.to_string().contains("too many unknown members"), "{error}");
}
