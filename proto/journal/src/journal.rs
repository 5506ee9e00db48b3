//! An append-only journal of opaque records with group commit.
//!
//! Does not know what a record means. `append` writes, `sync` makes durable: whoever comes first
//! syncs for all that have appended by then, and the others wait for that one `fdatasync`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{AppendError, OpenError, ReadError};
use crate::format::{
    Link, MAXIMUM_BODY_BYTES, RECORD_HEADER_BYTES, RecordHeader, SEGMENT_HEADER_BYTES, SegmentHeader,
    checksum, link, segment_name,
};
use crate::io::{Io, IoFile};
use crate::scan::{Bodies, Found, SegmentWalk, Step, read_segment_header, segments};

/// How a journal lays out its files.
#[derive(Debug, Clone)]
pub struct Options {
    /// A new segment begins when the current one would grow beyond this. A larger record gets a
    /// segment of its own.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 256 << 20 }
    }
}

/// The last record: its number, and the hash that stands for everything up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// 0 when the journal is empty.
    pub sequence: u64,
    /// BLAKE3 link of the record.
    pub link: [u8; 32],
}

/// Where a record was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Number and link of the record.
    pub head: Head,
    /// First sequence of its segment.
    pub segment: u64,
    /// Offset of the body in the segment.
    pub body_at: u64,
}

#[derive(Debug)]
struct Writer {
    file: Arc<dyn IoFile>,
    segment: u64,
    end: u64,
    head: Head,
}

