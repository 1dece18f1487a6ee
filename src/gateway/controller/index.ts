/** The edge of the room: from a cluster's objects to what is served, and back to their statuses. */
export { addGatewayController, type GatewayControllerOptions } from './add-gateway-controller.ts';
export { servedKinds } from './served-kinds.ts';
