import { AllocationError, type ServiceAllocator } from '../service-allocation.ts';

const firstDryRunPort = 32_769;

/**
 * The node ports of one write. They are taken at once and given up only after the write, since losing a port for a
 * while is better than having it twice. A dry run takes none and answers with ports that nobody has to have.
 */
export class PortOperation {
  readonly #allocator: ServiceAllocator;
  readonly #dryRun: boolean;
  readonly #taken: number[] = [];
  readonly #unused: number[] = [];

  constructor(allocator: ServiceAllocator, dryRun: boolean) {
    this.#allocator = allocator;
    this.#dryRun = dryRun;
  }

  /** Takes this port, or any free one. @throws AllocationError */
  async allocate(wanted?: number): Promise<number> {
    const port = this.#dryRun ? await this.#pretend(wanted) : await this.#allocator.allocatePort(wanted);
    this.#taken.push(port);
    return port;
  }

  /** Marks a port that is free once the write is done. */
  releaseLater(port: number): void {
    this.#unused.push(port);
  }

  async commit(): Promise<void> {
    if (!this.#dryRun) for (const port of this.#unused) await this.#allocator.releasePort(port);
  }

  async revert(): Promise<void> {
    if (!this.#dryRun) for (const port of this.#taken) await this.#allocator.releasePort(port);
  }

  async #pretend(wanted: number | undefined): Promise<number> {
    if (wanted === undefined) return this.#taken.length === 0 ? firstDryRunPort : Math.max(...this.#taken) + 1;
    if (this.#taken.includes(wanted) || (await this.#allocator.hasPort(wanted))) {
      throw new AllocationError('provided port is already allocated');
    }
    return wanted;
  }
}
