//! Work spread over the machine's cores, its results in the order of the work.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

/// Does `work` on every item, on as many threads as there are cores, and hands each result to `take` in order.
///
/// # Errors
/// The first error of `take`; the rest of the work is then left undone.
pub(crate) fn in_order<I: Send, R: Send>(
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<()>,
) -> io::Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let items = Mutex::new(items.enumerate());
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(64 * workers);
        for _ in 0..workers {
            let (sender, items, work) = (sender.clone(), &items, &work);
            scope.spawn(move || {
                loop {
                    // Held while an item is found, not while it is worked on.
                    let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, item)) = next else { break };
                    if sender.send((number, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (number, result) in receiver {
            early.insert(number, result);
            while let Some(result) = early.remove(&due) {
                take(result)?;
                due += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::in_order;

    #[test]
    fn results_come_in_the_order_of_the_work_however_long_each_takes() {
        let mut taken = Vec::new();
        let work = |n: u64| (0..(n % 7) * 20_000).fold(n, |all, _| std::hint::black_box(all));
        in_order(0..500, work, |n| {
            taken.push(n);
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn work_ends_with_the_reader() {
        let mut left = 3;
        let ended = in_order(
            0..,
            |n: u32| n,
            |_| {
                left -= 1;
                if left == 0 { Err(std::io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
            },
        );
        assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    }
}
