//! Every table, index and key there is. Keys are built here and nowhere else.

use domain::booking::BookingCode;
use domain::channel::Channel;
use domain::geo::Cell;
use domain::id::{
    BookingId, InvitationId, PaymentId, RefundId, SessionId, SpaceId, UserId, VendorId, VenueId,
};
use domain::pricing::{Counted, PromoCode};
use domain::text::PolicyName;
use domain::time::UtcDay;
use domain::venue::Slug;
use jiff::Timestamp;

use crate::transient::MailedFor;

/// A table with what has to exist for it. `infra/data.yaml` says the same; a test compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    pub table: Table,
    pub name: &'static str,
    /// An index `X` has the keys `X_pk` and `X_sk`, both strings, and projects everything.
    pub indexes: &'static [&'static str],
    pub stream: bool,
    /// Whether items vanish some time after their attribute `ttl`. Nothing is decided by that.
    pub expires: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    Users,
    Venues,
    Calendar,
    Bookings,
    Payments,
    Reviews,
    VendorInfo,
    AdminActions,
    AnalyticsData,
    SupportTickets,
    SystemSettings,
    Transient,
    Connections,
    Messages,
}

const fn spec(
    table: Table,
    name: &'static str,
    indexes: &'static [&'static str],
    stream: bool,
    expires: bool,
) -> TableSpec {
    TableSpec {
        table,
        name,
        indexes,
        stream,
        expires,
    }
}

/// All of them, from the first day: an index more is a deployment of its own each.
pub const TABLES: [TableSpec; 14] = [
    spec(Table::Users, "users", &["by_role"], false, false),
    spec(
        Table::Venues,
        "venues",
        &["by_vendor", "by_cell", "by_state"],
        true,
        false,
    ),
    spec(Table::Calendar, "calendar", &[], true, false),
    spec(
        Table::Bookings,
        "bookings",
        &["by_customer", "by_venue", "by_vendor", "due"],
        true,
        false,
    ),
    spec(
        Table::Payments,
        "payments",
        &["by_provider", "by_vendor", "by_account"],
        true,
        false,
    ),
    spec(Table::Reviews, "reviews", &["by_author", "flagged"], true, false),
    spec(
        Table::VendorInfo,
        "vendor_info",
        &["by_state", "by_member"],
        true,
        false,
    ),
    spec(
        Table::AdminActions,
        "admin_actions",
        &["by_day", "by_target"],
        false,
        false,
    ),
    spec(Table::AnalyticsData, "analytics_data", &[], false, false),
    spec(
        Table::SupportTickets,
        "support_tickets",
        &["by_user", "by_state", "by_venue"],
        true,
        false,
    ),
    spec(Table::SystemSettings, "system_settings", &[], false, false),
    spec(Table::Transient, "transient", &["by_user"], false, true),
    spec(Table::Connections, "connections", &[], false, true),
    spec(Table::Messages, "messages", &[], true, true),
];

impl Table {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Venues => "venues",
            Self::Calendar => "calendar",
            Self::Bookings => "bookings",
            Self::Payments => "payments",
            Self::Reviews => "reviews",
            Self::VendorInfo => "vendor_info",
            Self::AdminActions => "admin_actions",
            Self::AnalyticsData => "analytics_data",
            Self::SupportTickets => "support_tickets",
            Self::SystemSettings => "system_settings",
            Self::Transient => "transient",
            Self::Connections => "connections",
            Self::Messages => "messages",
        }
    }

    #[must_use]
    pub fn full_name(self, prefix: &str) -> String {
        format!("{prefix}-{}", self.as_str())
    }
}

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// An item's place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    pub index: &'static str,
    pub pk: String,
    pub sk: String,
}

fn in_index(index: &'static str, pk: impl Into<String>, sk: impl Into<String>) -> IndexKey {
    IndexKey {
        index,
        pk: pk.into(),
        sk: sk.into(),
    }
}

/// The last millisecond that [`sortable`] tells apart from later ones, in the year 2286.
const SORTABLE_MS_MAX: i64 = 9_999_999_999_999;

/// Milliseconds since 1970 in a width that sorts; what is earlier or later than that width holds is its first or its
/// last.
#[must_use]
pub fn sortable(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond().clamp(0, SORTABLE_MS_MAX))
}

// users

#[must_use]
pub fn user(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}

