//! Where a list's header is, what its columns mean, and which of its rows are data.
//!
//! A heading claims a meaning and the cells below confirm or overrule it. Doubt about a column that a
//! canary depends on is an error, not a guess.

use super::column_map::ColumnMap;
use super::contents::Contents;
use super::header;
use super::heading;
use super::layout_error::{LayoutError, Seen};
use super::meaning::Meaning;
use super::moment::DayOrder;
use super::row::Row;
use super::settle;
use super::total;

/// Digits of the shortest phone number.
const PHONE_DIGITS_MIN: usize = 7;

/// One of the first records of a list, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRow {
    pub ordinal: u64,
    pub cells: Vec<String>,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading; the column's number in a list without headings.
    pub name: String,
    pub meaning: Meaning,
    /// How `01/03/2026` is meant in this column.
    pub order: DayOrder,
}

/// What is known about a list before its rows are learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Ordinal of the header (the lower row of two).
    pub header: Option<u64>,
    /// Ordinal of the first data row.
    pub first: u64,
    pub columns: Vec<Column>,
    /// How many cells of a row are usually filled.
    usual_filled: usize,
    phones: Vec<usize>,
}

/// Recognises the columns from the first records (up to 1,000 are enough).
pub fn recognise(head: &[HeadRow], map: &ColumnMap) -> Result<Layout, LayoutError> {
    let width = head.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let header = header::find(head);
    let body = &head[header.as_ref().map_or(0, |header| header.below)..];
    let rows: Vec<&HeadRow> = body.iter().filter(|row| is_probably_data(&row.cells, width)).collect();
    let first = rows.first().ok_or(LayoutError::NoRows)?.ordinal;
    let mut contents = vec![Contents::default(); width];
    for row in &rows {
        for (at, column) in contents.iter_mut().enumerate() {
            column.see(row.cells.get(at).map_or("", String::as_str));
        }
    }
    let names = header.as_ref().map_or_else(|| vec![String::new(); width], |header| header.names.clone());
    let meanings = settle::meanings(&names, &contents, map)?;
    let columns = names.into_iter().zip(meanings).zip(&contents).enumerate();
    let columns: Vec<Column> = columns
        .map(|(at, ((name, meaning), contents))| Column {
            name: if name.is_empty() { (at + 1).to_string() } else { name },
            meaning,
            order: contents.day_order(),
        })
        .collect();
    let mut filled: Vec<usize> = rows.iter().map(|row| filled_in(&row.cells)).collect();
    filled.sort_unstable();
    let is_phone = |column: &Column| matches!(column.meaning, Meaning::Phone | Meaning::Phone2);
    Ok(Layout {
        header: header.map(|header| header.ordinal),
        first,
        phones: (0..columns.len()).filter(|at| is_phone(&columns[*at])).collect(),
        columns,
        usual_filled: filled[filled.len() / 2],
    })
}

fn filled_in(cells: &[String]) -> usize {
    cells.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Tells data from titles, blanks and totals before the columns are known.
fn is_probably_data(cells: &[String], width: usize) -> bool {
    let filled = filled_in(cells);
    let enough = if width <= 2 { 1 } else { 2 };
    filled >= enough && !cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).is_some_and(total::is_total)
}

/// Shows columns as errors name them.
pub(super) fn seen(names: &[String], meanings: &[Meaning]) -> Vec<Seen> {
    let one = |(at, (name, meaning)): (usize, (&String, &Meaning))| Seen {
        number: at + 1,
        name: (!name.is_empty()).then(|| name.clone()),
        meaning: *meaning,
    };
    names.iter().zip(meanings).enumerate().map(one).collect()
}

/// Tells whether all bytes are ASCII digits: enough of them for a phone.
#[inline]
fn are_digits(bytes: &[u8; PHONE_DIGITS_MIN]) -> bool {
    bytes.iter().fold(true, |all, byte| all & byte.is_ascii_digit())
}

impl Layout {
    /// Finds the first column of a meaning.
    pub fn position(&self, meaning: Meaning) -> Option<usize> {
        self.columns.iter().position(|column| column.meaning == meaning)
    }

    /// Finds all columns of a meaning.
    pub fn positions(&self, meaning: Meaning) -> Vec<usize> {
        let at = |(at, column): (usize, &Column)| (column.meaning == meaning).then_some(at);
        self.columns.iter().enumerate().filter_map(at).collect()
    }

