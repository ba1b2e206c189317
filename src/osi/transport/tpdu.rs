//! The TPDUs of class 0 and their octets (X.224 13, T-02).
//!
//! ```text
//! octet   1                 2      3 ...        ...        ...
//!         length indicator  code   fixed part   variable   user data
//! ```
//!
//! The length indicator counts the octets after itself up to the user data.

use bytes::Bytes;

/// One transport protocol data unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tpdu {
    /// CR: the initiator wants a connection.
    ConnectionRequest(Connection),
    /// CC: the responder agrees.
    ConnectionConfirm(Connection),
    /// DR: there is no connection, or no longer.
    DisconnectRequest(DisconnectRequest),
    /// DT: a part of a transport service data unit.
    Data {
        /// Whether this is the last part.
        end: bool,
        /// The part.
        user_data: Bytes,
    },
    /// ER: the peer could not make sense of what we sent.
    Error {
        /// The reference that the receiver of this TPDU uses.
        destination: u16,
        /// Why; see [`RejectCause::code`].
        cause: u8,
    },
}

/// The parameters of CR and CC.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Connection {
    /// The reference of the receiver; 0 in CR.
    pub destination: u16,
    /// The reference of the sender.
    pub source: u16,
    /// The class, 0 to 4. We send 0.
    pub class: u8,
    /// The classes that the initiator takes instead.
    pub alternative_classes: Vec<u8>,
    /// The maximum TPDU size.
    pub size: Option<Size>,
    /// The preferred maximum TPDU size in units of 128 octets, which overrides `size` for a peer that knows it.
    pub preferred_units: Option<u32>,
    /// The transport selector of the initiator.
    pub calling: Option<Bytes>,
    /// The transport selector of the responder.
    pub called: Option<Bytes>,
}

/// The parameters of DR.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DisconnectRequest {
    /// The reference of the receiver; 0 if the sender never had one.
    pub destination: u16,
    /// The reference of the sender; 0 if it never had one.
    pub source: u16,
    /// Why (X.224 13.5.3). Class 0 has 0 to 3, but peers send 128 for a normal end as well.
    pub reason: u8,
    /// A sentence, from peers that do not know that class 0 has no user data here (Q5).
    pub user_data: Bytes,
}

/// A maximum TPDU size that the two-octet parameter can tell: 128 to 8192 octets in powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u8);

impl Size {
    /// 128 octets.
    pub const MINIMUM: Self = Self(0x07);
    /// 2048 octets.
    pub const OCTETS_2048: Self = Self(0x0b);
    /// 8192 octets.
    pub const MAXIMUM: Self = Self(0x0d);

    /// The size for the code 7 to 13.
    pub fn from_code(code: u8) -> Option<Self> {
        (Self::MINIMUM.0..=Self::MAXIMUM.0).contains(&code).then_some(Self(code))
    }

    /// The largest size that is at most so many octets.
    pub fn at_most(octets: usize) -> Self {
        let mut size = Self::MAXIMUM;
        while size > Self::MINIMUM && size.octets() > octets {
            size.0 -= 1;
        }
        size
    }

    /// The size in octets.
    pub fn octets(self) -> usize {
        1 << self.0
    }
}

/// Reason code of a DR that ends a connection which has served.
pub const NORMAL_DISCONNECT: u8 = 0x80;
/// Octets of a DT before its user data.
pub const DATA_HEADER_OCTETS: usize = 3;

const CODE_CR: u8 = 0xe0;
const CODE_CC: u8 = 0xd0;
const CODE_DR: u8 = 0x80;
const CODE_DT: u8 = 0xf0;
const CODE_ER: u8 = 0x70;
const END_OF_TSDU: u8 = 0x80;

const PARAMETER_SIZE: u8 = 0xc0;
const PARAMETER_CALLING: u8 = 0xc1;
const PARAMETER_CALLED: u8 = 0xc2;
const PARAMETER_ALTERNATIVE_CLASSES: u8 = 0xc7;
const PARAMETER_PREFERRED: u8 = 0xf0;
const PARAMETER_INVALID_TPDU: u8 = 0xc1;

