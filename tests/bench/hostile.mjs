// How long each attack of F15 to F21 takes until it is refused: files through `import`, the start of its command
// included, streams until the agent hangs up. An absolute limit, so best on a machine that does nothing else.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { HEADERS, PIXELS, STREAMS } from '../lib/attacks.mjs';
import { median, startAgent } from './peers.mjs';

const RUNS = 5;
const MOST_MS = 100;
const ATTACKS = path.resolve(import.meta.dirname, '../lib/attacks.mjs');
const WRITE = `import fs from 'node:fs';
const [attacks, name, file] = process.argv.slice(1);
const { HEADERS, PIXELS } = await import(attacks);
fs.writeFileSync(file, { ...HEADERS, ...PIXELS }[name]());`;

async function timed(act) {
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = process.hrtime.bigint();
    await act();
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  return median(times);
}

function hangUp(port, bytes) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.resume();
    socket.on('error', resolve);
    socket.on('close', resolve);
  });
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
const agent = await startAgent(path.join(scratch, 'agent'));
try {
  const file = path.join(scratch, 'attack');
  const told = (name, ms) => {
    console.log(`${name}: ${ms.toFixed(0)} ms${ms <= MOST_MS ? '' : `, more than ${MOST_MS} MISSED`}`);
    if (ms > MOST_MS) process.exitCode = 1;
  };
  for (const name of Object.keys({ ...HEADERS, ...PIXELS })) {
    // In a process of its own: one that holds a gibibyte takes long to start another.
    execFileSync(process.execPath, ['--input-type=module', '-e', WRITE, ATTACKS, name, file]);
    const times = await timed(async () => {
      // What is refused ends with 1; that it is, and how, is a test's matter.
      await agent.planes.agentCommand('import', file, '--json').catch(({ code }) => {
        if (code !== 1) throw new Error(`${name}: import ended with ${code}`);
      });
    });
    told(name, times);
  }
  for (const [name, make] of Object.entries(STREAMS)) {
    const bytes = make();
    told(name, await timed(() => hangUp(agent.planes.ports.dicom, bytes)));
  }
} finally {
  await agent.stop();
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
