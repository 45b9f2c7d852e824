//! People who do things.

use app::access::Caller;
use app::auth::{self, Login, Registration};
use app::members::{self, Invite};
use app::notifications;
use app::once::Once;
use app::users;
use app::vendors::{self, Application};
use domain::id::VendorId;
use domain::membership::{Membership, Reach};
use domain::role::{AdminRole, MemberRole};
use domain::text::{BusinessName, Country, Email, Password, PersonName, Reason};
use domain::user::RestrictionKind;
use domain::vendor::Verdict;

use store::transient::MailedFor;

use crate::World;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery";

/// Where everybody is, by the rules for documentation (RFC 5737).
pub const NETWORK: &str = "192.0.2.1";

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
    pub caller: Caller,
}

impl Person {
    /// The business that they run.
    #[must_use]
    pub fn vendor(&self) -> VendorId {
        self.member().vendor
    }

    /// What they do there.
    #[must_use]
    pub fn member(&self) -> &Membership {
        self.caller.member().expect("a vendor")
    }

    /// A request of theirs by this key, which asks what the text says.
    #[must_use]
    pub fn once(&self, key: &str, asks: &str) -> Once {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(asks.bytes()) {
            *to = from;
        }
        Once::new(self.caller.user, key, &digest)
    }
}

impl World {
    /// Somebody who registered and has not proved the address.
    pub async fn newcomer(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let ask = Registration {
            email: Email::parse(&email).unwrap(),
            name: PersonName::parse(name).unwrap(),
            password: Password::parse(PASSWORD).unwrap(),
        };
        auth::register(&self.app, ask).await.unwrap();
        self.signs_in(&email).await
    }

    /// Somebody who may book.
    pub async fn customer(&self, name: &str) -> Person {
        let newcomer = self.newcomer(name).await;
        let token = auth::new_token(&self.app, MailedFor::Verification, newcomer.caller.user)
            .await
            .unwrap();
        auth::verify_email(&self.app, &token, &PASSWORD.into())
            .await
            .unwrap();
        self.signs_in(&newcomer.email).await
    }

    /// Somebody who runs the platform: whoever owns the bootstrap address.
    pub async fn admin(&self) -> Person {
        self.customer("admin").await
    }

    /// Somebody who applied to run venues and was not decided about.
    pub async fn applicant(&self, name: &str) -> Person {
        let person = self.customer(name).await;
        let ask = Application {
            business_name: BusinessName::parse(&format!("{name} Ltd")).unwrap(),
            contact_email: Email::parse(&person.email).unwrap(),
            country: Country::parse("DE").unwrap(),
        };
        vendors::apply(&self.app, &person.caller, None, ask)
            .await
            .unwrap();
        self.signs_in(&person.email).await
    }

    /// Somebody who may run venues.
    pub async fn vendor(&self, name: &str) -> Person {
        let applicant = self.applicant(name).await;
        let before = self
            .app
            .store()
            .vendor(applicant.vendor())
            .await
            .unwrap()
            .unwrap();
        let after = vendors::decide(&self.app, None, before.id, Verdict::Approve)
            .await
            .unwrap()
            .value;
        // As the table's stream has it.
        notifications::vendor_changed(&self.app, &before, &after)
            .await
            .unwrap();
        self.signs_in(&applicant.email).await
    }

    /// Somebody who works for a business, in a role and where it says.
    pub async fn works_for(&self, owner: &Person, name: &str, role: MemberRole, reach: Reach) -> Person {
        let person = self.customer(name).await;
        let ask = Invite {
            email: Email::parse(&person.email).unwrap(),
            role,
            reach,
        };
        let invited = members::invite(&self.app, owner.caller.user, owner.member(), None, &ask)
            .await
            .unwrap()
            .value;
        members::join(&self.app, &person.caller, None, invited.vendor, invited.id)
            .await
            .unwrap();
        self.signs_in(&person.email).await
    }

    /// Somebody with a role of the platform's own.
    pub async fn admin_of(&self, chief: &Person, name: &str, role: AdminRole) -> Person {
        let person = self.customer(name).await;
        users::set_admin_role(&self.app, &chief.caller, None, person.caller.user, Some(role))
            .await
            .unwrap();
        self.signs_in(&person.email).await
    }

    /// Keeps somebody from the platform; they stay signed in.
    pub async fn restricts(&self, chief: &Person, whom: &Person, kind: RestrictionKind) {
        let reason = Reason::parse("Spam.").unwrap();
        users::restrict(&self.app, &chief.caller, None, whom.caller.user, kind, &reason)
            .await
            .unwrap();
    }

    /// Signs somebody in who is known.
    pub async fn signs_in(&self, email: &str) -> Person {
        let ask = Login {
            email: Some(Email::parse(email).unwrap()),
            password: PASSWORD.into(),
            device: "a test".to_owned(),
        };
        let signed_in = auth::login(&self.app, NETWORK, ask)
            .await
            .unwrap_or_else(|e| panic!("{email}: {e}"));
        let caller = self.app.authenticate(&signed_in.access_token).await.unwrap();
        Person {
            email: email.to_owned(),
            access_token: signed_in.access_token,
            refresh_token: signed_in.refresh_token,
            caller,
        }
    }
}
