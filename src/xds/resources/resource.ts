import { hash } from 'node:crypto';
import type { Message } from '../codec/codec.ts';
import { encodeSharing } from '../codec/codec.ts';
import type { Written } from '../codec/known-lists.ts';
import { ResourceError } from '../codec/resource-error.ts';
import { CLUSTER_URL, type ResourceType, resourceType } from './resource-types.ts';

/** The messages that are resources. */
export type ResourceMessage =
  | 'envoy.config.cluster.v3.Cluster'
  | 'envoy.config.core.v3.TypedExtensionConfig'
  | 'envoy.config.endpoint.v3.ClusterLoadAssignment'
  | 'envoy.config.listener.v3.Listener'
  | 'envoy.config.route.v3.RouteConfiguration'
  | 'envoy.config.route.v3.ScopedRouteConfiguration'
  | 'envoy.config.route.v3.VirtualHost'
  | 'envoy.extensions.transport_sockets.tls.v3.Secret'
  | 'envoy.service.runtime.v3.Runtime';

const VERSION_DIGITS = 16;

/** A named configuration, with its bytes. It never changes: a resource that differs is another one. */
export class Resource {
  readonly type: ResourceType;
  readonly name: string;
  /** The message, which nobody may change. */
  readonly message: Readonly<Record<string, unknown>>;
  /** A hash of the bytes: what is equal has the same one, on any machine and at any time. */
  readonly version: string;
  /** The bytes of the message, in pieces that follow each other. Resources that are mostly alike have pieces in common. */
  readonly pieces: readonly Buffer[];
  #mark: bigint | undefined;

  private constructor(type: ResourceType, name: string, message: Resource['message'], { pieces, digest }: Written) {
    this.type = type;
    this.name = name;
    this.message = message;
    this.version = digest.slice(0, VERSION_DIGITS);
    this.pieces = pieces;
  }

  /**
   * A resource of its message, which must not be changed any more. Parts that earlier resources had too, the same objects,
   * are not encoded again. @throws ResourceError
   */
  static of<Name extends ResourceMessage>(messageName: Name, message: Message<Name>): Resource {
    const type = resourceType(`type.googleapis.com/${messageName}`)!;
    const fields = message as Readonly<Record<string, unknown>>;
    const name = fields[type.nameField];
    if (typeof name !== 'string' || name === '')
      throw new ResourceError(`a ${messageName} must have a name`, type.nameField);
    try {
      return new Resource(type, name, fields, encodeSharing(messageName, message));
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      throw new ResourceError(error.reason, `${type.name} ${JSON.stringify(name)}${error.path && `: ${error.path}`}`);
    }
  }

  /** A number for its name and version; those of a set, combined by exclusive or, stand for the set. */
  get mark(): bigint {
    this.#mark ??= hash('sha256', `${this.name}\0${this.version}`, 'buffer').readBigUInt64BE();
    return this.#mark;
  }

  /** The bytes of the message in one piece, which is made of them each time. */
  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  /** Whether a text that is within one element of its lists, as a name is, stands anywhere in it. */
  mentions(text: string): boolean {
    return this.pieces.some((piece) => piece.includes(text));
  }

  /** The name by which a cluster asks for its endpoints; undefined for all else, and for one that does not ask. */
  get endpointsName(): string | undefined {
    if (this.type.url !== CLUSTER_URL || this.message.type !== 'EDS') return undefined;
    const config = this.message.eds_cluster_config as { readonly service_name?: string } | undefined;
    return config?.service_name || this.name;
  }
}
