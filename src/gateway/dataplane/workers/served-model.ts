import type { DataPlane, Endpoints, GatewayModel } from '../../model/index.ts';
import { unpacked } from './messages.ts';

/**
 * What a worker serves of what it is told. A model may take seconds to be ready for; endpoints that are told meanwhile are served at once by
 * the model of before, and by the new one as soon as there is that.
 */
export class ServedModel {
  readonly #plane: Pick<DataPlane, 'update' | 'updateEndpoints'>;
  readonly #prepare: (model: GatewayModel) => Promise<void>;
  #model: GatewayModel | undefined;
  /** Those that are newer than the last model. */
  #newer: Endpoints[] = [];

  /** @param prepare does what takes time, while requests go on */
  constructor(plane: Pick<DataPlane, 'update' | 'updateEndpoints'>, prepare: (model: GatewayModel) => Promise<void>) {
    this.#plane = plane;
    this.#prepare = prepare;
  }

  /** Resolves when a model, packed as it came, is served; there is to be one at a time. */
  async update(model: GatewayModel): Promise<void> {
    this.#newer = [];
    this.#model = unpacked(this.#model, model);
    await this.#prepare(this.#model);
    this.#plane.update(this.#model);
    this.#plane.updateEndpoints(this.#newer);
    this.#newer = [];
  }

  /** Serves endpoints, packed as they came. */
  updateEndpoints(packed: readonly Endpoints[]): void {
    const changed = unpacked(undefined, packed);
    this.#newer.push(...changed);
    this.#plane.updateEndpoints(changed);
  }
}
