//! Walks over segments: what is intact, what is damaged, where a torn tail begins.

use std::path::Path;
use std::sync::Arc;

use crate::error::OpenError;
use crate::format::{
    Link, RECORD_HEADER_BYTES, RECORD_MAGIC, RecordHeader, SEGMENT_HEADER_BYTES, SegmentHeader, checksum,
    link, segment_name, segment_of_name,
};
use crate::io::{Io, IoFile};
use crate::journal::Head;

/// A record that was found intact.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) header: RecordHeader,
    /// Offset of the body in the segment.
    pub(crate) body_at: u64,
    /// Its bytes, where the walk checks bodies; empty otherwise.
    pub(crate) body: Vec<u8>,
}

impl Found {
    fn head(&self) -> Head {
        Head { sequence: self.header.sequence, link: self.header.link }
    }
}

/// Whether the walk reads each body and compares its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    Check,
    Skip,
}

/// Walks over the records of one segment, header by header.
#[derive(Debug)]
pub(crate) struct SegmentWalk {
    file: Arc<dyn IoFile>,
    length: u64,
    at: u64,
    expected: u64,
    bodies: Bodies,
}

/// What stands at the walk's place.
#[derive(Debug)]
pub(crate) enum Step {
    Record(Found),
    /// The end of the file, exactly behind the last record.
    End,
    /// No intact record here. `resumes` is the next intact one with its offset, if there is any, and
    /// `acknowledged` says whether a later record knows that the missing one had been durable.
    Broken {
        at: u64,
        resumes: Option<(u64, RecordHeader)>,
        acknowledged: bool,
    },
}

impl SegmentWalk {
    pub(crate) fn new(file: Arc<dyn IoFile>, first: u64, bodies: Bodies) -> std::io::Result<Self> {
        let length = file.length()?;
        Ok(Self { file, length, at: SEGMENT_HEADER_BYTES, expected: first, bodies })
    }

    pub(crate) fn step(&mut self) -> std::io::Result<Step> {
        if self.at == self.length {
            return Ok(Step::End);
        }
        match self.intact_at(self.at, self.expected)? {
            Some(found) => {
                self.at = found.body_at + u64::from(found.header.body_bytes);
                self.expected = found.header.sequence + 1;
                Ok(Step::Record(found))
            }
            None => self.broken(),
        }
    }

    /// Goes on behind damage, at a place that `Broken` gave.
    pub(crate) fn resume_at(&mut self, at: u64, sequence: u64) {
        self.at = at;
        self.expected = sequence;
    }

    fn intact_at(&self, at: u64, expected: u64) -> std::io::Result<Option<Found>> {
        let mut bytes = [0; RECORD_HEADER_BYTES];
        if self.file.read_at(&mut bytes, at)? < RECORD_HEADER_BYTES {
            return Ok(None);
        }
        let Some(header) = RecordHeader::decode(&bytes) else { return Ok(None) };
        let body_at = at + RECORD_HEADER_BYTES as u64;
        if header.sequence != expected || body_at + u64::from(header.body_bytes) > self.length {
            return Ok(None);
        }
        if self.bodies == Bodies::Skip {
            return Ok(Some(Found { header, body_at, body: Vec::new() }));
        }
        let body = self.body(&header, body_at)?;
        let intact = checksum(&[&body]) == header.body_checksum;
        Ok(intact.then_some(Found { header, body_at, body }))
    }

    fn body(&self, header: &RecordHeader, body_at: u64) -> std::io::Result<Vec<u8>> {
        let mut body = vec![0; header.body_bytes as usize];
        let count = self.file.read_at(&mut body, body_at)?;
        body.truncate(count);
        Ok(body)
    }

    /// Looks behind a broken place for intact records with a later sequence.
    fn broken(&self) -> std::io::Result<Step> {
        const CHUNK: usize = 1 << 20;
        let mut resumes = None;
        let mut acknowledged = false;
        let mut at = self.at + 1;
        let mut chunk = vec![0; CHUNK + RECORD_MAGIC.len()];
        while at < self.length && !acknowledged {
            let count = self.file.read_at(&mut chunk, at)?;
            for offset in 0..count.min(CHUNK) {
                if chunk[offset..count].starts_with(RECORD_MAGIC)
                    && let Some(header) = self.later_record(at + offset as u64)?
                {
                    acknowledged |= header.durable >= self.expected;
                    resumes.get_or_insert((at + offset as u64, header));
                }
            }
            at += CHUNK as u64;
        }
        Ok(Step::Broken { at: self.at, resumes, acknowledged })
    }

