//! What a report says, in order and in one language: headings, lines, lists, tables and pictures.
//!
//! How it looks is not said here: [`html`](super::html) and [`pdf`](super::pdf) make pages of the same blocks.

use super::ladder::given_to;
use super::pictures::{Picture, flow_picture, odds_picture, time_picture};
use super::{Canary, Finding, Rung, Shown};
use crate::hit::rfc3339;
use crate::lang::{Lang, Pair};

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Title(String),
    /// When and by what it was made.
    Made(String),
    Verdict(String),
    /// What may be claimed.
    Claim(String),
    Heading(String),
    Items(Vec<String>),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    Picture(Picture),
}

/// Says the finding in one language.
pub fn sheet(finding: &Finding, lang: Lang) -> Vec<Block> {
    let mut page = Sheet { lang, out: Vec::new() };
    let title = page.say("Finding", "溯源报告").to_string();
    page.out.push(Block::Title(title));
    page.out.push(Block::Made(format!("{} · canaries {}", rfc3339(&finding.made_at), env!("CARGO_PKG_VERSION"))));
    for (at, pair) in super::headline(&finding.traced, &finding.evidence).iter().enumerate() {
        let text = pair.in_lang(lang).to_string();
        page.out.push(if at == 0 { Block::Verdict(text) } else { Block::Claim(text) });
    }
    page.list(("Why", "理由"), &super::reasons(&finding.traced, &finding.evidence));
    page.list(("What speaks against it", "不利于此结论的事实"), &finding.against());
    page.list(
        ("What would decide it", "怎样才能确定"),
        &finding.traced.decides.iter().map(|decider| decider.told()).collect::<Vec<_>>(),
    );
    page.sources(finding);
    page.out.extend(odds_picture(finding, lang).map(Block::Picture));
    page.picture(("Who passed data on to whom", "数据流向"), flow_picture(finding, lang));
    page.picture(("Plantings and contacts in time", "投放与联系的时间"), time_picture(finding, lang));
    page.ladder(&finding.ladder());
    page.hits(finding);
    page.canaries(&finding.canaries);
    page.appendix(finding);
    page.out
}

struct Sheet {
    lang: Lang,
    out: Vec<Block>,
}

impl Sheet {
    fn say<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    fn heading(&mut self, (en, zh): (&str, &str)) {
        let title = self.say(en, zh).to_string();
        self.out.push(Block::Heading(title));
    }

    fn list(&mut self, title: (&str, &str), items: &[Pair]) {
        if items.is_empty() {
            return;
        }
        self.heading(title);
        let lang = self.lang;
        self.out.push(Block::Items(items.iter().map(|item| item.in_lang(lang).to_string()).collect()));
    }

    fn table(&mut self, title: (&str, &str), head: &[(&str, &str)], rows: Vec<Vec<String>>) {
        self.heading(title);
        let head = head.iter().map(|(en, zh)| self.say(en, zh).to_string()).collect();
        self.out.push(Block::Table { head, rows });
    }

    fn picture(&mut self, title: (&str, &str), picture: Option<Picture>) {
        if let Some(picture) = picture {
            self.heading(title);
            self.out.push(Block::Picture(picture));
        }
    }

    fn sources(&mut self, finding: &Finding) {
        let sources = finding.traced.sources.iter().take(SOURCES_MAX);
        let mut rows: Vec<Vec<String>> = sources
            .map(|source| {
                let between = source.copied_between.map(|(from, to)| format!("{from} … {to}"));
                let name = finding.name(&source.holder);
                let probability = format!("{:.3}", source.probability);
                vec![name, probability, source.hits_explained.to_string(), between.unwrap_or_default()]
            })
            .collect();
        let chance = self.say("nobody: chance calls", "无：偶然来电").to_string();
        rows.push(vec![chance, format!("{:.3}", finding.traced.background), String::new(), String::new()]);
        self.table(
            ("Probabilities", "概率"),
            &[
                ("the data used derive from the copy of", "所用数据来自下列副本"),
                ("probability", "概率"),
                ("hits explained", "可解释的命中"),
                ("copied between", "复制时间"),
            ],
            rows,
        );
    }

    fn ladder(&mut self, rungs: &[Rung]) {
        let lang = self.lang;
        let row = |page: &Sheet, rung: &Rung| {
            let shown = match rung.shown {
                Shown::Checkable => page.say("can be checked", "可独立核验"),
                Shown::OperatorOnly => page.say("the operator's word", "仅有操作方陈述"),
                Shown::NotShown => page.say("not shown", "未证明"),
            };
            let step = format!("{:?}", rung.step);
            vec![step, rung.claim.in_lang(lang).to_string(), shown.to_string(), rung.ground.in_lang(lang).to_string()]
        };
        let rows = rungs.iter().map(|rung| row(self, rung)).collect();
        self.table(
            ("What is claimed, and what shows it", "主张与依据"),
            &[("", ""), ("claim", "主张"), ("shown", "证明程度"), ("ground", "依据")],
            rows,
        );
    }

    fn hits(&mut self, finding: &Finding) {
        let rows = finding.traced.hits.iter().map(|hit| {
            let facts: Vec<String> = hit.heard.facts.iter().map(super::word).collect();
            vec![
                rfc3339(&hit.contact.at),
                hit.contact.to.to_string(),
                hit.contact.from.as_ref().map(|caller| caller.to_string()).unwrap_or_default(),
                hit.contact.kind.word().to_string(),
                super::word(&hit.heard.level),
                facts.join(" "),
                hit.contact.said.clone().unwrap_or_default(),
            ]
        });
        self.table(
            ("What happened", "经过"),
            &[
                ("time (UTC)", "时间 (UTC)"),
                ("number", "号码"),
                ("from", "来电方"),
                ("kind", "方式"),
                ("level", "级别"),
                ("facts", "说中的事实"),
                ("what was said", "所说的话"),
            ],
            rows.collect(),
        );
    }

    fn canaries(&mut self, canaries: &[Canary]) {
        let rows = canaries.iter().map(|canary| {
            let fields: Vec<String> =
                canary.fields.iter().map(|(meaning, text)| format!("{}={text}", meaning.word())).collect();
            vec![
                format!("{} {}", canary.story.id, canary.story.number),
                canary.copies.iter().map(given_to).collect::<Vec<_>>().join(", "),
                rfc3339(&canary.story.planted_at),
                canary.row.to_string(),
                fields.join(" "),
            ]
        });
        self.table(
            ("The canaries", "蜜标"),
            &[
                ("canary", "蜜标"),
                ("planting", "投放"),
                ("at", "时间"),
                ("row", "行"),
                ("record (made up)", "记录（虚构）"),
            ],
            rows.collect(),
        );
    }

    fn appendix(&mut self, finding: &Finding) {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for copy in finding.copies() {
            rows.push(vec![given_to(copy), copy.file_sha256.clone().unwrap_or_default()]);
        }
        if let Some(cover) = &finding.cover {
            let what = self.say("root of the checkpoint over", "检查点的根，条数").to_string();
            rows.push(vec![format!("{what} {}", cover.size), cover.root.clone()]);
        }
        for raw in &finding.raw {
            let what = self.say("raw record of a contact", "联系的原始记录").to_string();
            rows.push(vec![format!("{what} ({})", raw.source), raw.sha256.clone()]);
        }
        self.table(("Appendix: SHA-256", "附录：SHA-256"), &[("what", "对象"), ("SHA-256", "SHA-256")], rows);
    }
}

/// Most sources that are listed.
const SOURCES_MAX: usize = 12;