#[derive(Debug, Default)]
struct Durable {
    sequence: u64,
    syncing: bool,
    poisoned: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Journal {
    io: Arc<dyn Io>,
    directory: PathBuf,
    options: Options,
    writer: Mutex<Writer>,
    durable: Mutex<Durable>,
    synced: Condvar,
    readers: Mutex<HashMap<u64, Arc<dyn IoFile>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while a lock is held cannot leave these structures half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// Opens the journal in `directory`, or begins one there.
    ///
    /// A torn tail, which nobody was told is safe, is cut off. Gives the number of bytes cut.
    ///
    /// # Errors
    /// When the files cannot be used, or a record that was synced is not intact.
    pub fn open(io: Arc<dyn Io>, directory: &Path, options: Options) -> Result<(Self, u64), OpenError> {
        let failed = |cause| OpenError::Io { path: directory.to_path_buf(), cause };
        io.create_dir_all(directory).map_err(failed)?;
        remove_unborn_segment(io.as_ref(), directory).map_err(failed)?;
        let firsts = segments(io.as_ref(), directory).map_err(failed)?;
        let (writer, cut) = match firsts.last() {
            None => {
                let before = Head { sequence: 0, link: [0; 32] };
                (begin_segment(io.as_ref(), directory, before).map_err(failed)?, 0)
            }
            Some(last) => reopen_segment(io.as_ref(), directory, *last)?,
        };
        let durable = Durable { sequence: writer.head.sequence, ..Durable::default() };
        let journal = Self {
            io,
            directory: directory.to_path_buf(),
            options,
            writer: Mutex::new(writer),
            durable: Mutex::new(durable),
            synced: Condvar::new(),
            readers: Mutex::default(),
        };
        Ok((journal, cut))
    }

    /// The last appended record, which need not be durable yet.
    pub fn head(&self) -> Head {
        locked(&self.writer).head
    }

    /// Whether it still takes records. After a failed sync it takes none until it is opened again.
    pub fn takes_records(&self) -> bool {
        !locked(&self.durable).poisoned
    }

    /// Writes one record whose body is `parts`, one after the other. It is not durable before
    /// [`Journal::sync`] with its sequence returns.
    ///
    /// # Errors
    /// When the record is too large or the disk refuses; the journal is then as it was.
    pub fn append(&self, parts: &[&[u8]]) -> Result<Appended, AppendError> {
        let body_bytes: u64 = parts.iter().map(|part| part.len() as u64).sum();
        if body_bytes > MAXIMUM_BODY_BYTES {
            return Err(AppendError::TooLarge { bytes: body_bytes });
        }
        let mut writer = locked(&self.writer);
        if locked(&self.durable).poisoned {
            return Err(AppendError::Poisoned);
        }
        let needed = RECORD_HEADER_BYTES as u64 + body_bytes;
        if writer.end > SEGMENT_HEADER_BYTES && writer.end + needed > self.options.segment_bytes {
            self.rotate(&mut writer)?;
        }
        self.append_here(&mut writer, parts, body_bytes)
    }

    fn append_here(
        &self,
        writer: &mut Writer,
        parts: &[&[u8]],
        body_bytes: u64,
    ) -> Result<Appended, AppendError> {
        let sequence = writer.head.sequence + 1;
        let header = RecordHeader {
            body_bytes: u32::try_from(body_bytes).map_err(|_| AppendError::TooLarge { bytes: body_bytes })?,
            sequence,
            link: link(&writer.head.link, sequence, parts),
            durable: locked(&self.durable).sequence,
            body_checksum: checksum(parts),
        };
        let start = writer.end;
        if let Err(cause) = write_parts(writer.file.as_ref(), start, &header, parts) {
            // The half-written record must not stay in front of the next one.
            if writer.file.truncate(start).is_err() {
                locked(&self.durable).poisoned = true;
            }
            return Err(AppendError::Io(cause));
        }
        let body_at = start + RECORD_HEADER_BYTES as u64;
        writer.end = body_at + body_bytes;
        writer.head = Head { sequence, link: header.link };
        Ok(Appended { head: writer.head, segment: writer.segment, body_at })
    }

    fn rotate(&self, writer: &mut Writer) -> Result<(), AppendError> {
        if let Err(cause) = writer.file.sync_data() {
            locked(&self.durable).poisoned = true;
            return Err(AppendError::Io(cause));
        }
        *writer = begin_segment(self.io.as_ref(), &self.directory, writer.head).map_err(AppendError::Io)?;
        Ok(())
    }

    /// Returns once the record `sequence` and all before it are durable.
    ///
    /// # Errors
    /// When a sync fails: what the disk holds is then unknown, and the journal takes no more.
    pub fn sync(&self, sequence: u64) -> Result<(), AppendError> {
        let mut durable = locked(&self.durable);
        loop {
            if durable.sequence >= sequence {
                return Ok(());
            }
            if durable.poisoned {
                return Err(AppendError::Poisoned);
            }
            if !durable.syncing {
                break;
            }
            durable = self.synced.wait(durable).unwrap_or_else(PoisonError::into_inner);
        }
        durable.syncing = true;
        drop(durable);
        let (file, target) = {
            let writer = locked(&self.writer);
            (Arc::clone(&writer.file), writer.head.sequence)
        };
        let result = file.sync_data();
        let mut durable = locked(&self.durable);
        durable.syncing = false;
        match &result {
            Ok(()) => durable.sequence = durable.sequence.max(target),
            Err(_) => durable.poisoned = true,
        }
        drop(durable);
        self.synced.notify_all();
        result.map_err(AppendError::Io)
    }

    /// `length` bytes of a segment from `offset` on.
    ///
    /// # Errors
    /// When the segment cannot be read or ends before.
    pub fn read(&self, segment: u64, offset: u64, length: u64) -> Result<Vec<u8>, ReadError> {
        let failed = |cause| ReadError::of_segment(segment, cause);
        if length > MAXIMUM_BODY_BYTES {
            return Err(ReadError::Damaged { segment, offset });
        }
        let file = self.reader(segment).map_err(failed)?;
        let mut bytes = vec![0; length as usize];
        if file.read_at(&mut bytes, offset).map_err(failed)? as u64 != length {
            return Err(ReadError::Damaged { segment, offset });
        }
        Ok(bytes)
    }

    /// First sequences of the segments that nothing is appended to any more, in order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn closed_segments(&self) -> Result<Vec<u64>, OpenError> {
        let failed = |cause| OpenError::Io { path: self.directory.clone(), cause };
        // Taken first: a segment that is begun meanwhile stands behind it.
        let open = locked(&self.writer).segment;
        let mut firsts = segments(self.io.as_ref(), &self.directory).map_err(failed)?;
        firsts.retain(|first| *first < open);
        Ok(firsts)
    }

