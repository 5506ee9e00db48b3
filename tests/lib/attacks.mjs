// Files and streams made to do harm, by the numbers of the list of failures that the product is built against.
import zlib from 'node:zlib';

const UNDEFINED = 0xffffffff;
const LONG_FORM = new Set(['OB', 'OW', 'OF', 'SQ', 'UN', 'UT']);
const [EXPLICIT, IMPLICIT, DEFLATED, RLE, JPEG, JPEG_2000] = ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2', '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.5', '1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.90'];

const short = (value) => Buffer.from(Uint16Array.of(value).buffer);
const long = (value) => Buffer.from(Uint32Array.of(value).buffer);

/** An element in explicit VR little endian; `length` where it lies about it. */
function element(tag, vr, value, length = value.length + (value.length % 2)) {
  const head = [short(tag >>> 16), short(tag & 0xffff), Buffer.from(vr), ...(LONG_FORM.has(vr) ? [short(0), long(length)] : [short(length)])];
  return Buffer.concat([...head, value, Buffer.alloc(value.length % 2)]);
}

const text = (tag, vr, value) => element(tag, vr, Buffer.from(value, 'latin1'));
const number = (tag, value) => element(tag, 'US', short(value));

/** A file of PS3.10 around a data set. */
function file(dataSet, { syntax = EXPLICIT, preamble = Buffer.alloc(128), uid = '1.2.3.4' } = {}) {
  const meta = Buffer.concat([
    element(0x00020001, 'OB', Buffer.from([0, 1])), text(0x00020002, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    text(0x00020003, 'UI', uid), text(0x00020010, 'UI', syntax), text(0x00020012, 'UI', '1.2.3'),
  ]);
  return Buffer.concat([preamble, Buffer.from('DICM'), element(0x00020000, 'UL', long(meta.length)), meta, dataSet]);
}

let next = 0;
/** What every object begins with, of a study of its own. */
function identity({ uid = `1.2.826.0.1.3680043.10.511.9.${(next += 1)}` } = {}) {
  return Buffer.concat([text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'), text(0x00080018, 'UI', uid), text(0x00080060, 'CS', 'CT'),
    text(0x00100020, 'LO', 'HOSTILE'), text(0x0020000d, 'UI', `${uid}.1`), text(0x0020000e, 'UI', `${uid}.2`)]);
}

/** An image whose header says what it says, whatever its pixels are. */
function image({ rows, columns, frames = 1, bits = 16, samples = 1, photometric = 'MONOCHROME2', pixels, syntax = EXPLICIT }) {
  const parts = [identity(), number(0x00280002, samples), text(0x00280004, 'CS', photometric), text(0x00280008, 'IS', String(frames)),
    number(0x00280010, rows), number(0x00280011, columns), number(0x00280100, bits), number(0x00280101, bits), number(0x00280102, bits - 1),
    number(0x00280103, 0), pixels];
  return file(Buffer.concat(parts), { syntax });
}

const item = (bytes, length = bytes.length) => Buffer.concat([short(0xfffe), short(0xe000), long(length), bytes]);
const native = (bytes) => element(0x7fe00010, 'OW', bytes);
const encapsulated = (fragment) => Buffer.concat([element(0x7fe00010, 'OB', Buffer.alloc(0), UNDEFINED), item(Buffer.alloc(0)), item(fragment),
  short(0xfffe), short(0xe0dd), long(0)]);

function nested(depth) {
  const level = Buffer.concat([element(0x00081115, 'SQ', Buffer.alloc(0), UNDEFINED), item(Buffer.alloc(0), UNDEFINED)]);
  return Buffer.concat(Array.from({ length: depth }, () => level));
}

/** 16 segments of which the first runs over 4 GiB of one value (PS3.5 Annex G). */
function rleBomb() {
  const runs = Buffer.concat(Array.from({ length: 400_000 }, () => Buffer.from([0x81, 0])));
  return Buffer.concat([Buffer.from(Uint32Array.of(2, 64, 64, ...Array(13).fill(0)).buffer), runs]);
}

/** Start of a baseline JPEG of 65,500 by 65,500 (ITU-T T.81 §B.2.2). */
const hugeJpeg = Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xdc, 0xff, 0xdc, 1, 1, 0x11, 0, 0xff, 0xd9]);

/** Start of a JPEG 2000 codestream of 2^31 by 2^31 in tiles as large (ITU-T T.800 §A.5.1). */
const hugeJpeg2000 = Buffer.from([0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
  0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 15, 1, 1]);

function nifti(dimensions, change = () => {}) {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  header.writeInt16LE(dimensions.length, 40);
  for (const [at, size] of dimensions.entries()) header.writeInt16LE(size, 42 + at * 2);
  header.writeInt16LE(4, 70);
  header.writeInt16LE(16, 72);
  for (let at = 0; at < 8; at += 1) header.writeFloatLE(1, 76 + at * 4);
  header.writeFloatLE(352, 108);
  // An sform of the identity says where it lies.
  header.writeInt16LE(1, 254);
  for (const [row, at] of [280, 296, 312].entries()) header.writeFloatLE(1, at + row * 4);
  header.write('n+1\0', 344, 'latin1');
  change(header);
  return header;
}

const zeros = (bytes) => Buffer.alloc(bytes);

