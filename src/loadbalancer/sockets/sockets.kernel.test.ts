import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { interpreter, kernel, layout, type MapSpec } from 'nekube/bpf';
import { addressBytes, type Family } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';
import { applyWrites } from '../datapath/map-writer.ts';
import { datapathMaps } from '../datapath/maps.ts';
import { socketLayoutsOf, socketMaps } from './maps.ts';
import { socketPrograms } from './programs.ts';
import { noKernel } from '../testing/machines.ts';

const CAPACITIES = { services: 64, backends: 64, table: 4096 };
const maps = datapathMaps(CAPACITIES, { flows: 64 });
const sockets = socketMaps(1024);
const programs = socketPrograms({ maps, sockets, options: {} });
const SOCKETS = 100;
/** A frontend that is nowhere, and backends that this machine has. */
const PLACES = {
  4: { frontend: '10.96.0.10', backend: '127.0.0.1' },
  6: { frontend: 'fd00:96::a', backend: '::1' },
} as const;
const FAMILIES: readonly Family[] = [4, 6];

/** A cgroup of this process alone, for as long as `work` takes; what is missing for one, as a sentence. */
async function inCgroup(work: (folder: string) => Promise<void>): Promise<string | undefined> {
  let root: string;
  let folder: string;
  try {
    root = kernel.withCgroupRoot((one) => one);
    folder = join(root, `nekube-sockets-${process.pid}`);
    mkdirSync(folder);
  } catch (error) {
    return `there can be no cgroup v2: ${(error as Error).message}`;
  }
  const enter = (one: string): void => writeFileSync(join(one, 'cgroup.procs'), `${process.pid}`);
  try {
    enter(folder);
    await work(folder);
  } finally {
    enter(root);
    rmdirSync(folder);
  }
  return undefined;
}

/** The writes by which each family has a frontend with seven backends, of which a namespace keeps one by affinity or not. */
function writesFor(affinitySeconds?: number): Writes {
  const services = new ServiceMaps({ capacities: CAPACITIES });
  for (const family of FAMILIES) {
    const { frontend, backend } = PLACES[family];
    const place = { isLocal: true, isTerminating: false, carriesPort: false };
    const backends = Array.from({ length: 7 }, (_, i) => ({ address: backend, port: 20_000 + i, ...place }));
    const usual = { protocol: 'UDP', port: 80, from: 'internal', mode: 'snat', algorithm: 'maglev' } as const;
    const more = affinitySeconds === undefined ? {} : { affinitySeconds };
    const one = { name: `web ${family}`, address: frontend, whenEmpty: 'reject', backends, ...usual, ...more } as const;
    assert.deepEqual(services.set(`web ${family}`, [one]), []);
  }
  return services.takeWrites();
}

/** The same programs on the same maps, in the kernel and in the interpreter. */
class Twins {
  readonly #collection: kernel.Collection;
  #cookie = 0n;
  readonly #machine: interpreter.Interpreter;

  constructor(collection: kernel.Collection, writes: Writes) {
    this.#collection = collection;
    const namespace = kernel.namespaceCookie();
    this.#machine = new interpreter.Interpreter({
      socketCookie: () => this.#cookie,
      namespaceCookie: () => namespace,
    });
    const specs = new Map(programs.flatMap((one) => one.maps ?? []).map((spec) => [spec.name, spec]));
    const only = (list: Writes['added']) => list.filter(({ map }) => specs.has(map));
    const mine = { ...writes, added: only(writes.added), services: only(writes.services) };
    applyWrites(mine, (name) => collection.map(name));
    applyWrites(mine, (name) => {
      const map = this.#machine.map(specs.get(name) as MapSpec);
      return { setBytes: (key, value) => void map.update(key, value, 'any'), deleteBytes: (key) => !map.remove(key) };
    });
  }

  /** Connects a socket: what the kernel has done by it, the interpreter does by its cookie. */
  async connect(named: string, family: Family): Promise<void> {
    const known = new Set(this.#remembered(family));
    const socket = createSocket(named.includes(':') ? 'udp6' : 'udp4');
    socket.connect(80, named);
    await once(socket, 'connect');
    const { address, port } = socket.remoteAddress();
    assert.deepEqual([address, port], [named, 80], 'a socket is told that it speaks with the frontend');
    const [key] = this.#remembered(family).filter((one) => !known.has(one)) as [string];
    this.#cookie = socketLayoutsOf(family).key.decode(Buffer.from(key, 'hex')).cookie;
    const name = `lb${named.includes(':') ? 6 : 4}_connect`;
    const program = programs.find((one) => one.name === name)!;
    assert.equal(this.#machine.run(program, { context: contextOf(named) }).result, 1);
    const mine = [...this.#machine.map(sockets[family]).list()].map(([one]) => Buffer.from(one).toString('hex'));
    assert.ok(mine.includes(key), `the interpreter has another backend for socket ${this.#cookie}`);
    socket.close();
    await once(socket, 'close');
    assert.ok(!this.#remembered(family).includes(key), 'a socket that is closed is forgotten');
  }

  /** The sockets with their backends that the kernel has. */
  #remembered(family: Family): string[] {
    const entries = this.#collection.map(sockets[family].name).entriesBytes();
    return [...entries].map(([key]) => Buffer.from(key).toString('hex'));
  }
}

function contextOf(address: string): Uint8Array {
  const { BpfSockAddr } = layout;
  const context = new Uint8Array(BpfSockAddr.size);
  const view = new DataView(context.buffer);
  const at = BpfSockAddr.at[address.includes(':') ? 'userIp6' : 'userIp4'].offset;
  context.set(addressBytes(address), at);
  view.setUint16(BpfSockAddr.at.userPort.offset, 80);
  view.setUint32(BpfSockAddr.at.protocol.offset, 17, true);
  return context;
}

for (const affinity of [undefined, 3600])
  test(`sockets have the same backends in the kernel and in the interpreter${affinity ? ', by affinity' : ''}`, {
    skip: noKernel,
  }, async (t) => {
    const lack = await inCgroup(async (folder) => {
      const collection = kernel.loadCollection(programs);
      const links = programs.map((one) => kernel.attachCgroup(collection.program(one.name), folder, one.attachType));
      try {
        const twins = new Twins(collection, writesFor(affinity));
        for (let i = 0; i < SOCKETS; i++) {
          const [family, prefix] = (
            [
              [4, ''],
              [6, ''],
              [4, '::ffff:'],
            ] as const
          )[i % 3]!;
          await twins.connect(`${prefix}${PLACES[family].frontend}`, family);
        }
      } finally {
        for (const link of links) link.close();
        collection.close();
      }
    });
    if (lack !== undefined) t.skip(lack);
  });
