//! The line between the planes: reports up and orders down, cut, lost and told twice.

use agent::rooms::Rooms;
use agent_uplink::{Event, OutboxError, Sent, prepare};
use anyhow::{Context, Result, ensure};
use control_plane_grpc::{take_batch, worklist_event};

use super::World;
use super::machine::{Fate, Reply};

/// Changes that are read at once.
const PAGE: usize = 20;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quality {
    /// Cut anywhere, with receipts lost and things told twice; machines crash under it.
    Poor,
    /// Nothing is lost.
    Sound,
}

/// Whether there is more to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Goes,
    Ends,
}

/// Reports that may be sent, after the gate has them in the ledger.
fn written_down(rooms: &Rooms, after: u64, limit: usize) -> Result<Vec<Sent>, OutboxError> {
    let rows = prepare(rooms.outbox(), after, limit)?;
    let leaving: Vec<_> = rows.iter().filter_map(Sent::leaving).collect();
    if !leaving.is_empty() {
        rooms.ledger().append(&leaving).map_err(|error| OutboxError(Box::new(error)))?;
    }
    Ok(rows)
}

impl World {
    /// Sends reports until all are dealt with or the line is cut.
    pub(super) fn up(&mut self, quality: Quality) -> Result<()> {
        // The first receipt of a stream says where it begins.
        let Some(mut after) = self.push(&[], quality)? else { return Ok(()) };
        if quality == Quality::Poor && self.chance.happens(200) {
            // Something of an earlier stream arrives late: all of it was dealt with.
            let earlier = std::mem::take(&mut self.sent_earlier);
            let Some(dealt_with) = self.push(&earlier, quality)? else { return Ok(()) };
            ensure!(dealt_with == after, "late reports move the receipt from {after} to {dealt_with}");
        }
        loop {
            let limit = 1 + self.chance.index(24);
            let fate = self.fate(quality);
            let prepared =
                self.hospital.call(fate, &mut self.chance, |rooms| written_down(rooms, after, limit))?;
            let (Reply::Came(rows) | Reply::Lost(rows)) = prepared else { return Ok(()) };
            let rows = rows.context("the outbox cannot be drained")?;
            ensure!(rows.iter().all(|row| row.kind != "empty"), "a report may not leave");
            let Some(last) = rows.last().map(|row| row.sequence) else { return Ok(()) };
            if quality == Quality::Poor && self.chance.happens(30) {
                // Some of it was sent when the line went.
                let sent = self.chance.index(rows.len() + 1);
                self.push(&rows[..sent], quality)?;
                return Ok(());
            }
            match self.push(&rows, quality)? {
                Some(dealt_with) => {
                    ensure!(dealt_with >= last, "{dealt_with} is dealt with, after {last} was sent");
                    after = dealt_with;
                    if self.sent_earlier.is_empty() || self.chance.happens(100) {
                        self.sent_earlier = rows;
                    }
                }
                None => return Ok(()),
            }
        }
    }

    /// Gives reports to the control plane and takes its receipt, if it comes.
    fn push(&mut self, rows: &[Sent], quality: Quality) -> Result<Option<u64>> {
        let agent = self.order.agent;
        let batch = rows.iter().map(|row| row.bytes.clone()).collect();
        let fate = self.fate(quality);
        let taken = self.cloud.call(fate, &mut self.chance, |app| take_batch(app, agent, batch))?;
        let receipt = match taken {
            Reply::Came(receipt) => receipt.context("the reports cannot be taken")?,
            Reply::Lost(receipt) => {
                receipt.context("the reports cannot be taken")?;
                self.tally.lost += 1;
                return Ok(None);
            }
            Reply::Gone => return Ok(None),
        };
        if let Some(refusal) = receipt.refusals.first() {
            let kind = rows.iter().find(|row| row.sequence == refusal.sequence).map(|row| row.kind);
            anyhow::bail!("the {kind:?} report is refused: {refusal:?}");
        }
        let up_to = receipt.dealt_with;
        let fate = self.fate(quality);
        let noted = self.hospital.call(fate, &mut self.chance, |rooms| rooms.outbox().dealt_with(up_to))?;
        match noted {
            Reply::Came(noted) | Reply::Lost(noted) => noted.context("the receipt cannot be kept")?,
            Reply::Gone => return Ok(None),
        }
        Ok(Some(up_to))
    }

    /// Brings orders down until the site has all or the line is cut.
    pub(super) fn down(&mut self, quality: Quality) -> Result<()> {
        while self.page(quality)? == Step::Goes {}
        Ok(())
    }

    fn page(&mut self, quality: Quality) -> Result<Step> {
        let cursor = self.hospital.plane()?.inbound().cursor()?;
        let store = std::sync::Arc::clone(self.cloud.plane()?.store());
        let epoch = store.epoch();
        let after = if cursor.epoch == Some(epoch) { cursor.sequence } else { 0 };
        let page = store.changes_since(self.order.agent.site, after, PAGE)?;
        drop(store);
        let more = page.more && !page.changes.is_empty();
        for change in page.changes {
            if quality == Quality::Poor && self.chance.happens(20) {
                return Ok(Step::Ends);
            }
            let times = if quality == Quality::Poor && self.chance.happens(100) { 2 } else { 1 };
            let event = Event::try_from(worklist_event(epoch, change))?;
            let Some(item) = event.item else { continue };
            for _ in 0..times {
                let (fate, item) = (self.fate(quality), item.clone());
                let applied = self.hospital.call(fate, &mut self.chance, |rooms| {
                    rooms.inbound().apply(event.epoch, event.sequence, item)
                })?;
                match applied {
                    Reply::Came(applied) | Reply::Lost(applied) => applied?,
                    Reply::Gone => return Ok(Step::Ends),
                }
            }
        }
        Ok(if more { Step::Goes } else { Step::Ends })
    }

    fn fate(&mut self, quality: Quality) -> Fate {
        match quality {
            // What one side of a stream does takes no answer of the other, so that little is lost here.
            Quality::Poor => match self.chance.below(1000) {
                0..1 => Fate::Crash,
                1..30 => Fate::Lost,
                _ => Fate::Fine,
            },
            Quality::Sound => Fate::Fine,
        }
    }
}
