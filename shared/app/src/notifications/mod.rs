//! Telling people: mails, and the list of what one was told.
