//! Whether the trace would name a holder though another copy has all that was told of: the same rule, before anything leaks.
//!
//! Of what the other copy has besides, only what stands among rows of the same origins speaks by its silence; before a leak nothing is
//! known of a row but where it came from, so a copy's own canaries are there as often as the rows that came to it.

use std::collections::BTreeSet;

use crate::trace::Copies;
use crate::trace::priors::{SILENT_BY_CHANCE, SILENT_RATIO};

/// Clusters, each with the canaries of it that were told of.
type Drawn<'d> = &'d [(usize, usize)];
/// Canaries that ring by cluster, and by place the clusters with canaries, each with its share.
type Held<'h> = (&'h [usize], &'h [Vec<(usize, f64)>]);

/// Tells whether some other copy has all that was told of and too little besides whose silence would speak against it.
pub(super) fn is_shared(copies: &Copies, (canaries, at): Held<'_>, place: usize, drawn: Drawn<'_>) -> bool {
    let share = |cluster: usize, place: usize| {
        copies.clusters[cluster].reach.iter().find(|share| share.place == place).map(|share| share.share)
    };
    let Some((first, _)) = drawn.first() else { return false };
    let origins: BTreeSet<usize> = drawn.iter().map(|(cluster, _)| copies.clusters[*cluster].origin).collect();
    let others = copies.clusters[*first].reach.iter().map(|share| share.place).filter(|other| *other != place);
    let told: usize = drawn.iter().map(|(_, told)| told).sum();
    let is_possible = |other: usize| {
        let came: Option<Vec<f64>> =
            drawn.iter().map(|(cluster, told)| Some(share(*cluster, other)?.ln() * *told as f64)).collect();
        let Some(came) = came else { return false };
        let (mut common_silent, mut besides) = (0.0, Vec::new());
        for (cluster, held) in &at[other] {
            let drawn = drawn.iter().find(|(drawn, _)| drawn == cluster).map_or(0, |(_, told)| *told);
            let (silent, part) =
                ((canaries[*cluster] - drawn) as f64, part(copies, (canaries, at), &origins, *cluster));
            match share(*cluster, place) {
                Some(_) => common_silent += silent * part,
                None => besides.push((silent, held * part)),
            }
        }
        let rate = told as f64 / (told as f64 + common_silent + 1.0);
        let silent = besides.into_iter().map(|(silent, part)| silent * (-part * rate * (1.0 - SILENT_RATIO)).ln_1p());
        (came.into_iter().sum::<f64>() + silent.sum::<f64>()).exp() >= SILENT_BY_CHANCE
    };
    others.into_iter().any(is_possible)
}

/// Gives the share of a cluster, 0 to 1, that stands among rows of these origins.
fn part(copies: &Copies, (canaries, at): Held<'_>, origins: &BTreeSet<usize>, cluster: usize) -> f64 {
    let origin = copies.clusters[cluster].origin;
    if origins.contains(&origin) {
        return 1.0;
    }
    let came = at[origin].iter().filter(|(cluster, _)| copies.clusters[*cluster].origin != origin);
    let (mut inside, mut all) = (0.0, 0.0);
    for (cluster, share) in came {
        let held = share * canaries[*cluster] as f64;
        all += held;
        inside += if origins.contains(&copies.clusters[*cluster].origin) { held } else { 0.0 };
    }
    if all > 0.0 { inside / all } else { 0.0 }
}
