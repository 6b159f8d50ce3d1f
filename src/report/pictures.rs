//! The pictures of a report: who passed data on to whom, plantings and contacts in time, probabilities.
//!
//! A picture is shapes on a plane, in points from the upper left; text stands on its line. What becomes of them on paper is the
//! business of who draws them. They show what the tables say, and nothing more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::Finding;
use super::html::escaped;
use super::ladder::given_to;
use crate::holder::{FlowGraph, HolderId};
use crate::lang::Lang;

/// Width of every picture.
const WIDTH: f32 = 480.0;
/// Most holders, plantings and sources that are drawn: the tables have the rest.
const HOLDERS_MAX: usize = 30;
const PLANTINGS_MAX: usize = 12;
const BARS_MAX: usize = 8;
/// Most letters of a label.
const LABEL_MAX: usize = 22;

/// How a shape is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Thin and grey.
    Quiet,
    Plain,
    /// Filled, for what the finding names.
    Strong,
}

/// A part of a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Left, top, width, height.
    Area([f32; 4], Ink),
    /// From and to.
    Line([f32; 4], Ink),
    /// Its left end and its foot.
    Text([f32; 2], String, Ink),
}

/// Shapes on a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: f32,
    pub height: f32,
    pub shapes: Vec<Shape>,
}

impl Picture {
    /// Writes the picture as SVG that stands in a page.
    pub fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let mut out = format!("<svg viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n");
        for shape in &self.shapes {
            let written = match shape {
                Shape::Area([x, y, w, h], ink) => {
                    writeln!(
                        out,
                        "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/>",
                        class(*ink)
                    )
                }
                Shape::Line([x1, y1, x2, y2], ink) => {
                    writeln!(out, "<path class=\"{}\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\"/>", class(*ink))
                }
                Shape::Text([x, y], text, ink) => {
                    writeln!(out, "<text class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", class(*ink), escaped(text))
                }
            };
            written.expect("a string takes all that is written");
        }
        out + "</svg>\n"
    }
}

fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Quiet => "quiet",
        Ink::Plain => "plain",
        Ink::Strong => "strong",
    }
}

fn say(lang: Lang, en: &str, zh: &str) -> String {
    match lang {
        Lang::En => en.to_string(),
        Lang::Zh => zh.to_string(),
    }
}

