import type { CheckoutFiles } from '../model/checkout-files.ts';
import type { Finding, Rule } from '../model/finding.ts';

/** What is said of files that are no KEPs, and of where KEPs lie. */
export function lintFiles({ templates, testData, links, keps }: CheckoutFiles): readonly Finding[] {
  const note = (file: string, rule: Rule, message: string): Finding => ({ file, level: 'note', rule, message });
  return [
    ...templates.map((file) => note(file, 'template', 'it is the template, and no KEP')),
    ...testData.map((file) => note(file, 'test-data', 'it is outside of keps/: data of tests, and no KEP')),
    ...links
      .filter((file) => file.startsWith('keps/'))
      .map((file) =>
        note(file, 'link', 'it is a symbolic link, which is not followed: what it leads to has a place of its own'),
      ),
    ...keps
      .filter((folder) => folder.split('/').length > 3)
      .map((folder) => note(`${folder}/kep.yaml`, 'nested', 'it lies deeper than keps/SIG/NUMBER-NAME')),
  ];
}