/** What hurts readers of headers: name, and the file. */
export const HEADERS = {
  'F16 100,000 nested sequences': () => file(Buffer.concat([identity(), nested(100_000)])),
  'F16 a length beyond the file': () => file(Buffer.concat([identity(), element(0x00104000, 'UT', Buffer.from('short'), 0xfffffffe)])),
  'F16 pixel data of 4 GiB in 300 bytes': () => file(Buffer.concat([identity(), element(0x7fe00010, 'OB', Buffer.alloc(4), 0xfffffffe)])),
  'F16 two million empty elements': () => file(Buffer.concat([identity(), ...Array(2_000_000).fill(element(0x00100020, 'LO', Buffer.alloc(0)))])),
  'F16 undefined length without an end': () => file(Buffer.concat([identity(), element(0x00081115, 'SQ', Buffer.alloc(0), UNDEFINED)])),
  'F17 deflated zeros, a gibibyte in a mebibyte': () => file(zlib.deflateRawSync(Buffer.concat([identity(), zeros(1 << 30)])), { syntax: DEFLATED }),
  'F19 a UID that climbs': () => file(identity({ uid: '../../../../tmp/hostile' })),
  'F19 an absolute UID': () => file(identity({ uid: '/etc/cron.d/hostile' })),
  'F19 a UID with a NUL inside': () => file(identity({ uid: '1.2\x003.4' })),
  'F19 a UID of 60,000 digits': () => file(identity({ uid: '1.'.padEnd(60_000, '2') })),
  'F21 a file that was cut': () => image({ rows: 4, columns: 4, pixels: native(zeros(32)) }).subarray(0, 280),
  'no syntax that there is': () => file(identity(), { syntax: '1.2.3.4.5' }),
  'implicit lengths that overflow': () => file(Buffer.concat([short(8), short(0x16), long(0x7fffffff), Buffer.from('1.2')]), { syntax: IMPLICIT }),
};

/** What hurts decoders of pixels. */
export const PIXELS = {
  'F17 RLE of 50 MB for 16 pixels': () => image({ rows: 4, columns: 4, pixels: encapsulated(rleBomb()), syntax: RLE }),
  'F17 JPEG of 65,500 x 65,500': () => image({ rows: 65_500, columns: 65_500, bits: 8, pixels: encapsulated(hugeJpeg), syntax: JPEG }),
  'F17 JPEG 2000 of 2^31 x 2^31': () => image({ rows: 65_500, columns: 65_500, pixels: encapsulated(hugeJpeg2000), syntax: JPEG_2000 }),
  'F17 JPEG 2000 that is not what the header says': () => image({ rows: 4, columns: 4, pixels: encapsulated(hugeJpeg2000), syntax: JPEG_2000 }),
  'F18 64 bytes for 65,535 x 65,535 x 1,000,000': () => image({ rows: 65_535, columns: 65_535, frames: 1_000_000, pixels: native(zeros(64)) }),
  'F18 a palette without entries': () => image({ rows: 4, columns: 4, bits: 8, photometric: 'PALETTE COLOR', pixels: native(zeros(16)) }),
  'F18 NIfTI of 32,767 to the seventh': () => nifti(Array(7).fill(32_767)),
  'F18 NIfTI with spacing that is no number': () => Buffer.concat([nifti([4, 4, 4], (header) => header.writeFloatLE(NaN, 280)), zeros(128)]),
  'F18 NIfTI without any spacing': () => Buffer.concat([nifti([4, 4, 4], (header) => header.writeFloatLE(0, 280)), zeros(128)]),
  'F18 NIfTI that begins before its start': () => Buffer.concat([nifti([4, 4, 4], (header) => header.writeFloatLE(-4096, 108)), zeros(128)]),
};

/** Small images with a long tail that nobody asked for: taken as what their headers say, and not a byte further. */
export const TAILS = {
  'F17 NIfTI of 16 MiB with a gibibyte behind it': () => zlib.gzipSync(Buffer.concat([nifti([1024, 1024, 8]), zeros(1 << 30)]), { level: 9 }),
};

const unit = (kind, length, body = Buffer.alloc(0)) => Buffer.concat([Buffer.from([kind, 0]), long(length).reverse(), body]);

/** A request for an association with so many contexts, each of which is proposed for one syntax (PS3.8 §9.3.2). */
function request(contexts, { calling = 'STORESCU' } = {}) {
  const sub = (kind, value) => Buffer.concat([Buffer.from([kind, 0]), short(value.length).reverse(), value]);
  const one = (id) => sub(0x20, Buffer.concat([Buffer.from([id & 0xff, 0, 0, 0]), sub(0x30, Buffer.from('1.2.840.10008.1.1')), sub(0x40, Buffer.from(IMPLICIT))]));
  const body = Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.from('RINGFENCE'.padEnd(16)), Buffer.from(calling.padEnd(16)), zeros(32),
    sub(0x10, Buffer.from('1.2.840.10008.3.1.1.1')), ...Array.from({ length: contexts }, (_, at) => one(at * 2 + 1)),
    sub(0x50, sub(0x51, long(16_384).reverse()))]);
  return unit(1, body.length, body);
}

/** F15: what hurts readers of the DICOM upper layer; streams that their sender then leaves open. */
export const STREAMS = {
  'a unit of 4 GiB': () => unit(1, 0xffffffff),
  'a unit of nothing': () => unit(1, 0),
  'a unit of five bytes': () => unit(1, 5, zeros(5)),
  'a kind of unit that there is not': () => unit(0x55, 4, zeros(4)),
  '10,000 contexts': () => request(10_000),
  'data before an association': () => unit(4, 12, Buffer.concat([long(8).reverse(), zeros(8)])),
  'a value longer than its unit': () => Buffer.concat([request(1), unit(4, 12, Buffer.concat([long(0x7fffffff).reverse(), zeros(8)]))]),
  'data without an end': () => Buffer.concat([request(1), ...Array.from({ length: 200 }, () => unit(4, 16_000, Buffer.concat([long(15_996).reverse(), Buffer.from([1, 1]), zeros(15_994)])))]),
};
