// Both charts through the real helm: what they render is valid, and a wrong value is refused by its name.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { chartTools } from '../lib/chart-tools.mjs';
import { temporary } from '../lib/site.mjs';

const TOP = path.resolve(import.meta.dirname, '../..');
const CHARTS = ['agent', 'control-plane'];
const VALUES = ['default', 'full'];
/** The oldest that the charts promise, and the newest that the validator knows. */
const KUBERNETES = ['1.25', '1.37'];
let tools;

before(async () => {
  tools = await chartTools(path.join(TOP, 'target/deploy-cache'));
});

const chartOf = (chart) => path.join(TOP, 'helm', chart);
const chosen = (chart, values) => (values === 'full' ? ['--values', path.join(chartOf(chart), 'ci/full-values.yaml')] : []);
const renderAs = (release, chart, ...args) => tools.helm('template', release, chartOf(chart), ...args);
const render = (chart, ...args) => renderAs('north', chart, ...args);

/** One document of a rendering, as lines. */
function document(rendered, kind) {
  const found = rendered.split(/^---$/m).find((one) => new RegExp(`^kind: ${kind}$`, 'm').test(one));
  assert.ok(found, `there is no ${kind}`);
  return found;
}

for (const chart of CHARTS) {
  for (const values of VALUES) {
    test(`${chart} with ${values} values: lints, renders, and Kubernetes takes it`, async (t) => {
      await tools.helm('lint', '--strict', chartOf(chart), ...chosen(chart, values));
      const file = path.join(temporary(t, 'chart'), 'rendered.yaml');
      fs.writeFileSync(file, await render(chart, ...chosen(chart, values)));
      for (const version of KUBERNETES) await tools.validate(file, version);
    });

    test(`${chart} with ${values} values: the pod may do nothing that it need not`, async () => {
      const set = document(await render(chart, ...chosen(chart, values)), 'StatefulSet');
      const containers = set.match(/^ {8}- name: (agent|control-plane|init)$/gm).length;
      const each = (line) => assert.equal(set.split(line).length - 1, containers, line);
      for (const line of ['readOnlyRootFilesystem: true', 'allowPrivilegeEscalation: false', 'drop: [ALL]']) each(line);
      for (const line of ['runAsNonRoot: true', 'runAsUser: 65532', 'type: RuntimeDefault', 'automountServiceAccountToken: false', 'enableServiceLinks: false', 'startupProbe:', 'readinessProbe:', 'livenessProbe:']) {
        assert.ok(set.includes(line), line);
      }
      // Start, readiness and life are asked of the running program: sound journals alone are none of them.
      assert.equal(set.split(`exec: {command: [/ringfence-${chart}, check, --running]}`).length - 1, 3);
    });

    test(`${chart} with ${values} values: the program accepts every setting`, async (t) => {
      const settings = /\.toml: \|\n((?: {4}.*\n?)+)/.exec(document(await render(chart, ...chosen(chart, values)), 'ConfigMap'))[1];
      const place = temporary(t, 'settings');
      const file = path.join(place, 'settings.toml');
      fs.writeFileSync(file, settings.replace(/^ {4}/gm, ''));
      const program = path.join(TOP, 'target/deploy-cache/programs', `ringfence-${chart}`);
      const check = (...args) => execFileSync(program, ['check', '--config', file, ...args], { encoding: 'utf8', stdio: 'pipe' });
      // An empty place has no journal, which is another complaint than one about settings.
      const said = (() => {
        try {
          return check('--dir', path.join(place, 'store'));
        } catch (error) {
          return String(error.stderr ?? error);
        }
      })();
      assert.doesNotMatch(said, /setting refused/);
    });
  }
}

/** The longest names that helm gives a release; two would be cut at a hyphen. */
const LONGEST = ['r'.repeat(53), `${'r'.repeat(51)}-x`, `${'r'.repeat(50)}--x`];
/** What Kubernetes takes as the name of a service (RFC 1035), and as the value of a label. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** A stateful set's name stands in its pods' labels with this behind it. */
const REVISION = '-0123456789';

