// A hospital, a cloud and the rest of the world as network namespaces of this machine. Nothing in them has
// a way to any real network: what is tried here reaches these namespaces or nobody.
//
//   workstation ────┐                       ┌── cloud's host
//                   ├── hospital's LAN ── world ── an annotator's home
//   hospital's host ┘                       └── elsewhere: an address that answers to everything
//
// Run as a program: `networks.mjs up`, `networks.mjs down`.
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export const NAMESPACES = { lan: 'ringfence-lan', hospital: 'ringfence-hospital', world: 'ringfence-world', cloud: 'ringfence-cloud', home: 'ringfence-home' };

/** Addresses of RFC 2544 (benchmarks), RFC 5737 and RFC 3849 (documentation): nobody's. */
export const ADDRESSES = {
  workstation: '198.18.1.10',
  hospital: '198.18.1.1',
  lanRouter: '198.18.1.254',
  cloud: '198.51.100.7',
  cloudRouter: '198.51.100.254',
  elsewhere: '198.18.9.9',
  hospital6: '2001:db8:1::1',
  lanRouter6: '2001:db8:1::fe',
  elsewhere6: '2001:db8:9::9',
  home: '198.18.7.2',
  homeRouter: '198.18.7.254',
  /** Of the hospital's machine as the WireGuard example has it. */
  viewer: '10.20.0.20',
};

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
const within = (namespace, ...args) => ip('-n', namespace, ...args);

function cable(a, nameA, b, nameB) {
  ip('link', 'add', nameA, 'netns', a, 'type', 'veth', 'peer', 'name', nameB, 'netns', b);
  within(a, 'link', 'set', nameA, 'up');
  within(b, 'link', 'set', nameB, 'up');
}

export function up() {
  down();
  const { lan, hospital, world, cloud, home } = NAMESPACES;
  for (const namespace of Object.values(NAMESPACES)) {
    ip('netns', 'add', namespace);
    within(namespace, 'link', 'set', 'lo', 'up');
  }
  within(world, 'link', 'add', 'lan', 'type', 'bridge');
  within(world, 'link', 'set', 'lan', 'up');
  for (const [namespace, port, address] of [[lan, 'to-desk', ADDRESSES.workstation], [hospital, 'to-host', ADDRESSES.hospital]]) {
    cable(namespace, 'lan0', world, port);
    within(world, 'link', 'set', port, 'master', 'lan');
    within(namespace, 'address', 'add', `${address}/24`, 'dev', 'lan0');
  }
  cable(cloud, 'wan0', world, 'to-cloud');
  within(cloud, 'address', 'add', `${ADDRESSES.cloud}/24`, 'dev', 'wan0');
  cable(home, 'home0', world, 'to-home');
  within(home, 'address', 'add', `${ADDRESSES.home}/24`, 'dev', 'home0');
  within(world, 'address', 'add', `${ADDRESSES.homeRouter}/24`, 'dev', 'to-home');
  within(hospital, 'address', 'add', `${ADDRESSES.viewer}/32`, 'dev', 'lan0');
  within(world, 'address', 'add', `${ADDRESSES.lanRouter}/24`, 'dev', 'lan');
  within(world, 'address', 'add', `${ADDRESSES.cloudRouter}/24`, 'dev', 'to-cloud');
  within(world, 'address', 'add', `${ADDRESSES.elsewhere}/32`, 'dev', 'lo');
  // Without waiting for a neighbour that has the same address: there is none.
  within(hospital, 'address', 'add', `${ADDRESSES.hospital6}/64`, 'dev', 'lan0', 'nodad');
  within(world, 'address', 'add', `${ADDRESSES.lanRouter6}/64`, 'dev', 'lan', 'nodad');
  within(world, 'address', 'add', `${ADDRESSES.elsewhere6}/128`, 'dev', 'lo');
  within(hospital, '-6', 'route', 'add', 'default', 'via', ADDRESSES.lanRouter6);
  for (const namespace of [lan, hospital]) within(namespace, 'route', 'add', 'default', 'via', ADDRESSES.lanRouter);
  within(cloud, 'route', 'add', 'default', 'via', ADDRESSES.cloudRouter);
  within(home, 'route', 'add', 'default', 'via', ADDRESSES.homeRouter);
  inside(world, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
}

export function down() {
  const there = ip('netns', 'list').split('\n').map((line) => line.split(' ')[0]);
  for (const namespace of Object.values(NAMESPACES).filter((name) => there.includes(name))) {
    // What an interrupted test left running in there would otherwise go on in a namespace without a name.
    for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean)) process.kill(Number(pid));
    ip('netns', 'delete', namespace);
  }
}

/** Runs a program in a namespace; gives what it printed. */
export function inside(namespace, program, ...args) {
  return execFileSync('nsenter', [`--net=/run/netns/${namespace}`, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) ({ up, down })[process.argv[2]]();
