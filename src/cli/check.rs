//! `x400gw check`: is a configuration, or a mapping file, fit to be used?

use std::path::Path;

use super::{Failure, Style};
use crate::config::Config;
use crate::diagnostic::Report;
use crate::lookup;
use crate::serve;

mod overview;

/// Checks what is named, and says what was found there.
pub(super) fn run(config: Option<&Path>, mappings: Option<&Path>, style: Style) -> Result<(), Failure> {
    let found = |report: Report| match style {
        Style::Text => Failure::BadInput(report.render()),
        Style::Json => {
            super::print(&format!("{:#}", report.to_json()));
            Failure::BadInput(String::new())
        }
    };
    let configured = match config {
        Some(path) => Some(parsed(path)?.map_err(found)?),
        None => None,
    };
    if let Some(config) = &configured {
        serve::check_certificates(config).map_err(|error| Failure::BadInput(format!("error: {error}")))?;
    }
    let named =
        mappings.or_else(|| configured.as_ref().and_then(|config| config.gateway.mappings.as_deref()));
    let loaded = match &configured {
        Some(config) => serve::load_rules_for(named, &config.peer_names()),
        None => serve::load_rules(named),
    };
    let loaded = loaded.map_err(found)?;
    if let Some((name, reason)) = lookup::unusable(&loaded.rules).first() {
        let why = format!("error: the source `{name}` of mappings cannot be used: {reason}");
        return Err(Failure::BadInput(why));
    }
    let warnings = Report { sources: loaded.sources, diagnostics: loaded.warnings };
    if style == Style::Json {
        super::print(&format!("{:#}", warnings.to_json()));
        return Ok(());
    }
    if !warnings.diagnostics.is_empty() {
        super::print(&warnings.render());
    }
    let checked: Vec<String> =
        [config, named].into_iter().flatten().map(|path| path.display().to_string()).collect();
    let checked = if checked.is_empty() { "the built-in default".into() } else { checked.join(" and ") };
    super::print(&format!("{checked}: no errors\nrules {}", loaded.rules.version()));
    if let Some(config) = &configured
        && let Some(domain) = config.gateway.management_domain()
    {
        let table = loaded.rules.routing_table(&config.routing_rules(), &domain);
        super::print(overview::overview(config, &table).trim_end());
    }
    Ok(())
}

/// The configuration in a file, or what is wrong with it.
pub(super) fn parsed(path: &Path) -> Result<Result<Config, Report>, Failure> {
    let octets = super::read_input(path)?;
    let text = String::from_utf8(octets)
        .map_err(|error| Failure::BadInput(format!("error: {}: not UTF-8: {error}", path.display())))?;
    Ok(Config::parse(&path.display().to_string(), &text))
}
