//! Homes that a list tells in parts: building, unit and room in columns of their own.
//!
//! One part alone repeats in every building; only all of them together are somebody's home.

use super::heading::folded;
use super::layout::Layout;
use super::meaning::Meaning;

const BUILDINGS: [&str; 13] =
    ["楼栋", "楼栋号", "栋", "栋号", "幢", "幢号", "楼号", "楼", "座", "座号", "building", "block", "tower"];
const UNITS: [&str; 5] = ["单元", "单元号", "梯", "unit", "entrance"];
const ROOMS: [&str; 12] =
    ["房号", "房间号", "室号", "室", "房间", "门牌号", "户号", "房屋号", "room", "roomno", "flat", "apartment"];

/// The columns of a home in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Building and unit, as far as the list has them.
    pub outer: Vec<usize>,
    pub room: usize,
}

impl Home {
    /// Finds the columns by their headings; nothing in a list without a room, or with a room alone.
    pub fn of(layout: &Layout) -> Option<Home> {
        let named = |words: &[&str]| {
            let is = |name: &str| words.contains(&folded(name).as_str());
            layout.columns.iter().position(|column| column.meaning == Meaning::Other && is(&column.name))
        };
        let outer: Vec<usize> = [named(&BUILDINGS), named(&UNITS)].into_iter().flatten().collect();
        named(&ROOMS).filter(|_| !outer.is_empty()).map(|room| Home { outer, room })
    }

    /// Lists all columns, the room last.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.outer.iter().copied().chain(std::iter::once(self.room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::rows::head;

    #[test]
    fn a_home_needs_a_room_and_where_it_is() {
        let home = |header: &str| {
            let text =
                format!("{header},业主姓名,电话\n1栋,1单元,101,张三,13800138000\n1栋,1单元,201,李四,13900138000\n");
            Home::of(&recognise(&head(&text), &ColumnMap::default()).expect("a layout"))
        };
        assert_eq!(home("楼栋,单元,房号"), Some(Home { outer: vec![0, 1], room: 2 }));
        assert_eq!(home("备注,楼栋号,室号"), Some(Home { outer: vec![1], room: 2 }));
        assert_eq!(home("备注,意向,房号"), None);
        assert_eq!(home("楼栋,单元,备注"), None);
    }
}