/// The longest TSAP identifier that a TPDU can hold with its other parameters.
pub const MAXIMUM_SELECTOR: usize = 100;

/// The header of a DT; the user data follows it.
pub fn data_header(end: bool) -> [u8; DATA_HEADER_OCTETS] {
    [2, CODE_DT, if end { END_OF_TSDU } else { 0 }]
}

impl Connection {
    /// The octets of a CR with these parameters.
    pub fn encode_request(&self) -> Vec<u8> {
        self.encode(CODE_CR)
    }

    /// The octets of a CC with these parameters.
    pub fn encode_confirm(&self) -> Vec<u8> {
        self.encode(CODE_CC)
    }

    fn encode(&self, code: u8) -> Vec<u8> {
        let mut octets = vec![0, code];
        octets.extend(self.destination.to_be_bytes());
        octets.extend(self.source.to_be_bytes());
        octets.push(self.class << 4);
        let preferred = self.preferred_units.map(u32::to_be_bytes);
        let classes: Vec<u8> = self.alternative_classes.iter().map(|class| class << 4).collect();
        put(&mut octets, PARAMETER_SIZE, self.size.map(|size| vec![size.0]).as_deref());
        put(&mut octets, PARAMETER_CALLING, self.calling.as_deref());
        put(&mut octets, PARAMETER_CALLED, self.called.as_deref());
        put(&mut octets, PARAMETER_ALTERNATIVE_CLASSES, (!classes.is_empty()).then_some(&classes[..]));
        put(&mut octets, PARAMETER_PREFERRED, preferred.as_ref().map(shortest));
        finish(octets)
    }
}

impl DisconnectRequest {
    /// The octets of this DR, without user data: class 0 has none.
    pub fn encode(&self) -> Vec<u8> {
        let mut octets = vec![0, CODE_DR];
        octets.extend(self.destination.to_be_bytes());
        octets.extend(self.source.to_be_bytes());
        octets.push(self.reason);
        finish(octets)
    }
}

/// The octets of an ER that returns the start of `rejected`.
pub fn encode_error(destination: u16, cause: RejectCause, rejected: &[u8]) -> Vec<u8> {
    let mut octets = vec![0, CODE_ER];
    octets.extend(destination.to_be_bytes());
    octets.push(cause.code());
    let header = rejected.first().map_or(0, |&indicator| usize::from(indicator) + 1);
    let shown = header.min(rejected.len()).min(MAXIMUM_SELECTOR);
    put(&mut octets, PARAMETER_INVALID_TPDU, Some(&rejected[..shown]));
    finish(octets)
}

/// Appends a parameter, if there is one. Values longer than [`MAXIMUM_SELECTOR`] lose their end.
fn put(octets: &mut Vec<u8>, code: u8, value: Option<&[u8]>) {
    let Some(value) = value else { return };
    let value = &value[..value.len().min(MAXIMUM_SELECTOR)];
    octets.push(code);
    octets.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
    octets.extend(value);
}

/// Fills in the length indicator. Two selectors at their longest leave room below 254.
fn finish(mut octets: Vec<u8>) -> Vec<u8> {
    octets[0] = u8::try_from(octets.len() - 1).unwrap_or(u8::MAX);
    octets
}

/// A number without its leading zero octets, but with one octet at least.
fn shortest(number: &[u8; 4]) -> &[u8] {
    let zeros = number.iter().take(3).take_while(|&&octet| octet == 0).count();
    &number[zeros..]
}

