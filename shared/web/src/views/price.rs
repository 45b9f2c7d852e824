//! What a time costs, line by line.

use domain::pricing::{Line, LineKind, Price};
use schemars::JsonSchema;
use serde::Serialize;

use super::MoneyView;

/// Lines and their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Price")]
pub struct PriceView {
    pub lines: Vec<LineView>,
    pub total: MoneyView,
}

/// One line of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PriceLine")]
pub struct LineView {
    /// `space` is time in the space.
    #[schemars(with = "String")]
    pub kind: LineKind,
    /// Elapsed minutes that it is for.
    pub minutes: u32,
    pub price_per_hour: MoneyView,
    pub amount: MoneyView,
}

impl From<&Price> for PriceView {
    fn from(price: &Price) -> Self {
        Self {
            lines: price.lines.iter().map(LineView::from).collect(),
            total: price.total.into(),
        }
    }
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        Self {
            kind: line.kind,
            minutes: line.minutes,
            price_per_hour: line.price_per_hour.into(),
            amount: line.amount.into(),
        }
    }
}
