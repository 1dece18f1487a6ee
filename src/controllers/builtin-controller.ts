import type { Client, Clock } from 'nekube/client';
import type { Manager } from 'nekube/controller';
import type { SigningCa } from 'nekube/pki';
import type { ControllerSettings } from './settings.ts';

/** What a built-in controller is set up with. */
export interface ControllerSetup {
  readonly manager: Manager;
  /** Acts as the controller does in kube-controller-manager, and writes under its name. */
  readonly client: Client;
  readonly clock: Clock;
  /** PEM of whom pods trust to be the API server, where that is known. */
  readonly rootCa?: string;
  readonly settings: ControllerSettings;
  /** What signs certificates, where this process has the cluster's CA. */
  readonly signingCa?: SigningCa;
  /** The folder in which volumes of the class `local-path` are. */
  readonly localPath?: string;
}

/** A controller that a cluster has built in. */
export interface BuiltinController {
  /** As kube-controller-manager names it, as in `namespace-controller`. */
  readonly name: string;
  /** Adds it to the manager, which runs it. */
  setUp(setup: ControllerSetup): void | Promise<void>;
}