/// Reads one TPDU.
///
/// # Errors
///
/// The octets are not a TPDU that class 0 knows. [`Fault::cause`] says what to answer.
pub fn decode(octets: &Bytes) -> Result<Tpdu, Fault> {
    let indicator = octets.first().map(|&indicator| usize::from(indicator));
    let header = match indicator {
        Some(indicator @ 1..=254) if indicator < octets.len() => &octets[..=indicator],
        _ => return Err(Fault::LengthIndicator { offset: 0, octets: octets.len() }),
    };
    let user_data = octets.slice(header.len()..);
    match header[1] & 0xf0 {
        CODE_DT => {
            let [_, _, mark] = fixed::<3>(header)?;
            Ok(Tpdu::Data { end: mark & END_OF_TSDU != 0, user_data })
        }
        CODE_CR => Ok(Tpdu::ConnectionRequest(connection(octets, header)?)),
        CODE_CC => Ok(Tpdu::ConnectionConfirm(connection(octets, header)?)),
        CODE_DR => {
            let [_, _, d1, d0, s1, s0, reason] = fixed::<7>(header)?;
            let destination = u16::from_be_bytes([d1, d0]);
            let source = u16::from_be_bytes([s1, s0]);
            Ok(Tpdu::DisconnectRequest(DisconnectRequest { destination, source, reason, user_data }))
        }
        CODE_ER => {
            let [_, _, d1, d0, cause] = fixed::<5>(header)?;
            Ok(Tpdu::Error { destination: u16::from_be_bytes([d1, d0]), cause })
        }
        _ => Err(Fault::Code { offset: 1, found: header[1] }),
    }
}

/// The fixed part, length indicator and code included.
fn fixed<const N: usize>(header: &[u8]) -> Result<[u8; N], Fault> {
    header.first_chunk::<N>().copied().ok_or(Fault::FixedPart { offset: header.len(), expected: N })
}

fn connection(octets: &Bytes, header: &[u8]) -> Result<Connection, Fault> {
    let [_, _, d1, d0, s1, s0, class] = fixed::<7>(header)?;
    let mut connection = Connection {
        destination: u16::from_be_bytes([d1, d0]),
        source: u16::from_be_bytes([s1, s0]),
        class: class >> 4,
        ..Connection::default()
    };
    let mut at = 7;
    while at < header.len() {
        let code = header[at];
        let value = header.get(at + 1).map(|&length| at + 2..at + 2 + usize::from(length));
        let Some(value) = value.filter(|value| value.end <= header.len()) else {
            return Err(Fault::Parameter { offset: at, code });
        };
        at = value.end;
        connection.set(code, octets.slice(value.clone()), value.start)?;
    }
    Ok(connection)
}

impl Connection {
    /// Takes over one parameter. Those of other classes are skipped (X.224 13.2.3).
    fn set(&mut self, code: u8, value: Bytes, offset: usize) -> Result<(), Fault> {
        let invalid = Fault::Parameter { offset, code };
        match code {
            PARAMETER_SIZE => match value[..] {
                [code] => self.size = Some(Size::from_code(code).ok_or(invalid)?),
                _ => return Err(invalid),
            },
            PARAMETER_PREFERRED => {
                let mut units = [0; 4];
                if value.is_empty() || value.len() > units.len() {
                    return Err(invalid);
                }
                units[4 - value.len()..].copy_from_slice(&value);
                self.preferred_units = Some(u32::from_be_bytes(units));
            }
            PARAMETER_CALLING => self.calling = Some(value),
            PARAMETER_CALLED => self.called = Some(value),
            PARAMETER_ALTERNATIVE_CLASSES => {
                self.alternative_classes = value.iter().map(|class| class >> 4).collect();
            }
            _ => {}
        }
        Ok(())
    }
}

