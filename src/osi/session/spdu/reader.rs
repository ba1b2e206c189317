//! Octets to SPDUs.

use bytes::Bytes;

use super::{
    ABORT_BY_USER, ABORT_PROTOCOL_ERROR, Abort, AbortOrigin, Accept, Connect, ConnectItem, ENCLOSURE_BEGIN,
    ENCLOSURE_END, Enclosure, Leading, MAXIMUM_ADDITIONAL, MAXIMUM_REFERENCE, MAXIMUM_SELECTOR,
    RELEASE_TRANSPORT, Refuse, Resume, SYNC_NO_CONFIRMATION, Spdu, Tsdu, pi, si,
};
use crate::osi::session::primitive::{
    ActivityId, ConnectionReference, ExceptionReason, RefuseReason, Requirements, SerialNumber,
};

/// Reads the SPDUs of one transport service data unit. Values are slices of it.
///
/// # Errors
///
/// The octets are not a valid concatenation of SPDUs that our functional units know.
pub fn decode(tsdu: &Bytes) -> Result<Tsdu, Fault> {
    let (identifier, field) = unit(tsdu, 0, tsdu.len())?;
    let next = field.end;
    let leading = match identifier {
        si::GT => Some(Leading::GiveTokens { tokens: Fields::read(tsdu, &field)?.tokens.unwrap_or(0) }),
        si::PT => {
            let fields = Fields::read(tsdu, &field)?;
            Some(Leading::PleaseTokens { tokens: fields.tokens.unwrap_or(0), user_data: fields.user_data })
        }
        _ => None,
    };
    if leading.is_none() {
        let spdu = category_1(identifier, Fields::read(tsdu, &field)?)?;
        return if next == tsdu.len() {
            Ok(Tsdu { leading, spdu: Some(spdu) })
        } else {
            Err(Problem::TrailingOctets.at(next))
        };
    }
    if next == tsdu.len() {
        return Ok(Tsdu { leading, spdu: None });
    }
    let (identifier, field) = unit(tsdu, next, tsdu.len())?;
    let end = field.end;
    let fields = Fields::read(tsdu, &field)?;
    let spdu = if identifier == si::DT {
        Spdu::Data { enclosure: fields.enclosure, user_data: tsdu.slice(end..) }
    } else if end == tsdu.len() {
        category_2(identifier, fields)?
    } else {
        return Err(Problem::TrailingOctets.at(end));
    };
    Ok(Tsdu { leading, spdu: Some(spdu) })
}

/// The octets of a parameter field in its TSDU.
struct Field {
    /// Of the identifier.
    start: usize,
    /// Of the first parameter.
    at: usize,
    end: usize,
}

/// One identifier and the field that its length indicator measures out.
fn unit(tsdu: &Bytes, start: usize, limit: usize) -> Result<(u8, Field), Fault> {
    let octets = &tsdu[..limit];
    let truncated = Problem::Truncated.at(start);
    let &[identifier, short] = octets.get(start..start + 2).and_then(<[u8]>::first_chunk).ok_or(truncated)?;
    let (at, length) = if short == u8::MAX {
        let long = octets.get(start + 2..start + 4).and_then(<[u8]>::first_chunk);
        (start + 4, usize::from(u16::from_be_bytes(*long.ok_or(truncated)?)))
    } else {
        (start + 2, usize::from(short))
    };
    let end = at + length;
    if end > limit {
        return Err(truncated);
    }
    Ok((identifier, Field { start, at, end }))
}

