import { isOnResource, type PathPermission, type ResourcePermission, type UsedPermission } from './permission.ts';

/** A rule of a role (rbac.authorization.k8s.io/v1 PolicyRule), and what shows that it is needed. */
export interface JustifiedRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
  readonly evidence: readonly UsedPermission[];
}

/** Verbs in the order in which roles have them; others stand behind them, by the alphabet. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** What a role gives, as it grows; it ends as rules, as few as there can be without giving more. */
export class Grants {
  /** By group and resource: by verb its names, of which '' means all. */
  readonly #resources = new Map<string, Map<string, Set<string>>>();
  readonly #paths = new Map<string, Set<string>>();
  readonly #evidence: UsedPermission[] = [];

  /** Gives what was used: on its name alone if `hasNames`. */
  add(used: UsedPermission<ResourcePermission>, hasNames: boolean): void {
    const { group, resource, verb, name } = used.permission;
    const verbs = entry(this.#resources, JSON.stringify([group, resource]), () => new Map<string, Set<string>>());
    entry(verbs, verb, () => new Set<string>()).add(hasNames ? name : '');
    this.#evidence.push(used);
  }

  /** Gives a verb on a path. */
  addPath(used: UsedPermission<PathPermission>): void {
    entry(this.#paths, used.permission.path, () => new Set<string>()).add(used.permission.verb);
    this.#evidence.push(used);
  }

  /** Whether it gives a permission. */
  has({ group, resource, verb, name }: ResourcePermission): boolean {
    const names = this.#resources.get(JSON.stringify([group, resource]))?.get(verb);
    return names !== undefined && (names.has('') || names.has(name));
  }

  /** The rules, sorted, without what `others` give anyway. */
  rules(others?: Grants): JustifiedRule[] {
    const rules = new Map<string, Rule>();
    for (const [key, verbs] of this.#resources) {
      const [group, resource] = JSON.parse(key) as [string, string];
      for (const [names, those] of byNames(
        verbs,
        (verb, name) => others?.has({ group, resource, verb, name, namespace: '' }) ?? false,
      )) {
        const list = sortedVerbs(those);
        entry(rules, JSON.stringify([group, names, list]), () => ({
          group,
          names,
          verbs: list,
          resources: [],
        })).resources.push(resource);
      }
    }
    for (const rule of rules.values()) rule.resources.sort();
    return [...[...rules.values()].sort(compareRules).map((rule) => this.#justified(rule)), ...this.#pathRules()];
  }

  #justified({ group, names, verbs, resources }: Rule): JustifiedRule {
    const isOf = ({ permission }: UsedPermission): boolean =>
      isOnResource(permission) &&
      permission.group === group &&
      resources.includes(permission.resource) &&
      verbs.includes(permission.verb) &&
      (names.length === 0 || names.includes(permission.name));
    return {
      apiGroups: [group],
      resources,
      ...(names.length > 0 && { resourceNames: names }),
      verbs,
      evidence: this.#evidence.filter(isOf),
    };
  }

  #pathRules(): JustifiedRule[] {
    return [...this.#paths]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, verbs]) => ({
        nonResourceURLs: [path],
        verbs: sortedVerbs(verbs),
        evidence: this.#evidence.filter(({ permission }) => !isOnResource(permission) && permission.path === path),
      }));
  }
}

interface Rule {
  readonly group: string;
  readonly names: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: string[];
}

/** The verbs that have the same names, by these. */
function* byNames(
  verbs: ReadonlyMap<string, ReadonlySet<string>>,
  isGiven: (verb: string, name: string) => boolean,
): Generator<[readonly string[], string[]]> {
  const groups = new Map<string, [readonly string[], string[]]>();
  for (const [verb, all] of verbs) {
    const names = all.has('') ? [''] : [...all].sort();
    const left = names.filter((name) => !isGiven(verb, name));
    if (left.length === 0) continue;
    const shown = left.includes('') ? [] : left;
    entry(groups, JSON.stringify(shown), () => [shown, []] as [readonly string[], string[]])[1].push(verb);
  }
  yield* groups.values();
}

function compareRules(a: Rule, b: Rule): number {
  const key = ({ group, resources, names }: Rule): string => [group, ...resources, '', ...names].join('\0');
  return key(a) < key(b) ? -1 : 1;
}

function sortedVerbs(verbs: Iterable<string>): string[] {
  const rank = (verb: string): number => (VERBS.includes(verb) ? VERBS.indexOf(verb) : VERBS.length);
  return [...verbs].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
