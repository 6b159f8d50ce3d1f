//! Keeps to itself what a reader of foreign files says when it gives up: the words of a panic may hold a piece of
//! somebody's row.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static IS_AT_FOREIGN_FILE: Cell<bool> = const { Cell::new(false) };
}

/// A reader gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GaveUp;

/// Runs a reader; a panic in it ends its work, and nobody hears of it.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, GaveUp> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_AT_FOREIGN_FILE.get() {
                usual(panic);
            }
        }));
    });
    let before = IS_AT_FOREIGN_FILE.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_AT_FOREIGN_FILE.set(before);
    done.map_err(|_| GaveUp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_reader_alone() {
        let row = String::from("王芳");
        assert_eq!(quietly(|| row[1..].len()), Err(GaveUp));
        assert_eq!(quietly(|| row.len()), Ok(6));
        assert!(!IS_AT_FOREIGN_FILE.get());
    }
}
