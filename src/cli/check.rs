//! `x400gw check`: is a configuration, or a mapping file, fit to be used?

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, Style};
use crate::config::Config;
use crate::diagnostic::{Code, Report};
use crate::lookup;
use crate::rules::{Rules, catalogue};
use crate::serve;

mod overview;

/// What to check, and what to say about it.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Configuration file; routes and peers are shown for it
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Mapping file to check by itself
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
    /// Say which rules the examples use, and note those that none uses
    #[arg(long)]
    coverage: bool,
    /// Print what a code of a diagnostic means, with an example, and do nothing else
    #[arg(long, value_name = "CODE", exclusive = true)]
    explain_code: Option<String>,
}

/// Checks what is named, and says what was found there.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(code) = &options.explain_code {
        return explain(code);
    }
    let Options { config, mappings, .. } = options;
    let style = if options.json { Style::Json } else { options.format };
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
    let in_config = configured.as_ref().and_then(|config| config.gateway.mappings.as_deref());
    let named = mappings.as_deref().or(in_config);
    let loaded = match &configured {
        Some(config) => serve::load_rules_for(named, &config.peer_names()),
        None => serve::load_rules(named),
    };
    let loaded = loaded.map_err(found)?;
    if let Some((name, reason)) = lookup::unusable(&loaded.rules).first() {
        let why = format!("error: the source `{name}` of mappings cannot be used: {reason}");
        return Err(Failure::BadInput(why));
    }
    let peers = configured.as_ref().map(Config::peer_names);
    let mut warnings = Report { sources: loaded.sources, diagnostics: loaded.warnings };
    warnings.diagnostics.extend(loaded.rules.analyse(peers.as_deref()));
    if options.coverage {
        warnings.diagnostics.extend(loaded.rules.without_examples());
    }
    if style == Style::Json {
        let mut found = warnings.to_json();
        if options.coverage {
            found = serde_json::json!({ "diagnostics": found, "coverage": coverage_json(&loaded.rules) });
        }
        super::print(&format!("{found:#}"));
        return Ok(());
    }
    if !warnings.diagnostics.is_empty() {
        super::print(&warnings.render());
    }
    if options.coverage {
        super::print(&coverage(&loaded.rules));
    }
    let checked: Vec<String> =
        [config.as_deref(), named].into_iter().flatten().map(|path| path.display().to_string()).collect();
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

fn explain(code: &str) -> Result<(), Failure> {
    match Code::named(code) {
        Some(code) => super::print(&catalogue::explain(code)),
        None => {
            let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
            let why = format!("error: there is no code `{code}`\nhelp: there are {}", all.join(", "));
            return Err(Failure::BadInput(why));
        }
    }
    Ok(())
}

/// Each rule with the number of examples that use it in each direction.
fn coverage(rules: &Rules) -> String {
    let rules_with_examples = rules.registry().iter();
    let lines = rules_with_examples.map(|rule| {
        let examples = match (rule.examples_to_x400, rule.examples_to_internet) {
            (0, 0) => "no example".to_owned(),
            (x400, internet) => format!("examples: {x400} towards X.400, {internet} towards the Internet"),
        };
        format!("  {rule}: {examples}\n")
    });
    format!("rules and their examples:\n{}{}\n", lines.collect::<String>(), rules.coverage())
}

fn coverage_json(rules: &Rules) -> serde_json::Value {
    let coverage = rules.coverage();
    let list = rules.registry().iter().map(|rule| {
        serde_json::json!({
            "kind": rule.kind.as_str(),
            "name": rule.name.as_deref(),
            "source": &*rule.source,
            "line": rule.line,
            "to-x400": rule.examples_to_x400,
            "to-internet": rule.examples_to_internet,
        })
    });
    serde_json::json!({
        "rules": coverage.rules,
        "without": coverage.without.len(),
        "list": list.collect::<Vec<_>>(),
    })
}

/// The configuration in a file, or what is wrong with it.
pub(super) fn parsed(path: &Path) -> Result<Result<Config, Report>, Failure> {
    let octets = super::read_input(path)?;
    let text = String::from_utf8(octets)
        .map_err(|error| Failure::BadInput(format!("error: {}: not UTF-8: {error}", path.display())))?;
    Ok(Config::parse(&path.display().to_string(), &text))
}
