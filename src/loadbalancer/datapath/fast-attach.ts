import type { kernel } from 'nekube/bpf';

/**
 * Whether requests are taken by XDP as well, before all else: `tcx` not at all, `xdp` by the driver, `xdp-generic` by the kernel for any
 * driver (which is good for trying it, and no faster), `auto` by the drivers of real devices.
 */
export type Attach = 'tcx' | 'xdp' | 'xdp-generic' | 'auto';

/** The values of `Attach`. */
export const ATTACH: readonly Attach[] = ['tcx', 'xdp', 'xdp-generic', 'auto'];

/** How the fast path is attached to a device. */
export interface FastPlace {
  readonly device: string;
  readonly mode: kernel.XdpMode;
  /** Where the driver does not have it, packets go the way of all. */
  readonly isOptional: boolean;
}

/**
 * Devices of software, and of virtual machines. XDP takes more from them than it gives: it ends their offloading of segments, and packets
 * whose checksums were left to a device leave by XDP with half of them.
 */
const SOFTWARE: readonly string[] = [
  'veth',
  'netkit',
  'tun',
  'bridge',
  'bonding',
  'team',
  'dummy',
  'macvlan',
  'ipvlan',
  '802.1Q VLAN Support',
  'virtio_net',
  'vmxnet3',
  'hv_netvsc',
  'vif',
];

/** Where the fast path is to be, of devices with these drivers, and what must be known of it, a sentence each. */
export function fastPlaces(
  devices: readonly { readonly device: string; readonly driver: string | undefined }[],
  attach: Attach,
): { readonly places: readonly FastPlace[]; readonly notes: readonly string[] } {
  if (attach === 'tcx') return { places: [], notes: [] };
  if (attach === 'xdp-generic')
    return { places: devices.map(({ device }) => ({ device, mode: 'generic', isOptional: false })), notes: [] };
  const isAuto = attach === 'auto';
  const taken = isAuto ? devices.filter(({ driver }) => driver !== undefined && !SOFTWARE.includes(driver)) : devices;
  const notes = taken.flatMap(({ device, driver }) => (driver === 'veth' ? [ofVeth(device)] : []));
  return { places: taken.map(({ device }) => ({ device, mode: 'native', isOptional: isAuto })), notes };
}

/** Nothing fails there: packets are just gone. */
function ofVeth(device: string): string {
  return (
    `${device} is a veth: what XDP sends back by it arrives only if the other end has a program of XDP too, and with whole checksums only if ` +
    'senders leave none to a device (ethtool -K DEVICE tx off); auto and tcx do without XDP there'
  );
}
