//! Carries batches from one thread to the next, and what is left of them back.
//!
//! What one thread made is let go by that thread: memory that another gives back makes the two wait for each other
//! at every piece.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Batches that wait at most.
const BATCHES: usize = 4;

/// The end where batches are made.
pub(super) struct Giver<T, U> {
    full: SyncSender<T>,
    spent: Receiver<U>,
}

/// The end where batches are used up.
pub(super) struct Taker<T, U> {
    full: Receiver<T>,
    spent: Sender<U>,
}

/// Makes a belt for batches of `T`, of which `U` is left.
pub(super) fn belt<T, U>() -> (Giver<T, U>, Taker<T, U>) {
    let (to, full) = sync_channel(BATCHES);
    let (back, spent) = channel();
    (Giver { full: to, spent }, Taker { full, spent: back })
}

impl<T, U> Giver<T, U> {
    /// Hands a batch on, waiting while too many wait already; tells whether anybody still takes them.
    pub(super) fn give(&self, batch: T) -> bool {
        self.spent.try_iter().for_each(drop);
        self.full.send(batch).is_ok()
    }
}

impl<T, U> Taker<T, U> {
    /// Waits for the next batch; nothing once there are no more.
    pub(super) fn take(&self) -> Option<T> {
        self.full.recv().ok()
    }

    /// Gives back what is left of a batch, to be let go by the thread that made it.
    pub(super) fn give_back(&self, left: U) {
        if let Err(unwanted) = self.spent.send(left) {
            drop(unwanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_come_in_order_and_go_back_to_whoever_made_them() {
        let (giver, taker) = belt::<Vec<u32>, Vec<u32>>();
        let making = std::thread::spawn(move || {
            let given = (0..100).all(|nth| giver.give(vec![nth]));
            (given, giver.spent.iter().count())
        });
        let mut taken: Vec<u32> = Vec::new();
        while let Some(batch) = taker.take() {
            taken.extend(&batch);
            taker.give_back(batch);
            if taken.len() == 100 {
                break;
            }
        }
        drop(taker);
        let (given, back) = making.join().unwrap();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        assert!(given && (1..=100).contains(&back), "{back} came back after the last was given");
    }

    #[test]
    fn nobody_makes_batches_that_nobody_takes() {
        let (giver, taker) = belt::<u32, u32>();
        assert!(giver.give(1));
        assert_eq!(taker.take(), Some(1));
        drop(taker);
        assert!(!giver.give(2));
    }
}
