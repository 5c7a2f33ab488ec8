//! Square's measurement units in the codes of UN/ECE recommendation 20.

use crate::wire::QuantityUnit;

/// Square's enums MeasurementUnitArea, -Length, -Volume, -Weight and -Time. "Generic" volumes are US liquid measure.
#[rustfmt::skip]
const CODES: &[(&str, &str)] = &[
    ("IMPERIAL_ACRE", "ACR"), ("IMPERIAL_SQUARE_INCH", "INK"), ("IMPERIAL_SQUARE_FOOT", "FTK"),
    ("IMPERIAL_SQUARE_YARD", "YDK"), ("IMPERIAL_SQUARE_MILE", "MIK"), ("METRIC_SQUARE_CENTIMETER", "CMK"),
    ("METRIC_SQUARE_METER", "MTK"), ("METRIC_SQUARE_KILOMETER", "KMK"),
    ("IMPERIAL_INCH", "INH"), ("IMPERIAL_FOOT", "FOT"), ("IMPERIAL_YARD", "YRD"), ("IMPERIAL_MILE", "SMI"),
    ("METRIC_MILLIMETER", "MMT"), ("METRIC_CENTIMETER", "CMT"), ("METRIC_METER", "MTR"), ("METRIC_KILOMETER", "KMT"),
    ("GENERIC_FLUID_OUNCE", "OZA"), ("GENERIC_SHOT", "14"), ("GENERIC_CUP", "G21"), ("GENERIC_PINT", "PTL"),
    ("GENERIC_QUART", "QTL"), ("GENERIC_GALLON", "GLL"), ("IMPERIAL_CUBIC_INCH", "INQ"),
    ("IMPERIAL_CUBIC_FOOT", "FTQ"), ("IMPERIAL_CUBIC_YARD", "YDQ"), ("METRIC_MILLILITER", "MLT"),
    ("METRIC_LITER", "LTR"),
    ("IMPERIAL_WEIGHT_OUNCE", "ONZ"), ("IMPERIAL_POUND", "LBR"), ("IMPERIAL_STONE", "STI"),
    ("METRIC_MILLIGRAM", "MGM"), ("METRIC_GRAM", "GRM"), ("METRIC_KILOGRAM", "KGM"),
    ("GENERIC_MILLISECOND", "C26"), ("GENERIC_SECOND", "SEC"), ("GENERIC_MINUTE", "MIN"), ("GENERIC_HOUR", "HUR"),
    ("GENERIC_DAY", "DAY"),
];

/// The code; none for pieces, a seller's own unit, and units that Square adds later.
pub(crate) fn code(unit: Option<&QuantityUnit>) -> Option<&'static str> {
    let unit = unit?.measurement_unit.as_ref()?;
    let name = [&unit.weight_unit, &unit.volume_unit, &unit.length_unit, &unit.area_unit, &unit.time_unit]
        .into_iter()
        .flatten()
        .next()?;
    CODES.iter().find(|(square, _)| square == name).map(|(_, code)| *code)
}
