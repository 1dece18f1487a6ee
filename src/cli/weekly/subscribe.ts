import { isDns1123Subdomain, isStatusError } from 'nekube/apimachinery';
import { canonicalUrl, type FeedSpec, REPOSITORY, WEEKLY_API } from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import { CliError, type Io } from '../io.ts';
import { editorOf } from './editor.ts';
import type { SubscribeFlags } from './subscribe-command.ts';

const TYPES = { releases: 'GitHubReleases', pulls: 'GitHubPullRequests', issues: 'GitHubIssues' } as const;

/** Makes a Feed, or changes what this editor said of it. @throws CliError for what is no source, and where another editor said otherwise */
export async function subscribe(source: string, flags: SubscribeFlags, io: Io): Promise<void> {
  const fieldManager = editorOf(flags, io);
  const { section, weight, include, exclude } = flags;
  const spec: FeedSpec = {
    ...sourceOf(source, flags),
    ...(section !== undefined && { section }),
    ...(weight !== undefined && { weightPercent: weight }),
    ...(include && { include }),
    ...(exclude && { exclude }),
  };
  const name = flags.name ?? nameOf(source, flags);
  const wrong = isDns1123Subdomain(name);
  if (wrong.length > 0)
    throw new CliError(`"${name}" cannot be the name of a feed`, {
      hint: 'it must be lower case letters, digits, - and .: --name NAME',
    });
  await withNewsroom(flags, io, async (client) => {
    const metadata = { name, namespace: client.defaultNamespace };
    const options = { fieldManager, force: flags.force ?? false, signal: io.signal };
    await client
      .apply({ apiVersion: WEEKLY_API, kind: 'Feed', metadata, spec } as never, options)
      .catch((error: unknown) => {
        if (!isStatusError(error, 'Conflict')) throw error;
        throw new CliError(`Cannot change feed ${name}: ${error.message}`, {
          hint: '--force changes it all the same; --name NAME follows the source as a feed of its own',
          cause: error,
        });
      });
    io.stdout(`feed.weekly.nekube.dev/${name} serverside-applied\n`);
  });
}

function sourceOf(source: string, { github }: SubscribeFlags): FeedSpec {
  if (github !== undefined) {
    const [, repository] = /^(?:https:\/\/github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git|\/)?$/.exec(source) ?? [];
    if (repository === undefined || !REPOSITORY.test(repository))
      throw new CliError(`"${source}" is no repository of GitHub`, { hint: 'as in cilium/cilium' });
    return { type: TYPES[github], repository };
  }
  if (source === 'keps') return { type: 'Keps' };
  if (canonicalUrl(source) === undefined)
    throw new CliError(`"${source}" is no address of a feed`, {
      hint: 'https://…, OWNER/NAME with --github releases, pulls or issues, or keps',
    });
  const { username, password } = new URL(source);
  if (username !== '' || password !== '')
    throw new CliError('The address has a password in it, which all who may read feeds would see', {
      hint: 'feeds are read without passwords',
    });
  return { type: 'Feed', url: source };
}

/** By host and path, without what every feed's address has. */
function nameOf(source: string, { github }: SubscribeFlags): string {
  const plain = source.replace(/^https?:\/\/(www\.)?(github\.com\/)?/, '').replace(/\.(xml|rss|atom|json|git)$/, '');
  const words = `${plain}${github === undefined ? '' : `-${github}`}`.toLowerCase().split(/[^a-z0-9]+/);
  return (
    words
      .filter((word) => word !== '' && !['feed', 'index', 'rss', 'atom'].includes(word))
      .join('-')
      .slice(0, 63)
      .replace(/-$/, '') || 'feed'
  );
}
