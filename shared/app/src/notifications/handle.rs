//! What `worker-notifications` does with a message.

use domain::event::{BookingEvent, EVENT_VERSION};
use domain::id::{InvitationId, UserId, VendorId, VenueId};
use domain::rate::Rate;
use domain::text::VenueName;
use domain::time::UtcDay;
use domain::user::User;
use futures_util::future::try_join;
use jiff::Timestamp;
use store::transient::MailedFor;

use super::audience::{Means, Recipient, told};
use super::bookings::{self, Background};
use super::decisions::Decision;
use super::deliver::{Notice, deliver};
use super::letter::{Address, Letter};
use super::{account, decisions, members};
use crate::auth::{RESET_SECONDS, VERIFICATION_SECONDS, new_address_token, new_token};
use crate::message::{About, MESSAGE_VERSION, NotificationMessage};
use crate::tokens::sha256_hex;
use crate::{App, Error, Result};

/// How often a mail that proves an address goes out to it: five at once, then one in ten minutes.
pub const VERIFICATION_MAILS: Rate = Rate {
    interval_ms: 600_000,
    burst: 5,
};

/// How often a mail that sets a new password goes out to one person: three at once, then one in ten minutes.
pub const RESET_MAILS: Rate = Rate {
    interval_ms: 600_000,
    burst: 3,
};

/// How often mails go out to one address that somebody wants as theirs, whoever does: three at once, then one in an hour.
pub const ADDRESS_MAILS: Rate = Rate {
    interval_ms: 3_600_000,
    burst: 3,
};

/// How often mails with invitations go out to one address, whoever invites: five at once, then one in an hour.
pub const INVITATION_MAILS: Rate = Rate {
    interval_ms: 3_600_000,
    burst: 5,
};

/// Tells everybody whom it concerns. Handling the same message again tells nobody twice, but for what
/// `deliver` says, and for the mail with a token: that one is sent for each delivery, with a token of
/// its own, because the old token is not kept and asking for another has to work. Any of them will do.
///
/// # Errors
/// Anything that a later delivery may get over. One who cannot be told does not keep the others from
/// being told.
pub async fn handle(app: &App, message: NotificationMessage) -> Result<()> {
    if message.v != MESSAGE_VERSION {
        return Err(Error::Internal(format!("message version {}", message.v)));
    }
    match message.about {
        About::VerifyEmail { user } => verify_email(app, user).await,
        About::ResetPassword { user } => reset_password(app, user).await,
        About::PasswordChanged { user, at } => password_changed(app, user, at).await,
        About::AddressWanted { user, at } => address_wanted(app, user, at).await,
        About::AddressChanged { user, version, at } => address_changed(app, user, version, at).await,
        About::AlreadyRegistered { user } => already_registered(app, user).await,
        About::Invited { vendor, invitation } => invited(app, vendor, invitation).await,
        About::VendorDecided { vendor, at } => vendor_decided(app, vendor, at).await,
        About::VenueDecided { venue, version, at } => venue_decided(app, venue, version, at).await,
        About::RevisionDecided {
            venue,
            version,
            name,
            refused,
            at,
        } => {
            let decision = decisions::about_revision(&name, refused.as_ref());
            revision_decided(app, venue, version, decision, at).await
        }
        About::VenueTransferred {
            venue,
            version,
            name,
            from,
            to,
            at,
        } => {
            let event = format!("{venue}.{version}");
            venue_transferred(app, &event, &name, (from, to), at).await
        }
        About::Booking { event } => booking(app, &event).await,
    }
}

async fn verify_email(app: &App, id: UserId) -> Result<()> {
    let Some(user) = app.store().user(id).await? else {
        return Ok(());
    };
    if user.is_verified() {
        return Ok(());
    }
    // Anybody can ask for it, with anybody's address.
    let who = id.to_string();
    if !app
        .store()
        .take("verify-mail", &who, VERIFICATION_MAILS, app.now())
        .await?
        .admitted
    {
        tracing::warn!(user.id = %id, "too many mails to prove an address were asked for");
        return Ok(());
    }
    let token = new_token(app, MailedFor::Verification, id).await?;
    let letter = account::verify_email(&token, &app.config().public_url, VERIFICATION_SECONDS / 3_600);
    // Another token is another mail. The digest names it and does not give it away.
    let mail = letter.mail(Address {
        to: user.email.to_string(),
        name: None,
        message_id: message_id(app, &format!("{id}.verify.{}", sha256_hex(token.as_bytes()))),
    });
    Ok(app.mailer()?.send(&mail).await?)
}