    fn later_record(&self, at: u64) -> std::io::Result<Option<RecordHeader>> {
        let mut bytes = [0; RECORD_HEADER_BYTES];
        if self.file.read_at(&mut bytes, at)? < RECORD_HEADER_BYTES {
            return Ok(None);
        }
        let Some(header) = RecordHeader::decode(&bytes) else { return Ok(None) };
        let body_at = at + RECORD_HEADER_BYTES as u64;
        let intact = header.sequence > self.expected
            && body_at + u64::from(header.body_bytes) <= self.length
            && checksum(&[&self.body(&header, body_at)?]) == header.body_checksum;
        Ok(intact.then_some(header))
    }
}

/// First sequences of the segments in `directory`, in order.
pub(crate) fn segments(io: &dyn Io, directory: &Path) -> std::io::Result<Vec<u64>> {
    let mut firsts: Vec<u64> = io.list(directory)?.iter().filter_map(|name| segment_of_name(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

pub(crate) fn read_segment_header(file: &dyn IoFile) -> std::io::Result<Option<SegmentHeader>> {
    let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
    let count = file.read_at(&mut bytes, 0)?;
    Ok(SegmentHeader::decode(&bytes[..count]))
}

/// A place where a journal is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// First sequence number of the segment.
    pub segment: u64,
    /// Byte in the segment where the damage begins.
    pub offset: u64,
    /// Sequence of the first record that is not as it was written.
    pub sequence: u64,
}

/// What a full check of a journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Records that are intact and in their place in the chain.
    pub records: u64,
    /// The last intact record.
    pub head: Head,
    /// Everything else, in order.
    pub damage: Vec<Damage>,
}

/// A record as [`verify_each`] shows it: intact, and in its place in the chain.
#[derive(Debug, Clone, Copy)]
pub struct Intact<'a> {
    /// Its number and its link.
    pub head: Head,
    /// Its bytes.
    pub body: &'a [u8],
}

/// Reads every byte of a journal and recomputes its hash chain. Needs no running program.
///
/// # Errors
/// When files cannot be read. Damage is not an error but a finding.
pub fn verify(io: &dyn Io, directory: &Path) -> Result<Verified, OpenError> {
    verify_each(io, directory, &mut |_| ())
}

/// As [`verify`], and shows each intact record, in order.
///
/// # Errors
/// As [`verify`].
pub fn verify_each(
    io: &dyn Io,
    directory: &Path,
    visit: &mut dyn FnMut(Intact<'_>),
) -> Result<Verified, OpenError> {
    let failed = |cause| OpenError::Io { path: directory.to_path_buf(), cause };
    let mut verified = Verified { records: 0, head: Head { sequence: 0, link: [0; 32] }, damage: Vec::new() };
    for first in segments(io, directory).map_err(failed)? {
        let checked = io
            .open(&directory.join(segment_name(first)))
            .and_then(|file| verify_segment(file, first, &mut verified, visit));
        match checked {
            // It is listed and not there: all of it, or what is left of it, is gone.
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                let sequence = first.max(verified.head.sequence + 1);
                verified.damage.push(Damage { segment: first, offset: 0, sequence });
            }
            other => other.map_err(failed)?,
        }
    }
    Ok(verified)
}

fn verify_segment(
    file: Arc<dyn IoFile>,
    first: u64,
    verified: &mut Verified,
    visit: &mut dyn FnMut(Intact<'_>),
) -> std::io::Result<()> {
    let header = read_segment_header(file.as_ref())?;
    let belongs = header.as_ref().is_some_and(|header| {
        header.first_sequence == first
            && first == verified.head.sequence + 1
            && header.link_before == verified.head.link
    });
    if !belongs {
        verified.damage.push(Damage { segment: first, offset: 0, sequence: first });
    }
    let mut before: Link = header.map_or(verified.head.link, |header| header.link_before);
    let mut walk = SegmentWalk::new(file, first, Bodies::Check)?;
    loop {
        match walk.step()? {
            Step::End => return Ok(()),
            Step::Record(found) => {
                if linked(&found, &before) {
                    verified.records += 1;
                    visit(Intact { head: found.head(), body: &found.body });
                } else {
                    let (offset, sequence) = (found.body_at, found.header.sequence);
                    verified.damage.push(Damage { segment: first, offset, sequence });
                }
                before = found.header.link;
                verified.head = found.head();
            }
            Step::Broken { at, resumes, .. } => {
                verified.damage.push(Damage { segment: first, offset: at, sequence: walk.expected });
                let Some((resumes_at, header)) = resumes else { return Ok(()) };
                walk.resume_at(resumes_at, header.sequence);
            }
        }
    }
}

fn linked(found: &Found, before: &Link) -> bool {
    link(before, found.header.sequence, &[&found.body]) == found.header.link
}
