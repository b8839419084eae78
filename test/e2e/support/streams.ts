// Streams as clients of end-to-end tests see them: opened, watched and read to their end.

/** A streamed chat completion that takes a while; `gapMs` between words. */
export function chatRequest(gapMs: number, words = 12): RequestInit {
  const content = Array.from({ length: words }, (_, index) => `word${index}`).join(' ');
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: `sim-gap-${gapMs}ms`, stream: true, messages: [{ role: 'user', content }] }),
  };
}

/** Configuration whose /v1/* goes to a provider at this URL and /plain/* to it as a plain backend. */
export function streamConfig(url: string, suffix = ''): object {
  return {
    backends: {
      ai: { provider: 'openai', base_url: `${url}/v1`, api_key: 'sk-test' },
      plain: { endpoints: [url] },
    },
    routes: [
      { name: `ai${suffix}`, match: { path: '/v1/*' }, backend: 'ai' },
      { name: `plain${suffix}`, match: { path: '/plain/*' }, backend: 'plain' },
    ],
  };
}

/** Whether the protocol's own end was seen. */
export function isWhole(stream: string): boolean {
  return stream.includes('data: [DONE]');
}