#[must_use]
pub fn credential(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), "CREDENTIAL")
}

#[must_use]
pub fn email_guard(email: &str) -> Key {
    Key::new(format!("EMAIL#{email}"), "GUARD")
}

/// A month of people of one role. `role` is the highest that they have.
#[must_use]
pub fn users_by_role(role: &str, created_at: Timestamp, id: UserId) -> IndexKey {
    let month = jiff::tz::TimeZone::UTC
        .to_datetime(created_at)
        .strftime("%Y-%m")
        .to_string();
    in_index(
        "by_role",
        role_and_month(role, &month),
        format!("{}#{id}", sortable(created_at)),
    )
}

/// The partition of a month (`2027-02`) of people of one role.
#[must_use]
pub fn role_and_month(role: &str, month: &str) -> String {
    format!("ROLE#{role}#{month}")
}

// venues

#[must_use]
pub fn venue(id: VenueId) -> Key {
    Key::new(format!("VENUE#{id}"), VENUE)
}

/// The sort key of every venue.
pub const VENUE: &str = "DETAILS";

/// Whose a slug is.
#[must_use]
pub fn slug(slug: &Slug) -> Key {
    Key::new(format!("SLUG#{slug}"), "GUARD")
}

/// In the order of their versions.
#[must_use]
pub fn terms(venue: VenueId, version: u64) -> Key {
    Key::new(format!("VENUE#{venue}"), format!("TERMS#{version:010}"))
}

/// What the sort keys of all transfers of a venue begin with.
pub const TRANSFER_PREFIX: &str = "TRANSFER#";

/// In the order in which they came.
#[must_use]
pub fn transfer(venue: VenueId, version: u64) -> Key {
    Key::new(
        format!("VENUE#{venue}"),
        format!("{TRANSFER_PREFIX}{version:010}"),
    )
}

#[must_use]
pub fn revision(venue: VenueId) -> Key {
    Key::new(format!("VENUE#{venue}"), REVISION)
}

/// The sort key of every revision of a venue.
pub const REVISION: &str = "REVISION";

/// What the sort keys of all spaces begin with.
pub const SPACE_PREFIX: &str = "SPACE#";
/// What the sort keys of all spaces' rules begin with.
pub const RULES_PREFIX: &str = "RULES#";

#[must_use]
pub fn space(venue: VenueId, id: SpaceId) -> Key {
    Key::new(format!("VENUE#{venue}"), format!("{SPACE_PREFIX}{id}"))
}

#[must_use]
pub fn rules(venue: VenueId, space: SpaceId) -> Key {
    Key::new(format!("VENUE#{venue}"), format!("{RULES_PREFIX}{space}"))
}

#[must_use]
pub fn rates(venue: VenueId, space: SpaceId) -> Key {
    Key::new(format!("VENUE#{venue}"), format!("RATES#{space}"))
}

/// What the sort keys of all promo codes begin with.
pub const PROMO_PREFIX: &str = "PROMO#";

/// All promo codes of a vendor.
#[must_use]
pub fn promos(vendor: VendorId) -> String {
    format!("VENDOR#{vendor}")
}

#[must_use]
pub fn promo(vendor: VendorId, code: &PromoCode) -> Key {
    Key::new(promos(vendor), format!("{PROMO_PREFIX}{code}"))
}

/// All presets as they are by now.
pub const PRESETS: &str = "POLICIES";

#[must_use]
pub fn preset(name: &PolicyName) -> Key {
    Key::new(PRESETS, name.as_str())
}

/// All versions of a preset.
#[must_use]
pub fn preset_versions(name: &PolicyName) -> String {
    format!("POLICY#{name}")
}

#[must_use]
pub fn preset_version(name: &PolicyName, version: u64) -> Key {
    Key::new(preset_versions(name), format!("{version:020}"))
}

#[must_use]
pub fn venues_by_vendor(vendor: VendorId, created_at: Timestamp, id: VenueId) -> IndexKey {
    in_index(
        "by_vendor",
        format!("VENDOR#{vendor}"),
        format!("{}#{id}", sortable(created_at)),
    )
}

#[must_use]
pub fn venues_by_cell(cell: &Cell, id: VenueId) -> IndexKey {
    in_index("by_cell", format!("CELL#{}", cell.as_str()), id.to_string())
}