    /// Lets go of a segment's open file: the next read opens it where it is then.
    pub fn forget_reader(&self, segment: u64) {
        locked(&self.readers).remove(&segment);
    }

    fn reader(&self, segment: u64) -> std::io::Result<Arc<dyn IoFile>> {
        const OPEN_AT_MOST: usize = 64;
        let mut readers = locked(&self.readers);
        if let Some(file) = readers.get(&segment) {
            return Ok(Arc::clone(file));
        }
        let file = self.io.open(&self.directory.join(segment_name(segment)))?;
        if readers.len() >= OPEN_AT_MOST {
            readers.clear();
        }
        readers.insert(segment, Arc::clone(&file));
        Ok(file)
    }

    /// Calls `visit` with segment, record and reader for each record behind `after`, in order.
    /// Bodies are not read here.
    pub(crate) fn replay<E: From<OpenError>>(
        &self,
        after: u64,
        mut visit: impl FnMut(u64, &Found) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |cause| OpenError::Io { path: self.directory.clone(), cause };
        let firsts = segments(self.io.as_ref(), &self.directory).map_err(failed)?;
        let until = self.head().sequence;
        let mut expected = firsts.first().copied().unwrap_or(1);
        for (index, first) in firsts.iter().copied().enumerate() {
            if first != expected && index > 0 {
                return Err(OpenError::MissingSegment { segment: first }.into());
            }
            let next = firsts.get(index + 1).copied().unwrap_or(u64::MAX);
            // Records up to `next - 1` stand in this segment. Where `after` is the last of them there is nothing
            // to see in it, and opening it could mean fetching it from elsewhere.
            if next <= after.saturating_add(1) {
                expected = next;
                continue;
            }
            expected = self.replay_segment(first, (after, until), &mut visit)?;
        }
        Ok(())
    }

