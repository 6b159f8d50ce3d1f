//! Which columns of a list are those of an earlier one: by their headings, else by what the headings mean.
//!
//! A heading that was changed names the same column only if no other column could be meant.

use crate::list::heading::claim;
use crate::list::{Column, Meaning};

/// Share of the columns of the narrower of two lists that the other must have too, in hundredths, to be a list of its kind.
const AKIN_MIN: usize = 70;

/// Finds for each heading of an earlier list the column that it has now.
pub(super) fn matched(earlier: &[String], now: &[Column]) -> Vec<Option<usize>> {
    if now.iter().enumerate().all(|(at, column)| column.name == (at + 1).to_string()) {
        // Columns without headings are called by their number.
        let is_same = earlier.iter().eq(now.iter().map(|column| &column.name));
        return (0..earlier.len()).map(|at| is_same.then_some(at)).collect();
    }
    let mut is_free = vec![true; now.len()];
    let mut found = vec![None; earlier.len()];
    for (name, found) in earlier.iter().zip(&mut found) {
        *found = (0..now.len()).find(|at| is_free[*at] && now[*at].name == *name);
        if let Some(at) = *found {
            is_free[at] = false;
        }
    }
    let of_earlier: Vec<Option<Meaning>> =
        earlier.iter().zip(&found).map(|(name, found)| meant(name).filter(|_| found.is_none())).collect();
    let mut claims: Vec<(usize, usize)> = Vec::new();
    for at in (0..now.len()).filter(|at| is_free[*at]) {
        let meanings = [meant(&now[at].name), Some(now[at].meaning)];
        let is_it = |meaning: &Option<Meaning>| meaning.is_some() && meanings.contains(meaning);
        let mut places = (0..earlier.len()).filter(|place| is_it(&of_earlier[*place]));
        if let (Some(place), None) = (places.next(), places.next()) {
            claims.push((place, at));
        }
    }
    for (place, at) in &claims {
        if claims.iter().filter(|(other, _)| other == place).count() == 1 {
            found[*place] = Some(*at);
        }
    }
    found
}

/// Tells what a heading alone means, if that is anything.
pub(super) fn meant(name: &str) -> Option<Meaning> {
    claim(name).map(|claim| claim.meaning).filter(|meaning| *meaning != Meaning::Other)
}

/// Tells whether two lists have so many columns in common that one may be a later export of the other.
pub(super) fn is_akin(earlier: &[String], now: &[Column]) -> bool {
    let common = matched(earlier, now).iter().flatten().count();
    common > 0 && common * 100 >= earlier.len().min(now.len()) * AKIN_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::moment::DayOrder;

    fn columns(names: &str) -> Vec<Column> {
        let column = |name: &str| Column {
            name: name.to_string(),
            meaning: meant(name).unwrap_or(Meaning::Other),
            order: DayOrder::DayFirst,
        };
        names.split(' ').map(column).collect()
    }

    fn names(names: &str) -> Vec<String> {
        names.split(' ').map(str::to_string).collect()
    }

    #[test]
    fn a_column_is_found_by_its_heading_or_by_what_only_one_heading_means() {
        let earlier = names("序号 住院号 产妇姓名 联系电话 备注");
        let found = matched(&earlier, &columns("产妇姓名 序号 手机号 病案号 床号"));
        assert_eq!(found, [Some(1), Some(3), Some(0), Some(2), None]);
        assert!(is_akin(&earlier, &columns("产妇姓名 序号 手机号 病案号 床号")));
        assert!(!is_akin(&earlier, &columns("车牌号 品牌 颜色 单价 金额")));
    }

    #[test]
    fn columns_without_headings_are_those_of_a_list_as_wide() {
        assert_eq!(matched(&names("1 2 3"), &columns("1 2 3")), [Some(0), Some(1), Some(2)]);
        assert_eq!(matched(&names("1 2 3"), &columns("1 2 3 4")), [None; 3]);
        assert!(!is_akin(&names("1 2 3"), &columns("1 2 3 4")));
    }
}
