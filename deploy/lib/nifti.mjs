// Reads a label map out of a single-file NIfTI-1, as far as the demo and the tests need it.
import fs from 'node:fs';
import zlib from 'node:zlib';

const READERS = {
  2: (bytes, at) => bytes.readUInt8(at),
  4: (bytes, at) => bytes.readInt16LE(at * 2),
  8: (bytes, at) => bytes.readInt32LE(at * 4),
  512: (bytes, at) => bytes.readUInt16LE(at * 2),
};

/** Gives `{dimensions: [i, j, k], labels}`; labels has i fastest, as the agent has its volumes. */
export function readLabelMap(file) {
  const stored = fs.readFileSync(file);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? zlib.gunzipSync(stored) : stored;
  if (bytes.readInt32LE(0) !== 348) throw new Error(`${file}: not a little-endian NIfTI-1`);
  const dimensions = [1, 2, 3].map((axis) => bytes.readInt16LE(40 + 2 * axis));
  const read = READERS[bytes.readInt16LE(70)];
  if (!read) throw new Error(`${file}: not a label map`);
  const voxels = bytes.subarray(bytes.readFloatLE(108));
  const labels = new Uint8Array(dimensions[0] * dimensions[1] * dimensions[2]);
  for (let at = 0; at < labels.length; at += 1) labels[at] = read(voxels, at);
  return { dimensions, labels };
}