    /// Tells whether a record is a person: not a blank row, a total, a group heading or a repeated header.
    ///
    /// Records up to the header are never data. A record with digits enough for a phone in a phone column
    /// is data without a closer look.
    #[inline]
    pub fn is_data(&self, row: &Row<'_>) -> bool {
        if row.ordinal < self.first || row.is_empty() {
            return false;
        }
        let filled = |at: usize| row.bytes(at).iter().any(|b| !b.is_ascii_whitespace());
        let digits = |at: usize| row.bytes(at).iter().filter(|b| b.is_ascii_digit()).count();
        let begins_with_phone = |at: usize| row.bytes(at).first_chunk().is_some_and(are_digits);
        let has_phone = self.phones.iter().any(|at| begins_with_phone(*at) || digits(*at) >= PHONE_DIGITS_MIN);
        if has_phone && (self.columns.len() == 1 || (0..row.len()).filter(|at| filled(*at)).nth(1).is_some()) {
            return true;
        }
        self.is_data_without_phone(row)
    }

    fn is_data_without_phone(&self, row: &Row<'_>) -> bool {
        let cells = row.texts();
        let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let Some(first) = filled.first() else { return false };
        let needed = if self.columns.len() <= 2 { 1 } else { (self.usual_filled * 3).div_ceil(5).max(1) };
        filled.len() >= needed && !total::is_total(first) && !self.repeats_header(&cells)
    }

    fn repeats_header(&self, cells: &[String]) -> bool {
        let same = |(column, cell): &(&Column, &String)| {
            !cell.trim().is_empty() && heading::folded(cell) == heading::folded(&column.name)
        };
        self.columns.iter().zip(cells).filter(same).count() * 2 > self.usual_filled
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Rows, head};
    use super::*;

    fn recognised(text: &str) -> Result<Layout, LayoutError> {
        recognise(&head(text), &ColumnMap::default())
    }

    fn meanings(text: &str) -> Vec<Meaning> {
        let layout = recognised(text).unwrap_or_else(|error| panic!("{error}"));
        layout.columns.into_iter().map(|column| column.meaning).collect()
    }

    #[test]
    fn a_hospital_upload_is_recognised() {
        use Meaning as M;
        let text = "序号,住院号,产妇姓名,年龄,分娩时间,孕周,分娩方式,新生儿性别,体重(g),联系电话,配偶电话,家庭住址,出院日期\n\
                    1,ZY268597,张立,33,2026-01-01 02:47,41+1,剖宫产,男,3580,18868444742,,拱墅区灯芯巷261号28#1308,2026-01-06\n\
                    2,ZY268598,郑松,39,2026-01-01 18:09,39+0,顺产,男,2910,15805816292,,西湖区东山弄569号12栋1101室,2026-01-04\n";
        let expected = [
            M::Serial,
            M::RecordId,
            M::MotherName,
            M::MotherAge,
            M::BirthDate,
            M::GestationWeeks,
            M::DeliveryMode,
            M::BabySex,
            M::BirthWeight,
            M::Phone,
            M::Phone2,
            M::Address,
            M::DischargeDate,
        ];
        assert_eq!(meanings(text), expected);
    }

    #[test]
    fn titles_totals_blanks_headings_and_repeated_headers_are_no_data() {
        let text = "母婴服务日报,,,\n序号,医院,宝妈姓名,联系电话\n1,市一,庄秀,13046644673\n2,市一,苏琳,18100085392\n,,,\n\
                    国妇婴,,,\n序号,医院,宝妈姓名,联系电话\n3,国妇婴,魏丽,18428826436\n4,国妇婴,陈文,\n合计,4,,\n填表人:某某,,审核,\n";
        let layout = recognised(text).expect("a layout");
        assert_eq!((layout.header, layout.first), (Some(1), 2));
        let rows = Rows::new(text);
        let data: Vec<u64> = rows.iter().filter(|row| layout.is_data(row)).map(|row| row.ordinal).collect();
        assert_eq!(data, [2, 3, 7, 8]);
    }

