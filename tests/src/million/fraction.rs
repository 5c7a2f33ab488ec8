//! Exact fractions. A calculation that does not fit stops the proof rather than be wrong.

use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};
use taxpoynt_ubl::Rounding;

/// A fraction in lowest terms, its denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One hundred, as in percent.
    pub const HUNDRED: Self = Self { numerator: 100, denominator: 1 };

    /// `numerator ÷ denominator`.
    ///
    /// # Panics
    /// Where the denominator is zero.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Self {
        assert!(denominator != 0, "a fraction of {numerator} by zero");
        let common = greatest_common_divisor(numerator, denominator) * denominator.signum();
        Self { numerator: numerator / common, denominator: denominator / common }
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: i128) -> Self {
        Self::new(number, 1)
    }

    /// The value of a decimal.
    #[must_use]
    pub fn of(decimal: Decimal) -> Self {
        Self::new(decimal.mantissa(), 10_i128.pow(decimal.scale()))
    }

    /// The nearest whole number that is not above it.
    #[must_use]
    pub fn floor(self) -> Self {
        Self::whole(self.numerator.div_euclid(self.denominator))
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        if self < Self::ZERO { -self } else { self }
    }

    /// Rounded to `places` decimals by a rule.
    #[must_use]
    pub fn rounded(self, places: u32, rounding: Rounding) -> Self {
        let scale = Self::whole(10_i128.pow(places));
        (self * scale).to_whole(rounding) / scale
    }

    fn to_whole(self, rounding: Rounding) -> Self {
        let below = self.floor();
        let above = below + Self::whole(1);
        let (nearer_zero, farther) = if self < Self::ZERO { (above, below) } else { (below, above) };
        if self == below {
            return self;
        }
        match (rounding, (self - below).cmp(&(above - self))) {
            (Rounding::Down, _) => nearer_zero,
            (_, Ordering::Less) => below,
            (_, Ordering::Greater) => above,
            (Rounding::HalfEven, Ordering::Equal) => {
                if below.numerator % 2 == 0 {
                    below
                } else {
                    above
                }
            }
            (_, Ordering::Equal) => farther,
        }
    }
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn times(a: i128, b: i128) -> i128 {
    a.checked_mul(b).unwrap_or_else(|| panic!("{a} × {b} does not fit; make smaller invoices"))
}

impl Add for Fraction {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (left, right) =
            (times(self.numerator, other.denominator), times(other.numerator, self.denominator));
        let sum = left.checked_add(right).unwrap_or_else(|| panic!("{left} + {right} does not fit"));
        Self::new(sum, times(self.denominator, other.denominator))
    }
}

impl Neg for Fraction {
    type Output = Self;

    fn neg(self) -> Self {
        Self { numerator: -self.numerator, denominator: self.denominator }
    }
}

impl Sub for Fraction {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Fraction {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(times(self.numerator, other.numerator), times(self.denominator, other.denominator))
    }
}

impl Div for Fraction {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Self::new(times(self.numerator, other.denominator), times(self.denominator, other.numerator))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        times(self.numerator, other.denominator).cmp(&times(other.numerator, self.denominator))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::iter::Sum for Fraction {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Self::add)
    }
}
