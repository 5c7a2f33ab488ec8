//! What is zero-rated and what is exempt since 2026, as short rows in our own words.
//!
//! Zero-rated supplies keep the recovery of input VAT, exempt ones do not: they are two categories and never swapped. The
//! authority's list of exemptions still shows the law before 2026 and is not used to classify.

use super::{ACTS_OF_2025, Source, Validity};
use chrono::NaiveDate;
use taxpoynt_ubl::TaxCategory;

/// Why no VAT is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relief {
    /// 0 %, input VAT recovered: s.187.
    ZeroRated,
    /// Outside VAT, nothing recovered: s.186.
    Exempt,
}

impl Relief {
    /// The tax category of a line.
    #[must_use]
    pub const fn category(self) -> TaxCategory {
        match self {
            Self::ZeroRated => TaxCategory::Z,
            Self::Exempt => TaxCategory::E,
        }
    }
}

/// A kind of supply without VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    /// Permanent id.
    pub id: &'static str,
    /// What.
    pub what: &'static str,
    /// Why no VAT is charged.
    pub relief: Relief,
}

impl Supply {
    const fn zero(id: &'static str, what: &'static str) -> Self {
        Self { id, what, relief: Relief::ZeroRated }
    }

    const fn exempt(id: &'static str, what: &'static str) -> Self {
        Self { id, what, relief: Relief::Exempt }
    }

    /// When it holds.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        Validity::since(ACTS_OF_2025)
    }

    /// Act and section.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self.relief {
            Relief::ZeroRated => Source::official("Nigeria Tax Act 2025, s.187"),
            Relief::Exempt => Source::official("Nigeria Tax Act 2025, s.186"),
        }
    }
}

/// Zero-rated (NTA s.187).
pub const ZERO_RATED: [Supply; 15] = [
    Supply::zero("basic_food", "Basic food"),
    Supply::zero("medicine", "Medical and pharmaceutical products of every kind"),
    Supply::zero("books", "Books and other material for education"),
    Supply::zero("fertiliser", "Fertilisers"),
    Supply::zero("farm_inputs", "Agro-chemicals, veterinary medicine and animal feed made locally"),
    Supply::zero("livestock", "Live cattle, goats, sheep and poultry"),
    Supply::zero("seeds", "Seeds and seedlings"),
    Supply::zero("electricity", "Electricity from generators to the grid and from the grid to distributors"),
    Supply::zero("medical_services", "Medical services"),
    Supply::zero("tuition", "Tuition from nursery to tertiary level"),
    Supply::zero("exported_goods", "Exported goods other than oil and gas"),
    Supply::zero("exported_services", "Exported services"),
    Supply::zero("exported_incorporeal", "Exported incorporeal property"),
    Supply::zero("medical_equipment", "Medical equipment"),
    Supply::zero("electric_vehicles", "Electric vehicles, their parts and semi-knocked-down kits"),
];

/// Exempt (NTA s.186).
pub const EXEMPT: [Supply; 16] = [
    Supply::exempt("oil_gas_exports", "Oil and gas that are exported"),
    Supply::exempt("crude_feed_gas", "Crude oil and feed gas"),
    Supply::exempt("humanitarian", "Donated goods for humanitarian projects"),
    Supply::exempt("baby_products", "Products for babies"),
    Supply::exempt("sanitary", "Sanitary products made locally"),
    Supply::exempt("military", "Military hardware"),
    Supply::exempt("road_transport", "Shared transport of passengers by road"),
    Supply::exempt("tractors", "Tractors and ploughs: purchase, hire, lease"),
    Supply::exempt("free_zones", "Supplies in export and free zones"),
    Supply::exempt("diplomatic", "Supplies to diplomatic missions"),
    Supply::exempt("school_plays", "Plays performed by schools"),
    Supply::exempt("land_buildings", "Land and buildings"),
    Supply::exempt("money_securities", "Money and securities"),
    Supply::exempt("licences", "Licences given by government"),
    Supply::exempt("disability", "Devices for people with disabilities"),
    Supply::exempt("suspended", "Items while VAT on them is suspended by order, fuels among them"),
];

/// The supply of this id, where it is without VAT on this day.
#[must_use]
pub fn relief(id: &str, on: NaiveDate) -> Option<&'static Supply> {
    ZERO_RATED.iter().chain(&EXEMPT).find(|supply| supply.id == id && supply.validity().covers(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_rated_and_exempt_are_two_lists_without_a_common_id() {
        let ids: std::collections::BTreeSet<_> = ZERO_RATED.iter().chain(&EXEMPT).map(|s| s.id).collect();
        assert_eq!(ids.len(), ZERO_RATED.len() + EXEMPT.len());
        assert!(
            ZERO_RATED.iter().all(|s| s.relief == Relief::ZeroRated && s.source().text.ends_with("s.187"))
        );
        assert!(EXEMPT.iter().all(|s| s.relief == Relief::Exempt && s.source().text.ends_with("s.186")));
    }

    #[test]
    fn a_supply_is_without_vat_from_the_day_the_act_took_effect() {
        let on = |id: &str, date: &str| relief(id, date.parse().unwrap()).map(|s| s.relief.category());
        assert_eq!(on("basic_food", "2026-01-01"), Some(TaxCategory::Z));
        assert_eq!(on("land_buildings", "2026-11-21"), Some(TaxCategory::E));
        // Books were exempt under the old law; which law an older sale falls under is not decided here.
        assert_eq!(on("books", "2025-12-31"), None);
        assert_eq!(on("cement", "2026-11-21"), None);
    }
}
