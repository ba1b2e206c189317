//! The catalogue of keys (RFC 2156 4.1.1; ledger AK-01 to AK-37).

use crate::bounds;

/// How the value of a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `P`: characters of PrintableString.
    Printable,
    /// `N`: digits and spaces.
    Numeric,
    /// `P/T`: printable, `*` and teletex, or both.
    PrintableOrTeletex,
    /// `UPA`: printable lines between `|`, then `*` and teletex.
    PostalAddress,
    /// `I`: `label(number)`.
    LabelledInteger,
    /// `X`: a presentation address as in RFC 1278.
    PresentationAddress,
}

/// An attribute of an O/R address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// `DD.type`: a domain-defined attribute and its type, as written.
    DomainDefined(String),
    /// `PD-SERVICE`.
    PdsName,
    /// `PD-C`.
    PhysicalDeliveryCountry,
    /// `PD-CODE`.
    PostalCode,
    /// `PD-OFFICE`.
    PhysicalDeliveryOffice,
    /// `PD-OFFICE-NUM`.
    PhysicalDeliveryOfficeNumber,
    /// `PD-EXT-ADDRESS`.
    ExtensionAddressComponents,
    /// `PD-PN`.
    PhysicalDeliveryPersonalName,
    /// `PD-O`.
    PhysicalDeliveryOrganization,
    /// `PD-EXT-DELIVERY`.
    ExtensionDeliveryComponents,
    /// `PD-ADDRESS`.
    UnformattedPostalAddress,
    /// `PD-STREET`.
    StreetAddress,
    /// `PD-BOX`.
    PostOfficeBox,
    /// `PD-RESTANTE`.
    PosteRestante,
    /// `PD-UNIQUE`.
    UniquePostalName,
    /// `PD-LOCAL`.
    LocalPostalAttributes,
    /// `NET-NUM`.
    NetworkNumber,
    /// `NET-SUB`.
    NetworkSubAddress,
    /// `NET-PSAP`.
    PresentationAddress,
    /// `X121`.
    NetworkAddress,
    /// `T-ID`.
    TerminalIdentifier,
    /// `T-TY`.
    TerminalType,
    /// `UA-ID`.
    NumericUserIdentifier,
    /// `G`.
    GivenName,
    /// `I`.
    Initials,
    /// `S`.
    Surname,
    /// `GQ`.
    GenerationQualifier,
    /// `CN`.
    CommonName,
    /// `OU`, repeated.
    OrganizationalUnit,
    /// `O`.
    Organization,
    /// `PRMD`.
    PrivateDomain,
    /// `ADMD`.
    AdministrationDomain,
    /// `C`.
    Country,
}

/// One line of the catalogue.
pub(super) struct Row {
    pub(super) key: Key,
    /// Written in std-or.
    pub(super) label: &'static str,
    /// Written for people (RFC 1685 F.1 to F.3).
    pub(super) display: &'static str,
    /// Read as well, apart from the two above.
    pub(super) alternatives: &'static [&'static str],
    pub(super) encoding: Encoding,
    /// Fewest and most characters of the printable or numeric form.
    pub(super) bound: (usize, usize),
}

macro_rules! rows {
    ($($key:ident $label:literal $display:literal [$($alternative:literal)*] $encoding:ident $low:literal $high:expr;)*) => {
        /// Every key but the domain-defined ones, in canonical order (ledger A-22).
        pub(super) static ROWS: &[Row] = &[$(Row {
            key: Key::$key, label: $label, display: $display, alternatives: &[$($alternative),*],
            encoding: Encoding::$encoding, bound: ($low, $high),
        }),*];

        /// The places of the rows.
        enum Place { $($key),* }

        impl Key {
            /// The place of its row, if it has one.
            const fn place(&self) -> Option<usize> {
                match self {
                    Self::DomainDefined(_) => None,
                    $(Self::$key => Some(Place::$key as usize),)*
                }
            }
        }
    };
}

