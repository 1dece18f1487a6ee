// Kinds that a test defines, as a cluster takes them up: served, and in its OpenAPI.

/** Applies a definition and waits until its kind can be applied, and until the cluster's OpenAPI has it. */
export async function defineKind(client, definition) {
  await client.apply(definition, { fieldManager: 'test-setup', force: true });
  const { group, names, versions } = definition.spec;
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isPublished(client, group, versions, names.kind)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${names.kind} is not in the cluster's OpenAPI`);
}

async function isPublished(client, group, versions, kind) {
  for (const { name } of versions) {
    const document = await client
      .raw({ method: 'GET', path: `/openapi/v3/apis/${group}/${name}`, headers: { accept: 'application/json' } })
      .catch(() => undefined);
    const schemas = Object.values(document?.components?.schemas ?? {});
    const kinds = schemas.flatMap((schema) => schema['x-kubernetes-group-version-kind'] ?? []);
    if (!kinds.some((one) => one.kind === kind)) return false;
  }
  return true;
}
