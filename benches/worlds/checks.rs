//! The judge is judged: figures by hand, and worlds whose truth is known.
//!
//! Apart from the modules it checks, because a bench without a harness runs no tests; the journeys include both.

mod baselines {
    use super::super::baselines::*;

    #[test]
    fn guilt_by_hand() {
        // Agent 0 alone has row 0; agents 1 and 2 both have row 1.
        let receives = vec![vec![true, false, false], vec![false, true, true]];
        let guilty: Vec<f64> = innocence(3, &[0, 1, 1], &receives, 0.2).iter().map(|log| 1.0 - log.exp()).collect();
        assert!((guilty[0] - 0.8).abs() < 1e-12);
        assert!((guilty[1] - (1.0 - 0.6 * 0.6)).abs() < 1e-12);
        assert_eq!(guilty[1], guilty[2]);
    }
}

mod chance {
    use super::super::chance::*;
    use rand::RngExt;

    #[test]
    fn the_distributions_have_their_means() {
        let mut rng = seeded(&[1, 2]);
        let mut mean = |draw: &dyn Fn(&mut Chance) -> f64| (0..20_000).map(|_| draw(&mut rng)).sum::<f64>() / 20_000.0;
        assert!((mean(&|rng| exponential(3.0, rng)) - 3.0).abs() < 0.1);
        assert!((mean(&|rng| gamma_of_mean_one(0.7, rng)) - 1.0).abs() < 0.05);
        assert!((mean(&|rng| gamma_of_mean_one(4.0, rng)) - 1.0).abs() < 0.02);
        assert!((mean(&|rng| log_uniform((1.0, 100.0), rng).ln()) - 10_f64.ln()).abs() < 0.05);
    }

    #[test]
    fn seeds_differ_by_every_part() {
        let first = |parts: &[u64]| seeded(parts).random::<u64>();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1, 2]), first(&[1, 3]));
    }
}

mod judge {
    use super::super::judge::*;

    fn named(holder: &str, probability: f64) -> Named {
        let day = |day| chrono::NaiveDate::from_ymd_opt(2025, 5, day);
        Named { holder: holder.to_string(), probability, copied_between: day(1).zip(day(3)) }
    }

    fn run(truth: &[&str], called: usize, verdict: &str, sources: Vec<Named>) -> Run {
        let background = 1.0 - sources.iter().map(|named| named.probability).sum::<f64>();
        let campaigns = vec![Campaign { verdict: verdict.to_string(), sources: sources.clone() }];
        Run {
            group: "test".to_string(),
            truth: truth.iter().map(|id| id.to_string()).collect(),
            copied: chrono::NaiveDate::from_ymd_opt(2025, 5, if called == 4 { 3 } else { 4 }),
            called,
            told: Told { verdict: verdict.to_string(), sources, background, campaigns },
            oracle: Some(("a".to_string(), 0.9)),
            blind: None,
            by_told: [Some("a".to_string()), Some("b".to_string()), None],
            by_desk: [None, None, Some("a".to_string())],
            seconds: 1.0,
        }
    }

