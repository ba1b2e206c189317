//! Addresses for a peer of 1984 (RFC 2156 Appendix B, RFC 1328): what its edition does not have is written otherwise.

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{FromOrName, Key, KeyedAddress};
use rasn_x400::x411::edition1984::downgrade_name;
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use super::address::Step;
use super::{AddressContext, AddressError, AddressMapper, MappedMailbox, MappedOr, Side};
use crate::mta::relay::downgrade::relay;

/// A mapper whose O/R addresses are all of 1984.
///
/// A common name becomes the domain-defined attribute `Common`, and that a common name on the way back (V-06). Any other address that 1984 cannot say is treated as
/// an Internet address (V-04), which encapsulates it. Where that is refused, because the address leads into X.400, it
/// travels by way of an MTA of both editions, if the operator named one (V-07).
pub(crate) struct Of1984<'a> {
    mapper: &'a dyn AddressMapper,
    relay: Option<&'a OrName>,
}

impl<'a> Of1984<'a> {
    pub(crate) const fn new(mapper: &'a dyn AddressMapper, relay: Option<&'a OrName>) -> Self {
        Self { mapper, relay }
    }
}

fn step(what: &'static str, value: impl ToString, clause: &'static str) -> Step {
    Step { what, value: value.to_string(), clause, rule: None, fault: None }
}

impl AddressMapper for Of1984<'_> {
    fn to_or(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError> {
        let MappedOr { or_address, mut steps } = self.mapper.to_or(address, context)?;
        let unable = match downgrade_name(or_address.clone()) {
            Ok((name, lost)) => {
                steps.extend(lost.into_iter().map(|lost| step("for 1984", lost.what, "RFC 1328 3.2")));
                return Ok(MappedOr { or_address: name, steps });
            }
            Err(unable) => unable,
        };
        if let Ok(mut encapsulated) = self.encapsulate(address, context) {
            encapsulated.steps.insert(0, step("not of 1984", unable.what, "RFC 2156 Appendix B"));
            return Ok(encapsulated);
        }
        if let Some(relayed) = self.relay.and_then(|by| relay::encapsulate(&or_address, by)) {
            steps.push(step("for 1984", "by way of a relay, as X400-88", "RFC 1328 3.1"));
            return Ok(MappedOr { or_address: relayed, steps });
        }
        Err(AddressError::Unmappable {
            address: address.to_owned(),
            sought: Side::X400,
            reason: format!("the peer is of 1984: {}", unable.what),
            clause: "RFC 2156 Appendix B",
        })
    }

    fn encapsulate(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError> {
        self.mapper.encapsulate(address, context)
    }

    fn to_internet(&self, name: &OrName, context: AddressContext) -> Result<MappedMailbox, AddressError> {
        match with_common_name(name) {
            Some(name) => {
                let mut mapped = self.mapper.to_internet(&name, context)?;
                let common = step("for 1984", "the attribute Common is the common name", "RFC 1328 3.2");
                mapped.steps.insert(0, common);
                Ok(mapped)
            }
            None => self.mapper.to_internet(name, context),
        }
    }

    fn parse_or(&self, text: &str) -> Option<OrName> {
        // V-04: what is not of 1984 is no O/R address.
        downgrade_name(self.mapper.parse_or(text)?).ok().map(|(name, _)| name)
    }

    fn show_or(&self, name: &OrName) -> String {
        self.mapper.show_or(name)
    }

    fn management_domain(&self, domain: &str) -> Option<GlobalDomainIdentifier> {
        self.mapper.management_domain(domain)
    }
}

/// V-06: the address with its attribute `Common` as the common name that it was; `None` if it has none.
fn with_common_name(name: &OrName) -> Option<OrName> {
    let FromOrName { address, unexpressed, .. } = KeyedAddress::from_or_name(name);
    let is_common =
        |key: &Key| matches!(key, Key::DomainDefined(kind) if kind.eq_ignore_ascii_case("Common"));
    let mut found = address.attributes().iter().filter(|attribute| is_common(&attribute.key));
    let common = found.next().map(|attribute| attribute.value.clone())?;
    let has_one = address.attributes().iter().any(|attribute| attribute.key == Key::CommonName);
    if has_one || found.next().is_some() || !unexpressed.is_empty() {
        return None;
    }
    let mut address = address.without(|attribute| is_common(&attribute.key));
    address.insert(Key::CommonName, common);
    let upgraded = address.to_or_name().ok()?;
    Some(OrName { directory_name: name.directory_name.clone(), ..upgraded })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::mixer::address::Mapper;
    use crate::mixer::envelope::names::or_text;
    use crate::rules::Rules;

    const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=mail; C=gb"
route_unmapped = "refuse"
[[equivalence]]
domain = "old.example"
or = "P=XX; A=ZZ; C=us"
"#;

    /// An organization that only 1988 can write.
    const TELETEX: &str = "/S=kim/O=*{252}ber/PRMD=XX/ADMD=ZZ/C=us/@gw.example";

    /// What becomes of an address; `relay` is the O/R address of an MTA of both editions.
    fn mapped(address: &str, context: AddressContext, relay: Option<&str>) -> Result<String, AddressError> {
        let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
        let mapper = Mapper::new(&rules);
        let relay = relay.map(|text| mapper.parse_or(text).unwrap());
        let found = Of1984::new(&mapper, relay.as_ref()).to_or(address, context)?;
        Ok(or_text(&found.or_address))
    }

    #[test]
    fn addresses_of_1988_are_written_otherwise() {
        use AddressContext::{Header, Recipient, ReturnPath};
        let relay = Some("/O=MHS-Relay/PRMD=UK.AC/ADMD= /C=GB/");
        for (address, context, relay, expected) in [
            // Nothing to do.
            ("jo@old.example", Recipient, None, "S=jo"),
            // V-06
            ("/CN=Postmaster/@old.example", Recipient, None, "Common=Postmaster"),
            // V-04
            (TELETEX, Header, None, "RFC-822="),
            (TELETEX, ReturnPath, None, "RFC-822="),
            // V-07
            (TELETEX, Recipient, relay, "X400-88="),
        ] {
            let found = mapped(address, context, relay).unwrap();
            assert!(found.contains(expected), "{address}: {found}");
        }
        mapped(TELETEX, Recipient, None).unwrap_err();
    }

    // ledger: mixer V-06
    #[test]
    fn a_common_name_comes_back() {
        let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
        let mapper = Mapper::new(&rules);
        let of_1984 = Of1984::new(&mapper, None);
        for (address, there) in [
            ("/CN=Postmaster/@old.example", "Common=Postmaster"),
            ("/DD.Common=x/DD.Common=y/S=Smith/@old.example", "Common=y"),
            ("jo@old.example", "S=jo"),
        ] {
            let mapped = of_1984.to_or(address, AddressContext::Recipient).unwrap();
            assert!(or_text(&mapped.or_address).contains(there), "{address}");
            let back = of_1984.to_internet(&mapped.or_address, AddressContext::Recipient).unwrap();
            assert_eq!(back.address, address);
        }
    }
}
