import { type Environment, start, type StartOptions } from 'nekube/envtest';
import { OperatorServices } from '../observe/operator-services.ts';
import type { AuditOptions } from './audit-result.ts';
import { leaveOutForeign } from './left-out-webhooks.ts';

/** A control plane of an audit's own. */
export interface AuditedPlane {
  readonly env: Environment;
  readonly services: OperatorServices;
  /** Webhooks that are not called, as sentences. */
  readonly leftOut: readonly string[];
  stop(): Promise<void>;
}

/** Starts one with the manifests in it, which calls the webhooks of Services of the operator. @throws ManifestError */
export async function startPlane(
  { manifests, services: known = [] }: Pick<AuditOptions, 'manifests' | 'services'>,
  options: StartOptions,
): Promise<AuditedPlane> {
  const services = await OperatorServices.open(known);
  try {
    const env = await start({ level: 'envtest', objects: manifests, webhookServices: services, ...options });
    const leftOut = await leaveOutForeign(env.client, services).catch(async (error: unknown) => {
      await env.stop();
      throw error;
    });
    return {
      env,
      services,
      leftOut,
      async stop() {
        await env.stop();
        services.close();
      },
    };
  } catch (error) {
    services.close();
    throw error;
  }
}
