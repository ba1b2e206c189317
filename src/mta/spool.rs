//! The folder where messages from peers are written as they arrive.
//!
//! | file | what |
//! |---|---|
//! | `NAME.unfinished` | a message that is arriving; removed when it is given up, and at the next start after a crash |
//! | `NAME.mtsapdu.ber` | a message that has arrived, on disk before the peer was told so |
//!
//! A message is written anew around what came, so that its content is in one piece wherever the peer cut it:
//!
//! ```text
//! a0 88 length │ envelope │ 04 88 length │ content │ members nobody knows
//! └ 10 octets    as it came └ 10 octets               as they came
//! ```
//!
//! The lengths are filled in at the end. Probes and reports are written as they came. What is no MTS-APDU is refused as soon
//! as that shows.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rasn_x400::ber::Limits;
use rasn_x400::prim::RawTlv;
use rasn_x400::stream::{self, ApduEvent, ApduReader};
use rasn_x400::x411::envelope::{MessageTransferEnvelope, MtsIdentifier, ProbeTransferEnvelope};
use rasn_x400::x419::Report;

use super::content::{Content, FileRange};
use crate::osi::stack::TransferRefusal;

mod file;

use file::Unfinished;

/// Ending of the name of a message that has arrived.
pub const FINISHED: &str = "mtsapdu.ber";
const UNFINISHED: &str = "unfinished";
/// Octets that are gathered before they are written.
const GATHERED: usize = 256 << 10;
/// Octets of the header of the message, and of that of its content: identifier, and a length of eight octets.
const HEADER: usize = 10;

/// The folder.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Makes the folder if need be, and removes what was unfinished when the process ended. Says how many messages that
    /// were; their peers still have them. Nobody else may use the folder.
    ///
    /// # Errors
    /// The folder cannot be made, read or cleaned.
    pub fn open(folder: &Path) -> io::Result<(Self, usize)> {
        std::fs::create_dir_all(folder)?;
        let mut removed = 0;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                std::fs::remove_file(path)?;
                removed += 1;
            }
        }
        Ok((Self { folder: folder.to_owned() }, removed))
    }

    /// Writes a message that is there already; `name` must be new. The file survives a power failure once this returns. Waits
    /// for the disk.
    ///
    /// # Errors
    /// The octets cannot be read or written; nothing is left behind then.
    pub fn write(&self, name: &str, octets: &Content) -> io::Result<PathBuf> {
        let mut file = Unfinished::new(&self.folder, name);
        while file.length() < octets.length() {
            for piece in octets.slice(file.length(), GATHERED as u64).read()? {
                file.write(&piece)?;
            }
        }
        file.finish().map(|(path, _)| path)
    }

    /// A message begins to arrive; `name` must be new. Nothing is written yet.
    #[must_use]
    pub fn begin(&self, name: &str) -> Incoming {
        Incoming {
            reader: ApduReader::new(Limits::default()),
            file: Some(Unfinished::new(&self.folder, name)),
            gathered: Vec::new(),
            subject: None,
            content: None,
        }
    }
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The octets are none, or break a limit.
    #[error("not an MTS-APDU: {0}")]
    NotAnApdu(#[from] stream::Error),
    /// They cannot be written.
    #[error("cannot be written: {0}")]
    Storage(#[from] io::Error),
}

impl Refused {
    /// What the peer is told.
    #[must_use]
    pub const fn refusal(&self) -> TransferRefusal {
        match self {
            Self::NotAnApdu(_) => TransferRefusal::Permanent,
            Self::Storage(_) => TransferRefusal::Temporary,
        }
    }
}

/// What arrived, without the content of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A message.
    Message {
        /// Its envelope.
        envelope: Box<MessageTransferEnvelope>,
        /// The envelope as it came.
        octets: Bytes,
        /// Members behind the content that nobody knows.
        unknown: Vec<RawTlv>,
    },
    /// A probe.
    Probe(Box<ProbeTransferEnvelope>),
    /// A report.
    Report(Box<Report>),
}

impl Subject {
    /// The identifier of the message, the probe, or the report itself.
    #[must_use]
    pub const fn identifier(&self) -> &MtsIdentifier {
        match self {
            Self::Message { envelope, .. } => &envelope.message_identifier,
            Self::Probe(envelope) => &envelope.probe_identifier,
            Self::Report(report) => &report.envelope.report_identifier,
        }
    }

    /// What kind of thing it is, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Probe(_) => "probe",
            Self::Report(_) => "report",
        }
    }
}

/// A message that is arriving. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Incoming {
    reader: ApduReader,
    /// `None` while it is with a thread that writes, and for good when that thread was not heard of again.
    file: Option<Unfinished>,
    gathered: Vec<u8>,
    subject: Option<Subject>,
    content: Option<Place>,
}

