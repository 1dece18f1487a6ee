/** A network as Envoy has it; an address alone is a network of itself. */
export function cidrRange(cidr: string): { readonly address_prefix: string; readonly prefix_len: number } {
  const [address = '', length] = cidr.split('/');
  return {
    address_prefix: address,
    prefix_len: length === undefined ? (address.includes(':') ? 128 : 32) : Number(length),
  };
}
