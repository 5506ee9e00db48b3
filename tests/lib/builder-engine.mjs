// An engine that only builds: its build steps use this machine's own network, so it makes no rules in it.
import { Engine, output } from './engine.mjs';

const BRIDGE = 'ringfence0';

export class Builder extends Engine {
  constructor(directory) {
    super(directory, { options: [`--bridge=${BRIDGE}`, '--iptables=false', '--ip-forward=false'] });
  }

  // Without any bridge the engine would give its build steps no network at all, not even the machine's.
  async start() {
    // One that an interrupted test left behind is nobody's.
    await output('ip', ['link', 'delete', BRIDGE]).catch(() => {});
    await output('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
    await output('ip', ['address', 'add', '172.31.255.1/30', 'dev', BRIDGE]);
    await super.start();
  }

  async stop() {
    await super.stop();
    await output('ip', ['link', 'delete', BRIDGE]);
  }
}