/// Only revisions that wait stand in an index.
#[must_use]
pub fn revisions_waiting(asked_at: Timestamp, venue: VenueId) -> IndexKey {
    in_index(
        "by_state",
        REVISIONS_WAITING,
        format!("{}#{venue}", sortable(asked_at)),
    )
}

/// All revisions that wait, in the index.
pub const REVISIONS_WAITING: &str = "REVISION#pending";

#[must_use]
pub fn venues_by_state(state: &str, updated_at: Timestamp, id: VenueId) -> IndexKey {
    in_index(
        "by_state",
        format!("STATE#{state}"),
        format!("{}#{id}", sortable(updated_at)),
    )
}

// calendar

#[must_use]
pub fn day(space: SpaceId, day: UtcDay) -> Key {
    Key::new(days(space), day_of(day))
}

/// All days of a space.
#[must_use]
pub fn days(space: SpaceId) -> String {
    format!("SPACE#{space}")
}

/// Sorts as the days pass.
#[must_use]
pub fn day_of(day: UtcDay) -> String {
    format!("DAY#{day}")
}

#[must_use]
pub fn counted(counted: &Counted) -> Key {
    match counted {
        Counted::Promo(vendor, code) => Key::new(format!("PROMO#{vendor}#{code}"), "USES"),
        Counted::PromoByCustomer(vendor, code, customer) => {
            Key::new(format!("PROMO#{vendor}#{code}"), format!("CUSTOMER#{customer}"))
        }
        Counted::Bookings(vendor, customer) => {
            Key::new(format!("CUSTOMER#{customer}"), format!("VENDOR#{vendor}"))
        }
    }
}

// bookings

/// Shards of the index of what is due, so that one moment's work is not one partition's.
pub const DUE_SHARDS: u8 = 4;

#[must_use]
pub fn booking(id: BookingId) -> Key {
    Key::new(format!("BOOKING#{id}"), "BOOKING")
}

/// Which booking has the code.
#[must_use]
pub fn booking_code(code: &BookingCode) -> Key {
    Key::new(format!("CODE#{code}"), "GUARD")
}

#[must_use]
pub fn booking_event(id: BookingId, number: u64) -> Key {
    Key::new(format!("BOOKING#{id}"), format!("{EVENT_PREFIX}{number:06}"))
}

/// What the sort key of every event begins with.
pub const EVENT_PREFIX: &str = "EVENT#";

#[must_use]
pub fn bookings_by_customer(customer: UserId, start: Timestamp, id: BookingId) -> IndexKey {
    in_index(
        "by_customer",
        bookings_of_customer(customer),
        booking_place(start, id),
    )
}

/// All bookings of a customer, in the index.
#[must_use]
pub fn bookings_of_customer(customer: UserId) -> String {
    format!("CUSTOMER#{customer}")
}

/// All bookings at a venue, in the index.
#[must_use]
pub fn bookings_of_venue(venue: VenueId) -> String {
    format!("VENUE#{venue}")
}

/// All bookings of a vendor that are in one state, in the index.
#[must_use]
pub fn bookings_of_vendor(vendor: VendorId, state: &str) -> String {
    format!("VENDOR#{vendor}#{state}")
}

/// The sort key of a booking in each index but `due`: where it stands among others by its start.
#[must_use]
pub fn booking_place(start: Timestamp, id: BookingId) -> String {
    format!("{}#{id}", sortable(start))
}

#[must_use]
pub fn bookings_by_venue(venue: VenueId, start: Timestamp, id: BookingId) -> IndexKey {
    in_index("by_venue", bookings_of_venue(venue), booking_place(start, id))
}

#[must_use]
pub fn bookings_by_vendor(vendor: VendorId, state: &str, start: Timestamp, id: BookingId) -> IndexKey {
    in_index(
        "by_vendor",
        bookings_of_vendor(vendor, state),
        booking_place(start, id),
    )
}

