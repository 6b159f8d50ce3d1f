//! Numbers that are cut by tags, calculated, linked or encoded where few look; and streams that somebody ends early.

use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::packed::{base64, zipped};
use crate::scan_what_hides::hidden;
use crate::world::{all, count, text};

#[test]
fn formulas_and_links_of_workbooks_are_read() {
    let hidden = hidden();
    let number = hidden.number.clone();
    let plan = "<workbook><sheets><sheet name='名单' r:id='rId1'/></sheets></workbook>";
    let links = "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>";
    let book = |sheet: &str, of_sheet: &str| {
        let sheet = format!("<worksheet>{sheet}</worksheet>");
        let rels = format!("<Relationships>{of_sheet}</Relationships>");
        zipped(&[
            ("xl/workbook.xml", plan.as_bytes()),
            ("xl/_rels/workbook.xml.rels", links.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/worksheets/_rels/sheet1.xml.rels", rels.as_bytes()),
        ])
    };
    let cell = |inside: &str| format!("<sheetData><row r='3'><c r='B3' t='str'>{inside}</c></row></sheetData>");
    for inside in [
        format!("<f>\"{number}\"</f>"),
        format!("<f>&quot;{number}&quot;</f><v></v>"),
        format!("<f>HYPERLINK(\"tel:{number}\",\"打电话\")</f><v>打电话</v>"),
        format!("<f>{number}</f>"),
    ] {
        let found = hidden.read("formula.xlsx", &book(&cell(&inside), ""));
        assert_eq!((text(&found, "place"), count(&found, "line")), ("名单!B3", 3), "{inside}");
    }
    let link = "<Relationship Id='rId1' Type='hyperlink' Target='tel:NUMBER' TargetMode='External'/>";
    let found = hidden.read("link.xlsx", &book(&cell("<v>打电话</v>"), &link.replace("NUMBER", &number)));
    assert_eq!(text(&found, "text"), number);
    let shown = format!("<hyperlinks><hyperlink ref='B3' display='{number}' tooltip='打'/></hyperlinks>");
    let found = hidden.read("shown.xlsx", &book(&(cell("<v>打电话</v>") + &shown), ""));
    assert_eq!((text(&found, "place"), count(&found, "line")), ("名单!B3", 3));
}

#[test]
fn a_number_that_tags_cut_is_one() {
    let hidden = hidden();
    let (a, b, c) = (&hidden.number[..3], &hidden.number[3..7], &hidden.number[7..]);
    for cut in [
        format!("<td>{a}<span>{b}</span>{c}</td>"),
        format!("<td>{a}<wbr>{b}<wbr/>{c}</td>"),
        format!("<p><b>{a}</b><font color=\"red\">{b}</font><i>{c}</i></p>"),
    ] {
        let found = hidden.read("page.html", format!("<html><body>{cut}</body></html>").as_bytes());
        assert!(text(&found, "text").starts_with(a), "{found}");
        let wide: Vec<u8> = cut.encode_utf16().flat_map(u16::to_le_bytes).collect();
        hidden.read("page.htm", &wide);
    }
    let parted = format!("<td>{a}</td><td>{b}</td><td>{c}</td>");
    let scanned = hidden.world.run(&["--json", "scan", &hidden.world.write("cells.html", parted)]);
    assert_eq!(scanned.code, Some(1), "{}", scanned.out);
}

#[test]
fn a_message_whose_body_is_utf16_in_base64_is_read() {
    let hidden = hidden();
    let body: Vec<u8> = format!("名单 {}\r\n", hidden.number).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for charset in ["utf-16le", "utf-16", "unicode", "utf-8"] {
        let message = format!(
            "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            base64(&body)
        );
        hidden.read("a.eml", message.as_bytes());
    }
}

#[test]
fn a_short_stream_that_is_interrupted_is_searched_as_far_as_it_came() {
    let hidden = hidden();
    for filling in [0, 1_000, 3 << 20] {
        let mut program = hidden.world.program(&["--json", "scan", "-"]);
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(format!("{}{}", "x\n".repeat(filling / 2), hidden.row).as_bytes()).unwrap();
        stdin.flush().unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let id = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{filling}: {out}");
        drop(stdin);
        let scanned: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(scanned["interrupted"], true, "{scanned}");
        assert_eq!(all(&scanned, "matches").len(), 1, "{filling}: {scanned}");
        assert_eq!(count(&scanned["files"][0], "bytes"), (filling / 2 * 2 + hidden.row.len()) as u64, "{scanned}");
    }
}
