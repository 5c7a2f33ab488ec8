//! The platform's book: every version of every sale, when it was stamped, when it was committed and when the listing knows
//! it.

use super::manners::{Manners, Order};
use std::collections::BTreeMap;

/// One version of a sale.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its time of change, as the platform stamps it.
    pub stamp: i64,
    /// From when on a fetch finds it.
    pub committed: i64,
    /// From when on the listing shows it.
    pub listed: i64,
    /// Naira.
    pub amount: i64,
    /// Whether it is sold.
    pub closed: bool,
}

/// A sale.
#[derive(Debug, Clone, Default)]
pub struct Sale {
    /// Oldest first; the last one is what counts.
    pub versions: Vec<Version>,
    /// When it was deleted, and from when on the listing knows.
    pub deleted: Option<(i64, i64)>,
}

/// All sales by id.
#[derive(Debug, Default)]
pub struct Book {
    pub sales: BTreeMap<u64, Sale>,
}

/// What the listing shows of a sale: id, number of the version, and it.
pub type Row<'a> = (u64, usize, &'a Version);

impl Book {
    /// What a fetch finds now.
    pub fn find(&self, id: u64, now: i64) -> Option<Row<'_>> {
        let sale = self.sales.get(&id)?;
        if sale.deleted.is_some_and(|(at, _)| at <= now) {
            return None;
        }
        let (number, version) = sale.versions.iter().enumerate().rfind(|(_, v)| v.committed <= now)?;
        Some((id, number, version))
    }

    /// What the listing shows now, within a span of stamps, in the platform's order.
    pub fn listed(&self, manners: &Manners, since: i64, until: i64, now: i64, by_id: bool) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for (id, sale) in &self.sales {
            if sale.deleted.is_some_and(|(_, listed)| listed <= now) {
                continue;
            }
            let shown = sale.versions.iter().enumerate().rfind(|(_, v)| v.listed <= now);
            if let Some((number, version)) = shown
                && (since..=until).contains(&version.stamp)
            {
                rows.push((*id, number, version));
            }
        }
        match (by_id, manners.order) {
            (true, _) | (_, Order::Id) => {}
            // Equal stamps in no useful order.
            (_, Order::Time) => {
                rows.sort_by_key(|(id, _, v)| (v.stamp, id.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            }
            (_, Order::Newest) => rows.sort_by_key(|(id, _, v)| (-v.stamp, *id)),
        }
        rows
    }

    /// Ids that were deleted and not restored.
    pub fn gone(&self, now: i64) -> Vec<u64> {
        let gone = |sale: &Sale| sale.deleted.is_some_and(|(at, _)| at <= now);
        self.sales.iter().filter(|(_, sale)| gone(sale)).map(|(id, _)| *id).collect()
    }

    /// From when on nothing is on its way any more.
    pub fn quiet_at(&self) -> i64 {
        let of_sale = |sale: &Sale| {
            let versions = sale.versions.iter().map(|v| v.committed.max(v.listed)).max().unwrap_or_default();
            versions.max(sale.deleted.map_or(0, |(_, listed)| listed))
        };
        self.sales.values().map(of_sale).max().unwrap_or_default()
    }
}