#[must_use]
pub fn due_shard(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// When a booking, or an event that nobody has marked as published, wants attention.
#[must_use]
pub fn due(booking: BookingId, at: Timestamp, what: &str) -> IndexKey {
    in_due(
        booking.uuid().as_u128(),
        format!("{}#{booking}#{what}", sortable(at)),
    )
}

/// That a change of a venue's plan was announced. It stands beside the bookings, whose index knows what is due.
#[must_use]
pub fn announcement(venue: VenueId) -> Key {
    Key::new(format!("VENUE#{venue}"), "ANNOUNCED")
}

/// When a change of a venue's plan that was announced, and neither made nor withdrawn, wants attention.
#[must_use]
pub fn due_announcement(venue: VenueId, at: Timestamp) -> IndexKey {
    in_due(
        venue.uuid().as_u128(),
        format!("{}#{venue}#{DUE_ANNOUNCEMENT}", sortable(at)),
    )
}

/// What the sort key of a change that was announced ends with in the index of what is due.
pub const DUE_ANNOUNCEMENT: &str = "ANNOUNCED";

fn in_due(number: u128, sk: String) -> IndexKey {
    let shard = u8::try_from(number % u128::from(DUE_SHARDS)).unwrap_or(0);
    in_index("due", due_shard(shard), sk)
}

// payments

#[must_use]
pub fn payment(booking: BookingId, id: PaymentId) -> Key {
    Key::new(format!("BOOKING#{booking}"), format!("PAYMENT#{id}"))
}

#[must_use]
pub fn refund(booking: BookingId, id: RefundId) -> Key {
    Key::new(format!("BOOKING#{booking}"), format!("REFUND#{id}"))
}

#[must_use]
pub fn provider_event(event_id: &str) -> Key {
    Key::new(format!("STRIPE#{event_id}"), "SEEN")
}

#[must_use]
pub fn payments_by_provider(provider_id: &str) -> IndexKey {
    in_index("by_provider", format!("PROVIDER#{provider_id}"), "PAYMENT")
}

#[must_use]
pub fn payments_by_vendor(vendor: VendorId, created_at: Timestamp, id: PaymentId) -> IndexKey {
    in_index(
        "by_vendor",
        format!("VENDOR#{vendor}"),
        format!("{}#{id}", sortable(created_at)),
    )
}

// vendor_info

#[must_use]
pub fn vendor(id: VendorId) -> Key {
    Key::new(format!("VENDOR#{id}"), VENDOR)
}

/// The sort key of every business.
pub const VENDOR: &str = "VENDOR";

#[must_use]
pub fn member(vendor: VendorId, user: UserId) -> Key {
    Key::new(format!("VENDOR#{vendor}"), format!("{MEMBER_PREFIX}{user}"))
}

/// What the sort keys of a business's members begin with.
pub const MEMBER_PREFIX: &str = "MEMBER#";

#[must_use]
pub fn invitation(vendor: VendorId, id: InvitationId) -> Key {
    Key::new(format!("VENDOR#{vendor}"), format!("{INVITATION_PREFIX}{id}"))
}

/// What the sort keys of a business's invitations begin with.
pub const INVITATION_PREFIX: &str = "INVITE#";

#[must_use]
pub fn vendors_by_state(state: &str, created_at: Timestamp, id: VendorId) -> IndexKey {
    in_index(
        "by_state",
        format!("STATE#{state}"),
        format!("{}#{id}", sortable(created_at)),
    )
}

#[must_use]
pub fn vendors_by_member(user: UserId, vendor: VendorId) -> IndexKey {
    in_index("by_member", format!("USER#{user}"), vendor.to_string())
}

// transient

#[must_use]
pub fn session(id: SessionId) -> Key {
    Key::new(format!("SESSION#{id}"), "SESSION")
}

#[must_use]
pub fn sessions_by_user(user: UserId, id: SessionId) -> IndexKey {
    in_index("by_user", format!("USER#{user}"), format!("SESSION#{id}"))
}

/// `digest` is the SHA-256 of the token in hex: whoever reads the table holds no token.
#[must_use]
pub fn mailed_token(what: MailedFor, digest: &str) -> Key {
    let (pk, sk) = match what {
        MailedFor::Verification => ("VERIFY", "VERIFY"),
        MailedFor::Reset => ("RESET", "RESET"),
        MailedFor::NewAddress => ("ADDRESS", "ADDRESS"),
    };
    Key::new(format!("{pk}#{digest}"), sk)
}

/// The address that a person wants.
#[must_use]
pub fn wanted_address(id: UserId) -> Key {
    Key::new(format!("WANTED#{id}"), "WANTED")
}

/// The address that a person had before they were of this version.
#[must_use]
pub fn former_address(id: UserId, version: u64) -> Key {
    Key::new(format!("FORMER#{id}#{version}"), "FORMER")
}

/// `owner` and `key` name a request that may be sent twice.
#[must_use]
pub fn once(owner: &str, key: &str) -> Key {
    Key::new(format!("ONCE#{owner}#{key}"), "ONCE")
}

/// How often `who` has done something of a `class` lately.
#[must_use]
pub fn rate(class: &str, who: &str) -> Key {
    Key::new(format!("RATE#{class}#{who}"), "RATE")
}

/// How often `who` has tried to get in lately.
#[must_use]
pub fn tries(who: &str) -> Key {
    Key::new(format!("TRIES#{who}"), "TRIES")
}

/// What a person holds at present.
#[must_use]
pub fn holds(id: UserId) -> Key {
    Key::new(format!("HOLDS#{id}"), "HOLDS")
}

#[must_use]
pub fn quote(uuid: uuid::Uuid) -> Key {
    Key::new(format!("QUOTE#{}", uuid.simple()), "QUOTE")
}

// connections

#[must_use]
pub fn connection(id: &str) -> Key {
    Key::new(format!("CONN#{id}"), "META")
}

/// What the sort key of every subscription of a connection begins with.
pub const SUBSCRIPTION_PREFIX: &str = "SUB#";

#[must_use]
pub fn subscription(connection: &str, channel: &Channel) -> Key {
    Key::new(
        format!("CONN#{connection}"),
        format!("{SUBSCRIPTION_PREFIX}{channel}"),
    )
}

#[must_use]
pub fn listener(channel: &Channel, connection: &str) -> Key {
    Key::new(listeners(channel), format!("CONN#{connection}"))
}

#[must_use]
pub fn listeners(channel: &Channel) -> String {
    format!("CHAN#{channel}")
}

/// A person's open connections, in the partition that counts them.
#[must_use]
pub fn connection_of(user: UserId, connection: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("CONN#{connection}"))
}

