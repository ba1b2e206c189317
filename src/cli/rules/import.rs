//! `x400gw rules import`: the mappings of another gateway as a rule file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::super::{Failure, Style, print, read_input};
use crate::diagnostic::{Report as Diagnostics, Severity};
use crate::rules::Rules;
use crate::rules::import::{Format, Hints, Imported, Input, Layout, Written, import};

/// What to read, and where to write.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// What the files are written in
    #[arg(long, value_enum)]
    from: From,
    /// The files; `-` is standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Rule file to write; without one it goes to standard output, and the report to standard error
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    /// Which table the files are, where their names do not tell: mapping1, mapping2, gate1, gate2; or2rfc, rfc2or,
    /// rfc1148gate, or, domain, channel, alias, user
    #[arg(long)]
    table: Option<String>,
    /// Internet domain: the origin of a zone; the domain of addresses of aviation; that of the names in PP's table alias
    #[arg(long)]
    domain: Option<String>,
    /// Rules of one kind that the file may hold; more go into a table beside it
    #[arg(long, default_value_t = 200)]
    rows: usize,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

/// A format, as the command calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// mapping1, mapping2, gate1 and gate2 (RFC 2156 Appendix F)
    Mcgam,
    /// Tables of PP: or2rfc, rfc2or, rfc1148gate, or, domain, channel, alias, user
    Pp,
    /// Entries of a directory (RFC 2164) in LDIF
    Ldif,
    /// PX records (RFC 2163) in a master file of DNS
    Zone,
    /// Mcgam.in.txt and Local.in.txt of Exchange 5.5; recipients with their addresses, as CSV or LDIF
    Exchange,
    /// Address tables of aviation as CSV: management domains, CAAS, users; with `--domain`
    Amhs,
}

/// Reads, writes, and reports.
pub(in crate::cli) fn run(options: &Options) -> Result<(), Failure> {
    let format = match options.from {
        From::Mcgam => Format::Mcgam,
        From::Pp => Format::Pp,
        From::Ldif => Format::Ldif,
        From::Zone => Format::Zone,
        From::Exchange => Format::Exchange,
        From::Amhs => Format::Amhs,
    };
    let inputs: Vec<Input> = options.files.iter().map(|file| input(file)).collect::<Result<_, _>>()?;
    let hints = Hints { table: options.table.clone(), domain: options.domain.clone() };
    let imported =
        import(format, &inputs, &hints).map_err(|error| Failure::BadInput(format!("error: {error}")))?;
    let stem = options
        .output
        .as_deref()
        .and_then(Path::file_stem)
        .map_or_else(|| "imported".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let longest = options.output.as_ref().map(|_| options.rows);
    let written = imported.write(&Layout { stem, longest });
    prove(&written)?;
    let report = report(&imported, options.format);
    match &options.output {
        Some(path) => {
            write(path, &written, options.force)?;
            print(&report);
        }
        None => {
            print(&written.rules);
            eprintln!("{}", report.trim_end());
        }
    }
    match imported.report().left_out.len() {
        0 => Ok(()),
        1 => Err(Failure::Refused("1 line is left out".to_owned())),
        number => Err(Failure::Refused(format!("{number} lines are left out"))),
    }
}

fn input(path: &Path) -> Result<Input, Failure> {
    Ok(Input { name: path.display().to_string(), text: text_of(read_input(path)?) })
}

/// UTF-8, or what a mark at the beginning says; else the character set of Western Windows, in which every octet is
/// something.
fn text_of(octets: Vec<u8>) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(&octets) {
        return encoding.decode(&octets).0.into_owned();
    }
    match String::from_utf8(octets) {
        Ok(text) => text,
        Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
    }
}

fn report(imported: &Imported, style: Style) -> String {
    match style {
        Style::Text => imported.report().to_string(),
        Style::Json => serde_json::to_string_pretty(imported.report()).unwrap_or_default(),
    }
}

/// What is written must be fit to be used: the gateway's own reader is the judge.
fn prove(written: &Written) -> Result<(), Failure> {
    const NAME: &str = "imported.toml";
    let read = |wanted: &str| {
        let table = written.tables.iter().find(|(name, _)| name == wanted).map(|(_, text)| text);
        let text = if wanted == NAME { Some(&written.rules) } else { table };
        text.cloned().ok_or_else(|| "there is no such text".to_owned())
    };
    match Rules::load(NAME, &read) {
        Ok(_) => Ok(()),
        Err(rejected) => {
            let is_error = |one: &crate::diagnostic::Diagnostic| one.code.severity() == Severity::Error;
            let diagnostics = rejected.diagnostics.into_iter().filter(is_error).collect();
            let report = Diagnostics { sources: rejected.sources, diagnostics };
            Err(Failure::BadInput(format!(
                "error: what was read cannot be made into a rule file\n{}",
                report.render()
            )))
        }
    }
}

/// Writes the tables first, so that the rule file never names what is not there.
fn write(path: &Path, written: &Written, force: bool) -> Result<(), Failure> {
    let tables = written.tables.iter().map(|(name, text)| (path.with_file_name(name), text));
    let files: Vec<(PathBuf, &String)> = tables.chain([(path.to_path_buf(), &written.rules)]).collect();
    if let Some((there, _)) = files.iter().find(|(file, _)| !force && file.exists()) {
        let why = format!("error: {} is there already\nhelp: `--force` writes over it", there.display());
        return Err(Failure::BadInput(why));
    }
    files.iter().try_for_each(|(file, text)| super::super::write_octets(text.as_bytes(), Some(file)))
}