fn label(text: &str) -> String {
    match text.char_indices().nth(LABEL_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// Draws the probabilities of the first sources and of chance as bars.
pub fn odds_picture(finding: &Finding, lang: Lang) -> Option<Picture> {
    let sources = finding.traced.sources.iter().take(BARS_MAX);
    let named = |holder: &HolderId| if finding.traced.named.contains(holder) { Ink::Strong } else { Ink::Plain };
    let mut bars: Vec<(String, f64, Ink)> =
        sources.map(|source| (finding.name(&source.holder), source.probability, named(&source.holder))).collect();
    if bars.is_empty() {
        return None;
    }
    bars.push((say(lang, "chance calls", "偶然来电"), finding.traced.background, Ink::Quiet));
    let mut shapes = Vec::new();
    for (at, (name, share, ink)) in bars.iter().enumerate() {
        let y = at as f32 * 20.0;
        let width = (share.clamp(0.0, 1.0) as f32) * 240.0;
        shapes.push(Shape::Text([0.0, y + 13.0], label(name), Ink::Plain));
        shapes.push(Shape::Area([180.0, y + 3.0, width.max(0.5), 13.0], *ink));
        shapes.push(Shape::Text([186.0 + width, y + 13.0], format!("{share:.3}"), Ink::Plain));
    }
    Some(Picture { width: WIDTH, height: bars.len() as f32 * 20.0, shapes })
}

/// Draws who can have passed the data on to whom, from the holders of the copies to the right; the named ones are filled.
pub fn flow_picture(finding: &Finding, lang: Lang) -> Option<Picture> {
    let graph = &finding.evidence.graph;
    let mut level: BTreeMap<&HolderId, usize> = BTreeMap::new();
    let mut next: VecDeque<&HolderId> = VecDeque::new();
    let copies = finding.copies();
    for holder in copies.iter().map(|copy| &copy.holder) {
        if level.insert(holder, 0).is_none() {
            next.push_back(holder);
        }
    }
    while let Some(holder) = next.pop_front() {
        for receiver in graph.receivers(holder) {
            if level.len() < HOLDERS_MAX && !level.contains_key(receiver) {
                level.insert(receiver, 0);
                next.push_back(receiver);
            }
        }
    }
    deepen(graph, &mut level);
    let deepest = level.values().max().copied().filter(|_| level.len() > 1)?;
    let step = WIDTH / (deepest + 1) as f32;
    let (mut place, mut rows): (BTreeMap<&HolderId, [f32; 2]>, Vec<usize>) = (BTreeMap::new(), vec![0; deepest + 1]);
    for (holder, depth) in &level {
        place.insert(holder, [*depth as f32 * step, rows[*depth] as f32 * 34.0]);
        rows[*depth] += 1;
    }
    let wide = (step - 24.0).clamp(20.0, 130.0);
    let mut shapes = Vec::new();
    for (holder, [x, y]) in &place {
        let onward = graph.receivers(holder).into_iter().filter_map(|receiver| place.get(receiver));
        shapes.extend(onward.map(|[to_x, to_y]| Shape::Line([x + wide, y + 12.0, *to_x, to_y + 12.0], Ink::Quiet)));
    }
    for (holder, [x, y]) in &place {
        let ink = if finding.traced.named.contains(holder) { Ink::Strong } else { Ink::Plain };
        let (area, short) = ([*x, *y, wide, 24.0], (wide / 6.5) as usize);
        shapes.extend([Shape::Area(area, Ink::Quiet), Shape::Area([area[0], area[1], 4.0, 24.0], ink)]);
        let text: String = holder.as_str().chars().take(short).collect();
        shapes.push(Shape::Text([x + 8.0, y + 16.0], text, ink));
    }
    let height = rows.into_iter().max().unwrap_or_default() as f32 * 34.0;
    let named = say(lang, "thick: named by the finding", "粗体：结论所指");
    shapes.push(Shape::Text([0.0, height + 10.0], named, Ink::Quiet));
    Some(Picture { width: WIDTH, height: height + 14.0, shapes })
}

/// Puts each holder to the right of everybody who feeds it; where flows go in a circle, the one that closes it does not count.
fn deepen<'g>(graph: &'g FlowGraph, level: &mut BTreeMap<&'g HolderId, usize>) {
    let all: Vec<&'g HolderId> = level.keys().copied().collect();
    let receivers = |holder: &'g HolderId| -> Vec<&'g HolderId> {
        // The last is visited first.
        graph.receivers(holder).into_iter().rev().filter(|receiver| all.contains(receiver)).collect()
    };
    // The way walked so far, with those that are still to be visited from each; who was left stands in `done`.
    let (mut seen, mut done): (BTreeSet<&HolderId>, Vec<&HolderId>) = (BTreeSet::new(), Vec::new());
    let mut flows: Vec<(&HolderId, &HolderId)> = Vec::new();
    for start in all.iter().copied() {
        let mut way: Vec<(&HolderId, Vec<&HolderId>)> = Vec::new();
        if seen.insert(start) {
            way.push((start, receivers(start)));
        }
        while let Some((holder, waiting)) = way.last_mut() {
            let holder = *holder;
            let Some(receiver) = waiting.pop() else {
                done.push(holder);
                way.pop();
                continue;
            };
            if way.iter().all(|(above, _)| *above != receiver) {
                flows.push((holder, receiver));
            }
            if seen.insert(receiver) {
                way.push((receiver, receivers(receiver)));
            }
        }
    }
    for holder in done.into_iter().rev() {
        let depth = level[holder] + 1;
        for (_, receiver) in flows.iter().filter(|(from, _)| *from == holder) {
            level.entry(receiver).and_modify(|there| *there = depth.max(*there));
        }
    }
}

/// Draws the plantings above a line of time, and the contacts below it.
pub fn time_picture(finding: &Finding, lang: Lang) -> Option<Picture> {
    let plantings: Vec<_> = finding.copies().into_iter().take(PLANTINGS_MAX).collect();
    let hits: Vec<DateTime<Utc>> = finding.traced.hits.iter().map(|hit| hit.contact.at).collect();
    let times = plantings.iter().map(|copy| copy.at).chain(hits.iter().copied());
    let (first, last) = (times.clone().min()?, times.max()?);
    let seconds = (last - first).num_seconds().max(1) as f32;
    let x = |at: DateTime<Utc>| (at - first).num_seconds() as f32 / seconds * (WIDTH - 130.0);
    let axis = plantings.len() as f32 * 16.0 + 6.0;
    let mut shapes = vec![Shape::Line([0.0, axis, WIDTH, axis], Ink::Plain)];
    for (at, copy) in plantings.iter().enumerate() {
        let (x, y) = (x(copy.at), at as f32 * 16.0 + 12.0);
        shapes.push(Shape::Line([x, y - 8.0, x, axis], Ink::Quiet));
        shapes.push(Shape::Text([x + 4.0, y], label(&given_to(copy)), Ink::Plain));
    }
    shapes.extend(hits.iter().map(|at| Shape::Area([x(*at), axis + 4.0, 2.0, 12.0], Ink::Strong)));
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let foot = axis + 30.0;
    shapes.push(Shape::Text([0.0, foot], day(first), Ink::Quiet));
    shapes.push(Shape::Text([WIDTH - 130.0, foot], day(last), Ink::Quiet));
    let below = say(lang, "below the line: contacts", "线下：来电等联系");
    shapes.push(Shape::Text([WIDTH / 2.0 - 90.0, foot], below, Ink::Quiet));
    Some(Picture { width: WIDTH, height: foot + 4.0, shapes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_drawn_as_text_that_runs_nothing() {
        let shapes = vec![
            Shape::Area([0.0, 1.0, 2.0, 3.0], Ink::Strong),
            Shape::Line([0.0, 0.0, 9.5, 1.0], Ink::Quiet),
            Shape::Text([1.0, 2.0], "</svg><script>".to_string(), Ink::Plain),
        ];
        let svg = Picture { width: 480.0, height: 20.0, shapes }.svg();
        assert!(svg.starts_with("<svg viewBox=\"0 0 480 20\"") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("d=\"M0.0 0.0L9.5 1.0\"") && svg.contains("&lt;/svg&gt;&lt;script&gt;"));
        assert_eq!(svg.matches("<svg").count() + svg.matches("<script").count(), 1);
    }

    #[test]
    fn everybody_stands_to_the_right_of_all_who_feed_them() {
        let flows = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "e"), ("a", "e"), ("e", "b"), ("d", "c")];
        let flow = |(from, to): (&str, &str)| crate::holder::Flow {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            share: 1.0,
            since: None,
            until: None,
        };
        let graph = FlowGraph::new(Vec::new(), flows.into_iter().map(flow).collect());
        let ids: Vec<HolderId> = ["a", "b", "c", "d", "e"].iter().map(|id| id.parse().unwrap()).collect();
        let mut level = ids.iter().map(|id| (id, 0)).collect();
        deepen(&graph, &mut level);
        // From `e` back to `b` the circle closes.
        assert_eq!(level.into_values().collect::<Vec<_>>(), [0, 1, 2, 0, 3]);
    }

    #[test]
    fn a_long_label_is_cut_between_letters() {
        assert_eq!(label("市妇幼"), "市妇幼");
        assert_eq!(label(&"妇".repeat(40)), format!("{}…", "妇".repeat(LABEL_MAX)));
    }
}
