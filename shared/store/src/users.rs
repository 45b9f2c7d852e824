//! `users`: people, their passwords, and one guard an address.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::UserId;
use domain::role::Role;
use domain::text::Email;
use domain::user::User;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Page, Query, item, read};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// A password as it is kept: argon2id in PHC form, parameters and salt included.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    pub user: UserId,
    pub password_hash: String,
    pub updated_at: Timestamp,
    pub version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct EmailGuard {
    user: UserId,
}

const fn role_name(user_role: Option<Role>) -> &'static str {
    match user_role {
        Some(Role::Admin) => "admin",
        Some(Role::Vendor) => "vendor",
        Some(Role::Customer) => "customer",
        None => "unverified",
    }
}

impl Store {
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.get(Table::Users, &keys::user(id)).await
    }

    /// Several, by one read; those that do not exist are missing.
    pub async fn users(&self, ids: impl IntoIterator<Item = UserId>) -> Result<Vec<User>> {
        let keys: Vec<_> = ids.into_iter().map(|id| (Table::Users, keys::user(id))).collect();
        self.get_many(&keys).await?.into_values().map(read).collect()
    }

    pub async fn user_by_email(&self, email: &Email) -> Result<Option<UserId>> {
        let guard: Option<EmailGuard> = self.get(Table::Users, &keys::email_guard(email.as_str())).await?;
        Ok(guard.map(|g| g.user))
    }

    /// Those whose highest role this is and who registered in a month (`2027-02`, in UTC), the last one first.
    pub async fn users_of_role(
        &self,
        role: Option<Role>,
        month: &str,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Page<User>> {
        self.query(Query {
            table: Table::Users,
            index: Some("by_role"),
            pk: keys::role_and_month(role_name(role), month),
            range: None,
            newest_first: true,
            limit,
            after,
        })
        .await
    }

    pub async fn credential(&self, id: UserId) -> Result<Option<Credential>> {
        self.get(Table::Users, &keys::credential(id)).await
    }
}

impl Transaction {
    pub fn put_user(&mut self, user: &User) {
        let role = role_name(user.roles().last().copied());
        let indexes = [keys::users_by_role(role, user.created_at, user.id)];
        let item = item(&keys::user(user.id), user, &indexes);
        self.put(
            Table::Users,
            item,
            Guard::UserUnchanged,
            Condition::Was(Was::before(user.version)),
        );
    }

    /// The address is this person's and nobody else's.
    pub fn claim_email(&mut self, email: &Email, user: UserId) {
        let item = item(&keys::email_guard(email.as_str()), &EmailGuard { user }, &[]);
        self.put(Table::Users, item, Guard::EmailFree, Condition::Was(Was::Absent));
    }

    /// The address is nobody's any more.
    pub fn release_email(&mut self, email: &Email) {
        self.delete(Table::Users, keys::email_guard(email.as_str()));
    }

    /// The person is as they were read.
    pub fn check_user(&mut self, user: &User) {
        let was = Condition::Was(Was::Version(user.version));
        self.check(Table::Users, keys::user(user.id), Guard::UserUnchanged, was);
    }

    /// Fails with [`Guard::SessionLive`] when all sessions of the person that began before are over.
    pub fn check_epoch(&mut self, id: UserId, epoch: u32) {
        let same = vec![("epoch", AttributeValue::N(epoch.to_string()))];
        self.check(
            Table::Users,
            keys::user(id),
            Guard::SessionLive,
            Condition::Equals(same),
        );
    }

    /// The password is the one that was read.
    pub fn check_credential(&mut self, credential: &Credential) {
        let was = Condition::Was(Was::Version(credential.version));
        let key = keys::credential(credential.user);
        self.check(Table::Users, key, Guard::CredentialUnchanged, was);
    }

    pub fn put_credential(&mut self, credential: &Credential) {
        let item = item(&keys::credential(credential.user), credential, &[]);
        let was = Condition::Was(Was::before(credential.version));
        self.put(Table::Users, item, Guard::CredentialUnchanged, was);
    }
}
