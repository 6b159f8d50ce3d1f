//! Lists of homes told in parts.

use rand::seq::SliceRandom;

use super::*;

/// Homes of three buildings with two units each, some of them not in the list.
fn homes(doors: u32) -> Vec<[u32; 3]> {
    let all = (1..4).flat_map(|building| (1..3).map(move |unit| (building, unit)));
    let rooms = (1..11).flat_map(|floor| (1..=doors).map(move |door| floor * 100 + door));
    let homes = all.flat_map(|(building, unit)| rooms.clone().map(move |room| [building, unit, room]));
    homes.filter(|[building, unit, room]| doors == 1 || (building + unit + room) % 7 != 0).collect()
}

fn written(homes: &[[u32; 3]]) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut text = String::from("楼栋,单元,房号,业主姓名,电话\n");
    for (n, [building, unit, room]) in homes.iter().enumerate() {
        text += &format!("{building}栋,{unit}单元,{room}室,{},{}\n", NAMES[n % 12], mobile(&mut rng));
    }
    text
}

fn read(cells: &[String]) -> [u32; 3] {
    [0, 1, 2].map(|at| cells[at].trim_end_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number"))
}

#[test]
fn a_new_home_is_nobodys_and_stands_in_order() {
    for doors in [1, 4] {
        let real = homes(doors);
        for seed in 0..6 {
            let mut taken: HashSet<[u32; 3]> = real.iter().copied().collect();
            for canary in check(&written(&real), 5, seed) {
                let own = read(&canary.row.cells);
                assert!(taken.insert(own), "{own:?} stands twice");
                let at = usize::try_from(canary.row.before).expect("small");
                assert!(real[at - 2] < own && own < real[at - 1], "{own:?} before {:?}", real[at - 1]);
            }
        }
    }
}

#[test]
fn a_new_home_is_nobodys_in_any_order() {
    let mut real = homes(4);
    real.shuffle(&mut ChaCha20Rng::seed_from_u64(11));
    let mut taken: HashSet<[u32; 3]> = real.iter().copied().collect();
    for canary in check(&written(&real), 12, 1) {
        assert!(taken.insert(read(&canary.row.cells)), "{:?} stands twice", canary.row.cells);
    }
}
