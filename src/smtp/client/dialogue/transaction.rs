//! One mail on its way: which commands are still to be said, which answers are due, and what is known of each recipient.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{Protocol, Verdict};
use crate::smtp::client::mail::{Prepared, Transmission};
use crate::smtp::reply::Reply;

/// A transaction.
#[derive(Debug)]
pub(super) struct Transaction {
    transmission: Transmission,
    content_length: usize,
    /// Commands not said yet.
    unsaid: VecDeque<(Command, Bytes)>,
    /// Commands that were said and not answered.
    unanswered: VecDeque<Command>,
    /// In the order of the recipients; `None` until it is known.
    verdicts: Vec<Option<Verdict>>,
    /// Recipients the server takes, that wait for the answer to the content.
    taken: VecDeque<usize>,
    /// Whether the server began a transaction.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Mail,
    Recipient(usize),
}

/// What follows from an answer.
pub(super) enum Step {
    /// This command, if any, and then further answers.
    More(Option<Bytes>),
    /// The content.
    Content,
    /// Nothing; whether the server has to forget what it was told.
    Over {
        /// By RSET.
        reset: bool,
    },
}

impl Transaction {
    pub(super) fn new(prepared: Prepared) -> Self {
        let Prepared { mail, recipients, content, transmission } = prepared;
        let line = |line: String| Bytes::from(format!("{line}\r\n"));
        let mut unsaid = VecDeque::from([(Command::Mail, line(mail))]);
        let mut verdicts = Vec::with_capacity(recipients.len());
        for (index, recipient) in recipients.into_iter().enumerate() {
            verdicts.push(match recipient {
                Ok(command) => {
                    unsaid.push_back((Command::Recipient(index), line(command)));
                    None
                }
                Err(impossible) => Some(Verdict::Impossible(impossible)),
            });
        }
        Self {
            transmission,
            content_length: content.len(),
            unsaid,
            unanswered: VecDeque::new(),
            verdicts,
            taken: VecDeque::new(),
            begun: false,
        }
    }

    /// Whether there is nobody to ask for.
    pub(super) fn is_hopeless(&self) -> bool {
        self.unsaid.len() < 2
    }

    pub(super) const fn transmission(&self) -> Transmission {
        self.transmission
    }

    pub(super) const fn content_length(&self) -> usize {
        self.content_length
    }

    /// All commands of the envelope in one piece (RFC 2920 3.1).
    pub(super) fn everything(&mut self) -> Option<Bytes> {
        let mut group = Vec::new();
        for (command, line) in self.unsaid.drain(..) {
            self.unanswered.push_back(command);
            group.extend_from_slice(&line);
        }
        Some(group.into())
    }

    /// The next one, if there is one.
    pub(super) fn next_command(&mut self) -> Option<Bytes> {
        let (command, line) = self.unsaid.pop_front()?;
        self.unanswered.push_back(command);
        Some(line)
    }

    /// An answer to MAIL or RCPT.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn envelope(&mut self, reply: Reply) -> Result<Step, String> {
        let code = reply.code();
        let is_refused = code.number() >= 400;
        if !is_refused && !code.is_completion() {
            return Err(format!("the server answered MAIL or RCPT with `{reply}`"));
        }
        match self.unanswered.pop_front() {
            None => return Err(format!("the server said `{reply}` to nothing")),
            Some(Command::Mail) if is_refused => {
                self.unsaid.clear();
                self.fill(&Verdict::Refused(reply));
            }
            Some(Command::Mail) => self.begun = true,
            // Without a sender nobody is taken, whatever is said.
            Some(Command::Recipient(_)) if !self.begun => {}
            Some(Command::Recipient(index)) if is_refused => self.set(index, Verdict::Refused(reply)),
            Some(Command::Recipient(index)) => self.taken.push_back(index),
        }
        if !self.unanswered.is_empty() {
            return Ok(Step::More(None));
        }
        Ok(match self.next_command() {
            None if self.taken.is_empty() => Step::Over { reset: self.begun },
            None => Step::Content,
            next => Step::More(next),
        })
    }

    /// An answer to the content; whether it was the last one.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn verdict(&mut self, reply: Reply, protocol: Protocol) -> Result<bool, String> {
        let verdict = match reply.code() {
            code if code.is_completion() => Verdict::Taken(reply),
            code if code.number() >= 400 => Verdict::Refused(reply),
            _ => return Err(format!("the server answered the mail with `{reply}`")),
        };
        match protocol {
            Protocol::Smtp => {
                for index in std::mem::take(&mut self.taken) {
                    self.set(index, verdict.clone());
                }
            }
            // RFC 2033 4.2: one for each, in the order of RCPT.
            Protocol::Lmtp => {
                if let Some(index) = self.taken.pop_front() {
                    self.set(index, verdict);
                }
            }
        }
        Ok(self.taken.is_empty())
    }

    /// The server does not want the content.
    pub(super) fn refuse_taken(&mut self, reply: &Reply) {
        for index in std::mem::take(&mut self.taken) {
            self.set(index, Verdict::Refused(reply.clone()));
        }
    }

    /// What is known of everybody; nobody is left.
    pub(super) fn verdicts(self) -> Vec<Verdict> {
        self.end(&Verdict::Unanswered("the server was not asked".into()))
    }

    /// What is known, and for all others this.
    pub(super) fn end(mut self, verdict: &Verdict) -> Vec<Verdict> {
        self.fill(verdict);
        self.verdicts.into_iter().flatten().collect()
    }

    fn fill(&mut self, verdict: &Verdict) {
        for unknown in self.verdicts.iter_mut().filter(|known| known.is_none()) {
            *unknown = Some(verdict.clone());
        }
    }

    fn set(&mut self, index: usize, verdict: Verdict) {
        if let Some(known) = self.verdicts.get_mut(index) {
            *known = Some(verdict);
        }
    }
}
