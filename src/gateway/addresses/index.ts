/** Which addresses gateways have. */
export { type AddressRange, addressesOf, parseAddressRange } from './address-range.ts';
export { type AddressSource, type AddressWish, type GivenAddresses, planAddresses } from './plan-addresses.ts';
export { canListenOn } from './usable-addresses.ts';
export { type AddressBook, type Addresses, type Exposure, OwnAddresses, SharedAddresses } from './address-book.ts';
export { BalancedAddresses } from './balanced-addresses.ts';
export {
  type AddressEntry,
  CLUSTER_ROUTABILITY,
  isOwnAddress,
  isReachable,
  type RoutableAddress,
  routeAddresses,
  type RoutedAddresses,
  type ServiceAddresses,
  wantedClusterIp,
} from './routable-addresses.ts';