/// Octets that are not a TPDU of class 0. Offsets count from the length indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The length indicator points past the end, or is one of the reserved values 0 and 255.
    #[error("octet {offset}: length indicator does not fit a tpdu of {octets} octets")]
    LengthIndicator {
        /// Where.
        offset: usize,
        /// Octets in the TPDU.
        octets: usize,
    },
    /// No TPDU of class 0 has this code.
    #[error("octet {offset}: tpdu code {found:#04x} is not CR, CC, DR, DT or ER")]
    Code {
        /// Where.
        offset: usize,
        /// The octet.
        found: u8,
    },
    /// The header ends inside its fixed part.
    #[error("octet {offset}: fixed part ends, expected {expected} octets")]
    FixedPart {
        /// Where it ends.
        offset: usize,
        /// Octets it should have.
        expected: usize,
    },
    /// A parameter does not fit the header, or has a value that it cannot have.
    #[error("octet {offset}: parameter {code:#04x} is truncated or has an invalid value")]
    Parameter {
        /// Where.
        offset: usize,
        /// Which.
        code: u8,
    },
}

impl Fault {
    /// What an ER says about this fault.
    pub fn cause(&self) -> RejectCause {
        match self {
            Self::LengthIndicator { .. } | Self::FixedPart { .. } => RejectCause::NotSpecified,
            Self::Code { .. } => RejectCause::InvalidTpduType,
            Self::Parameter { .. } => RejectCause::InvalidParameterValue,
        }
    }
}

/// Why a TPDU is rejected (X.224 13.12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectCause {
    /// 0.
    NotSpecified,
    /// 1.
    InvalidParameterCode,
    /// 2.
    InvalidTpduType,
    /// 3.
    InvalidParameterValue,
}

impl RejectCause {
    /// The octet on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::NotSpecified => 0,
            Self::InvalidParameterCode => 1,
            Self::InvalidTpduType => 2,
            Self::InvalidParameterValue => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::tests::hex;

    fn request() -> Connection {
        let size = Some(Size::OCTETS_2048);
        Connection { source: 0x619a, size, called: Some(Bytes::from("x400in88")), ..Connection::default() }
    }

    /// The example of T-02, and captured from PP.
    #[test]
    fn known_answers() {
        let both = Connection {
            source: 1,
            size: Some(Size::OCTETS_2048),
            calling: Some(Bytes::from("P1")),
            called: Some(Bytes::from("P1")),
            ..Connection::default()
        };
        let confirm = Connection {
            destination: 0x619a,
            source: 0x619b,
            size: Some(Size::OCTETS_2048),
            ..Connection::default()
        };
        let end =
            DisconnectRequest { destination: 0x619b, source: 0x619a, reason: 0x80, user_data: Bytes::new() };
        let cases = [
            (
                "11 e0 0000 0001 00 c0 01 0b c1 02 5031 c2 02 5031",
                Tpdu::ConnectionRequest(both.clone()),
                both.encode_request(),
            ),
            (
                "13 e0 0000 619a 00 c2 08 7834303069 6e3838 c0 01 0b",
                Tpdu::ConnectionRequest(request()),
                request().encode_request(),
            ),
            (
                "09 d0 619a 619b 00 c0 01 0b",
                Tpdu::ConnectionConfirm(confirm.clone()),
                confirm.encode_confirm(),
            ),
            ("06 80 619b 619a 80", Tpdu::DisconnectRequest(end.clone()), end.encode()),
        ];
        for (octets, tpdu, encoded) in cases {
            let octets = hex(octets);
            assert_eq!(decode(&Bytes::from(octets.clone())), Ok(tpdu.clone()), "{tpdu:?}");
            // The order of parameters is free, so that only the length and the meaning must agree.
            assert_eq!(encoded.len(), octets.len(), "{tpdu:?}");
            assert_eq!(decode(&Bytes::from(encoded)), Ok(tpdu));
        }
    }

    // T-02
    #[test]
    fn data_and_error() {
        let data = decode(&Bytes::from(hex("02 f0 80 0a00"))).unwrap();
        assert_eq!(data, Tpdu::Data { end: true, user_data: Bytes::from(vec![0x0a, 0]) });
        let part = decode(&Bytes::from(hex("02 f0 00 0a00"))).unwrap();
        assert_eq!(part, Tpdu::Data { end: false, user_data: Bytes::from(vec![0x0a, 0]) });
        let error = encode_error(7, RejectCause::InvalidTpduType, &hex("02 10 00 aabb"));
        assert_eq!(error, hex("09 70 0007 02 c1 03 021000"));
        assert_eq!(decode(&Bytes::from(error)), Ok(Tpdu::Error { destination: 7, cause: 2 }));
    }

