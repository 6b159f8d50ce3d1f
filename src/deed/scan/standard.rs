//! Standard input, which is waited for only as long as somebody wants what comes.

use std::io::{self, Read};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::outside::World;
use crate::scan::open::Unreadable;

/// How long is waited before looking whether the rest is wanted.
const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

pub(super) struct Standard<'w> {
    input: io::StdinLock<'static>,
    world: &'w World<'w>,
}

impl<'w> Standard<'w> {
    pub fn new(world: &'w World<'w>) -> Standard<'w> {
        Standard { input: io::stdin().lock(), world }
    }
}

impl Read for Standard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.world.is_stopped() {
                return Err(io::Error::other(Unreadable::Stopped));
            }
            let ready = {
                let fd = self.input.as_fd();
                poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&WAIT))
            };
            match ready {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return rustix::io::read(self.input.as_fd(), buffer).map_err(io::Error::from),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
