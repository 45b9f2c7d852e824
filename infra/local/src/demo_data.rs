//! People and a venue to begin with, made by the use cases themselves. What is there stays.

use app::access::Caller;
use app::auth::{self, Registration};
use app::vendors::{self, Application};
use app::venues::{self, NewLocation, NewVenue};
use app::{App, Error};
use domain::address::Address;
use domain::amenity::Amenity;
use domain::availability::{Opening, Rules};
use domain::geo::Point;
use domain::id::{SessionId, UserId};
use domain::money::Money;
use domain::text::{
    BusinessName, City, Country, Description, Email, Label, Password, PersonName, PolicyName, PostalCode,
    Street, VenueName,
};
use domain::time::Zone;
use domain::vendor::Verdict;
use store::transient::MailedFor;

use crate::functions::Parts;
use crate::keys::MEDIA_BUCKET;

pub const ADMIN_EMAIL: &str = "admin@tofimotia.example";
pub const VENDOR_EMAIL: &str = "vendor@tofimotia.example";
pub const CUSTOMER_EMAIL: &str = "customer@tofimotia.example";
/// Of all of them.
pub const DEMO_PASSWORD: &str = "demo-demo-demo";

/// Address and what they are.
pub const DEMO_PEOPLE: [(&str, &str); 3] = [
    (ADMIN_EMAIL, "admin"),
    (VENDOR_EMAIL, "vendor"),
    (CUSTOMER_EMAIL, "customer"),
];

/// One grey pixel.
pub const PHOTO: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

fn text<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Error> {
    parsed.map_err(|e| Error::Internal(format!("demo data: {e}")))
}

pub async fn plant(parts: &Parts) -> Result<(), String> {
    plant_all(parts).await.map_err(|e| e.to_string())
}

async fn plant_all(parts: &Parts) -> Result<(), Error> {
    let app = &parts.all().map_err(|e| Error::Internal(e.to_string()))?;
    if app
        .store()
        .user_by_email(&text(Email::parse(CUSTOMER_EMAIL))?)
        .await?
        .is_some()
    {
        return Ok(());
    }
    person(app, ADMIN_EMAIL, "Ada Admin").await?;
    let vendor = person(app, VENDOR_EMAIL, "Vera Vendor").await?;
    venue(app, parts, vendor).await?;
    // Last, since whoever finds this person finds everything.
    person(app, CUSTOMER_EMAIL, "Carl Customer").await?;
    Ok(())
}

async fn person(app: &App, email: &str, name: &str) -> Result<UserId, Error> {
    let email = text(Email::parse(email))?;
    let ask = Registration {
        email: email.clone(),
        name: text(PersonName::parse(name))?,
        password: text(Password::parse(DEMO_PASSWORD))?,
    };
    auth::register(app, ask).await?;
    let id = app.store().user_by_email(&email).await?.ok_or(Error::NotFound)?;
    let token = auth::new_token(app, MailedFor::Verification, id).await?;
    auth::verify_email(app, &token, &DEMO_PASSWORD.into()).await?;
    Ok(id)
}

async fn venue(app: &App, parts: &Parts, owner: UserId) -> Result<(), Error> {
    let user = app.store().user(owner).await?.ok_or(Error::NotFound)?;
    let me = Caller::of(&user, SessionId::from_uuid(app.ids().uuid()));
    let ask = Application {
        business_name: text(BusinessName::parse("Vera's Rooms"))?,
        contact_email: text(Email::parse(VENDOR_EMAIL))?,
        country: text(Country::parse("DE"))?,
    };
    let vendor = vendors::apply(app, &me, None, ask).await?.value.id;
    vendors::decide(app, None, vendor, Verdict::Approve).await?;
    let user = app.store().user(owner).await?.ok_or(Error::NotFound)?;
    let member = &user.membership.ok_or(Error::NotFound)?;

    let zone: Zone = text("Europe/Berlin".parse())?;
    let weekly = (1..=7)
        .map(|weekday| Opening {
            weekday,
            open_minute: 8 * 60,
            close_minute: 26 * 60,
        })
        .collect();
    let new = NewVenue {
        name: text(VenueName::parse("The Loft"))?,
        description: text(Description::parse(
            "A bright loft above the river, for forty people.",
        ))?,
        location: NewLocation {
            point: text(Point::new(52.5296, 13.4010))?,
            address: Address {
                street: Some(text(Street::parse("Torstr. 1"))?),
                postal_code: Some(text(PostalCode::parse("10119"))?),
                city: text(City::parse("Berlin"))?,
                region: None,
                country: text(Country::parse("DE"))?,
            },
            zone: Some(zone.clone()),
        },
        capacity: 40,
        amenities: [Amenity::Wifi, Amenity::Projector].into(),
        other_amenities: [text(Label::parse("A balcony over the yard"))?].into(),
        policy: text(PolicyName::parse("very_flexible"))?,
        house_rules: None,
        rules: Some(Rules {
            weekly,
            turnaround_minutes: 30,
            ..Rules::closed(zone)
        }),
        price_per_hour: Some(Money::new(5_000, text("EUR".parse())?)),
    };
    let venue = venues::create(app, member, None, new).await?.value;
    let upload = venues::photo_upload(app, member, venue.id, "image/png").await?;
    let key = upload
        .form
        .fields
        .iter()
        .find(|(name, _)| name == "key")
        .map(|(_, key)| key.clone());
    parts
        .s3
        .put_object()
        .bucket(MEDIA_BUCKET)
        .key(key.unwrap_or_default())
        .content_type("image/png")
        .body(PHOTO.to_vec().into())
        .send()
        .await
        .map_err(|e| Error::Unavailable(format!("the demo photo: {e:?}")))?;
    venues::add_photo(app, member, None, venue.id, upload.media).await?;
    venues::submit(app, member, None, venue.id).await?;
    venues::decide(app, None, venue.id, venues::Verdict::Approve).await?;
    Ok(())
}
