import type { Kep } from '../model/kep.ts';
import type { GraphEdge, Related, Relation } from './contract.ts';

/** The fields that refer to other KEPs. */
const KINDS = ['seeAlso', 'replaces', 'supersededBy'] as const;

/** The same reference, seen from the KEP that it names. */
const INVERSE: Readonly<Record<(typeof KINDS)[number], Relation>> = {
  seeAlso: 'seenFrom',
  replaces: 'replacedAccordingTo',
  supersededBy: 'supersedesAccordingTo',
};

/** All references from KEPs to KEPs, and those that lead nowhere. */
export function edgesOf(keps: readonly Kep[]): readonly GraphEdge[] {
  return keps.flatMap((kep) =>
    KINDS.flatMap((kind) =>
      kep[kind].flatMap(({ kep: to, text, isDangling }): readonly GraphEdge[] => {
        if (to !== undefined) return to === kep.name ? [] : [{ from: kep.name, to, kind }];
        return isDangling ? [{ from: kep.name, to: text, kind, isDangling }] : [];
      }),
    ),
  );
}

/**
 * The neighbours of a KEP: what it refers to, and what refers to it. Of a reference that both have, `replaces` of one and `superseded-by`
 * of the other, only the KEP's own is told.
 */
export function relatedOf(kep: Kep, keps: ReadonlyMap<string, Kep>, edges: readonly GraphEdge[]): readonly Related[] {
  const own = KINDS.flatMap((kind) => kep[kind].map((reference) => relatedBy(kind, reference, keps)));
  const told = new Set(own.map(({ relation, kep: other }) => `${relation} ${other?.name}`));
  const others = edges
    .filter(({ to, kind, from }) => to === kep.name && !told.has(`${MUTUAL[kind]} ${from}`))
    .map(({ from, kind }) => relatedBy(INVERSE[kind], { text: from, kep: from }, keps));
  return [...own, ...others];
}

/** The field by which the other side would say the same. */
const MUTUAL: Readonly<Record<(typeof KINDS)[number], (typeof KINDS)[number]>> = {
  seeAlso: 'seeAlso',
  replaces: 'supersededBy',
  supersededBy: 'replaces',
};

function relatedBy(
  relation: Relation,
  { text, kep, url, isDangling }: Kep['seeAlso'][number],
  keps: ReadonlyMap<string, Kep>,
): Related {
  const other = kep === undefined ? undefined : keps.get(kep);
  return {
    relation,
    text,
    ...(other !== undefined && { kep: briefOf(other) }),
    ...(url !== undefined && { url }),
    ...(isDangling && { isDangling }),
  };
}

/** What is shown of a KEP where another names it. */
export function briefOf({
  name,
  number,
  title,
  owningSig,
  status,
  stage,
}: Kep): Pick<Kep, 'name' | 'number' | 'title' | 'owningSig' | 'status' | 'stage'> {
  return {
    name,
    ...(number !== undefined && { number }),
    title,
    owningSig,
    ...(status !== undefined && { status }),
    ...(stage !== undefined && { stage }),
  };
}
