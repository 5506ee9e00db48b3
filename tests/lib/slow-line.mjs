// A slow line on this machine, such as an annotator at home has to the hospital: a TCP proxy that lets so
// many bits a second through in each direction and holds each of them back for half a round trip. All
// connections share it. Nothing is read that the line has no room for, so a sender feels it as it would
// feel a real one. It can stop and go on, as a line does that somebody trips over.
import net from 'node:net';

/** Pieces of this size take turns, so that a small request does not wait for the end of a large answer. */
const PIECE = 16 * 1024;

const EARLY_MS = 10;

const until = (moment) => new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())));

/** One direction: bytes leave in order at the line's rate and arrive later, unless the line is stopped. */
class Direction {
  #busyUntil = 0;
  #going = Promise.resolve();
  #go = () => {};
  #limit = Infinity;

  constructor(bitsPerSecond, delayMs) {
    this.bytesPerMs = bitsPerSecond / 8000;
    this.delayMs = delayMs;
    /** How many bytes have arrived. */
    this.bytes = 0;
    /** What a connection may have on the way: what the line itself holds, and a piece at each end. */
    this.room = this.bytesPerMs * delayMs + 2 * PIECE;
  }

  /** Puts a piece on the line; gives when its last byte has left, and when it arrives. */
  put(count) {
    this.#busyUntil = Math.max(performance.now(), this.#busyUntil) + count / this.bytesPerMs;
    return { left: this.#busyUntil, arrives: this.#busyUntil + this.delayMs };
  }

  /** Returns when a piece may arrive. */
  async arrival(count, moment) {
    await until(moment);
    await this.#going;
    this.bytes += count;
    if (this.bytes >= this.#limit) this.stop();
  }

  stop() {
    this.#limit = Infinity;
    this.#going = new Promise((resolve) => (this.#go = resolve));
  }

  /** Stops by itself once so many more bytes have arrived. */
  stopAfter(bytes) {
    this.#limit = this.bytes + bytes;
  }

  goOn() {
    this.#limit = Infinity;
    this.#go();
  }
}

const taken = (to, piece) =>
  new Promise((resolve) => {
    if (to.destroyed || to.write(piece)) return resolve();
    const done = () => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.on('drain', done).on('close', done);
  });

/** Carries what one socket sends to another, until it ends. */
async function carry(from, to, direction) {
  let [onTheWay, last] = [0, Promise.resolve()];
  for await (const chunk of from.iterator({ destroyOnReturn: false })) {
    for (let start = 0; start < chunk.length; start += PIECE) {
      const piece = chunk.subarray(start, start + PIECE);
      const { left, arrives } = direction.put(piece.length);
      onTheWay += piece.length;
      last = last.then(() => direction.arrival(piece.length, arrives)).then(() => taken(to, piece)).then(() => (onTheWay -= piece.length));
      // Timers come late by a millisecond or two; the line stays busy meanwhile.
      await until(left - EARLY_MS);
      // Whoever takes nothing stops the sender, as a closed window does.
      if (onTheWay > direction.room) await last;
    }
  }
  await last;
  to.end();
}

/**
 * Opens a line to the port `upstream` of this machine. `up` and `down` are its two directions as seen from
 * the caller.
 */
export async function slowLine(upstream, { bitsPerSecond = 20e6, roundTripMs = 60 } = {}) {
  const [up, down] = [new Direction(bitsPerSecond, roundTripMs / 2), new Direction(bitsPerSecond, roundTripMs / 2)];
  const open = new Set();
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, async (near) => {
    const far = net.connect({ host: '127.0.0.1', port: upstream, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [[near, far], [far, near]]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      socket.once('error', () => other.destroy());
    }
    const broken = () => [near, far].forEach((socket) => socket.destroy());
    carry(far, near, down).catch(broken);
    // Making a connection takes a round trip, too.
    await until(performance.now() + roundTripMs);
    carry(near, far, up).catch(broken);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    up,
    down,
    stop: () => [up, down].forEach((direction) => direction.stop()),
    goOn: () => [up, down].forEach((direction) => direction.goOn()),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