    #[test]
    fn a_date_of_birth_beside_a_delivery_date_is_the_mothers() {
        use Meaning as M;
        let text = "产妇姓名,出生日期,分娩日期,联系电话\n张三,1996-02-01,2026-01-02,13800138000\n李四,1991-12-01,2026-01-02,13900138000\n";
        assert_eq!(meanings(text), [M::MotherName, M::MotherBirthDate, M::BirthDate, M::Phone]);
        let text = "儿童姓名,出生日期,母亲姓名,联系电话\n张小三,2026-02-01,张三,13800138000\n";
        assert_eq!(meanings(text), [M::BabyName, M::BirthDate, M::MotherName, M::Phone]);
    }

    #[test]
    fn a_date_of_delivery_long_ago_is_no_mothers() {
        use Meaning as M;
        let text = "产妇姓名,分娩日期,随访日期,联系电话\n张三,2006-02-01,2026-01-02,13800138000\n李四,2006-12-01,2026-01-02,13900138000\n";
        assert_eq!(meanings(text)[..2], [M::MotherName, M::BirthDate]);
    }

    #[test]
    fn a_name_is_the_mothers_only_where_births_are_spoken_of() {
        use Meaning as M;
        assert_eq!(
            meanings("姓名,电话,分娩日期\n张三,13800138000,2026-01-01\n"),
            [M::MotherName, M::Phone, M::BirthDate]
        );
        assert_eq!(meanings("姓名,电话,面积\n张三,13800138000,89.9㎡\n"), [M::Name, M::Phone, M::Area]);
    }

    #[test]
    fn contents_overrule_a_loose_heading() {
        use Meaning as M;
        let text = "宝妈姓名,联系电话,宝宝\n张三,13800138000,女宝\n李四,13900138000,男\n";
        assert_eq!(meanings(text), [M::MotherName, M::Phone, M::BabySex]);
    }

    #[test]
    fn a_list_without_headings_is_recognised_by_content() {
        use Meaning as M;
        let text = "张三,13800138000,2026-01-01,女,西湖区东山弄569号12栋1101室\n李四,13900138000,2026-01-02,男,拱墅区灯芯巷261号28#1308\n";
        assert_eq!(meanings(text), [M::MotherName, M::Phone, M::BirthDate, M::BabySex, M::Address]);
    }

    #[test]
    fn a_second_phone_column_is_phone2() {
        use Meaning as M;
        assert_eq!(meanings("姓名,电话,手机\n张三,13800138000,13700138000\n"), [M::Name, M::Phone, M::Phone2]);
    }

    #[test]
    fn doubt_is_an_error_that_shows_columns_and_no_cell() {
        use crate::lang::Speak;
        for (text, expected) in [
            ("姓名,电话,分娩日期\n张三,李四,2026-01-01\n王五,赵六,2026-01-01\n", "Mismatch"),
            ("姓名,地址,分娩日期\n张三,杭州,2026-01-01\n", "NoPhone"),
            ("姓名,电话,分娩日期\n张三,,2026-01-01\n", "EmptyPhone"),
            ("产妇姓名,母亲姓名,电话\n张三,李四,13800138000\n", "Disputed"),
            ("姓名,电话,分娩日期\n", "NoRows"),
        ] {
            let error = recognised(text).expect_err(text);
            assert!(format!("{error:?}").starts_with(expected), "{text}: {error:?}");
            let told = format!("{error} {} {:?}", error.zh(), error.hint());
            assert!(!told.contains("张三") && !told.contains("李四"), "{told}");
        }
        let hint = recognised("姓名,联络\n张三,0571-88001234\n李四,0571-88001235\n").expect_err("no phone").hint();
        assert!(hint.is_some_and(|hint| hint.en.contains("phone = \"联络\"")));
    }

    #[test]
    fn no_hint_names_a_column_that_is_something_else() {
        use crate::lang::Speak;
        for text in ["序号,姓名,分娩日期\n1,张三,2026-01-01\n2,李四,2026-01-02\n", "序号,姓名,电话\n1,张三,\n2,李四,\n"]
        {
            let hint = recognised(text).expect_err("no phone").hint().expect("a hint");
            assert!(!hint.en.contains("phone =") && !hint.zh.contains("phone ="), "{hint:?}");
        }
    }