fn category_1(identifier: u8, fields: Fields) -> Result<Spdu, Fault> {
    let transport = fields.transport_disconnect;
    let release_transport = transport.is_none_or(|bits| bits & RELEASE_TRANSPORT != 0);
    Ok(match identifier {
        si::CN => Spdu::Connect(Connect {
            reference: fields.reference,
            item: fields.item,
            requirements: fields.requirements,
            calling_selector: fields.calling_selector,
            called_selector: fields.called_selector,
            user_data: fields.user_data,
            more_data: fields.more_data,
        }),
        si::AC => Spdu::Accept(Accept {
            reference: fields.reference,
            item: fields.item,
            requirements: fields.requirements,
            responding_selector: fields.called_selector,
            user_data: fields.user_data,
        }),
        si::RF => {
            let reason = fields.reason.unwrap_or_default();
            Spdu::Refuse(Refuse {
                reference: fields.reference,
                release_transport,
                requirements: fields.requirements,
                versions: fields.item.versions,
                reason: reason
                    .first()
                    .map_or(RefuseReason::RejectedByUser, |&code| RefuseReason::from_code(code)),
                user_data: reason.slice(reason.len().min(1)..),
            })
        }
        si::FN => Spdu::Finish { release_transport, user_data: fields.user_data },
        si::DN => Spdu::Disconnect { user_data: fields.user_data },
        si::AB => {
            let bits = transport.unwrap_or(0);
            let origin = if bits & ABORT_BY_USER != 0 {
                AbortOrigin::User
            } else if bits & ABORT_PROTOCOL_ERROR != 0 {
                AbortOrigin::ProtocolError
            } else {
                AbortOrigin::NoReason
            };
            Spdu::Abort(Abort { release_transport, origin, user_data: fields.user_data })
        }
        si::AA => Spdu::AbortAccept,
        si::GTC => Spdu::GiveTokensConfirm,
        si::GTA => Spdu::GiveTokensAck,
        _ => return Err(Problem::UnknownFirst(identifier).at(fields.start)),
    })
}

fn category_2(identifier: u8, fields: Fields) -> Result<Spdu, Fault> {
    if fields.enclosure.is_some_and(|enclosure| !(enclosure.begin && enclosure.end)) {
        return Err(Problem::Segmented.at(fields.start));
    }
    let start = fields.start;
    let missing = |code| Problem::Missing(code).at(start);
    let serial = fields.serial.ok_or_else(|| missing(pi::SERIAL));
    let id = fields.id.clone().ok_or_else(|| missing(pi::ACTIVITY_IDENTIFIER));
    let reason =
        fields.reason.as_ref().and_then(|octets| octets.first()).copied().map(ExceptionReason::from_code);
    let user_data = fields.user_data.clone();
    Ok(match identifier {
        si::MIP => {
            let explicit = fields.sync_type.is_none_or(|bits| bits & SYNC_NO_CONFIRMATION == 0);
            Spdu::MinorSync { explicit, serial: serial?, user_data }
        }
        si::MIA => Spdu::MinorSyncAck { serial: serial?, user_data },
        si::ER => Spdu::ExceptionReport,
        si::ED => {
            Spdu::ExceptionData { reason: reason.unwrap_or(ExceptionReason::NoSpecificReason), user_data }
        }
        si::AS => Spdu::ActivityStart { id: id?, user_data },
        si::AR => Spdu::ActivityResume(Resume {
            id: id?,
            old_id: fields.old_id.ok_or_else(|| missing(pi::LINKING))?,
            serial: fields.old_serial.ok_or_else(|| missing(pi::LINKING))?,
            old_connection: fields.old_connection,
            user_data,
        }),
        si::AI => Spdu::ActivityInterrupt { reason },
        si::AIA => Spdu::ActivityInterruptAck,
        si::AD => Spdu::ActivityDiscard { reason },
        si::ADA => Spdu::ActivityDiscardAck,
        // With this sync type the code means MAJOR SYNC POINT, whose functional unit we do not have.
        si::AE if fields.sync_type.is_none_or(|bits| bits & 1 == 0) => {
            Spdu::ActivityEnd { serial: serial?, user_data }
        }
        si::AEA => Spdu::ActivityEndAck { serial: serial?, user_data },
        _ => return Err(Problem::UnknownSecond(identifier).at(start)),
    })
}