/// Nothing for an address that was never proved: whoever registered with it registers again.
async fn reset_password(app: &App, id: UserId) -> Result<()> {
    let Some(user) = app.store().user(id).await?.filter(User::is_verified) else {
        return Ok(());
    };
    // Anybody can ask for it, with anybody's address.
    let who = id.to_string();
    if !app
        .store()
        .take("reset-mail", &who, RESET_MAILS, app.now())
        .await?
        .admitted
    {
        tracing::warn!(user.id = %id, "too many mails to reset a password were asked for");
        return Ok(());
    }
    let token = new_token(app, MailedFor::Reset, id).await?;
    let letter = account::reset_password(&token, &app.config().public_url, RESET_SECONDS / 60);
    let mail = letter.mail(Address {
        to: user.email.to_string(),
        name: Some(user.name.to_string()),
        message_id: message_id(app, &format!("{id}.reset.{}", sha256_hex(token.as_bytes()))),
    });
    Ok(app.mailer()?.send(&mail).await?)
}

async fn password_changed(app: &App, id: UserId, at: Timestamp) -> Result<()> {
    let Some(user) = app.store().user(id).await? else {
        return Ok(());
    };
    let letter = account::password_changed(&app.config().public_url);
    let event = format!("password-changed.{}", at.as_millisecond());
    let mail = letter.mail(Address {
        to: user.email.to_string(),
        name: Some(user.name.to_string()),
        message_id: message_id(app, &format!("{id}.{event}")),
    });
    let notice = Notice {
        user: id,
        at,
        event,
        kind: "PasswordChanged",
        letter: &letter,
        mail: Some(mail),
    };
    deliver(app, &notice).await
}

/// The present address is told at once, for there is still time to keep it; the new one is sent a token, or told that
/// it has an account.
async fn address_wanted(app: &App, id: UserId, at: Timestamp) -> Result<()> {
    let (store, now) = (app.store(), app.now());
    let (user, wanted) = try_join(store.user(id), store.wanted_address(id, now)).await?;
    let (Some(user), Some(wanted)) = (user, wanted) else {
        return Ok(());
    };
    let public_url = &app.config().public_url;
    let letter = account::address_wanted(public_url);
    let event = format!("address-wanted.{}", at.as_millisecond());
    let mail = letter.mail(Address {
        to: user.email.to_string(),
        name: Some(user.name.to_string()),
        message_id: message_id(app, &format!("{id}.{event}")),
    });
    let notice = Notice {
        user: id,
        at,
        event,
        kind: "AddressWanted",
        letter: &letter,
        mail: Some(mail),
    };
    deliver(app, &notice).await?;

    // The address is somebody's who has perhaps not asked for anything.
    let who = sha256_hex(wanted.email.as_str().as_bytes());
    if !store
        .take("address-mail", &who, ADDRESS_MAILS, now)
        .await?
        .admitted
    {
        tracing::warn!(user.id = %id, "too many mails to a new address were asked for");
        return Ok(());
    }
    let (letter, named) = match store.user_by_email(&wanted.email).await? {
        Some(_) => (
            account::address_in_use(),
            format!("{id}.in-use.{}", at.as_millisecond()),
        ),
        None => {
            let token = new_address_token(app, &wanted).await?;
            let digest = sha256_hex(token.as_bytes());
            let letter = account::new_address(&token, public_url, VERIFICATION_SECONDS / 3_600);
            (letter, format!("{id}.address.{digest}"))
        }
    };
    let mail = letter.mail(Address {
        to: wanted.email.to_string(),
        name: None,
        message_id: message_id(app, &named),
    });
    Ok(app.mailer()?.send(&mail).await?)
}

