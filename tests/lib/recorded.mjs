// A model server's recorded traffic, played to the agent: what was asked then is answered as it was then, and
// anything else is noted. Recordings and what they hold: tests/peers/recorded/PROVENANCE.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import { blake3 } from '@noble/hashes/blake3.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const RECORDED = path.resolve(import.meta.dirname, '../peers/recorded/monai-label');

const unzipped = (bytes) => (bytes[0] === 0x1f && bytes[1] === 0x8b ? zlib.gunzipSync(bytes) : bytes);

/** A part in the form of the recordings: content is measured unpacked, since compressors differ in bytes. */
function measured(name, fileName, content) {
  const plain = unzipped(Buffer.from(content));
  return { name, file_name: fileName, text: fileName === null ? plain.toString() : null, bytes: plain.length, blake3: bytesToHex(blake3(plain)) };
}

/** The parts of a body; one that is no form is one part. */
async function partsOf({ headers }, body) {
  const kind = headers['content-type'] ?? '';
  if (!kind.startsWith('multipart/')) return body.length === 0 ? [] : [measured('', null, body)];
  const form = await new Response(body, { headers: { 'content-type': kind } }).formData();
  return Promise.all([...form].map(async ([name, value]) =>
    typeof value === 'string' ? measured(name, null, value) : measured(name, value.name, await value.arrayBuffer())));
}

async function askedBy(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const { pathname, searchParams } = new URL(request.url, 'http://server');
  const parts = await partsOf(request, Buffer.concat(pieces));
  return { method: request.method, path: pathname, query: Object.fromEntries(searchParams), parts };
}

const same = (a, b) => {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
};

/**
 * Plays a recording until the test ends, each exchange as often as it is asked; `finish` checks that all of it was
 * asked, and nothing else.
 */
export async function recorded(test, scenario) {
  const exchanges = JSON.parse(fs.readFileSync(path.join(RECORDED, `${scenario}.json`), 'utf8'));
  const counts = exchanges.map(() => 0);
  const strangers = [];
  const server = http.createServer(async (request, response) => {
    const asked = await askedBy(request);
    const at = exchanges.findIndex((exchange) => same(exchange.asked, asked));
    if (at < 0) strangers.push(asked);
    else counts[at] += 1;
    const { status, content_type: kind, body } = exchanges[at]?.answered ?? { status: 418, content_type: 'text/plain', body: '' };
    response.writeHead(status, { 'content-type': kind });
    response.end(Buffer.from(body, 'base64'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => server.close());
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    finish() {
      assert.deepEqual(strangers, [], 'the server was asked what was not recorded');
      assert.ok(counts.every((count) => count > 0), `asked ${counts} times`);
    },
  };
}
