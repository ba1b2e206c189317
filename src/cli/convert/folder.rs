//! A folder at a time: every file in it and below, one after the other.

use std::io;
use std::path::{Path, PathBuf};

use super::{Failure, Form, Made, Options, Setup, convert_octets, write_each};
use crate::cli::{print, read_input};

/// What became of all files.
#[derive(Default)]
struct Total {
    converted: usize,
    losses: usize,
    refused: usize,
    /// Round trips that lost nothing.
    whole: usize,
}

/// Converts every file; what one of them does not stand is told, and the others go on.
pub(super) fn run(options: &Options, setup: &Setup) -> Result<(), Failure> {
    let folder = &options.file;
    let unreadable = |error: io::Error| Failure::BadInput(format!("error: {}: {error}", folder.display()));
    let output = options.output.as_deref();
    if output.is_none() && !options.roundtrip {
        return Err(Failure::BadInput(
            "error: a folder becomes a folder\nhelp: name one with --output FOLDER".into(),
        ));
    }
    let mut files = Vec::new();
    collect(folder, output, &mut files).map_err(unreadable)?;
    files.sort();
    if files.is_empty() {
        return Err(Failure::BadInput(format!("error: {}: no files in it", folder.display())));
    }
    let mut total = Total::default();
    for (file, number) in files.iter().zip(1_usize..) {
        let name = file.strip_prefix(folder).unwrap_or(file);
        let progress = format!("[{number}/{}] {}", files.len(), name.display());
        match one(file, name, output, options, setup, &mut total) {
            Ok(told) => eprintln!("{progress}: {told}"),
            Err(why) => {
                total.refused += 1;
                eprintln!("{progress}: {}", why.trim_start_matches("error: "));
            }
        }
    }
    summary(&total, options)
}

/// Converts one file, and says what happened.
fn one(
    file: &Path,
    name: &Path,
    output: Option<&Path>,
    options: &Options,
    setup: &Setup,
    total: &mut Total,
) -> Result<String, String> {
    let in_words = |failure: Failure| match failure {
        Failure::BadInput(why) | Failure::Refused(why) => why,
        Failure::Said(_) => String::new(),
    };
    let octets = read_input(file).map_err(in_words)?;
    let results =
        convert_octets(octets.into(), &name.display().to_string(), options, setup).map_err(in_words)?;
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => made.push(one),
            Err(why) => refused.push(why),
        }
    }
    total.refused += refused.len();
    let mut told = refused;
    if let Some(output) = output {
        let stem = output.join(name);
        if let Some(parent) = stem.parent() {
            std::fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        }
        write_each(&made, &stem, options).map_err(in_words)?;
    } else if options.format == Some(Form::Json) {
        made.iter().for_each(|one| print(&super::show::json(one, options).to_string()));
    }
    for one in &made {
        total.converted += 1;
        total.losses += one.losses.as_slice().len();
        told.push(in_one_line(one, total));
    }
    Ok(told.join("; "))
}

fn in_one_line(made: &Made, total: &mut Total) -> String {
    match &made.back {
        Some(back) => {
            if back.comparison.is_same() {
                total.whole += 1;
                return "comes back as it was".to_owned();
            }
            let fields = back.comparison.differences.iter().filter(|one| one.was.is_some()).count();
            let parts = back.comparison.parts.iter().filter(|part| part.outcome.is_loss()).count();
            format!("{fields} fields and {parts} parts come back otherwise")
        }
        None => match made.losses.as_slice().len() {
            0 => "converted".to_owned(),
            losses => format!("converted, {losses} losses"),
        },
    }
}

/// What became of all.
fn summary(total: &Total, options: &Options) -> Result<(), Failure> {
    let Total { converted, losses, refused, whole } = total;
    let back = if options.roundtrip { format!(", {whole} came back as they were") } else { String::new() };
    let line = format!("{converted} converted with {losses} losses{back}, {refused} not");
    if *refused > 0 {
        return Err(Failure::Refused(line));
    }
    eprintln!("{line}");
    Ok(())
}

/// All files below a folder, but for those that are written, and those whose names begin with a dot.
fn collect(folder: &Path, output: Option<&Path>, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') || output.is_some_and(|output| output == path)
        {
            continue;
        }
        // A link to a folder may lead back here.
        if entry.file_type()?.is_dir() {
            collect(&path, output, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
