//! The permissions as types, for the extractors: `Vendor<needs::SetPrices>` in a handler's signature lets whoever may
//! set prices in, and nobody else. There is no extractor without a row in the table.

use domain::permission::Permission;

/// A permission as a type.
pub trait Needs: std::fmt::Debug + Clone + Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($name:ident)*) => {$(
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

needs! {
    AddVenues SeeVenues ManageVenues SetPrices SeePromoCodes SetPromoCodes
    SeeBookings HandleBookings ChangeBookings
    SeeMembers ManageMembers
    SeeVendors DecideAboutVendors SeeAllVenues DecideAboutVenues TransferVenues
    SeePolicies SetPolicies
    SeeUsers ManageUsers GrantAdminRoles
}
