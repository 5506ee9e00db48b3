// Answers on TCP ports and as a resolver, wherever it is started: `answers.mjs RESOLVER_ADDRESS PORT…`. What a
// probe would find in a world that lets it through. Every TCP caller gets told its own address.
import dgram from 'node:dgram';
import net from 'node:net';

/** An answer to a DNS question: the same name, one address that nobody has (RFC 5737). */
function resolved(question) {
  const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77]);
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt16BE(0, 10);
  const nameEnds = question.indexOf(0, 12) + 5;
  return Buffer.concat([head, question.subarray(12, nameEnds), answer]);
}

const [address, ...ports] = process.argv.slice(2);
for (const port of ports.map(Number)) net.createServer((caller) => caller.on('error', () => {}).end(`${caller.remoteAddress}\n`)).listen(port);
const resolver = dgram.createSocket('udp4');
resolver.on('message', (question, caller) => resolver.send(resolved(question), caller.port, caller.address));
// An answer to a datagram leaves under the address that the question came to only where there is one.
resolver.bind(53, address, () => process.stdout.write('ready\n'));
