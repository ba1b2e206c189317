//! The PROXY protocol of HAProxy, versions 1 and 2: whom the host that connects speaks for, said before anything else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How version 1 begins, in text.
const VERSION_1: &[u8] = b"PROXY ";
/// Octets of a line of version 1, with CR LF.
const LONGEST_LINE: usize = 107;
/// How version 2 begins, in binary.
const VERSION_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Octets of version 2 before the addresses: the beginning, version and command, family, length.
const FIXED: usize = 16;
/// Octets of addresses and additions that are borne.
const LONGEST_REST: usize = 4096;

/// How far a reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// So many octets more belong to the header, at least.
    More(usize),
    /// This is all, and it says where the client connected from; `None` where the host speaks for itself.
    Whole(Option<SocketAddr>),
}

/// What is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no header of the PROXY protocol: {0}")]
pub struct NotAHeader(&'static str);

/// Reads what has come of a header. Give it no octet more than it asks for: what follows is not its own.
///
/// # Errors
/// It is none.
pub fn read(octets: &[u8]) -> Result<Read, NotAHeader> {
    let begins = |whole: &[u8]| whole.iter().zip(octets).all(|(expected, found)| expected == found);
    if begins(VERSION_1) {
        return version_1(octets);
    }
    if !begins(VERSION_2) {
        return Err(NotAHeader("it begins otherwise"));
    }
    let Some((fixed, rest)) = octets.split_first_chunk::<FIXED>() else {
        return Ok(Read::More(if octets.is_empty() { 1 } else { FIXED - octets.len() }));
    };
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    match rest.len() {
        _ if length > LONGEST_REST => Err(NotAHeader("it is too long")),
        came if came < length => Ok(Read::More(length - came)),
        _ => version_2(fixed[12], fixed[13], rest),
    }
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 40000 25`, or `PROXY UNKNOWN` and anything.
fn version_1(octets: &[u8]) -> Result<Read, NotAHeader> {
    let Some(line) = octets.strip_suffix(b"\r\n") else {
        return match octets.len() {
            LONGEST_LINE.. => Err(NotAHeader("its line does not end")),
            _ => Ok(Read::More(1)),
        };
    };
    let wrong = NotAHeader("its line is not as it should be");
    let text = std::str::from_utf8(line).map_err(|_| wrong)?;
    let words: Vec<&str> = text.split(' ').collect();
    let (family, source, port) = match words[..] {
        ["PROXY", "UNKNOWN", ..] => return Ok(Read::Whole(None)),
        ["PROXY", family @ ("TCP4" | "TCP6"), source, _, port, _] => (family, source, port),
        _ => return Err(wrong),
    };
    let source: IpAddr = source.parse().map_err(|_| wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong)?;
    match source.is_ipv4() == (family == "TCP4") {
        true => Ok(Read::Whole(Some((source, port).into()))),
        false => Err(wrong),
    }
}

fn version_2(version_and_command: u8, family: u8, rest: &[u8]) -> Result<Read, NotAHeader> {
    match version_and_command {
        // LOCAL
        0x20 => return Ok(Read::Whole(None)),
        // PROXY
        0x21 => {}
        _ => return Err(NotAHeader("neither LOCAL nor PROXY of version 2")),
    }
    let short = NotAHeader("its addresses are too short");
    let port =
        |octets: &[u8], at: usize| octets.get(at..at + 2).map(|port| u16::from_be_bytes([port[0], port[1]]));
    let source: SocketAddr = match family {
        // TCP over IPv4: two addresses, two ports.
        0x11 => {
            let address: [u8; 4] = *rest.first_chunk().ok_or(short)?;
            (Ipv4Addr::from(address), port(rest, 8).ok_or(short)?).into()
        }
        // TCP over IPv6.
        0x21 => {
            let address: [u8; 16] = *rest.first_chunk().ok_or(short)?;
            (Ipv6Addr::from(address), port(rest, 32).ok_or(short)?).into()
        }
        // What has no such address is the host's own.
        _ => return Ok(Read::Whole(None)),
    };
    Ok(Read::Whole(Some(source)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What comes of a header, and how many of the octets were read.
    fn whole(octets: &[u8]) -> Result<(Option<String>, usize), NotAHeader> {
        let mut came = 0;
        loop {
            match read(&octets[..came])? {
                Read::More(more) if came + more > octets.len() => return Err(NotAHeader("short")),
                Read::More(more) => came += more,
                Read::Whole(source) => return Ok((source.map(|source| source.to_string()), came)),
            }
        }
    }

    fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [VERSION_2, &[command, family], &length, rest].concat()
    }

    #[test]
    fn headers_of_both_versions() {
        let four = [192, 0, 2, 1, 192, 0, 2, 2, 0x9C, 0x40, 0, 25];
        let mut six = [0; 36];
        six[..4].copy_from_slice(&[0x20, 1, 0x0D, 0xB8]);
        six[32..34].copy_from_slice(&[0x9C, 0x40]);
        let additions = [&four[..], &[1, 0, 2, b'h', b'2']].concat();
        for (header, source) in [
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n".to_vec(), Some("192.0.2.1:40000")),
            (b"PROXY TCP6 2001:db8::1 2001:db8::2 40000 25\r\n".to_vec(), Some("[2001:db8::1]:40000")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff:: ffff:: 1 2\r\n".to_vec(), None),
            (version_2(0x21, 0x11, &four), Some("192.0.2.1:40000")),
            (version_2(0x21, 0x21, &six), Some("[2001:db8::]:40000")),
            (version_2(0x21, 0x11, &additions), Some("192.0.2.1:40000")),
            (version_2(0x20, 0, b""), None),
            (version_2(0x21, 0x31, &[0; 216]), None),
        ] {
            let with_more = [&header[..], b"EHLO a.example\r\n"].concat();
            let shown = header.escape_ascii().to_string();
            assert_eq!(whole(&with_more), Ok((source.map(str::to_owned), header.len())), "{shown}");
            for length in 0..header.len() {
                assert_eq!(whole(&header[..length]), Err(NotAHeader("short")), "{length} of {shown}");
            }
        }
    }

    #[test]
    fn what_is_no_header() {
        let endless = [&b"PROXY TCP4 "[..], &[b'1'; 120]].concat();
        for wrong in [
            b"EHLO a.example\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 192.0.2.2 40000\r\n".to_vec(),
            b"PROXY TCP4 2001:db8::1 192.0.2.2 40000 25\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 192.0.2.2 70000 25\r\n".to_vec(),
            b"PROXY UDP4 192.0.2.1 192.0.2.2 40000 25\r\n".to_vec(),
            endless,
            version_2(0x11, 0x11, &[0; 12]),
            version_2(0x21, 0x11, &[0; 9]),
            version_2(0x21, 0x21, &[0; 12]),
            version_2(0x21, 0x11, &[0; 5000]),
        ] {
            let found = whole(&wrong);
            assert!(
                found.as_ref().is_err_and(|error| error.0 != "short"),
                "{found:?} {}",
                wrong.escape_ascii()
            );
        }
    }
}
