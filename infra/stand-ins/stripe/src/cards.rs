//! Stripe's test cards: by payment method (`pm_card_visa`), by token (`tok_visa`), by number.
//!
//! Source: Stripe's documentation of testing. Absent: cards that open disputes, and the checks of addresses.
//! `pm_stand_in_processing` is this stand-in's own: real cards never stay in `processing`.

/// A decline by the card's bank, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline {
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
    /// Blocked by Stripe's own rules rather than by the bank.
    pub blocked: bool,
}

/// What happens when a card is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Pays,
    Declines(Decline),
    /// Attaches to a customer like a good card, and declines when charged.
    AttachesThenDeclines(Decline),
    /// The customer must pass a challenge; then the charge goes on as given.
    Challenges {
        when: ChallengeWhen,
        then: Option<Decline>,
    },
    /// A refund starts pending and later succeeds.
    RefundPends,
    /// A refund starts succeeded and later fails.
    RefundFails,
    /// Funds are available at once.
    AvailableAtOnce,
    /// The payment stays in `processing` until settled by the switch.
    Processes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeWhen {
    Always,
    /// Unless the card has been set up for later use.
    UnlessSetUp,
    /// Only when the request asks for it.
    Requested,
    /// On session only: counts as set up from the start.
    OnSession,
}

#[derive(Debug, Clone, Copy)]
pub struct TestCard {
    /// The part after `pm_card_`.
    pub name: &'static str,
    pub number: &'static str,
    pub brand: &'static str,
    pub funding: &'static str,
    pub country: &'static str,
    pub behaviour: Behaviour,
}

impl TestCard {
    pub fn last4(&self) -> &'static str {
        self.number
            .len()
            .checked_sub(4)
            .and_then(|from| self.number.get(from..))
            .unwrap_or_default()
    }

    /// The same for every payment method of one number.
    pub fn fingerprint(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.number.as_bytes());
        hex::encode(digest).chars().take(16).collect()
    }

    /// The decline that Stripe gives already when the card is attached to a customer.
    pub fn decline_on_attach(&self) -> Option<Decline> {
        match self.behaviour {
            Behaviour::Declines(decline) => Some(decline),
            Behaviour::Pays
            | Behaviour::AttachesThenDeclines(_)
            | Behaviour::Challenges { .. }
            | Behaviour::RefundPends
            | Behaviour::RefundFails
            | Behaviour::AvailableAtOnce
            | Behaviour::Processes => None,
        }
    }
}

/// By the id of a test payment method: `pm_card_visa`.
pub fn by_payment_method(id: &str) -> Option<&'static TestCard> {
    if id == "pm_stand_in_processing" {
        return CARDS.iter().find(|card| card.name == PROCESSING);
    }
    by_name(id.strip_prefix("pm_card_")?)
}

/// By a test token: `tok_visa`, `tok_chargeDeclined`.
pub fn by_token(token: &str) -> Option<&'static TestCard> {
    by_name(token.strip_prefix("tok_")?)
}

pub fn by_number(number: &str) -> Option<&'static TestCard> {
    CARDS
        .iter()
        .find(|card| card.number == number && card.name != PROCESSING)
}

/// By the name stored in a payment method; a name of an older table counts as a good card.
pub fn named(name: &str) -> &'static TestCard {
    CARDS.iter().find(|card| card.name == name).unwrap_or(&VISA)
}

/// Whether a number's check digit is right (Luhn).
pub fn has_valid_check_digit(number: &str) -> bool {
    let mut sum = 0;
    for (index, character) in number.chars().rev().enumerate() {
        let Some(digit) = character.to_digit(10) else {
            return false;
        };
        let doubled = if index % 2 == 1 { digit * 2 } else { digit };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    (12..=19).contains(&number.len()) && sum % 10 == 0
}

/// `visa_chargeDeclined` and `chargeDeclined` name the same card.
fn by_name(name: &str) -> Option<&'static TestCard> {
    let plain = name
        .strip_prefix("visa_charge")
        .map(|rest| format!("charge{rest}"));
    let wanted = plain.as_deref().unwrap_or(name);
    CARDS
        .iter()
        .find(|card| card.name == wanted && card.name != PROCESSING)
}

const PROCESSING: &str = "stand_in_processing";

const fn declined(decline_code: &'static str, message: &'static str) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        message,
        blocked: false,
    }
}

const fn fails(code: &'static str, message: &'static str) -> Decline {
    Decline {
        code,
        decline_code: None,
        message,
        blocked: false,
    }
}

const fn card(
    name: &'static str,
    number: &'static str,
    brand: &'static str,
    funding: &'static str,
    country: &'static str,
    behaviour: Behaviour,
) -> TestCard {
    TestCard {
        name,
        number,
        brand,
        funding,
        country,
        behaviour,
    }
}

const fn visa(name: &'static str, number: &'static str, behaviour: Behaviour) -> TestCard {
    card(name, number, "visa", "credit", "US", behaviour)
}

pub const DECLINED: &str = "Your card was declined.";
pub const GENERIC: Decline = declined("generic_decline", DECLINED);
const INSUFFICIENT: Decline = declined("insufficient_funds", "Your card has insufficient funds.");
/// Given when the bank wants a challenge and the customer is not there.
pub const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
    blocked: false,
};
const VISA: TestCard = visa("visa", "4242424242424242", Behaviour::Pays);