for (const chart of CHARTS) {
  for (const release of LONGEST) {
    test(`${chart} as ${release}: names are short enough, and each is the name of something`, async () => {
      const rendered = await renderAs(release, chart);
      const named = (kind) => [...rendered.matchAll(new RegExp(`^kind: ${kind}\\nmetadata:\\n  name: (.*)$`, 'gm'))].map(([, name]) => name);
      const [set, map, services] = [named('StatefulSet'), named('ConfigMap'), named('Service')];
      assert.equal(services.length, chart === 'agent' ? 1 : 2);
      for (const name of [`${set[0]}${REVISION}`, ...map, ...services, ...named('NetworkPolicy')]) assert.match(name, LABEL);
      assert.ok(services.includes(/serviceName: (.*)/.exec(rendered)[1]));
      assert.deepEqual([/configMap: {name: (.*)}/.exec(rendered)[1]], map);
      assert.equal(new Set(services).size, services.length);
    });
  }
}

/** All that the agent may connect to, by the rendered policy. */
async function egress(...args) {
  const policy = document(await render('agent', ...args), 'NetworkPolicy');
  const rules = policy.slice(policy.indexOf('egress:'));
  assert.match(policy, /policyTypes: \[Ingress, Egress\]/);
  const [places, ports] = [[...rules.matchAll(/cidr: "(.+?)"/g)], [...rules.matchAll(/port: (\d+)/g)]];
  assert.equal((rules.match(/- to:/g) ?? []).length, places.length);
  return places.map(([, cidr], index) => `${cidr} ${ports[index][1]}`);
}

test('the agent may connect to the control plane alone, and to what the hospital names', async () => {
  assert.deepEqual(await egress(), ['198.51.100.7/32 7443']);
  assert.deepEqual(await egress(...chosen('agent', 'full')), ['2001:db8::7/128 443', '10.20.0.5/32 104', '10.20.0.9/32 9000', 'fd00:20::/64 8000']);
});

test('the agent has no resolver, and the control plane may connect to nothing', async () => {
  const pod = document(await render('agent'), 'StatefulSet');
  assert.match(pod, /dnsPolicy: None/);
  assert.match(pod, /nameservers: \[192\.0\.2\.1\]/);
  const policy = document(await render('control-plane'), 'NetworkPolicy');
  assert.match(policy, /policyTypes: \[Ingress, Egress\]/);
  assert.match(policy, /^ {2}egress: \[\]$/m);
});

const WRONG = [
  ['agent', 'hospital.egres=x', 'egres'],
  ['agent', 'hospital.egress[0].cidr=10.0.0.0', 'cidr'],
  ['agent', 'hospital.egress[0].host=pacs', 'host'],
  ['agent', 'controlPlane.address=control.example', 'address'],
  ['agent', 'controlPlane.port=70000', 'port'],
  ['agent', 'agent.log=loud', 'log'],
  ['agent', 'agent.allowAe={A_TITLE_THAT_IS_TOO_LONG}', 'allowAe'],
  ['agent', 'agent.publicNames=null', 'publicNames'],
  ['agent', 'replicas=2', 'replicas'],
  ['agent', 'service.type=ExternalName', 'type'],
  ['control-plane', 'controlPlane.publicNames={}', 'publicNames'],
  ['control-plane', 'controlPlane.administrator.passwordSecretName=', 'passwordSecretName'],
  ['control-plane', 'controlPlane.administrator.password=secret', 'password'],
  ['control-plane', 'persistence.size=much', 'size'],
];
for (const [chart, wrong, named] of WRONG) {
  test(`${chart} refuses ${wrong}`, async () => {
    await assert.rejects(render(chart, '--set', wrong), (error) => error.message.includes("don't meet the specifications") && error.message.includes(named));
  });
}
