import type { KubeObject } from 'nekube/apimachinery';
import type { Informer } from '../../registry/informer.ts';
import { type PodReferences, referencesOf, secretsOfPersistentVolume } from './references.ts';

type Objects = Pick<Informer, 'list' | 'inNamespace' | 'get'>;

/** What tells which node has to do with what. */
export interface NodeSources {
  readonly pods: Objects;
  readonly persistentVolumes: Objects;
  readonly volumeAttachments: Objects;
  readonly resourceSlices: Objects;
}

/** Resources that a node has to do with one by one. */
export type RelatedResource =
  | keyof PodReferences
  | 'pods'
  | 'persistentvolumes'
  | 'volumeattachments'
  | 'resourceslices';

/**
 * Which objects a node has to do with: its pods, what they use, and what is bound to that. There is no graph; a question
 * looks at the pods of one namespace, whose references are found once.
 */
export class NodeRelations {
  readonly #sources: NodeSources;

  constructor(sources: NodeSources) {
    this.#sources = sources;
  }

  areRelated(node: string, resource: RelatedResource, namespace: string, name: string): boolean {
    const { pods, persistentVolumes, volumeAttachments, resourceSlices } = this.#sources;
    switch (resource) {
      case 'pods':
        return pods.get(namespace, name)?.spec.nodeName === node;
      case 'volumeattachments':
        return volumeAttachments.get('', name)?.spec.nodeName === node;
      case 'resourceslices':
        return resourceSlices.get('', name)?.spec.nodeName === node;
      case 'persistentvolumes':
        return this.#hasVolume(node, persistentVolumes.get('', name));
      case 'secrets':
        return (
          this.#uses(node, 'secrets', namespace, name) ||
          persistentVolumes
            .list()
            .some(
              (volume) =>
                secretsOfPersistentVolume(volume).includes(`${namespace}/${name}`) && this.#hasVolume(node, volume),
            )
        );
      default:
        return this.#uses(node, resource, namespace, name);
    }
  }

  #uses(node: string, resource: keyof PodReferences, namespace: string, name: string): boolean {
    return this.#sources.pods
      .inNamespace(namespace)
      .some((pod) => pod.spec.nodeName === node && referencesOf(pod)[resource].has(name));
  }

  /** Whether a pod of the node uses the claim that the volume is bound to. */
  #hasVolume(node: string, volume: KubeObject | undefined): boolean {
    const claim: { namespace?: string; name?: string } | undefined = volume?.spec.claimRef;
    if (claim === undefined || claim === null) return false;
    return this.#uses(node, 'persistentvolumeclaims', claim.namespace ?? '', claim.name ?? '');
  }
}
