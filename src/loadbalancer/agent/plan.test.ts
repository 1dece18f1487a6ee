import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRoutes4, defaultRoutes6, type Device, devicesOf } from './devices.ts';
import { arithmetic, isOneOf, planAgent } from './plan.ts';

const device = (name: string, more: Partial<Device> = {}): Device => ({
  ...{ name, mtu: 1500, addresses: [], hasDefaultRoute: false },
  ...more,
});
const DEVICES = [
  device('eth0', { hasDefaultRoute: true, addresses: ['10.3.0.2', 'fd00:3::2'] }),
  device('eth1', { addresses: ['192.168.7.2'], mtu: 9000 }),
  device('docker0', { addresses: ['172.17.0.1'] }),
];

describe('a plan', () => {
  for (const { name, addresses, options = {}, devices, expected } of [
    { name: 'has the device of the default route', addresses: ['10.3.0.2'], expected: [['eth0'], 1500] },
    { name: 'has the devices of the node’s addresses', addresses: ['192.168.7.2'], expected: [['eth0', 'eth1'], 1500] },
    { name: 'has those that are named', options: { devices: ['eth1'] }, addresses: [], expected: [['eth1'], 9000] },
    { name: 'has the size that is given', options: { mtu: 1400 }, addresses: [], expected: [['eth0'], 1400] },
    {
      name: 'has the smallest of the sizes',
      addresses: ['10.3.0.2'],
      devices: [...DEVICES, device('wan', { mtu: 1400, hasDefaultRoute: true })],
      expected: [['eth0', 'wan'], 1400],
    },
  ])
    test(name, () => {
      const plan = planAgent({ mode: 'dsr-ipip', ...options }, { addresses, devices: devices ?? DEVICES });
      assert.deepEqual([plan.devices, plan.mtu], expected);
    });

  test('has the addresses that the API has, and those of devices where it has none', () => {
    const of = (addresses: readonly string[]) =>
      planAgent({ mode: 'snat' }, { addresses, devices: DEVICES }).nodeAddresses;
    assert.deepEqual(of(['192.168.7.2']), { 4: '192.168.7.2' });
    assert.deepEqual(of([]), { 4: '10.3.0.2', 6: 'fd00:3::2' });
  });

  test('says how large packets may be first, and what the node lacks', () => {
    const { notes } = planAgent({ mode: 'dsr-ipip' }, { addresses: ['10.3.0.2'], devices: DEVICES });
    assert.deepEqual(notes, [
      'requests are taken by tcx; packets of 1500 bytes leave by eth0: dsr-ipip takes 20 with IPv4, which leaves 1480 (MSS 1440), and 40 with IPv6, which leaves 1460 (MSS 1400)',
      'this node has no address of IPv6: it sends no tunnels of IPv6, and stands in for no clients',
    ]);
    assert.match(arithmetic('snat', 1500), /^snat takes 0 with IPv4, which leaves 1500 \(MSS 1460\)/);
  });

  test('has prefixes of which tunnels come, of each family one', () => {
    const facts = { addresses: ['10.3.0.2'], devices: DEVICES };
    const of = (...tunnelSources: string[]) => planAgent({ mode: 'dsr-ipip', tunnelSources }, facts).outer;
    assert.deepEqual(of('10.9.0.0/16', 'fd00:9::/64'), {
      sources: { 4: { formula: 'spread', prefix: '10.9.0.0/16' }, 6: { formula: 'spread', prefix: 'fd00:9::/64' } },
    });
    assert.throws(() => of('fd00:9::/112'), /Tunnels cannot come from fd00:9::\/112: it must have 96 bits at most/);
    assert.throws(() => of('10.9.0.0/16', '10.8.0.0/16'), /there is a prefix of IPv4 already/);
    assert.throws(() => of('10.9.0.0/33'), /must be a range of addresses of IPv4/);
  });

  test('is refused where there is nothing to attach to', () => {
    const facts = { addresses: [], devices: DEVICES };
    assert.throws(
      () => planAgent({ mode: 'snat', devices: ['eth7'] }, facts),
      /There is no device eth7 here; there are eth0, eth1, docker0/,
    );
    assert.throws(
      () => planAgent({ mode: 'snat' }, { addresses: [], devices: [device('lan')] }),
      /name those that face the network/,
    );
  });
});

test('names of devices are of patterns', () => {
  const matching = (...patterns: string[]) =>
    ['veth1', 'cali', 'eth0', 'lxc_health'].filter((name) => isOneOf(name, patterns));
  assert.deepEqual(matching('veth*', 'cali*'), ['veth1', 'cali']);
  assert.deepEqual(matching('*0'), ['eth0']);
  assert.deepEqual(matching('l*h'), ['lxc_health']);
  assert.deepEqual(matching('eth'), []);
  assert.deepEqual(matching('*'), ['veth1', 'cali', 'eth0', 'lxc_health']);
});

test('devices and default routes are read as the kernel writes them', () => {
  assert.deepEqual(devicesOf('Inter-|   Receive\n face |bytes\n    lo: 1 2\neth0.7: 3 4\n'), ['lo', 'eth0.7']);
  const routes4 = [
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0100030A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0000030A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ];
  assert.deepEqual(defaultRoutes4(routes4.join('\n')), ['eth0']);
  const zeros = '0'.repeat(32);
  const routes6 = [
    `fd000003000000000000000000000000 40 ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001     eth0`,
    `${zeros} 00 ${zeros} 00 fd000003000000000000000000000001 00000400 00000001 00000000 00000003     eth1`,
    `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo`,
  ];
  assert.deepEqual(defaultRoutes6(routes6.join('\n')), ['eth1']);
});
