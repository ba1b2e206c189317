//! X.420: interpersonal messages.
//!
//! * [`heading`] – the heading of a message, with [`heading::HeadingExtension`]s by object identifier;
//!   [`distribution`] and [`ipm_security`] have more of these;
//! * [`body`] – body parts, basic and extended, as they are carried;
//! * [`typed_body`] – the same part as its type says, whichever way it came; [`part_parameters`] – that without its data; [`basic_body`], [`extended_body`] and
//!   [`forwarded`] have the types;
//! * [`file_transfer`] – the file transfer body part; [`file_attributes`] – what FTAM knows of the file;
//! * [`notification`] – receipt and non-receipt notifications;
//! * [`edition1984`] – what of these a user of 1984 understands.

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::x411::envelope::ContentType;

pub mod basic_body;
pub mod body;
pub mod distribution;
pub mod edition1984;
pub mod extended_body;
pub mod file_attributes;
pub mod file_transfer;
pub mod forwarded;
pub mod heading;
pub mod ipm_security;
pub mod notification;
pub mod part_parameters;
pub mod typed_body;

use body::BodyPart;
use heading::Heading;
use notification::Ipn;

crate::asn_choice! {
    /// The content of content types P2 and P22.
    pub enum InformationObject {
        /// A message.
        Ipm(Ipm) = imp(0),
        /// A notification.
        Ipn(Ipn) = imp(1),
    }
}

/// An interpersonal message.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Ipm {
    /// Who, to whom, about what.
    pub heading: Heading,
    /// The parts, in order; there may be none.
    pub body: Vec<BodyPart>,
}

impl Ipm {
    /// The lowest content type that can carry this message: P2 unless a feature of 1988 is used (RFC 2156 5.1.3). Messages
    /// inside are looked at down to a depth that people use; a deeper one counts as a feature of 1988.
    #[must_use]
    pub fn content_type(&self) -> ContentType {
        if self.is_modern(LOOKED_AT) { ContentType::P22 } else { ContentType::P2 }
    }

    fn is_modern(&self, depth: usize) -> bool {
        !self.heading.extensions.is_empty()
            || self.body.iter().any(|part| match part {
                BodyPart::ExternallyDefined(_) | BodyPart::Unknown(_) => true,
                BodyPart::Message(forwarded) => {
                    depth == 0 || forwarded.message.get().map_or(true, |message| message.is_modern(depth - 1))
                }
                _ => false,
            })
    }
}

/// Levels of forwarded messages that [`Ipm::content_type`] looks into.
const LOOKED_AT: usize = 8;
