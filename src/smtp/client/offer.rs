//! What a server offers: the lines of its answer to EHLO or LHLO (RFC 5321 4.1.1.1).

use crate::smtp::reply::Reply;
use crate::smtp::sasl::Mechanism;

/// The extensions a server offers, as far as they mean something to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 3030.
    pub chunking: bool,
    /// RFC 3030.
    pub binary_mime: bool,
    /// RFC 3207.
    pub start_tls: bool,
    /// RFC 1870: offered, and how many octets at most, if the server says.
    pub size: Option<Option<u64>>,
    /// RFC 3461.
    pub dsn: bool,
    /// RFC 2852: offered, and the fewest seconds that may be asked for.
    pub deliver_by: Option<u32>,
    /// RFC 6710.
    pub mt_priority: bool,
    /// RFC 6531.
    pub smtp_utf8: bool,
    /// RFC 4954: how we may say who we are, as far as we know the ways.
    pub authentication: Vec<Mechanism>,
    /// RFC 9422, RCPTMAX: recipients of one transaction.
    pub maximum_recipients: Option<usize>,
}

impl Offer {
    /// What the lines after the first one say. Keywords nobody knows are passed over, as are parameters that cannot be read.
    pub fn of(reply: &Reply) -> Self {
        let mut offer = Self::default();
        for line in reply.lines().iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let Some(keyword) = words.next() else { continue };
            match keyword.to_ascii_uppercase().as_str() {
                "PIPELINING" => offer.pipelining = true,
                "8BITMIME" => offer.eight_bit_mime = true,
                "CHUNKING" => offer.chunking = true,
                "BINARYMIME" => offer.binary_mime = true,
                "STARTTLS" => offer.start_tls = true,
                // RFC 1870 4: 0 is no limit.
                "SIZE" => {
                    let most = words.next().and_then(|word| word.parse().ok());
                    offer.size = Some(most.filter(|most| *most > 0));
                }
                "DSN" => offer.dsn = true,
                "DELIVERBY" => {
                    let least = words.next().and_then(|word| word.split(',').next()?.parse().ok());
                    offer.deliver_by = Some(least.unwrap_or(0));
                }
                "MT-PRIORITY" => offer.mt_priority = true,
                "SMTPUTF8" => offer.smtp_utf8 = true,
                "AUTH" => offer.authentication.extend(words.filter_map(Mechanism::named)),
                "LIMITS" => {
                    let limit = words
                        .find_map(|word| word.to_ascii_uppercase().strip_prefix("RCPTMAX=")?.parse().ok());
                    offer.maximum_recipients = limit.filter(|limit| *limit > 0);
                }
                _ => {}
            }
        }
        offer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::reply::ReplyCode;

    #[test]
    fn an_offer_is_read() {
        let reply = Reply::plain(ReplyCode::COMPLETED_250, "PIPELINING is no name")
            .with_line("size 1000")
            .with_line("8bitmime")
            .with_line("DELIVERBY 240,x")
            .with_line("AUTH DIGEST-MD5 plain SCRAM-SHA-256")
            .with_line("X-UNKNOWN a b")
            .with_line("")
            .with_line("LIMITS MAILMAX=5 RCPTMAX=20");
        let expected = Offer {
            size: Some(Some(1000)),
            eight_bit_mime: true,
            deliver_by: Some(240),
            authentication: vec![Mechanism::Plain, Mechanism::ScramSha256],
            maximum_recipients: Some(20),
            ..Offer::default()
        };
        assert_eq!(Offer::of(&reply), expected);
        let reply = Reply::plain(ReplyCode::COMPLETED_250, "x").with_line("SIZE 0").with_line("DELIVERBY");
        let offer = Offer::of(&reply);
        assert_eq!((offer.size, offer.deliver_by), (Some(None), Some(0)));
    }
}
