//! The page about templates shows pieces of the example's template, and names every part there is.
#![allow(clippy::unwrap_used, reason = "tests")]

use taxpoynt_core::mapping::Part;

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");
const PAGE: &str = include_str!("../../../docs/templates.md");
const REFERENCE: &str = include_str!("../README.md");

#[test]
fn every_piece_on_the_page_stands_in_the_example() {
    let pieces: Vec<&str> =
        PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(pieces.len() >= 10, "{}", pieces.len());
    for piece in pieces {
        assert!(KIOSK.contains(piece.trim()), "not in kiosk.toml:\n{piece}");
    }
}

#[test]
fn the_reference_names_every_part_of_the_field_map() {
    for part in Part::ALL {
        assert!(REFERENCE.contains(&format!("`[{}]`", part.table())), "{}", part.table());
    }
}
