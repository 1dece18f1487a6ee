// Differences to the real CEL that stay, each with its reason.

/** Why a difference is none; undefined for one that is. */
export function explain(_case, _theirs, _mine, _parts) {
  return undefined;
}
