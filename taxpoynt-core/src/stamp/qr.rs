//! A stamp and its picture: SVG for pages, PNG for screens and printers, half blocks for a terminal.

use super::{
    picture,
    symbol::{QUIET, QrLevel, Symbol},
};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

const OPERATION: &str = "stamp.qr";

/// What a QR code of level H holds in byte mode (version 40).
const MOST_BYTES: usize = 1273;

/// The text of a QR stamp; under the authority's own scheme 344 base64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp {
    payload: String,
}

impl Stamp {
    /// A stamp made before, or by an access point.
    ///
    /// # Errors
    /// `Payload`: empty, longer than a QR code holds, or not printable ASCII.
    pub fn new(payload: impl Into<String>) -> Result<Self> {
        let payload = payload.into();
        if payload.is_empty() || payload.len() > MOST_BYTES || !payload.bytes().all(|b| b.is_ascii_graphic())
        {
            let message = format!("a stamp has 1 to {MOST_BYTES} printable characters without spaces");
            return Err(Error::payload(OPERATION, "stamp", message));
        }
        Ok(Self { payload })
    }

    /// The text, exactly what the QR code holds.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// An SVG image of level M, one unit a module, quiet zone included; it scales to whatever box it is put in.
    ///
    /// # Errors
    /// None for a stamp that `new` accepted.
    pub fn qr_svg(&self) -> Result<String> {
        self.qr_svg_at(QrLevel::default())
    }

    /// An SVG image of a chosen level.
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn qr_svg_at(&self, level: QrLevel) -> Result<String> {
        let symbol = self.symbol(level)?;
        let side = symbol.side() + 2 * QUIET;
        let mut path = String::with_capacity(24 * symbol.side() * symbol.side() / 4);
        for y in 0..symbol.side() {
            for (x, length) in symbol.dark_runs(y) {
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
        }
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{pixels}\" height=\"{pixels}\" \
             shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR stamp\"><rect width=\"{side}\" height=\"{side}\" \
             fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>",
            pixels = side * picture::pixels_a_module(side),
        ))
    }

    /// A PNG image of level M: whole pixels a module, at least 300 wide, quiet zone included.
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn qr_png(&self) -> Result<Vec<u8>> {
        self.qr_png_at(QrLevel::default())
    }

    /// A PNG image of a chosen level.
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn qr_png_at(&self, level: QrLevel) -> Result<Vec<u8>> {
        picture::png(&self.symbol(level)?)
    }

    /// A PNG image exactly as wide as a till's print head, so that the printer scales nothing: 384 dots on paper of
    /// 58 mm, 576 on 80 mm. Whole dots a module, as many as fit, in the middle of the paper.
    ///
    /// # Errors
    /// `Config` where the paper is too narrow for three dots a module.
    pub fn qr_png_for_roll(&self, dots: u32) -> Result<Vec<u8>> {
        picture::png_for_roll(&self.symbol(QrLevel::default())?, dots)
    }

    /// The bare symbol, for who draws it himself.
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn symbol(&self, level: QrLevel) -> Result<Symbol> {
        Symbol::of(&self.payload, level)
    }

    /// The code for a dark terminal, two modules a character, quiet zone included: light modules are drawn, dark ones
    /// are left out (as `qrencode -t UTF8` does).
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn qr_text(&self) -> Result<String> {
        let symbol = self.symbol(QrLevel::default())?;
        let side = symbol.side() + 2 * QUIET;
        let is_dark = |x: usize, y: usize| {
            x.checked_sub(QUIET).zip(y.checked_sub(QUIET)).is_some_and(|(x, y)| symbol.is_dark(x, y))
        };
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            for x in 0..side {
                let light_below = y + 1 < side && !is_dark(x, y + 1);
                text.push(match (!is_dark(x, y), light_below) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push('\n');
        }
        Ok(text)
    }
}

impl TryFrom<String> for Stamp {
    type Error = Error;

    fn try_from(payload: String) -> Result<Self> {
        Self::new(payload)
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        stamp.payload
    }
}