    #[test]
    fn dates_that_are_not_understood_are_never_to_be_left_out() {
        use crate::lang::Speak;
        for cells in [["26-06-01", "26-06-02"], ["6.1", "6.2"], ["46174", "46175"]] {
            let text = format!("姓名,电话,分娩日期\n张三,13800138000,{}\n李四,13900138000,{}\n", cells[0], cells[1]);
            let map = ColumnMap::parse("birth_date = \"分娩日期\"").expect("a map");
            for error in [recognised(&text), recognise(&head(&text), &map)].map(|found| found.expect_err("no dates")) {
                assert!(matches!(error, LayoutError::UnreadDates { .. }), "{error:?}");
                assert!(error.hint().is_some_and(|hint| !hint.en.contains("other =")), "{error:?}");
            }
        }
        let sql =
            "姓名,电话,分娩日期\n张三,13800138000,2026-06-01 00:00:00.000\n李四,13900138000,2026-06-02 00:00:00.000\n";
        assert!(recognised(sql).is_ok_and(|layout| layout.position(Meaning::BirthDate) == Some(2)));
    }

    #[test]
    fn a_map_file_overrules_what_is_seen() {
        let map = ColumnMap::parse("phone = \"联络\"\nmother_name = 1").expect("a map");
        let layout = recognise(&head("姓名,联络\n张三,010-1\n李四,010-2\n"), &map).expect("a layout");
        assert_eq!(layout.position(Meaning::Phone), Some(1));
        assert_eq!(layout.position(Meaning::MotherName), Some(0));
    }
    #[test]
    fn ones_are_no_serial_whatever_they_are_called() {
        use Meaning as M;
        for heading in ["针次", "Dose", "order", "排行", "no"] {
            let rows: String =
                (0..30).map(|n| format!("张三,1380013{:04},2026-01-{:02},1\n", n * 37, n % 28 + 1)).collect();
            let found = meanings(&format!("姓名,电话,分娩日期,{heading}\n{rows}"));
            assert!(
                found[..3] == [M::MotherName, M::Phone, M::BirthDate] && found[3] != M::Serial,
                "{heading}: {found:?}"
            );
        }
    }

    #[test]
    fn a_lunar_birthday_gives_way_to_the_solar_one() {
        let found = meanings(
            "姓名,电话,农历生日,阳历生日\n张三,13800138000,四月初八,2026-05-24\n李四,13900138000,四月十一,2026-05-27\n",
        );
        assert_eq!(found[2..], [Meaning::Other, Meaning::BirthDate]);
        let found = meanings(
            "姓名,电话,出生日期,宝宝生日\n张三,13800138000,四月初八,2026-05-24\n李四,13900138000,四月十一,2026-05-27\n",
        );
        assert_eq!(found[2..], [Meaning::Other, Meaning::BirthDate], "dates that cannot be read beside dates that can");
    }

    #[test]
    fn a_district_beside_an_address_is_none() {
        let found = meanings(
            "姓名,电话,现住址区,现住址\n张三,13800138000,福田区,景田路1号\n李四,13900138000,南山区,后海路2号\n",
        );
        assert_eq!(found[2..], [Meaning::District, Meaning::Address]);
    }

    #[test]
    fn a_hint_names_a_column_only_if_its_cells_could_be_phones() {
        use crate::lang::Speak;
        let hint = |text: &str| recognised(text).expect_err("no phones").hint().map(|hint| hint.en).unwrap_or_default();
        let empty =
            hint("Name,Mobile,Weight (lb oz),Born\nAnn Lee,,7 lb 2 oz,2026-01-01\nMay Lee,,6 lb 9 oz,2026-01-02\n");
        assert!(!empty.contains("Weight") && empty.contains("--map"), "{empty}");
        let other =
            hint("Name,Mobile,Reach,Born\nAnn Lee,,020 7946 0958,2026-01-01\nMay Lee,,020 7946 0959,2026-01-02\n");
        assert!(other.contains("phone = \"Reach\""), "{other}");
    }

    #[test]
    fn bare_one_two_three_is_a_count_whatever_it_is_called() {
        let list = |first: u32| {
            let rows = (first..first + 8).map(|id| format!("{id},张三,1380013800{}\n", id % 10));
            format!("登记号,姓名,电话\n{}", rows.collect::<String>())
        };
        assert_eq!(meanings(&list(1))[0], Meaning::Serial);
        assert_eq!(meanings(&list(20_261_000))[0], Meaning::RecordId);
    }
}
