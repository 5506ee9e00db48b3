// A zip archive of files that are stored as they are, written byte by byte (APPNOTE 4.3).
const UTF8 = 0x0800;

/** The CRC-32 of ISO 3309, bit by bit. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function header(signature, { name, bytes }, extra) {
  const record = Buffer.alloc(26);
  record.writeUInt16LE(20, 0);
  record.writeUInt16LE(UTF8, 2);
  record.writeUInt32LE(crc32(bytes), 10);
  record.writeUInt32LE(bytes.length, 14);
  record.writeUInt32LE(bytes.length, 18);
  record.writeUInt16LE(Buffer.byteLength(name), 22);
  return Buffer.concat([Buffer.from(signature), record, extra, Buffer.from(name)]);
}

/** The archive of entries with a name and bytes. */
export function zip(entries) {
  const [locals, centrals] = [[], []];
  let at = 0;
  for (const entry of entries) {
    const local = Buffer.concat([header('PK\x03\x04', entry, Buffer.alloc(0)), entry.bytes]);
    // Comment, disk, attributes; then where the local header is.
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), header('', entry, place)]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}
