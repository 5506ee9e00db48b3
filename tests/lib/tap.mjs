// Stands between the agent and the control plane, takes both TLS ends apart with their own keys,
// and keeps the plaintext of everything that passes: headers of every call and every message.
import fs from 'node:fs';
import http2 from 'node:http2';

/** Headers that HTTP/2 carries as control data and that are set anew on the other side. */
const OWN = new Set([http2.constants.HTTP2_HEADER_CONNECTION]);

/**
 * Listens on `port` with the control plane's certificate and passes each call on to `upstream`
 * with the agent's certificate. `identity` gives `{key, cert}` of the agent, or nothing before
 * it has one. `recorded` grows by one buffer for each header, message and trailer.
 */
export function tap({ port, server, ca, upstream, identity }) {
  const recorded = [];
  const note = (direction, what) => recorded.push({ direction, bytes: Buffer.isBuffer(what) ? what : Buffer.from(JSON.stringify(what)) });
  const listener = http2.createSecureServer({
    key: fs.readFileSync(server.key),
    cert: fs.readFileSync(server.cert),
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  });
  const sessions = new Set();
  listener.on('session', (session) => {
    const known = identity();
    const client = http2.connect(`https://localhost:${upstream}`, { ca: fs.readFileSync(ca), minVersion: 'TLSv1.3', ...known });
    client.on('error', () => session.destroy());
    client.on('close', () => session.close());
    session.on('close', () => client.close());
    session.on('error', () => client.destroy());
    sessions.add(session).add(client);
    session.on('stream', (stream, headers) => {
      note('up', headers);
      const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.has(name)));
      const onward = client.request(passed);
      stream.on('data', (chunk) => {
        note('up', chunk);
        onward.write(chunk);
      });
      stream.on('end', () => onward.end());
      let trailers = {};
      onward.on('response', (answer) => {
        note('down', answer);
        stream.respond(Object.fromEntries(Object.entries(answer)), { waitForTrailers: true });
      });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      onward.on('trailers', (last) => {
        note('down', last);
        trailers = Object.fromEntries(Object.entries(last));
      });
      onward.on('data', (chunk) => {
        note('down', chunk);
        stream.write(chunk);
      });
      onward.on('end', () => stream.end());
      onward.on('error', () => stream.destroy());
      stream.on('error', () => onward.destroy());
      stream.on('close', () => onward.close());
    });
  });
  listener.on('error', () => {});
  return new Promise((resolve) => {
    listener.listen(port, '127.0.0.1', () =>
      resolve({
        recorded,
        close: () => {
          for (const session of sessions) session.destroy();
          return new Promise((closed) => listener.close(closed));
        },
      }),
    );
  });
}
