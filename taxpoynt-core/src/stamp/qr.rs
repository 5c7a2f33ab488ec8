//! A stamp and its picture: SVG for pages, PNG for printers, half blocks for a terminal.

use crate::{Error, ErrorKind, Result};
use fast_qr::{ECL, Mode, QRBuilder, QRCode};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

const OPERATION: &str = "stamp.qr";

/// Light modules around the symbol (ISO/IEC 18004: four).
const QUIET: usize = 4;

/// Least width of the PNG (access points name 300).
const LEAST_PIXELS: usize = 300;

/// What a QR code of level H holds in byte mode (version 40).
const MOST_BYTES: usize = 1273;

/// How much of the symbol may be damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum QrLevel {
    /// About 15 %: receipts and screens.
    #[default]
    M,
    /// About 30 %: A4 and PDF, where there is room.
    H,
}

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
        let code = self.code(level)?;
        let side = code.size + 2 * QUIET;
        let mut path = String::new();
        for y in 0..code.size {
            for (x, length) in dark_runs(&code, y) {
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
        }
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{pixels}\" height=\"{pixels}\" \
             shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR stamp\"><rect width=\"{side}\" height=\"{side}\" \
             fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>",
            pixels = side * scale(side),
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
        let code = self.code(level)?;
        let side = code.size + 2 * QUIET;
        let scale = scale(side);
        let row_bytes = (side * scale).div_ceil(8);
        let mut pixels = Vec::with_capacity(row_bytes * side * scale);
        for y in 0..side {
            // One bit a pixel, 1 is white.
            let mut row = vec![0xff_u8; row_bytes];
            for x in (0..side * scale).filter(|x| is_dark(&code, x / scale, y)) {
                row[x / 8] &= !(0x80 >> (x % 8));
            }
            for _ in 0..scale {
                pixels.extend_from_slice(&row);
            }
        }
        encode_png(side * scale, &pixels)
            .map_err(|e| Error::new(ErrorKind::Config, OPERATION, format!("no PNG image: {e}")))
    }

    /// The code for a dark terminal, two modules a character, quiet zone included: light modules are drawn, dark ones
    /// are left out (as `qrencode -t UTF8` does).
    ///
    /// # Errors
    /// As `qr_svg`.
    pub fn qr_text(&self) -> Result<String> {
        let code = self.code(QrLevel::default())?;
        let side = code.size + 2 * QUIET;
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            for x in 0..side {
                let light_below = y + 1 < side && !is_dark(&code, x, y + 1);
                text.push(match (!is_dark(&code, x, y), light_below) {
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

    fn code(&self, level: QrLevel) -> Result<QRCode> {
        let level = match level {
            QrLevel::M => ECL::M,
            QrLevel::H => ECL::H,
        };
        QRBuilder::new(self.payload.as_bytes())
            .mode(Mode::Byte)
            .ecl(level)
            .build()
            .map_err(|e| Error::new(ErrorKind::Config, OPERATION, format!("no QR code: {e}")))
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

/// Pixels a module: enough for the least width, and never fewer than six: some readers miss smaller ones.
fn scale(side: usize) -> usize {
    LEAST_PIXELS.div_ceil(side).max(6)
}

/// Whether a module is dark; `x` and `y` count from the edge of the quiet zone.
fn is_dark(code: &QRCode, x: usize, y: usize) -> bool {
    let inside = |n: usize| (QUIET..code.size + QUIET).contains(&n);
    inside(x) && inside(y) && code[y - QUIET][x - QUIET].value()
}

fn dark_runs(code: &QRCode, y: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for x in (0..code.size).filter(|x| code[y][*x].value()) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == x => *length += 1,
            _ => runs.push((x, 1)),
        }
    }
    runs
}

fn encode_png(side: usize, pixels: &[u8]) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(image)
}