/// Every parameter that some SPDU of ours can have.
#[derive(Default)]
struct Fields {
    /// Where the SPDU starts.
    start: usize,
    reference: ConnectionReference,
    item: ConnectItem,
    sync_type: Option<u8>,
    tokens: Option<u8>,
    transport_disconnect: Option<u8>,
    requirements: Option<Requirements>,
    enclosure: Option<Enclosure>,
    id: Option<ActivityId>,
    serial: Option<SerialNumber>,
    old_connection: Option<ConnectionReference>,
    old_id: Option<ActivityId>,
    old_serial: Option<SerialNumber>,
    reason: Option<Bytes>,
    calling_selector: Option<Bytes>,
    called_selector: Option<Bytes>,
    user_data: Bytes,
    more_data: bool,
}

const MAXIMUM_SERIAL_DIGITS: usize = 6;

impl Fields {
    fn read(tsdu: &Bytes, field: &Field) -> Result<Self, Fault> {
        let mut fields = Self { start: field.start, ..Self::default() };
        let mut at = field.at;
        while at < field.end {
            let (code, inner) = unit(tsdu, at, field.end)?;
            at = inner.end;
            match code {
                pi::CONNECTION_IDENTIFIER | pi::CONNECT_ITEM | pi::LINKING => {
                    fields.group(code, tsdu, &inner)?
                }
                _ => fields.set(code, &Value::new(code, tsdu, &inner))?,
            }
        }
        Ok(fields)
    }

    /// A parameter group. Groups inside groups do not exist and would be skipped like unknown parameters.
    fn group(&mut self, group: u8, tsdu: &Bytes, field: &Field) -> Result<(), Fault> {
        let mut at = field.at;
        while at < field.end {
            let (code, inner) = unit(tsdu, at, field.end)?;
            at = inner.end;
            let value = Value::new(code, tsdu, &inner);
            match group {
                pi::CONNECTION_IDENTIFIER => set_reference(&mut self.reference, code, &value)?,
                pi::LINKING if code == pi::ACTIVITY_IDENTIFIER => self.old_id = Some(value.activity()?),
                pi::LINKING if code == pi::SERIAL => self.old_serial = Some(value.serial()?),
                pi::LINKING => set_reference(self.old_connection.get_or_insert_default(), code, &value)?,
                _ => self.set_item(code, &value)?,
            }
        }
        Ok(())
    }

    fn set_item(&mut self, code: u8, value: &Value) -> Result<(), Fault> {
        match code {
            pi::TSDU_MAXIMUM => {
                let &[a, b, c, d] = value.array()?;
                self.item.tsdu_maximum = Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])));
            }
            pi::VERSION => self.item.versions = Some(value.octet()?),
            pi::TOKEN_SETTING => self.item.tokens = Some(value.octet()?),
            // Protocol options only offer to receive extended concatenation, which we never send.
            _ => {}
        }
        Ok(())
    }

    fn set(&mut self, code: u8, value: &Value) -> Result<(), Fault> {
        match code {
            pi::SYNC_TYPE => self.sync_type = Some(value.octet()?),
            pi::TOKENS => self.tokens = Some(value.octet()?),
            pi::TRANSPORT_DISCONNECT => self.transport_disconnect = Some(value.octet()?),
            pi::REQUIREMENTS => self.requirements = Some(Requirements(u16::from_be_bytes(*value.array()?))),
            pi::VERSION => self.item.versions = Some(value.octet()?),
            pi::ENCLOSURE => {
                let bits = value.octet()?;
                let (begin, end) = (bits & ENCLOSURE_BEGIN != 0, bits & ENCLOSURE_END != 0);
                self.enclosure = Some(Enclosure { begin, end });
            }
            pi::ACTIVITY_IDENTIFIER => self.id = Some(value.activity()?),
            pi::SERIAL => self.serial = Some(value.serial()?),
            pi::REASON => self.reason = Some(value.octets.clone()),
            // Q4: a selector of length zero is as good as none, and is kept to tell the two apart.
            pi::CALLING_SELECTOR => self.calling_selector = Some(value.at_most(MAXIMUM_SELECTOR)?),
            pi::CALLED_SELECTOR => self.called_selector = Some(value.at_most(MAXIMUM_SELECTOR)?),
            pi::DATA_OVERFLOW => self.more_data = value.octet()? & 1 != 0,
            pi::USER_DATA | pi::EXTENDED_USER_DATA | pi::MINOR_ACK_DATA => {
                self.user_data = value.octets.clone();
            }
            _ => {}
        }
        Ok(())
    }
}

