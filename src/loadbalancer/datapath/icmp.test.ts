import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Mode } from '../model/config.ts';
import { pieces } from '../testing/odd-packets.ts';
import { kernelOnly } from '../testing/machines.ts';
import type { Outcome } from '../testing/packet-node.ts';
import { back, icmpEcho, icmpError, outer, packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, serviceNode, type ServiceNode, TEST_OPTIONS } from '../testing/service-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const bytes = ({ packet }: Outcome): Uint8Array => Uint8Array.from(Buffer.from(packet, 'hex'));
const KEEP = { options: { ...TEST_OPTIONS, hops: 'keep' as const } };
const TUNNELS: readonly Mode[] = ['dsr-ipip', 'dsr-geneve', 'dsr-ipopt'];

/** Errors by family: what their type and code are. */
const ERRORS = {
  4: { unreachable: [3, 3], 'too big': [3, 4], 'out of time': [11, 0] },
  6: { unreachable: [1, 4], 'too big': [2, 0], 'out of time': [3, 0] },
} as const;

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const)
    for (const protocol of ['TCP', 'UDP'] as const)
      describe(`errors, IPv${family}, ${protocol}, ${machine}`, kernelOnly(machine), () => {
        const { client, frontend, pod, otherPod, node: lb, router, stranger } = ADDRESSES[family];
        const header = family === 4 ? 20 : 40;
        const ports = { sourcePort: 80, destinationPort: 4000 };
        /** What a client, or a machine before it, has seen, and the pod has sent. */
        const fromFrontend: PacketShape = { source: frontend, destination: client, ...ports, protocol };
        const fromPod: PacketShape = { ...fromFrontend, source: pod, sourcePort: 8080 };
        const request = packet({
          source: client,
          destination: frontend,
          sourcePort: 4000,
          destinationPort: 80,
          protocol,
        });
        /** With the transport's checksum, if nothing else is said. */
        const quote = (shape: PacketShape, quoted = protocol === 'UDP' ? 8 : 20) =>
          packet({ ...shape, payload: 'and' }).subarray(14, 14 + header + quoted);

        for (const [what, [type, code]] of Object.entries(ERRORS[family])) {
          const error = { source: router, type, code, rest: what === 'too big' ? 1280 : 0 };
          const toFrontend = icmpError({ ...error, destination: frontend, quote: quote(fromFrontend) });
          const toPod = icmpError({ ...error, destination: pod, quote: quote(fromPod) });

          for (const mode of TUNNELS)
            test(`${what}: to a frontend, it comes to the pod that has sent what it is about, by ${mode}`, (t) => {
              const shape = { protocol, mode, backends: backends(mode) };
              const first = serviceNode(machine, family, shape, KEEP);
              const second = serviceNode(machine, family, { ...shape, backends: backends(mode, true) });
              t.after(() => [first, second].forEach((node) => node.close()));
              // of the backends the flow has one, which the error has as well
              const asked = second.run('take_out', bytes(first.run('request', request)));
              const told = second.run('take_out', bytes(first.run('request', toFrontend)));
              const expected = icmpError({
                ...error,
                destination: destinationOf(asked),
                quote: quote({ ...fromPod, source: destinationOf(asked) }),
              });
              assert.deepEqual(told, { verdict: 'sent', packet: hex(expected) });
            });

          test(`${what}: a node that does not know the flow chooses as others do`, (t) => {
            const shape = { protocol, mode: 'dsr-ipip' as const, backends: backends('dsr-ipip') };
            const [first, other] = [1, 2].map(() => serviceNode(machine, family, shape, KEEP)) as [
              ServiceNode,
              ServiceNode,
            ];
            t.after(() => [first, other].forEach((node) => node.close()));
            first.run('request', request);
            assert.deepEqual(other.run('request', toFrontend), first.run('request', toFrontend));
          });

          test(`${what}: to a frontend of a pod here, it comes to that`, (t) => {
            const node = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
            t.after(() => node.close());
            assert.deepEqual(node.run('request', toFrontend), { verdict: 'sent', packet: hex(toPod) });
          });

          test(`${what}: by snat it comes to the pod as from this node, and from the pod's side to the client`, (t) => {
            const node = serviceNode(machine, family, { protocol, mode: 'snat' }, KEEP);
            t.after(() => node.close());
            node.run('request', request);
            const asNode = { ...fromPod, destination: lb, destinationPort: 61_234 };
            const toPod = icmpError({ ...error, source: lb, destination: pod, quote: quote(asNode) });
            assert.deepEqual(node.run('request', toFrontend), { verdict: 'sent', packet: hex(toPod) });
            const sent = { source: lb, destination: pod, sourcePort: 61_234, destinationPort: 8080, protocol };
            const asked = { source: client, destination: frontend, sourcePort: 4000, destinationPort: 80, protocol };
            const back = icmpError({ ...error, destination: lb, quote: quote(sent) });
            const toClient = icmpError({ ...error, source: frontend, destination: client, quote: quote(asked) });
            assert.deepEqual(node.run('request', back), { verdict: 'sent', packet: hex(toClient) });
          });

          test(`${what}: of a pod, or of its node, it comes to the client as from the frontend`, (t) => {
            const node = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
            t.after(() => node.close());
            node.run('request', request);
            const asked = { source: client, destination: pod, sourcePort: 4000, destinationPort: 8080, protocol };
            const seen = { ...asked, destination: frontend, destinationPort: 80 };
            for (const source of [pod, router]) {
              const sent = icmpError({ ...error, source, destination: client, quote: quote(asked) });
              const told = icmpError({ ...error, source: frontend, destination: client, quote: quote(seen) });
              assert.deepEqual(node.run('reply', sent), { verdict: 'sent', packet: hex(told) });
            }
          });
        }

        test('no more than its ports may be within', (t) => {
          const node = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
          t.after(() => node.close());
          const [type, code] = ERRORS[family].unreachable;
          const error = { source: router, type, code };
          const sent = icmpError({ ...error, destination: frontend, quote: quote(fromFrontend, 4) });
          const told = icmpError({ ...error, destination: pod, quote: quote(fromPod, 4) });
          assert.deepEqual(node.run('request', sent), { verdict: 'sent', packet: hex(told) });
        });

        test('about what is no flow of a frontend, it is left alone', (t) => {
          const node = serviceNode(machine, family, { protocol });
          t.after(() => node.close());
          const [type, code] = ERRORS[family].unreachable;
          const error = { source: router, destination: frontend, type, code };
          const others = [
            icmpError({ ...error, quote: quote({ ...fromFrontend, sourcePort: 81 }) }),
            // whose packet another has sent than is told
            icmpError({ ...error, quote: quote({ ...fromFrontend, source: stranger }) }),
            icmpError({ ...error, type: family === 4 ? 5 : 137, quote: quote(fromFrontend) }),
            icmpError({ ...error, quote: quote(fromFrontend).subarray(0, header + 2) }),
          ];
          for (const other of others)
            assert.deepEqual(node.run('request', other), { verdict: 'sent', packet: hex(other) });
          assert.deepEqual(node.counted(), {});
        });

        test('to a frontend without backends, it is not answered', (t) => {
          const node = serviceNode(machine, family, { protocol, backends: [] });
          t.after(() => node.close());
          const [type, code] = ERRORS[family].unreachable;
          const error = icmpError({ source: router, destination: frontend, type, code, quote: quote(fromFrontend) });
          assert.equal(node.run('request', error).verdict, 'dropped');
        });

        test('a piece of a packet may be within', { skip: family === 4 || protocol === 'TCP' }, (t) => {
          const node = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
          t.after(() => node.close());
          const within = (shape: PacketShape) =>
            pieces(packet({ ...shape, payload: 'x'.repeat(200) }), 160)[0].subarray(14);
          const error = { source: router, type: 2, code: 0, rest: 1280 };
          const sent = icmpError({ ...error, destination: frontend, quote: within(fromFrontend) });
          const told = icmpError({ ...error, destination: pod, quote: within(fromPod) });
          assert.deepEqual(node.run('request', sent), { verdict: 'sent', packet: hex(told) });
        });

        test('a tunnel with one that is for no frontend is left alone', (t) => {
          const node = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
          t.after(() => node.close());
          const [type, code] = ERRORS[family].unreachable;
          const error = { source: router, destination: stranger, type, code };
          const inner = icmpError({ ...error, quote: quote({ ...fromFrontend, source: stranger }) });
          const tunnel = outer({ source: lb, destination: pod, inner });
          assert.deepEqual(node.run('take_out', tunnel), { verdict: 'sent', packet: hex(tunnel) });
        });

        function backends(mode: Mode, isLocal = false) {
          // of several pods, where it can be told by the packet which was chosen
          return [pod, otherPod].map((address) => ({
            ...{ address, port: 8080, isLocal, isTerminating: false, carriesPort: false },
            ...(mode === 'dsr-geneve' && { nodeAddress: router }),
          }));
        }

        function destinationOf(asked: Outcome): string {
          const at = 14 + (family === 4 ? 16 : 24);
          const destination = hex(bytes(asked).subarray(at, at + (family === 4 ? 4 : 16)));
          const of = (address: string) =>
            hex(packet({ ...fromPod, destination: address }).subarray(at, at + (family === 4 ? 4 : 16)));
          return destination === of(pod) ? pod : otherPod;
        }
      });

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const)
    describe(`who asks whether a frontend is there, IPv${family}, ${machine}`, kernelOnly(machine), () => {
      const { client, frontend, node: lb, stranger } = ADDRESSES[family];
      const asked = (destination: string) => icmpEcho({ source: client, destination, isReply: false, ttl: 9 });

      test('is answered', (t) => {
        const node = serviceNode(machine, family, { protocol: 'TCP' });
        t.after(() => node.close());
        const answer = icmpEcho({ source: frontend, destination: client, isReply: true, ttl: 64 });
        const { verdict, packet } = node.run('request', asked(frontend));
        assert.deepEqual({ verdict, packet }, { verdict: 'sent', packet: hex(back(asked(frontend), answer)) });
        assert.deepEqual(node.counted(), { icmp_echoed: 1 });
      });

      test('is left to the kernel for other addresses, and for the node’s own', (t) => {
        const node = serviceNode(machine, family, { protocol: 'TCP', address: lb });
        t.after(() => node.close());
        for (const destination of [lb, stranger])
          assert.deepEqual(node.run('request', asked(destination)), {
            verdict: 'sent',
            packet: hex(asked(destination)),
          });
      });

      test('is not answered any more when the last frontend of the address has gone', (t) => {
        const node = serviceNode(machine, family, { protocol: 'TCP' });
        t.after(() => node.close());
        node.set({ protocol: 'UDP' }, 'default/web:dns');
        node.remove('default/web:http');
        node.run('request', asked(frontend));
        node.remove('default/web:dns');
        node.run('request', asked(frontend));
        assert.deepEqual(node.counted(), { icmp_echoed: 1 });
      });
    });
