//! A report as PDF: all of its text can be read out again, and no character that the font does not have is left out.
//!
//! Needs a font with Chinese characters at one of the usual places (Debian: fonts-wqy-microhei).

use std::fs;

use crate::prove_it::told;

/// All text of a PDF, page after page.
fn text_of(path: &str) -> String {
    let pdf = lopdf::Document::load(path).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    pdf.extract_text(&pages).unwrap().split_whitespace().collect()
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn every_word_and_digit_of_a_report_is_in_its_pdf() {
    let story = told();
    let world = &story.world;
    for (lang, words) in [("en", "the data used derive from the copy"), ("zh", "所用数据来自交给")] {
        let (pdf, json) = (world.arg(&format!("finding-{lang}.pdf")), world.arg(&format!("finding-{lang}.json")));
        world.done(&["--lang", lang, "report", "-o", &pdf]);
        world.done(&["--lang", lang, "report", "-o", &json]);
        let text = text_of(&pdf);
        assert!(text.contains(&bare(words)), "{text}");
        let document: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
        let rungs = document["ladder"].as_array().unwrap().iter().flat_map(|rung| [&rung["claim"], &rung["ground"]]);
        let against = document["against"].as_array().unwrap().iter();
        for said in against.chain(document["reasons"].as_array().unwrap()).map(|pair| pair[lang].as_str().unwrap()) {
            assert!(text.contains(&bare(said)), "{said} is not in {text}");
        }
        // Cells of a table are set side by side, a line of each after the other: their characters are all there.
        for rung in rungs.map(|pair| pair[lang].as_str().unwrap()) {
            for character in bare(rung).chars() {
                assert!(text.contains(character), "{character} is not in the PDF");
            }
        }
        assert!(text.contains(&story.numbers[0]), "{text}");
    }
}

#[test]
fn a_character_that_no_font_need_have_is_written_by_its_number_and_is_no_blank() {
    let story = told();
    let world = &story.world;
    let said = "宝宝\u{1F600}满月\u{10FFFD}照\u{202E}吗\u{7}好";
    world.done(&["hit", "add", "--to", &story.numbers[0], "--said", said]);
    world.done(&["report", "-o", &world.arg("said.pdf")]);
    let text = text_of(&world.arg("said.pdf"));
    for written in ["[U+1F600]", "[U+10FFFD]", "[U+202E]", "[U+0007]"] {
        assert!(text.contains(written), "{written} is not in {text}");
    }
    world.done(&["report", "-o", &world.arg("said.html")]);
    let page = fs::read_to_string(world.at("said.html")).unwrap();
    assert!(page.contains("宝宝\u{1F600}满月\u{10FFFD}照[U+202E]吗[U+0007]好"), "the page hides what cannot be seen");
}

#[test]
fn a_font_without_chinese_or_none_and_standard_output_are_refused() {
    let story = told();
    let world = &story.world;
    world.refused(&["report", "-o", "-"]).says("standard output").says("-o finding.html");
    let none = world.write("none.ttf", "no font at all");
    world.refused(&["report", "-o", &world.arg("finding.pdf"), "--font", &none]).names("none.ttf");
    world.refused(&["report", "-o", &world.arg("finding.pdf"), "--font", &world.arg("gone.ttf")]).names("gone.ttf");
}
