// Many studies out of one small object: its UIDs and the patient's number are written over in place.
import fs from 'node:fs';
import path from 'node:path';

/** The value of the first element with this tag and VR in explicit VR little endian. */
function valueOf(file, tag, vr) {
  const wanted = Buffer.from([tag >> 16 & 0xff, tag >> 24 & 0xff, tag & 0xff, tag >> 8 & 0xff, ...Buffer.from(vr)]);
  const at = file.indexOf(wanted);
  if (at < 0) throw new Error(`the object has no ${tag.toString(16)}`);
  const length = file.readUInt16LE(at + 6);
  return file.subarray(at + 8, at + 8 + length).toString('latin1').replace(/\0$/, '');
}

/** Writes over a value everywhere in the file with one as long. */
function overwrite(file, from, to) {
  if (from.length !== to.length) throw new Error('values of different lengths');
  for (let at = file.indexOf(from); at >= 0; at = file.indexOf(from, at + 1)) file.write(to, at, 'latin1');
}

/** A text as long as `like` that ends in the number. */
const numbered = (like, number) => like.slice(0, -7) + String(1_000_000 + number).slice(-7);

/** Writes `count` objects, each a study of its own, into a directory; gives their names and what to ask for. */
export function studies(object, directory, count) {
  fs.mkdirSync(directory);
  const model = fs.readFileSync(object);
  const tags = [[0x0020000d, 'UI'], [0x0020000e, 'UI'], [0x00080018, 'UI'], [0x00100020, 'LO']];
  const values = tags.map(([tag, vr]) => valueOf(model, tag, vr));
  const files = [];
  for (let number = 0; number < count; number += 1) {
    const file = Buffer.from(model);
    for (const value of values) overwrite(file, value, numbered(value, number));
    const name = path.join(directory, `${number}.dcm`);
    fs.writeFileSync(name, file);
    files.push(name);
  }
  const [study, , , patient] = values.map((value) => numbered(value, Math.floor(count / 2)));
  return { files, study, patient };
}
