//! A symbol as a PNG of one bit a pixel.
//!
//! All rows of a module are alike. The filter that writes a row as its difference from the one above leaves zeros of
//! them, and the compressor made for PNG passes over zeros: a picture costs less than its symbol.

use super::symbol::{QUIET, Symbol};
use crate::{Error, ErrorKind, Result};
use std::iter::repeat_n;

const OPERATION: &str = "stamp.png";

/// Least width of a picture whose place is not known (access points name 300).
const LEAST_PIXELS: usize = 300;

/// Fewer dots a module than these, and thermal paper bleeds over the light ones.
const LEAST_DOTS: usize = 3;

/// More dots than any print head has: A4 at 1,200 dpi. What is asked beyond that is a mistake, not a picture.
const MOST_DOTS: u32 = 9_921;

/// Pixels a module: enough for the least width, and never fewer than six: some readers miss smaller ones.
pub(super) fn pixels_a_module(side: usize) -> usize {
    LEAST_PIXELS.div_ceil(side).max(6)
}

/// A square picture, quiet zone included.
pub(super) fn png(symbol: &Symbol) -> Result<Vec<u8>> {
    let side = symbol.side() + 2 * QUIET;
    let scale = pixels_a_module(side);
    drawn(symbol, scale, side * scale)
}

/// A picture of `dots` pixels a row.
pub(super) fn png_for_roll(symbol: &Symbol, dots: u32) -> Result<Vec<u8>> {
    let side = symbol.side() + 2 * QUIET;
    let width = dots.min(MOST_DOTS) as usize;
    let scale = width / side;
    if scale < LEAST_DOTS || dots > MOST_DOTS {
        let message = format!(
            "no print head of {dots} dots takes the QR stamp: it needs {} ({LEAST_DOTS} a module) to {MOST_DOTS}",
            side * LEAST_DOTS
        );
        return Err(Error::new(ErrorKind::Config, OPERATION, message).with("field", "dots"));
    }
    drawn(symbol, scale, width)
}

/// Draws the symbol in the middle of rows of `width` pixels.
fn drawn(symbol: &Symbol, scale: usize, width: usize) -> Result<Vec<u8>> {
    // One is white.
    let white = vec![0xff_u8; width.div_ceil(8)];
    let left = (width - symbol.side() * scale) / 2;
    let height = (symbol.side() + 2 * QUIET) * scale;
    let mut pixels = Vec::with_capacity(white.len() * height);
    pixels.extend(repeat_n(&white[..], QUIET * scale).flatten());
    for y in 0..symbol.side() {
        let mut row = white.clone();
        for (x, length) in symbol.dark_runs(y) {
            blacken(&mut row, left + x * scale, left + (x + length) * scale);
        }
        for _ in 0..scale {
            pixels.extend_from_slice(&row);
        }
    }
    pixels.extend(repeat_n(&white[..], QUIET * scale).flatten());
    encoded(width, height, &pixels)
        .map_err(|e| Error::new(ErrorKind::Config, OPERATION, format!("no PNG image: {e}")))
}

/// Clears the bits from `start` up to `end`.
fn blacken(row: &mut [u8], start: usize, end: usize) {
    let (first, last) = (start / 8, end / 8);
    let (head, tail) = (0xff_u8 >> (start % 8), !(0xff_u8 >> (end % 8)));
    if first == last {
        row[first] &= !(head & tail);
        return;
    }
    row[first] &= !head;
    row[first + 1..last].fill(0);
    if tail != 0 {
        row[last] &= !tail;
    }
}

fn encoded(width: usize, height: usize, pixels: &[u8]) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let pixels_of = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let mut image = Vec::with_capacity(8 * 1024);
    let mut encoder = png::Encoder::new(&mut image, pixels_of(width), pixels_of(height));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(image)
}
