import { canonicalUrl } from '../stories/canonical-url.ts';

/** What a story is about, where that is something that goes on: what is known of it by its address alone. */
export type Subject =
  | { readonly kind: 'PullRequest' | 'Issue' | 'Discussion'; readonly repository: string; readonly number: number }
  | { readonly kind: 'Release'; readonly repository: string; readonly tag: string }
  | { readonly kind: 'Kep'; readonly number: number };

const PLACES: readonly (readonly [RegExp, (found: RegExpExecArray) => Subject])[] = [
  [
    /^\/kubernetes\/enhancements\/(?:tree|blob)\/[^/]+\/keps\/[^/]+\/(\d+)-/,
    ([, number]) => ({ kind: 'Kep', number: Number(number) }),
  ],
  [/^\/([^/]+\/[^/]+)\/pull\/(\d+)$/, numbered('PullRequest')],
  [/^\/([^/]+\/[^/]+)\/issues\/(\d+)$/, numbered('Issue')],
  [/^\/([^/]+\/[^/]+)\/discussions\/(\d+)$/, numbered('Discussion')],
  [
    /^\/([^/]+\/[^/]+)\/releases\/tag\/([^/]+)$/,
    ([, repository = '', tag = '']) => ({ kind: 'Release', repository, tag: decoded(tag) }),
  ],
];

function numbered(kind: 'PullRequest' | 'Issue' | 'Discussion'): (found: RegExpExecArray) => Subject {
  return ([, repository = '', number]) => ({ kind, repository, number: Number(number) });
}

/** What an address of GitHub is about; undefined for articles and all else. */
export function subjectOf(address: string): Subject | undefined {
  const canonical = canonicalUrl(address);
  const url = canonical === undefined ? undefined : new URL(canonical);
  if (url === undefined || !/^(www\.)?github\.com$/.test(url.hostname)) return undefined;
  const path = url.pathname.replace(/\/$/, '');
  for (const [pattern, make] of PLACES) {
    const found = pattern.exec(path);
    if (found) return make(found);
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
