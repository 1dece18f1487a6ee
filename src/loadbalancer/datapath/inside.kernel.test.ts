import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { interpreter, kernel, type MapSpec, TCX } from 'nekube/bpf';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Backend, Frontend } from '../model/config.ts';
import { packet, type PacketShape } from '../testing/packets.ts';
import { insideProgram } from './inside.ts';
import { type ByteMap, applyWrites } from './map-writer.ts';
import { COUNTERS, datapathMaps } from './maps.ts';
import { replyProgram } from './reply.ts';
import { type DatapathOptions, HAIRPIN_ADDRESSES } from './options.ts';
import { requestProgram } from './request.ts';
import { noKernel } from '../testing/machines.ts';

const CAPACITIES = { services: 64, backends: 64, table: 4096 };
const maps = datapathMaps(CAPACITIES, { flows: 1024 });
const ADDRESSES = {
  4: { client: '10.244.1.7', frontend: '10.96.0.10', pod: '10.244.2.10', node: '10.2.0.2', loopback: '127.0.0.1' },
  6: { client: 'fd00:244:1::7', frontend: 'fd00:96::a', pod: 'fd00:244:2::a', node: 'fd00:2::2', loopback: '::1' },
} as const;
/** One port, so that it is known which. */
const OPTIONS: DatapathOptions = {
  nodeAddresses: { 4: ADDRESSES[4].node, 6: ADDRESSES[6].node },
  mtu: 1500,
  snatPorts: { first: 61_234, count: 1 },
};

/** Runs programs, and has their maps: the kernel, or the interpreter. */
interface Runner {
  map(spec: MapSpec): ByteMap;
  run(program: string, data: Uint8Array): { readonly result: number; readonly data: Uint8Array };
  counter(index: number): number;
}

const open: kernel.Collection[] = [];
after(() => open.forEach((one) => one.close()));

function programsOf(family: 4 | 6) {
  return [insideProgram(family, maps, OPTIONS), requestProgram(family, maps, OPTIONS), replyProgram(family, maps)];
}

const RUNNERS: Readonly<Record<string, (family: 4 | 6) => Runner>> = {
  'in the kernel': (family) => {
    const loaded = kernel.loadCollection(programsOf(family));
    open.push(loaded);
    return {
      map: ({ name }) => loaded.map(name),
      run: (program, data) => loaded.program(program).testRun({ data }),
      counter: (index) =>
        (loaded.map('counters').getPerCpu(index) as bigint[]).reduce((sum, one) => sum + Number(one), 0),
    };
  },
  'in the interpreter': (family) => {
    const machine = new interpreter.Interpreter({ route: () => undefined });
    const programs = new Map(programsOf(family).map((one) => [one.name, one]));
    return {
      map: (spec) => {
        const map = machine.map(spec);
        return {
          setBytes: (key, value) => void map.update(key, value, 'any'),
          deleteBytes: (key) => map.remove(key) === undefined,
        };
      },
      run: (program, data) => machine.run(programs.get(program)!, { data }),
      counter: (index) => Number(machine.map(maps.counters).get(index as never) ?? 0n),
    };
  },
};

