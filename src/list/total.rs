//! Words that begin a row of totals.

/// Tells whether a row whose first filled cell is `cell` sums up others.
pub fn is_total(cell: &str) -> bool {
    if cell.chars().count() > 20 {
        return false;
    }
    let word: String = cell.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    const WHOLE: [&str; 14] = [
        "合计",
        "总计",
        "小计",
        "共计",
        "总数",
        "合计数",
        "总人数",
        "汇总",
        "本页合计",
        "累计",
        "total",
        "grandtotal",
        "subtotal",
        "totals",
    ];
    let counted = |end: &str| {
        let inside =
            word.strip_prefix('共').or_else(|| word.strip_prefix("合计")).or_else(|| word.strip_prefix("总计"));
        inside
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
    };
    WHOLE.contains(&word.as_str())
        || ["合计", "总计", "小计", "共计"].iter().any(|end| word.ends_with(end) && word.chars().count() <= 8)
        || ["人", "例", "条", "户", "名", "份", "个", "件", "行"].iter().any(|end| counted(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_known_by_their_first_word() {
        for cell in [
            "合计",
            "合 计:",
            "总计",
            "小计",
            "共 35 人",
            "共12例",
            "合计35人",
            "Total",
            "Grand Total:",
            "本月合计",
            "1月小计",
        ] {
            assert!(is_total(cell), "{cell}");
        }
        for cell in ["张三", "1", "共青团路医院", "合肥市妇幼", "共享", "Totally", "13800138000", ""] {
            assert!(!is_total(cell), "{cell}");
        }
    }
}