/// Told where they were reached before.
async fn address_changed(app: &App, id: UserId, version: u64, at: Timestamp) -> Result<()> {
    let store = app.store();
    let (user, former) = try_join(store.user(id), store.former_address(id, version, app.now())).await?;
    let (Some(user), Some(former)) = (user, former) else {
        return Ok(());
    };
    let letter = account::address_changed();
    let event = format!("address-changed.{version}");
    let mail = letter.mail(Address {
        to: former.email.to_string(),
        name: Some(user.name.to_string()),
        message_id: message_id(app, &format!("{id}.{event}")),
    });
    let notice = Notice {
        user: id,
        at,
        event,
        kind: "AddressChanged",
        letter: &letter,
        mail: Some(mail),
    };
    deliver(app, &notice).await
}

/// Once a day: whoever knows an address must not be able to fill its mail box.
async fn already_registered(app: &App, id: UserId) -> Result<()> {
    let Some(user) = app.store().user(id).await? else {
        return Ok(());
    };
    let letter = account::already_registered(&app.config().public_url);
    let day = UtcDay::of(app.now());
    let event = format!("already-registered.{day}");
    let mail = letter.mail(Address {
        to: user.email.to_string(),
        name: None,
        message_id: message_id(app, &format!("{id}.{event}")),
    });
    let notice = Notice {
        user: id,
        at: start_of(day),
        event,
        kind: "AlreadyRegistered",
        letter: &letter,
        mail: Some(mail),
    };
    deliver(app, &notice).await
}

async fn invited(app: &App, vendor: VendorId, id: InvitationId) -> Result<()> {
    let store = app.store();
    let (vendor, invitation) = try_join(store.vendor(vendor), store.invitation(vendor, id)).await?;
    let vendor = vendor.ok_or_else(|| gone("vendor"))?;
    // Taken or withdrawn meanwhile.
    let Some(invitation) = invitation.filter(|invitation| invitation.is_open(app.now())) else {
        return Ok(());
    };
    // The address is somebody's who has not asked for anything.
    let who = sha256_hex(invitation.email.as_str().as_bytes());
    if !store
        .take("invitation-mail", &who, INVITATION_MAILS, app.now())
        .await?
        .admitted
    {
        tracing::warn!(vendor.id = %vendor.id, "an address was invited too often");
        return Ok(());
    }
    let letter = members::invitation(&vendor, &invitation, &app.config().public_url);
    let mail = letter.mail(Address {
        to: invitation.email.to_string(),
        name: None,
        message_id: message_id(app, &invitation.id.to_string()),
    });
    Ok(app.mailer()?.send(&mail).await?)
}

async fn vendor_decided(app: &App, id: VendorId, at: Timestamp) -> Result<()> {
    let vendor = app.store().vendor(id).await?.ok_or_else(|| gone("vendor"))?;
    let Some(decision) = decisions::about_vendor(&vendor) else {
        return Ok(());
    };
    let event = format!("{id}.decided");
    tell_of(app, id, event, at, &decision).await
}

async fn venue_decided(app: &App, id: VenueId, version: u64, at: Timestamp) -> Result<()> {
    let venue = app.store().venue(id).await?.ok_or_else(|| gone("venue"))?;
    let Some(decision) = decisions::about_venue(&venue) else {
        return Ok(());
    };
    let event = format!("{id}.{version}");
    tell_of(app, venue.vendor, event, at, &decision).await
}

async fn revision_decided(
    app: &App,
    id: VenueId,
    version: u64,
    decision: Decision,
    at: Timestamp,
) -> Result<()> {
    let venue = app.store().venue(id).await?.ok_or_else(|| gone("venue"))?;
    let event = format!("{id}.revision.{version}");
    tell_of(app, venue.vendor, event, at, &decision).await
}

async fn venue_transferred(
    app: &App,
    event: &str,
    name: &VenueName,
    (from, to): (VendorId, VendorId),
    at: Timestamp,
) -> Result<()> {
    let business = async |id| {
        let vendor = app.store().vendor(id).await?.ok_or_else(|| gone("vendor"))?;
        Ok::<_, Error>(vendor.business_name)
    };
    let giving = decisions::about_giving(name, &business(to).await?);
    let taking = decisions::about_taking(name, &business(from).await?);
    let mut outcome = Ok(());
    for (id, side, told) in [(from, "given", giving), (to, "taken", taking)] {
        let event = format!("{event}.{side}");
        let told = tell_of(app, id, event, at, &told).await;
        outcome = outcome.and(told);
    }
    outcome
}