rows! {
    PdsName "PD-SERVICE" "PD-SN" [] Printable 1 bounds::PDS_NAME;
    PhysicalDeliveryCountry "PD-C" "PD-C" [] Printable 2 3;
    PostalCode "PD-CODE" "PD-PC" [] Printable 1 bounds::POSTAL_CODE;
    PhysicalDeliveryOffice "PD-OFFICE" "PD-OF" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    PhysicalDeliveryOfficeNumber "PD-OFFICE-NUM" "PD-OFN" ["PD-OFFICE NUMBER"] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    ExtensionAddressComponents "PD-EXT-ADDRESS" "PD-EA" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    PhysicalDeliveryPersonalName "PD-PN" "PD-PN" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    PhysicalDeliveryOrganization "PD-O" "PD-O" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    ExtensionDeliveryComponents "PD-EXT-DELIVERY" "PD-ED" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    UnformattedPostalAddress "PD-ADDRESS" "PD-A" [] PostalAddress 1 bounds::PDS_PARAMETER;
    StreetAddress "PD-STREET" "PD-S" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    PostOfficeBox "PD-BOX" "PD-B" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    PosteRestante "PD-RESTANTE" "PD-R" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    UniquePostalName "PD-UNIQUE" "PD-U" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    LocalPostalAttributes "PD-LOCAL" "PD-L" [] PrintableOrTeletex 1 bounds::PDS_PARAMETER;
    NetworkNumber "NET-NUM" "NET-NUM" ["E.164"] Numeric 1 bounds::E163_4_NUMBER;
    NetworkSubAddress "NET-SUB" "NET-SUB" [] Numeric 1 bounds::E163_4_SUB_ADDRESS;
    PresentationAddress "NET-PSAP" "PSAP" [] PresentationAddress 1 usize::MAX;
    NetworkAddress "X121" "X.121" [] Numeric 1 bounds::X121_ADDRESS;
    TerminalIdentifier "T-ID" "T-ID" [] Printable 1 bounds::TERMINAL_IDENTIFIER;
    TerminalType "T-TY" "T-TY" [] LabelledInteger 1 usize::MAX;
    NumericUserIdentifier "UA-ID" "N-ID" [] Numeric 1 bounds::NUMERIC_USER_IDENTIFIER;
    GivenName "G" "G" [] PrintableOrTeletex 1 bounds::GIVEN_NAME;
    Initials "I" "I" [] PrintableOrTeletex 1 bounds::INITIALS;
    Surname "S" "S" [] PrintableOrTeletex 1 bounds::SURNAME;
    GenerationQualifier "GQ" "Q" [] PrintableOrTeletex 1 bounds::GENERATION_QUALIFIER;
    CommonName "CN" "CN" [] PrintableOrTeletex 1 bounds::COMMON_NAME;
    OrganizationalUnit "OU" "OU" [] PrintableOrTeletex 1 bounds::ORGANIZATIONAL_UNIT_NAME;
    Organization "O" "O" [] PrintableOrTeletex 1 bounds::ORGANIZATION_NAME;
    PrivateDomain "PRMD" "P" [] Printable 1 bounds::DOMAIN_NAME;
    AdministrationDomain "ADMD" "A" [] Printable 0 bounds::DOMAIN_NAME;
    Country "C" "C" [] Printable 2 3;
}

impl Key {
    /// The key with that label, whichever of its labels it is, in any case (ledger ). Not for `DD.…`.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let is = |known: &&str| known.eq_ignore_ascii_case(label);
        ROWS.iter()
            .find(|row| is(&row.label) || is(&row.display) || row.alternatives.iter().any(is))
            .map(|row| row.key.clone())
    }

    /// The label of std-or, without the type of a domain-defined attribute.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.row().map_or("DD", |row| row.label)
    }

    /// How values are written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.row().map_or(Encoding::PrintableOrTeletex, |row| row.encoding)
    }

    /// Whether an address has it at most once.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        !matches!(self, Self::DomainDefined(_) | Self::OrganizationalUnit)
    }

    /// Whether addresses of the mnemonic form have it (X.402 18.5.1).
    #[must_use]
    pub const fn is_mnemonic(&self) -> bool {
        matches!(
            self,
            Self::DomainDefined(_)
                | Self::GivenName
                | Self::Initials
                | Self::Surname
                | Self::GenerationQualifier
                | Self::CommonName
                | Self::OrganizationalUnit
                | Self::Organization
                | Self::PrivateDomain
                | Self::AdministrationDomain
                | Self::Country
        )
    }

    /// Whether it is one of the physical delivery attributes, `PD-…`.
    #[must_use]
    pub fn is_physical_delivery(&self) -> bool {
        self.label().starts_with("PD-")
    }

    /// Its place in canonical order.
    pub(super) fn rank(&self) -> usize {
        self.place().map_or(0, |place| place + 1)
    }

    pub(super) fn row(&self) -> Option<&'static Row> {
        self.place().and_then(|place| ROWS.get(place))
    }
}

impl std::fmt::Display for Key {
    /// The label as std-or writes it, with the type of a domain-defined attribute.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DomainDefined(kind) => write!(f, "DD.{kind}"),
            _ => f.write_str(self.label()),
        }
    }
}
