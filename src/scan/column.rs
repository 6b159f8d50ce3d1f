//! In which column of a row a name stands, and whether that is a column of other people: who keyed the row in is nobody's mother.

use super::window::Window;

/// Words that the names of such columns have: those who write a row, or attend a birth.
const OTHERS: [&str; 30] = [
    "录入",
    "录单",
    "填表",
    "填报",
    "填写",
    "登记人",
    "登记员",
    "经办",
    "操作",
    "审核",
    "复核",
    "制表",
    "负责人",
    "管理员",
    "业务员",
    "客服",
    "快递员",
    "寄件",
    "医生",
    "医师",
    "护士",
    "助产",
    "接生",
    "大夫",
    "operator",
    "entered by",
    "clerk",
    "doctor",
    "physician",
    "midwife",
];

/// A column of a row of text: what parts its cells, and how many of these stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub separator: char,
    pub index: u32,
}

impl Column {
    /// Finds the column of what begins at a byte of the text that a window is over; nothing where it is no row.
    pub(super) fn of(window: &Window, start: usize) -> Option<Column> {
        let count = |separator: char| window.chars.iter().filter(|c| **c == separator).count();
        let separator = [',', '\t', ';', '|'].into_iter().max_by_key(|separator| count(*separator))?;
        let before = window.places.partition_point(|place| *place < start).min(window.chars.len());
        let mut is_quoted = false;
        let mut index = 0;
        for c in &window.chars[..before] {
            is_quoted ^= *c == '"';
            index += u32::from(*c == separator && !is_quoted);
        }
        (window.is_record && count(separator) > 0).then_some(Column { separator, index })
    }
}

/// Tells whether the name of a column says that others than mothers, fathers and babies stand in it.
pub fn is_of_others(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    OTHERS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::text::{Reading, Text};
    use super::*;

    #[test]
    fn the_column_of_a_name_is_counted_over_quotes() {
        let column = |row: &str, name: &str| {
            let at = row.find(name).expect("it stands there");
            let window = Window::around(Text { bytes: row.as_bytes(), reading: Reading::Bytes }, at..at + name.len());
            Column::of(&window, at).map(|column| (column.separator, column.index))
        };
        assert_eq!(column("1,\"a,b\",王芳,2024-06-01", "王芳"), Some((',', 2)));
        assert_eq!(column("王芳\t1\t2\t3,5", "王芳"), Some(('\t', 0)));
        assert_eq!(column("王芳 2024", "王芳"), None);
    }

    #[test]
    fn columns_of_those_who_write_are_told_by_their_names() {
        assert!(is_of_others("录入人") && is_of_others(" 接生医生 ") && is_of_others("Entered By"));
        assert!(
            !["产妇姓名", "母亲", "姓名", "联系人", "新生儿姓名", "mother name"].iter().any(|name| is_of_others(name))
        );
    }
}
