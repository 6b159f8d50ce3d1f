//! A finding as one page of HTML: nothing is fetched, nothing runs, and it prints on paper.
//!
//! Everything that comes from outside (names, words of callers) is escaped; a policy in the page forbids scripts besides.

use std::fmt::Write;

use super::{Canary, Finding, Rung, Shown};
use crate::hit::rfc3339;
use crate::lang::{Lang, Pair};

/// Layout for screen and paper; no fonts are fetched.
const STYLE: &str = include_str!("page.css");

/// Writes the page in one language.
pub fn html(finding: &Finding, lang: Lang) -> String {
    let mut page = Page { lang, out: String::with_capacity(16 * 1024) };
    let title = page.say("Finding", "溯源报告");
    page.raw(&format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        match lang {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    ));
    page.heading(1, title);
    page.line("p class=\"made\"", &format!("{} · canaries {}", rfc3339(&finding.made_at), env!("CARGO_PKG_VERSION")));
    let mut headline = super::headline(&finding.traced, &finding.evidence).into_iter();
    for (at, pair) in headline.by_ref().enumerate() {
        page.line(if at == 0 { "p class=\"verdict\"" } else { "p class=\"claim\"" }, pair.in_lang(lang));
    }
    page.list(("Why", "理由"), &super::reasons(&finding.traced, &finding.evidence));
    page.list(("What speaks against it", "不利于此结论的事实"), &finding.against());
    page.list(
        ("What would decide it", "怎样才能确定"),
        &finding.traced.decides.iter().map(|decider| decider.told()).collect::<Vec<_>>(),
    );
    page.sources(finding);
    page.ladder(&finding.ladder());
    page.hits(finding);
    page.canaries(&finding.canaries);
    page.appendix(finding);
    page.raw("</body>\n</html>\n");
    page.out
}

struct Page {
    lang: Lang,
    out: String,
}

impl Page {
    fn say<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.line(&format!("h{level}"), text);
    }

    /// Writes one element; `tag` may have attributes, which are ours.
    fn line(&mut self, tag: &str, text: &str) {
        let name = tag.split(' ').next().unwrap_or(tag);
        writeln!(self.out, "<{tag}>{}</{name}>", escaped(text)).expect("a string takes all that is written");
    }

    fn list(&mut self, (en, zh): (&str, &str), items: &[Pair]) {
        if items.is_empty() {
            return;
        }
        let lang = self.lang;
        let title = self.say(en, zh).to_string();
        self.heading(2, &title);
        self.raw("<ol>\n");
        for item in items {
            self.line("li", item.in_lang(lang));
        }
        self.raw("</ol>\n");
    }

    fn table(&mut self, title: (&str, &str), head: &[(&str, &str)], rows: Vec<Vec<String>>) {
        let title = self.say(title.0, title.1).to_string();
        self.heading(2, &title);
        self.raw("<table>\n<thead><tr>");
        for (en, zh) in head {
            let word = self.say(en, zh).to_string();
            self.line("th", &word);
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            row.iter().for_each(|cell| self.line("td", cell));
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n");
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
        let row = |page: &Page, rung: &Rung| {
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
                format!("{} → {}", canary.story.planting, canary.story.holder),
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
        for canary in finding.plantings() {
            let hash = canary.file_sha256.clone().unwrap_or_default();
            rows.push(vec![format!("{} → {}", canary.story.planting, canary.story.holder), hash]);
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

/// Writes text so that it is text in HTML, in attributes as well.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_up_comes_in_from_outside() {
        assert_eq!(escaped("<img src=x onerror='a()'>&\""), "&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&quot;");
        assert_eq!(escaped("王女士"), "王女士");
    }
}
