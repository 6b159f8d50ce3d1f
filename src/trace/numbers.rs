//! Sums of probabilities that are kept as logarithms: a product over a thousand silent canaries is far below the
//! smallest `f64`.

/// Difference of logarithms from which the smaller number is less than half of the last binary digit of the larger: e⁻³⁸ < 2⁻⁵⁴.
const LOST_IN_ONE: f64 = -38.0;

/// Adds numbers that are given as logarithms; nothing adds up to minus infinity.
pub fn ln_sum(logs: impl IntoIterator<Item = f64>) -> f64 {
    let mut largest = f64::NEG_INFINITY;
    let mut scaled = 0.0_f64;
    for log in logs {
        if log > largest {
            let less = largest - log;
            // What is lost in the sum anyway, and that is most, is not worth a call of `exp`.
            scaled = if scaled == 1.0 && less < LOST_IN_ONE { 1.0 } else { scaled * less.exp() + 1.0 };
            largest = log;
        } else if log > f64::NEG_INFINITY && log - largest >= LOST_IN_ONE {
            scaled += (log - largest).exp();
        }
    }
    if scaled == 0.0 {
        f64::NEG_INFINITY
    } else if scaled == 1.0 {
        largest
    } else {
        largest + scaled.ln()
    }
}

/// Gives the logarithm of `(1 - part) + part · e^log`.
pub fn ln_mixed(part: f64, log: f64) -> f64 {
    if log <= 0.0 { (part * log.exp_m1()).ln_1p() } else { log + ((1.0 - part) * (-log).exp_m1()).ln_1p() }
}

/// Gives the logarithm of the Gamma function of a positive number, to 1e-10 (Lanczos 1964, g = 7, n = 9).
pub fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = TERMS.iter().enumerate().skip(1).fold(TERMS[0], |sum, (n, term)| sum + term / (x + n as f64));
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + series.ln()
}

/// Gives the derivative of [`ln_gamma`], to 1e-8 (recurrence, then the asymptotic series).
pub fn digamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 8.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    sum + x.ln() - 0.5 / x - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digamma_function_has_its_known_values_and_is_the_slope_of_ln_gamma() {
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-8);
        assert!((digamma(0.5) + 1.963_510_026_021_423).abs() < 1e-8);
        let slope = (ln_gamma(3.701) - ln_gamma(3.699)) / 0.002;
        assert!((digamma(3.7) - slope).abs() < 1e-6, "{slope}");
    }

    #[test]
    fn tiny_probabilities_add_up_without_vanishing() {
        assert!((ln_sum([-10_000.0, -10_000.0]) - (-10_000.0 + 2.0_f64.ln())).abs() < 1e-9);
        assert_eq!(ln_sum([]), f64::NEG_INFINITY);
        assert_eq!(ln_sum([f64::NEG_INFINITY, 3.0]), 3.0);
    }

    #[test]
    fn terms_that_are_lost_in_a_sum_are_left_out_to_the_last_digit() {
        let plain = |logs: &[f64]| {
            let (mut largest, mut scaled) = (f64::NEG_INFINITY, 0.0_f64);
            for log in logs.iter().copied() {
                if log > largest {
                    scaled = scaled * (largest - log).exp() + 1.0;
                    largest = log;
                } else if log > f64::NEG_INFINITY {
                    scaled += (log - largest).exp();
                }
            }
            largest + scaled.ln()
        };
        let mut state = 7_u64;
        let mut draw = |span: f64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * span
        };
        for span in [1.0, 30.0, 76.0, 90.0, 800.0] {
            for _ in 0..500 {
                let logs: Vec<f64> = (0..20).map(|_| draw(span)).collect();
                assert_eq!(ln_sum(logs.iter().copied()).to_bits(), plain(&logs).to_bits(), "{logs:?}");
            }
        }
    }

    #[test]
    fn a_mixture_is_right_at_both_ends() {
        for (part, log) in [(0.02, -700.0), (0.98, -3.0), (0.5, 0.0), (0.01, 3.0)] {
            let plain = ((1.0 - part) + part * f64::exp(log)).ln();
            assert!((ln_mixed(part, log) - plain).abs() < 1e-12, "{part} {log}");
        }
        assert!((ln_mixed(0.1, 800.0) - (800.0 + 0.1_f64.ln())).abs() < 1e-9);
    }

    #[test]
    fn ln_gamma_gives_factorials() {
        for (x, factorial) in [(1.0, 1.0), (2.0, 1.0), (5.0, 24.0), (11.0, 3_628_800.0)] {
            assert!((ln_gamma(x) - f64::ln(factorial)).abs() < 1e-9, "{x}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-9);
    }
}
