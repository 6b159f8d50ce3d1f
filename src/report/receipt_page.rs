//! What a holder signs: a statement for programs, and the same on a page for a hand.

use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use super::html::escaped;
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::ledger::Checkpoint;

/// Format of the statement; its bytes never change.
const FORMAT: &str = "canaries-receipt/1";
/// Side of a printed code in pixels; browsers print 96 an inch.
const CODE_PIXELS: u32 = 180;

/// What the ledger says of a file that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptPage {
    pub planting: PlantingId,
    pub sha256: String,
    pub rows: u64,
    pub file: String,
    pub holder: HolderId,
    pub holder_name: String,
    /// RFC 3339.
    pub handed_over: String,
    /// The origin of the log.
    pub log: String,
}

impl ReceiptPage {
    /// Gives the bytes that are signed: JSON, one field a line, in this order.
    pub fn statement(&self) -> String {
        #[derive(Serialize)]
        struct Statement<'p> {
            format: &'p str,
            log: &'p str,
            planting: String,
            sha256: &'p str,
            rows: u64,
            file: &'p str,
            holder: &'p HolderId,
            holder_name: &'p str,
            handed_over: &'p str,
            words_en: String,
            words_zh: String,
        }
        let statement = Statement {
            format: FORMAT,
            log: &self.log,
            planting: self.planting.to_string(),
            sha256: &self.sha256,
            rows: self.rows,
            file: &self.file,
            holder: &self.holder,
            holder_name: &self.holder_name,
            handed_over: &self.handed_over,
            words_en: self.words_en(),
            words_zh: self.words_zh(),
        };
        serde_json::to_string_pretty(&statement).expect("texts and counts always become JSON") + "\n"
    }

    fn words_en(&self) -> String {
        let ReceiptPage { holder_name, file, rows, sha256, .. } = self;
        format!(
            "{holder_name} has received the file {file} of {rows} data rows, whose SHA-256 is {sha256}, and agrees that receipts, hashes and time stamps kept in this way are evidence of what it received."
        )
    }

    fn words_zh(&self) -> String {
        let ReceiptPage { holder_name, file, rows, sha256, .. } = self;
        format!(
            "{holder_name}已收到文件 {file}，共 {rows} 行数据，其 SHA-256 为 {sha256}；并同意以此方式保存的回执、散列值和时间戳可作为其所收内容的证据。"
        )
    }
}

/// Writes the page that is signed by hand, in both languages.
pub fn receipt_page(receipt: &ReceiptPage) -> String {
    let mut body = format!("<h1>回执 · Receipt {}</h1>\n", escaped(&receipt.planting.to_string()));
    for words in [receipt.words_zh(), receipt.words_en()] {
        body += &format!("<p class=\"claim\">{}</p>\n", escaped(&words));
    }
    body += &format!(
        "<p>{} · {} · {}</p>\n",
        escaped(&receipt.log),
        escaped(receipt.holder.as_str()),
        escaped(&receipt.handed_over)
    );
    body += &code(&format!("{FORMAT} {} {}", receipt.planting, receipt.sha256));
    body += "<p>签字/盖章 · signature and seal: ____________________________ &nbsp; 日期 · date: ______________</p>\n";
    body += "<h2>用密钥签署 · To sign with a key</h2>\n<pre>ssh-keygen -Y sign -f KEY -n canaries-receipt@v1 receipt.json\nopenssl pkeyutl -sign -rawin -inkey KEY.pem -in receipt.json -out receipt.sig</pre>\n";
    page("Receipt", &body)
}

/// Writes a checkpoint as a page to be stamped and kept.
pub fn seal_page(checkpoint: &Checkpoint, note: &str, sealed_at: &str) -> String {
    let mut body = format!("<h1>检查点 · Checkpoint</h1>\n<p>{}</p>\n", escaped(sealed_at));
    let root = hex::encode(checkpoint.root);
    body += &format!(
        "<table><tr><th>台账 · log</th><td>{}</td></tr><tr><th>条数 · entries</th><td>{}</td></tr><tr><th>根 · root</th><td>{root}</td></tr></table>\n",
        escaped(&checkpoint.origin),
        checkpoint.size
    );
    body += &format!("<pre>{}</pre>\n", escaped(note));
    body += &code(note);
    body += "<p>保管人签字/盖章 · keeper's signature and seal: ____________________________ &nbsp; 日期 · date: ______________</p>\n";
    page("Checkpoint", &body)
}

/// Draws a text for cameras; says so if it is too long for one code.
fn code(text: &str) -> String {
    let Ok(code) = QrCode::new(text.as_bytes()) else {
        return "<p>文字过长，无法制成二维码 · too long for a QR code</p>\n".to_string();
    };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(CODE_PIXELS, CODE_PIXELS).build();
    let picture = svg.find("<svg").map_or("", |at| &svg[at..]);
    format!("<div>{picture}</div>\n")
}

fn page(title: &str, body: &str) -> String {
    let style = include_str!("page.css");
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> ReceiptPage {
        ReceiptPage {
            planting: PlantingId(3),
            sha256: "ab".repeat(32),
            rows: 20,
            file: "a\"b.csv".to_string(),
            holder: "szfy".parse().unwrap(),
            holder_name: "市妇幼 <script>".to_string(),
            handed_over: "2026-11-21T02:00:00Z".to_string(),
            log: "canaries/0011".to_string(),
        }
    }

    #[test]
    fn the_statement_is_json_with_one_field_a_line() {
        let statement = receipt().statement();
        let read: serde_json::Value = serde_json::from_str(&statement).unwrap();
        assert_eq!((read["planting"].as_str(), read["rows"].as_u64()), (Some("P-000003"), Some(20)));
        assert_eq!(statement.lines().count(), 13);
        assert_eq!(statement.lines().nth(3), Some("  \"planting\": \"P-000003\","));
        assert_eq!(statement.lines().nth(4), Some(format!("  \"sha256\": \"{}\",", "ab".repeat(32)).as_str()));
    }

    #[test]
    fn the_page_has_both_languages_a_code_and_no_mark_up_from_outside() {
        let page = receipt_page(&receipt());
        assert!(page.contains("已收到文件") && page.contains("has received the file") && page.contains("<svg"));
        assert!(!page.contains("<script>"));
    }
}