fn set_reference(reference: &mut ConnectionReference, code: u8, value: &Value) -> Result<(), Fault> {
    match code {
        pi::CALLING_REFERENCE => reference.calling = value.at_most(MAXIMUM_REFERENCE)?,
        pi::CALLED_REFERENCE => reference.called = value.at_most(MAXIMUM_REFERENCE)?,
        pi::COMMON_REFERENCE => reference.common = value.at_most(MAXIMUM_REFERENCE)?,
        pi::ADDITIONAL_REFERENCE => reference.additional = value.at_most(MAXIMUM_ADDITIONAL)?,
        _ => {}
    }
    Ok(())
}

/// The value of one parameter, and where it is.
struct Value {
    code: u8,
    offset: usize,
    octets: Bytes,
}

impl Value {
    fn new(code: u8, tsdu: &Bytes, field: &Field) -> Self {
        Self { code, offset: field.at, octets: tsdu.slice(field.at..field.end) }
    }

    fn invalid(&self) -> Fault {
        Problem::Value(self.code).at(self.offset)
    }

    fn array<const N: usize>(&self) -> Result<&[u8; N], Fault> {
        <&[u8; N]>::try_from(&self.octets[..]).map_err(|_| self.invalid())
    }

    fn octet(&self) -> Result<u8, Fault> {
        self.array().map(|&[octet]| octet)
    }

    fn at_most(&self, maximum: usize) -> Result<Bytes, Fault> {
        if self.octets.len() > maximum {
            return Err(Problem::TooLong { code: self.code, maximum }.at(self.offset));
        }
        Ok(self.octets.clone())
    }

    fn activity(&self) -> Result<ActivityId, Fault> {
        ActivityId::new(self.octets.clone()).ok_or_else(|| self.invalid())
    }

    /// Up to six decimal digits (X.225 8.3.1.6.4).
    fn serial(&self) -> Result<SerialNumber, Fault> {
        let digits = self.at_most(MAXIMUM_SERIAL_DIGITS)?;
        let digits =
            std::str::from_utf8(&digits).ok().filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok()).and_then(SerialNumber::new);
        number.ok_or_else(|| self.invalid())
    }
}

/// Octets that are not SPDUs. The offset counts from the start of the TSDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: {problem}")]
pub struct Fault {
    /// Where.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with an SPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An SPDU, a group or a parameter goes on past the end of what it is in.
    #[error("unit is truncated")]
    Truncated,
    /// Octets after the SPDU.
    #[error("unexpected octets after the spdu")]
    TrailingOctets,
    /// No SPDU of ours can start a TSDU with this code.
    #[error("spdu code {0:#04x} may not start a tsdu")]
    UnknownFirst(u8),
    /// No SPDU of ours can follow GT or PT with this code.
    #[error("spdu code {0:#04x} may not follow GT or PT")]
    UnknownSecond(u8),
    /// A parameter has a value that it cannot have.
    #[error("parameter {0} has an invalid value")]
    Value(u8),
    /// A parameter is longer than it may be.
    #[error("parameter {code} is longer than {maximum} octets")]
    TooLong {
        /// Which.
        code: u8,
        /// Octets.
        maximum: usize,
    },
    /// An SPDU lacks a parameter.
    #[error("parameter {0} is missing")]
    Missing(u8),
    /// An SPDU other than DT comes in segments, which only happens where we agreed to it, and we never do.
    #[error("spdu is segmented, expected it whole")]
    Segmented,
}

impl Problem {
    fn at(self, offset: usize) -> Fault {
        Fault { offset, problem: self }
    }
}
