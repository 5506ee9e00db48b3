// A client of either plane's HTTPS API: one cookie jar, the CSRF header, our own CA. Used by the
// demo and by the tests; it can do nothing that a browser on that page could not.
import https from 'node:https';

/** An answer that was not the expected one. */
export class Refused extends Error {
  constructor(call, status, body) {
    super(`${call}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

/** One signed-in (or not yet signed-in) user of one plane. */
export class Api {
  constructor(origin, ca) {
    this.origin = origin;
    this.agent = new https.Agent({ ca, keepAlive: true, maxSockets: 4 });
    this.cookies = new Map();
  }

  /** Sends one request; gives status, headers and the body as bytes. */
  raw(method, path, { body, type = 'application/json', headers = {} } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = {
      'x-ringfence': '1',
      'sec-fetch-site': 'same-origin',
      origin: this.origin,
      ...(cookie ? { cookie } : {}),
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': body.length }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const request = https.request(new URL(path, this.origin), { method, agent: this.agent, headers: all });
      request.on('error', reject);
      request.on('response', (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name, value] = line.split(';')[0].split('=');
          this.cookies.set(name, value);
        }
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) }),
        );
      });
      request.end(body);
    });
  }

  async #json(method, path, options) {
    const { status, headers, bytes } = await this.raw(method, path, options);
    const json = (headers['content-type'] ?? '').includes('json') && bytes.length > 0;
    const body = json ? JSON.parse(bytes.toString('utf8')) : undefined;
    if (status >= 400) throw new Refused(`${method} ${path}`, status, body);
    return body;
  }

  get(path) {
    return this.#json('GET', `/api/v1${path}`);
  }

  post(path, body = {}) {
    return this.#json('POST', `/api/v1${path}`, { body: Buffer.from(JSON.stringify(body)) });
  }

  delete(path) {
    return this.#json('DELETE', `/api/v1${path}`);
  }

  postBytes(path, bytes) {
    return this.#json('POST', `/api/v1${path}`, { body: bytes, type: 'application/octet-stream' });
  }

  async signIn(user, password) {
    return this.post('/session', { user_name: user, password });
  }

  close() {
    this.agent.destroy();
  }
}