// messages

/// What the partition key of every channel event begins with.
pub const CHANNEL_EVENT_PREFIX: &str = "EVT#";

#[must_use]
pub fn channel_events(channel: &Channel) -> String {
    format!("{CHANNEL_EVENT_PREFIX}{channel}")
}

#[must_use]
pub fn channel_offset(offset: u64) -> String {
    format!("{offset:020}")
}

#[must_use]
pub fn channel_event(channel: &Channel, offset: u64) -> Key {
    Key::new(channel_events(channel), channel_offset(offset))
}

/// That an event was given an offset in a channel.
#[must_use]
pub fn channel_seen(channel: &Channel, event: &str) -> Key {
    Key::new(channel_events(channel), format!("SEEN#{event}"))
}

#[must_use]
pub fn channel_head(channel: &Channel) -> Key {
    Key::new(format!("SEQ#{channel}"), "HEAD")
}

/// What a person was told, newest last.
#[must_use]
pub fn note(user: UserId, at: Timestamp, event: &str) -> Key {
    Key::new(notes(user), format!("{NOTE_PREFIX}{}#{event}", sortable(at)))
}

#[must_use]
pub fn notes(user: UserId) -> String {
    format!("USER#{user}")
}

pub const NOTE_PREFIX: &str = "NOTE#";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_stands_in_the_list_once_under_its_own_name() {
        for (i, spec) in TABLES.iter().enumerate() {
            assert_eq!(spec.name, spec.table.as_str());
            assert_eq!(TABLES.iter().position(|s| s.table == spec.table), Some(i));
        }
        assert_eq!(Table::Users.full_name("tofimotia-local"), "tofimotia-local-users");
    }

    #[test]
    fn times_sort_as_they_pass() {
        let at = |text: &str| sortable(text.parse().unwrap());
        assert!(at("1999-12-31T23:59:59Z") < at("2027-01-01T00:00:00Z"));
        assert!(at("2027-01-01T00:00:00.001Z") < at("2027-01-01T00:00:00.010Z"));
        assert!(
            at("2027-01-01T00:00:00Z") < at("9999-12-30T00:00:00Z"),
            "a width for all"
        );
    }

    #[test]
    fn what_is_due_is_spread_over_all_shards() {
        let at = "2027-01-01T00:00:00Z".parse().unwrap();
        let shards: std::collections::BTreeSet<String> = (0..40_u128)
            .map(|n| due(BookingId::from_uuid(uuid::Uuid::from_u128(n)), at, "x").pk)
            .collect();
        assert_eq!(shards.len(), usize::from(DUE_SHARDS));
    }
}