    fn replay_segment<E: From<OpenError>>(
        &self,
        first: u64,
        (after, until): (u64, u64),
        visit: &mut impl FnMut(u64, &Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        let failed = |cause| OpenError::Io { path: self.directory.clone(), cause };
        let file = self.reader(first).map_err(failed)?;
        let mut walk = SegmentWalk::new(file, first, Bodies::Skip).map_err(failed)?;
        let mut expected = first;
        while expected <= until {
            match walk.step().map_err(failed)? {
                Step::Record(found) => {
                    expected = found.header.sequence + 1;
                    if found.header.sequence > after {
                        visit(first, &found)?;
                    }
                }
                Step::End => break,
                Step::Broken { at, .. } => {
                    return Err(OpenError::Damaged { segment: first, offset: at }.into());
                }
            }
        }
        Ok(expected)
    }

    /// What the header of the segment that begins with `first` says of the record before it; `None` when no segment
    /// begins there.
    fn link_before_segment(&self, first: u64) -> Result<Option<Link>, OpenError> {
        let failed = |cause| OpenError::Io { path: self.directory.clone(), cause };
        if !segments(self.io.as_ref(), &self.directory).map_err(failed)?.contains(&first) {
            return Ok(None);
        }
        let file = self.reader(first).map_err(failed)?;
        Ok(read_segment_header(file.as_ref()).map_err(failed)?.map(|header| header.link_before))
    }

    /// Link of the record `sequence`; `None` when there is no such record.
    pub(crate) fn link_of(&self, sequence: u64) -> Result<Option<Link>, OpenError> {
        let mut link = None;
        let head = self.head();
        if sequence == head.sequence {
            return Ok(Some(head.link));
        }
        if sequence > head.sequence || sequence == 0 {
            return Ok((sequence == 0).then_some([0; 32]));
        }
        if let Some(link) = self.link_before_segment(sequence + 1)? {
            return Ok(Some(link));
        }
        self.replay(sequence - 1, |_, found| {
            if found.header.sequence == sequence {
                link = Some(found.header.link);
            }
            Ok::<(), OpenError>(())
        })?;
        Ok(link)
    }
}

fn write_parts(file: &dyn IoFile, start: u64, header: &RecordHeader, parts: &[&[u8]]) -> std::io::Result<()> {
    const JOIN_UP_TO: usize = 64 << 10;
    let mut pending = header.encode().to_vec();
    let mut at = start;
    for part in parts {
        if pending.len() + part.len() <= JOIN_UP_TO {
            pending.extend_from_slice(part);
            continue;
        }
        file.write_at(&pending, at)?;
        at += pending.len() as u64;
        pending.clear();
        file.write_at(part, at)?;
        at += part.len() as u64;
    }
    if pending.is_empty() { Ok(()) } else { file.write_at(&pending, at) }
}

fn begin_segment(io: &dyn Io, directory: &Path, before: Head) -> std::io::Result<Writer> {
    let first_sequence = before.sequence + 1;
    let path = directory.join(segment_name(first_sequence));
    let file = io.create(&path)?;
    let header = SegmentHeader { first_sequence, link_before: before.link };
    let written = file.write_at(&header.encode(), 0).and_then(|()| file.sync_data());
    if let Err(cause) = written.and_then(|()| io.sync_directory(directory)) {
        // Without this the next attempt would find the name taken.
        let _ = io.remove(&path);
        return Err(cause);
    }
    Ok(Writer { file, segment: first_sequence, end: SEGMENT_HEADER_BYTES, head: before })
}

/// A crash between creating a segment and writing its header leaves a file without records.
fn remove_unborn_segment(io: &dyn Io, directory: &Path) -> std::io::Result<()> {
    let Some(last) = segments(io, directory)?.last().copied() else { return Ok(()) };
    let path = directory.join(segment_name(last));
    let file = io.open(&path)?;
    if file.length()? <= SEGMENT_HEADER_BYTES && read_segment_header(file.as_ref())?.is_none() {
        io.remove(&path)?;
        io.sync_directory(directory)?;
    }
    Ok(())
}

fn reopen_segment(io: &dyn Io, directory: &Path, first: u64) -> Result<(Writer, u64), OpenError> {
    let path = directory.join(segment_name(first));
    let failed = |cause| OpenError::Io { path: path.clone(), cause };
    let file = io.open(&path).map_err(failed)?;
    let header = read_segment_header(file.as_ref()).map_err(failed)?;
    let header = header
        .filter(|header| header.first_sequence == first)
        .ok_or(OpenError::SegmentHeader { segment: first })?;
    let mut head = Head { sequence: first - 1, link: header.link_before };
    let mut end = SEGMENT_HEADER_BYTES;
    let mut walk = SegmentWalk::new(Arc::clone(&file), first, Bodies::Check).map_err(failed)?;
    loop {
        match walk.step().map_err(failed)? {
            Step::Record(found) => {
                head = Head { sequence: found.header.sequence, link: found.header.link };
                end = found.body_at + u64::from(found.header.body_bytes);
            }
            Step::End => break,
            Step::Broken { at, acknowledged: true, .. } => {
                return Err(OpenError::Damaged { segment: first, offset: at });
            }
            // Records that nobody was told are safe may be torn, and lost in any order.
            Step::Broken { acknowledged: false, .. } => break,
        }
    }
    let cut = file.length().map_err(failed)?.saturating_sub(end);
    if cut > 0 {
        file.truncate(end).map_err(failed)?;
    }
    // A process that was killed may have left records that only the system's cache holds.
    file.sync_data().map_err(failed)?;
    Ok((Writer { file, segment: first, end, head }, cut))
}
