//! Telling one person one thing, once.
//!
//! The note is written first (not mailed), then the mail is sent, then the note is marked (mailed). A
//! message that comes again after that changes nothing; one that comes again in between goes on where
//! the first stopped.
//!
//! A worker that dies after the mail went out and before the mark, or two that work on the same message
//! at the same time, send the mail twice. This cannot be closed from here: handing over a mail and
//! writing a mark are two systems without a transaction over both, and marking first would lose the
//! mail instead. Both copies carry the same Message-ID, by which mail programs know them as one.

use domain::id::UserId;
use domain::time::plus_seconds;
use jiff::Timestamp;
use store::Transaction;
use store::messages::Note;

use super::letter::Letter;
use crate::ports::Mail;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// How long a person's list keeps what they were told.
pub const NOTE_DAYS: i64 = 180;
const DAY_SECONDS: i64 = 86_400;

pub struct Notice<'a> {
    pub user: UserId,
    /// With the person and the time, what makes it this notice and no other.
    pub event: String,
    pub at: Timestamp,
    pub kind: &'static str,
    pub letter: &'a Letter,
    pub mail: Option<Mail>,
}

/// # Errors
/// Anything that a later delivery may get over; also what the mailer refuses, so that somebody looks
/// at it.
pub async fn deliver(app: &App, notice: &Notice<'_>) -> Result<()> {
    let note = noted(app, notice).await?;
    let Some(mail) = &notice.mail else { return Ok(()) };
    if note.mailed {
        return Ok(());
    }
    app.mailer()?.send(mail).await?;
    mark_mailed(app, note).await
}

/// The note as it stands, written now unless it was before.
async fn noted(app: &App, notice: &Notice<'_>) -> Result<Note> {
    retry::on_conflict(|| async move {
        let earlier = app.store().note(notice.user, notice.at, &notice.event).await?;
        if let Some(note) = earlier {
            return Ok(Attempt::Done(note));
        }
        let note = notice.note();
        let mut transaction = Transaction::new();
        transaction.put_note(&note);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(note),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}

async fn mark_mailed(app: &App, note: Note) -> Result<()> {
    let mut transaction = Transaction::new();
    transaction.put_note(&Note {
        mailed: true,
        version: note.version.saturating_add(1),
        ..note
    });
    match retry::raced(app.store().commit(transaction).await)? {
        // Whoever was faster has marked the same: a note changes in nothing else.
        Attempt::Done(()) | Attempt::Conflict => Ok(()),
    }
}

impl Notice<'_> {
    fn note(&self) -> Note {
        Note {
            event: self.event.clone(),
            user: self.user,
            kind: self.kind.to_owned(),
            title: self.letter.title.clone(),
            text: self.letter.text.clone(),
            at: self.at,
            mailed: false,
            version: 1,
            ttl: plus_seconds(self.at, NOTE_DAYS * DAY_SECONDS).as_second(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_kept_half_a_year() {
        let letter = Letter {
            title: "Title".to_owned(),
            text: "Text.".to_owned(),
            blocks: Vec::new(),
            because: "",
        };
        let notice = Notice {
            user: UserId::from_uuid(uuid::Uuid::from_u128(1)),
            event: "bkg_1.3".to_owned(),
            at: "2027-01-01T00:00:00Z".parse().unwrap(),
            kind: "BookingConfirmed",
            letter: &letter,
            mail: None,
        };
        let note = notice.note();
        assert_eq!(
            Timestamp::from_second(note.ttl).unwrap().to_string(),
            "2027-06-30T00:00:00Z"
        );
        assert_eq!((note.mailed, note.version), (false, 1));
        assert_eq!((note.title.as_str(), note.text.as_str()), ("Title", "Text."));
    }
}
