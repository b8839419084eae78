// The names a gateway's clients may use, in the shape of `GET /v1beta/models` and `GET /v1beta/models/{id}`.

const METHODS = ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent', 'batchEmbedContents'];

function entryOf(name: string): object {
  return {
    name: `models/${name}`,
    baseModelId: name,
    version: '001',
    displayName: name,
    description: 'Served through Switchyard.',
    supportedGenerationMethods: METHODS,
  };
}

/** In the order given, each once. The whole list is one page. */
export function geminiModelsListing(names: readonly string[]): string {
  return JSON.stringify({ models: [...new Set(names)].map(entryOf) });
}

export function geminiModelEntry(name: string): string {
  return JSON.stringify(entryOf(name));
}
