// The attacks of F15 to F21 on the real agent, with its memory watched, while a modality sends beside.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { HEADERS, PIXELS, STREAMS, TAILS } from '../lib/attacks.mjs';
import { series, site, storescu } from '../lib/site.mjs';

const MIB = 1024;

/** Kibibytes of memory that a process holds, and has held at most since its peak was last forgotten. */
function memory(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Object.fromEntries(['VmRSS', 'VmHWM'].map((name) => [name, Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1])]));
}

/** How much more memory a process holds at its peak while something is done, in KiB. */
async function growth(pid, act) {
  fs.writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = memory(pid).VmRSS;
  const result = await act();
  return { grown: memory(pid).VmHWM - before, result };
}

async function imported(planes, name, bytes) {
  const file = path.join(planes.directory, 'attack');
  fs.writeFileSync(file, bytes);
  // Where nothing was usable the command fails, and says on its output what it found all the same.
  const said = await planes.agentCommand('import', file, '--json').catch(({ code, stdout }) => (code === 1 ? stdout : ''));
  const report = JSON.parse(said);
  const reasons = [...report.refused, ...report.left].map(({ reason }) => reason);
  assert.equal(reasons.length, 1, `${name}: ${JSON.stringify(report)}`);
  assert.deepEqual(report.assets, [], name);
  return reasons[0];
}

/** Sends a stream and waits until the agent hangs up, which it must, though we do not. */
function hangUp(port, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    const answered = [];
    socket.on('data', (chunk) => answered.push(chunk));
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(Buffer.concat(answered)) : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(answered)));
  });
}

test('attacks are refused by name within their memory, and what is sent beside arrives', async (t) => {
  const { planes } = await site(t, 'hostile');
  const { pid } = planes.processes.agent;
  const made = await series(planes.directory, 'beside', '--phantom', '--slices', '200', '--size', '128', '--without-nifti');
  // Everything that stays is in memory before the first attack.
  assert.equal((await storescu(planes.ports.dicom, made.files.slice(0, 20)).done).stored, 20);

  for (const [attacks, most] of [[HEADERS, 64 * MIB], [PIXELS, 128 * MIB]]) {
    for (const [name, make] of Object.entries(attacks)) {
      const bytes = make();
      const { grown, result } = await growth(pid, () => imported(planes, name, bytes));
      // The file itself is in memory while it is looked at.
      const allowed = most + bytes.length / 1024;
      assert.ok(grown <= allowed, `${name}: ${Math.round(grown / MIB)} MiB more than before`);
      t.diagnostic(`${name}: ${result} (${Math.round(grown / MIB)} MiB)`);
    }
  }

  for (const [name, make] of Object.entries(TAILS)) {
    const file = path.join(planes.directory, 'tail');
    fs.writeFileSync(file, make());
    const { grown, result } = await growth(pid, () => planes.agentCommand('import', file, '--json'));
    assert.equal(JSON.parse(result).assets.length, 1, name);
    assert.ok(grown <= 128 * MIB, `${name}: ${Math.round(grown / MIB)} MiB more than before`);
  }

  const sending = storescu(planes.ports.dicom, made.files);
  for (const [name, make] of Object.entries(STREAMS)) {
    const bytes = make();
    const { grown, result } = await growth(pid, () => hangUp(planes.ports.dicom, bytes));
    assert.ok(grown <= 64 * MIB, `${name}: ${Math.round(grown / MIB)} MiB more than before`);
    // An abort (PS3.8 §9.3.8), or a rejection of the request.
    const last = result.subarray(result.length - 10);
    assert.ok(last[0] === 7 || last[0] === 3, `${name}: the last that was said was ${last.toString('hex')}`);
  }
  const sent = await sending.done;
  assert.deepEqual([sent.code, sent.stored], [0, 200], sent.text.slice(-500));
  assert.deepEqual(fs.readdirSync(planes.directory).filter((name) => name.includes('hostile')), []);
  assert.equal(planes.processes.agent.exitCode, null);
});
