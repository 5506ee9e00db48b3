// Models at work: the image whose every voxel is known, the hospital's page of models, and the annotator's preview.
import fs from 'node:fs';

const [COLUMNS, ROWS, SLICES] = [20, 16, 10];
/** What the servers of tests/peers are asked about: the image of agent/assist/tests/support. */
export const DIMENSIONS = [COLUMNS, ROWS, SLICES];
export const SPACING_MM = [0.8, 0.9, 2.5];
const ORIGIN_LPS_MM = [-101.25, 57.5, 1234.5];
const TILT = (12 * Math.PI) / 180;
const DIRECTION_LPS = [[1, 0, 0], [0, Math.cos(TILT), Math.sin(TILT)], [0, -Math.sin(TILT), Math.cos(TILT)]];

/** Whether a voxel lies between two corners, both included. */
export const within = (at, lower, upper) => at.every((place, axis) => place >= lower[axis] && place <= upper[axis]);

/** A block of 400 and one of 200 in tissue of 0, with air of -1000 around; each voxel differs a little. */
export function valueAt(at) {
  const [i, j, k] = at;
  const ripple = (i * 7 + j * 3 + k * 5) % 11;
  if (within(at, [3, 3, 2], [9, 9, 6])) return 400 + ripple;
  if (within(at, [12, 5, 4], [17, 12, 8])) return 200 + ripple;
  return ripple + (within(at, [1, 1, 0], [18, 14, 9]) ? 0 : -1000);
}

/** `of(voxel)` for every voxel of the image, i fastest. */
export function eachVoxel(of) {
  return Array.from({ length: COLUMNS * ROWS * SLICES }, (_, at) =>
    of([at % COLUMNS, Math.floor(at / COLUMNS) % ROWS, Math.floor(at / (COLUMNS * ROWS))]));
}

/** Writes the image as NIfTI-2, whose header keeps the grid as exactly as it is computed (nifti2.h). */
export function writeImage(file) {
  const [header, extension] = [540, 4];
  const bytes = Buffer.alloc(header + extension + 2 * COLUMNS * ROWS * SLICES);
  bytes.writeInt32LE(header, 0);
  bytes.write('n+2\0\r\n\x1a\n', 4, 'latin1');
  bytes.writeInt16LE(4, 12);
  bytes.writeInt16LE(16, 14);
  [3, ...DIMENSIONS, 1, 1, 1, 1].forEach((length, at) => bytes.writeBigInt64LE(BigInt(length), 16 + 8 * at));
  [1, ...SPACING_MM].forEach((spacing, at) => bytes.writeDoubleLE(spacing, 104 + 8 * at));
  bytes.writeBigInt64LE(BigInt(header + extension), 168);
  bytes.writeDoubleLE(1, 176);
  bytes.writeInt32LE(1, 348);
  // NIfTI counts towards right and anterior, where we count towards left and posterior.
  [-1, -1, 1].forEach((sign, row) => {
    const axes = DIRECTION_LPS.map((axis, n) => sign * axis[row] * SPACING_MM[n]);
    [...axes, sign * ORIGIN_LPS_MM[row]].forEach((part, column) => bytes.writeDoubleLE(part, 400 + 32 * row + 8 * column));
  });
  bytes.writeInt32LE(2, 500);
  eachVoxel(valueAt).forEach((value, at) => bytes.writeInt16LE(value, header + extension + 2 * at));
  fs.writeFileSync(file, bytes);
}

/** Hospital IT registers a model and tries it; `labels` gives the key of the object for each label of the model. */
export async function register(page, { name, provider, address, model, labels, licence }) {
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  await page.getByRole('button', { name: 'Register a model' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Provider').selectOption({ label: provider });
  await dialog.getByLabel('Address').fill(address);
  await dialog.getByLabel('Model at the server').fill(model);
  for (const [index, key] of labels.entries()) {
    await dialog.getByRole('button', { name: 'Add a label' }).click();
    await dialog.getByLabel(`Object key ${index + 1}`).fill(key);
  }
  await dialog.getByLabel('Licence note').fill(licence);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: `Try ${name}` }).click();
}

/** Waits until a proposal is on the screen. */
export const previewed = (page) => page.locator('[data-testid=preview-bar][data-state=open]').waitFor({ timeout: 60_000 });

/** Waits until it is accepted or rejected. */
export const decided = (page) => page.getByTestId('preview-bar').waitFor({ state: 'detached' });

/** The places where two label maps differ. */
export const differences = (a, b) => a.reduce((places, label, at) => (label === b[at] ? places : [...places, at]), []);
