//! Sums of logarithms over times, rates and windows.
//!
//! Ratios are multiplied as long as that neither overflows nor vanishes, and only then are logarithms taken.

use super::grid::Window;
use super::numbers::ln_mixed;
use super::tables::{PRODUCT_MAX, PRODUCT_MIN};

/// Sums by time, rate and window, with the product of what is not summed up yet.
#[derive(Clone)]
pub(super) struct Sums {
    logs: Vec<f64>,
    products: Vec<f64>,
}

impl Sums {
    /// Begins with nothing at so many points.
    pub(super) fn new(points: usize) -> Sums {
        Sums { logs: vec![0.0; points], products: vec![1.0; points] }
    }

    /// Adds logarithms so many times.
    pub(super) fn add(&mut self, logs: &[f64], times: f64) {
        self.logs.iter_mut().zip(logs).for_each(|(sum, log)| *sum += times * log);
    }

    /// Multiplies the mixtures of one time and rate in; windows of one first bin follow each other, shortest first.
    pub(super) fn multiply(&mut self, point: usize, ratios: &[f64], windows: &[Window], part: f64) {
        let (mut first, mut end, mut ratio) = (usize::MAX, 0, 1.0);
        for (at, window) in (point..).zip(windows) {
            if window.first != first || window.end < end {
                (first, end, ratio) = (window.first, window.first, 1.0);
            }
            ratio = ratios[end..window.end].iter().fold(ratio, |ratio, more| ratio * more);
            end = window.end;
            let product = self.products[at] * ((1.0 - part) + part * ratio);
            self.products[at] = product;
            if !(PRODUCT_MIN..=PRODUCT_MAX).contains(&product) {
                self.logs[at] += product.ln();
                self.products[at] = 1.0;
            }
        }
    }

    /// Does so with logarithms whose products would be too large or too small.
    pub(super) fn mixed(&mut self, point: usize, logs: &[f64], windows: &[Window], part: f64) {
        for (at, window) in (point..).zip(windows) {
            let ln: f64 = logs[window.first..window.end].iter().sum();
            self.logs[at] += if ln == 0.0 { 0.0 } else { ln_mixed(part, ln) };
        }
    }

    /// Gives the sums.
    pub(super) fn whole(self) -> Vec<f64> {
        let sum = |(log, product): (f64, f64)| if product == 1.0 { log } else { log + product.ln() };
        self.logs.into_iter().zip(self.products).map(sum).collect()
    }
}
