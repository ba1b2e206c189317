//! The states of rows, and their names in the tables.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use time::OffsetDateTime;

use crate::queue::store::{State, StateKind};

/// What `entry.state` says. To others `Kept`, `Failed` and `Done` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowState {
    /// Some recipient is pending.
    Queued,
    /// The same, and nothing is tried.
    Held,
    /// Every recipient has it, and the content is still there.
    Kept,
    /// Every recipient has its end, not all of them have it, and the content is still there.
    Failed,
    /// Every recipient has its end, and the content is gone.
    Done,
    /// It cannot be read as it was written.
    Quarantined,
}

impl RowState {
    const ALL: [Self; 6] =
        [Self::Queued, Self::Held, Self::Kept, Self::Failed, Self::Done, Self::Quarantined];

    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Quarantined => "quarantined",
        }
    }

    /// The state of this name; `None` if there is none.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// As others know it.
    pub(super) const fn kind(self) -> StateKind {
        match self {
            Self::Queued => StateKind::Queued,
            Self::Held => StateKind::Held,
            Self::Kept | Self::Failed | Self::Done => StateKind::Done,
            Self::Quarantined => StateKind::Quarantined,
        }
    }

    /// The same with its particulars: the time that goes with it, and the reason.
    pub(super) fn with(self, at: OffsetDateTime, reason: Option<String>) -> State {
        let reason = reason.unwrap_or_default();
        match self.kind() {
            StateKind::Queued => State::Queued { due: at },
            StateKind::Done => State::Done { at },
            StateKind::Held => State::Held { at, reason },
            StateKind::Quarantined => State::Quarantined { at, reason },
        }
    }

    /// What a row's state is to be one of, for `IN`.
    pub(super) fn list(is_wanted: impl Fn(StateKind) -> bool) -> String {
        let wanted = Self::ALL.into_iter().filter(|one| is_wanted(one.kind()));
        let names: Vec<String> = wanted.map(|one| format!("'{}'", one.as_str())).collect();
        format!("({})", names.join(", "))
    }
}

impl ToSql for RowState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes())))
    }
}
