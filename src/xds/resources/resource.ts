import { createHash } from 'node:crypto';
import { ProtoWriter } from 'nekube/protobuf';
import type { Message } from '../codec/codec.ts';
import { encodeSharing } from '../codec/codec.ts';
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
/** Of tags, lengths and the version. */
const OVERHEAD_BYTES = 64;

/** A named configuration, with its bytes. It never changes: a resource that differs is another one. */
export class Resource {
  readonly type: ResourceType;
  readonly name: string;
  /** The message, which nobody may change. */
  readonly message: Readonly<Record<string, unknown>>;
  /** A hash of the bytes: what is equal has the same one, on any machine and at any time. */
  readonly version: string;
  /** The bytes of the message. */
  readonly bytes: Buffer;
  /** The message as an Any. */
  readonly any: Buffer;
  /** The message as an envoy.service.discovery.v3.Resource, with name and version. */
  readonly delta: Buffer;
  #mark: bigint | undefined;

  /** @param bytes copied */
  private constructor(
    type: ResourceType,
    name: string,
    message: Readonly<Record<string, unknown>>,
    bytes: Buffer,
    version: string,
  ) {
    this.type = type;
    this.name = name;
    this.message = message;
    this.version = version;
    const writer = new ProtoWriter(bytes.length + 4 * name.length + type.url.length + OVERHEAD_BYTES);
    writer.string(name);
    writer.close(3, 0);
    const afterAny = writer.length;
    writer.bytes(bytes);
    const lengths = [writer.length];
    writer.close(2, afterAny);
    let end = writer.length;
    writer.string(type.url);
    writer.close(1, end);
    lengths.push(writer.length);
    writer.close(2, afterAny);
    end = writer.length;
    writer.string(this.version);
    writer.close(1, end);
    // one piece of memory for all three
    this.delta = writer.finish();
    const [ofBytes, ofAny] = lengths.map((length) =>
      this.delta.subarray(this.delta.length - length, this.delta.length - afterAny),
    );
    this.bytes = ofBytes!;
    this.any = ofAny!;
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
      let resource: Resource | undefined;
      encodeSharing(messageName, message, (bytes, digest) => {
        resource = new Resource(type, name, fields, bytes, digest.slice(0, VERSION_DIGITS));
        return resource.bytes;
      });
      return resource!;
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      throw new ResourceError(error.reason, `${type.name} ${JSON.stringify(name)}${error.path && `: ${error.path}`}`);
    }
  }

  /** A number for its name and version; those of a set, combined by exclusive or, stand for the set. */
  get mark(): bigint {
    this.#mark ??= createHash('sha256').update(`${this.name}\0${this.version}`).digest().readBigUInt64BE();
    return this.#mark;
  }

  /** The name by which a cluster asks for its endpoints; undefined for all else, and for one that does not ask. */
  get endpointsName(): string | undefined {
    if (this.type.url !== CLUSTER_URL || this.message.type !== 'EDS') return undefined;
    const config = this.message.eds_cluster_config as { readonly service_name?: string } | undefined;
    return config?.service_name || this.name;
  }
}
