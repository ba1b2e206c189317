//! XCLIENT: whom a trusted host speaks for, as Postfix has it (XCLIENT_README).

use std::net::IpAddr;

use super::cursor::Cursor;
use super::error::{CommandError, Part};
use super::parameters::from_xtext;

/// What was said of a client; `None` where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientAttributes {
    /// `ADDR`: where it connected from, or that this is not known.
    pub address: Option<Option<IpAddr>>,
    /// `PORT`
    pub port: Option<u16>,
    /// `LOGIN`: who it is, or that it has not proved that.
    pub login: Option<Option<String>>,
}

/// The attributes that are understood, as EHLO offers them. What a client calls itself it says in EHLO, to which the host
/// passes it on; names of hosts and the address that was connected to are of no use here.
pub const ATTRIBUTES: &str = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

/// What is written for something that is not known.
const NOT_KNOWN: [&str; 2] = ["[UNAVAILABLE]", "[TEMPUNAVAIL]"];

/// Reads the attributes up to the end of the line; at least one.
pub(super) fn attributes(cursor: &mut Cursor<'_>) -> Result<ClientAttributes, CommandError> {
    let mut attributes = ClientAttributes::default();
    loop {
        cursor.expect_space(Part::Argument)?;
        let keyword = cursor.take_while(|octet| octet.is_ascii_alphabetic()).to_ascii_uppercase();
        if !ATTRIBUTES.split(' ').any(|known| known == keyword) {
            return Err(cursor.expected(Part::Parameter, "an attribute that is offered"));
        }
        cursor.expect(b'=', Part::Parameter, "`=`")?;
        let column = cursor.column();
        let written = cursor.take_while(|octet| octet != b' ');
        let wrong = |keyword, expected| CommandError::ParameterValue { keyword, expected, column };
        let value = from_xtext(written).map_err(|expected| wrong("XCLIENT", expected))?;
        let known = Some(value.as_str()).filter(|value| {
            !value.is_empty() && !NOT_KNOWN.iter().any(|word| value.eq_ignore_ascii_case(word))
        });
        match (keyword.as_str(), known) {
            ("ADDR", value) => {
                let read = value.map(|value| address(value).ok_or_else(|| wrong("ADDR", "an address")));
                attributes.address = Some(read.transpose()?);
            }
            ("PORT", Some(value)) => {
                attributes.port = Some(value.parse().map_err(|_| wrong("PORT", "a port"))?);
            }
            ("LOGIN", value) => attributes.login = Some(value.map(str::to_owned)),
            _ => {}
        }
        if cursor.is_at_end() {
            return Ok(attributes);
        }
    }
}

/// `192.0.2.1` or `IPV6:2001:db8::1`.
fn address(text: &str) -> Option<IpAddr> {
    match text.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("IPV6:") => text[5..].parse().ok().map(IpAddr::V6),
        _ => text.parse().ok().map(IpAddr::V4),
    }
}