    // Q5
    #[test]
    fn disconnect_request_with_user_data() {
        let octets = Bytes::from(hex("06 80 1234 0000 80 6e6f00"));
        let expected = DisconnectRequest {
            destination: 0x1234,
            source: 0,
            reason: 0x80,
            user_data: Bytes::from_static(b"no\0"),
        };
        assert_eq!(decode(&octets), Ok(Tpdu::DisconnectRequest(expected)));
    }

    #[test]
    fn preferred_size_in_one_to_four_octets() {
        for (value, units) in [("01", 1), ("01ff", 511), ("000001ff", 511)] {
            let length = value.len() / 2;
            let octets = hex(&format!("{:02x} e0 0000 0001 00 f0 {length:02x} {value}", 8 + length));
            let Ok(Tpdu::ConnectionRequest(request)) = decode(&Bytes::from(octets)) else {
                panic!("{value}")
            };
            assert_eq!(request.preferred_units, Some(units), "{value}");
        }
        let request = Connection { preferred_units: Some(511), ..Connection::default() };
        assert_eq!(request.encode_request(), hex("0a e0 0000 0000 00 f0 02 01ff"));
    }

    #[test]
    fn parameters_of_other_classes_are_skipped() {
        let octets = hex("10 e0 0000 0001 40 c3 02 abcd c7 01 00 c0 01 0d");
        let Ok(Tpdu::ConnectionRequest(request)) = decode(&Bytes::from(octets)) else { panic!() };
        assert_eq!(
            (request.class, &request.alternative_classes[..], request.size),
            (4, &[0][..], Size::from_code(13))
        );
    }

    #[test]
    fn faults_name_the_octet_and_the_cause() {
        let cases = [
            ("", "octet 0: length indicator does not fit a tpdu of 0 octets", 0),
            ("00", "octet 0: length indicator does not fit a tpdu of 1 octets", 0),
            ("ff f0 80", "octet 0: length indicator does not fit a tpdu of 3 octets", 0),
            ("02 10 00", "octet 1: tpdu code 0x10 is not CR, CC, DR, DT or ER", 2),
            ("01 f0", "octet 2: fixed part ends, expected 3 octets", 0),
            ("05 e0 0000 0001", "octet 6: fixed part ends, expected 7 octets", 0),
            (
                "09 e0 0000 0001 00 c0 01 06",
                "octet 9: parameter 0xc0 is truncated or has an invalid value",
                3,
            ),
            ("08 e0 0000 0001 00 c0 01", "octet 7: parameter 0xc0 is truncated or has an invalid value", 3),
            ("07 e0 0000 0001 00 c2", "octet 7: parameter 0xc2 is truncated or has an invalid value", 3),
        ];
        for (octets, message, cause) in cases {
            let fault = decode(&Bytes::from(hex(octets))).expect_err(octets);
            assert_eq!((fault.to_string(), fault.cause().code()), (message.to_owned(), cause), "{octets}");
        }
    }

    #[test]
    fn every_truncation_of_a_header_is_a_fault() {
        let octets = request().encode_request();
        for length in 0..octets.len() {
            decode(&Bytes::copy_from_slice(&octets[..length])).expect_err("truncated");
        }
    }

    #[test]
    fn sizes() {
        let cases =
            [(0, 128), (128, 128), (129, 128), (2047, 1024), (2048, 2048), (8192, 8192), (65_531, 8192)];
        for (octets, expected) in cases {
            assert_eq!(Size::at_most(octets).octets(), expected, "{octets}");
        }
        assert_eq!((Size::from_code(6), Size::from_code(14)), (None, None));
    }
}
