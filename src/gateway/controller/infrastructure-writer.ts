import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, ObjectKey, ObjectStore } from 'nekube/client';
import { TerminalError } from 'nekube/controller';
import { Gateway } from 'nekube/gateway/kinds';
import type { Addresses } from '../addresses/index.ts';
import type { GatewayConfig, GatewayModel } from '../model/index.ts';
import { type Infrastructure, infrastructureOf } from './infrastructure.ts';
import { configsOf } from './translation-loop.ts';

const FIELD_MANAGER = 'nekube-gateway';

interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** Makes what gateways have in the cluster: a Service each, and where it leads. What was made goes with its Gateway. */
export class InfrastructureWriter {
  readonly #client: Client;
  readonly #gateways: ObjectStore<KubeObject>;
  #configs: ReadonlyMap<string, GatewayConfig> = new Map();
  #addresses: Addresses | undefined;
  readonly #made = new Map<string, string>();

  constructor(client: Client, gateways: ObjectStore<KubeObject>) {
    this.#client = client;
    this.#gateways = gateways;
  }

  /** Takes over what gateways are made of now; gives the keys of those of which that changed. */
  update(model: GatewayModel, addresses: Addresses): string[] {
    const [configs, before] = [configsOf(model), this.#configs];
    const moved = this.#addresses !== addresses;
    this.#configs = configs;
    this.#addresses = addresses;
    return [...new Set([...configs.keys(), ...before.keys()])].filter(
      (key) => moved || configs.get(key) !== before.get(key),
    );
  }

  /** Makes what one Gateway needs, or removes what it needs no longer. */
  async write(key: string, signal: AbortSignal): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const gateway = this.#gateways.get({ namespace, name }) as Gateway | undefined;
    if (gateway === undefined) return void this.#made.delete(key);
    const { infrastructure, gatewayClassName, addresses: asked } = gateway.spec;
    const owner = { namespace, name, uid: gateway.metadata.uid!, ...infrastructure, ...(asked && { asked }) };
    const addresses = this.#addresses?.given.get(key)?.addresses ?? [];
    const wanted = infrastructureOf(
      owner,
      gatewayClassName,
      this.#configs.get(key),
      addresses,
      this.#addresses?.exposure,
    );
    const text = JSON.stringify(wanted) ?? '';
    if (this.#made.get(key) === text) return;
    if (wanted !== undefined) await this.#apply(wanted, signal);
    else if (this.#made.has(key)) await this.#remove(this.#made.get(key)!, signal);
    this.#made.set(key, text);
  }

  async #apply({ service, slice }: Infrastructure, signal: AbortSignal): Promise<void> {
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    for (const object of [service, slice] as unknown as KubeObject[]) {
      await this.#refuseOthers(object, signal);
      await this.#applyOne(object, options);
    }
  }

  /** A ClusterIP cannot be changed; one that cannot be had is left to the server, and the Gateway's status tells. */
  async #applyOne(object: KubeObject, options: ApplyOptions): Promise<void> {
    const apply = (one: KubeObject) => this.#client.apply<KubeObject>(one as never, options);
    const { spec } = object as KubeObject & { readonly spec?: { readonly clusterIP?: string } };
    if (spec?.clusterIP === undefined) return void (await apply(object));
    const { clusterIP: _, ...rest } = spec;
    try {
      await apply(object);
    } catch (error) {
      if (!isStatusError(error, 'Invalid')) throw error;
      if (!(await this.#canHave(object, options))) return void (await apply({ ...object, spec: rest } as KubeObject));
      await this.#remove(JSON.stringify({ service: object }), options.signal);
      await apply(object);
    }
  }

  /** Whether another Service might have this one's ClusterIP: then it is free, and of the range. */
  async #canHave(object: KubeObject, { signal }: ApplyOptions): Promise<boolean> {
    const probe = { ...object, metadata: { namespace: object.metadata.namespace, generateName: 'gateway-address-' } };
    try {
      await this.#client.create(probe as never, { dryRun: true, signal } as never);
      return true;
    } catch (error) {
      if (isStatusError(error, 'Invalid')) return false;
      throw error;
    }
  }

  /** @throws TerminalError something of this name is there that was not made for the Gateway */
  async #refuseOthers(object: KubeObject, signal: AbortSignal): Promise<void> {
    const { namespace, name = '', ownerReferences } = object.metadata;
    const found = await this.#find(object, { namespace, name }, signal);
    if (found === undefined || isControlledBy(found, ownerReferences![0]!.uid)) return;
    throw new TerminalError(
      `${object.kind} ${namespace}/${name} is there already, and not of Gateway ${ownerReferences![0]!.name}`,
    );
  }

  async #find(
    { apiVersion = '', kind = '' }: KubeObject,
    key: ObjectKey,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get({ apiVersion, kind }, key, { metadataOnly: true, signal });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #remove(text: string, signal: AbortSignal): Promise<void> {
    if (text === '') return;
    for (const object of Object.values(JSON.parse(text) as Infrastructure) as unknown as KubeObject[]) {
      const kind = { apiVersion: object.apiVersion!, kind: object.kind! };
      const { namespace, name = '' } = object.metadata;
      await this.#client.delete(kind, { namespace, name }, { signal }).catch((error: unknown) => {
        if (!isStatusError(error, 'NotFound')) throw error;
      });
    }
  }
}

function isControlledBy({ metadata }: KubeObject, uid: string): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);
}
