//! Ledgers whose canaries have an entry each, and whose older canaries came by entries of their own: they are read, traced and proven
//! as ever.

use std::fs;

use canaries::ledger::{Event, InputFile, PlantingRecord, Record};
use canaries::list::Meaning;
use canaries::phone::Number;
use canaries::store::{Store, StoreError};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use serde_json::Value;

use crate::prove_it::{Change, both, edit, entry, sign_again};
use crate::stage::pool;
use crate::world::{Fixed, all, text};

/// Enters two plantings as earlier versions did: one makes a canary, the other has it too.
fn enter(world: &Fixed, number: &str) {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut store = Store::open(&world.at("canaries.db")).unwrap();
    let output = |name: &str, hash: &str| InputFile { path: world.arg(name), sha256: hash.repeat(32), rows: 61 };
    let (first, second) = ("P-000001".parse().unwrap(), "P-000002".parse().unwrap());
    let reserved = |planting, holder: &str, name: &str| {
        Event::Reserved(PlantingRecord {
            planting,
            holder: holder.parse().unwrap(),
            input: Some(output("list.csv", "00")),
            final_path: world.arg(name),
            temp_path: world.arg(".temp"),
            header: vec!["姓名".to_string(), "电话".to_string()],
            authority: None,
            canaries: None,
        })
    };
    let fields = [(Meaning::MotherName, "欧阳明慧".to_string()), (Meaning::Phone, number.to_string())];
    let record = Record { fields: fields.into(), identity: 7, ..Record::default() };
    let mint = Event::Mint {
        canary: "C-000001".parse().unwrap(),
        planting: first,
        number: Number::from_e164(number).unwrap(),
        row: 9,
        record,
    };
    let sealed = |planting, output| Event::Sealed { planting, output, undo: None, roots: None };
    let received = Event::Received {
        canary: "C-000001".parse().unwrap(),
        holder: "district".parse().unwrap(),
        planting: second,
        list_sha256: "22".repeat(32),
        row: 9,
    };
    let events = [
        reserved(first, "szfy", "a.csv"),
        mint,
        sealed(first, output("a.csv", "11")),
        Event::Planted { planting: first },
        reserved(second, "district", "b.csv"),
        sealed(second, output("b.csv", "22")),
        received,
        Event::Planted { planting: second },
    ];
    let at = "2026-11-21T03:00:00Z".parse().unwrap();
    let entered: Result<(), StoreError> =
        store.write(at, &mut rng, |writing| events.iter().try_for_each(|event| writing.append(event)));
    entered.unwrap();
}

#[test]
fn an_older_ledger_is_traced_and_its_package_proves_what_it_did() {
    let world = Fixed::ready(&["szfy", "district"], 30);
    let number = pool(1).next().unwrap();
    let number = format!("+86{}", number.trim_start_matches("+86"));
    enter(&world, &number);
    world.verified();
    world.pass_days(20);
    world.done(&["hit", "add", "--to", &number, "--from", "057188880000", "--said", "欧阳明慧您好，宝宝拍满月照吗"]);
    let traced = world.json(&["trace", &number]);
    assert_eq!(text(&all(&traced["canary"], "received")[0], "holder"), "district", "{traced:#}");
    let good = world.arg("good");
    world.done(&["report", &number, "-o", &good]);
    assert_eq!(both(&world, &good, "an older ledger"), None);
    let checked: Value = world.json(&["verify", &good]);
    assert_eq!(all(&checked, "copies").len(), 2, "{checked}");
    let changes: [(&str, &str, Change<'_>); 4] = [
        (
            "another number",
            "openings",
            Box::new(|f| edit(&format!("{}.open", entry(f, "mint")), |t| t.replace("number ", "number 0"))),
        ),
        (
            "the canary is not opened",
            "copies",
            Box::new(|f| fs::remove_file(format!("{}.open", entry(f, "mint"))).unwrap()),
        ),
        (
            "nobody is opened to have received it",
            "copies",
            Box::new(|f| fs::remove_file(format!("{}.open", entry(f, "received"))).unwrap()),
        ),
        (
            "another received it",
            "openings",
            Box::new(|f| edit(&format!("{}.open", entry(f, "received")), |t| t.replace(" district", " szfy"))),
        ),
    ];
    for (at, (what, step, change)) in changes.iter().enumerate() {
        let folder = world.arg(&format!("bad-{at}"));
        assert!(std::process::Command::new("cp").args(["-r", &good, &folder]).status().unwrap().success());
        change(&folder);
        sign_again(&world, &folder);
        assert_eq!(both(&world, &folder, what).as_deref(), Some(*step), "{what}");
    }
}