for (const [where, runnerOf] of Object.entries(RUNNERS))
  for (const family of [4, 6] as const)
    for (const protocol of ['TCP', 'UDP'] as const)
      describe(`IPv${family}, ${protocol}, ${where}`, { skip: where === 'in the kernel' && noKernel }, () => {
        const { client, frontend, pod, loopback } = ADDRESSES[family];

        /** A node with one Service of one backend. */
        const nodeWith = (given: Partial<Frontend> & { readonly backend?: Partial<Backend> } = {}) => {
          const { backend, ...more } = given;
          const runner = runnerOf(family);
          const services = new ServiceMaps({ capacities: CAPACITIES });
          const where = { isLocal: false, isTerminating: false, carriesPort: false };
          const set = (mine: Partial<Frontend>): void => {
            const base = { name: 'default/web:http', address: frontend, port: 80, from: 'internal' } as const;
            const common = { mode: 'dsr-ipip', algorithm: 'maglev', whenEmpty: 'reject', protocol } as const;
            const backends = [{ address: pod, port: 8080, ...where, ...backend }];
            assert.deepEqual(services.set('default/web:http', [{ ...base, ...common, backends, ...mine }]), []);
            const specs = new Map([maps.table, ...Object.values(maps[family])].map((spec) => [spec.name, spec]));
            applyWrites(services.takeWrites(), (name) => runner.map(specs.get(name)!));
            services.settle();
          };
          set(more);
          const run = (name: string, data: Uint8Array) => {
            const { result, data: out } = runner.run(`lb${family}_${name}`, data);
            const ends: Readonly<Record<number, string>> = { [TCX.drop]: 'dropped', [TCX.redirect]: 'redirected' };
            return { verdict: ends[result | 0] ?? 'left', packet: Buffer.from(out).toString('hex') };
          };
          const counted = () =>
            Object.fromEntries(
              COUNTERS.map((name, i) => [name, runner.counter(i)] as const).filter(([, value]) => value > 0),
            );
          return { run, set, counted };
        };

        const from = (more: Partial<PacketShape> = {}): Uint8Array =>
          packet({
            ...{ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80 },
            ...{ protocol, payload: 'hello', ...more },
          });
        const left = (data: Uint8Array) => ({ verdict: 'left', packet: Buffer.from(data).toString('hex') });
        const swapped = (data: Uint8Array) =>
          Buffer.concat([data.subarray(6, 12), data.subarray(0, 6), data.subarray(12)]).toString('hex');

        test('what a pod sends to a service goes to its backend as it is, and the answer comes from the service', () => {
          for (const mode of ['snat', 'dsr-ipip'] as const) {
            const { run, counted } = nodeWith({ mode });
            assert.deepEqual(run('inside', from()), left(from({ destination: pod, destinationPort: 8080 })));
            const reply = { source: pod, destination: client, sourcePort: 8080, destinationPort: 4000 };
            assert.deepEqual(run('reply', from(reply)), left(from({ ...reply, source: frontend, sourcePort: 80 })));
            assert.deepEqual(counted(), { forwarded_inside: 1, replied_direct: 1 });
          }
        });

        test('a pod that is given itself is asked by another address, and has its answer from the service', () => {
          const { run, counted } = nodeWith({ backend: { address: client } });
          const standIn = HAIRPIN_ADDRESSES[family];
          const asked = { source: standIn, sourcePort: 61_234, destination: client, destinationPort: 8080 };
          assert.deepEqual(run('inside', from()), { verdict: 'redirected', packet: swapped(from(asked)) });
          const answer = { source: client, sourcePort: 8080, destination: standIn, destinationPort: 61_234 };
          const had = { source: frontend, sourcePort: 80, destination: client, destinationPort: 4000 };
          assert.deepEqual(run('inside', from(answer)), { verdict: 'redirected', packet: swapped(from(had)) });
          assert.deepEqual(counted(), { forwarded_hairpin: 1, replied_hairpin: 1 });
        });

        test('clients inside have backends of their own where a policy holds for those outside', () => {
          const backend = { isLocal: false, isTerminating: false, carriesPort: false, address: pod, port: 8080 };
          const { run } = nodeWith({ from: 'external', backends: [], insideBackends: [backend], whenEmpty: 'drop' });
          assert.equal(run('request', from()).verdict, 'dropped');
          assert.deepEqual(run('inside', from()), left(from({ destination: pod, destinationPort: 8080 })));
        });

        test('ranges of who is let in hold for pods as well', () => {
          const { run, counted } = nodeWith({ sourceRanges: [family === 4 ? '192.0.2.0/24' : '2001:db8::/48'] });
          assert.equal(run('inside', from()).verdict, 'dropped');
          assert.deepEqual(counted(), { drop_source_range: 1 });
        });

        test('a new connection without the service forgets the one with it', () => {
          const { run } = nodeWith();
          run('inside', from());
          const direct = from({ destination: pod, destinationPort: 8080, flags: 2 });
          assert.deepEqual(run('inside', direct), left(direct));
          const reply = from({ source: pod, destination: client, sourcePort: 8080, destinationPort: 4000 });
          assert.deepEqual(run('reply', reply), left(reply));
        });

        test('nothing with an address of the loopback device reaches a service, from pods or from outside', () => {
          const { run, counted } = nodeWith({ address: loopback });
          assert.equal(run('request', from({ destination: loopback })).verdict, 'dropped');
          assert.equal(run('inside', from({ destination: loopback })).verdict, 'dropped');
          assert.deepEqual(counted(), { drop_martian: 2 });
          const second = nodeWith();
          assert.equal(second.run('request', from({ source: loopback })).verdict, 'dropped');
          assert.deepEqual(second.counted(), { drop_martian: 1 });
        });
      });