    #[test]
    fn calibration_by_hand() {
        assert_eq!(calibration_error(&[(1.0, true), (1.0, true)]), 0.0);
        // 0.9 and 0.95 share a bin: stated 1.85, right 1. 0.3 is alone: stated 0.3, right 0. (0.85 + 0.3) / 3.
        let ece = calibration_error(&[(0.9, true), (0.95, false), (0.3, false)]);
        assert!((ece - 1.15 / 3.0).abs() < 1e-12);
        // Two bins whose errors would cancel must not.
        assert!((calibration_error(&[(0.5, true), (0.5, true), (0.7, false)]) - 1.7 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_small_set_of_runs_by_hand() {
        let runs = [
            run(&["a"], 4, "strongly-supported", vec![named("a", 0.8), named("b", 0.1)]),
            run(&["a"], 2, "supported", vec![named("b", 0.6), named("a", 0.4)]),
            run(&["a"], 0, "inconclusive", vec![named("b", 0.5)]),
            run(&[], 0, "strongly-supported", vec![named("b", 0.75)]),
        ];
        let figures = Figures::of(&runs.iter().collect::<Vec<_>>());
        assert_eq!((figures.worlds, figures.called), (4, 2));
        assert_eq!((figures.right, figures.oracle, figures.by_told), (0.5, 1.0, [1.0, 0.0, 0.0]));
        assert_eq!((figures.blind, figures.oracle_sure), (0.0, 0.9));
        assert_eq!(figures.by_desk, [0.0, 0.0, 1.0]);
        assert_eq!(figures.dated, 1.0, "only the first run is right, and its days hold the third");
        assert_eq!((figures.inconclusive, figures.supported, figures.strong), (1, 1, 2));
        assert_eq!((figures.wrong_supported, figures.wrong_strong), (1, 1));
        assert_eq!((figures.accused, figures.accused_by_campaign), (2, 2));
        assert!((figures.ece - 0.8 / 2.0).abs() < 1e-12, "0.2 and 0.6, of two: {}", figures.ece);
        let score = -(0.8_f64.ln() + 0.4_f64.ln() + 0.5_f64.ln() + 0.25_f64.ln()) / 4.0;
        assert!((figures.log_score - score).abs() < 1e-9, "{} {score}", figures.log_score);
    }
}

mod leak {
    use super::super::chance::seeded;
    use super::super::leak::*;
    use super::super::shape::Shape;
    use super::super::world::{Recipe, World};
    use rand::RngExt;

    #[test]
    fn only_rows_that_were_in_the_copy_are_called_and_only_after_it() {
        let world = World::build(&Recipe { shape: Shape::Chain, controls: 10, undeclared: 0.0, seed: 6 });
        let mut called = 0;
        for seed in 0..40 {
            let mut rng = seeded(&[seed]);
            let keepers = world.with_canaries();
            let keeper = keepers[rng.random_range(0..keepers.len())];
            let leak = leak(&world, keeper, &Style::of_the_year(455.0), &mut rng);
            for touch in &leak.touches {
                assert!(world.canaries[touch.canary].reached[keeper] <= leak.copied);
                assert!(touch.day >= leak.copied + touch.resold_after && touch.day <= 455.0);
            }
            let lines: std::collections::HashSet<usize> = leak.calls.iter().map(|call| call.line).collect();
            assert_eq!(lines.len(), leak.touches.len());
            called += leak.touches.len();
        }
        assert!(called > 40, "{called}");
    }
}

mod noise {
    use super::super::chance::seeded;
    use super::super::noise::*;
    use super::super::world::pool;

    #[test]
    fn numbers_are_called_as_often_as_was_asked_and_some_never() {
        let mut rng = seeded(&[4]);
        let lines = pool(1000, &mut rng);
        let noise = Noise { storms: 0, diallers: 0, ..Noise::ordinary(0.12, &mut rng) };
        let calls = noise.calls(&lines, (0.0, 100.0), &mut rng);
        let rate = calls.len() as f64 / 100_000.0;
        assert!((rate / (0.12 * 1.05) - 1.0).abs() < 0.15, "{rate}");
        let called: std::collections::HashSet<usize> = calls.iter().map(|call| call.line).collect();
        assert!(called.len() < 950 && called.len() > 700, "{}", called.len());
        assert!(calls.windows(2).all(|pair| pair[0].day <= pair[1].day));
    }

    #[test]
    fn a_machine_calls_every_number_of_one_block() {
        let mut rng = seeded(&[5]);
        let lines = pool(3000, &mut rng);
        let calls = dial_through(&lines, 10.0, &mut rng);
        let block = lines[calls[0].line].block;
        assert_eq!(calls.len(), lines.iter().filter(|line| line.block == block).count());
        assert!(calls.len() > 1);
    }
}

mod oracle {
    use super::super::chance::seeded;
    use super::super::leak::{Style, leak};
    use super::super::oracle::*;
    use super::super::shape::Shape;
    use super::super::world::{Recipe, World};
    use rand::RngExt;

    #[test]
    fn logarithms_add_up() {
        assert!((log_sum(&[0.25_f64.ln(), 0.5_f64.ln()]) - 0.75_f64.ln()).abs() < 1e-12);
        assert_eq!(log_sum(&[f64::NEG_INFINITY]), f64::NEG_INFINITY);
    }

    #[test]
    fn the_oracle_is_calibrated_and_better_than_chance() {
        let world = World::build(&Recipe { shape: Shape::Chain, controls: 10, undeclared: 0.0, seed: 9 });
        let style = Style::of_the_year(455.0);
        let (mut right, mut expected, mut of) = (0.0, 0.0, 0.0);
        for seed in 0..120 {
            let mut rng = seeded(&[seed, 77]);
            let keepers = world.with_canaries();
            let leak = leak(&world, keepers[rng.random_range(0..keepers.len())], &style, &mut rng);
            if leak.touches.is_empty() {
                continue;
            }
            let posterior = posterior(&world, &leak, &style);
            assert!((posterior.iter().map(|(_, p)| p).sum::<f64>() - 1.0).abs() < 1e-9);
            let (first, probability) = posterior.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            right += f64::from(u8::from(first == leak.keeper));
            expected += probability;
            of += 1.0;
        }
        assert!(of > 50.0 && right / of > 0.6, "{right} of {of}");
        assert!((right - expected).abs() / of < 0.12, "{right} right, {expected} expected, of {of}");
    }
}

mod said {
    use super::super::chance::seeded;
    use super::super::said::*;

    #[test]
    fn one_who_knows_is_silent_three_times_in_five_and_seldom_wrong() {
        let words = Words { mother: "陈小红".to_string(), sex: "男".to_string(), ..Words::default() };
        let mut rng = seeded(&[3]);
        let all: Vec<Option<String>> = (0..4000).map(|_| by_one_who_knows(&words, Talk::Usual, &mut rng)).collect();
        let share = |is: &dyn Fn(&Option<String>) -> bool| all.iter().filter(|said| is(said)).count() as f64 / 4000.0;
        assert!((share(&Option::is_none) - 0.6).abs() < 0.03);
        let named = share(&|said| said.as_ref().is_some_and(|said| said.contains("陈小红")));
        assert!((named - 0.14 * 0.85).abs() < 0.03, "{named}");
        assert!(all.iter().flatten().any(|said| said.contains("程小红")));
    }
}

mod scenario {
    use super::super::scenario::*;

    #[test]
    fn every_scenario_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<&str> = Scenario::ALL.iter().map(|scenario| scenario.word()).collect();
        assert_eq!(words.len(), Scenario::ALL.len());
    }
}

mod shape {
    use super::super::chance::seeded;
    use super::super::shape::*;

    #[test]
    fn data_only_flow_on_and_every_shape_has_canaries() {
        for shape in Shape::ALL {
            for seed in 0..20 {
                let graph = shape.draw(&mut seeded(&[seed]));
                assert!(graph.streams.iter().all(|stream| stream.from < stream.to), "{}", shape.word());
                assert!(graph.sowings.iter().all(|sowing| sowing.count > 0 && sowing.keeper < graph.keepers.len()));
                assert!(graph.sowings.iter().map(|sowing| sowing.count).sum::<usize>() >= 40);
            }
        }
    }

    #[test]
    fn a_city_is_as_large_as_it_is_said_to_be() {
        let graph = Shape::City.draw(&mut seeded(&[7]));
        assert_eq!(graph.keepers.len(), 12 + 4 + 1 + 1 + 3 + 6);
        assert_eq!(graph.sowings.iter().map(|sowing| sowing.count).sum::<usize>(), 12 * (12 * 6 + 15 * 4));
    }
}

mod world {
    use super::super::shape::Shape;
    use super::super::world::*;

    #[test]
    fn what_flows_is_later_downstream_and_the_chances_fit_the_truth() {
        let world = World::build(&Recipe { shape: Shape::Chain, controls: 10, undeclared: 0.0, seed: 5 });
        let streams = &world.graph.streams;
        for canary in &world.canaries {
            let of_all = streams.iter().filter(|stream| stream.share >= 1.0 && canary.reached[stream.from].is_finite());
            assert!(of_all.clone().all(|stream| canary.reached[stream.to] >= canary.reached[stream.from]));
            let planting = &world.plantings[canary.planting];
            assert!((planting.chance_in(canary.keeper, canary.day) - 1.0).abs() < 1e-9);
            assert_eq!(planting.chance_in(canary.keeper, canary.day - 1.0), 0.0);
        }
        let (mut expected, mut seen, mut of) = (0.0, 0.0, 0.0);
        for stream in streams.iter().filter(|stream| stream.share < 1.0) {
            for canary in &world.canaries {
                expected += world.plantings[canary.planting].chance_in(stream.to, 1e6);
                seen += f64::from(u8::from(canary.reached[stream.to].is_finite()));
                of += 1.0;
            }
        }
        assert!(of == 0.0 || ((expected - seen) / of).abs() < 0.03, "{expected} {seen} {of}");
    }
}
