// The nodes of a topology with their datapaths, and frontends that all of them get alike.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { balance, NodeDatapath, ServiceMaps, whyNoDatapath } from 'nekube/loadbalancer';
import { ADDRESSES, NODE_OF } from './topology.mjs';

/** The modes, families and protocols of which each combination is tried; whatever is made for all is made from these. */
export const MODES = ['snat', 'dsr-ipip', 'dsr-ipopt', 'dsr-geneve'];
export const FAMILIES = [4, 6];
export const PROTOCOLS = ['TCP', 'UDP'];

const CAPACITIES = { services: 256, backends: 256, table: 65_536 };

/** What is missing here for namespaces and programs; false if nothing is. */
export function whyNot() {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces and eBPF';
  if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'needs the program ip';
  return whyNoDatapath() ?? false;
}

/** Where a pod, or a node of whose network the backend is, stands as a backend, as a node sees it. */
export function backendAt(name, { family, port = 8080, seenFrom, ...more }) {
  const node = NODE_OF[name] ?? name;
  return {
    address: ADDRESSES[family][name],
    port,
    node,
    nodeAddress: ADDRESSES[family][node],
    isLocal: node === seenFrom,
    isTerminating: false,
    carriesPort: false,
    ...more,
  };
}

/** The datapaths of nodes, until they are closed. */
export class TestNodes {
  #nodes = new Map();

  /**
   * `options` gives, for a node's name, what of `NodeDatapathOptions` is other than usual; `attachesPods`: pods are clients as well, as
   * in a cluster.
   */
  constructor(network, settings = {}) {
    const {
      names = ['lb', 'n1', 'n2'],
      capacities = CAPACITIES,
      tables,
      attachesPods,
      options = () => ({}),
    } = settings;
    for (const name of names) {
      const datapath = new NodeDatapath({
        devices: ['eth0'],
        namespace: network.namespace(name),
        nodeAddresses: { 4: ADDRESSES[4][name], 6: ADDRESSES[6][name] },
        mtu: 1500,
        snatPorts: { first: 61_000, count: 4536 },
        capacities,
        flows: { flows: 4096 },
        ...options(name),
      });
      const maps = new ServiceMaps({ capacities, tables });
      this.#nodes.set(name, { datapath, maps });
      for (const family of FAMILIES)
        for (const other of ['lb', 'lb2', 'n1', 'n2']) datapath.takeTunnelsFrom(ADDRESSES[family][other]);
      if (!attachesPods) continue;
      for (const [pod, node] of Object.entries(NODE_OF)) if (node === name) datapath.attachPod(pod);
    }
  }

  /** Those of a node: `{datapath, maps}`. */
  of(name) {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new RangeError(`${name} has no datapath`);
    return node;
  }

  counters(name) {
    return this.of(name).datapath.counters();
  }

  /**
   * Gives all nodes a frontend. `pods` are its backends: names of pods or nodes, or `{name, port, isTerminating, …}`; or a function that
   * gives them for a node.
   */
  balance({ family = 4, protocol = 'TCP', port, pods, at = ADDRESSES[family].frontend, service, ...more }) {
    const place = { family, protocol, port, at };
    for (const [seenFrom] of this.#nodes) {
      const listed = typeof pods === 'function' ? pods(seenFrom) : pods;
      const backends = listed.map((one) => {
        const { name, ...own } = typeof one === 'string' ? { name: one } : one;
        return backendAt(name, { family, seenFrom, ...own });
      });
      this.set(seenFrom, service ?? frontendName(place), [frontendOf({ ...place, backends, ...more })]);
    }
  }

  /**
   * Gives all nodes what a Service and its EndpointSlices come to there, by the mode that is given; `zones` has those of nodes.
   * Gives what of it is not served, as sentences.
   */
  serve(service, slices, { mode = 'dsr-ipip', zones = {} } = {}) {
    const problems = new Set();
    for (const [name] of this.#nodes) {
      const place = {
        name,
        ...(zones[name] && { zone: zones[name] }),
        addresses: FAMILIES.map((family) => ADDRESSES[family][name]),
        addressOf: (node, family) => ADDRESSES[family][node],
      };
      const balanced = balance(service, slices, place, { mode, algorithm: 'maglev' });
      for (const problem of balanced.problems) problems.add(problem);
      const ports = Object.entries(grouped(balanced.frontends));
      for (const [port, frontends] of ports) this.set(name, port, frontends);
    }
    return [...problems];
  }

  /** Gives one node the frontends of a Service's port, as they are. */
  set(name, service, frontends) {
    const { datapath, maps } = this.of(name);
    assert.deepEqual(maps.set(service, frontends), []);
    datapath.apply(maps.takeWrites());
    maps.settle();
  }

  /** Takes the frontend from all nodes. */
  remove(place) {
    const { family = 4, protocol = 'TCP', port, at = ADDRESSES[family].frontend } = place;
    for (const [name] of this.#nodes) this.set(name, frontendName({ family, protocol, port, at }), []);
  }

  close() {
    for (const { datapath } of this.#nodes.values()) datapath.close();
  }
}

/** A frontend as it mostly is. */
export function frontendOf({ family, protocol, port, at, backends, ...more }) {
  return {
    name: `default/web:${port}`,
    address: at,
    port,
    protocol,
    mode: 'dsr-ipip',
    backends,
    from: 'internal',
    algorithm: 'maglev',
    whenEmpty: 'reject',
    ...more,
  };
}

function grouped(frontends) {
  const ports = {};
  for (const frontend of frontends) (ports[frontend.name] ??= []).push(frontend);
  return ports;
}

function frontendName({ family, protocol, port, at }) {
  return `${at} ${port} ${protocol} ${family}`;
}