const fn challenges(when: ChallengeWhen, then: Option<Decline>) -> Behaviour {
    Behaviour::Challenges { when, then }
}

const CARDS: &[TestCard] = &[
    VISA,
    card(
        "visa_debit",
        "4000056655665556",
        "visa",
        "debit",
        "US",
        Behaviour::Pays,
    ),
    card(
        "mastercard",
        "5555555555554444",
        "mastercard",
        "credit",
        "US",
        Behaviour::Pays,
    ),
    card(
        "mastercard_debit",
        "5200828282828210",
        "mastercard",
        "debit",
        "US",
        Behaviour::Pays,
    ),
    card(
        "mastercard_prepaid",
        "5105105105105100",
        "mastercard",
        "prepaid",
        "US",
        Behaviour::Pays,
    ),
    card("amex", "378282246310005", "amex", "credit", "US", Behaviour::Pays),
    card(
        "discover",
        "6011111111111117",
        "discover",
        "credit",
        "US",
        Behaviour::Pays,
    ),
    card(
        "diners",
        "3056930009020004",
        "diners",
        "credit",
        "US",
        Behaviour::Pays,
    ),
    card("jcb", "3566002020360505", "jcb", "credit", "JP", Behaviour::Pays),
    card(
        "unionpay",
        "6200000000000005",
        "unionpay",
        "credit",
        "CN",
        Behaviour::Pays,
    ),
    card("gb", "4000008260000000", "visa", "credit", "GB", Behaviour::Pays),
    card("de", "4000002760000016", "visa", "credit", "DE", Behaviour::Pays),
    card("fr", "4000002500000003", "visa", "credit", "FR", Behaviour::Pays),
    visa("bypassPending", "4000000000000077", Behaviour::AvailableAtOnce),
    visa("chargeDeclined", "4000000000000002", Behaviour::Declines(GENERIC)),
    visa(
        "chargeDeclinedInsufficientFunds",
        "4000000000009995",
        Behaviour::Declines(INSUFFICIENT),
    ),
    visa(
        "chargeDeclinedLostCard",
        "4000000000009987",
        Behaviour::Declines(declined("lost_card", DECLINED)),
    ),
    visa(
        "chargeDeclinedStolenCard",
        "4000000000009979",
        Behaviour::Declines(declined("stolen_card", DECLINED)),
    ),
    visa(
        "chargeDeclinedExpiredCard",
        "4000000000000069",
        Behaviour::Declines(fails("expired_card", "Your card has expired.")),
    ),
    visa(
        "chargeDeclinedIncorrectCvc",
        "4000000000000127",
        Behaviour::Declines(fails("incorrect_cvc", "Your card's security code is incorrect.")),
    ),
    visa(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        Behaviour::Declines(fails(
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        )),
    ),
    visa(
        "chargeDeclinedVelocityLimitExceeded",
        "4000000000006975",
        Behaviour::Declines(declined(
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        )),
    ),
    visa(
        "radarBlock",
        "4100000000000019",
        Behaviour::AttachesThenDeclines(Decline {
            code: "card_declined",
            decline_code: Some("fraudulent"),
            message: DECLINED,
            blocked: true,
        }),
    ),
    visa(
        "chargeCustomerFail",
        "4000000000000341",
        Behaviour::AttachesThenDeclines(GENERIC),
    ),
    visa(
        "threeDSecure2Required",
        "4000000000003220",
        challenges(ChallengeWhen::Always, None),
    ),
    visa(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        challenges(ChallengeWhen::Always, Some(GENERIC)),
    ),
    visa(
        "threeDSecureOptional",
        "4000000000003055",
        challenges(ChallengeWhen::Requested, None),
    ),
    visa(
        "authenticationRequired",
        "4000002760003184",
        challenges(ChallengeWhen::Always, None),
    ),
    visa(
        "authenticationRequiredOnSetup",
        "4000002500003155",
        challenges(ChallengeWhen::UnlessSetUp, None),
    ),
    visa(
        "authenticationRequiredSetupForOffSession",
        "4000003800000446",
        challenges(ChallengeWhen::OnSession, None),
    ),
    visa(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        challenges(ChallengeWhen::Always, Some(INSUFFICIENT)),
    ),
    visa("pendingRefund", "4000000000007726", Behaviour::RefundPends),
    visa("refundFail", "4000000000005126", Behaviour::RefundFails),
    visa(PROCESSING, "0000000000000000", Behaviour::Processes),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_declining_card_name_it() {
        for id in ["pm_card_visa_chargeDeclined", "pm_card_chargeDeclined"] {
            assert_eq!(by_payment_method(id).unwrap().number, "4000000000000002");
        }
        assert_eq!(by_token("tok_visa").unwrap().last4(), "4242");
        assert!(by_payment_method("pm_card_stand_in_processing").is_none());
        assert!(by_payment_method("pm_stand_in_processing").is_some());
    }

    #[test]
    fn every_number_is_unique_and_has_a_right_check_digit() {
        for (index, card) in CARDS.iter().enumerate() {
            assert!(has_valid_check_digit(card.number), "{}", card.name);
            assert!(
                CARDS[index + 1..].iter().all(|other| other.number != card.number),
                "{}",
                card.name
            );
        }
        assert!(!has_valid_check_digit("4242424242424241"));
    }
}