/// Where the content of a message is in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: u64,
}

impl Incoming {
    /// The next octets.
    ///
    /// # Errors
    /// [`Refused`]; the message cannot be completed then.
    pub async fn data(&mut self, octets: Bytes) -> Result<(), Refused> {
        self.reader.push(octets);
        while let Some(event) = self.reader.poll()? {
            match event {
                ApduEvent::Message { envelope, octets } => self.message(envelope, octets),
                ApduEvent::Content(octets) => self.gathered.extend_from_slice(&octets),
                ApduEvent::Probe { envelope, octets } => {
                    self.gathered.extend_from_slice(&octets);
                    self.subject = Some(Subject::Probe(envelope));
                }
                ApduEvent::Report { report, octets } => {
                    self.gathered.extend_from_slice(&octets);
                    self.subject = Some(Subject::Report(report));
                }
                ApduEvent::End { content, unknown: members } => self.message_ends(content, members),
            }
            if self.gathered.len() >= GATHERED {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// What is arriving, as soon as that is known.
    #[must_use]
    pub const fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Nothing more comes: what has arrived, which is not on disk yet.
    ///
    /// # Errors
    /// [`Refused::NotAnApdu`] when it is not complete.
    pub fn end(mut self) -> Result<Complete, Refused> {
        self.reader.finish()?;
        match (self.subject.take(), self.file.take()) {
            (Some(subject), Some(file)) => {
                Ok(Complete { subject, file, gathered: self.gathered, content: self.content })
            }
            _ => Err(Refused::Storage(io::Error::other("the message has been given up"))),
        }
    }

    /// The envelope of a message is there: room for the headers, and the envelope between them.
    fn message(&mut self, envelope: Box<MessageTransferEnvelope>, octets: Bytes) {
        self.gathered.extend_from_slice(&header(0xa0, 0));
        self.gathered.extend_from_slice(&octets);
        self.gathered.extend_from_slice(&header(0x04, 0));
        self.content = Some(Place { offset: self.gathered.len() as u64, length: 0 });
        self.subject = Some(Subject::Message { envelope, octets, unknown: Vec::new() });
    }

    fn message_ends(&mut self, length: u64, members: Vec<RawTlv>) {
        members.iter().for_each(|member| self.gathered.extend_from_slice(member.as_bytes()));
        if let Some(content) = &mut self.content {
            content.length = length;
        }
        if let Some(Subject::Message { unknown, .. }) = &mut self.subject {
            *unknown = members;
        }
    }

    /// Writes what was gathered.
    async fn write(&mut self) -> Result<(), Refused> {
        let given_up = || io::Error::other("the message has been given up");
        let mut file = self.file.take().ok_or_else(given_up)?;
        let mut gathered = std::mem::take(&mut self.gathered);
        let (file, gathered, result) = blocking(move || {
            let result = file.write(&gathered);
            gathered.clear();
            (file, gathered, result)
        })
        .await?;
        (self.file, self.gathered) = (Some(file), gathered);
        Ok(result?)
    }
}

/// A message that has arrived whole and is not on disk yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Complete {
    subject: Subject,
    file: Unfinished,
    gathered: Vec<u8>,
    content: Option<Place>,
}

impl Complete {
    /// What has arrived.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Puts the message on disk: it survives a power failure once this returns.
    ///
    /// # Errors
    /// [`Refused::Storage`]; nothing is left behind then.
    pub async fn secure(self) -> Result<Arrived, Refused> {
        let Self { subject, mut file, gathered, content } = self;
        let (path, file) = blocking(move || {
            file.write(&gathered)?;
            if let Some(Place { offset, length }) = content {
                file.patch(0, &header(0xa0, file.length() - HEADER as u64))?;
                file.patch(offset - HEADER as u64, &header(0x04, length))?;
            }
            file.finish()
        })
        .await??;
        let file = Arc::new(file);
        let content = content.map(|Place { offset, length }| FileRange { file, offset, length });
        Ok(Arrived { subject, path, content })
    }
}

/// A message on disk.
#[derive(Debug)]
pub struct Arrived {
    /// What it is.
    pub subject: Subject,
    /// The file.
    pub path: PathBuf,
    /// Where in the file the content of a message is.
    pub content: Option<FileRange>,
}

/// Identifier and length: eight octets, whatever the length is.
fn header(identifier: u8, length: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = identifier;
    header[1] = 0x88;
    header[2..].copy_from_slice(&length.to_be_bytes());
    header
}

/// Runs what may wait for a disk on a thread that may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests touch the world")]
mod tests;
