//! `x400gw rules export`: mappings in the format of another gateway.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::super::{Failure, Style, print, read_rules, write_octets};
use crate::rules::export::{self, Exported};

/// What to write, and where.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The format
    #[arg(long, value_enum)]
    to: To,
    /// Mapping file; without one the built-in default applies
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// Folder to write the files into; without one they go to standard output, and the report to standard error
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Only this one of the tables: mapping1, mapping2, gate1, gate2
    #[arg(long)]
    table: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

/// A format, as the command calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// mapping1, mapping2, gate1 and gate2 (RFC 2156 Appendix F)
    Mcgam,
    /// PX records (RFC 2163) for a zone of DNS; pairs that are `local` stay out
    Zone,
}

/// Writes, and reports.
pub(in crate::cli) fn run(options: &Options) -> Result<(), Failure> {
    let rules = read_rules(options.mappings.as_deref())?;
    let mut exported = match options.to {
        To::Mcgam => export::to_mcgam(&rules),
        To::Zone => export::to_zone(&rules),
    };
    if let Some(wanted) = &options.table {
        exported.files.retain(|(name, _)| name == wanted);
        if exported.files.is_empty() {
            return Err(Failure::BadInput(format!("error: there is no table `{wanted}` in this format")));
        }
    }
    match &options.output {
        Some(folder) => {
            write(folder, &exported)?;
            print(&report(&exported, options.format));
        }
        None => {
            let is_one = exported.files.len() == 1;
            let texts = exported
                .files
                .iter()
                .map(|(name, text)| if is_one { text.clone() } else { format!("# {name}\n{text}") });
            print(&texts.collect::<String>());
            if !exported.left_out.is_empty() || options.format == Style::Json {
                eprintln!("{}", report(&exported, options.format).trim_end());
            }
        }
    }
    match exported.left_out.len() {
        0 => Ok(()),
        1 => Err(Failure::Refused("1 rule is left out".to_owned())),
        number => Err(Failure::Refused(format!("{number} rules are left out"))),
    }
}

fn report(exported: &Exported, style: Style) -> String {
    match style {
        Style::Text => exported.to_string(),
        Style::Json => serde_json::to_string_pretty(&exported.to_json()).unwrap_or_default(),
    }
}

fn write(folder: &Path, exported: &Exported) -> Result<(), Failure> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| Failure::Refused(format!("error: {}: {error}", folder.display())))?;
    exported.files.iter().try_for_each(|(name, text)| write_octets(text.as_bytes(), Some(&folder.join(name))))
}
