//! `mappings/TUTORIAL.md`, done as it is written, in a folder of its own: the real command, a real gateway, a real mail.
//!
//! What a block of the text means is said by the word behind its fence, and nothing else happens:
//!
//! * `toml NAME`: a file of that name with this content;
//! * `sh`: commands, in one shell from the first block to the last;
//! * `text`: what the commands before it print, on both outputs. `…` stands for anything within a line, and a line of `…`
//!   alone for any number of lines, none included. Commands without such a block print nothing.
//!
//! The ports of the text are other ones here (`PORTS`), in files, commands and outputs alike.

use crate::program;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use program::{Folder, free_port};

const TUTORIAL: &str = include_str!("../../mappings/TUTORIAL.md");

/// Those of the text, for each of which a free one is taken.
const PORTS: [&str; 2] = ["2525", "10103"];

/// How long the commands of one block may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// One thing that the reader does.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    File { name: String, content: String },
    Run { line: usize, commands: String, printed: String },
}

/// The blocks of the text.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let mut content = String::new();
        for (_, line) in lines.by_ref().take_while(|(_, line)| *line != "```") {
            content.push_str(line);
            content.push('\n');
        }
        match (kind.split_once(' '), steps.last_mut()) {
            (Some(("toml", name)), _) => steps.push(Step::File { name: name.to_owned(), content }),
            (None, _) if kind == "sh" => {
                steps.push(Step::Run { line: number + 1, commands: content, printed: String::new() });
            }
            (None, Some(Step::Run { printed, .. })) if kind == "text" && printed.is_empty() => {
                *printed = content;
            }
            _ => panic!("line {}: a block of `{kind}` means nothing here", number + 1),
        }
    }
    steps
}

/// Whether `…` can stand for something so that the two are the same.
fn fits(expected: &[&str], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((&"…", expected)), _) => (0..=found.len()).any(|count| fits(expected, &found[count..])),
        (Some((pattern, expected)), Some((line, found))) => line_fits(pattern, line) && fits(expected, found),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            line.char_indices()
                .map(|(place, _)| place)
                .chain([line.len()])
                .any(|place| line_fits(rest, &line[place..]))
        }),
    }
}

/// The shell that the reader types into.
struct Shell {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Shell {
    /// Starts it in a folder, with `x400gw` where commands are looked for.
    fn start(folder: &Path) -> Self {
        let own = Path::new(env!("CARGO_BIN_EXE_x400gw")).parent().unwrap();
        let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.current_dir(folder).env("PATH", path).env("LC_ALL", "C.UTF-8");
        // So that what it started ends with it.
        command.process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok();
        });
        Self { input: child.stdin.take(), child, lines }
    }

    /// Does the commands of a block; what they print is returned.
    fn run(&mut self, commands: &str) -> String {
        const END: &str = "-- the end of the block --";
        let input = self.input.as_mut().unwrap();
        write!(input, "{{\n{commands}\n}} < /dev/null 2>&1\necho\necho '{END}'\n").unwrap();
        let mut printed = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line == END => break,
                Ok(line) => printed = printed + &line + "\n",
                Err(error) => panic!("{error}, in\n{commands}\nafter\n{printed}"),
            }
        }
        printed.strip_suffix('\n').unwrap().to_owned()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.input.take());
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

#[test]
fn a_new_operator_gets_what_the_tutorial_shows() {
    let text = PORTS.into_iter().fold(TUTORIAL.to_owned(), |text, port| {
        text.replace(&format!(":{port}"), &format!(":{}", free_port()))
    });
    let folder = Folder::new();
    let mut shell = Shell::start(&folder.path(""));
    let mut wrong = String::new();
    for step in steps(&text) {
        match step {
            Step::File { name, content } => {
                let printed =
                    shell.run(&format!("cat > '{name}' <<'END OF THE FILE'\n{content}END OF THE FILE"));
                assert_eq!(printed, "", "{name}");
            }
            Step::Run { line, commands, printed } => {
                let found = shell.run(&commands);
                let [expected, lines]: [Vec<&str>; 2] = [&printed, &found].map(|text| text.lines().collect());
                if !fits(&expected, &lines) {
                    let _ = writeln!(wrong, "line {line}:\n{commands}prints\n{found}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn dots_stand_for_what_is_different_each_time() {
    let fits = |expected: &str, found: &str| {
        fits(&expected.lines().collect::<Vec<_>>(), &found.lines().collect::<Vec<_>>())
    };
    for (expected, found) in [
        ("a\nb", "a\nb"),
        ("a…c\n", "abc"),
        ("a…", "a"),
        ("…\nz", "x\ny\nz"),
        ("…\nz", "z"),
        ("…a…b", "xaab"),
    ] {
        assert!(fits(expected, found), "{expected}\n--\n{found}");
    }
    for (expected, found) in [("a", "a\nb"), ("a…c", "abd"), ("…\nz", "z\ny"), ("", "a"), ("a", "")] {
        assert!(!fits(expected, found), "{expected}\n--\n{found}");
    }
}
