import { isStatusError, type KubeObject, nameIsDnsSubdomain } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { controllerReferenceTo, type CoreEventRecorder } from 'nekube/controller';
import { POD, type Pod, type PodTemplate } from './pod.ts';

/** Makes and deletes pods for an owner, and tells of it. */
export class PodControl {
  readonly #client: Client;
  readonly #events: CoreEventRecorder;

  constructor(client: Client, events: CoreEventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  /**
   * @param generateName what the name begins with; default the owner's name
   * @throws what the server refused the pod with; the owner's events say so, unless its namespace is on its way out
   */
  async create(owner: KubeObject, template: PodTemplate, generateName?: string): Promise<void> {
    try {
      const pod = await this.#client.create<Pod>(podOf(owner, template, generateName) as Pod);
      this.#events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      const told = `Error creating: ${messageOf(error)}`;
      if (!isNamespaceTerminating(error)) this.#events.record(owner, 'Warning', 'FailedCreate', told);
      throw error;
    }
  }

  /** @throws what the server refused it with, told as an event; a pod that is gone already is NotFound and no event */
  async delete(owner: KubeObject, { metadata: { namespace, name = '' } }: Pod): Promise<void> {
    try {
      await this.#client.delete(POD, { namespace, name });
      this.#events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) throw error;
      this.#events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw new Error(`unable to delete pods: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The pod that a template makes for an owner, without its name, which the server gives it. */
export function podOf(owner: KubeObject, { metadata = {}, spec = {} }: PodTemplate, prefix?: string): KubeObject {
  const { name = '', namespace } = owner.metadata;
  const { labels, annotations, finalizers } = metadata;
  // the dash is left out where the name is too long for it
  const generateName = prefix ?? (nameIsDnsSubdomain(`${name}-`, true).length === 0 ? `${name}-` : name);
  return {
    ...POD,
    metadata: {
      generateName,
      namespace,
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && { finalizers: [...finalizers] }),
      ownerReferences: [controllerReferenceTo(owner)],
    },
    spec: structuredClone(spec),
  };
}

/** Whether something was refused because its namespace is being deleted: trying again will not help. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    isStatusError(error) &&
    (error.status.details?.causes ?? []).some(({ reason }) => (reason as string) === 'NamespaceTerminating')
  );
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
