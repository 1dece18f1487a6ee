/**
 * The controllers that a cluster has built in: what kube-controller-manager runs beside the API server, with its names and
 * its observable behaviour. Each is a controller of `nekube/controller` and sees the cluster through a client alone, so
 * that they run on any.
 *
 * What it does not do: it starts no server and no process of its own, and runs nothing that was not asked for.
 */
export { addControllers, CONTROLLERS, type ControllersOptions } from './controllers.ts';
export { type BuiltinController, type ControllerSetup } from './builtin-controller.ts';
export { chooseControllers } from './choice.ts';
export { type ControllerSettings, DEFAULT_SETTINGS } from './settings.ts';
