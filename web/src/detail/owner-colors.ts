/** A name for who owns: the same manager that applied and that updated is two, and so is a subresource. */
export interface OwnerName {
  readonly manager: string;
  readonly operation: string;
  readonly subresource: string;
}

/** So many colors tell managers apart; what is more gets them again. */
export const COLORS = 8;

/** A number for each owner in the order in which they come, by which it has its color; one that comes twice keeps it. */
export class OwnerColors {
  readonly #numbers = new Map<string, number>();

  constructor(owners: readonly OwnerName[]) {
    for (const owner of owners)
      if (!this.#numbers.has(keyOf(owner))) this.#numbers.set(keyOf(owner), this.#numbers.size);
  }

  of(owner: OwnerName): number {
    return (this.#numbers.get(keyOf(owner)) ?? 0) % COLORS;
  }
}

/** `ci`, `kubelet (status)`. */
export function showOwner({ manager, subresource }: Pick<OwnerName, 'manager' | 'subresource'>): string {
  return subresource === '' ? manager : `${manager} (${subresource})`;
}

function keyOf({ manager, operation, subresource }: OwnerName): string {
  return JSON.stringify([manager, operation, subresource]);
}
