import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { kernelOnly, MACHINES } from '../testing/machines.ts';
import { readPacketRunConfig } from './read-config.ts';
import { packetRunner } from './run.ts';

/** Cilium's own packet cases of direct server return; the file says where they are from. */
interface CiliumCases {
  readonly config: {
    readonly services: readonly Readonly<
      Record<'vip' | 'backend' | 'node', string> & { port: number; targetPort: number }
    >[];
    readonly lbNode: string;
    readonly deviceMtu: number;
    readonly fibMock: { readonly smac: string; readonly dmac: string };
    readonly vni: number;
    readonly genevePort: number;
  };
  readonly cases: readonly CiliumCase[];
}

interface CiliumCase {
  readonly name: string;
  readonly in: string;
  readonly out: string;
  /** Ranges of bytes, of which the second is not within, that depend on a hash. */
  readonly mask: readonly (readonly [number, number])[];
}

const file = new URL('../../../src/loadbalancer/testdata/cilium-dsr.json', import.meta.url);
const { config, cases } = JSON.parse(readFileSync(file, 'utf8')) as CiliumCases;
const MODES = { opt: 'dsr-ipopt', geneve: 'dsr-geneve', ipip: 'dsr-ipip' } as const;

/** What a case's name says of how Cilium is built for it. */
function built(name: string) {
  const [, mode, hook] = /_(opt|geneve|ipip)_(tc|xdp)$/.exec(name) ?? [];
  return {
    mode: MODES[mode as keyof typeof MODES],
    hook,
    isSix: name.startsWith('v6'),
    isTooBig: name.includes('_mtu_'),
  };
}

/** Our configuration for a case: what Cilium's programs do differently by hook and family is said, and nothing else. */
function configOf(name: string): JsonObject {
  const { mode, hook, isSix, isTooBig } = built(name);
  const { smac, dmac } = config.fibMock;
  return {
    mode: mode ?? 'dsr-ipopt',
    // the address of its family that Cilium's tests give no name to is none that packets have
    nodeAddresses: [config.lbNode, 'fd00::1'],
    mtu: config.deviceMtu,
    geneve: { vni: config.vni, port: config.genevePort },
    // Geneve leaves by the kernel's routes, which take a hop of IPv4 only; so do addresses that were rewritten
    outer: { ttl: isSix ? 64 : 63, dontFragment: false },
    hops: isSix ? 'keep' : 'lower',
    quote: hook === 'tc' ? 'packet' : 'headers',
    ...(hook === 'xdp' && !isTooBig && { nextHop: { source: smac, destination: dmac } }),
    frontends: config.services.map(({ vip, port, backend, targetPort, node }) => ({
      ...{ address: vip, port, name: 'default/web' },
      backends: [{ address: backend, port: targetPort, nodeAddress: node }],
    })),
  };
}

/** Only the bytes that are compared. */
function masked(hex: string, mask: CiliumCase['mask']): string {
  return mask.reduce((text, [from, to]) => text.slice(0, 2 * from) + '..'.repeat(to - from) + text.slice(2 * to), hex);
}

for (const machine of MACHINES)
  describe(`what Cilium defines, in the ${machine}`, kernelOnly(machine), () => {
    for (const { name, in: packet, out, mask } of cases.filter(({ name }) => built(name).mode !== undefined))
      test(name, () => {
        const runner = packetRunner(machine, readPacketRunConfig(configOf(name)));
        const result = runner.run({ program: 'request', packet: Buffer.from(packet, 'hex') });
        runner.close();
        assert.equal(result.verdict, 'redirect');
        assert.equal(masked(Buffer.from(result.packet).toString('hex'), mask), masked(out, mask));
      });

    test('v4_remote_node_reply', () => {
      const { in: packet = '', out } = cases.find(({ name }) => name === 'v4_remote_node_reply') as CiliumCase;
      for (const mode of Object.keys(MODES)) {
        const runner = packetRunner(machine, readPacketRunConfig(atBackend(mode)));
        const { verdict, packet: sent } = runner.run({ program: 'reply', packet: Buffer.from(packet, 'hex') });
        runner.close();
        assert.deepEqual([verdict, Buffer.from(sent).toString('hex')], ['pass', out], mode);
      }
    });
  });

/** The backend's node, after the request of that mode which Cilium's own cases have. */
function atBackend(mode: string): JsonValue {
  const request = cases.find(({ name }) => name === `v4_lb1_syn_${mode}_tc` || name === `v4_lb1_syn_${mode}_xdp`);
  const frontends = config.services.map(({ vip, port, backend, targetPort }) => ({
    ...{ address: vip, port, name: 'default/web' },
    backends: [{ address: backend, port: targetPort, isLocal: true }],
  }));
  const syn = cases.find(({ name }) => name === 'v4_lb1_syn_opt_tc') as CiliumCase;
  // IPIP has no case of a SYN: the client's packet, and before it an outer header
  const ipip = `${syn.in.slice(0, 28)}4500003c00004000400463850a000a01c0a80001${syn.in.slice(28)}`;
  return {
    nodeAddresses: [config.lbNode],
    tunnelsFrom: [config.lbNode],
    frontends,
    before: [{ program: 'take-out', packet: request?.out ?? ipip }],
  };
}
