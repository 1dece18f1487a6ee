import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEnabled, type PluginSelection, selectionProblems } from './selection.ts';

const enabled: readonly [name: string, plugin: string, selection: PluginSelection, expected: boolean][] = [
  ['a default plugin is on', 'ResourceQuota', {}, true],
  ['a default plugin can be turned off', 'ResourceQuota', { disable: ['ResourceQuota'] }, false],
  ['an optional plugin is off', 'NodeRestriction', {}, false],
  ['an optional plugin can be turned on', 'NodeRestriction', { enable: ['NodeRestriction'] }, true],
  ['service accounts are for clusters with a controller for them', 'ServiceAccount', {}, false],
];
for (const [name, plugin, selection, expected] of enabled)
  test(name, () => assert.equal(isEnabled(plugin, selection), expected));

const problems: readonly [name: string, selection: PluginSelection, expected: readonly string[]][] = [
  ['nothing is wrong with a default', { enable: ['PodSecurity'], disable: ['ServiceAccount'] }, []],
  [
    'names are as they are written',
    { enable: ['podsecurity'] },
    ['enable-admission-plugins plugin "podsecurity" is unknown'],
  ],
  [
    'what is not there cannot be turned off either',
    { disable: ['X'] },
    ['disable-admission-plugins plugin "X" is unknown'],
  ],
  [
    'on and off is too much',
    { enable: ['Priority', 'AlwaysDeny'], disable: ['AlwaysDeny', 'Priority'] },
    ['[AlwaysDeny Priority] in enable-admission-plugins and disable-admission-plugins overlapped'],
  ],
];
for (const [name, selection, expected] of problems)
  test(name, () => assert.deepEqual(selectionProblems(selection), expected));
