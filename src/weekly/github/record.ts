import type { SubjectStateName } from '../subjects/subject-state.ts';

/** A pull request, an issue or a release as GitHub tells it, in what forms it tells it. */
export interface GitHubRecord {
  readonly kind: 'PullRequest' | 'Issue' | 'Release';
  readonly url: string;
  readonly repository: string;
  /** Absent for a release. */
  readonly number?: number;
  /** Absent for all but a release. */
  readonly tag?: string;
  readonly title: string;
  readonly state: SubjectStateName;
  readonly isPrerelease: boolean;
  readonly author?: string;
  readonly labels: readonly string[];
  readonly text: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly updated?: string;
  /** When it came into its state. */
  readonly since?: string;
}

type Json = Readonly<Record<string, unknown>>;

const PLACE =
  /^https?:\/\/[^/]+\/(?:api\/v3\/)?(?:repos\/)?([^/]+\/[^/]+)\/(pulls?|issues|releases)\/(?:tag\/)?([^/?#]+)/;

/**
 * What one object says: of the REST API (`html_url`, `merged_at`), of an event or search (an issue that has a `pull_request`), or of
 * `gh … --json` (`mergedAt`, `isDraft`).
 *
 * @returns undefined for what is none of them; it has no address that tells what it is
 */
export function recordOf(value: unknown): GitHubRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const json = value as Json;
  const url = text(json.html_url) ?? text(json.url);
  const place = url === undefined ? undefined : PLACE.exec(url);
  if (url === undefined || place === null || place === undefined) return undefined;
  const [, repository = '', kind = '', last = ''] = place;
  const common = {
    url,
    repository,
    labels: labelsOf(json.labels),
    text: text(json.body) ?? '',
    ...times(json),
    ...authorOf(json),
  };
  if (kind === 'releases') return release(json, common);
  const number = typeof json.number === 'number' ? json.number : Number(last);
  if (!Number.isSafeInteger(number)) return undefined;
  const isPull = kind !== 'issues' || json.pull_request !== undefined;
  return {
    ...common,
    kind: isPull ? 'PullRequest' : 'Issue',
    number,
    title: text(json.title) ?? '',
    isPrerelease: false,
    ...stateOf(json),
  };
}

type Common = Pick<GitHubRecord, 'url' | 'repository' | 'labels' | 'text' | 'created' | 'updated' | 'author'>;

function release(json: Json, common: Common): GitHubRecord | undefined {
  const tag = text(json.tag_name) ?? text(json.tagName);
  if (tag === undefined) return undefined;
  const isDraft = json.draft === true || json.isDraft === true;
  const since = text(json.published_at) ?? text(json.publishedAt);
  return {
    ...common,
    kind: 'Release',
    tag,
    title: text(json.name) || tag,
    isPrerelease: json.prerelease === true || json.isPrerelease === true,
    state: isDraft ? 'Draft' : 'Published',
    ...(since !== undefined && { since }),
  };
}

function stateOf(json: Json): Pick<GitHubRecord, 'state' | 'since'> {
  const pull = typeof json.pull_request === 'object' && json.pull_request !== null ? (json.pull_request as Json) : {};
  const merged = text(json.merged_at) ?? text(json.mergedAt) ?? text(pull.merged_at);
  const closed = text(json.closed_at) ?? text(json.closedAt);
  const said = text(json.state)?.toLowerCase();
  if (merged !== undefined || said === 'merged')
    return { state: 'Merged', ...(merged !== undefined && { since: merged }) };
  if (said === 'closed') return { state: 'Closed', ...(closed !== undefined && { since: closed }) };
  const state = json.draft === true || json.isDraft === true ? 'Draft' : 'Open';
  const created = text(json.created_at) ?? text(json.createdAt);
  return { state, ...(created !== undefined && { since: created }) };
}

function times(json: Json): Pick<GitHubRecord, 'created' | 'updated'> {
  const created = text(json.created_at) ?? text(json.createdAt);
  const updated = text(json.updated_at) ?? text(json.updatedAt);
  return { ...(created !== undefined && { created }), ...(updated !== undefined && { updated }) };
}

function authorOf(json: Json): Pick<GitHubRecord, 'author'> {
  const user = (json.user ?? json.author) as Json | null | undefined;
  const login = typeof user === 'object' && user !== null ? text(user.login) : undefined;
  return login === undefined ? {} : { author: login };
}

function labelsOf(labels: unknown): readonly string[] {
  if (!Array.isArray(labels)) return [];
  return labels
    .map((label: unknown) => (typeof label === 'string' ? label : text((label as Json | null)?.name)))
    .filter((name) => name !== undefined);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
