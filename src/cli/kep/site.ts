import { resolve } from 'node:path';
import { builtAssets, writeSite } from 'nekube/kep';
import { CliError, type Io, messageOf } from '../io.ts';
import { featuresOf, releaseFlag } from './features.ts';
import { progressOn } from '../progress.ts';
import type { SiteFlags } from './site-command.ts';
import { withKeps } from './source.ts';

/**
 * Writes a site of KEPs to a folder.
 *
 * @throws CliError for wrong flags, where there are no KEPs, and where the folder cannot be written
 */
export async function writeKepSite(flags: SiteFlags, io: Io): Promise<void> {
  const { features } = flags;
  const baseUrl = flags.baseUrl === undefined ? undefined : baseOf(flags.baseUrl);
  const codeGates = features === undefined ? undefined : await featuresOf(features, io);
  const release = releaseFlag(flags.release);
  const folder = resolve(io.cwd, flags.to);
  const progress = progressOn(io, flags.progress);
  progress.step('KEPs are read');
  const written = await withKeps(flags, io, async (content) => {
    progress.step('the site is written, a page a KEP and language');
    const whole = { ...content, ...(codeGates && { codeGates }), ...(release !== undefined && { release }) };
    try {
      return await writeSite(whole, folder, {
        assets: builtAssets(),
        onProgress: (done, all) => progress.count(done, all),
        ...(baseUrl !== undefined && { baseUrl }),
      });
    } catch (error) {
      throw new CliError(`Cannot write the site: ${messageOf(error)}`, { cause: error });
    }
  }).finally(() => progress.end());
  io.stdout(`${written.files} files, ${(written.bytes / 1e6).toFixed(1)} MB\n`);
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new CliError(`--base-url must be an address as https://keps.example.com/, not ${JSON.stringify(text)}`);
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
