// Differences that are known and stay, each with its reason.

/** Why a difference is none to report; undefined if it is one. */
export function explain(story, { step, differences }) {
  const text = differences.join('\n');
  return EXPLANATIONS.find(({ holds }) => holds(story.steps[step], text, differences, story.steps.slice(0, step)))?.why;
}

/** Whether a message is the same but for the order of its lines. */
function onlyOrderDiffers(difference) {
  const [, want, got] = /^body\.message: want "([^]*)" \/ got "([^]*)"$/.exec(difference) ?? [];
  const lines = (text) =>
    text
      ?.split('\\n')
      .map((line) => line.trim())
      .sort()
      .join('\n');
  return want !== undefined && lines(want) === lines(got);
}

const EXPLANATIONS = [
  {
    why: 'errors of the fields of a map are told in the order of a Go map',
    holds: (_step, text, differences) =>
      text.includes('failed to create typed patch object') && differences.every(onlyOrderDiffers),
  },
  {
    why: 'errors of a custom resource come in the order of a Go map, which is another one every time',
    holds: ({ path }, _text, differences) =>
      path.includes('.example.com/') &&
      differences.every((line) => /^body\.(message|details\.causes\[\d+\])/.test(line)) &&
      areReordered(differences),
  },
  {
    why: 'an empty map in a request is a missing one here, and differs from one in Go',
    holds: (step, text, differences) =>
      /\{\}|\[\]|null|\$patch/.test(JSON.stringify(step.body ?? null)) &&
      (text.includes('field is immutable when `immutable` is set') ||
        text.includes('[spec.resources[storage]: Required value, spec') ||
        differences.every(
          (line) => /^body\.metadata\.(resourceVersion|generation): want /.test(line) || differsInEmptiness(line),
        )),
  },
  {
    why: 'kube-apiserver panics, and the client sees its connection end',
    holds: (_step, text) => text.startsWith('code: want -1 '),
  },
  {
    why: 'an orphaning delete answers with the internalTrafficPolicy that kube-apiserver stores and else hides',
    holds: ({ method }, _text, differences) =>
      method === 'DELETE' &&
      differences.every((line) => line.startsWith('body.spec.internalTrafficPolicy: want "Cluster"')),
  },
  {
    why: 'a service that was of the type ExternalName still has the internalTrafficPolicy in storage that reads hide',
    holds: ({ path }, _text, differences) =>
      path.includes('/services') && differences.every((line) => line.includes('f:spec.f:internalTrafficPolicy: want ')),
  },
  {
    why: 'a patch of a scale puts the fields in managedFields into another order there, and the next write puts them back',
    holds: ({ path }, _text, differences, before) =>
      [path, ...before.map((step) => step.path)].some((one) => one.endsWith('/scale')) &&
      differences.every((line) => /^body\.(items\[\d+\]\.)?metadata\.resourceVersion: /.test(line)),
  },
  {
    why: 'an address or port that was allocated stands in a message',
    holds: (_step, _text, differences) => differences.every(differsInAllocation),
  },
  {
    why: 'the labels that a job gets by its name are checked in its metadata, too, where they are defaults in kube-apiserver',
    holds: ({ path }, text) =>
      path.includes('/jobs') && text.includes('want "spec.template.labels" / got "metadata.labels"'),
  },
  {
    why: 'an address for a service without a name is asked for, and refused, before the name is missed',
    holds: (_step, text) => text.includes('failed to allocate IP: IPAddress.networking.k8s.io'),
  },
];

/** Whether the causes that differ are the same ones at other places. */
function areReordered(differences) {
  const parts = new Map();
  for (const line of differences) {
    const match = /^body\.details\.causes\[\d+\]\.(\w+): want (.*) \/ got (.*)$/s.exec(line);
    if (match === null) continue;
    const [, part, want, got] = match;
    const found = parts.get(part) ?? { wanted: [], got: [] };
    parts.set(part, { wanted: [...found.wanted, want], got: [...found.got, got] });
  }
  return parts.size > 0 && [...parts.values()].every(({ wanted, got }) => wanted.sort().join() === got.sort().join());
}

/** Whether what was wanted and what was got are one, if an empty map or list is none. */
function differsInEmptiness(line) {
  return differsOnlyIn(line, /\{\}|\[\]/g, 'null');
}

/** Whether they are one but for node ports and cluster IPs. */
function differsInAllocation(line) {
  return differsOnlyIn(line, /\b3[0-2]\d{3}\b|\b10\.0\.0\.\d+\b/g, '<allocated>');
}

/** Long texts are cut at different places then. */
function differsOnlyIn(line, pattern, stand) {
  const [want, got] = line
    .replace(/^.*?: want /, '')
    .split(' / got ')
    .map((text) => text.replace(pattern, stand).replace(/…$/, ''));
  return want.startsWith(got) || got.startsWith(want);
}
