import { isDns1123Label, isDns1123Subdomain } from 'nekube/apimachinery';
import { CliError } from '../io.ts';

/** The names of a new project. */
export interface ProjectNames {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** `websites` */
  readonly plural: string;
  /** `website` */
  readonly singular: string;
}

/** Checks the names, and makes those that are not given. @throws CliError that says which one, and how it must be */
export function projectNames(
  name: string,
  given: { readonly group: string; readonly version: string; readonly kind?: string },
): ProjectNames {
  const { group, version } = given;
  const kind = given.kind ?? kindOf(name);
  check('name', name, isDns1123Label(name).length === 0, 'lower case letters, digits and "-", as in website-operator');
  check(
    'group',
    group,
    isDns1123Subdomain(group).length === 0 && group.includes('.'),
    'a domain, as in web.example.org',
  );
  check(
    'group',
    group,
    !/(^|\.)(k8s|kubernetes)\.io$/.test(group),
    'a domain of yours: those of Kubernetes are protected',
  );
  check('version', version, /^v[1-9]\d*((alpha|beta)[1-9]\d*)?$/.test(version), 'v1, v1beta1, v1alpha1 or the like');
  check('kind', kind, /^[A-Z][A-Za-z0-9]{0,56}$/.test(kind), 'upper camel case, as in WebSite');
  const singular = kind.toLowerCase();
  return { name, group, version, kind, singular, plural: pluralOf(singular) };
}

function check(what: string, value: string, holds: boolean, rule: string): void {
  if (holds) return;
  throw new CliError(`Cannot use ${JSON.stringify(value)} as the ${what}`, { hint: `it must be ${rule}` });
}

/** `website-operator` is about a Website. */
function kindOf(name: string): string {
  const words = name.replace(/-(operator|controller)$/, '').split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** As Kubernetes guesses it (meta.UnsafeGuessKindToResource). */
function pluralOf(singular: string): string {
  if (/(s|x|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
