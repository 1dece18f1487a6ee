import type { Client } from 'nekube/client';
import { bindVolume } from 'nekube/component-helpers';
import type { CoreEventRecorder } from 'nekube/controller';
import type { FreshStore } from '../volumes/fresh-store.ts';
import { type Claim, CLAIM, type Volume, VOLUME } from '../volumes/volume.ts';
import { boundClaim, claimStatus, unboundVolume } from './bound.ts';

/** An event that goes with a change of phase. */
export interface PhaseEvent {
  readonly reason: string;
  readonly message: string;
}

/** Reads and writes claims and volumes, and remembers what was written. */
export class BinderObjects {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly claims: FreshStore<Claim>;
  readonly volumes: FreshStore<Volume>;

  constructor(parts: Pick<BinderObjects, 'client' | 'events' | 'claims' | 'volumes'>) {
    this.client = parts.client;
    this.events = parts.events;
    this.claims = parts.claims;
    this.volumes = parts.volumes;
  }

  /** Binds both to each other: the volume first, so that nobody else gets it. What is done already is not done again. */
  async bind(volume: Volume, claim: Claim): Promise<void> {
    const next = bindVolume(volume, claim);
    const bound = next === undefined ? volume : await this.#updateVolume(next);
    const written = await this.setVolumePhase(bound, 'Bound');
    const nextClaim = boundClaim(claim, written);
    const mine = nextClaim === undefined ? claim : await this.updateClaim(nextClaim);
    await this.setClaimPhase(mine, 'Bound', written);
  }

  async unbind(volume: Volume): Promise<void> {
    await this.setVolumePhase(await this.#updateVolume(unboundVolume(volume)), 'Available');
  }

  async updateClaim(claim: Claim): Promise<Claim> {
    return this.claims.put(await this.client.update<Claim>({ ...CLAIM, ...claim }));
  }

  /** @param event told if the phase is another than before; without one also other parts of the status are seen to */
  async setClaimPhase(claim: Claim, phase: string, volume?: Volume, event?: PhaseEvent): Promise<void> {
    if (event !== undefined && claim.status?.phase === phase) return;
    const status = claimStatus(claim, phase, volume);
    if (status === undefined) return;
    const written = await this.client.update<Claim>({ ...CLAIM, ...claim, status }, { subresource: 'status' });
    this.claims.put(written);
    if (event !== undefined) this.events.record(written, 'Warning', event.reason, event.message);
  }

  async setVolumePhase(volume: Volume, phase: string, event?: PhaseEvent): Promise<Volume> {
    if (volume.status?.phase === phase) return volume;
    const { message: _, ...before } = volume.status ?? {};
    const status = { ...before, phase, ...(event !== undefined && { message: event.message }) };
    const written = await this.client.update<Volume>({ ...VOLUME, ...volume, status }, { subresource: 'status' });
    this.volumes.put(written);
    if (event !== undefined) this.events.record(written, 'Warning', event.reason, event.message);
    return written;
  }

  async #updateVolume(volume: Volume): Promise<Volume> {
    return this.volumes.put(await this.client.update<Volume>({ ...VOLUME, ...volume }));
  }
}
