/** What a cluster needs before gateways: definitions of kinds, and a class. */
export {
  bundleVersion,
  type Channel,
  CHANNELS,
  CONTROLLER_NAME,
  GATEWAY_CLASS,
  gatewayDefinitions,
} from './definitions.ts';
export { type Installed, installGatewayApi, type InstallOptions } from './install.ts';
