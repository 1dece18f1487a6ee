import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { ApplyConfiguration, Client, Kind } from 'nekube/client';

/** Who is to trust the webhooks' certificates: an object that names webhooks of ours. */
export interface TrustTarget {
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration' | 'CustomResourceDefinition';
  readonly name: string;
  /** Which webhooks of a configuration; default: all. */
  readonly webhooks?: readonly string[];
}

interface ClientConfig {
  readonly caBundle?: string;
}
interface Configuration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: ClientConfig }[];
}
interface Definition extends KubeObject {
  readonly spec: {
    readonly conversion?: { readonly strategy?: string; readonly webhook?: { readonly clientConfig?: ClientConfig } };
  };
}

/**
 * Writes the CAs into an object by server-side apply, as a manager of its own that owns nothing else. An object that is
 * not there, or has no webhooks, has nobody who could distrust.
 *
 * @returns true if it was changed
 */
export async function applyTrust(
  client: Client,
  target: TrustTarget,
  bundle: string,
  fieldManager: string,
): Promise<boolean> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const apiVersion =
    target.kind === 'CustomResourceDefinition' ? 'apiextensions.k8s.io/v1' : 'admissionregistration.k8s.io/v1';
  const kind: Kind = { apiVersion, kind: target.kind };
  const live = await client.get(kind, { name: target.name }).catch((error: unknown) => {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  });
  const fields = live && trustIn(live, target, caBundle);
  if (live === undefined || fields === undefined) return false;
  // the uid keeps an object that was deleted meanwhile from being made anew, out of nothing but trust
  const metadata = { name: target.name, uid: live.metadata.uid };
  await client.apply({ ...kind, metadata, ...fields } as ApplyConfiguration, { fieldManager, force: true });
  return true;
}

/** The fields to be applied; undefined if all of them are there. */
function trustIn(live: KubeObject, { kind, webhooks: names }: TrustTarget, caBundle: string): object | undefined {
  if (kind === 'CustomResourceDefinition') {
    const { conversion } = (live as Definition).spec;
    if (conversion?.strategy !== 'Webhook' || conversion.webhook?.clientConfig?.caBundle === caBundle) return undefined;
    return { spec: { conversion: { webhook: { clientConfig: { caBundle } } } } };
  }
  const webhooks = ((live as Configuration).webhooks ?? []).filter(({ name }) => names?.includes(name) ?? true);
  if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle)) return undefined;
  return { webhooks: webhooks.map(({ name }) => ({ name, clientConfig: { caBundle } })) };
}
