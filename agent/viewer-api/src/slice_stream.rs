//! The voxels of a volume on their way to a browser, in the order that it asks for.
//!
//! A small volume comes out of the cache. Of a large one, a few slices are decoded ahead of the line and no more.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use agent_archive::AssetRow;
use axum::body::{Body, Bytes};
use futures::{StreamExt, stream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::app::App;
use crate::problem::Problem;
use crate::volumes::Prepared;
use crate::voxels;

/// Slices that are decoded before they are sent.
const AHEAD: usize = 2;
/// How long a browser may take nothing. A slice of 512 x 512 takes a second over 4 Mbit/s.
pub(crate) const STALLED: Duration = Duration::from_secs(60);
/// Voxels of one piece of a slice: one or two mebibytes.
const PIECE_VOXELS: usize = 512 * 1024;

/// Slices from `focus` outward: it, the next, the one before, and so on; all of them, each once.
pub(crate) fn outward(focus: usize, count: usize) -> Vec<usize> {
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    let focus = focus.min(last);
    let mut order = vec![focus];
    for away in 1..count {
        order.extend(focus.checked_add(away).filter(|k| *k <= last));
        order.extend(focus.checked_sub(away));
    }
    order
}

/// A volume that is held.
pub(crate) fn of_volume(prepared: Arc<Prepared>, order: Vec<usize>) -> Body {
    let slice = prepared.volume.grid().slice_voxels() as usize;
    let pieces = order.into_iter().flat_map(move |k| {
        (0..slice).step_by(PIECE_VOXELS).map(move |from| (k * slice + from, PIECE_VOXELS.min(slice - from)))
    });
    let bytes = pieces.map(move |(from, count)| {
        Ok::<_, Infallible>(Bytes::from(prepared.volume.voxels().little_endian(from, count)))
    });
    Body::from_stream(stream::iter(bytes))
}

/// The line was cut because a piece could not be read; the browser sees that bytes are missing.
#[derive(Debug, thiserror::Error)]
#[error("a piece cannot be read")]
pub(crate) struct Broken;

pub(crate) type Piece = Result<Bytes, Broken>;

/// A volume that is decoded slice by slice while it is sent, when there is a place.
///
/// # Errors
/// Ours, when the agent is ending.
pub(crate) async fn of_files(app: &Arc<App>, asset: AssetRow, order: Vec<usize>) -> Result<Body, Problem> {
    let place = Arc::clone(&app.senders).acquire_owned().await.map_err(|cause| Problem::ours(&cause))?;
    let archive = Arc::clone(&app.archive);
    let (sender, receiver) = mpsc::channel::<Piece>(AHEAD);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut take = |bytes: Vec<u8>| runtime.block_on(taken(&sender, Ok(Bytes::from(bytes)), STALLED));
        if voxels::send(&archive, &asset, &order, &mut take).is_err() {
            // Whether anybody still listens makes no difference.
            runtime.block_on(taken(&sender, Err(Broken), STALLED));
        }
        drop(place);
    });
    Ok(body(receiver))
}

/// Whether a browser took a piece. One that has gone away takes nothing more, and one that takes nothing for too
/// long is given up, since it holds a thread.
pub(crate) async fn taken(sender: &mpsc::Sender<Piece>, piece: Piece, longest: Duration) -> bool {
    matches!(tokio::time::timeout(longest, sender.send(piece)).await, Ok(Ok(())))
}

pub(crate) fn body(receiver: mpsc::Receiver<Piece>) -> Body {
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    // Whoever compresses a body asks once more after its end.
    Body::from_stream(pieces.fuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let (sender, mut receiver) = mpsc::channel(1);
        let piece = || Ok(Bytes::from_static(b"slice"));
        assert!(taken(&sender, piece(), STALLED).await);
        assert!(!taken(&sender, piece(), STALLED).await, "there is room for one and nobody takes it");
        let slow = tokio::spawn(async move {
            tokio::time::sleep(STALLED / 2).await;
            let _first = receiver.recv().await;
            receiver.recv().await.unwrap().unwrap()
        });
        assert!(taken(&sender, piece(), STALLED).await);
        assert_eq!(slow.await.unwrap(), piece().unwrap());
        assert!(!taken(&sender, piece(), STALLED).await, "it has gone away");
    }

    #[test]
    fn slices_come_from_the_focus_outward() {
        assert_eq!(outward(2, 5), [2, 3, 1, 4, 0]);
        assert_eq!(outward(0, 3), [0, 1, 2]);
        assert_eq!(outward(9, 3), [2, 1, 0]);
        assert!(outward(0, 0).is_empty());
        let mut all = outward(700, 2000);
        all.sort_unstable();
        assert_eq!(all, (0..2000).collect::<Vec<_>>());
    }
}
