// The answer to `GET /v1/models` when the gateway gives it: the names its clients may use, in the shape the SDKs list.

/** `created` is in seconds since 1970; the names are listed in the order given, each once. */
export function modelsListing(names: readonly string[], created: number): string {
  const models = [...new Set(names)].map((id) => ({ id, object: 'model', created, owned_by: 'switchyard' }));
  return JSON.stringify({ object: 'list', data: models });
}