async fn booking(app: &App, event: &BookingEvent) -> Result<()> {
    if event.v != EVENT_VERSION {
        return Err(Error::Internal(format!("event version {}", event.v)));
    }
    let more = if Background::is_needed(event.kind) {
        let booking = app.store().booking(event.booking).await?;
        Background::of(&booking.ok_or_else(|| gone("booking"))?, event.kind)
    } else {
        Background::default()
    };
    let mut outcome = Ok(());
    for (recipient, means) in told(event) {
        if let Some(letter) = bookings::letter(event, recipient, &more) {
            let told = match recipient {
                Recipient::Customer => tell_customer(app, event, &letter, means).await,
                Recipient::Vendor => {
                    // Whoever books at a venue of their own is told as both.
                    let id = format!("{}.vendor", event.id());
                    tell_vendor(
                        app,
                        event.vendor,
                        id,
                        event.at,
                        event.kind.as_str(),
                        &letter,
                        means,
                    )
                    .await
                }
            };
            outcome = outcome.and(told);
        }
    }
    outcome
}

async fn tell_customer(app: &App, event: &BookingEvent, letter: &Letter, means: Means) -> Result<()> {
    let Some(customer) = event.customer else {
        return Ok(());
    };
    let Some(user) = app.store().user(customer).await? else {
        return Ok(());
    };
    let address = Address {
        to: user.email.to_string(),
        name: Some(user.name.to_string()),
        message_id: message_id(app, &event.id()),
    };
    let notice = Notice {
        user: user.id,
        event: event.id(),
        at: event.at,
        kind: event.kind.as_str(),
        letter,
        mail: (means == Means::NoteAndMail).then(|| letter.mail(address)),
    };
    deliver(app, &notice).await
}

/// What an admin decided, to the business that it is about.
async fn tell_of(app: &App, id: VendorId, event: String, at: Timestamp, decision: &Decision) -> Result<()> {
    let Decision { kind, letter } = decision;
    tell_vendor(app, id, event, at, kind, letter, Means::NoteAndMail).await
}

/// The note is its owner's, the mail goes to its contact address.
async fn tell_vendor(
    app: &App,
    id: VendorId,
    event: String,
    at: Timestamp,
    kind: &'static str,
    letter: &Letter,
    means: Means,
) -> Result<()> {
    let vendor = app.store().vendor(id).await?.ok_or_else(|| gone("vendor"))?;
    let address = Address {
        to: vendor.contact_email.to_string(),
        name: Some(vendor.business_name.to_string()),
        message_id: message_id(app, &event),
    };
    let notice = Notice {
        user: vendor.owner,
        event,
        at,
        kind,
        letter,
        mail: (means == Means::NoteAndMail).then(|| letter.mail(address)),
    };
    deliver(app, &notice).await
}

/// The same for the same event and person, so that a mail which is sent again is known as that.
fn message_id(app: &App, event: &str) -> String {
    format!("{event}@{}", host(&app.config().public_url))
}

/// The host of an address. RFC 5322 has no port in a Message-ID.
fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    match authority.split(['/', ':']).next() {
        Some(host) if !host.is_empty() => host,
        _ => "localhost",
    }
}

fn start_of(day: UtcDay) -> Timestamp {
    format!("{day}T00:00:00Z")
        .parse()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Nothing that messages name is ever deleted, so that this is a fault.
fn gone(what: &str) -> Error {
    Error::Internal(format!("a {what} that a message names is not there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_ends_in_the_host_of_the_platform() {
        assert_eq!(host("https://api.example.com"), "api.example.com");
        assert_eq!(host("http://127.0.0.1:3000/x"), "127.0.0.1");
        assert_eq!(host(""), "localhost");
    }

    #[test]
    fn a_day_starts_at_midnight_utc() {
        let at: Timestamp = "2027-03-26T17:00:00Z".parse().unwrap();
        assert_eq!(start_of(UtcDay::of(at)).to_string(), "2027-03-26T00:00:00Z");
    }
}
