//! Two organisations with X.400 between their gateways: each maps its own domain and that of the other, `NAME.example`.

use crate::program::Folder;

/// The gateway of one of them.
pub(crate) struct Side<'a> {
    /// What we are called, and the other.
    pub(crate) names: [&'a str; 2],
    /// Our port for P1, and that of the other.
    pub(crate) x400: [u16; 2],
    /// The lines of `[smtp]`.
    pub(crate) smtp: &'a str,
    /// The lines of `[internet]`.
    pub(crate) internet: &'a str,
    /// What else is said of the other, as a peer.
    pub(crate) peer: &'a str,
    /// Other tables.
    pub(crate) tables: &'a str,
}

impl Side<'_> {
    /// A folder with its configuration and rules.
    pub(crate) fn write(&self) -> Folder {
        let Self { names: [us, them], x400: [x400, at_peer], smtp, internet, peer, tables } = self;
        let folder = Folder::new();
        let mappings = format!(
            "[gateway]\ndomain = \"gateway.{us}.example\"\nor = \"/O=gateway/PRMD={us}/ADMD=x/C=XX/\"\n\
             [[equivalence]]\ndomain = \"{us}.example\"\nor = \"/PRMD={us}/ADMD=x/C=XX/\"\n\
             [[equivalence]]\ndomain = \"{them}.example\"\nor = \"/PRMD={them}/ADMD=x/C=XX/\"\n"
        );
        std::fs::write(folder.path("mappings.toml"), mappings).unwrap();
        let config = format!(
            "[gateway]\nhost-name = \"gateway.{us}.example\"\nmta-name = \"{us}\"\n\
             domain = \"/PRMD={us}/ADMD=x/C=XX/\"\ndata = {:?}\nmappings = {:?}\n\
             [smtp]\n{smtp}\n[internet]\n{internet}\n[x400]\nlisten = \"127.0.0.1:{x400}\"\n{tables}\n\
             [[peer]]\nname = \"{them}\"\naddress = \"127.0.0.1:{at_peer}\"\ntheir-name = \"{them}\"\n{peer}\n",
            folder.path("data"),
            folder.path("mappings.toml"),
        );
        std::fs::write(folder.path("x400gw.toml"), config).unwrap();
        folder
    }
}
