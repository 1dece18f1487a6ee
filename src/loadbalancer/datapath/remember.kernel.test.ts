import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { kernel } from 'nekube/bpf';
import { addressBytes } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import { noKernel } from '../testing/machines.ts';
import { outer, packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, CAPACITIES, frontendOf, TEST_OPTIONS } from '../testing/service-node.ts';
import { applyWrites, kernelMap } from './map-writer.ts';
import { type DatapathMaps, datapathMaps, flowLayoutsOf } from './maps.ts';
import { decapsulationProgram } from './node.ts';
import { readCounters, readMemoryUse } from './readings.ts';
import { requestProgram } from './request.ts';

const DROPPED = 2;

for (const family of [4, 6] as const)
  describe(`what is remembered is counted, IPv${family}`, { skip: noKernel }, () => {
    const { client, frontend, pod, node: lb } = ADDRESSES[family];
    const loaded: kernel.Collection[] = [];
    after(() => loaded.forEach((one) => one.close()));

    const nodeWith = (maps: DatapathMaps) => {
      const programs = [requestProgram(family, maps, TEST_OPTIONS), decapsulationProgram(family, maps, TEST_OPTIONS)];
      const collection = kernel.loadCollection(programs);
      loaded.push(collection);
      const services = new ServiceMaps({ capacities: CAPACITIES });
      const backend = { isLocal: true };
      services.set('default/web:http', [frontendOf(family, 'default/web:http', { protocol: 'TCP', backend })]);
      applyWrites(services.takeWrites(), (name) => kernelMap(collection.map(name)));
      const { tunnelSourceKey } = flowLayoutsOf(family);
      const address = addressBytes(lb);
      const key = tunnelSourceKey.encode({ prefix: 8 * address.length, address });
      collection.map(`tunnel_src${family}`).setBytes(key, Uint8Array.of(1));
      return {
        run: (program: string, data: Uint8Array) =>
          collection.program(`lb${family}_${program}`).testRun({ data }).result,
        counters: () => readCounters(collection.map('counters')),
        use(name: string) {
          const all = readMemoryUse(collection.map('remembered'), (map) => found(collection, map));
          return all.find((one) => one.name === `${name}${family}`);
        },
      };
    };
    const request = (more: Partial<PacketShape> = {}) =>
      packet({ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80, ...more });

    test('once for each, until it is forgotten', () => {
      const { run, use } = nodeWith(datapathMaps(CAPACITIES, { flows: 1024 }));
      for (const flags of [2, 0x10, 0x10]) run('request', request({ flags }));
      for (const name of ['flows', 'replies'])
        assert.deepEqual(use(name), { name: `${name}${family}`, added: 1, refused: 0, evicted: 0 });
      // the pod is asked itself from the same port
      run('take_out', request({ destination: pod, destinationPort: 8080 }));
      run('request', request({ sourcePort: 4001 }));
      assert.deepEqual(use('replies'), { name: `replies${family}`, added: 2, refused: 0, evicted: 0 });
    });

    test('also what gives way to others, since a map is full', () => {
      const { run, use } = nodeWith(datapathMaps(CAPACITIES, { flows: 256 }));
      const flows = 1000;
      for (let i = 0; i < flows; i++) run('request', request({ sourcePort: 10_000 + i }));
      for (const name of ['flows', 'replies']) {
        const { added, refused, evicted } = use(name) ?? { added: 0, refused: 0 };
        assert.deepEqual([added, refused], [flows, 0]);
        assert.ok(evicted !== undefined && evicted >= flows - 256 && evicted < flows, `${name}: ${evicted}`);
      }
    });

    test('also what has no place, and a packet that would be answered wrongly is dropped', () => {
      const maps = datapathMaps(CAPACITIES, { flows: 1024 });
      const full = { ...maps[family].replies, type: 'hash', maxEntries: 1 };
      const { run, use, counters } = nodeWith({
        ...maps,
        [family]: { ...maps[family], replies: full },
      } as DatapathMaps);
      run('request', request());
      assert.equal(run('request', request({ sourcePort: 4001 })), DROPPED);
      const inner = request({ sourcePort: 4002 });
      assert.equal(run('take_out', outer({ source: lb, destination: pod, id: 8080, inner })), DROPPED);
      assert.equal(use('replies')?.refused, 2);
      assert.equal(counters().drop_table_full, 2);
      assert.notEqual(run('request', request({ flags: 0x10 })), DROPPED);
    });
  });

function found(collection: kernel.Collection, name: string): kernel.KernelMap | undefined {
  try {
    return collection.map(name);
  } catch {
    return undefined;
  }
}
