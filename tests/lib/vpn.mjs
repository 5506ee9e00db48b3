// The WireGuard example with real keys between an annotator's home and the hospital's machine.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ADDRESSES, NAMESPACES, inside } from './networks.mjs';

const EXAMPLE = path.resolve(import.meta.dirname, '../../deploy/wireguard');
const wg = (command, input) => execFileSync('wg', [command], { input }).toString().trim();

function keys() {
  const secret = wg('genkey', '');
  return { secret, open: wg('pubkey', secret) };
}

/** Fills an example in; gives the file. */
function filled(directory, from, to, values) {
  const text = Object.entries(values).reduce((text, [name, value]) => text.replaceAll(name, value), fs.readFileSync(path.join(EXAMPLE, from), 'utf8'));
  const file = path.join(directory, to);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const quick = (namespace, what, file) => execFileSync('nsenter', [`--net=/run/netns/${namespace}`, 'wg-quick', what, file], { stdio: 'pipe' });

/** Sets up both ends in `directory`. */
export function vpn(directory) {
  const [gateway, annotator] = [keys(), keys()];
  fs.copyFileSync(path.join(EXAMPLE, 'gateway.nft'), path.join(directory, 'ringfence.nft'));
  // The same directory would be one place for both ends' sockets: their names differ.
  const ends = {
    [NAMESPACES.hospital]: filled(directory, 'gateway.conf', 'ringfence.conf', {
      GATEWAY_PRIVATE_KEY: gateway.secret, ANNOTATOR_PUBLIC_KEY: annotator.open, '/etc/wireguard': directory,
    }),
    [NAMESPACES.home]: filled(directory, 'annotator.conf', 'annotator.conf', {
      ANNOTATOR_PRIVATE_KEY: annotator.secret, GATEWAY_PUBLIC_KEY: gateway.open, 'vpn.hospital.example': ADDRESSES.hospital,
    }),
  };
  for (const [namespace, file] of Object.entries(ends)) quick(namespace, 'up', file);
  return {
    /** An annotator who lets everything into the own end of the tunnel, and sends these addresses there. */
    loosen(addresses) {
      inside(NAMESPACES.home, 'wg', 'set', 'annotator', 'peer', gateway.open, 'allowed-ips', '0.0.0.0/0');
      for (const address of addresses) inside(NAMESPACES.home, 'ip', 'route', 'add', address, 'dev', 'annotator');
    },
    withoutRules: () => inside(NAMESPACES.hospital, 'nft', 'delete', 'table', 'inet', 'ringfence_vpn'),
    close() {
      for (const [namespace, file] of Object.entries(ends)) {
        // The rules may be gone already; the tunnel goes all the same.
        try {
          quick(namespace, 'down', file);
        } catch (error) {
          if (!/No such file or directory/.test(error.stderr)) throw error;
        }
      }
    },
  };
}
