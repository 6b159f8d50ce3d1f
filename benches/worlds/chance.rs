//! Chance: seeds made of parts, and the few distributions a world is drawn from.
//!
//! Every world has a generator of its own, seeded by what it is, so that worlds come out alike in whatever order
//! they are run.

use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};

/// The generator of the simulator.
pub type Chance = ChaCha20Rng;

/// Makes a generator from the parts that name what is drawn.
pub fn seeded(parts: &[u64]) -> Chance {
    let mut state = 0x5DEE_CE66_D1CE_4E5B_u64;
    for part in parts {
        state = (state ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        state ^= state >> 29;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 32;
    }
    Chance::seed_from_u64(state)
}

/// Draws an exponential value.
pub fn exponential(mean: f64, rng: &mut Chance) -> f64 {
    -(1.0 - rng.random::<f64>()).ln() * mean
}

/// Draws a value whose logarithm is uniform.
pub fn log_uniform((low, high): (f64, f64), rng: &mut Chance) -> f64 {
    log_uniform_at((low, high), rng.random())
}

/// Gives the quantile at `share` of [`log_uniform`].
pub fn log_uniform_at((low, high): (f64, f64), share: f64) -> f64 {
    low * (high / low).powf(share)
}

/// Draws a Gamma value with mean 1 (Marsaglia and Tsang 2000).
pub fn gamma_of_mean_one(shape: f64, rng: &mut Chance) -> f64 {
    if shape < 1.0 {
        let boost = rng.random::<f64>().powf(1.0 / shape);
        return gamma_of_mean_one(shape + 1.0, rng) * (shape + 1.0) * boost / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        let u: f64 = rng.random();
        if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v / shape;
        }
    }
}

fn normal(rng: &mut Chance) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// Chooses one of some things.
pub fn one_of<'a, T>(things: &'a [T], rng: &mut Chance) -> &'a T {
    &things[rng.random_range(0..things.len())]
}
