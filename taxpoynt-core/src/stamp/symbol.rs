//! The QR symbol of a text: which modules are dark.

use crate::{Error, ErrorKind, Result};
use fast_qr::{ECL, Mode, QRBuilder, QRCode};
use std::fmt;

/// Light modules that belong around a symbol (ISO/IEC 18004: four).
pub(super) const QUIET: usize = 4;

/// How much of the symbol may be damaged. What a stamp of 344 characters takes, without the quiet zone, is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum QrLevel {
    /// About 7 %, 65 modules a side: the largest modules on narrow paper.
    L,
    /// About 15 %, 73 modules a side: receipts and screens. With its quiet zone it takes 324 of the 384 dots of a
    /// 58 mm roll, four a module.
    #[default]
    M,
    /// About 30 %, 97 modules a side: A4 and PDF, where there is room.
    H,
}

/// A QR symbol without its quiet zone.
pub struct Symbol {
    code: QRCode,
}

impl Symbol {
    pub(super) fn of(text: &str, level: QrLevel) -> Result<Self> {
        let level = match level {
            QrLevel::L => ECL::L,
            QrLevel::M => ECL::M,
            QrLevel::H => ECL::H,
        };
        let code = QRBuilder::new(text.as_bytes())
            .mode(Mode::Byte)
            .ecl(level)
            .build()
            .map_err(|e| Error::new(ErrorKind::Config, "stamp.qr", format!("no QR code: {e}")))?;
        Ok(Self { code })
    }

    /// Modules a side.
    #[must_use]
    pub fn side(&self) -> usize {
        self.code.size
    }

    /// Whether the module in column `x` of row `y` is dark; outside of the symbol nothing is.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.code.size && y < self.code.size && self.code[y][x].value()
    }

    /// Where dark modules follow each other in a row: the first column and how many.
    pub(super) fn dark_runs(&self, y: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let row = &self.code[y];
        let mut x = 0;
        std::iter::from_fn(move || {
            let start = x + row[x..].iter().position(|module| module.value())?;
            x = row[start..]
                .iter()
                .position(|module| !module.value())
                .map_or(row.len(), |light| start + light);
            Some((start, x - start))
        })
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbol").field("side", &self.code.size).finish_non_exhaustive()
    }
}
