//! Small worlds: what a plan says of them, and what the program's own trace says of the same leaks.

use super::*;

#[test]
fn placeholder_compiles() {
    assert_eq!(Assumptions::default().sample_calls, 5);
}
